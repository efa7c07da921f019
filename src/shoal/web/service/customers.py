"""The body of a request: one customer or many, checked to the letter before anybody is placed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated, Any, Literal, NotRequired

import msgspec
import typing_extensions
from msgspec.structs import astuple
from pydantic import ConfigDict, FailFast, Field, TypeAdapter, ValidationError

from shoal import Model
from shoal.web.service.columns import LARGEST, Asked, asked_of, example_customers
from shoal.web.service.wrong import Wanted

_STRICT = Field(strict=True)
_TYPES: dict[str, Any] = {
    "number": Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-LARGEST, le=LARGEST)],
    "flag": Annotated[float, Field(strict=True, ge=0, le=1)] | Annotated[bool, _STRICT],
    "date": Annotated[dt.date, _STRICT],
}
# To JSON 2.0 is a whole number; numbers of more than 64 bits would not come back as they were.
_WHOLE = Field(strict=True, ge=-(2**63), le=2**63 - 1)
_ID = Annotated[str, _STRICT] | Annotated[int, _WHOLE] | Annotated[float, _WHOLE]
_QUICK_TYPES: dict[str, Any] = {
    "number": Annotated[float, msgspec.Meta(ge=-LARGEST, le=LARGEST)],
    "flag": Annotated[float, msgspec.Meta(ge=0, le=1)] | bool,
    "date": dt.date,
}
_QUICK_WHOLE = msgspec.Meta(ge=-(2**63), le=2**63 - 1)
_QUICK_ID = str | Annotated[int, _QUICK_WHOLE]  # of other ids the schema says what they are
Columns = dict[str, list[Any]]  # one value a customer each


class Quick:
    """Reads what is right, several times faster; what is wrong is told by the schema."""

    def __init__(self, wanted: Wanted) -> None:
        """Raises ValueError where a name needs an escape in JSON."""
        own = [
            (f"c{at}", _quick_type(column) | None, msgspec.field(name=name))
            for at, (name, column) in enumerate(wanted.columns.items())
        ]
        if wanted.id is not None:
            own.append(("id", _QUICK_ID | None, msgspec.field(default=None, name=wanted.id)))
        typed: Any = msgspec.defstruct("Customer", own, forbid_unknown_fields=True, gc=False)
        self._names = wanted.names
        fields = [field for field, *_ in own]
        self._values = dict(zip(self._names, map(attrgetter, fields), strict=True))
        most = msgspec.Meta(min_length=1, max_length=wanted.most)
        lists: Any = list
        self._one = msgspec.json.Decoder(typed)
        self._many = msgspec.json.Decoder(Annotated[lists[typed], most])

    def read(self, body: bytes, single: bool) -> Columns | None:
        """The columns of the customers of a body; None where anything is wrong."""
        try:
            if single:
                one = astuple(self._one.decode(body))
                return {name: [value] for name, value in zip(self._names, one, strict=True)}
            found = self._many.decode(body)
        except (msgspec.MsgspecError, ValueError, RecursionError):  # no JSON, or not of its type
            return None
        return {name: list(map(of, found)) for name, of in self._values.items()}


@dataclass(frozen=True)
class Customers:
    """Reads customers as one model needs them."""

    wanted: Wanted
    one: TypeAdapter[Any]
    many: TypeAdapter[Any]
    quick: Quick | None  # None: some name stands otherwise in JSON than it is

    def read(self, body: bytes) -> Columns:
        """The columns of the customers of a body: an object is one customer, an array many.

        Raises ProblemError where it is no JSON, or not what the schema says.
        """
        single = body[:1] != b"[" and body.lstrip()[:1] != b"["
        found = self.quick.read(body, single) if self.quick else None
        return found or self._told_apart(body, single)

    def _told_apart(self, body: bytes, single: bool) -> Columns:
        """The same, slowly, with all that is wrong."""
        adapter, depth = (self.one, 1) if single else (self.many, 2)
        try:
            found = adapter.validate_json(body)
        except ValidationError as error:
            raise self.wanted.problem(error, depth) from None
        records = [found] if single else found
        self.wanted.check(records, depth)
        return {name: [r.get(name) for r in records] for name in self.wanted.names}

    def schemas(self) -> dict[str, Any]:
        """Customer and Customers as they stand among the schemas of an OpenAPI document."""
        made = self.one.json_schema() | {"additionalProperties": False}
        for name, column in self.wanted.columns.items():
            field = made["properties"][name]
            field |= {"title": name, "description": column.tells}
            if column.examples:
                field["examples"] = list(dict.fromkeys(column.examples))
        if self.wanted.id is not None:
            told = "What tells customers apart; it comes back as `id`."
            made["properties"][self.wanted.id] |= {"title": self.wanted.id, "description": told}
        made["description"] = "One customer: every column is there, null where it is not known."
        made["examples"] = example_customers(self.wanted.columns.values())
        many = {"title": "Customers", "type": "array", "minItems": 1, "maxItems": self.wanted.most}
        return {
            "Customer": made,
            "Customers": many | {"items": {"$ref": "#/components/schemas/Customer"}},
        }


def customers_of(model: Model, most: int) -> Customers:
    """What reads customers for a model, at most so many at once."""
    wanted = Wanted({c.name: c for c in asked_of(model)}, model.segmentation.id_column, most)
    own = {name: _type_of(column) | None for name, column in wanted.columns.items()}
    if wanted.id is not None:
        own[wanted.id] = NotRequired[_ID | None]
    make: Any = typing_extensions.TypedDict  # types that are known at run time only
    typed = make("Customer", own)
    # Of other columns there may be any number: they are told apart later, and some of them told.
    typed.__pydantic_config__ = ConfigDict(extra="allow")
    lists: Any = list
    listed = Annotated[lists[typed], Field(min_length=1, max_length=most), FailFast()]
    try:
        quick = Quick(wanted)
    except ValueError:
        quick = None
    return Customers(wanted, TypeAdapter(typed), TypeAdapter(listed), quick)


def _quick_type(column: Asked) -> Any:
    """The same as `_type_of`, as msgspec knows it."""
    return _type_of(column) if column.words else _QUICK_TYPES[column.kind]


def _type_of(column: Asked) -> Any:
    """What may stand in a column, beside null: of words only those that the model knows."""
    if column.words:
        literal: Any = Literal
        return literal[column.words]
    return _TYPES[column.kind]
