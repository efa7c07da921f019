"""The body of a request: one customer or many, checked to the letter before anybody is placed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NotRequired

import typing_extensions
from pydantic import ConfigDict, FailFast, Field, TypeAdapter, ValidationError

from shoal import Model
from shoal.web.service.columns import LARGEST, Asked, asked_of, example_customers
from shoal.web.service.wrong import Record, Wanted

_STRICT = Field(strict=True)
_TYPES: dict[str, Any] = {
    "number": Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-LARGEST, le=LARGEST)],
    "flag": Annotated[float, Field(strict=True, ge=0, le=1)] | Annotated[bool, _STRICT],
    "date": Annotated[dt.date, _STRICT],
}
# To JSON 2.0 is a whole number; numbers of more than 64 bits would not come back as they were.
_WHOLE = Field(strict=True, ge=-(2**63), le=2**63 - 1)
_ID = Annotated[str, _STRICT] | Annotated[int, _WHOLE] | Annotated[float, _WHOLE]


@dataclass(frozen=True)
class Customers:
    """Reads customers as one model needs them."""

    wanted: Wanted
    one: TypeAdapter[Any]
    many: TypeAdapter[Any]

    def read(self, body: bytes) -> list[Record]:
        """The customers of a body: an object is one, an array many.

        Raises ProblemError where it is no JSON, or not what the schema says.
        """
        single = body.lstrip()[:1] != b"["
        adapter, depth = (self.one, 1) if single else (self.many, 2)
        try:
            found = adapter.validate_json(body)
        except ValidationError as error:
            raise self.wanted.problem(error, depth) from None
        records = [found] if single else found
        self.wanted.check(records, depth)
        return records

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
    return Customers(wanted, TypeAdapter(typed), TypeAdapter(listed))


def _type_of(column: Asked) -> Any:
    """What may stand in a column, beside null: of words only those that the model knows."""
    if column.words:
        literal: Any = Literal
        return literal[column.words]
    return _TYPES[column.kind]
