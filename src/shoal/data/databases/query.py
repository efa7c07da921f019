"""What every way of connecting shares.

Which queries are let through, how names are quoted, what is said when one is wrong.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from shoal.data.databases.url import Address
from shoal.errors import InputError, OptionError, ShoalError, did_you_mean
from shoal.text.options import option

CONNECT_SECONDS = 10
FETCH_ROWS = 20_000
_GAP = r"(?P<gap>\s+|{dashes}|/\*.*?\*/)"
_TEXT = (
    r"""(?P<text>'(?:''|[^'{marks}]{escape})*'|"(?:""|[^"{marks}]{escape})*"|`[^`]*`{dollars})"""
)
_REST = r"(?P<word>\w+)|(?P<mark>.)"
_DOLLARS = r"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$"
_STANDARD = (_GAP.format(dashes=r"--[^\n]*"), _TEXT.format(marks="", escape="", dollars=_DOLLARS))
_DASHES = r"--(?=\s|\Z)[^\n]*|\#[^\n]*"  # of MariaDB: 5--1 is 6
_MARIADB = (
    (_GAP.format(dashes=_DASHES), _TEXT.format(marks=r"\\", escape=r"|\\.", dollars="")),
    (
        _GAP.format(dashes=_DASHES),
        _TEXT.format(marks="", escape="", dollars=""),
    ),  # NO_BACKSLASH_ESCAPES
)
_BEGIN = ("select", "with", "values", "table", "from", "(")


def reading_query(query: str, scheme: str = "") -> str:
    """The query without a closing semicolon and what follows it, if it is one that only reads.

    It is cut into words, texts and comments as the database of this scheme would. The database is
    asked in a read-only transaction besides; this keeps out what no transaction does, such as
    INTO OUTFILE, and is an early and plain word.

    >>> reading_query("select * from customers; ")
    'select * from customers'
    """
    found = [_tokens(query, each) for each in (_MARIADB if scheme == "mariadb" else (_STANDARD,))]
    if not all(map(_only_reads, found)):
        start = " ".join(query.split())[:60]
        raise OptionError(
            f"{option('query', start)} does not only read, or holds more than one statement. Give "
            "one SELECT, such as "
            f"{option('query', 'select * from customers')}."
        )
    first, last = found[0][0], found[0][-1]
    return query[first.start() : last.end()]


def _tokens(query: str, dialect: tuple[str, str]) -> list[re.Match[str]]:
    """Words, texts and marks, without what is between them and without closing semicolons."""
    pattern = re.compile("|".join((*dialect, _REST)), re.DOTALL)
    tokens = [t for t in pattern.finditer(query) if t.lastgroup != "gap" or _is_run(t[0])]
    while tokens and tokens[-1][0] == ";":
        tokens.pop()
    return tokens


def _is_run(comment: str) -> bool:
    """MySQL and MariaDB run what is in such comments."""
    return comment.startswith(("/*!", "/*M!"))


def _only_reads(tokens: list[re.Match[str]]) -> bool:
    """Whether it is one statement that begins as reading does, and puts nothing INTO anything."""
    words = [t[0].lower() for t in tokens if t.lastgroup in ("word", "mark")]
    if not words or words[0] not in _BEGIN or any(_is_run(t[0]) for t in tokens):
        return False
    return ";" not in words and "into" not in words


def driver(module: str, package: str, address: Address) -> Any:
    """A driver that is imported only when it is needed.

    Raises InputError with the line that installs it.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        raise InputError(
            f"{address.written}:// needs the driver {package}, which is not installed.",
            f"Type: pip install {package}",
        ) from None


def no_table(
    address: Address, wanted: str | None, known: Sequence[str], example: str = "customers"
) -> InputError:
    """Nobody said which table, or there is none of this name."""
    if wanted:
        return InputError(
            f'{address} has no table "{wanted}". '
            f"{did_you_mean(wanted, known) if known else 'It has no tables that you may read.'}"
        )
    there = (
        f" Tables there: {', '.join(known[:20])}{'…' if len(known) > 20 else ''}." if known else ""
    )
    error = InputError(
        f"Which table of {address}? Add ?table=NAME to the URL, or give "
        f"{option('query', 'select …')}.{there}"
    )
    error.tables = tuple(known)
    return error


def found_table(
    address: Address, wanted: str | None, known: Sequence[tuple[str, str]], default: str
) -> tuple[str, str]:
    """The (schema, name) that a person means by `name` or `schema.name`.

    Raises InputError with the nearest names.
    """
    for schema, name in known:
        if wanted and wanted == f"{schema}.{name}":
            return schema, name
    for schema, name in known:
        if wanted and wanted == name and schema == default:
            return schema, name
    raise no_table(
        address,
        wanted,
        [name if schema == default else f"{schema}.{name}" for schema, name in known],
    )


@contextmanager
def one_message(
    address: Address, what: type[ShoalError], faults: tuple[type[Exception], ...]
) -> Iterator[None]:
    """Turns a driver's exception into one sentence of shoal's, without any secret in it."""
    try:
        yield
    except faults as error:
        raise what(in_words(address, error)) from None


def in_words(address: Address, error: Exception) -> str:
    """What a driver's exception means, and what to try next."""
    error = getattr(error, "orig", None) or error  # what SQLAlchemy wraps is the driver's own word
    words = str(error.args[1]) + f" [{error.args[0]}]" if len(error.args) == 2 else str(error)
    said = " ".join(address.clean(words).split())
    for pattern, text in _MEANINGS:
        if re.search(pattern, said, re.IGNORECASE):
            return text.format(
                address=address, user=address.user or "the default user", said=_short(said)
            )
    return f"{address} said no: {_short(said)}"


_CELLS = (  # what drivers say in front of a cell, and the cell
    re.compile(
        r"(\b(?:string|value:?|entry|syntax for (?:type )?[\w ]+:) )"
        r"(?:'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")",
        re.IGNORECASE,
    ),
    re.compile(r"(Key \([^)]*\)=)\(.*?\)(?= |$)"),
    re.compile(r"(row contains )\(.*\)"),
)


def _short(said: str, most: int = 300) -> str:
    """What a driver said, without cells that it quotes."""
    for cell in _CELLS:
        said = cell.sub(r"\g<1>…", said)
    said = re.sub(
        r"^(?:[A-Z_]+: )?(\[libpq\] )?((?:Failed to|Execution error) .*?: )?((?:ERROR|FATAL): )?",
        "",
        re.sub(r"\(Background on this error.*$|Query was: .*$", "", said),
    ).strip()
    return said if len(said) <= most else said[:most] + "…"


_MEANINGS = (
    (
        r"password authentication failed|access denied for user .*using password|no password "
        r"supplied|\[1045\]|28P01",
        "{address} does not let {user} in with this password. Put it into the environment "
        "(PGPASSWORD for PostgreSQL, MYSQL_PWD for "
        "MySQL and MariaDB), or write ${{VARIABLE}} in its place in the URL.",
    ),
    (
        r"disabled by configuration|disabled through configuration",
        "{address} asks for other files or for an address, which is not done: only what is in the "
        "database itself is read. Copy those rows into a table first. ({said})",
    ),
    (
        r"multiple commands|one statement at a time",
        "{address} takes one SELECT at a time: the query holds several statements.",
    ),
    (
        r'database "[^"]*" does not exist|unknown database',
        "There is no such database as in {address}: {said}",
    ),
    (r'role "[^"]*" does not exist', "{address} knows no such user: {said}"),
    (
        r"could not translate host|name or service not known|getaddrinfo|nodename nor "
        r"servname|temporary failure in name",
        "There is no such host as in {address}. Look at its spelling.",
    ),
    (
        r"connection refused",
        "Nothing listens at {address}: connection refused. Look at host and port, and whether the "
        "server runs.",
    ),
    (
        r"timeout expired|timed out",
        "{address} does not answer: no connection within 10 seconds. Look at host, port and "
        "firewall.",
    ),
    (
        r"server closed the connection|terminating connection|lost connection|gone "
        r"away|connection reset|broken pipe|no connection to the server"
        r"|consuming input failed|could not receive data|shutdown in progress",
        "The connection to {address} broke off in the middle. Nothing was changed. Try again. "
        "({said})",
    ),
    (
        r"read.only (transaction|mode)|readonly database",
        "{address} is asked for reading only, and this would change something: {said}",
    ),
    (
        r"permission denied|command denied|denied to user",
        "{address}: {user} may not do this: {said}",
    ),
)
