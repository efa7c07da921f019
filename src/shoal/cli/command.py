"""What every command has: -h, -q, -v, options in groups, and options from the environment."""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from shoal import OptionError

FILE = click.Path(path_type=Path)
PREFIX = "SHOAL"
OWN_VARIABLES = ("SHOAL_DEBUG", "SHOAL_TOKENS")  # which no option has
# Steps of a run that count rows; others count rounds of work.
OF_ROWS = ("reading", "summing up", "encoding", "placing", "writing")
# Where a context keeps what was asked for.
QUIET, VERBOSE, CONFIG = "shoal.quiet", "shoal.verbose", "shoal.config"
NEAR = 0.85  # how alike a misspelt variable is to a known one; others may be anybody's

HELD_OUT = "Audiences and campaigns"
# Options by what they are about, as the help shows them; those that stand nowhere come last.
GROUPS: dict[str, tuple[str, ...]] = {
    "What columns are": (
        *("id", "by", "describe", "value", "ignore", "columns", "outcome", "currency", "totals"),
        *("noun", "date", "orders", "one_row_a_customer"),
    ),
    "How segments are found": (
        *("k", "k_max", "min_share", "reruns", "scale", "fill", "weight", "seed"),
    ),
    "Results": (
        *(
            "out",
            "old",
            "refit",
            "force",
            "keep",
            "name",
            "playbook",
            "previous",
            "show_ids",
            "min_cell",
            "to",
            "if_exists",
            "mute",
        ),
        *("write_columns", "rfm", "classes", "as_json"),
    ),
    "SQL": (*("dialect", "table", "as_", "rules"),),
    "Orders": (
        *("since", "customer", "order", "date_column", "amount", "quantity", "price", "product"),
        *("category", "status", "currency_column", "kind_column", "refunded", "cancelled"),
        *("returns", "duplicates", "one_order", "amount_per", "breadth"),
    ),
    "Reading the table": (
        *("sep", "decimal", "encoding", "header", "sheet", "query", "max_unpacked", "max_line"),
        *("max_columns", "engine"),
    ),
    HELD_OUT: (
        *("segment", "hold_out", "format", "country", "consent", "email", "phone"),
        *("rate", "lift", "cost", "worth", "missing"),
    ),
    "Limits": ("memory", "threads"),
}
REST = "Other options"


class Words(click.Choice[str]):
    """Words that the help shows and a shell completes.

    Another word is refused where all options are checked, in the words of that place.
    """

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """The word as it was given."""
        return value


class Names(click.types.StringParamType):
    """Names, of which an environment variable may give several with commas between them."""

    envvar_list_splitter = ","


class Table(click.types.StringParamType):
    """A table, wherever it is: a shell completes the names of files."""

    def shell_complete(self, _: Any, __: Any, incomplete: str) -> list[CompletionItem]:
        """What the shell completes itself."""
        return [CompletionItem(incomplete, type="file")]


class Command(click.Command):
    """A command of shoal's: its help is in groups, and its options may be environment variables."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.context_settings = {"auto_envvar_prefix": PREFIX} | dict(self.context_settings)
        self.params += own_options()

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read what was typed; a wrong value that was not typed is said with its place."""
        try:
            return super().parse_args(ctx, args)
        except click.BadParameter as wrong:
            place = _unseen_place(ctx, wrong.param)
            if place is None:
                raise
            raise OptionError(f"{place}: {wrong.message}") from None

    def invoke(self, ctx: click.Context) -> Any:
        """Run it, and say first which options were not typed."""
        _tell_unseen(ctx)
        return super().invoke(ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options under the heads of their groups."""
        params = self.get_params(ctx)
        names = {param.name for param in params}
        records = [
            (group_of(param.name, names), record)
            for param in params
            if isinstance(param, click.Option) and (record := param.get_help_record(ctx))
        ]
        alone = all(head == REST for head, _ in records)
        for head in (*GROUPS, REST):
            rows = [record for group, record in records if group == head]
            if rows:
                with formatter.section("Options" if alone else head):
                    formatter.write_dl(rows)


def group_of(name: str, beside: Collection[str]) -> str:
    """The head that an option stands under, `beside` the others of its command."""
    if name == "seed" and "hold_out" in beside:  # the one that draws who is held out
        return HELD_OUT
    return next((head for head, names in GROUPS.items() if name in names), REST)


def own_options() -> list[click.Option]:
    """-q and -v, which every command has."""
    quiet = "Say nothing but errors; results that were asked for are printed."
    verbose = "Log one line a step on stderr, with the time and how long it took."
    return [
        _switch(["-q", "--quiet"], QUIET, quiet),
        _switch(["-v", "--verbose"], VERBOSE, verbose),
    ]


def _switch(names: Sequence[str], place: str, said: str) -> click.Option:
    """An option that is kept in the context, and given to no command."""

    def keep(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
        ctx.meta[place] = asked

    return click.Option(names, is_flag=True, expose_value=False, callback=keep, help=said)


def asked_for(place: str) -> bool:
    """Whether the command that runs was asked to be quiet, or to tell more."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(place))


def tell(message: str) -> None:
    """A line for who runs the command, on stderr; nothing where quiet was asked for."""
    if not asked_for(QUIET):
        click.echo(message, err=True)


def _tell_unseen(ctx: click.Context) -> None:
    """Which options stand in a file or the environment: who sees them not may not know."""
    from_file = _given_by(ctx, ParameterSource.DEFAULT_MAP)
    from_environment = _given_by(ctx, ParameterSource.ENVIRONMENT)
    if from_file:
        tell(f"shoal: options from {ctx.meta[CONFIG]}: {', '.join(p.name for p in from_file)}")
    if from_environment:
        tell(f"shoal: options from the environment: {', '.join(map(variable, from_environment))}")
    for name, meant in _misspelt(ctx):
        tell(f"shoal: {name} is no option of any command. Did you mean {meant}?")


def _given_by(ctx: click.Context, source: ParameterSource) -> list[click.Parameter]:
    """The parameters whose values come from there."""
    return [p for p in ctx.command.params if ctx.get_parameter_source(p.name) is source]


def _unseen_place(ctx: click.Context, param: click.Parameter | None) -> str | None:
    """Where a value stands that was not typed."""
    if param is None:
        return None
    source = ctx.get_parameter_source(param.name)
    if source is ParameterSource.ENVIRONMENT:
        return variable(param)
    if source is ParameterSource.DEFAULT_MAP:
        return f"{param.name} in {ctx.meta[CONFIG]}"
    return None


def variable(param: click.Parameter) -> str:
    """The environment variable of an option."""
    return str(param.envvar or f"{PREFIX}_{param.name.upper()}")


def _misspelt(ctx: click.Context) -> Iterator[tuple[str, str]]:
    """Variables that were surely meant for shoal, and what was meant."""
    given = [name for name in os.environ if name.startswith(f"{PREFIX}_")]
    if not given:
        return
    group = ctx.find_root().command
    commands: Sequence[click.Command] = ()
    if isinstance(group, click.Group):
        commands = tuple(group.commands.values())
    known = {variable(p) for c in commands for p in c.params}
    for name in sorted({*given} - known - {*OWN_VARIABLES}):
        for meant in difflib.get_close_matches(name, known, n=1, cutoff=NEAR):
            yield name, meant
