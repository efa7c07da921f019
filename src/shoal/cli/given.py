"""What was typed, as the doors take it, and results for machines."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from shoal import OptionError


def check_table_file(out: Path | None) -> None:
    """Raise OptionError for a file that is neither CSV nor Parquet."""
    if out is not None and out.suffix not in (".csv", ".parquet"):
        raise OptionError(f'--out "{out}" must end in .csv or .parquet.')


def weights(pairs: Sequence[str]) -> dict[str, float]:
    """COLUMN=NUMBER, as a mapping. Raises OptionError for what is none."""
    found = {}
    for pair in pairs:
        name, equals, number = pair.rpartition("=")
        try:
            found[name] = float(number)
        except ValueError:
            equals = ""
        if not equals or not name:
            raise OptionError(
                f'--weight "{pair}" must be COLUMN=NUMBER, such as --weight "Income=2".'
            )
    return found


def names(pairs: Sequence[str]) -> dict[int, str]:
    """NUMBER=NAME, as a mapping. Raises OptionError for what is none."""
    found = {}
    for pair in pairs:
        number, equals, name = pair.partition("=")
        if not equals or not number.strip().isdecimal():
            raise OptionError(
                f'--name "{pair}" must be NUMBER=NAME, such as --name 3="Weekend families".'
            )
        found[int(number)] = name
    return found


def processes_of(threads: int | None) -> int:
    """This process and one beside it, where there is a second core and it may be used."""
    return min(threads or os.cpu_count() or 1, 2)


def print_json(body: Any) -> None:
    """A result for machines, on stdout."""
    click.echo(json.dumps(body, ensure_ascii=False, allow_nan=False, indent=1))
