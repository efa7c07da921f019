"""What is built and installed: the wheel, the sdist, and how a package index shows the project."""

from __future__ import annotations

import email
import json
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

import shoal
from shoal.cli import demo_data

ROOT = Path(__file__).parents[1]
PACKAGE = Path(shoal.__file__).parent


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that is built from the sdist."""
    folder = tmp_path_factory.mktemp("built")
    hatch = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run([*hatch, "-t", "sdist"], cwd=ROOT, check=True, capture_output=True)
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    inside = next(p for p in folder.iterdir() if p.is_dir())
    subprocess.run([*hatch, "-t", "wheel"], cwd=inside, check=True, capture_output=True)
    return folder


def test_the_wheel_holds_every_file_of_the_package(built: Path) -> None:
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        held = {name for name in wheel.namelist() if ".dist-info/" not in name}
        told = email.message_from_bytes(
            wheel.read(next(n for n in wheel.namelist() if n.endswith("/METADATA")))
        )
    own = {p.relative_to(PACKAGE.parent).as_posix() for p in PACKAGE.rglob("*") if p.is_file()}
    assert held == {name for name in own if "__pycache__" not in name}
    page = str(told.get_payload())
    assert page.startswith("# shoal\n")
    assert "pip install shoal" in page
    links = re.findall(r"\]\(([^)]*)\)", page)
    assert [link for link in links if not link.startswith(("https://", "http://"))] == []
    assert "![" not in page
    assert told["License-Expression"] == "MIT"
    assert told["Requires-Python"] == ">=3.11"


def test_what_was_built_runs_where_it_is_installed(built: Path, tmp_path: Path) -> None:
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index"]
    wheel, target = str(next(built.glob("*.whl"))), tmp_path / "site"
    subprocess.run([*install, "--target", str(target), wheel], check=True, capture_output=True)
    sample = demo_data.write(tmp_path / "customers.csv")
    found = subprocess.run(
        [str(target / "bin" / "shoal"), "segment", str(sample), "--k", "5", "--json"],
        env={"PYTHONPATH": str(target), "PATH": "", "HOME": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout)["k"] == 5


def test_the_files_of_the_package_agree_on_its_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    cited = (ROOT / "CITATION.cff").read_text("utf-8")
    assert project["version"] == shoal.__version__
    assert f"\nversion: {shoal.__version__}\n" in cited
    for file in ("SECURITY.md", "CODE_OF_CONDUCT.md", "LICENSE"):
        assert (ROOT / file).exists()
