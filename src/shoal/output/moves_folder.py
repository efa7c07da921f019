"""The folder of moves, whole or not at all: report, workbook, table, figure."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from shoal.output.atomic import staged
from shoal.output.moves import rows, summary
from shoal.output.moves_report import write_report
from shoal.output.workbook.moves import write_moves
from shoal.types import MoveFacts

FILES = {
    "report": "moves.html",
    "workbook": "moves.xlsx",
    "table": "moves.csv",
    "figure": "moves.svg",
    "summary": "moves.json",
}


def write_folder(facts: MoveFacts, out: Path) -> dict[str, str]:
    """Write all of it. Returns what is where; raises OutputError, and leaves all as it was."""
    from shoal.output.figures.alluvial import alluvial
    from shoal.output.figures.style import svg

    with staged(out, list(FILES.values())) as folder:
        write_report(facts, folder / FILES["report"])
        write_moves(facts, folder / FILES["workbook"])
        (folder / FILES["figure"]).write_bytes(svg(alluvial(facts)))
        _write_table(facts, folder / FILES["table"])
        told = json.dumps(summary(facts), ensure_ascii=False, allow_nan=False, indent=1)
        (folder / FILES["summary"]).write_text(told + "\n", encoding="utf-8")
    return {what: str(out / name) for what, name in FILES.items()}


def _write_table(facts: MoveFacts, path: Path) -> None:
    """The flows as CSV; money to the last digit."""
    flows = rows(facts)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(flows[0]) if flows else [])
        writer.writeheader()
        writer.writerows(flows)
