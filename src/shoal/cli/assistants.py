"""`shoal mcp`: the door for assistants. What answers is loaded by this command alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

import shoal
from shoal import OptionError
from shoal.cli.command import FILE, Command
from shoal.cli.options import resources


@click.command("mcp", cls=Command, short_help="Answer an assistant's questions (MCP, stdio).")
@click.option(
    "--root",
    multiple=True,
    required=True,
    type=FILE,
    help="A folder whose tables may be read; repeatable. Nothing else is read.",
)
@click.option(
    "--out", type=FILE, help="A folder that reports and labels may be written into (none)."
)
@resources
def mcp(root: Sequence[Path], out: Path | None, memory: str | None, threads: int | None) -> None:
    """Answer an assistant's questions over standard input and output.

    The protocol is MCP: configure your assistant to start this command. It ends with the assistant.
    """
    try:
        from shoal.web.assistants import Settings, run
    except ModuleNotFoundError as error:
        raise OptionError(
            f"`shoal mcp` needs {error.name}, which is not installed: pip install 'shoal[mcp]'"
        ) from None
    for folder in [*root, *([] if out is None else [out])]:
        if not folder.is_dir():
            raise OptionError(f'"{folder}" is no folder. Give one that is there.')
    settings = Settings(
        roots=tuple(folder.resolve() for folder in root),
        out=None if out is None else out.resolve(),
        memory=memory,
        threads=threads,
    )
    with shoal.speaking_python():  # the tools take arguments
        run(settings)
