"""The door is the package, and what it offers is what is used."""

import ast
from pathlib import Path

from services import assistant

ROOT = Path(assistant.__file__).parents[2]
SOURCES = [ROOT / "app.py", *ROOT.glob("components/**/*.py")]


def test_what_the_door_offers_is_what_the_page_uses():
    used = {
        alias.name
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "services.assistant"
        for alias in node.names
    }
    assert set(assistant.__all__) == used


def test_what_the_door_offers_is_there():
    assert [name for name in assistant.__all__ if not hasattr(assistant, name)] == []
