"""run.json: what a folder of results keeps of the run that made it, to be put beside others."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shoal.engine.table import Table
from shoal.output.identity import model_id
from shoal.types import Facts
from shoal.types.plain_json import as_json

FORMAT = "shoal-run"
NAME = "run.json"


def run_record(facts: Facts, table: Table | None) -> dict[str, Any]:
    """Model, fingerprints of inputs, options, versions, segments, and what they follow."""
    model, succession = facts.segmentation, facts.succession
    rows = zip(facts.portraits, facts.trust.segments, model.colours, strict=False)
    return {
        "format": FORMAT,
        "schema_version": 1,
        "model_id": model_id(model),
        "previous_model_id": succession.model_before if succession else None,
        "table": facts.name,
        "inputs": _inputs(table),
        "rows_read": facts.rows_read,
        "rows_labelled": facts.rows_labelled,
        "rows_set_aside": facts.rows_set_aside,
        "value": facts.value,
        "structure": facts.choice.structure.value,
        "options": as_json(facts.options),
        "versions": dict(facts.versions),
        "segments": [
            {
                "id": portrait.segment,
                "name": portrait.name,
                "colour": colour,
                "size": portrait.size,
                "share": portrait.share,
                "value_sum": as_json(portrait.value_sum),
                "value_share": as_json(portrait.value_share),
                "found_again": as_json(trust.found_again),
                "verdict": trust.verdict,
            }
            for portrait, trust, colour in rows
        ],
        "refresh": None if succession is None else as_json(succession.to_json()),
    }


def _inputs(table: Table | None) -> list[dict[str, Any]]:
    """What told that the source was still what it was: of files their size and last change."""
    opened: Mapping[str, Any] = {} if table is None else table.fingerprint.opened
    return [_input(part.strip('"'), state) for part, state in opened.items()]


def _input(name: str, state: Any) -> dict[str, Any]:
    if isinstance(state, bytes):
        return {"name": name, "digest": state.hex()}
    if isinstance(state, tuple) and len(state) == 3:
        size, changed, _ = state
        when = dt.datetime.fromtimestamp(changed / 1e9, dt.UTC).isoformat(timespec="seconds")
        return {"name": Path(name).name, "bytes": size, "changed": when}
    return {"name": Path(name).name}


def write_run(facts: Facts, table: Table | None, path: Path) -> None:
    """Write the record."""
    text = json.dumps(run_record(facts, table), indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
