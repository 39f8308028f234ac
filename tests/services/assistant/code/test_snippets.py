"""Code to be read, copied and pasted. That it sends the right bytes, test_running.py tells."""

import ast
import json

import pytest

from services.assistant import Turn, sent_call, snippets
from tests.services.assistant.code.calls import LINK, NASTY, asked, report_of, sound

LANGUAGES = ("cURL", "Python", "JavaScript")


def code_of(media=None, question="What?", earlier=(), **sent):
    media = media or sound()
    request = asked(media, question, earlier=earlier)
    return snippets(sent_call(report_of(request, media, **sent), question, earlier))


def test_there_is_code_for_a_shell_python_and_javascript():
    assert tuple(code_of()) == LANGUAGES


def test_a_shell_is_given_the_file_and_no_base64():
    assert code_of()["cURL"] == (
        "{\n"
        "  cat <<'JSON'\n"
        '{"model":"maker/model","messages":[{"role":"user","content":[{"type":"text","text":'
        '"What?"},{"type":"input_audio","input_audio":{"data":"\n'
        "JSON\n"
        "  base64 < media.mp3\n"
        "  cat <<'JSON'\n"
        '","format":"mp3"}}]}],"stream":true,"stream_options":{"include_usage":true}}\n'
        "JSON\n"
        "} | tr -d '\\n' | curl --no-buffer https://api.example/api/v1/chat/completions \\\n"
        '  -H "Authorization: Bearer $EXTERNAL_API_KEY" \\\n'
        "  -H 'Accept: text/event-stream, application/json' \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        "  --data-binary @-\n"
    )


def test_python_has_the_body_as_python_writes_it():
    tree = ast.parse(code_of()["Python"])
    (body,) = [
        one.value
        for one in tree.body
        if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == "body"
    ]
    shown = ast.unparse(body).replace("media", "'X'")
    assert ast.literal_eval(shown) == json.loads(asked(sound()).head + b"X" + asked(sound()).tail)


def test_javascript_writes_names_as_javascript_does():
    assert "  stream_options: {\n    include_usage: true,\n  },\n" in code_of()["JavaScript"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_a_link_no_file_is_read(language):
    code = code_of(LINK)[language]
    assert "media" not in code
    assert "base64" not in code
    assert LINK.url in code


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_key_comes_from_the_environment(language):
    assert "EXTERNAL_API_KEY" in code_of()[language]
    assert "ak_" not in code_of()[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_sentences_are_taken_for_a_blank(language):
    assert code_of(question="«body»«head»")[language].count("«body»«head»") == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_question_is_of_many_lines(language):
    """What stands in a here-document cannot end it, nor what stands in a string."""
    plain = code_of(question="What?", earlier=(Turn("Who?", "A cat."),))[language]
    nasty = code_of(question=NASTY, earlier=(Turn(NASTY, NASTY),))[language]
    assert nasty.count("\n") == plain.count("\n")


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_what_cannot_be_seen_is_told_by_its_number(language):
    code = code_of(question="a\u202eb\x7fc\u00a0d")[language]
    assert '"a\\u202eb\\u007fc\\u00a0d"' in code


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_address_is_quoted(language):
    code = code_of(url="https://api.example/v1/a'$(b)\"c")[language]
    assert {
        "cURL": """'https://api.example/v1/a'"'"'$(b)"c'""",
        "Python": '"https://api.example/v1/a\'$(b)\\"c"',
        "JavaScript": '"https://api.example/v1/a\'$(b)\\"c"',
    }[language] in code
