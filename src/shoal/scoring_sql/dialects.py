"""What databases do differently: reading a number, a word, a date; how layers are kept apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from shoal.data.cells.numbers import BLANK
from shoal.errors import OptionError, did_you_mean
from shoal.scoring_sql.expressions import (
    Sql,
    chosen,
    every,
    function,
    is_known,
    number,
    yes_no,
)
from shoal.text.options import option

FIRST_DAY = "1970-01-01"


class Dialect:
    """A database as most of them are; the others say what they do otherwise."""

    widest = 3_900  # encoded features in one statement
    longest = 10_000  # letters of a column's name
    letters = ""  # that a column's name may not have
    bytes_of_names = 0  # of which a name keeps so many; 0: all
    replaces_views = True
    materialized: bool | None = None

    def __init__(self, name: str) -> None:
        self.name = name

    def number_of(self, column: Sql) -> Sql:
        """A column of numbers as doubles."""
        return exp.cast(column, "double")

    def flag_of(self, column: Sql) -> Sql:
        """A column of booleans, or of numbers for such, as doubles."""
        return self.number_of(column)

    def word_of(self, column: Sql) -> Sql:
        """A column of words, without blanks around them, to be compared with `text`."""
        return exp.Trim(this=exp.cast(column, "text"), expression=exp.Literal.string(BLANK))

    def text(self, word: str) -> Sql:
        """A word that a column of words is compared with, letter by letter."""
        return self.shown(word)

    def shown(self, text: str) -> Sql:
        """A text that is shown."""
        return exp.Literal.string(text)

    def date_of(self, column: Sql) -> Sql:
        """A column of dates or moments as dates."""
        return exp.cast(column, "date")

    def days_of(self, date: Sql) -> Sql:
        """Days from 1970-01-01 to a date."""
        first = exp.cast(exp.Literal.string(FIRST_DAY), "date")
        return exp.DateDiff(this=date, expression=first, unit=exp.var("DAY"))

    def part_of(self, unit: str, date: Sql) -> Sql:
        """Year, month or day of a date."""
        return exp.Extract(this=exp.var(unit), expression=date)

    def truth(self, condition: Sql) -> Sql:
        """A condition as a column."""
        return exp.cast(yes_no(condition), "boolean")

    def apart(self, query: exp.Select) -> exp.Select:
        """A layer that is worked out once, not anew wherever the next one looks at it."""
        return query

    def in_layers(
        self, table: exp.Table, layers: Mapping[str, Sequence[Sql]], shown: Sequence[Sql]
    ) -> exp.Select:
        """Columns shown of the last layer; each one selects from the one before it, apart."""
        sources = [table, *map(exp.to_table, layers)]
        made = _from(shown, sources[-1])
        for (called, columns), source in zip(layers.items(), sources, strict=False):
            layer = self.apart(_from(columns, source))
            made = made.with_(called, as_=layer, materialized=self.materialized, copy=False)
        return made


def _from(columns: Sequence[Sql], source: exp.Table) -> exp.Select:
    return exp.Select(expressions=list(columns)).from_(source, copy=False)


class TextFirst(Dialect):
    """One that makes no double of a boolean, but text."""

    def flag_of(self, column: Sql) -> Sql:
        """By way of text."""
        text = exp.cast(column, "text")
        words = [(exp.Literal.string("true"), number(1)), (exp.Literal.string("false"), number(0))]
        return chosen(words, self.number_of(text.copy()), of=text)


class Postgres(TextFirst):
    """PostgreSQL: OFFSET 0 keeps layers apart; names are cut at 63 bytes."""

    widest = 1_500
    bytes_of_names = 63

    def apart(self, query: exp.Select) -> exp.Select:
        """A layer that is not merged with the next."""
        return query.offset(0, copy=False)


class MySql(Dialect):
    """MySQL and MariaDB: text is compared as bytes; LIMIT keeps layers apart."""

    longest = 64
    most_rows = 2**64 - 1

    def word_of(self, column: Sql) -> Sql:
        """As bytes of UTF-8."""
        ends = exp.Literal.string(f"^[{BLANK}]+|[{BLANK}]+$")
        bare = function("REGEXP_REPLACE", _utf8(column), ends, exp.Literal.string(""))
        return exp.cast(bare, "binary")

    def text(self, word: str) -> Sql:
        """As bytes of UTF-8."""
        return exp.cast(_utf8(exp.Literal.string(word)), "binary")

    def truth(self, condition: Sql) -> Sql:
        """There are no booleans."""
        return yes_no(condition)

    def apart(self, query: exp.Select) -> exp.Select:
        """A layer that is not merged with the next."""
        return query.limit(self.most_rows, copy=False)


def _utf8(text: Sql) -> Sql:
    kind = exp.DataType(this=exp.DataType.Type.CHARACTER_SET, kind=exp.var("utf8mb4"))
    return exp.Cast(this=text, to=kind)


class Sqlite(Dialect):
    """SQLite: any cell may be of any type, and what cannot be read must not become 0."""

    widest = 900
    replaces_views = False
    materialized = True

    def number_of(self, column: Sql) -> Sql:
        """Text is read as a number that JSON knows, or ends the statement with an error."""
        text = exp.Nullif(this=exp.Trim(this=column.copy()), expression=exp.Literal.string(""))
        read = function("JSON_EXTRACT", text, exp.Literal.string("$"))
        kind = function("TYPEOF", column.copy())
        cell = chosen([(exp.Literal.string("text"), read)], column, of=kind)
        return exp.cast(cell, "double")

    def word_of(self, column: Sql) -> Sql:
        """Compared by its letters, whatever the column says of upper and lower case."""
        return exp.Collate(this=super().word_of(column), expression=exp.var("BINARY"))

    def date_of(self, column: Sql) -> Sql:
        """Text in ISO 8601; another one ends the statement with an error."""
        text = exp.Nullif(this=exp.Trim(this=column.copy()), expression=exp.Literal.string(""))
        date = function("DATE", text)
        odd = every([is_known(text.copy()), exp.Is(this=date.copy(), expression=exp.Null())])
        wrong = function("JSON_EXTRACT", exp.Literal.string("no date"), exp.Literal.string("$"))
        return chosen([(odd, wrong)], date)

    def days_of(self, date: Sql) -> Sql:
        """By Julian days."""
        first = function("JULIANDAY", exp.Literal.string(FIRST_DAY))
        return exp.Sub(this=function("JULIANDAY", date), expression=first)

    def part_of(self, unit: str, date: Sql) -> Sql:
        """By a format."""
        formats = {"YEAR": "%Y", "MONTH": "%m", "DAY": "%d"}
        part = function("STRFTIME", exp.Literal.string(formats[unit]), date)
        return exp.cast(part, "int")

    def truth(self, condition: Sql) -> Sql:
        """There are no booleans."""
        return yes_no(condition)


class Tsql(Dialect):
    """SQL Server: text is compared as bytes, since = takes no notice of case and blanks."""

    widest = 900
    longest = 128

    def word_of(self, column: Sql) -> Sql:
        """As bytes of UTF-16."""
        text = exp.cast(column, exp.DataType.build("nvarchar(4000)", dialect="tsql"))
        return _as_bytes(exp.Trim(this=text, expression=self.shown(BLANK)))

    def text(self, word: str) -> Sql:
        """As bytes of UTF-16."""
        return _as_bytes(self.shown(word))

    def shown(self, text: str) -> Sql:
        """In UTF-16."""
        return exp.National(this=text)

    def apart(self, query: exp.Select) -> exp.Select:
        """A layer that is not merged with the next."""
        return query.limit(2**63 - 1, copy=False)


def _as_bytes(text: Sql) -> Sql:
    return exp.cast(text, exp.DataType.build("varbinary(8000)", dialect="tsql"))


class Redshift(Dialect):
    """Amazon Redshift: = takes no notice of blanks at the end, so that there is a letter behind."""

    widest = 1_500
    bytes_of_names = 127

    def word_of(self, column: Sql) -> Sql:
        """With a letter behind."""
        return exp.DPipe(this=super().word_of(column), expression=exp.Literal.string("."))

    def text(self, word: str) -> Sql:
        """With a letter behind."""
        return exp.Literal.string(f"{word}.")


class BigQuery(TextFirst):
    """BigQuery: some letters cannot stand in the name of a column."""

    longest = 300
    letters = '!"$()*,./;?@[\\]^`{}~'


DIALECTS: dict[str, type[Dialect]] = {
    "duckdb": Dialect,
    "postgres": Postgres,
    "mysql": MySql,
    "sqlite": Sqlite,
    "spark": Dialect,
    "bigquery": BigQuery,
    "snowflake": TextFirst,
    "redshift": Redshift,
    "tsql": Tsql,
    "databricks": Dialect,
    "trino": Dialect,
}
OTHER_NAMES = {"postgresql": "postgres", "mariadb": "mysql", "sqlserver": "tsql"}


def dialect_of(name: str) -> Dialect:
    """A dialect by its name. Raises OptionError for one that is not known."""
    known = OTHER_NAMES.get(str(name).lower(), str(name).lower())
    if known not in DIALECTS:
        raise OptionError(
            f"{option('dialect', str(name))} is none that shoal writes. "
            f"{did_you_mean(str(name), DIALECTS)} One of: {', '.join(DIALECTS)}."
        )
    return DIALECTS[known](known)


def check_names(dialect: Dialect, names: list[str]) -> None:
    """Raise OptionError for columns that a table of this database cannot have."""
    for name in names:
        odd = [letter for letter in dialect.letters if letter in name]
        if odd:
            raise OptionError(
                f'"{name}" cannot be a column of {dialect.name}: its names have no {odd[0]}. '
                "Give the column another name, and segment again."
            )
        if len(name) > dialect.longest:
            raise OptionError(
                f'"{name[:40]}…" has {len(name)} letters; a column of {dialect.name} has '
                f"{dialect.longest} at most. Give it another name, and segment again."
            )
    if dialect.bytes_of_names:
        _check_told_apart(dialect, names)


def _check_told_apart(dialect: Dialect, names: list[str]) -> None:
    """Raise OptionError where two names are one to a database that cuts them."""
    seen: dict[bytes, str] = {}
    for name in names:
        kept = name.encode()[: dialect.bytes_of_names]
        if seen.setdefault(kept, name) != name:
            raise OptionError(
                f'{dialect.name} keeps {dialect.bytes_of_names} bytes of a name: "{name}" and '
                f'"{seen[kept]}" are the same to it. Rename one, and segment again.'
            )
