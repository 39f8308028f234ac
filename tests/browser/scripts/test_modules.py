"""The page's scripts do what the tests beside this file say, each in a page of its own."""

import re

import pytest

from components.scripts import SCRIPTS
from tests.browser.scripts.conftest import HERE

FILES = sorted(HERE.glob("*.test.js"))
TESTS = [
    (path.name, name)
    for path in FILES
    for name in re.findall(r'^test\("(.+?)", ', path.read_text("utf-8"), re.MULTILINE)
]


@pytest.mark.parametrize(
    ("file", "name"), TESTS, ids=[f"{file.partition('.')[0]}: {name}" for file, name in TESTS]
)
def test_script(blank, file, name):
    blank.reload()
    blank.evaluate(
        """async ([file, name]) => {
            await import(`/tests/${file}`);
            await (await import("/tests/testing.js")).run(name);
        }""",
        [file, name],
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_test_of_a_file_is_found(blank, path):
    blank.reload()
    names = blank.evaluate(
        """async (file) => {
            await import(`/tests/${file}`);
            return [...(await import("/tests/testing.js")).tests.keys()];
        }""",
        path.name,
    )
    assert names == [name for file, name in TESTS if file == path.name]


def test_every_script_has_its_tests():
    tested = {path.name.replace(".test.", ".") for path in FILES}

    scripts = {name.rpartition("/")[2] for name in SCRIPTS if name.endswith(".js")}
    assert scripts == tested


def test_a_script_that_fails_its_test_fails_here(blank):
    blank.reload()
    with pytest.raises(Exception, match=r'expected "one", got "other"'):
        blank.evaluate(
            'async () => (await import("/tests/testing.js")).equal("other", "one")',
        )


@pytest.mark.parametrize("folder", ["/", "/some/path/"])
def test_the_page_finds_its_scripts_below_any_path(browser, scripts_url, folder):
    with browser.new_context(locale="ru-RU") as context:
        page = context.new_page()
        errors, asked = [], []
        page.on("console", lambda message: errors.append(message.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{scripts_url}{folder}started")
        page.wait_for_function("document.documentElement.lang === 'ru'")
        assert errors == []
        assert [url for url in asked if not url.startswith(f"{scripts_url}{folder}")] == []
        assert len(asked) == 2  # the page, and all scripts in one
