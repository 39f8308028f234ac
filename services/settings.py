"""Settings, read once from an environment mapping.

pydantic does the checking; an error names the variable and never its value,
since one of them is a key.
"""

import os
import re
import ssl
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import (
    AliasGenerator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)

#: The guide's base URL: what a key without a base URL is for.
GUIDE_BASE_URL: Final = "http://localhost:3000/api/v1"
_UPLOAD_FACTOR: Final = 10
#: How many visitors it takes to fill the room for uploads.
_SHARES: Final = 4
_PORTS: Final = MappingProxyType({"http": 80, "https": 443})
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
#: How OpenSSL names a certificate in a folder.
_HASHED: Final = re.compile(r"[0-9a-f]{8}\.\d+")


class BadSettings(ValueError):
    """The environment has a variable the app cannot use."""


def checked_base_url(url: str) -> str:
    """``url`` without its trailing slash, if it names exactly one plain origin.

    A host's key goes to this origin, so everything that makes two parsers
    disagree about it is refused: user info, fragments, queries, backslashes,
    ``%`` in the host and a trailing dot.

    Raises:
        ValueError: with the reason, without the URL.
    """
    url = url.strip()
    if "\\" in url or not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("has a character that no base URL needs")
    try:
        parts = urlsplit(url)
        _ = parts.port  # urlsplit checks the port only when it is read
    except ValueError:
        # `from None`, in words of our own: urlsplit's hold a piece of the URL.
        raise ValueError("has no plain host name or port") from None
    if parts.scheme not in ("http", "https"):
        raise ValueError("must start with http:// or https://")
    if "@" in parts.netloc or parts.query or parts.fragment or "?" in url or "#" in url:
        raise ValueError("must not carry user info, a query or a fragment")
    host = parts.hostname or ""
    if not host or "%" in host or host.endswith("."):
        raise ValueError("has no plain host name")
    return url.rstrip("/")


def _origin_of(url: str) -> tuple[str, str | None, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme]


def _openrouter(value: object) -> object:
    if not isinstance(value, str):
        return value
    origin = checked_base_url(value)
    parts = urlsplit(origin)
    if parts.path or (parts.scheme != "https" and parts.hostname not in _LOOPBACK):
        raise ValueError("must be an origin of https, as in https://openrouter.ai")
    return origin


def _base_url(value: object) -> object:
    return checked_base_url(value) if isinstance(value, str) and value.strip() else None


def _key(value: object) -> object:
    if not isinstance(value, str) or not value.strip():
        return None
    if not is_sendable_key(value.strip()):
        raise ValueError("has a character that an HTTP header cannot carry")
    return value.strip()


def is_sendable_key(key: str) -> bool:
    """Whether ``key`` can stand in an ``Authorization`` header as it is."""
    return bool(key) and all("!" <= letter <= "~" for letter in key)


def _proxy(value: object) -> object:
    if not isinstance(value, str) or not value.strip():
        return None
    scheme, _, rest = value.strip().partition("://")
    login, _, address = rest.rpartition("@")
    if not is_sendable_key(login or "none") or set(login) & set('/\\?#@"<>'):
        raise ValueError("has a character in its user name or password that wants escaping")
    if "/" in checked_base_url(f"{scheme}://{address}").removeprefix(f"{scheme}://"):
        raise ValueError("must not carry a path")
    return value.strip()


def _ca_file(value: object) -> object:
    if not isinstance(value, str) or not value.strip():
        return None
    try:
        ssl.create_default_context(cafile=value.strip())
    except OSError:
        raise ValueError("is no file with certificates in PEM") from None
    return Path(value.strip())


def _ca_folders(value: object) -> object:
    if not isinstance(value, str) or not value.strip():
        return None
    for folder in map(Path, value.strip().split(os.pathsep)):
        if not folder.is_dir() or not any(_HASHED.fullmatch(one.name) for one in folder.iterdir()):
            raise ValueError("is no folder of certificates that openssl rehash has named")
    return value.strip()


def _names(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(name for part in value.split(",") if (name := part.strip()))


def _origins(value: object) -> object:
    if not isinstance(value, str):
        return value
    for origin in value.split():
        scheme, _, host = origin.partition("://")
        plain = checked_base_url(f"{scheme}://{host.removeprefix('*.')}")
        if "/" in plain.removeprefix(f"{scheme}://") or set(origin) & set(";,'\""):
            raise ValueError("must be origins with spaces between, as in https://a.example")
    return tuple(value.split())


def _url_of(*schemes: str) -> BeforeValidator:
    def url(value: object) -> object:
        if not isinstance(value, str) or not value.strip():
            return None
        if not value.strip().startswith(schemes) or not value.strip().isprintable():
            raise ValueError(f"must start with {' or '.join(schemes)}")
        return value.strip()

    return BeforeValidator(url)


def _model_folder(value: object) -> object:
    if not isinstance(value, str) or not value.strip():
        return None
    folder = Path(value.strip())
    if not (folder / "model.bin").is_file():
        raise ValueError("is no folder with a model.bin")
    return folder


class Settings(BaseModel):
    """What the host of the app decides. Field names are the variables, lower-cased."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
        alias_generator=AliasGenerator(validation_alias=str.upper),
    )

    #: Base URL of the External API, or None for the built-in offline API.
    external_api_base_url: Annotated[str | None, BeforeValidator(_base_url)] = None
    #: Whose accounts visitors may sign in with, where the base URL is of this origin. It is
    #: another one only in tests, which put a stand-in on loopback here.
    openrouter_origin: Annotated[str, BeforeValidator(_openrouter)] = "https://openrouter.ai"
    #: The host's key, used for visitors who bring none.
    external_api_key: Annotated[SecretStr | None, BeforeValidator(_key)] = None
    #: The proxy that leads to the External API, with name and password if it wants them.
    external_api_proxy: Annotated[SecretStr | None, BeforeValidator(_proxy)] = None
    #: Authorities to believe in the place of the system's: a file, and folders as OpenSSL
    #: knows them, with colons between (semicolons on Windows).
    ssl_cert_file: Annotated[Path | None, BeforeValidator(_ca_file)] = None
    ssl_cert_dir: Annotated[str | None, BeforeValidator(_ca_folders)] = None
    #: Models the host's key may be spent on; empty means any.
    external_api_models: Annotated[tuple[str, ...], BeforeValidator(_names)] = ()
    #: The offline API's model, a folder in CTranslate2's form, or None for Whisper base.
    offline_model: Annotated[Path | None, BeforeValidator(_model_folder)] = None
    #: Where the page is served, and whether to models too (MCP): Gradio's own variables.
    gradio_server_name: str = "127.0.0.1"
    gradio_server_port: int = Field(default=7860, ge=1, le=65_535)
    gradio_mcp_server: bool = False
    #: Origins whose pages may show this one in a frame, besides Hugging Face's.
    frame_ancestors: Annotated[tuple[str, ...], BeforeValidator(_origins)] = ()
    #: Largest file that is sent, in MB of 1024 × 1024 bytes, before base64.
    max_file_mb: PositiveInt = 50
    #: How the log is written: a line of text or of JSON for each event.
    log_format: Literal["text", "json"] = "text"
    #: What all uploads that are kept may take up, in MB.
    max_uploads_mb: PositiveInt = 10_240
    #: Where many files asked about together lie, to be found by the next process; by default
    #: beside what is temporary.
    batch_folder: Path | None = None
    #: Where several of this app's processes note what was asked about, with one folder for all of
    #: them; None: each has a file for that, and a folder of its own in the batch folder.
    batch_database_url: Annotated[SecretStr | None, _url_of("postgresql://")] = None
    #: Calls to the API with the host's key: of a visitor in a day, of one at once, of all in a day.
    visitor_limit: PositiveInt = 100
    visitor_at_once: PositiveInt = 6
    daily_limit: PositiveInt = 1000
    #: What they may cost in a day, in USD, where the API reports it.
    daily_cost_limit: Annotated[PositiveFloat | None, Field(allow_inf_nan=False)] = None
    #: Letters of a question with all that goes before it, tokens of an answer, seconds of media.
    prompt_limit: PositiveInt = 100_000
    max_tokens_limit: PositiveInt | None = None
    media_limit_s: Annotated[PositiveFloat | None, Field(allow_inf_nan=False)] = None
    #: Where several of this app's processes count together; None: each for itself.
    redis_url: Annotated[SecretStr | None, _url_of("redis://", "rediss://")] = None
    #: How many proxies stand before this app: a visitor is the address that the first of them
    #: saw. 0: nothing that a request says of its address is believed.
    trusted_proxies: NonNegativeInt = 0
    #: Deadline of a run about sound, in seconds.
    audio_timeout_s: PositiveFloat = Field(default=300, allow_inf_nan=False)
    #: Deadline of a run about video, in seconds.
    video_timeout_s: PositiveFloat = Field(default=600, allow_inf_nan=False)

    def max_file_bytes(self, _kind: str) -> int:
        """The largest file of a kind of media that is sent, in bytes, before base64."""
        return self.max_file_mb * 1024 * 1024

    @property
    def max_upload_bytes(self) -> int:
        """The largest file that may be uploaded: conversion shrinks what is sent of it."""
        return _UPLOAD_FACTOR * max(self.max_file_bytes(kind) for kind in ("audio", "video"))

    @property
    def max_uploads_bytes(self) -> int:
        """What all uploads that are kept may take up."""
        return self.max_uploads_mb * 1024 * 1024

    @property
    def max_share_bytes(self) -> int:
        """What those of one visitor may: a quarter, but never less than one file."""
        return max(self.max_uploads_bytes // _SHARES, self.max_upload_bytes)

    @field_validator("batch_database_url")
    @classmethod
    def _has_a_folder(cls, url: SecretStr | None, read: ValidationInfo) -> SecretStr | None:
        if url is not None and read.data.get("batch_folder") is None:
            raise ValueError("needs a BATCH_FOLDER that all processes share")
        return url

    @property
    def is_offline(self) -> bool:
        """Whether neither a base URL nor a key is set, so the offline API serves."""
        return self.external_api_base_url is None and self.external_api_key is None

    @property
    def sign_in_at(self) -> str | None:
        """The page that lets a visitor bring their own account; None where the API has none."""
        url = self.external_api_base_url
        if url is None or _origin_of(url) != _origin_of(self.openrouter_origin):
            return None
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc}/auth"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """Settings from ``environ``; unset and empty variables take the defaults.

        Raises:
            BadSettings: naming each bad variable and what is wrong with it.
        """
        names = {name.upper() for name in cls.model_fields}
        given = {name: environ[name] for name in names if environ.get(name, "").strip()}
        try:
            return cls.model_validate(given)
        except ValidationError as invalid:
            problems = "; ".join(
                f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}".replace(
                    "Value error, ", ""
                )
                for problem in invalid.errors(include_input=False, include_url=False)
            )
        raise BadSettings(problems)
