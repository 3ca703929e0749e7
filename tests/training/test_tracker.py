"""Weights & Biases as one more view, with a package of our own in its place."""

import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gaupt.config import Config
from gaupt.errors import GauptError
from gaupt.progress import Progress
from gaupt.training.pretrain import plan, pretrain
from gaupt.training.tracker import check_tracker, tracking
from tests.training.runs import changed, set_up_run, train

QUIET = Progress(quiet=True)


class Package(SimpleNamespace):
    """What of wandb is used; it remembers what was asked of it."""

    class Error(Exception):
        pass

    Settings = staticmethod(lambda **values: values)

    def __init__(self, url: str | None = None) -> None:
        self.given: list[dict[str, Any]] = []
        self.logged: list[dict[str, float]] = []
        self.codes: list[int] = []
        self.axes: list[tuple[str, str]] = []
        self.url = url
        self.offline = url is None

    def init(self, **values: Any) -> "Package":
        self.given.append(values)
        return self

    def define_metric(self, name: str, step_metric: str) -> None:
        self.axes.append((name, step_metric))

    def log(self, values: dict[str, float]) -> None:
        self.logged.append(values)

    def finish(self, exit_code: int) -> None:
        self.codes.append(exit_code)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Package:
    package = Package()
    monkeypatch.setitem(sys.modules, "wandb", package)
    return package


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wandb", None)


@pytest.mark.usefixtures("missing")
@pytest.mark.parametrize("do", [plan, pretrain])
def test_without_the_package_a_run_is_refused_before_it_begins(
    do: Callable[..., object], tmp_path: Path, prepared: Path, tiny_config: Config
) -> None:
    with pytest.raises(GauptError, match=r"train\.wandb needs wandb: pip install wandb"):
        do(prepared, tmp_path / "run", changed(tiny_config, wandb="mine"))
    assert not (tmp_path / "run").exists()


def test_a_package_that_is_there_and_broken_is_told_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wandb.py").write_text("from google import nothing_of_this_name\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "wandb", raising=False)
    with pytest.raises(
        GauptError, match=r"wandb cannot be imported \(.*nothing_of_this_name.*pip install --upgrade"
    ):
        check_tracker("mine")


@pytest.mark.usefixtures("missing")
def test_who_names_no_project_needs_no_package(tmp_path: Path, prepared: Path, tiny_config: Config) -> None:
    check_tracker("")
    with tracking(set_up_run(tmp_path, prepared, tiny_config), QUIET) as log:
        log(1, {"loss": 2.0})


@pytest.mark.slow
@pytest.mark.option("train.wandb")
def test_a_project_gets_every_line_of_metrics(
    tmp_path: Path, prepared: Path, tiny_config: Config, installed: Package
) -> None:
    train(prepared, tmp_path / "run", changed(tiny_config, wandb="mine"))
    (given,) = installed.given
    assert (given["project"], given["name"], given["resume"]) == ("mine", "run", "allow")
    assert given["dir"] == str(tmp_path / "run")
    assert given["config"]["train"]["steps"] == 6
    assert installed.axes == [("*", "step")]
    assert [line["step"] for line in installed.logged if "loss" in line] == [2, 4, 6]
    assert [line["step"] for line in installed.logged if "eval_loss" in line] == [4, 6]
    assert installed.codes == [0]


def test_a_run_keeps_its_name_there(
    tmp_path: Path, prepared: Path, tiny_config: Config, installed: Package
) -> None:
    for folder in ("a", "a", "b"):
        (tmp_path / folder).mkdir(exist_ok=True)
        run = set_up_run(tmp_path / folder, prepared, changed(tiny_config, wandb="mine"))
        with tracking(run, QUIET):
            pass
    first, again, other = (given["id"] for given in installed.given)
    assert first == again != other


@pytest.mark.parametrize("error", [KeyboardInterrupt, GauptError, None])
def test_a_run_that_did_not_end_well_is_told_so(
    error: type[BaseException] | None,
    tmp_path: Path,
    prepared: Path,
    tiny_config: Config,
    installed: Package,
) -> None:
    run = set_up_run(tmp_path, prepared, changed(tiny_config, wandb="mine"))
    with pytest.raises(error) if error else nullcontext(), tracking(run, QUIET):
        if error:
            raise error
    assert installed.codes == [1 if error else 0]


def test_the_address_is_told(
    tmp_path: Path,
    prepared: Path,
    tiny_config: Config,
    installed: Package,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = set_up_run(tmp_path, prepared, changed(tiny_config, wandb="mine"))
    for url, said in ((None, ""), ("https://there/run", "wandb:     https://there/run\n")):
        installed.url, installed.offline = url, url is None
        with tracking(run, Progress()):
            assert capsys.readouterr().err == said


def test_what_the_package_does_not_take_is_one_line(
    tmp_path: Path, prepared: Path, tiny_config: Config, installed: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise installed.Error("No API key configured. Use `wandb login` to log in")

    monkeypatch.setattr(installed, "init", refuse, raising=False)
    run = set_up_run(tmp_path, prepared, changed(tiny_config, wandb="mine"))
    with (
        pytest.raises(
            GauptError, match=r"^train\.wandb: No API key configured; run wandb login, or set WANDB"
        ),
        tracking(run, QUIET),
    ):
        pass
