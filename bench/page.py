"""The page under load.

    python bench/page.py million [--table TABLE.csv]  # upload, look, find, memory, others, stop
    python bench/page.py flakes [--times 20]          # the tests in a browser, while others work

`million` drives `shoal app` as browsers do: one session sends a table of a million rows (made by
`bench/large.py --make 1e6 TABLE.csv --csv`, or that of --table) and has its segments found; another
asks for its own pages all the time. Then runs are stopped at moments all over their way.
"""

from __future__ import annotations

import argparse
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[1]
STOPS = (0.2, 1.0, 2.5, 5.0, 8.0, 12.0)  # seconds into a run


class Visitor:
    """A session, as a browser without a script has it."""

    def __init__(self, at: str) -> None:
        self.client = httpx.Client(base_url=at, timeout=600)
        page = self.client.get("/").text
        self.token = re.findall(r'name="token" value="(\w+)"', page)[0]

    def post(self, path: str, **fields: str) -> str:
        """Where the browser is sent."""
        sent = self.client.post(path, data={"token": self.token} | fields)
        assert sent.status_code == 303, sent.text
        return str(sent.headers["location"])

    def send(self, table: Path) -> str:
        with table.open("rb") as file:
            given = {"token": self.token, "kind": "file"}
            sent = self.client.post("/start", data=given, files={"file": (table.name, file)})
        assert sent.status_code == 303, sent.text
        return str(sent.headers["location"])

    def wait(self, where: str) -> str:
        """Until nothing is done any more; the screen that shows what came of it."""
        while where.endswith("/progress"):
            time.sleep(0.1)
            where = self.client.get(where).headers.get("location", where)
        return where


@contextmanager
def served() -> Iterator[tuple[str, int]]:
    """`shoal app` in a process of its own: its address and number."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "shoal", "app", "--no-browser", "--port", str(port)]
    process = subprocess.Popen([*command, "--max-upload", "2GB"])
    at = f"http://localhost:{port}"
    try:
        while True:
            try:
                httpx.get(at)
                break
            except httpx.ConnectError:
                time.sleep(0.1)
        yield at, process.pid
    finally:
        process.terminate()
        process.wait()


class Watch(threading.Thread):
    """The memory of a process and its children, and how long others wait for their pages."""

    def __init__(self, process: int, ask: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self.process, self.ask = process, ask
        self.memory = {"server": 0, "children": 0}
        self.waits: list[float] = []
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.is_set():
            begun = time.monotonic()
            self.ask()
            self.waits.append(time.monotonic() - begun)
            children = Path(f"/proc/{self.process}/task/{self.process}/children").read_text()
            held = sum(resident(int(child)) for child in children.split())
            self.memory["server"] = max(self.memory["server"], resident(self.process))
            self.memory["children"] = max(self.memory["children"], held)
            time.sleep(0.05)


def resident(process: int) -> int:
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def timed(what: str, work: Callable[[], str]) -> str:
    begun = time.monotonic()
    made = work()
    print(f"{what}: {time.monotonic() - begun:.2f} s", flush=True)
    return made


def million(table: Path) -> None:
    with served() as (at, process):
        other = Visitor(at)
        sample = other.wait(other.post("/start", kind="sample")).removesuffix("/columns")
        other.wait(other.post(f"{sample}/columns", then="find"))
        watch = Watch(process, lambda: asked(other, ["/", f"{sample}/segments"]))
        watch.start()
        one = Visitor(at)
        where = timed("upload", lambda: one.send(table))
        here = timed("look", lambda: one.wait(where)).removesuffix("/columns")
        timed("find", lambda: one.wait(one.post(f"{here}/columns", then="find")))
        timed("rename", lambda: one.post(f"{here}/segments/1", name="Renamed"))
        timed(
            "customers.csv", lambda: str(len(one.client.get(f"{here}/take/customers.csv").content))
        )
        for seconds in STOPS:
            stopped(one, here, seconds)
        watch.over.set()
        watch.join()
        print(f"pages of another session: at most {max(watch.waits):.3f} s of {len(watch.waits)}")
        print({name: f"{held / 1e6:.0f} MB" for name, held in watch.memory.items()})
    command = [sys.executable, "-m", "shoal", "segment", str(table), "-q"]
    timed("command line", lambda: str(subprocess.run(command, capture_output=True).returncode))


def asked(visitor: Visitor, pages: list[str]) -> None:
    for page in pages:
        assert visitor.client.get(page).status_code == 200


def stopped(one: Visitor, here: str, seconds: float) -> None:
    """Begin a run, and stop it after so long."""
    one.post(f"{here}/columns", then="find")
    time.sleep(seconds)
    begun = time.monotonic()
    where = one.post(f"{here}/stop")
    print(
        f"stop after {seconds} s: {time.monotonic() - begun:.2f} s, then {where[-8:]}", flush=True
    )


def flakes(times: int) -> None:
    """The tests in a browser again and again, while two processes keep the machine busy."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    tests = [sys.executable, "-m", "pytest", "-q", "tests/web/page/test_page.py"]
    try:
        failed = 0
        for number in range(1, times + 1):
            ran = subprocess.run(tests, cwd=ROOT, capture_output=True, text=True)
            failed += ran.returncode != 0
            print(f"{number}: {ran.stdout.strip().splitlines()[-1]}", flush=True)
            if ran.returncode:
                print(ran.stdout[-3000:])
        print(f"{failed} of {times} rounds failed")
    finally:
        for process in busy:
            process.kill()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["million", "flakes"])
    parser.add_argument("--table", type=Path)
    parser.add_argument("--times", type=int, default=20)
    given = parser.parse_args()
    if given.what == "flakes":
        flakes(given.times)
        return
    with tempfile.TemporaryDirectory() as folder:
        table = given.table or Path(folder) / "million.csv"
        if given.table is None:
            maker = [sys.executable, str(ROOT / "bench" / "large.py"), "--make", "1e6"]
            subprocess.run([*maker, str(table), "--csv"], check=True)
        million(table)


if __name__ == "__main__":
    main()
