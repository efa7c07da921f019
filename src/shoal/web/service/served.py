"""One model and all that is answered from it: a request takes one, and keeps to it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec

import shoal
from shoal import InputError, Model
from shoal.web.service.answers import FROM_ABOUT, Column, ModelFacts, Segment, Segments
from shoal.web.service.columns import example_customers
from shoal.web.service.customers import Columns, Customers, customers_of
from shoal.web.service.options import Service
from shoal.web.service.problems import ProblemError


class Read(NamedTuple):
    """The customers of a body, as they were checked."""

    columns: Columns
    ids: Sequence[str | int | float | None]


class Placement(NamedTuple):
    """An answer, and what is counted of it."""

    content: bytes
    customers: int
    segments: Mapping[int | None, int]
    unlike: int


Rows = Sequence[Mapping[str, Any]]  # some of those of a `Placed`


@dataclass(frozen=True, eq=False)  # one is itself, whatever it holds
class Served:
    """A model, what reads customers for it, and the answers about it."""

    model: Model
    file: str  # the SHA-256 of what the file held: it changes with a name, which the id does not
    customers: Customers
    segments: bytes
    facts: bytes

    @property
    def id(self) -> str:
        """The model's id, as the files of its labels tell it."""
        return self.model.id

    def place(self, body: bytes) -> Placement:
        """Place the customers of a body.

        Raises ProblemError where they cannot be placed as sent.
        """
        return self.placed(self.read(body))

    def read(self, body: bytes) -> Read:
        """The customers of a body. Raises ProblemError where it is not what the schema says."""
        columns, column = self.customers.read(body), self.customers.wanted.id
        if column is not None:
            return Read(columns, columns.pop(column))
        return Read(columns, [None] * len(next(iter(columns.values()))))

    def placed(self, read: Read) -> Placement:
        """Place customers. Raises ProblemError where they cannot be placed as they are."""
        rows = self.rows(read.columns)
        return self.answer(read, rows, [_told(finding) for finding in rows.findings])

    def rows(self, columns: Columns) -> Any:
        """Where customers belong. Raises ProblemError where they cannot be placed as they are."""
        try:
            return self.model.place(columns)
        except InputError as error:
            raise ProblemError("customers", str(error)) from None

    def answer(self, read: Read, rows: Rows, findings: list[Any]) -> Placement:
        """What is answered about customers, their places, and what is odd about them."""
        told = [
            {
                "id": key,
                "segment": row["segment"],
                "name": row["name"] or None,
                "runner_up": row["runner_up"] or None,
                "margin": row["margin"],
                "unlike_anyone": row["unlike_anyone"],
            }
            for key, row in zip(read.ids, rows, strict=True)
        ]
        body = {"model_id": self.id, "customers": told, "findings": findings}
        unlike = sum(map(itemgetter("unlike_anyone"), rows))
        segments = Counter(map(itemgetter("segment"), rows))
        return Placement(msgspec.json.encode(body), len(told), segments, unlike)


def _told(finding: Any) -> dict[str, Any]:
    """A finding, as `shoal assign` tells it."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "column": finding.column,
        "message": finding.message,
    }


def served(content: bytes, service: Service) -> Served:
    """What a model file holds, ready to answer. Raises InputError where it is no model."""
    model = shoal.load(content)
    digest = hashlib.sha256(content).hexdigest()
    customers = customers_of(model, service.max_customers)
    columns = customers.wanted.columns.values()
    model.place(example_customers(columns))  # what it needs is loaded before anybody waits
    return Served(
        model=model,
        file=digest,
        customers=customers,
        segments=_segments(model).model_dump_json().encode(),
        facts=_facts(model, digest, customers, service).model_dump_json().encode(),
    )


def _segments(model: Model) -> Segments:
    segmentation = model.segmentation
    told = list(model.about.get("segments", ()))
    told += [{}] * (model.k - len(told))
    rows = zip(segmentation.ids, segmentation.names, segmentation.sizes, told, strict=False)
    everybody = max(segmentation.rows, 1)
    found = [
        Segment(id=number, name=name, size=size, share=size / everybody, **_known(about))
        for number, name, size, about in rows
    ]
    return Segments(model_id=model.id, segments=found)


def _known(about: Mapping[str, Any]) -> dict[str, Any]:
    """What a model file notes for people, as far as it is of its kind."""
    return {
        name: about[name] if isinstance(about.get(name), kind) else None
        for name, kind in FROM_ABOUT.items()
    }


def _facts(model: Model, digest: str, customers: Customers, service: Service) -> ModelFacts:
    segmentation = model.segmentation
    columns = [
        Column(name=c.name, kind=c.kind, words=list(c.words))
        for c in customers.wanted.columns.values()
    ]
    structure = model.about.get("structure")
    return ModelFacts(
        model_id=model.id,
        file=service.model.name,
        file_sha256=digest,
        loaded=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        k=model.k,
        rows=segmentation.rows,
        id_column=segmentation.id_column,
        columns=columns,
        made_of={made.name: list(made.columns) for made in segmentation.made},
        kind_of_groups=structure if isinstance(structure, str) else None,
        expected_unlike=segmentation.far_rate,
        shoal=shoal.__version__,
    )
