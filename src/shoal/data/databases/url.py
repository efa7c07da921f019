"""Where a database is.

A URL taken apart, with its password kept out of everything that can be shown.

    postgresql://user:password@host:port/database?table=schema.table
    sqlite:///relative/shop.db?table=customers        sqlite:////absolute/shop.db?table=customers

`${NAME}` anywhere in the URL stands for an environment variable; its value is taken as it is,
without percent signs.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from shoal.errors import InputError

FILE_SCHEMES = {
    "file",
    "http",
    "https",
    "ftp",
    "s3",
    "s3a",
    "gs",
    "gcs",
    "az",
    "abfs",
    "abfss",
    "adl",
    "r2",
    "hf",
    "hdfs",
    "memory",
}
ALIASES = {"postgres": "postgresql", "pg": "postgresql", "sqlite3": "sqlite", "mysql": "mariadb"}
IN_FILES = ("sqlite", "duckdb")
HIDDEN = "•••"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+._\-]*)://")
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_SECRET_WORD = re.compile(r"pass|pwd|secret|token|key|credential|auth", re.IGNORECASE)
_ENVIRONMENT = {"postgresql": "PGPASSWORD", "mariadb": "MYSQL_PWD"}


@dataclass(frozen=True)
class Address:
    """A database and, where the URL names one, a table in it.

    Neither `repr` nor `str` shows the password.
    """

    scheme: str  # of the database: "postgresql", "mariadb", "sqlite", "duckdb" or another's
    written: str  # the scheme as written, with a driver after a plus where there was one
    user: str
    password: str = field(repr=False)
    host: str
    port: int | None
    database: str  # name of the database, or path of its file
    table: str | None
    options: tuple[tuple[str, str], ...] = field(repr=False)

    def __str__(self) -> str:
        who = f"{self.user}@" if self.user else ""
        port = f":{self.port}" if self.port else ""
        return f"{self.written}://{who}{self.host}{port}/{self.database}"

    def option(self, name: str) -> str | None:
        """The value of one option after the question mark."""
        return dict(self.options).get(name)

    def secrets(self) -> tuple[str, ...]:
        """What must never be shown, longest first, as it is and percent-encoded."""
        found = [self.password, os.environ.get(_ENVIRONMENT.get(self.scheme, ""), "")]
        found += [value for name, value in self.options if _SECRET_WORD.search(name)]
        return tuple(
            sorted(
                {
                    form
                    for word in found
                    if word
                    for form in (word, quote(word), quote(word, safe=""))
                },
                key=len,
                reverse=True,
            )
        )

    def clean(self, text: str) -> str:
        """A text of somebody else's with every secret of this address blotted out."""
        for secret in self.secrets():
            text = text.replace(secret, HIDDEN)
        return text

    def url(self, *, options: bool = True) -> str:
        """The URL without its table, for drivers that take one; it holds the password."""
        who = (
            quote(self.user, safe="")
            + (":" + quote(self.password, safe="") if self.password else "")
            + "@"
            if self.user
            else ""
        )
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = f":{self.port}" if self.port else ""
        more = (
            "&".join(f"{quote(n, safe='')}={quote(v, safe='')}" for n, v in self.options)
            if options
            else ""
        )
        return f"{self.written}://{who}{host}{port}/{quote(self.database)}" + (
            "?" + more if more else ""
        )


def is_url(source: object) -> bool:
    """Whether a source is the URL of a database (and not a path, or the URL of a file).

    >>> is_url("postgresql://localhost/shop?table=customers"), is_url("customers.csv")
    (True, False)
    >>> is_url("s3://shop/customers.parquet")
    False
    """
    match = _SCHEME.match(source) if isinstance(source, str) else None
    return match is not None and len(match[1]) > 1 and match[1].lower() not in FILE_SCHEMES


def redact(url: str) -> str:
    """The URL fit to be shown and saved: no password, no options but the table.

    >>> redact("postgresql://ann:secret@db/shop?table=customers")
    'postgresql://ann@db/shop?table=customers'
    """
    address = parse(url)
    return str(address) + (f"?table={address.table}" if address.table else "")


def parse(url: str) -> Address:
    """Take a URL apart.

    Raises InputError that shows nothing of a URL it cannot understand, for it may hold a password.
    """
    match = _SCHEME.match(url)
    if match is None:
        raise InputError(
            "This is no database URL. One looks like "
            "postgresql://user@host/database?table=customers."
        )
    written = match[1].lower()
    base = written.removeprefix("adbc+").split("+")[0]
    scheme = ALIASES.get(base, base)
    rest, _, query = url[match.end() :].partition("?")
    if "@" in query and "@" not in rest and scheme not in IN_FILES:
        raise InputError(
            f"The {written} URL cannot be taken apart: a ? stands before the @. In a user name or "
            "password write ? as %3F, "
            "and @ as %40 after the question mark."
        )
    options = [_pair(part) for part in query.split("&") if part]
    known = dict(options)
    if scheme in IN_FILES:
        return Address(
            scheme,
            written,
            "",
            _password(known),
            "",
            None,
            _path(scheme, rest),
            known.get("table"),
            _others(options),
        )
    who, at, place = rest.rpartition("@")
    user, _, password = who.partition(":") if at else ("", "", "")
    host, _, database = place.partition("/")
    name, port = _host(written, host)
    user, password = _plain(user) or known.get("user", ""), _plain(password) or _password(known)
    return Address(
        scheme,
        written,
        user,
        password,
        name,
        port,
        _plain(database),
        known.get("table"),
        _others(options),
    )


def _password(options: dict[str, str]) -> str:
    return options.get("password") or options.get("passwd") or ""


def _others(options: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((n, v) for n, v in options if n not in ("table", "user", "password", "passwd"))


def _pair(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return _plain(name), _plain(value)


def _path(scheme: str, rest: str) -> str:
    """The path after `scheme://`: relative after three slashes, absolute after four."""
    path = _plain(rest.removeprefix("/"))
    if not path or path == ":memory:":
        raise InputError(
            f"The {scheme} URL names no file. Write {scheme}:///shop.db?table=customers, or four "
            "slashes for an absolute path."
        )
    return path


def _host(scheme: str, text: str) -> tuple[str, int | None]:
    match = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::(.*))?", text)
    port = _plain(match[2]) if match and match[2] else ""
    if match is None or (port and not re.fullmatch(r"[0-9]{1,5}", port)):
        raise InputError(
            f"The port in the {scheme} URL is no number (it is not shown here, for it may be a "
            "part of the password). "
            "In a user name or password write @ as %40, : as %3A, / as %2F, ? as %3F and # as "
            "%23, or put the password into the environment."
        )
    return _plain(match[1].strip("[]")), int(port) if port else None


def _plain(text: str) -> str:
    """A part of the URL as it is meant: percent signs resolved, variables put in."""
    out, end = [], 0
    for match in _VARIABLE.finditer(text):
        value = os.environ.get(match[1])
        if value is None:
            raise InputError(
                f"The URL asks for ${{{match[1]}}}, but the environment has no variable "
                f"{match[1]}. Set it, and try again."
            )
        out += [unquote(text[end : match.start()]), value]
        end = match.end()
    return "".join([*out, unquote(text[end:])])
