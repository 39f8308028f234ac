"""What Gradio's MCP server does otherwise than it would by itself."""

import json

import gradio.mcp
import pytest
from gradio.mcp import GradioMCPServer

from components.mcp import mend
from tests.components.pages import Page


@pytest.fixture(scope="module")
def page():
    return Page().blocks


@pytest.fixture(scope="module")
def server(page):
    server = GradioMCPServer(page)
    mend(page, server)
    return server


@pytest.mark.parametrize(
    "data",
    [["Hello", {"usage": None}], [("Hello", {"usage": None})]],
    ids=["with progress", "without"],
)
def test_text_and_report_are_apart_and_the_report_is_json(server, data):
    text, report = server.postprocess_output_data(data, "http://here")
    assert text.text == "Hello"
    assert json.loads(report.text) == {"usage": None}


def test_a_file_that_comes_as_data_is_noted_for_removal(page, server, tmp_path, monkeypatch):
    monkeypatch.setattr(gradio.mcp, "DEFAULT_TEMP_DIR", str(tmp_path))
    given = {"audio": "data:audio/mpeg;base64,AAAA", "prompt": "What?"}
    server.convert_strings_to_filedata(given, [["audio"]])
    (file,) = (str(one) for one in tmp_path.rglob("*") if one.is_file())
    assert file in page.upload_file_set
