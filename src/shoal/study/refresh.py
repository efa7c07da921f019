"""A model and the customers of now: the same segments fitted again, or kept where they serve."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import structs

from shoal.analysis.assign import Places, check_columns, nearest, place
from shoal.analysis.features import placeable_part
from shoal.analysis.features import points as points_of
from shoal.analysis.new_customers import with_made_columns
from shoal.data import local_files, open_table
from shoal.engine.progress import Progress, begin, listening
from shoal.engine.resources import limited
from shoal.engine.table import Table
from shoal.engine.worker import Workers, workers
from shoal.errors import InputError
from shoal.findings import finding, known_codes
from shoal.lifecycle.columns import in_units_of, renamed_columns, said_of_names, with_names
from shoal.lifecycle.known import segments_before
from shoal.lifecycle.succession import (
    Before,
    Following,
    all_kept,
    followed,
    in_order_of,
    keeps_k,
    service_of,
    why_refitted,
    why_serves,
)
from shoal.options import (
    FitOptions,
    Meanings,
    Options,
    OrdersOptions,
    ReadingOptions,
    RoleOverrides,
    check_names,
    made,
    options_of,
)
from shoal.options.columns import ColumnSettings
from shoal.output.folder import check_folder
from shoal.output.identity import model_id, model_of
from shoal.output.summary import FIT_OPTIONS
from shoal.pipeline import (
    Asked,
    GoingOn,
    Known,
    Prepared,
    Run,
    completed,
    examine,
    fitted,
    known_of,
    prepared_from,
    returning,
    warm_up,
)
from shoal.sentences import say
from shoal.study.model import Model
from shoal.study.run import MadeOf, customers
from shoal.study.study import Study
from shoal.text.nouns import speaking_of
from shoal.text.options import option
from shoal.text.paths import printable
from shoal.types import (
    Choice,
    Column,
    Finding,
    Fit,
    Ints,
    Profile,
    Refresh,
    Segmentation,
    Service,
    Statement,
    Succession,
    Trust,
)


@dataclass(frozen=True)
class _Now:
    """The new customers, and the model in their columns and units."""

    prepared: Prepared  # with the recipe that is learned on them
    before: Before
    old: Prepared  # with the recipe of the model
    places: Places  # of the sample, by the model
    findings: tuple[Finding, ...]

    @property
    def changed(self) -> bool:
        """Whether columns are called or measured otherwise than before."""
        return bool(self.findings)


def refresh(model: Model, new: Any, given: Mapping[str, Any]) -> Refresh:
    """The refresh of a model by the options of `Model.refresh`, written where that is asked for."""
    out, old = given["out"], given["old"]
    if out is not None:
        check_folder(out, given["force"], [*local_files(new), *local_files(old)])
    options = _asked_of(model, given)
    with (
        limited(options.resources),
        workers(given["processes"], warm_up) as pool,
        listening(given["progress"]) as heard,
    ):
        begin(heard, "reading")
        made_of = customers(new, options, given["orders"], keep_aside=out is not None)
        was = None if old is None else _old(old, options, model)
        with speaking_of(model.noun):
            run = _carried_on(model, made_of, was, given["refit"], heard, pool)
        study = Study(run, made_of.table, made_of.aside, made_of.table.backend)
        if out is not None:
            begin(heard, "writing")
            how = {"keep": options.keep, "show_ids": given["show_ids"], "force": given["force"]}
            study.write(out, **how, helper=pool)
    assert run.facts.succession is not None
    return Refresh(run.facts.succession, study)


def _asked_of(model: Model, given: Mapping[str, Any]) -> Options:
    """What was asked, each option checked; ids are read to the letter."""
    reading, out = given["reading"], given["out"]
    check_names(model.refresh, reading, ReadingOptions, OrdersOptions, Meanings)
    folder = None if out is None else Path(out).parent
    own = {name: value for name, value in given.items() if name != "reading"}
    mute = known_codes(given["mute"])
    options = options_of(**own | reading | {"mute": mute, "folder": folder})
    key = given["id"] or model.segmentation.id_column
    if given["orders"]:
        return options
    return structs.replace(options, reading=structs.replace(options.reading, id=key))


def _old(source: Any, options: Options, model: Model) -> _Old:
    """Raises InputError where the labels say that another model made them."""
    for path in local_files(source):
        labelled_by = model_of(Path(path))
        if labelled_by not in (None, model.id):
            raise InputError(
                f"The customers of {printable(Path(path))} were labelled by model {labelled_by}, "
                f"and this one is {model.id}. Give {option('old')} those that this model labelled, "
                "or their table without labels."
            )
    return _Old(open_table(source, options.reading), model.segmentation)


@dataclass(frozen=True)
class _Old:
    """Customers of before, and the model that labelled or places them."""

    table: Table
    model: Segmentation


def _carried_on(
    model: Model,
    made_of: MadeOf,
    old: _Old | None,
    refit: bool,
    progress: Progress | None,
    pool: Workers,
) -> Run:
    from shoal.interpret.playbook import load

    now, options = _look(model, made_of, progress)
    asked = Asked(options, load(options.playbook), made_of.words, made_of.lines)
    fit_options = options.fit
    known = known_of(now.old, fit_options)
    choice = _choice(known, fit_options, now.before.model.k, pool)
    service, serving = service_of(
        now.before.model, now.old.points, choice.fits[choice.k], now.places
    )
    was = _known(now, old)
    finish = partial(completed, progress=progress, workers=pool)
    if service.serves and not refit:
        why = why_serves(service, now.changed)
        going_on = _serving(now, all_kept(now.before, service, why, now.places, was))
        choice = replace(choice, fits={**choice.fits, choice.k: serving})
        return finish(known, asked, choice, serving, going_on)
    known = known_of(now.prepared, fit_options)
    choice = _choice(known, fit_options, now.before.model.k, pool)
    kept_k = structs.replace(fit_options, k=choice.k)
    found = choice, fitted(known, kept_k, progress, pool)[1]
    choice, fit = returning(known, fit_options, found, progress, pool)
    following = _follow(now, was, fit, service)
    going_on = GoingOn(
        following.succession, following.ids, following.names, following.colours, None, now.findings
    )
    return _with_names(finish(known, asked, choice, in_order_of(fit, following.order), going_on))


def _serving(now: _Now, succession: Succession) -> GoingOn:
    model = now.before.model
    names = dict(zip(model.ids, model.names, strict=True))
    return GoingOn(succession, model.ids, names, model.colours, model, now.findings)


def _known(now: _Now, old: _Old | None) -> Ints | None:
    """In which segment the customers of the sample were before, where somebody knows."""
    if old is None:
        return None
    prepared, key = now.prepared, old.model.id_column
    return segments_before(old.table, old.model, key, prepared.sample, prepared.profile.id)


def _follow(now: _Now, known: Ints | None, fit: Fit, service: Service) -> Following:
    prepared = now.prepared
    labels, _ = nearest(prepared.sample.rows, prepared.recipe, fit.centres)
    why = why_refitted(service)
    return followed(now.before, prepared.sample, labels, now.places, known, service, why)


def _with_names(run: Run) -> Run:
    """The run whose succession knows what the new segments are called."""
    facts = run.facts
    assert facts.succession is not None
    names = {portrait.segment: portrait.name for portrait in facts.portraits}
    return replace(run, facts=replace(facts, succession=facts.succession.named(names)))


def _choice(known: Known, options: FitOptions, k_before: int, pool: Workers) -> Choice:
    """The number of segments that is found, or that of before where it is as good."""
    from shoal.analysis.choose_k import choose

    search = partial(
        choose,
        known.prepared.points,
        min_share=options.min_share,
        seed=options.seed,
        each=pool.each,
        looks=known.looks,
    )
    found = search(k=options.k, k_max=options.k_max)
    if options.k is not None or found.k == k_before:
        return found
    found = _returning_choice(known, found, lambda most: search(k_max=most), options.seed, pool)
    if found.k == k_before:
        return found
    why = keeps_k(found, k_before)
    if why is None:
        return found
    return replace(search(k=k_before, k_max=options.k_max), asked=False, why=why)


def _returning_choice(
    known: Known, found: Choice, fewer: Callable[[int], Choice], seed: int, pool: Workers
) -> Choice:
    """What `segment` would choose, as far as the sample tells: segments that return."""
    from shoal.analysis.examined import that_return

    def with_fit(choice: Choice) -> tuple[Choice, Fit]:
        return choice, choice.fits[choice.k]

    def trust_in(choice: Choice, fit: Fit) -> Trust:
        return examine(known, choice, fit, seed, pool)[1]

    return that_return(with_fit(found), lambda most: with_fit(fewer(most)), trust_in)[0]


# --- what is known before anything is fitted ------------------------------------------------------


def _look(model: Model, made_of: MadeOf, progress: Progress | None) -> tuple[_Now, Options]:
    """The new customers, the model in their columns and units, and the options that follow."""
    table, noted = made_of.table, model.about.get("columns", {})
    renamed = renamed_columns(model.segmentation, list(noted), table)
    now = {each.before: each.now for each in renamed}
    before = with_names(model.segmentation, renamed)
    check_columns(with_made_columns(table, before), before)
    noted = {now.get(name, name): said for name, said in noted.items()}
    options = _options(model, before, noted, made_of)
    prepared = prepared_from(table, options, bool(made_of.words), progress)
    prepared = _as_before(prepared, made_of.options)
    before = _of_this_day(before, prepared)
    sample = prepared.sample
    before, units = in_units_of(before, prepared.recipe, sample.rows)
    sample = placeable_part(sample, before.recipe, table.name)
    prepared = replace(prepared, sample=sample, points=points_of(sample, prepared.recipe))
    of_old = replace(prepared, recipe=before.recipe, points=points_of(sample, before.recipe))
    about = model.about
    known = Before(
        model=before,
        table=str(about.get("table", "")),
        model_id=model_id(model.segmentation),
        last_id=max(int(about.get("last_id", 0)), *before.ids),
    )
    findings = (*said_of_names(renamed), *units)
    places = place(sample.rows, before)
    return _Now(prepared, known, of_old, places, findings), options


_KEPT = {
    "meaning-stated": "meaning-kept",
    "set-role": "role-kept",
    "set-value": "value-kept",
}


def _as_before(prepared: Prepared, asked: Options) -> Prepared:
    """What columns are taken to be by the model's word, and not by anybody's now, is as before."""
    said = {*asked.meanings.columns, asked.roles.id}
    columns = tuple(c if c.name in said else _kept(c) for c in prepared.profile.columns)
    profile = replace(prepared.profile, columns=columns)
    findings = tuple(_told_of_id(f, profile) for f in profile.findings)
    return replace(prepared, profile=replace(profile, findings=findings))


def _told_of_id(found: Finding, profile: Profile) -> Finding:
    """The finding that says why a column is the id, with the reason that the column has now."""
    if found.code != "id-column" or found.column is None:
        return found
    return finding("id-column", found.column, why=profile.column(found.column).role_reason)


def _kept(column: Column) -> Column:
    reason, meaning = (_reason_kept(s) for s in (column.reason, column.meaning_reason))
    return replace(column, reason=reason, meaning_reason=meaning)


def _reason_kept(reason: Statement) -> Statement:
    return say(_KEPT[reason.code]) if reason.code in _KEPT else reason


def _of_this_day(model: Segmentation, prepared: Prepared) -> Segmentation:
    """The model with time counted to the day of the new table, which has moved on as well."""
    today = {each.name: each for each in prepared.profile.made}
    made = tuple(today.get(each.name, each) for each in model.made)
    return replace(model, made=made, id_column=prepared.profile.id)


def _options(
    model: Model, before: Segmentation, noted: Mapping[str, Any], made_of: MadeOf
) -> Options:
    """The options of before, and what columns were taken to be, unless said otherwise now."""
    asked, table = made_of.options, made_of.table
    kept = {**model.about.get("options", {})}
    kept = {name: kept[name] for name in FIT_OPTIONS if name in kept}
    kept |= {"scale": before.recipe.scaling, "seed": before.seed}
    weights = {f.column: f.weight for f in before.recipe.features if f.weight != 1.0}
    fit = made(FitOptions, kept | {"weights": weights or None})
    said = {n: _settings(noted[n]) for n in table.schema.names if n in noted}
    said |= asked.meanings.columns
    columns = {name: settings for name, settings in said.items() if settings is not None}
    return structs.replace(
        asked,
        fit=fit,
        roles=_roles(before, noted, model.about.get("value"), asked.roles, table),
        meanings=structs.replace(asked.meanings, columns=columns),
        noun=asked.noun or model.about.get("noun"),
    )


def _settings(noted: Mapping[str, str]) -> ColumnSettings | None:
    """What a model notes of a column, as a person would say it; its role is said apart."""
    names = ("meaning", "direction", "label", "unit", "part_of")
    said = {name: noted[name] for name in names if noted.get(name)}
    return ColumnSettings(**said) if said else None  # type: ignore[arg-type]


def _roles(
    before: Segmentation,
    noted: Mapping[str, Any],
    value: Any,
    asked: RoleOverrides,
    table: Table,
) -> RoleOverrides:
    have = table.schema.names

    def of(role: str) -> tuple[str, ...]:
        named = (n for n in have if n in noted and noted[n].get("role") == role)
        return tuple(n for n in named if n not in before.basis)

    key = asked.id or (before.id_column if before.id_column in have else None)
    return RoleOverrides(
        id=key,
        by=before.basis,
        describe=of("describe"),
        value=value if value in have else None,
        ignore=tuple(name for name in of("ignore") if name != key),
    )
