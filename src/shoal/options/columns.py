"""What a person says of single columns, as a TOML file or a mapping; each word of it is checked."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec
from msgspec import Struct

from shoal.errors import OptionError, did_you_mean
from shoal.text.options import option
from shoal.types import DIRECTIONS, MEANINGS, ROLES, Direction, Meaning, Role

Becomes = Literal["recency", "tenure", "time until"]  # what is made of a date
# … and what the date then is: that of the last purchase, of a beginning, of an end.
DATE_OF: dict[Becomes, str] = {"recency": "last", "tenure": "start", "time until": "end"}


class ColumnSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person says of one column; everything else is guessed."""

    role: Role | None = None
    meaning: Meaning | None = None
    direction: Direction | None = None
    label: str | None = None
    unit: str | None = None
    part_of: str | None = None
    as_: Becomes | None = msgspec.field(default=None, name="as")  # of a date


_SETTINGS = (
    'a TOML file with a part for each column, such as ["Total Claims"] and meaning = "money_out"'
)
_KNOWN_WORDS: dict[str, tuple[str, ...]] = {
    "role": ROLES,
    "meaning": MEANINGS,
    "direction": DIRECTIONS,
    "as": get_args(Becomes),
}


def column_settings(source: Any) -> dict[str, dict[str, str]]:
    """What a person says of columns: the text of a TOML file, or a mapping from names to settings.

    Raises OptionError for a file that cannot be read, a setting or a word that is not known.
    """
    if not isinstance(source, Mapping | str | os.PathLike):
        raise OptionError(f"{option('columns', source)} cannot be read. Give {_SETTINGS}.")
    found = source if isinstance(source, Mapping) else _toml_of(Path(source))
    return {str(name): _one_column(str(name), said) for name, said in found.items()}


def _toml_of(path: Path) -> dict[str, Any]:
    given = option("columns", path)
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise OptionError(f"{given} cannot be read: {error.strerror}. Give {_SETTINGS}.") from None
    except ValueError as error:  # of the path as well: a NUL, half of a character
        raise OptionError(f"{given} is not valid TOML: {error}. Give {_SETTINGS}.") from None


def _one_column(name: str, said: Any) -> dict[str, str]:
    fields = tuple(field.encode_name for field in msgspec.structs.fields(ColumnSettings))
    if not isinstance(said, Mapping):
        raise OptionError(f'{option("columns")} says {said!r} of "{name}". Give {_SETTINGS}.')
    for setting, word in said.items():
        if setting not in fields:
            hint = did_you_mean(setting, fields)
            raise OptionError(
                f'{option("columns")} sets "{setting}" of "{name}", which is not known. {hint}'
            )
        known = _KNOWN_WORDS.get(setting)
        if known is not None and word not in known:
            hint = did_you_mean(str(word), known)
            raise OptionError(
                f'{option("columns")} gives "{name}" the {setting} "{word}", '
                f"which is not known. {hint}"
            )
    return {setting: str(word) for setting, word in said.items()}
