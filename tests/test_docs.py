"""What the documents say is so.

Examples run, every command, option, public name and finding is in them.
"""

from __future__ import annotations

import ast
import doctest
import importlib.util
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

import shoal
from shoal.cli.main import app
from shoal.findings import codes

ROOT = Path(__file__).parents[1]
SOURCE = Path(shoal.__file__).parent
MODULES = sorted(
    ".".join(("shoal", *f.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__")
    for f in SOURCE.rglob("*.py")
)


def script(name: str):
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_is_up_to_date() -> None:
    assert (ROOT / "docs" / "reference.md").read_text("utf-8") == script("reference").reference(), (
        "run: .venv/bin/python scripts/reference.py"
    )


def test_every_file_that_the_architecture_names_is_there() -> None:
    named = re.findall(
        r"`([\w./]+(?:\.(?:py|toml|js|html)|/))`", (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    )
    rooms = [ROOT / name for name in ("src", "tests", "bench", "scripts", "docs")]
    there = [f"/{f.relative_to(ROOT).as_posix()}" for room in rooms for f in room.rglob("*")]
    ends = {each.rstrip("/") for each in named} - {"shoal.toml"}  # a job file, of the user's
    assert len(ends) > 100
    assert [each for each in ends if not any(f.endswith(f"/{each}") for f in there)] == []


def test_every_public_name_is_explained() -> None:
    for name in shoal.__all__:
        assert (getattr(shoal, name).__doc__ or "").strip(), name


def test_every_finding_is_explained_and_no_other() -> None:
    listed = re.findall(
        r"^\| `([a-z-]+)` \|", (ROOT / "docs" / "findings.md").read_text("utf-8"), re.MULTILINE
    )
    assert sorted(listed) == sorted(set(listed)), "a code is listed twice"
    assert set(listed) == set(codes())


def test_every_finding_in_the_code_has_a_known_code() -> None:
    used = set()
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            called = (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "Finding"
            )
            if called and node.args and isinstance(node.args[0], ast.Constant):
                used.add(node.args[0].value)
    assert used <= set(codes())


@pytest.mark.parametrize("module", MODULES)
def test_docstring_examples(module: str) -> None:
    failed, _ = doctest.testmod(
        importlib.import_module(module), optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    )
    assert failed == 0


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("page", ["README.md"])
def test_python_examples_print_what_they_say(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shoal.cli import demo_data as demo

    monkeypatch.chdir(tmp_path)
    demo.write(tmp_path / "customers.csv")
    examples = blocks(ROOT / page, "python")
    assert examples
    parser, runner = (
        doctest.DocTestParser(),
        doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE),
    )
    runner.run(parser.get_doctest("\n".join(examples), {}, page, page, 0))
    assert runner.failures == 0


def test_shell_examples_print_what_they_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a ```console block of the README each `$ shoal …` prints the lines below it.

    There … stands for any text.
    """
    from shoal.cli import demo_data as demo

    monkeypatch.chdir(tmp_path)
    demo.write(tmp_path / "customers.csv")
    ran = 0
    for block in blocks(ROOT / "README.md", "console"):
        for command, expected in re.findall(
            r"^\$ shoal ([^\n]*)\n(.*?)(?=^\$ |\Z)", block, re.DOTALL | re.MULTILINE
        ):
            result = CliRunner().invoke(app, shlex.split(command))
            assert result.exit_code == 0, (command, result.output, result.exception)
            said = " ".join(result.stdout.split())
            pattern = ".*?".join(
                re.escape(" ".join(piece.split())) for piece in expected.split("…")
            )
            assert re.search(pattern, said), (
                f"shoal {command} printed:\n{result.stdout}\nnot:\n{expected}"
            )
            ran += 1
    assert ran >= 3


def test_every_command_and_option_in_the_documents_exists() -> None:
    known = set(
        re.findall(r"`(--[a-z-]+)`", (ROOT / "docs" / "reference.md").read_text("utf-8"))
    ) | {"--help", "--version"}
    for page in [ROOT / "README.md", ROOT / "docs" / "findings.md"]:
        shoal_lines = [line for line in page.read_text("utf-8").splitlines() if "shoal " in line]
        used = set(re.findall(r"(?<![\w-])(--[a-z][a-z-]+)", "\n".join(shoal_lines)))
        assert used <= known, f"{page.name} speaks of {used - known}"
