"""The rows of audiences: who belongs into which file, who is set aside, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pyarrow as pa
import pyarrow.csv

from shoal.findings import finding
from shoal.options.audience import AudienceOptions
from shoal.output.holdout import is_held_out, keys_of
from shoal.output.labels import harmless
from shoal.persons.consent import Channel, Consent, allowed
from shoal.persons.contacts import Contacts, has_a_number
from shoal.persons.platforms import LEAST, ROWS, Reached, countries, email_of, headers, phone_of
from shoal.types import Finding, Segmentation
from shoal.types.plain_json import as_json

MEMBERS = "members.csv"  # who is in which file, and who is held out
ASIDE = "set_aside.csv"
NO_CONSENT = "no consent"
NO_CONTACT = "no e-mail address and no telephone number"
NO_ID = "no id, so that nobody can tell who is held out"
HELD_OUT = "held out"
LABELS = 6  # columns in front of the table's own
PLATFORMS = {"google": "Google Ads", "meta": "Meta"}
UNREAD = {"email": "e-mail address", "phone": "telephone number"}


@dataclass(frozen=True)
class _Row:
    """One customer of an audience."""

    key: str
    who: Reached
    may: tuple[bool, bool]  # be written to, be called
    held_out: bool
    reason: str  # why they are set aside; "": they are not

    @property
    def is_member(self) -> bool:
        """Whether they are of the audience, in its file or held out of it."""
        return self.reason in ("", HELD_OUT)


@dataclass
class Audiences:
    """The files of audiences, and what was counted on the way."""

    model: Segmentation
    asked: AudienceOptions
    reach: Contacts
    consents: tuple[Consent, ...]
    beside: Mapping[str, str]  # what each column of the table is called beside the labels
    sizes: Counter[int] = field(default_factory=Counter)  # rows of each file
    held_out: Counter[int] = field(default_factory=Counter)
    shared: Counter[int] = field(default_factory=Counter)
    aside: Counter[str] = field(default_factory=Counter)  # by reason
    unread: Counter[str] = field(default_factory=Counter)
    _met: dict[int, set[str]] = field(default_factory=dict)

    # --- writing

    def write(
        self, batches: Iterator[pa.RecordBatch], folder: Path, files: Mapping[int, str]
    ) -> None:
        """Write all files, row by row."""
        first = next(batches)
        key = first.schema.field(0)
        text = pa.string()
        members = {key.name: key.type, "segment": pa.int16(), "is_holdout": pa.bool_()}
        members |= {} if self._plain else {"email": text, "phone": text}
        others = {key.name: key.type, "segment": pa.int16(), "reason": text}
        with ExitStack() as stack:
            opened = partial(self._opened, stack, folder)
            book, aside = opened(MEMBERS, pa.schema(members)), opened(ASIDE, pa.schema(others))
            schema = self._schema(first.schema)
            each = {number: opened(file, schema) for number, file in files.items()}
            for batch in chain([first], batches):
                self._add(batch, each, book, aside)

    @property
    def _plain(self) -> bool:
        """Whether cells stay as they are."""
        return self.asked.format == "csv"

    def _opened(self, stack: ExitStack, folder: Path, name: str, schema: pa.Schema) -> Any:
        return stack.enter_context(pyarrow.csv.CSVWriter(folder / name, schema))

    def _schema(self, labelled: pa.Schema) -> pa.Schema:
        if not self._plain:
            return pa.schema([(name, pa.string()) for name in headers(self.asked.format)])
        own = [labelled.field(name) for name in self._kept(labelled)]
        flag = [pa.field("is_holdout", pa.bool_())]
        return pa.schema([*(labelled.field(at) for at in range(3)), *flag, *own])

    def _kept(self, labelled: pa.Schema) -> list[str]:
        """The table's own columns that are written."""
        own: list[str] = labelled.names[LABELS:]
        if self.asked.keep == "all":
            return own
        kept = {self.beside[column] for column in self.reach.found.values()}
        return [name for name in own if name in kept]

    def _add(self, batch: pa.RecordBatch, files: Mapping[int, Any], book: Any, others: Any) -> None:
        segment = np.asarray(batch.column("segment").fill_null(0))
        for number, file in files.items():
            rows = batch.filter(pa.array(segment == number))
            if not rows.num_rows:
                continue
            judged = self._judged(rows, number)
            reasons = pa.array([row.reason for row in judged])
            out = pa.array([row.reason == "" for row in judged])
            aside = pa.array([row.reason != "" for row in judged])
            key, numbers = rows.column(0), rows.column(1)
            left = [key, numbers, reasons]
            others.write_batch(pa.RecordBatch.from_arrays(left, _aside_names(rows)).filter(aside))
            written = [row for row in judged if not row.reason]
            file.write_batch(self._file_rows(rows.filter(out), written))
            in_book = pa.array([row.is_member for row in judged])
            known = [row for row in judged if row.is_member]
            book.write_batch(self._book_rows(rows.filter(in_book), known))

    def _file_rows(self, rows: pa.RecordBatch, written: Sequence[_Row]) -> pa.RecordBatch:
        """The rows of a segment's file."""
        if not self._plain:
            made = [ROWS[self.asked.format](row.who) for row in written]
            names = headers(self.asked.format)
            cells = [pa.array([row[name] or None for row in made], pa.string()) for name in names]
            return pa.RecordBatch.from_arrays(cells, names=list(names))
        own = [self._own_cells(rows, name, written) for name in self._kept(rows.schema)]
        flag = pa.array([row.held_out for row in written], pa.bool_())
        named = [*rows.schema.names[:3], "is_holdout", *self._kept(rows.schema)]
        columns = [*rows.columns[:3], flag, *own]
        return harmless(pa.RecordBatch.from_arrays(columns, names=named), ("name",))

    def _own_cells(self, rows: pa.RecordBatch, name: str, written: Sequence[_Row]) -> pa.Array:
        """A column as it is; an address without consent is left out."""
        cells = rows.column(name)
        for at, column in enumerate((self.reach.email, self.reach.phone)):
            if column is not None and self.beside[column] == name:
                may = [row.may[at] for row in written]
                kept = zip(cells.to_pylist(), may, strict=True)
                return pa.array([cell if ok else None for cell, ok in kept], cells.type)
        return cells

    def _book_rows(self, rows: pa.RecordBatch, known: Sequence[_Row]) -> pa.RecordBatch:
        """Who is in which file: of a platform's with what tells the line."""
        flag = pa.array([row.held_out for row in known], pa.bool_())
        columns = [rows.column(0), rows.column(1), flag]
        names = [rows.schema.names[0], "segment", "is_holdout"]
        if not self._plain:
            made = [ROWS[self.asked.format](row.who) for row in known]
            for name, header in zip(("email", "phone"), headers(self.asked.format), strict=False):
                lines = zip(made, known, strict=True)
                cells = [None if row.held_out else line[header] or None for line, row in lines]
                columns.append(pa.array(cells, pa.string()))
                names.append(name)
        return pa.RecordBatch.from_arrays(columns, names=names)

    # --- judging

    def _judged(self, rows: pa.RecordBatch, number: int) -> list[_Row]:
        """What becomes of each customer of a segment."""
        cells = {n: keys_of(rows.column(c)) for n, c in self._columns().items()}
        own = {c: rows.column(called) for c, called in self.beside.items()}
        spoken = [c for c in own if any(c == each.column for each in self.consents)]
        asked = pa.RecordBatch.from_arrays(
            [rows.column(0), *(own[c] for c in spoken)], names=["", *spoken]
        )
        may = zip(*(allowed(asked, self.consents, c) for c in get_args(Channel)), strict=True)
        keys = keys_of(rows.column(0))
        every = zip(keys, may, *cells.values(), strict=True)
        found = [
            self._row(key, ok, dict(zip(cells, texts, strict=True))) for key, ok, *texts in every
        ]
        self._count(found, number)
        return found

    def _columns(self) -> dict[str, str]:
        """What each contact column is called beside the labels."""
        return {what: self.beside[column] for what, column in self.reach.found.items()}

    def _row(self, key: str, may: tuple[bool, bool], cells: dict[str, str]) -> _Row:
        who = self._reached(cells, may)
        held_out = bool(key) and is_held_out(key, self.asked.hold_out, self.asked.seed)
        return _Row(key, who, may, held_out, self._reason(key, who, may, held_out))

    def _reached(self, cells: dict[str, str], may: tuple[bool, bool]) -> Reached:
        """How somebody can be reached, as far as they agreed."""
        email = email_of(cells.get("email", ""))
        country = "" if self._plain else self._country(cells.get("country", ""))
        phone = self._phone(cells.get("phone", ""), country)
        if cells.get("email", "").strip() and not email:
            self.unread["email"] += 1
        more = {what: cells.get(what, "") for what in ("first_name", "last_name", "city", "zip")}
        reached = (email if may[0] else "", phone if may[1] else "")
        return Reached(*reached, **more, country=country)

    def _country(self, cell: str) -> str:
        found = cell.strip().upper()
        return found if found in countries() else self.asked.country

    def _phone(self, cell: str, country: str) -> str:
        if not cell.strip():
            return ""
        if self._plain:
            return cell if has_a_number(cell) else ""
        phone = phone_of(cell, country)
        if not phone:
            self.unread["phone" if country or cell.strip().startswith("+") else "country"] += 1
        return phone

    def _reason(self, key: str, who: Reached, may: tuple[bool, bool], held_out: bool) -> str:
        """Why somebody is in no file; "" where they are."""
        if not any(may):
            return NO_CONSENT
        if self.reach.reach and not (who.email or who.phone):
            return NO_CONTACT
        if self.asked.hold_out and not key:
            return NO_ID
        return HELD_OUT if held_out and not self._plain else ""

    # --- telling

    def _count(self, found: Sequence[_Row], number: int) -> None:
        met = self._met.setdefault(number, set())
        for row in found:
            self.held_out[number] += row.held_out and row.is_member
            if row.reason:
                self.aside[row.reason] += 1
                continue
            self.sizes[number] += 1
            self.shared[number] += row.who.email in met
            met.update({row.who.email} - {""})

    def told(
        self, read: int, not_placed: int, notes: Sequence[Finding], paths: Mapping[int, str]
    ) -> dict[str, Any]:
        """What is told of it, as plain JSON types."""
        inside = sum(self.sizes.values()) + sum(self.aside.values())
        reasons = dict(self.aside.most_common())
        if not_placed:
            reasons["no segment: no value in the columns that form them"] = not_placed
        return {
            "rows_read": read,
            "rows_written": sum(self.sizes.values()),
            "rows_in_other_segments": read - not_placed - inside,
            "rows_set_aside": sum(reasons.values()),
            "reasons": reasons,
            "audiences": [self._audience(number, path) for number, path in paths.items()],
            "contacts": self.reach.found,
            "consent": [consent.column for consent in self.consents],
            "findings": as_json([*notes, *self._findings()]),
        }

    def _audience(self, number: int, path: str) -> dict[str, Any]:
        return {
            "segment": number,
            "name": self.model.names[self.model.ids.index(number)],
            "size": self.sizes[number],
            "held_out": self.held_out[number],
            "file": path,
        }

    def _findings(self) -> Iterator[Finding]:
        names = tuple(consent.column for consent in self.consents)
        if names:
            yield finding("consent-respected", names[0], columns=names)
        else:
            yield finding("no-consent-column")
        if not self.reach.reach:
            yield finding("no-contact-column")
        for what, said in UNREAD.items():
            column = getattr(self.reach, what)
            if self.unread[what]:
                about: dict[str, Any] = {"cells": self.unread[what], "what": said}
                yield finding("unreadable-contacts", column, **about)
        if self.unread["country"]:
            numbers = self.unread["country"]
            yield finding("telephone-without-country", self.reach.phone, numbers=numbers)
        yield from self._of_sizes()

    def _of_sizes(self) -> Iterator[Finding]:
        for number in self.asked.segments:
            people, least = self.sizes[number], LEAST.get(self.asked.format, 0)
            if people < least:
                about: dict[str, Any] = {"people": people, "least": least}
                about["platform"] = PLATFORMS[self.asked.format]
                yield finding("small-audience", segment=number, **about)
            if self.shared[number]:
                rows = self.shared[number]
                yield finding("shared-contacts", self.reach.email, rows=rows, segment=number)


def _aside_names(rows: pa.RecordBatch) -> list[str]:
    """The columns of who was set aside."""
    return [rows.schema.names[0], "segment", "reason"]
