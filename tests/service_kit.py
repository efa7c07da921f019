"""What tests of the service share: models of odd tables, and requests without a network."""

from __future__ import annotations

import asyncio
import functools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import shoal

ODD = 'Plan "Ü" </script> ~/{}'  # letters that mean something in JSON, HTML, paths and pointers
JSON = {"content-type": "application/json"}


@functools.cache
def odd_table() -> pd.DataFrame:
    """90 customers in three groups, with words, a flag, a date, and a column of odd letters."""
    chance = np.random.default_rng(3)
    group = np.repeat([0, 1, 2], 30)
    last = pd.Timestamp("2024-06-30") - pd.to_timedelta(
        group * 100 + chance.integers(1, 20, 90), "D"
    )
    return pd.DataFrame(
        {
            "customer": [f"00{i}" for i in range(90)],
            "spent": (10.0 ** (group + 1) * chance.uniform(0.9, 1.1, 90)).round(2),
            ODD: np.array(["basic", "plus", "premium"])[group],
            "newsletter": np.where(group == 1, "yes", "no"),
            "active": (group > 0).astype(int),
            "last_purchase": last,
        }
    )


@functools.cache
def odd_study() -> shoal.Study:
    """Its segments, formed on all of them."""
    days = "days since last purchase"
    by = ["spent", ODD, "newsletter", "active", days]
    return shoal.segment(odd_table(), id="customer", by=by, k=3, date="2024-07-01")


@functools.cache
def plain_study() -> shoal.Study:
    """Segments of two numbers, without ids."""
    spent, visits = np.random.default_rng(0).normal(np.repeat([10, 50, 90], 30), 2, (2, 90))
    table = pd.DataFrame({"spent": spent, "visits": visits})
    return shoal.segment(table, by=["spent", "visits"], k=3)


def model_file(folder: Path, study: shoal.Study, name: str = "model.json") -> Path:
    return study.save(folder / name)


def customer(**changed: Any) -> dict[str, Any]:
    """A customer of the odd table, with other values in some columns."""
    own = {
        "spent": 12.5,
        ODD: "basic",
        "newsletter": "no",
        "active": 0,
        "last_purchase": "2024-06-20",
    }
    return own | changed


def ask(app: Any, method: str, path: str, body: bytes = b"", **more: Any) -> tuple[int, Any, dict]:
    """Status, content and headers of an answer, by one request to an ASGI application."""
    return asyncio.run(send(app, method, path, body, **more))


async def send(
    app: Any,
    method: str,
    path: str,
    body: bytes | list[bytes] = b"",
    headers: dict[str, str] | None = None,
    pause: float = 0.0,
) -> tuple[int, Any, dict]:
    """The same within an event loop; parts of a body come with a pause between them."""
    path, _, query = path.partition("?")
    told = {"host": "127.0.0.1"} | (headers or {})
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(k.lower().encode(), v.encode()) for k, v in told.items()],
        "client": ("127.0.0.1", 5),
        "server": ("127.0.0.1", 8000),
    }
    parts = [body] if isinstance(body, bytes) else list(body)
    sent: list[dict] = []

    async def receive() -> dict:
        if len(parts) < 1:
            await asyncio.sleep(60)
        await asyncio.sleep(pause)
        part = parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def answer(message: dict) -> None:
        sent.append(message)

    await app(scope, receive, answer)
    content = b"".join(m.get("body", b"") for m in sent[1:])
    given = {k.decode(): v.decode() for k, v in sent[0]["headers"]}
    is_json = "json" in given["content-type"]
    return sent[0]["status"], json.loads(content) if is_json else content.decode(), given
