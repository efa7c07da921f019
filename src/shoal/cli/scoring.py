"""The commands that take a model elsewhere: `shoal sql | export | typing-tool`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

import shoal
from shoal.cli.command import FILE, QUIET, Command, Table, Words, asked_for
from shoal.cli.given import print_json
from shoal.cli.options import id_option, json_option, model_argument, reading, resources

DIALECTS = (
    *("duckdb", "postgres", "mysql", "sqlite", "spark", "bigquery", "snowflake", "redshift"),
    *("tsql", "databricks", "trino"),
)


@click.command(cls=Command, short_help="Write the model as one SQL statement.")
@model_argument
@click.option(
    "--dialect", type=Words(DIALECTS), required=True, help="The database; mysql is MariaDB too."
)
@click.option(
    "--table",
    default="customers",
    show_default=True,
    help="The table to score, such as shop.customers; of dbt a model, or source.table.",
)
@click.option(
    "--as",
    "as_",
    envvar="SHOAL_AS",
    type=Words(("select", "view", "dbt")),
    default="select",
    show_default=True,
    help="A SELECT, a view, or a model of dbt with its schema.yml.",
)
@click.option("--name", default="segments", show_default=True, help="What the view is called.")
@id_option
@click.option("--rules", is_flag=True, help="The short version: the segments' rules.")
@click.option("--out", type=FILE, help="A file for it (printed when left out); of dbt a folder.")
@json_option
def sql(model: Path, dialect: str, out: Path | None, as_json: bool, **options: Any) -> None:
    """Write the model as one SQL statement, which places customers as `shoal assign` does."""
    loaded = shoal.load(model)
    text = loaded.to_sql(dialect, **options)
    of_dbt = options["as_"] == "dbt"
    schema = loaded.dbt_schema(name=options["name"], id=options["id"]) if of_dbt else None
    agreement = loaded.rules_agree if options["rules"] else None
    outputs = {} if out is None else loaded.write_sql(out, dialect, **options)
    if as_json:
        told = {name.strip("_"): options[name] for name in ("table", "as_", "name")}
        body = {"model": str(model), "model_id": loaded.id, "dialect": dialect, **told, "sql": text}
        print_json(body | {"schema_yml": schema, "rules": agreement, "outputs": outputs})
    elif out is None:
        click.echo(text if schema is None else f"{text}\n\n{{# schema.yml:\n\n{schema}#}}")
    elif not asked_for(QUIET):
        for path in outputs.values():
            click.echo(f"Written: {path}")


ENDINGS = {"pmml": ".pmml", "onnx": ".onnx", "sklearn": ".skops"}


@click.command(cls=Command, short_help="Write the model as PMML, ONNX or for scikit-learn.")
@model_argument
@click.option(
    "--to",
    envvar="SHOAL_EXPORT_TO",
    type=Words(tuple(ENDINGS)),
    required=True,
    help="The format: PMML 4.4, ONNX, or a pipeline of scikit-learn saved by skops.",
)
@click.option("--out", type=FILE, help="A file for it (beside the model when left out).")
@json_option
def export(model: Path, to: str, out: Path | None, as_json: bool) -> None:
    """Write the model in the format of others, where it places customers without shoal."""
    loaded = shoal.load(model)
    goal = out or model.with_suffix(ENDINGS.get(to, ""))
    if goal.resolve() == model.resolve():
        raise shoal.OptionError(f"--out {goal} is the model itself. Give another file.")
    written = loaded.export(to, goal)
    if as_json:
        told = {"model": str(model)} | written.to_json()
        print_json(told | {"outputs": {to: told.pop("path")}})
    elif not asked_for(QUIET):
        click.echo(f"Written: {written.path}\n{written.says}")


@click.command(
    "typing-tool", cls=Command, short_help="Find the fewest questions that place a customer."
)
@model_argument
@click.argument("source", type=Table(), help="Customers with the columns that formed the segments.")
@click.option("--out", type=FILE, help="Folder for the form (HTML), the facts (JSON) and the SQL.")
@click.option("--questions", default=10, show_default=True, help="How many to try at most.")
@click.option(
    "--sure",
    default=0.9,
    show_default=True,
    help="Of those who are placed, the share that shall be placed rightly; else it abstains.",
)
@click.option(
    "--dialect",
    type=Words(DIALECTS),
    default="duckdb",
    show_default=True,
    help="The database that the SQL is for.",
)
@id_option
@resources
@json_option
@reading
def typing_tool(
    model: Path, source: str, out: Path | None, dialect: str, as_json: bool, **options: Any
) -> None:
    """Find the fewest questions that place a new customer, measured on customers held out."""
    tool = shoal.load(model).typing_tool(source, **options)
    outputs = {} if out is None else tool.write(out, dialect=dialect)
    if as_json:
        print_json(tool.to_json() | {"outputs": outputs})
    elif not asked_for(QUIET):
        _show_tool(tool, outputs)


def _show_tool(tool: Any, outputs: dict[str, str]) -> None:
    """What is asked, and how well it places."""
    click.echo(tool.says)
    for number, question in enumerate(tool.questions, 1):
        answers = " · ".join(shoal.showable(answer.text) for answer in question.answers)
        click.echo(f"{number}. {shoal.showable(question.label)}: {answers}")
    for path in outputs.values():
        click.echo(f"Written: {path}")
    if not outputs:
        click.echo("Add --out DIR for the form to print, the facts and the SQL.")
