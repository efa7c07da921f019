"""Who to write to: a file a segment, ready to be sent or given to an advertising platform."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shoal.analysis.new_customers import place_all, with_key, with_made_columns
from shoal.analysis.profile import describe
from shoal.data import local_files, open_table
from shoal.engine.progress import Progress
from shoal.engine.resources import limited
from shoal.engine.table import Table
from shoal.errors import InputError, OptionError, no_such_column
from shoal.options import ReadingOptions, check_names, options_of
from shoal.options.audience import AudienceOptions, audience_options
from shoal.output.atomic import as_path, spare, staged
from shoal.output.identity import model_id, write_beside
from shoal.output.labels import customer_batches, key_name, names_beside
from shoal.output.model_file import load
from shoal.persons.consent import consents
from shoal.persons.contacts import LOOKED_AT, Contacts, contacts
from shoal.persons.members import ASIDE, MEMBERS, Audiences
from shoal.persons.platforms import phone_of
from shoal.text.nouns import noun_of, speaking_of
from shoal.text.options import option
from shoal.types import CUSTOMER, Sample, Segmentation


def audience(
    model: str | Path,
    customers: Any,
    *,
    out: str | Path,
    segment: int | Sequence[int] | None = None,
    hold_out: float = 0.0,
    format: str = "csv",
    keep: str = "all",
    country: str | None = None,
    consent: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    id: str | None = None,
    seed: int = 0,
    memory: str | int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    **reading: Any,
) -> dict[str, Any]:
    """Write a file a segment of whom to write to: the customers placed by a saved model.

    Consent is respected where columns speak of it (opt-in, newsletter, Einwilligung … and their
    contrary, unsubscribed …): what is not known counts as no. `members.csv` says who is in which
    file and who is held out, `set_aside.csv` who is in none, with the reason.

    Args:
        model: the path of a model.json.
        customers: a table with the columns that formed the segments, as `segment` takes it.
        out: a folder for the files.
        segment: numbers of segments; all of them when left out.
        hold_out: the share (0 .. 0.9) of each audience that is not to be written to, so that it can
            be told what a campaign did. Who it is depends on the id and the seed alone, whatever
            the order of the rows: in csv the column `is_holdout` says it, a platform's file leaves
            them out.
        format: "csv" (cells as they are), "google" or "meta" (their headers, e-mail addresses and
            telephone numbers written in one way, SHA-256).
        keep: of csv, "all" columns of the table, or those of "contact" alone.
        country: of telephone numbers that do not say theirs, such as "DE".
        consent, email, phone: the columns, where they are not found by themselves.
        id, memory, threads, progress, reading: as in `segment`.
        seed: another one holds others out.

    Returns:
        How many rows were read, in the audiences, in other segments and set aside with which
        reason; each audience's file and size; findings. Rows read are the sum of the others.

    Raises:
        InputError: there is no model, the table lacks a column that it needs, or holds no
            addresses for a platform.
        OptionError: an option is wrong, or does not fit.
        OutputError: the files could not be written.

    >>> shoal.audience("results/model.json", "customers.csv", segment=2, hold_out=0.1,
    ...                out="autumn")                                     # doctest: +SKIP
    """
    given = dict(locals())  # all arguments by their names
    check_names(audience, reading, ReadingOptions)
    segmentation, about = load(model)
    asked = audience_options(segmentation.ids, given)
    folder = as_path(out)
    files = _files(asked)
    spare([*local_files(customers), model], [folder / file for file in files.values()])
    key = id or segmentation.id_column
    options = options_of(memory=memory, threads=threads, **reading | {"id": key})
    noun = noun_of(str(about.get("noun"))) or CUSTOMER
    with limited(options.resources), speaking_of(noun):
        opened = _opened(customers, options.reading)
        keyed = with_key(segmentation, opened, id)
        table = with_made_columns(opened, segmentation)
        return _written(table, keyed, asked, folder, files, progress)


def _opened(customers: Any, reading: ReadingOptions) -> Table:
    table = open_table(customers, reading)
    if not table.engine.here:
        raise OptionError("An audience is written on this machine: leave the engine out.")
    return table


def _files(asked: AudienceOptions) -> dict[int, str]:
    """The name of each segment's file."""
    end = "" if asked.format == "csv" else f"-{asked.format}"
    return {number: f"audience-{number}{end}.csv" for number in asked.segments}


def _written(
    table: Table,
    model: Segmentation,
    asked: AudienceOptions,
    out: Path,
    files: Mapping[int, str],
    progress: Progress | None,
) -> dict[str, Any]:
    made = _begun(table, model, asked)
    _, placing, notes = place_all(table, model, progress)
    with staged(out, [*files.values(), MEMBERS, ASIDE]) as folder:
        made.write(customer_batches(table, lambda: None, model), folder, files)
        write_beside(folder / MEMBERS, model)
    read = int(placing.sizes.sum()) + placing.aside
    paths = {number: str(out / name) for number, name in files.items()}
    told = made.told(read, placing.aside, notes, paths)
    return {"model_id": model_id(model)} | told | {"out": str(out)}


def _begun(table: Table, model: Segmentation, asked: AudienceOptions) -> Audiences:
    """What is known before the first row is written. Raises where nobody could be reached."""
    profile, sample = describe(table)
    reach = contacts(profile, sample, asked.email, asked.phone)
    if asked.consent is not None and asked.consent not in table.schema.names:
        raise no_such_column(option("consent"), asked.consent, table.name, table.schema.names)
    if asked.format != "csv":
        _check_platform(table.name, asked, reach, sample)
    if asked.hold_out and model.id_column is None:
        raise OptionError(
            f"{option('hold_out')} needs ids, to hold the same out next time: name the column with "
            f"{option('id', 'COLUMN')}."
        )
    spoken = consents(profile.columns, asked.consent, tuple(reach.found.values()))
    beside = names_beside(table.schema, model.id_column)
    if model.id_column is not None:
        beside[model.id_column] = key_name(model.id_column)
    return Audiences(model, asked, reach, spoken, beside)


def _check_platform(name: str, asked: AudienceOptions, reach: Contacts, sample: Sample) -> None:
    """Raise where a platform could find nobody."""
    if not reach.reach:
        raise InputError(
            f"{name} has no column of e-mail addresses or telephone numbers, which "
            f"{asked.format} needs. If there is one, name it: {option('email', 'COLUMN')}."
        )
    if reach.email is not None or asked.country or reach.country:
        return
    cells = sample.rows[reach.phone].drop_null().slice(0, LOOKED_AT).to_pylist()
    if not any(phone_of(str(cell), "") for cell in cells):
        raise OptionError(
            f'The telephone numbers of "{reach.phone}" do not say their country, which '
            f"{asked.format} needs. Say it: {option('country', 'DE')}."
        )
