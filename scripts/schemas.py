"""Write docs/schemas: the JSON Schema of everything that is promised, one file a version."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import shoal
from shoal.output.contracts import CONTRACTS

TARGET = Path(__file__).parents[1] / "docs" / "schemas"


def schemas() -> dict[str, str]:
    """The files by their names."""
    return {
        f"{name}-{contract.version}.json": json.dumps(shoal.schema(name), indent=1) + "\n"
        for name, contract in CONTRACTS.items()
    }


if __name__ == "__main__":
    TARGET.mkdir(exist_ok=True)
    for name, text in schemas().items():
        (TARGET / name).write_text(text, encoding="utf-8")
    sys.exit(0)
