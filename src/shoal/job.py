"""A job in a file: `shoal.toml`, or `[tool.shoal]` of a pyproject.toml.

It holds the table and the options of `shoal.segment` by their names in Python.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoal.errors import OptionError
from shoal.options.names import meant, names_of
from shoal.text.options import option

if TYPE_CHECKING:
    from shoal.study import Study

FILE = "shoal.toml"
PROJECT = "pyproject.toml"  # the part [tool.shoal] of it
_OF_A_RUN = ("source", "to", "if_exists")  # beside the options of `segment`
_NOT_IN_A_FILE = {"progress", "processes"}  # of the process that runs, not of the job
_PATHS = ("source", "out", "playbook", "columns", "previous")
# What gives access: a password after the user's name, a signature or token behind the "?".
_SECRET = re.compile(
    r"://[^/?@]*:(?!\$\{)[^/?@]+@|[?&][\w-]*(sig|signature|token|key|password|secret)=(?!\$\{)",
    re.I,
)
WRITE_ONE = "Write one with: shoal init TABLE"


@dataclass(frozen=True)
class Job:
    """What stands in a job file."""

    file: Path
    source: str | None  # the table
    options: Mapping[str, Any]  # of `shoal.segment`, and `to`, `if_exists`


def read_job(path: str | Path | None = None) -> Job | None:
    """What stands in a job file; of this folder where none is named, and None where it has none.

    Raises OptionError for a file that cannot be read, and for an option that is not known.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "shoal.toml"
    ...     _ = file.write_text('source = "https://example.com/t.csv"\\nk = 5\\n')
    ...     job = read_job(file)
    >>> job.source, job.options
    ('https://example.com/t.csv', {'k': 5})
    """
    if path is not None:
        return _job(Path(path))
    for file in (Path(FILE), Path(PROJECT)):
        if _is_there(file):
            return _job(file)
    return None


def run(path: str | Path | None = None, **options: Any) -> Study:
    """Do what a job file says: `shoal.segment` with the table and the options that stand in it.

    Args:
        path: the file; `shoal.toml` or pyproject.toml of this folder when left out.
        options: of `shoal.segment`, `source` among them; they win over the file.

    Raises OptionError where there is no file, no table in it, or an option is wrong; and what
    `shoal.segment` raises.

    >>> import shoal
    >>> shoal.run(k=4)  # doctest: +SKIP
    """
    from shoal.api import segment

    job = read_job(path)
    if job is None:
        raise OptionError(f"There is no {FILE} here, and no [tool.shoal] in {PROJECT}. {WRITE_ONE}")
    asked = {"source": job.source} | dict(job.options) | options
    source = asked.pop("source")
    if source is None:
        raise OptionError(f'{job.file} names no table. Add a line such as source = "customers.csv"')
    to, if_exists = asked.pop("to", None), asked.pop("if_exists", "fail")
    study = segment(source, **asked)
    if to is not None:
        study.to_database(to, if_exists=if_exists)
    return study


def _is_there(file: Path) -> bool:
    """Whether this folder has the file; a pyproject.toml must speak of shoal."""
    try:
        return file.is_file() and (file.name != PROJECT or b"tool.shoal" in file.read_bytes())
    except OSError:
        return False


def _settings(file: Path) -> Any:
    """The part of a file that is shoal's."""
    try:
        found = tomllib.loads(file.read_text("utf-8-sig"))
    except OSError as error:
        raise OptionError(f"{file} cannot be read: {error.strerror}. {WRITE_ONE}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OptionError(f"{file} is not valid TOML: {error}.") from None
    if file.name != PROJECT:
        return found
    tool = found.get("tool", {})
    return tool.get("shoal") if isinstance(tool, dict) else None


def known_names() -> list[str]:
    """The options that a job file may hold."""
    from shoal.api import segment
    from shoal.options import Meanings, OrdersOptions, ReadingOptions

    names = names_of(segment, ReadingOptions, OrdersOptions, Meanings)
    return sorted({*_OF_A_RUN, *names} - _NOT_IN_A_FILE)


def _job(file: Path) -> Job:
    settings = _settings(file)
    if not isinstance(settings, Mapping):
        raise OptionError(f"{file} has no part [tool.shoal] with options, such as k = 5.")
    known = known_names()
    for name in settings:
        if name not in known:
            raise OptionError(f'{file} has "{name}", which is no option. {meant(name, known)}')
    options = {name: _placed(file, name, value) for name, value in settings.items()}
    source = options.pop("source", None)
    if source is not None and not isinstance(source, str):
        raise OptionError(f"source = {source!r} in {file} must be the path of a table, in quotes.")
    return Job(file, source, options)


def _placed(file: Path, name: str, value: Any) -> Any:
    """A path as it is seen from here: in a file it is seen from the folder of that file."""
    is_path = name in _PATHS and isinstance(value, str)
    if not is_path or "://" in value or value == "-" or not value.strip():
        return value
    return os.path.normpath(file.parent / Path(value).expanduser())


def init(
    source: str | Path,
    path: str | Path = FILE,
    *,
    out: str | Path = "results",
    force: bool = False,
    **options: Any,
) -> Path:
    """Write a job file for a table, from what `inspect` sees of it.

    Args:
        source: the table, as a path, a glob, an address, or "-".
        path: the file.
        out: the folder that results shall go into, as it is seen from the file.
        force: whether a file that is there may be replaced.
        options: of `shoal.inspect`, which stand in the file as your word; what shoal guesses
            stands there as comments.

    Returns the path. Raises OptionError where the file is there already, InputError when the table
    cannot be read, OutputError when the file cannot be written.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import shoal
    >>> with TemporaryDirectory() as folder:
    ...     table = Path(folder) / "customers.csv"
    ...     _ = table.write_text("id,spent\\n1,10\\n2,20\\n3,60\\n")
    ...     file = shoal.init(table, Path(folder) / "shoal.toml", id="id")
    ...     print(file.read_text().splitlines()[5:8])
    ['source = "customers.csv"', 'out = "results"', 'id = "id"']
    """
    from shoal.api import inspect
    from shoal.data import local_files
    from shoal.output.atomic import replace_file, spare
    from shoal.output.job_file import job_toml

    file = Path(path)
    where = _seen_from(file.parent, _without_secret(source))
    if file.exists() and not force:
        raise OptionError(f"{file} is there already. To replace it, say {option('force', True)}.")
    spare(local_files(source), [file])
    said = {name: _plain(value) for name, value in options.items() if value not in (None, (), [])}
    profile = inspect(source, **options)
    text = job_toml(profile, where, str(out), said)
    return replace_file(file, text.encode())


def _plain(value: Any) -> Any:
    """An option as TOML can hold it."""
    if isinstance(value, list | tuple | dict | bool | int | float):
        return value
    return str(value)


def _without_secret(source: str | Path) -> str:
    """The address of a table as it may stand in a file; OptionError for one with a secret."""
    if not isinstance(source, str | Path):
        raise OptionError("A job file names its table: give a path or an address, not a frame.")
    text = str(source)
    if _SECRET.search(text):
        raise OptionError(
            "A password does not belong in a file. Write a variable of the environment in its "
            "place, such as postgresql://ann:${SHOP_PASSWORD}@db/shop?table=customers."
        )
    return text


def _seen_from(folder: Path, path: str) -> str:
    """A path as it is seen from a folder; addresses and absolute paths stay."""
    if "://" in path or path == "-" or (os.path.isabs(path) and folder == Path(".")):
        return path
    return os.path.relpath(path, folder)
