"""What `shoal serve` bears: load, one large batch, and a model that is replaced meanwhile.

`python bench/service.py [SECONDS]`. Clients are processes of their own, over real connections.

1. SECONDS (60) of single customers from 32 connections, beside a bare FastAPI route that returns a
   constant, in turns of a few seconds each, so that both meet the same machine: requests a second,
   50 % and 99 % of the times, errors.
2. 100,000 customers in one request, beside `shoal.assign` of the same rows as a CSV file.
3. The model file is replaced 100 times under load: every answer must be of one model alone.
4. Cases that schemathesis makes of the OpenAPI document: no fault, nothing undocumented.

Prints a table, and exits with 1 when a bar is missed.
"""

from __future__ import annotations

import asyncio
import csv
import http.client
import json
import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import shoal

CONNECTIONS, TURNS, BATCH, SWAPS, CASES = 32, 6, 100_000, 100, 600
HEADERS = {"Content-Type": "application/json"}
BARE = """
import uvicorn, fastapi
app = fastapi.FastAPI()
@app.post("/v1/assign")
async def constant(): return {"segment": 1}
uvicorn.run(app, port=%d, http="h11", log_level="error", access_log=False)
"""


class Load(NamedTuple):
    """What came of some seconds of requests."""

    answers: int
    seconds: float
    times: list[float]  # of each answer, in seconds
    wrong: Counter[str]


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        rows = write_table(home / "customers.csv")
        model = shoal.segment(home / "customers.csv", k=5).save(home / "model.json")
        rows = [{n: r[n] for n in shoal.load(model).segmentation.recipe.columns} for r in rows]
        print(f"| {'what':44} | {'shoal serve':>24} | {'beside it':>24} | {'bar':>12} | kept |")
        print("|---|---|---|---|---|")
        kept = [singles(model, rows[0], seconds), batch(home, model, rows), swaps(home, rows[0])]
        kept.append(cases(model))
    sys.exit(0 if all(kept) else 1)


def write_table(path: Path) -> list[dict[str, float]]:
    """100,000 customers in five groups, by seven columns of numbers."""
    import random

    chance = random.Random(0)
    names = ["income", "spent", "visits", "age_of_account", "returns", "basket", "recency"]
    rows = [
        {n: round(chance.gauss(10 + 9 * ((row + i) % 5), 2), 2) for i, n in enumerate(names)}
        for row in range(BATCH)
    ]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)
    return rows


@contextmanager
def served(model: Path) -> Iterator[int]:
    """The port of a service of its own process."""
    command = [sys.executable, "-m", "shoal.cli.main", "serve", str(model), "--port", "0"]
    log = model.with_name("serve.log")
    with log.open("w") as written:
        process = subprocess.Popen(command, stderr=written)
    while "listening" not in log.read_text():
        time.sleep(0.1)
    told = json.loads(log.read_text().splitlines()[-1])
    try:
        yield int(told["address"].rpartition(":")[2])
    finally:
        process.terminate()
        assert process.wait(60) == 0, "it did not end well"


@contextmanager
def bare(port: int = 18_765) -> Iterator[int]:
    """The port of a route that returns a constant."""
    process = subprocess.Popen([sys.executable, "-c", BARE % port])
    for _ in range(200):
        time.sleep(0.1)
        try:
            http.client.HTTPConnection("127.0.0.1", port).connect()
            break
        except OSError:
            continue
    try:
        yield port
    finally:
        process.kill()
        process.wait()


def load(port: int, body: bytes, seconds: float) -> Load:
    """Requests from another process, one after the other on each connection."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return Load(*pool.apply(ask_for, (port, body, seconds)))


def ask_for(port: int, body: bytes, seconds: float) -> tuple[int, float, list[float], Counter]:
    return asyncio.run(_ask_for(port, body, seconds))


async def _ask_for(port: int, body: bytes, seconds: float):
    asked = request(body)
    times: list[float] = []
    wrong: Counter[str] = Counter()
    end = time.perf_counter() + seconds

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (began := time.perf_counter()) < end:
            writer.write(asked)
            status, _ = await answer(reader)
            times.append(time.perf_counter() - began)
            if status != "200":
                wrong[status] += 1
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    return len(times), time.perf_counter() - began, times, wrong


def request(body: bytes) -> bytes:
    """A request to place customers."""
    lines = (
        "POST /v1/assign HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "",
        "",
    )
    return "\r\n".join(lines).encode() + body


async def answer(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    """An answer: its status and its content."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    return head.split(b" ", 2)[1].decode(), await reader.readexactly(length)


def singles(model: Path, customer: dict[str, float], seconds: float) -> bool:
    body = json.dumps(customer).encode()
    found: dict[str, list[Load]] = {"served": [], "bare": []}
    with served(model) as own, bare() as constant:
        for _ in range(TURNS):
            found["served"].append(load(own, body, seconds / TURNS))
            found["bare"].append(load(constant, body, seconds / TURNS / 2))
    rates = {
        n: sum(x.answers for x in loads) / sum(x.seconds for x in loads)
        for n, loads in found.items()
    }
    wrong = sum((each.wrong for each in found["served"]), Counter())
    share = rates["served"] / rates["bare"]
    show(
        f"single customers a second, {seconds:g} s",
        f"{rates['served']:,.0f}",
        f"{rates['bare']:,.0f} (a constant)",
        "half",
        share >= 0.5,
    )
    for at in (50, 99):
        cuts = {n: quantile([t for x in loads for t in x.times], at) for n, loads in found.items()}
        show(f"{at} % are answered within", f"{cuts['served']:.1f} ms", f"{cuts['bare']:.1f} ms")
    show("errors", str(dict(wrong) or 0), "", "none", not wrong)
    return share >= 0.5 and not wrong


def quantile(times: list[float], at: int) -> float:
    return 1000 * statistics.quantiles(times, n=100)[at - 1]


def batch(home: Path, model: Path, rows: list[dict[str, float]]) -> bool:
    body = json.dumps(rows).encode()
    times: dict[str, list[float]] = {"served": [], "assign": []}
    with served(model) as port:
        for _ in range(4):
            began = time.perf_counter()
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("POST", "/v1/assign", body, HEADERS)
            content = connection.getresponse().read()
            times["served"].append(time.perf_counter() - began)
            began = time.perf_counter()
            shoal.assign(model, home / "customers.csv", out=home / "labels.csv", keep="id")
            times["assign"].append(time.perf_counter() - began)
    own, other = min(times["served"]), min(times["assign"])
    with (home / "labels.csv").open(newline="") as file:
        wanted = [int(line["segment"]) for line in csv.DictReader(file)]
    same = [each["segment"] for each in json.loads(content)["customers"]] == wanted
    size = f"{len(body) / 1e6:.0f} MB"
    kept = other / own >= 0.5
    show(
        f"{BATCH:,} in one request ({size})",
        f"{own:.2f} s",
        f"{other:.2f} s (assign)",
        "half",
        kept,
    )
    show("its segments are those of assign", str(same), "", "all", same)
    return kept and same


def swaps(home: Path, customer: dict[str, float]) -> bool:
    """Two models whose names tell which of them an answer is from."""
    letters = {}
    base = shoal.load(home / "model.json")
    for letter in "ab":
        names = {number: f"{letter}{number}" for number in range(1, base.k + 1)}
        model = base.renamed(names)
        farther = replace(model.segmentation, far=model.segmentation.far + ord(letter))
        model = replace(model, segmentation=farther)  # names alone would leave the id as it was
        model.save(home / f"{letter}.json")
        letters[model.id] = letter
    file = home / "served.json"
    shutil.copy(home / "a.json", file)
    with served(file) as port, multiprocessing.get_context("spawn").Pool(1) as pool:
        seconds = SWAPS * 0.6 + 2
        found = pool.apply_async(watch, (port, json.dumps(customer).encode(), seconds, letters))
        for turn in range(SWAPS):
            time.sleep(0.6)
            shutil.copy(home / f"{'ba'[turn % 2]}.json", home / "next.json")
            os.replace(home / "next.json", file)
        answers, mixed, changes, wrong = found.get()
    kept = not mixed and not wrong and changes >= SWAPS * 0.9
    told = f"{mixed} mixed, {sum(wrong.values())} errors"
    show(
        f"{answers:,} answers over {SWAPS} replacements",
        told,
        f"{changes} changes seen",
        "none",
        kept,
    )
    return kept


def watch(port: int, body: bytes, seconds: float, letters: dict[str, str]):
    return asyncio.run(_watch(port, body, seconds, letters))


async def _watch(port: int, body: bytes, seconds: float, letters: dict[str, str]):
    asked = request(body)
    end = time.perf_counter() + seconds
    seen: list[tuple[float, str]] = []
    mixed, wrong = 0, Counter()

    async def connection() -> None:
        nonlocal mixed
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < end:
            writer.write(asked)
            status, content = await answer(reader)
            if status != "200":
                wrong[status] += 1
                continue
            told = json.loads(content)
            letter, [placed] = letters[told["model_id"]], told["customers"]
            mixed += placed["name"][0] != letter or placed["runner_up"][0] != letter
            seen.append((time.perf_counter(), letter))
        writer.close()

    await asyncio.gather(*(connection() for _ in range(8)))
    order = [letter for _, letter in sorted(seen)]
    changes = sum(a != b for a, b in pairwise(order))
    return len(seen), mixed, changes, wrong


def cases(model: Path) -> bool:
    """Schemathesis in this process: right and wrong requests of every operation."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    command = [sys.executable, "-c", CONTRACT, str(model), str(CASES)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[1])
    kept = done.returncode == 0
    told = done.stdout.strip() if kept else "failed"
    show("cases of schemathesis", told, "", "no fault", kept)
    if not kept:
        print(done.stdout[-2000:], done.stderr[-3000:], file=sys.stderr)
    return kept


CONTRACT = """
import logging, sys
from pathlib import Path
sys.path[:0] = ["tests", "tests/web/service"]
logging.disable()
import schemathesis
import service_kit
from test_contract import try_all
from shoal.web.service import App, checked
sent = 0
for study in (service_kit.odd_study(), None):
    path = Path(sys.argv[1])
    if study is not None:
        path = study.save(path.with_name("odd.json"))
    app = App(checked(path, environment={}, max_customers=50, allow_host={"testserver"}))
    document = schemathesis.openapi.from_asgi("/openapi.json", app)
    sent += try_all(document, int(sys.argv[2]))
print(f"{sent:,} cases")
"""


def show(what: str, own: str, other: str = "", bar: str = "", kept: bool | None = None) -> None:
    told = {True: "yes", False: "NO", None: ""}[kept]
    print(f"| {what:44} | {own:>24} | {other:>24} | {bar:>12} | {told:4} |", flush=True)


if __name__ == "__main__":
    main()
