"""The statement as text: a SELECT, a view, a model of dbt with its schema."""

from __future__ import annotations

import re

from sqlglot import ErrorLevel, exp, parse_one
from sqlglot.errors import SqlglotError

from shoal.errors import OptionError
from shoal.scoring_sql.dialects import Dialect, dialect_of
from shoal.scoring_sql.rules import RuleList, select_by_rules
from shoal.scoring_sql.statement import scoring_of, select
from shoal.text.options import option
from shoal.types import Segmentation

TABLE = "customers"
NAME = "segments"
_REF = "shoal_table_of_dbt"


def to_sql(
    model: Segmentation,
    dialect: str,
    *,
    table: str = TABLE,
    as_: str = "select",
    name: str = NAME,
    id: str | None = None,
    rules: RuleList | None = None,
) -> str:
    """The text of the statement; what is done, given and raised is told by `Model.to_sql`."""
    spoken = dialect_of(dialect)
    if as_ not in ("select", "view", "dbt"):
        raise OptionError(
            f"{option('as_', as_)} is none of select, view, dbt. Leave it out for a SELECT."
        )
    source = exp.to_table(_REF, quoted=True) if as_ == "dbt" else table_of(table, spoken, "table")
    scoring = scoring_of(model, spoken, source, id or model.id_column)
    query: exp.Expression = select_by_rules(scoring, rules) if rules else select(scoring)
    if as_ == "view":
        query = exp.Create(
            this=table_of(name, spoken, "name"),
            kind="VIEW",
            replace=spoken.replaces_views,
            expression=query,
        )
    text = rendered(query, spoken)
    if rules:
        text = f"-- {rules.measured.text}\n{text}"
    return for_dbt(text, table, spoken) if as_ == "dbt" else text


def rendered(query: exp.Expression, dialect: Dialect) -> str:
    """An expression in a dialect. Raises OptionError for what it cannot say."""
    try:
        return query.sql(
            dialect=dialect.name, pretty=True, unsupported_level=ErrorLevel.RAISE, copy=False
        )
    except SqlglotError as error:
        raise OptionError(f"{dialect.name} cannot say this model: {error}") from None


def table_of(text: str, dialect: Dialect, asked: str) -> exp.Table:
    """A table by its name, with schema and database in front: every part is quoted.

    Parts are parted by dots; one with a dot, a blank or a quote in it may be quoted as the database
    does. Raises OptionError for a name that is empty, or has too many parts.
    """
    parts = _parts(text, dialect)
    if not 1 <= len(parts) <= 3 or not all(parts):
        raise OptionError(
            f'{option(asked, text)} is no name of a table. Give one such as "customers" or '
            '"shop.customers".'
        )
    quoted = [exp.to_identifier(part, quoted=True) for part in parts]
    places = dict(zip(("this", "db", "catalog"), reversed(quoted), strict=False))
    return exp.Table(**places)


def _parts(text: str, dialect: Dialect) -> list[str]:
    if not re.search(r'["`\[\]]', text):
        return [part.strip() for part in text.split(".")]
    try:
        parsed = parse_one(text, into=exp.Table, dialect=dialect.name)
    except SqlglotError:
        return [text]
    if parsed.alias or set(parsed.args) - {"this", "db", "catalog"}:
        return [text]
    return [part.name for part in parsed.parts]


def for_dbt(text: str, table: str, dialect: Dialect) -> str:
    """The statement with a reference of dbt's in the place of the table."""
    parts = [part.strip() for part in table.split(".")]
    if not 1 <= len(parts) <= 2 or not all(re.fullmatch(r"\w+", part) for part in parts):
        raise OptionError(
            f"{option('table', table)} is no model of dbt. Give the name of one, such as "
            '"customers", or a source and its table, such as "shop.customers".'
        )
    called = "ref" if len(parts) == 1 else "source"
    reference = f"{{{{ {called}({', '.join(map(repr, parts))}) }}}}"
    text = re.sub(r"\{[{%#]", r"{{ '\g<0>' }}", text)  # words of the model are no templates
    marked = exp.to_table(_REF, quoted=True).sql(dialect=dialect.name)
    return text.replace(marked, reference)
