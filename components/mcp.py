"""What Gradio's MCP server does not do as models need it."""

import functools
import json
from typing import Any

import gradio as gr
from gradio.mcp import GradioMCPServer

from components.parameters import ENDPOINTS, MCP_FILE


def widen(most_bytes: int) -> None:
    """Have Gradio's MCP servers read requests of ``most_bytes``.

    The library underneath reads 4 MB, and Gradio, which makes what reads them, hands it no other
    number: so its class does.
    """
    from mcp.server.streamable_http_manager import (  # noqa: PLC0415  # not everybody has this extra
        StreamableHTTPSessionManager,
    )

    servers: Any = GradioMCPServer
    servers.StreamableHTTPSessionManager = functools.partial(
        StreamableHTTPSessionManager, max_request_body_size=most_bytes
    )


def mend(page: gr.Blocks, server: GradioMCPServer) -> None:
    """Have ``server`` offer what a model can call, give text and report apart, and its files go."""
    from mcp.types import TextContent  # noqa: PLC0415  # of an extra: not everybody has it

    read_files = server.convert_strings_to_filedata

    def contents(data: list[Any], _: str) -> list[TextContent]:
        # Without a progress token Gradio has all outputs in one; and a mapping as Python
        # writes it.
        content, report = data if len(data) > 1 else data[0]
        told = json.dumps(report, ensure_ascii=False)
        return [TextContent(type="text", text=one) for one in (content, told)]

    def files(value: Any, positions: list[list[str | int]]) -> Any:
        # Gradio removes what it has noted, and does not note these.
        read = read_files(value, positions)
        page.upload_file_set.update(
            one["path"] for one in read.values() if isinstance(one, dict) and "path" in one
        )
        return read

    simplify = server.simplify_filedata_schema

    def schema(whole: dict[str, Any]) -> tuple[dict[str, Any], list[list[str | int]]]:
        # Gradio names addresses of the web, which are not fetched here.
        simple, positions = simplify(whole)
        for position in positions:
            place: Any = simple
            for key in position:
                place = place.get("properties", place)[key]
            place["format"] = MCP_FILE
        return simple, positions

    mended: Any = server
    # Many files are more than a model has within a call.
    asking = {f"/{end.name}" for end in ENDPOINTS}
    mended.tool_to_endpoint = {
        tool: end for tool, end in server.tool_to_endpoint.items() if end in asking
    }
    mended.simplify_filedata_schema = schema
    mended.postprocess_output_data = contents
    mended.convert_strings_to_filedata = files
