"""The form of a typing tool, to be printed and filled in by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shoal.output.report import environment


def form_html(tool: Mapping[str, Any]) -> str:
    """One HTML page of the facts of a typing tool, as `TypingTool.to_json` gives them."""
    return environment().get_template("typing_tool.html").render(tool=tool)
