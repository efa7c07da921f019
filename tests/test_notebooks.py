"""The tutorial notebooks run from a clean kernel, and show pages and pictures."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from shoal.cli import demo_data

FOLDER = Path(__file__).parents[1] / "docs" / "notebooks"
PICTURES = {"mall": 3, "months": 2, "orders": 2}
PAGES = {
    "mall": ("five clearly separated", "natural"),
    "months": (
        "4 segments: 3 kept and 1 born",
        "40 are there no more, 120 are new",
        "2 runs, 4 segments",
    ),
    "orders": ("240 customers from 1,498",),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_notebook_runs_and_shows_what_it_speaks_of(name: str, tmp_path: Path) -> None:
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", 4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs for cell in code), "save it without outputs"
    shutil.copy(FOLDER / "mall.csv", tmp_path)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in code for output in cell.outputs]
    assert all(o.output_type in ("execute_result", "display_data") for o in outputs), "a warning"
    shown = [output["data"] for output in outputs]
    pictures = [base64.b64decode(each["image/png"]) for each in shown if "image/png" in each]
    assert len(pictures) == PICTURES[name]
    assert all(int.from_bytes(each[16:20], "big") > 600 for each in pictures)  # pixels across
    pages = "".join(each.get("text/html", "") for each in shown)
    assert all(words in pages for words in PAGES[name])


def test_there_is_a_test_of_every_notebook_and_its_sample_is_the_one_that_ships(
    tmp_path: Path,
) -> None:
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == set(PICTURES)
    demo_data.write(tmp_path / "mall.csv")
    assert (tmp_path / "mall.csv").read_bytes() == (FOLDER / "mall.csv").read_bytes()
