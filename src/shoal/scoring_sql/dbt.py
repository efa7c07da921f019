"""A model of dbt: the statement, and beside it what its columns are and how they are tested."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from shoal.errors import OptionError
from shoal.output.atomic import as_path, staged
from shoal.output.labels import key_name
from shoal.scoring_sql.written import NAME
from shoal.text.options import option
from shoal.types import Segmentation

SCHEMA = "schema.yml"
MADE = "# Made by shoal."  # tells our file from another


def schema_yml(model: Segmentation, name: str = NAME, id: str | None = None) -> str:
    """What the columns of the model are, with tests; texts are in quotes, as JSON and YAML have
    them.
    """
    return "\n".join(_lines(model, name, id or model.id_column)) + "\n"


def _lines(model: Segmentation, name: str, id_column: str | None) -> Iterator[str]:
    yield MADE
    yield "version: 2"
    yield "models:"
    yield f"  - name: {_text(name)}"
    yield f"    description: {_text(_about(model))}"
    yield "    columns:"
    if id_column:
        yield from _column(key_name(id_column), "Tells customers apart.", "unique", "not_null")
    numbers = ", ".join(map(str, model.ids))
    yield from _column("segment", "Number of the segment; none: no value in any column.")
    yield "        data_tests:"
    yield from _accepted(numbers, "quote: false")
    yield from _column("name", "What the segment is called.", "not_null")
    yield from _accepted(", ".join(map(_text, ("", *model.names))))
    yield from _column("runner_up", "The second nearest segment.", "not_null")
    yield from _column("margin", "0: on the border with it; 1: at the centroid.", "not_null")
    yield from _column("unlike_anyone", "Unlike anyone the segments were made from.", "not_null")


def _column(name: str, description: str, *tests: str) -> Iterator[str]:
    yield f"      - name: {_text(name)}"
    yield f"        description: {_text(description)}"
    if tests:
        yield "        data_tests:"
    yield from (f"          - {test}" for test in tests)


def _accepted(values: str, *more: str) -> Iterator[str]:
    """A test of the values, with its arguments as dbt 1.10.5 and newer take them."""
    yield "          - accepted_values:"
    yield "              arguments:"
    yield from (f"                {each}" for each in (f"values: [{values}]", *more))


def _about(model: Segmentation) -> str:
    formed = ", ".join(model.basis)
    return (
        f"{model.k} segments of customers, formed on {formed}, as the model of shoal places them."
    )


def _text(text: str) -> str:
    """In double quotes, with braces that dbt would take for a template apart."""
    quoted = json.dumps(text, ensure_ascii=False)
    return quoted.replace("{", "\\x7B")


def write_sql(
    text: str, model: Segmentation, out: Path, options: Mapping[str, Any]
) -> dict[str, str]:
    """Write the statement, and of dbt the schema beside it. Returns what is where."""
    goal = as_path(out)
    files = {"sql": goal}
    if options.get("as_") == "dbt":
        name = str(options.get("name", NAME))
        goal = goal if goal.suffix == ".sql" else goal / f"{name}.sql"
        files = {"sql": goal, "schema": goal.with_name(SCHEMA)}
        _check_own(files["schema"])
    texts = [text + "\n"]
    texts += [schema_yml(model, goal.stem, options.get("id"))] if len(files) > 1 else []
    with staged(goal.parent, [path.name for path in files.values()]) as folder:
        for path, content in zip(files.values(), texts, strict=True):
            (folder / path.name).write_bytes(content.encode())
    return {what: str(path) for what, path in files.items()}


def _check_own(schema: Path) -> None:
    """Raise OptionError where a schema.yml is there that is not ours."""
    if schema.exists() and not schema.read_bytes().startswith(MADE.encode()):
        raise OptionError(
            f"{schema} is there, and shoal did not write it. Give another folder with "
            f"{option('out')}, or move its text into a file of another name."
        )
