"""A process without pandas: PyArrow gets by without it, and everybody else can still have it."""

from __future__ import annotations

import subprocess
import sys

# Older Matplotlib calls pyparsing by names that a newer one warns of.
THEIRS = ("matplotlib._fontconfig_pattern", "matplotlib._mathtext", "pyparsing.util")


def run(code: str) -> str:
    strict = ["-W", "error"]
    for module in THEIRS:
        strict += ["-W", f"ignore::DeprecationWarning:{module}"]
    return subprocess.run(
        [sys.executable, *strict, "-c", code], capture_output=True, text=True, check=True
    ).stdout


def test_arrow_does_not_load_pandas_afterwards() -> None:
    code = (
        "import sys; from shoal.cli.lean import arrow_alone; arrow_alone()\n"
        "import numpy as np, pyarrow as pa, pyarrow.compute as pc\n"
        "pc.equal(pa.array(np.arange(3)), 1).to_numpy(zero_copy_only=False); pa.table({'a': [1]})\n"
        "print('pandas' in sys.modules)\n"
        "import pandas; print(pandas.DataFrame({'a': [1, 2]})['a'].sum())"
    )
    assert run(code).split() == ["False", "3"]


def test_where_pandas_is_loaded_nothing_is_taken_away() -> None:
    code = (
        "import pandas; from shoal.cli.lean import arrow_alone; arrow_alone()\n"
        "import pyarrow as pa; print(len(pa.table({'a': [1, 2]}).to_pandas()))"
    )
    assert run(code).split() == ["2"]


def test_the_command_line_loads_no_pandas(tmp_path: object) -> None:
    code = (
        "import sys; from shoal.cli.main import app, main\n"
        f"sys.argv = ['shoal', 'demo', '--out', {str(tmp_path) + '/out'!r}]\n"
        "print('code', main(), 'pandas' in sys.modules)"
    )
    assert run(code).strip().endswith("code 0 False")


def test_what_was_hidden_is_found_again() -> None:
    code = (
        "from shoal.cli.lean import without\n"
        "with without('wave'):\n"
        "    import colorsys\n"
        "    try: import wave\n"
        "    except ModuleNotFoundError as error: print(error)\n"
        "import wave; print(wave.__name__)"
    )
    assert run(code).split() == ["wave", "wave"]
