"""The directions in which files may import each other, held by walking the imports."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import shoal

SOURCE = Path(shoal.__file__).parent
STEPS = {"read", "describe", "rfm", "prepare", "choose", "cluster", "examine", "interpret", "draw", "report", "databases"}
HELPERS = {
    "nouns",
    "errors",
    "passes",
    "engine",
    "beside",
    "hashing",
    "nearest",
    "shape",
}  # facts and small tools that any step may use
ALLOWED = {  # beside a step's own package and the helpers
    "describe": {"compress"},
    "choose": {"cluster"},
    "examine": {"cluster"},
    "report": {"draw"},
    "draw": set(),
    "score": {"prepare"},
    "everyone": {"prepare"},
    "distinct": set(),
    "compress": set(),
    "store": set(),
    "spark": set(),
}


def imports(file: Path) -> set[str]:
    """The top-level parts of shoal that a file imports, wherever in the file (but for types alone)."""
    tree = ast.parse(file.read_text("utf-8"))
    only_types = {
        node
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    found = set()
    for node in ast.walk(tree):
        if node in only_types:
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("shoal."):
            found.add(node.module.split(".")[1])
        elif isinstance(node, ast.ImportFrom) and node.module == "shoal":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("shoal.")}
    return found


def part(file: Path) -> str:
    return file.relative_to(SOURCE).parts[0].removesuffix(".py")


FILES = sorted(SOURCE.rglob("*.py"))


@pytest.mark.parametrize("name", ["nouns", "errors"])
def test_nouns_and_errors_import_nothing_of_shoal(name: str) -> None:
    assert imports(SOURCE / f"{name}.py") == set()


@pytest.mark.parametrize("file", [f for f in FILES if part(f) in STEPS | set(ALLOWED)], ids=lambda f: str(f.relative_to(SOURCE)))
def test_a_step_imports_no_other_step(file: Path) -> None:
    own = part(file)
    assert imports(file) <= HELPERS | ALLOWED.get(own, set()) | {own}


@pytest.mark.parametrize("file", [f for f in FILES if part(f) == "apps"], ids=lambda f: f.name)
def test_apps_do_not_reach_into_steps(file: Path) -> None:
    assert not imports(file) & (STEPS - {"read", "databases"} | {"compress", "score", "store", "prepare"})


def outside(file: Path) -> set[str]:
    tree = ast.parse(file.read_text("utf-8"))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module and not node.level]
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize(
    ("library", "homes"),
    [
        ("duckdb", {"read", "rfm", "databases", "distinct"}),
        ("seaborn", {"draw"}),
        ("pyspark", {"spark"}),
        ("matplotlib", {"draw", "study"}),
        ("click", {"apps"}),
        ("rich", {"apps"}),
        ("jinja2", {"report"}),
    ],
)
def test_a_library_is_known_only_where_it_belongs(library: str, homes: set[str]) -> None:
    assert {part(f) for f in FILES if library in outside(f)} <= homes


def test_import_shoal_is_light() -> None:
    code = "import shoal, sys; print([m for m in ('matplotlib', 'sklearn', 'pandas', 'duckdb', 'click') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_help_loads_no_numerics() -> None:
    code = (
        "import sys; sys.argv = ['shoal', '--help']\n"
        "from shoal.apps.cli import app\n"
        "try: app()\nexcept SystemExit: pass\n"
        "print([m for m in ('numpy', 'pandas', 'sklearn', 'pyarrow', 'matplotlib') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip().endswith("[]")


def test_no_file_hides_too_much() -> None:
    long = {str(f.relative_to(SOURCE)): n for f in FILES if (n := len(f.read_text("utf-8").splitlines())) > 500}
    assert long == {}
