"""What leaves the repository: the sdist takes all of it, the image what it copies.

`make package` builds the archives and tries them.
"""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
ALWAYS = {".gitignore", "pyproject.toml"}
"""What hatchling puts into an sdist by itself."""


@pytest.fixture(scope="module")
def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def included(pyproject: dict[str, Any]) -> list[str]:
    return pyproject["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]


def test_the_sdist_has_everything_of_the_repository_and_nothing_else(included: list[str]) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a clone: there is no list of files to compare with")
    files = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    names = {file.split("/")[0] for file in files if file}
    assert {pattern.removeprefix("/") for pattern in included} == names - ALWAYS


def test_each_line_of_the_sdist_is_one_place_that_is_there(included: list[str]) -> None:
    for pattern in included:
        # Without the slash it would mean every folder of that name, at any depth.
        assert pattern.startswith("/") and (ROOT / pattern[1:]).exists(), pattern


def test_the_metadata_name_each_version_of_python_that_may_install_it(pyproject: dict[str, Any]) -> None:
    project = pyproject["project"]
    low, high = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", project["requires-python"]).groups()  # type: ignore[union-attr]
    prefix = "Programming Language :: Python :: "
    named = {line.removeprefix(prefix) for line in project["classifiers"] if line.startswith(prefix)}
    assert named == {"3 :: Only"} | {f"3.{minor}" for minor in range(int(low), int(high))}


def test_the_metadata_are_complete(pyproject: dict[str, Any]) -> None:
    project = pyproject["project"]
    assert {
        "description",
        "readme",
        "license",
        "license-files",
        "authors",
        "keywords",
        "urls",
    } <= project.keys()
    assert all((ROOT / file).is_file() for file in project["license-files"])
    assert "Typing :: Typed" in project["classifiers"] and (ROOT / "gaupt" / "py.typed").is_file()


def test_each_package_that_we_name_is_pinned_for_the_tests(pyproject: dict[str, Any]) -> None:
    extras = pyproject["project"]["optional-dependencies"]
    pinned = {
        line.split("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    }
    names = {re.split(r"[>=[]", line)[0] for lines in extras.values() for line in lines}
    names |= {re.split(r"[>=[]", line)[0] for line in pyproject["project"]["dependencies"]}
    assert names <= pinned


def test_the_image_copies_what_is_there_and_not_ignored() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    sources = {
        source for line in re.findall(r"^COPY (.*)$", dockerfile, re.M) for source in line.split()[:-1]
    }
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert sources == {line[1:] for line in ignored if line.startswith("!")}
    assert {"pyproject.toml", "gaupt", "data"} <= sources
    assert all((ROOT / source).exists() for source in sources)


def test_the_image_runs_as_an_ordinary_user() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert "USER gaupt" in lines
    assert not [
        line for line in lines[lines.index("USER gaupt") :] if line.startswith(("RUN", "COPY", "USER root"))
    ]
