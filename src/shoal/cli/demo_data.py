"""A generated sample with the columns of the well-known mall table.

No row of it is a real customer.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

STATEMENT = "This sample is generated (seed 7): its 400 customers do not exist."
SEED = 7

# share of customers, then mean and spread of income (k$) and spending score (1-100), mean age
_PLANTED = (
    (0.36, (56, 8), (50, 7), 43),
    (0.20, (88, 10), (82, 8), 33),
    (0.18, (90, 11), (18, 8), 42),
    (0.14, (27, 7), (20, 8), 46),
    (0.12, (26, 6), (79, 8), 26),
)


def rows(customers: int = 400, seed: int = SEED) -> list[tuple[int, str, int, int, int]]:
    """Generated customers in random order.

    Of each (CustomerID, Gender, Age, Annual Income (k$), Spending Score (1-100)).

    >>> len(rows()), rows() == rows()
    (400, True)
    """
    rng = np.random.default_rng(seed)
    group = rng.choice(len(_PLANTED), customers, p=[g[0] for g in _PLANTED])
    found = []
    for number, at in enumerate(group, start=1):
        _, income, score, age = _PLANTED[at]
        found.append(
            (
                number,
                "Female" if rng.random() < 0.56 else "Male",
                int(np.clip(rng.normal(age, 9), 18, 80)),
                int(np.clip(rng.normal(*income), 8, 160)),
                int(np.clip(rng.normal(*score), 1, 100)),
            )
        )
    return found


def write(path: Path) -> Path:
    """Write the sample as a CSV file."""
    lines = ["CustomerID,Gender,Age,Annual Income (k$),Spending Score (1-100)"]
    lines += [",".join(map(str, row)) for row in rows()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
