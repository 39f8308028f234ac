"""All modules of the page as one."""

import re

import pytest

from components.scripts import SCRIPTS
from components.shell.bundle import bundled
from tests.components.test_scripts import SOURCES

MODULES = {
    "start.js": 'import { two as one } from "./a/two.js";\nexport function start() {}\n',
    "a/two.js": 'import { three } from "../three.js";\nexport const two = import.meta.url;\n',
    "three.js": "export async function three() {}\n",
    "apart.js": "export const apart = 1;\n",
}


def test_each_module_stands_before_whoever_imports_it_and_the_others_are_left_out():
    made = bundled(MODULES, "start.js")
    assert re.findall(r"^const (\w+_js) = ", made, re.MULTILINE) == [
        "three_js",
        "a_two_js",
        "start_js",
    ]
    assert "const { two: one } = a_two_js;" in made
    assert made.endswith("export const { start } = start_js;\n")


def test_a_module_finds_what_lies_beside_it():
    assert 'new URL("a/two.js", import.meta.url)' in bundled(MODULES, "start.js")


def test_an_import_of_nothing_is_an_error():
    with pytest.raises(KeyError, match=r"gone\.js"):
        bundled({"start.js": 'import { a } from "./gone.js";\n'}, "start.js")


def test_nothing_of_a_module_is_left_of_the_pages_own_but_the_last_export():
    modules = {name: SOURCES[name] for name in SCRIPTS if name.endswith(".js")}
    made = bundled(modules, "start.js")
    assert re.findall(r"^(?:import|export) .*", made, re.MULTILINE) == [
        made.rstrip().rpartition("\n")[2]
    ]
