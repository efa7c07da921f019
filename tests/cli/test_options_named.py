"""Every option that a message names can be typed where the message is shown."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import shoal
from shoal.cli.main import app
from shoal.text.options import option, speaking_shell

SOURCE = Path(shoal.__file__).parent
ELSEWHERE = {  # options of Python, or of another command than `segment`
    "audience.py": {"consent", "country", "email", "phone"},  # of `shoal audience`
    "campaign.py": {"missing"},  # of `shoal campaign read`
    "rfm_classes.py": {"classes", "bins", "ties"},  # the first is one of `shoal orders`
    "estimator.py": {"n_clusters"},  # Python only
}


def named() -> list[tuple[str, str]]:
    """(file, name of an option) for every call of `option` with a literal name."""
    found = set()
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if called and node.func.id == "option" and isinstance(node.args[0], ast.Constant):
                found.add((str(file.relative_to(SOURCE)), node.args[0].value))
    return sorted(found)


def written() -> list[tuple[str, str]]:
    """(file, option) for every option of the shell that is written out in a text."""
    found = set()
    for file in (SOURCE / "cli").rglob("*.py"):
        for text in re.findall(r"(?<![\w-])--[a-z][a-z-]+", file.read_text("utf-8")):
            found.add((str(file.relative_to(SOURCE)), text))
    return sorted(found)


def of_command(name: str) -> set[str]:
    options = {text for p in app.commands[name].params for text in (*p.opts, *p.secondary_opts)}
    return options | {"--help", "--version"}


ANYWHERE = set.union(*(of_command(name) for name in app.commands))
for each in app.commands["campaign"].commands.values():
    ANYWHERE |= {text for p in each.params for text in p.opts}


@pytest.mark.parametrize(("file", "name"), named(), ids=lambda value: str(value))
def test_an_option_that_a_message_names_exists(file: str, name: str) -> None:
    with speaking_shell():
        shown = option(name)
    if name in ELSEWHERE.get(Path(file).name, ()):
        return
    assert shown in ANYWHERE
    if file.startswith(("analysis", "interpret", "findings", "rfm", "sentences", "pipeline")):
        assert shown in of_command("segment")


@pytest.mark.parametrize(("file", "text"), written(), ids=lambda value: str(value))
def test_an_option_that_the_command_line_writes_out_exists(file: str, text: str) -> None:
    assert text in ANYWHERE
