"""`shoal app`: the page for people who do not write code."""

from __future__ import annotations

from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import click

from shoal import OptionError
from shoal.cli.command import FILE, Command, tell

NEEDED = ("starlette", "uvicorn", "python_multipart", "jinja2")
UNITS = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9}


@click.command("app", cls=Command)
@click.option("--port", default=8765, show_default=True, help="Where the page is found.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Who can reach it: this machine alone, or 0.0.0.0 for everybody on the network.",
)
@click.option(
    "--folder",
    type=FILE,
    help="A folder whose tables may be picked on the page (none when left out).",
)
@click.option("--no-browser", is_flag=True, help="Do not open the browser.")
@click.option(
    "--max-upload", default="500MB", show_default=True, help="The largest file that may be sent."
)
def page(port: int, host: str, folder: Path | None, no_browser: bool, max_upload: str) -> None:
    """Open the page for people who do not write code."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise OptionError(
            f"The page needs packages that are not installed ({', '.join(missing)}). "
            'Type: pip install "shoal[app]"'
        )
    if folder is not None and not folder.is_dir():
        raise OptionError(f'--folder "{folder}" is no folder. Give one that holds tables.')
    from shoal.cli.demo_data import write
    from shoal.web.page import run
    from shoal.web.page.settings import Settings

    settings = Settings(
        port=_port(port),
        host=host,
        max_upload=_size(max_upload),
        sample=write,
        folder=None if folder is None else folder.resolve(),
    )
    try:
        with suppress(KeyboardInterrupt):  # the server has ended its sessions by then
            run(settings, _found_at, browser=not no_browser)
    except OSError as error:
        raise OptionError(
            f"Nothing can listen at {host}, port {port}: {error.strerror}. "
            f"Try another one, such as --port {port + 1 if port < 65535 else 8765}."
        ) from None


def _found_at(address: str) -> None:
    tell(f"shoal: the page is at {address}; Ctrl-C ends it.")


def _port(port: int) -> int:
    if not 1 <= port <= 65535:
        raise OptionError(f"--port {port} must lie from 1 to 65535, such as --port 8765.")
    return port


def _size(text: str) -> int:
    number = text.strip().upper().rstrip("KMGTB")
    unit = text.strip().upper()[len(number) :]
    try:
        size = int(float(number) * UNITS[unit])
    except (ValueError, KeyError, OverflowError):
        size = 0
    if size < 1:
        raise OptionError(f'--max-upload "{text}" is no size. Give one such as 500MB or 2GB.')
    return size
