"""The directions in which files may import each other.

Held by walking every import of every file.
"""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections import Counter
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import shoal

SOURCE = Path(shoal.__file__).parent
ROOT = Path(__file__).parents[1]
FILES = sorted(SOURCE.rglob("*.py"))
# A file imports its own room and the floors above its own in this list, never another room of the
# same floor.
FLOORS = [
    {"types", "errors"},
    {"text", "stats"},
    {"findings", "sentences", "options"},
    {"engine"},
    {"data", "rfm", "analysis", "interpret"},
    {"output"},
    {"lifecycle", "scoring_sql", "exports"},
    {"pipeline", "estimator", "persons"},
    {"study"},
    {"api"},
    {"job", "opened", "separation"},
    {"__init__"},
    {"web"},
    {"cli"},
    {"__main__"},
]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
SKIPPED = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


def module_of(file: Path) -> str:
    parts = file.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


MODULES = {module_of(file): file for file in FILES}


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


def imports(file: Path) -> set[str]:
    """The modules of shoal that a file imports, wherever in the file."""
    found = set()
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "shoal":
            base = (node.module or "").removeprefix("shoal").removeprefix(".")
            for alias in node.names:
                name = f"{base}.{alias.name}" if base else alias.name
                found.add(name if name in MODULES else base or "__init__")
        elif isinstance(node, ast.Import):
            found |= {a.name[6:] for a in node.names if a.name.startswith("shoal.")}
    return found


def room_of(module: str) -> str:
    return module.partition(".")[0]


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_file_imports_its_own_room_and_earlier_floors_only(module: str) -> None:
    room = room_of(module)
    wrong = {
        other
        for other in imports(MODULES[module])
        if room_of(other) != room and FLOOR[room_of(other)] >= FLOOR[room]
    }
    assert wrong == set()


def test_no_file_imports_itself_by_a_way_around() -> None:
    graph = {name: imports(file) - {name} for name, file in MODULES.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' -> '.join(error.args[1])}")


def public_only(file: Path) -> set[str]:
    """What a file takes from shoal beside public names."""
    wrong = set()
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "shoal":
            names = {alias.name for alias in node.names}
            if node.module != "shoal":
                wrong.add(node.module)
            else:
                wrong |= names - set(shoal.__all__) - {"__version__"}
    return wrong


DOORS = [f for f in FILES if room_of(module_of(f)) in ("cli", "web")]
DOORS += sorted((ROOT / "bench").glob("*.py"))


@pytest.mark.parametrize("file", DOORS, ids=lambda f: f"{f.parent.name}/{f.name}")
def test_the_command_line_pages_and_benches_take_public_names_only(file: Path) -> None:
    """But for files of their own, and the hook that hides pandas."""
    own = {name for name in public_only(file) if name.startswith(("shoal.cli.", "shoal.web."))}
    assert public_only(file) - own == set()


def test_only_the_command_line_hides_packages() -> None:
    assert [name for name, file in MODULES.items() if "meta_path" in file.read_text("utf-8")] == [
        "cli.lean"
    ]


def functions(file: Path) -> list[tuple[int, str]]:
    """Tokens of each function of a file, without docstring and comments."""
    source = file.read_text("utf-8")
    on_line = Counter(
        token.start[0]
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type not in SKIPPED
    )
    found = []
    for node in ast.walk(tree_of(file)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        first = node.body[0]
        has_doc = ast.get_docstring(node) is not None
        doc = range(first.lineno, (first.end_lineno or 0) + 1) if has_doc else range(0)
        inside = range(node.lineno, (node.end_lineno or 0) + 1)
        size = sum(on_line[line] for line in inside if line not in doc)
        found.append((size, f"{file.relative_to(SOURCE)}:{node.name}"))
    return found


def test_functions_are_small() -> None:
    """In tokens of code, without docstrings."""
    sizes = sorted(size for file in FILES for size, _ in functions(file))
    assert sizes[len(sizes) // 2] < 70
    assert sizes[len(sizes) * 9 // 10] < 180
    assert sizes[-1] <= 400


def test_lines_are_no_longer_than_a_page_is_wide() -> None:
    wide = [
        f"{file.relative_to(SOURCE)}:{number}"
        for file in FILES
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if len(line) > 100
    ]
    assert wide == []


def closed(part: str) -> bool:
    """Whether a text has as many brackets that close as open; one in code is a letter."""
    plain = re.sub("`[^`]*`", "", part)
    return len(re.findall(r"[(\[]", plain)) == len(re.findall(r"[)\]]", plain))


def test_no_docstring_is_cut_in_the_middle_of_a_sentence() -> None:
    """A paragraph closes what it opens."""
    has_one = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [(file, node) for file in FILES for node in ast.walk(tree_of(file))]
    said = [(file, ast.get_docstring(node)) for file, node in nodes if isinstance(node, has_one)]
    parts = [(file, part) for file, told in said for part in (told or "").split("\n\n")]
    cut = [
        f"{file.relative_to(SOURCE)}: {part}"
        for file, part in parts
        if ">>>" not in part and not closed(part)
    ]
    assert cut == []


PARSED_BACK = {"replace", "partition", "rpartition", "split", "startswith", "endswith"}
SAID = {"message", "reason", "text", "sentence", "why"}


@pytest.mark.parametrize("module", sorted(MODULES))
def test_no_file_parses_a_sentence(module: str) -> None:
    """What a finding or statement says is shown, never cut up or compared by its words."""
    parsed = [
        ast.unparse(node)
        for node in ast.walk(tree_of(MODULES[module]))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in PARSED_BACK
        and isinstance(node.func.value, ast.Attribute)
        and node.func.value.attr in SAID
    ]
    assert parsed == []


@cache
def outside(file: Path) -> set[str]:
    tree = tree_of(file)
    names = [a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names]
    names += [
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and not node.level
    ]
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize(
    ("library", "homes"),
    [
        ("duckdb", {"engine", "data", "rfm"}),
        ("seaborn", {"output"}),
        ("pyspark", {"engine"}),
        ("matplotlib", {"output", "study"}),
        ("click", {"cli"}),
        ("rich", {"cli"}),
        ("jinja2", {"output", "web"}),
        ("starlette", {"web"}),
        ("uvicorn", {"web"}),
        ("fastapi", {"web"}),
        ("mcp", {"web"}),
        ("sqlglot", {"scoring_sql"}),
        ("onnx", {"exports"}),
        ("skops", {"exports"}),
    ],
)
def test_a_library_is_known_only_where_it_belongs(library: str, homes: set[str]) -> None:
    assert {room_of(name) for name, file in MODULES.items() if library in outside(file)} <= homes


def test_import_shoal_is_light() -> None:
    code = "import shoal, sys; print([m for m in ('matplotlib', 'sklearn', 'pandas', 'duckdb', 'click') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_help_loads_no_numerics() -> None:
    code = (
        "import sys; sys.argv = ['shoal', '--help']\n"
        "from shoal.cli.main import app\n"
        "try: app()\nexcept SystemExit: pass\n"
        "print([m for m in ('numpy', 'pandas', 'sklearn', 'pyarrow', 'matplotlib') if m in "
        "sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip().endswith("[]")


def test_no_file_hides_too_much() -> None:
    long = {
        str(f.relative_to(SOURCE)): n
        for f in FILES
        if (n := len(f.read_text("utf-8").splitlines())) > 500
    }
    assert long == {}
