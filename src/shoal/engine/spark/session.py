"""A Spark session that keeps the terminal clean, and Spark's errors in plain words."""

from __future__ import annotations

import os
import re
import socket
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from shoal.engine.table import BATCH_ROWS
from shoal.errors import InputError, OptionError, ShoalError
from shoal.text.options import option

INSTALL = (
    "Spark needs more than shoal itself. "
    'Install it with: pip install "shoal[spark]" (and Java 17 or newer).'
)
_JAVA = (
    "Spark did not start: it needs Java 17 or newer, found on the PATH or by JAVA_HOME. "
    "Install it, such as with `apt install openjdk-17-jre-headless` or `brew install openjdk@17`."
)
_WORKERS = (
    "The workers of Spark cannot import shoal. Install it where they run (pip install shoal), "
    "or send an environment along: docs/spark.md shows how."
)

# Rows travel by Arrow and never through the pandas that Spark does not know yet.
warnings.filterwarnings(
    "ignore", message=".*PySpark does not yet fully support pandas", category=FutureWarning
)


def session_of(engine: str) -> Any:
    """The active session, or a new one on the master that `engine` names.

    "spark" leaves the master to Spark's settings. Raises InputError where pyspark or Java is
    missing or the master does not answer, OptionError for an engine that is none.
    """
    if engine != "spark" and not engine.startswith("spark://"):
        raise OptionError(
            f"{option('engine', engine)} is unknown. "
            "Known: spark, or the address of its master, such as spark://host:7077."
        )
    try:
        session = _running()
    except ImportError:
        raise InputError(INSTALL) from None
    if session is None:
        _answering(engine)
        session = _started(None if engine == "spark" else engine)
    elif engine not in ("spark", session.conf.get("spark.master", engine)):
        running = session.conf.get("spark.master", "")
        raise OptionError(
            f"{option('engine', engine)}, but a session on {running} is running in this process. "
            "Stop it first: spark.stop()."
        )
    return session


def _running() -> Any:
    """The session of this process, None where there is none."""
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    active = SparkSession.getActiveSession()  # of this thread
    return (
        SparkSession.builder.getOrCreate()
        if active is None and SparkContext._active_spark_context
        else active
    )


def _answering(engine: str) -> None:
    """Raise InputError where no master listens; Spark itself would try for minutes."""
    masters = engine.removeprefix("spark://").split(",") if engine != "spark" else []
    for host, _, port in (master.rpartition(":") for master in masters):
        with suppress(OSError, ValueError), socket.create_connection((host, int(port)), timeout=5):
            return
    if masters:
        raise InputError(
            f"No Spark master answers at {engine}. "
            "Is it running, and is this the address that its log names?"
        )


def _started(master: str | None) -> Any:
    """A new session.

    What Java has to say goes into a file that vanishes, and its end into the message when it fails.
    """
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkException
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    with tempfile.TemporaryFile() as log:
        try:
            gateway = launch_gateway(popen_kwargs={"stderr": log, "stdout": log})
        except (PySparkException, OSError):
            log.seek(0)
            raise InputError(f"{_JAVA}{_last_words(log.read())}") from None
        try:
            conf = (
                SparkConf(_jvm=gateway.jvm)
                .setAppName("shoal")
                .set("spark.ui.showConsoleProgress", "false")
            )
            SparkContext(conf=conf.setMaster(master) if master else conf, gateway=gateway)
            return SparkSession.builder.getOrCreate()
        except Exception as error:
            log.seek(0)
            where = master or "the master of Spark's own settings"
            said = _last_words(log.read()) or f" It said: {str(error).strip()[:300]}"
            raise InputError(f"Spark did not start on {where}.{said}") from None


def _last_words(log: bytes) -> str:
    lines = [line.strip() for line in log.decode(errors="replace").splitlines()]
    telling = [
        line
        for line in lines
        if re.search(r"error|exception|not found|refused|unable", line, re.IGNORECASE)
    ]
    return f" It said: {telling[-1][:300]}" if telling else ""


@contextmanager
def plain_words(name: str) -> Iterator[None]:
    """Turns Spark's own errors into one sentence."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        raise _said(str(error), name) from error


def _said(text: str, name: str) -> ShoalError:
    if re.search(r"No module named '(shoal|numpy|pyarrow|scipy|threadpoolctl)", text):
        return InputError(_WORKERS)
    if "PYTHON_VERSION_MISMATCH" in text:
        return InputError(
            "Driver and workers of Spark run different Pythons. "
            "Set PYSPARK_PYTHON to the same version for both."
        )
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    causes = [
        line for line in lines if re.match(r"(Caused by: )?[\w.]*(Error|Exception)\b.*: ", line)
    ] or lines
    return InputError(
        f"Spark could not go through {name}: {causes[-1][:300] if causes else text[:300]}"
    )


@contextmanager
def settings(session: Any) -> Iterator[None]:
    """Large batches for workers, and names told apart by case, while this lasts.

    The session's settings are put back.
    """
    wanted = {
        "spark.sql.execution.arrow.maxRecordsPerBatch": str(BATCH_ROWS),
        "spark.sql.caseSensitive": "true",
    }
    before = {key: session.conf.get(key) for key in wanted}
    try:
        for key, value in wanted.items():
            session.conf.set(key, value)
        yield
    finally:
        for key, value in before.items():
            session.conf.set(key, value)
