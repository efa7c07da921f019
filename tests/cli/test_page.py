"""`shoal app`: what is wrong with its options is said before anything is served."""

from __future__ import annotations

import socket

import pytest
from click.testing import CliRunner

from shoal.cli import page
from shoal.cli.main import app
from shoal.errors import OptionError


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--port", "0"], "--port 0 must lie from 1 to 65535"),
        (["--port", "70000"], "--port 70000 must lie from 1 to 65535"),
        (["--folder", "no/such/folder"], "is no folder"),
        (["--max-upload", "much"], '--max-upload "much" is no size'),
        (["--max-upload", "-1MB"], "is no size"),
        (["--max-upload", "1e999GB"], "is no size"),
    ],
)
def test_options_that_are_wrong(options: list[str], said: str) -> None:
    result = CliRunner().invoke(app, ["app", "--no-browser", *options])
    assert isinstance(result.exception, OptionError)
    assert said in str(result.exception)


def test_a_port_that_another_program_has() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = CliRunner().invoke(app, ["app", "--no-browser", "--port", port])
    assert isinstance(result.exception, OptionError)
    assert f"port {port}" in str(result.exception)


def test_the_extra_is_asked_for_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "NEEDED", ("starlette", "no_such_package"))
    result = CliRunner().invoke(app, ["app", "--no-browser"])
    assert 'pip install "shoal[app]"' in str(result.exception)
    assert "no_such_package" in str(result.exception)
