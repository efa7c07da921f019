"""Customers who are told apart by all that a person can be told by, and a search for them in texts."""

from __future__ import annotations

import base64
import html
import re

import numpy as np
import pandas as pd

GIVEN = [
    "Annika",
    "Bjørn",
    "Chloé",
    "Dolores",
    "Émile",
    "Fátima",
    "Giulia",
    "Heinrich",
    "Ingrid",
    "Joost",
]
FAMILY = [
    "Ackermann",
    "Bijlsma",
    "Carvalho",
    "Dubois",
    "Esposito",
    "Grünwald",
    "Iglesias",
    "Kowalska",
    "Lefèvre",
    "Núñez",
]
ROWS = 240


def people() -> pd.DataFrame:
    """Customers in three groups, told apart by all that a person can be told by."""
    rng = np.random.default_rng(3)
    at = np.arange(ROWS)
    first = [GIVEN[i % 10] for i in at]
    last = [FAMILY[(i * 7 + i // 10) % 10] for i in at]
    groups = at % 3
    spent = np.round(np.array([10, 40, 80])[groups] + rng.normal(0, 1, ROWS), 2)
    return pd.DataFrame(
        {
            "E-Mail": [
                f"{f}.{s}{i}@beispiel.example".lower()
                for i, f, s in zip(at, first, last, strict=True)
            ],
            "Name": [f"{f} {s}" for f, s in zip(first, last, strict=True)],
            "Vorname": first,
            "apellidos": last,
            "Telefon": [f"+49 30 {5550100 + i}" for i in at],
            "téléphone": 15550100000 + at * 7,  # a number
            "Straße": [f"Lindenallee {i + 101}" for i in at],
            "dirección": [f"Calle Mayor {i + 101}, 28013 Madrid" for i in at],
            "indirizzo": [f"Via Garibaldi {i + 101}" for i in at],
            "Bemerkung": [
                f"bitte an {f}@privat.example, sonst 0171-{4440000 + i}" if i % 3 else ""
                for i, f in zip(at, first, strict=True)
            ],
            "referred_by": np.where(at % 5 < 3, "petra.vogel@werber.example", "web"),
            "betreuer": np.array(["Sabine Wagenknecht", "Oliver Trautmann"])[at % 2],
            "hotline": np.where(at % 4, "+49 800 1234567", "+49 800 7654321"),
            "made by": "Werner Kunzmann",  # the same for all
            "plan": np.array(["basic", "plus"])[rng.integers(0, 2, ROWS)],
            "spent": spent,
            "visits": np.round(spent / 4 + rng.normal(0, 0.3, ROWS)).astype(int),
        }
    )


def private_words() -> set[str]:
    """All that must not be met, cell by cell, and the parts of it that could be cut out."""
    table = people()
    told = table.drop(columns=["plan", "spent", "visits"])
    cells = {str(cell) for name in told for cell in told[name] if cell not in ("", "web")}
    return cells | {f"{f}@privat.example" for f in GIVEN} | {*GIVEN, *FAMILY}


PRIVATE = private_words()
# A word counts where no letter or digit stands beside it: "Joost" is no part of another word.
MET = re.compile(
    r"(?<!\w)(?:" + "|".join(map(re.escape, sorted(PRIVATE, key=len)[::-1])) + r")(?!\w)"
)


def met(text: str) -> set[str]:
    """The private words that stand in a text, escapes of HTML and JSON undone, pictures unpacked."""
    pictures = (base64.b64decode(m) for m in re.findall(r"base64,([A-Za-z0-9+/=]+)", text))
    every = [text, html.unescape(text), *(p.decode("utf-8", "replace") for p in pictures)]
    every.append(re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), text))
    return {word for part in every for word in MET.findall(part)}
