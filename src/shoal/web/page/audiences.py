"""One file a segment, to send to: the labelled customers, parted."""

from __future__ import annotations

import csv
import re
import zipfile
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from shoal import Study

LONGEST = 40  # letters of a segment's name in that of a file


def write(study: Study, goal: Path) -> None:
    """Write a ZIP with a CSV file for every segment; rows that were set aside are in none."""
    every = goal.with_name("customers.csv")
    if not every.exists():
        study.write_customers(every)
    with open(every, encoding="utf-8", newline="") as source:
        header = next(csv.reader(source))
    place = header.index("segment")
    new = goal.with_suffix(".new")
    with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as archive:
        for portrait in study.portraits:
            name = f"{portrait.segment}-{_slug(portrait.name)}.csv"
            with archive.open(name, "w", force_zip64=True) as inside:
                text = TextIOWrapper(inside, "utf-8", newline="")
                _part(every, place, str(portrait.segment), text)
                text.flush()
    new.replace(goal)


def _part(every: Path, place: int, segment: str, target: TextIO) -> None:
    with open(every, encoding="utf-8", newline="") as source:
        rows = csv.reader(source)
        written = csv.writer(target, lineterminator="\n")
        written.writerow(next(rows))
        written.writerows(row for row in rows if row[place] == segment)


def _slug(name: str) -> str:
    """A name as part of a file's.

    >>> _slug("High income, low spending!"), _slug("<b>")
    ('high-income-low-spending', 'b')
    """
    return re.sub(r"[^\w]+", "-", name.lower()).strip("-")[:LONGEST] or "segment"
