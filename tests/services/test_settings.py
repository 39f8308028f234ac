"""Settings from an environment, and what is wrong with a bad one."""

import os

import pytest
import trustme
from pydantic import ValidationError

from services.settings import BadSettings, Settings, checked_base_url, is_sendable_key

CANARY = "ak_canary-0123456789"


def test_an_empty_environment_takes_the_defaults():
    settings = Settings.from_environ({})
    assert settings.external_api_base_url is None
    assert settings.external_api_key is None
    assert settings.external_api_models == ()
    assert settings.max_file_mb == 50
    assert settings.max_file_bytes("video") == 52_428_800
    assert (settings.audio_timeout_s, settings.video_timeout_s) == (300, 600)


@pytest.mark.parametrize("value", ["", "  ", "\n"])
def test_an_empty_variable_is_as_good_as_none(value):
    names = [name.upper() for name in Settings.model_fields]
    assert Settings.from_environ(dict.fromkeys(names, value)) == Settings.from_environ({})


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("EXTERNAL_API_BASE_URL", "https://api.example/v1", "https://api.example/v1"),
        ("EXTERNAL_API_BASE_URL", " https://api.example/v1/ ", "https://api.example/v1"),
        ("EXTERNAL_API_MODELS", "a/b", ("a/b",)),
        (
            "FRAME_ANCESTORS",
            "https://a.example https://*.b.example:8443",
            ("https://a.example", "https://*.b.example:8443"),
        ),
        ("EXTERNAL_API_MODELS", " a/b ,, c/d,", ("a/b", "c/d")),
        ("MAX_FILE_MB", "7", 7),
        ("MAX_UPLOADS_MB", "100", 100),
        ("LOG_FORMAT", "json", "json"),
        ("VISITOR_LIMIT", "3", 3),
        ("VISITOR_AT_ONCE", "1", 1),
        ("DAILY_LIMIT", "10", 10),
        ("DAILY_COST_LIMIT", "0.5", 0.5),
        ("PROMPT_LIMIT", "100", 100),
        ("MAX_TOKENS_LIMIT", "4096", 4096),
        ("MEDIA_LIMIT_S", "60", 60),
        ("TRUSTED_PROXIES", "2", 2),
        ("AUDIO_TIMEOUT_S", "1.5", 1.5),
        ("VIDEO_TIMEOUT_S", "60", 60),
        ("GRADIO_SERVER_NAME", "0.0.0.0", "0.0.0.0"),
        ("GRADIO_SERVER_PORT", "7861", 7861),
        ("GRADIO_MCP_SERVER", "True", True),
    ],
)
def test_every_variable_is_read(name, value, read):
    assert getattr(Settings.from_environ({name: value}), name.lower()) == read


@pytest.mark.parametrize(
    ("url", "at"),
    [
        ("https://openrouter.ai/api/v1", "https://openrouter.ai/auth"),
        ("https://openrouter.ai:443/api/v1", "https://openrouter.ai:443/auth"),
        ("https://OpenRouter.ai/api/v1", "https://OpenRouter.ai/auth"),
        ("http://openrouter.ai/api/v1", None),
        ("https://openrouter.ai:8443/api/v1", None),
        ("https://openrouter.ai.evil.example/api/v1", None),
        ("https://api.openrouter.ai/api/v1", None),
        ("https://evil.example/openrouter.ai", None),
        ("", None),
    ],
)
def test_visitors_sign_in_where_the_api_is_openrouters(url, at):
    assert Settings.from_environ({"EXTERNAL_API_BASE_URL": url}).sign_in_at == at


def test_a_stand_in_for_openrouter_may_be_on_loopback_alone():
    origin = "http://127.0.0.1:9"
    environ = {"OPENROUTER_ORIGIN": f"{origin}/", "EXTERNAL_API_BASE_URL": f"{origin}/api/v1"}
    assert Settings.from_environ(environ).sign_in_at == f"{origin}/auth"
    elsewhere = environ | {"EXTERNAL_API_BASE_URL": "http://127.0.0.1:8/api/v1"}
    assert Settings.from_environ(elsewhere).sign_in_at is None


def test_a_folder_with_a_model_is_read(tmp_path):
    (tmp_path / "model.bin").touch()
    assert Settings.from_environ({"OFFLINE_MODEL": f" {tmp_path} "}).offline_model == tmp_path


@pytest.mark.parametrize("name", ["", "nowhere"], ids=["without a model", "no folder"])
def test_a_folder_without_a_model_is_told_at_once(tmp_path, name):
    with pytest.raises(BadSettings, match=r"^OFFLINE_MODEL: is no folder with a model\.bin$"):
        Settings.from_environ({"OFFLINE_MODEL": str(tmp_path / name)})


def test_the_key_is_read_without_the_space_around_it():
    settings = Settings.from_environ({"EXTERNAL_API_KEY": f" {CANARY}\n"})
    assert settings.external_api_key.get_secret_value() == CANARY


def test_other_variables_are_no_business_of_ours():
    environ = {"PATH": "/bin", "max_file_mb": "7", "EXTERNAL_API": "x"}
    assert Settings.from_environ(environ) == Settings.from_environ({})


BAD = [
    ("EXTERNAL_API_KEY", f"{CANARY} {CANARY}"),
    ("EXTERNAL_API_KEY", f"{CANARY}\nX: y"),
    ("EXTERNAL_API_KEY", f"{CANARY}ключ"),
    ("EXTERNAL_API_BASE_URL", CANARY),
    ("EXTERNAL_API_BASE_URL", f"ftp://{CANARY}"),
    ("EXTERNAL_API_BASE_URL", f"https://{CANARY}@api.example/v1"),
    ("EXTERNAL_API_BASE_URL", f"https://api.example:{CANARY}/v1"),
    ("EXTERNAL_API_BASE_URL", f"https://[{CANARY}]/v1"),
    ("EXTERNAL_API_BASE_URL", f"https://api.example/v1?key={CANARY}"),
    ("EXTERNAL_API_BASE_URL", f"https://api.example\\{CANARY}"),
    ("OPENROUTER_ORIGIN", CANARY),
    ("OPENROUTER_ORIGIN", f"http://{CANARY}.example"),
    ("OPENROUTER_ORIGIN", f"https://openrouter.ai/{CANARY}"),
    ("MAX_FILE_MB", CANARY),
    ("MAX_FILE_MB", "0"),
    ("VISITOR_LIMIT", "0"),
    ("LOG_FORMAT", CANARY),
    ("DAILY_LIMIT", CANARY),
    ("DAILY_COST_LIMIT", "inf"),
    ("TRUSTED_PROXIES", "-1"),
    ("REDIS_URL", f"http://{CANARY}"),
    ("MAX_FILE_MB", "-1"),
    ("MAX_FILE_MB", "1.5"),
    ("AUDIO_TIMEOUT_S", CANARY),
    ("AUDIO_TIMEOUT_S", "0"),
    ("AUDIO_TIMEOUT_S", "nan"),
    ("VIDEO_TIMEOUT_S", "inf"),
    ("VIDEO_TIMEOUT_S", "-3"),
    ("GRADIO_SERVER_PORT", CANARY),
    ("GRADIO_SERVER_PORT", "0"),
    ("GRADIO_SERVER_PORT", "65536"),
    ("GRADIO_MCP_SERVER", CANARY),
    ("EXTERNAL_API_PROXY", CANARY),
    ("EXTERNAL_API_PROXY", f"socks5://{CANARY}"),
    ("EXTERNAL_API_PROXY", f"http://proxy.example/{CANARY}"),
    ("EXTERNAL_API_PROXY", f"http://proxy.example?{CANARY}"),
    ("EXTERNAL_API_PROXY", f"http://{CANARY}@"),
    ("EXTERNAL_API_PROXY", f"http://me:{CANARY} @proxy.example"),
    ("EXTERNAL_API_PROXY", f"http://me:{CANARY}/@proxy.example"),
    ("EXTERNAL_API_PROXY", f"http://me@{CANARY}@proxy.example"),
    ("EXTERNAL_API_PROXY", f"http://me:ключ{CANARY}@proxy.example"),
    ("FRAME_ANCESTORS", f"javascript:{CANARY}"),
    ("FRAME_ANCESTORS", f"https://{CANARY}/path"),
    ("FRAME_ANCESTORS", f"https://a.example; script-src {CANARY}"),
    ("FRAME_ANCESTORS", f"https://{CANARY};x"),
    ("SSL_CERT_FILE", f"/nowhere/{CANARY}"),
    ("SSL_CERT_DIR", f"/nowhere/{CANARY}"),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_value_is_refused_by_the_name_of_its_variable(name, value):
    with pytest.raises(BadSettings, match=rf"^{name}: \w") as bad:
        Settings.from_environ({name: value})
    assert "canary" not in repr(bad.value)
    assert bad.value.__cause__ is bad.value.__context__ is None


def test_every_bad_variable_is_named_at_once():
    with pytest.raises(BadSettings) as bad:
        Settings.from_environ({"MAX_FILE_MB": "x", "AUDIO_TIMEOUT_S": "x"})
    assert str(bad.value).count("; ") == 1
    assert "MAX_FILE_MB" in str(bad.value)
    assert "AUDIO_TIMEOUT_S" in str(bad.value)


@pytest.mark.parametrize(
    ("environ", "is_offline"),
    [
        ({}, True),
        ({"EXTERNAL_API_BASE_URL": " ", "EXTERNAL_API_KEY": ""}, True),
        ({"EXTERNAL_API_MODELS": "a/b"}, True),
        ({"EXTERNAL_API_BASE_URL": "http://localhost:3000/api/v1"}, False),
        ({"EXTERNAL_API_KEY": CANARY}, False),
        ({"EXTERNAL_API_BASE_URL": "https://a.example", "EXTERNAL_API_KEY": CANARY}, False),
    ],
    ids=["nothing", "blanks", "models alone", "base URL alone", "key alone", "both"],
)
def test_the_offline_api_serves_only_without_base_url_and_key(environ, is_offline):
    assert Settings.from_environ(environ).is_offline is is_offline


def test_settings_show_no_key():
    settings = Settings.from_environ({"EXTERNAL_API_KEY": CANARY})
    assert "canary" not in f"{settings!r} {settings} {settings.model_dump()} "
    assert "canary" not in settings.model_dump_json()


@pytest.mark.parametrize(
    "url",
    [
        "http://proxy.example:3128",
        "https://proxy.example",
        " http://127.0.0.1:8080/ ",
        "http://me:p%40ss!@[::1]:3128",
    ],
)
def test_a_proxy_is_taken_as_it_is_and_not_shown(url):
    settings = Settings.from_environ({"EXTERNAL_API_PROXY": url})
    assert settings.external_api_proxy.get_secret_value() == url.strip()
    assert url.strip() not in f"{settings!r} {settings.model_dump_json()}"


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


def test_a_file_of_certificates_is_read(authority, tmp_path):
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(file)
    assert Settings.from_environ({"SSL_CERT_FILE": str(file)}).ssl_cert_file == file


def test_a_file_without_a_certificate_is_told_at_once(tmp_path):
    (tmp_path / "ca.pem").write_text("none")
    with pytest.raises(BadSettings, match=r"^SSL_CERT_FILE: is no file with c"):
        Settings.from_environ({"SSL_CERT_FILE": str(tmp_path / "ca.pem")})


def test_folders_of_certificates_are_read(authority, tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
        authority.cert_pem.write_to_path(tmp_path / name / "0123abcd.0")
    folders = os.pathsep.join(str(tmp_path / name) for name in "ab")
    assert Settings.from_environ({"SSL_CERT_DIR": folders}).ssl_cert_dir == folders


def test_a_folder_in_which_openssl_finds_nothing_is_told_at_once(authority, tmp_path):
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with pytest.raises(BadSettings, match=r"^SSL_CERT_DIR: is no folder of c"):
        Settings.from_environ({"SSL_CERT_DIR": str(tmp_path)})


def test_settings_do_not_change():
    with pytest.raises(ValidationError, match="frozen"):
        Settings().max_file_mb = 1


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1"),
        ("http://localhost:3000/api/v1/", "http://localhost:3000/api/v1"),
        ("http://127.0.0.1:8891", "http://127.0.0.1:8891"),
        ("http://[::1]:3000/v1", "http://[::1]:3000/v1"),
        ("https://api.good.evil", "https://api.good.evil"),
        ("https://api.example/v1//", "https://api.example/v1"),
        ("https://api.example/a%20b", "https://api.example/a%20b"),
    ],
)
def test_a_plain_base_url_is_taken_without_its_last_slash(url, origin):
    assert checked_base_url(url) == origin


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://api.good@evil", id="user info"),
        pytest.param("https://api.good:443@127.0.0.1:8891", id="host and port as user info"),
        pytest.param("https://@api.good", id="empty user info"),
        pytest.param("https://api.good%2eevil", id="escaped dot"),
        pytest.param("https://api.good%00", id="escaped NUL"),
        pytest.param("https://[fe80::1%25eth0]/v1", id="zone"),
        pytest.param("https://api.good.", id="trailing dot"),
        pytest.param("https://api.good./v1", id="trailing dot and a path"),
        pytest.param("https://api.good\\.evil", id="backslash"),
        pytest.param("https:\\\\api.good", id="backslashes for slashes"),
        pytest.param("https://api.good/v1#frag", id="fragment"),
        pytest.param("https://api.good/v1#", id="empty fragment"),
        pytest.param("https://api.good#@evil/", id="fragment and at"),
        pytest.param("https://api.good/v1?a=b", id="query"),
        pytest.param("https://api.good/v1?", id="empty query"),
        pytest.param("https://api.good:port/", id="port that is no number"),
        pytest.param("https://api.good:70000/", id="port out of range"),
        pytest.param("https://api.good:80:90/", id="two ports"),
        pytest.param("https://api.good:-1/", id="negative port"),
        pytest.param("https://[::1/", id="open bracket"),
        pytest.param("https://api.good/a b", id="space"),
        pytest.param("https://api.go\tod/", id="tab"),
        pytest.param("https://api.go\nod/", id="line break"),
        pytest.param("https://api.gооd/", id="Cyrillic o"),
        pytest.param("https://api。good/", id="ideographic dot"),
        pytest.param("https://", id="no host"),
        pytest.param("https:///v1", id="empty host"),
        pytest.param("https://:443/v1", id="port without a host"),
        pytest.param("//api.good/v1", id="no scheme"),
        pytest.param("api.good/v1", id="host alone"),
        pytest.param("ftp://api.good/v1", id="ftp"),
        pytest.param("file:///etc/passwd", id="file"),
        pytest.param("javascript:alert(1)", id="javascript"),
    ],
)
def test_a_base_url_two_parsers_may_read_differently_is_refused(url):
    with pytest.raises(ValueError, match=r"^[a-z]") as refused:
        checked_base_url(url)
    assert "good" not in str(refused.value)


@pytest.mark.parametrize("key", ["ak_abc", "sk-or-v1-0/+=~!", "x"])
def test_printable_ascii_can_be_sent_as_a_key(key):
    assert is_sendable_key(key)


@pytest.mark.parametrize("key", ["", " ", "a b", "a\n", "a\r\nb", "é", "ключ", "\0", "\x7f", "a\t"])
def test_anything_else_cannot(key):
    assert not is_sendable_key(key)


def test_where_the_counts_are_is_read_and_not_shown():
    settings = Settings.from_environ({"REDIS_URL": f"redis://:{CANARY}@redis.example:6379/0"})
    assert settings.redis_url.get_secret_value().endswith("@redis.example:6379/0")
    assert CANARY not in repr(settings)


def test_where_it_is_noted_what_batches_were_asked_about_is_read_and_not_shown():
    url = f"postgresql://user:{CANARY}@db.example/batches"
    settings = Settings.from_environ({"BATCH_DATABASE_URL": url, "BATCH_FOLDER": "/shared"})
    assert settings.batch_database_url.get_secret_value() == url
    assert CANARY not in repr(settings)


def test_several_processes_that_share_a_database_share_a_folder():
    url = f"postgresql://user:{CANARY}@db.example/batches"
    with pytest.raises(BadSettings, match="BATCH_DATABASE_URL: needs a BATCH_FOLDER") as bad:
        Settings.from_environ({"BATCH_DATABASE_URL": url})
    assert CANARY not in str(bad.value)


@pytest.mark.parametrize(("uploads_mb", "share_mb"), [("10240", 2560), ("100", 500)])
def test_a_visitors_share_of_the_uploads_is_a_quarter_and_never_less_than_a_file(
    uploads_mb, share_mb
):
    settings = Settings.from_environ({"MAX_UPLOADS_MB": uploads_mb, "MAX_FILE_MB": "50"})
    assert settings.max_share_bytes == share_mb * 1024 * 1024
