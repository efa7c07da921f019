"""A standalone Spark cluster on loopback.

One master and two workers, from the pip-installed package.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# Processes that live for seconds: the thorough compiler would cost more than it saves.
QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
SETTINGS = f"""
spark.ui.enabled false
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
spark.driver.memory 512m
spark.executor.memory 512m
spark.cores.max 2
spark.sql.shuffle.partitions 4
spark.driver.extraJavaOptions {QUICK}
spark.executor.extraJavaOptions {QUICK}
"""


def java() -> bool:
    """Whether there is a Java that Spark can start."""
    home = os.environ.get("JAVA_HOME")
    return bool(shutil.which("java") or (home and Path(home, "bin/java").exists()))


class Cluster:
    """`url` names the master; workers can be killed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        master = self._start("master.Master", "--port", "0", "--webui-port", "0")
        self.url = self._said(master, r"Starting Spark master at (spark://\S+)")
        (self._folder / "spark-defaults.conf").write_text(f"spark.master {self.url}{SETTINGS}")
        for number in (1, 2):
            worker = self._start(
                "worker.Worker",
                "--port",
                "0",
                "--webui-port",
                "0",
                "--cores",
                "2",
                "--memory",
                "1200m",
                "--work-dir",
                str(self._folder / f"work{number}"),
                self.url,
            )
            self._said(worker, r"Successfully registered (with master)")

    @property
    def environment(self) -> dict[str, str]:
        """What a driver needs to know."""
        return {
            "SPARK_CONF_DIR": str(self._folder),
            "PYSPARK_PYTHON": sys.executable,
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_DAEMON_JAVA_OPTS": QUICK,
            "SPARK_LAUNCHER_OPTS": QUICK,
        }

    def _start(self, what: str, *options: str) -> int:
        import pyspark

        home = Path(pyspark.__file__).parent
        command = [
            str(home / "bin/spark-class"),
            f"org.apache.spark.deploy.{what}",
            "--host",
            "127.0.0.1",
            *options,
        ]
        env = (
            os.environ | self.environment | {"SPARK_HOME": str(home), "SPARK_DAEMON_MEMORY": "256m"}
        )
        number = len(self._running)
        with open(self._folder / f"{number}.log", "wb") as log:
            self._running.append(
                subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=env,
                    start_new_session=True,
                )
            )
        return number

    def _said(self, number: int, pattern: str) -> str:
        """What the log says, waited for."""
        log = self._folder / f"{number}.log"
        for _ in range(600):
            if found := re.search(pattern, log.read_text(errors="replace")):
                return found[1]
            if self._running[number].poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(log.read_text(errors="replace")[-2000:])

    def kill_worker(self) -> None:
        """Kill the last worker and its executor at once, without warning."""
        os.killpg(self._running[-1].pid, signal.SIGKILL)

    def stop(self) -> None:
        for each in self._running:
            with suppress(ProcessLookupError):
                os.killpg(each.pid, signal.SIGKILL)
            each.wait()


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """A cluster that is gone afterwards, whatever happens."""
    made = Cluster(folder)
    try:
        made.start()
        yield made
    finally:
        made.stop()
