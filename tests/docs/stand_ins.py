"""What the test runs for each program that a page calls.

gaupt and Python are the real ones, in a fork, with the little less to do that `smaller` says. What a machine of tests
does not have (a package index, a cluster, Docker, Kubernetes, the time for benchmarks) is stood in for by a function
that checks what it is told as far as that can be known here, and goes on to run the gaupt inside.
"""

import argparse
import json
import multiprocessing
import os
import re
import runpy
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from unittest.mock import MagicMock

from gaupt.cli import main

ROOT = Path(__file__).resolve().parents[2]

# --- what is made smaller ---------------------------------------------------------------------------------------------

REPLACED = {
    ("--steps", "40000"): ("--steps", "8"),  # a run that is lengthened
    ("--sample", "5000"): ("--sample", "20"),
}
"""Words of a call that are others in its test; every other ``--steps`` is 2."""

KEPT = {"train.batch_tokens=96"}
"""Settings that are small, and are what a message is about."""

LEFT_OUT = {"bench": {"--full", "--compile"}}
"""Flags that are left out: all sizes of models take an hour, the compiler a minute."""

MODEL = ("model.num_layers=1", "model.hidden_size=32")
GAU = (*MODEL, "model.expanded_size=32", "model.key_size=16")
ROFORMER = (*MODEL, "model.num_heads=2", "model.feedforward_size=32")
TRAIN = (
    "shards.seq_len=32",
    "train.batch_tokens=64",
    "train.micro_batch_tokens=64",
    "train.eval_tokens=64",
    "train.warmup_steps=1",
)
EVALUATE = (
    "evaluate.epochs=1",
    "evaluate.seeds=1",
    "evaluate.min_updates=1",
    "evaluate.train_rows=16",
    "evaluate.probe_rows=16",
    "evaluate.max_length=64",
    "evaluate.stride=16",
    "evaluate.resamples=100",
    "evaluate.precision=float32",
)
BENCH = {"--layers": "1", "--length": "32", "--batch-tokens": "32", "--rounds": "1", "--precision": "float32"}
PEERS = (
    *("accelerate", "boilerpy3", "datatrove", "newspaper", "peft", "readability", "resiliparse"),
    *(
        "resiliparse.extract",
        "resiliparse.extract.html2text",
        "selectolax",
        "selectolax.lexbor",
        "transformers",
    ),
)
"""Packages that benchmarks compare with, which need not be here for their options to be read."""
RANKS = 2
"""Processes of torchrun, however many GPUs the page's machine has."""
ELSEWHERE = {"/shared/": "shared", "tcp://head:8786": "CLUSTER", "tcp://gaupt-scheduler:8786": "CLUSTER"}
"""Places of other machines, and where they are here."""


def smaller(words: Sequence[str]) -> list[str]:
    """The arguments of gaupt in the test of a page: those of the page, and what makes them take no time."""
    words = [*words]
    for place in range(len(words) - 1):
        pair = (words[place], words[place + 1])
        pair = REPLACED.get(pair, ("--steps", "2") if pair[0] == "--steps" else pair)
        words[place : place + 2] = pair
    command = words[0] if words else ""
    words = [_here(word) for word in words if word not in LEFT_OUT.get(command, ())]
    if command in ("clean", "prepare", "tokenizer", "shard", "demo"):
        return words + _unless(words, {"--workers": "1"}, ("--workers", "--engine", "--explain"))
    if command == "pretrain":
        sizes = ROFORMER if any("roformer" in word for word in words) else GAU
        if "--from" not in words:
            words += _settings(*(size for size in sizes if _key(size) not in str(words)))
        words += [] if {"--steps", "--hours"} & {*words} else _settings("train.steps=4")
        return words + _settings(*(each for each in TRAIN if _key(each) not in map(_key, KEPT & {*words})))
    if command == "evaluate":
        return words + _settings(*EVALUATE)
    if command == "bench":
        return [command, *_settled(words[1:], BENCH), "--only", "GAU-1"]
    return words


def _here(word: str) -> str:
    for there, here in ELSEWHERE.items():
        if word.startswith(there):
            return _cluster() if here == "CLUSTER" else str(_page() / here / word.removeprefix(there))
    return word


def _key(setting: str) -> str:
    return setting.split("=")[0]


def _settings(*options: str) -> list[str]:
    return [word for option in options for word in ("--set", option)]


def _unless(words: Sequence[str], options: dict[str, str], said: Sequence[str]) -> list[str]:
    return [] if {*words} & {*said} else [word for pair in options.items() for word in pair]


def _settled(words: Sequence[str], options: dict[str, str]) -> list[str]:
    """``words`` with the values of ``options``, whatever they had."""
    kept = [
        word for place, word in enumerate(words) if not {word, words[place - 1] if place else ""} & {*options}
    ]
    return kept + [word for pair in options.items() for word in pair]


# --- the real ones ----------------------------------------------------------------------------------------------------


def gaupt(words: list[str]) -> int:
    """gaupt itself. ``--install-completion`` is told the shell, which it would take from the processes above it."""
    if words == ["--install-completion"]:
        os.environ["_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION"] = "1"
        words = [*words, "bash"]
    if words[:1] == ["demo"]:
        words = [*words, *_settings(*GAU, *TRAIN, *EVALUATE, "train.steps=2")]
    if os.environ.get("RANK", "0") == "0":
        with open(os.environ["CALLS"], "a", encoding="utf-8") as calls:
            calls.write(json.dumps([os.environ["PAGE"], words]) + "\n")
    sys.argv = ["gaupt", *smaller(words)]
    sys.modules["__main__"].__package__ = None  # as in the installed program, which calls the same function
    main()
    return 0


def python(words: list[str]) -> int:
    """A script: one in ``benchmarks/`` as far as its options are read, each other one whole."""
    if words[:2] == ["-m", "venv"]:
        return _venv(Path(words[2]))
    script, *sys.argv[1:] = words
    sys.argv[0] = script
    sys.path[:0] = [str(Path(script).resolve().parent), str(ROOT), str(ROOT / "tests" / "docs" / "absent")]
    if script.startswith("benchmarks/"):
        argparse.ArgumentParser.parse_args = _only_parsed  # type: ignore[method-assign,assignment]
        sys.modules |= {name: MagicMock() for name in PEERS}
    runpy.run_path(script, run_name="__main__")
    return 0


def _only_parsed(parser: argparse.ArgumentParser, args: None = None) -> None:
    _, unknown = parser.parse_known_args(args)
    if unknown:
        parser.error(f"unknown: {unknown}")
    raise SystemExit(0)


def _venv(folder: Path, programs: Path | None = None) -> int:
    """An environment without Python or pip in it: what is called there is found on the PATH."""
    (folder / "bin").mkdir(parents=True, exist_ok=True)
    for program in programs.iterdir() if programs else ():
        if not (folder / "bin" / program.name).exists():
            (folder / "bin" / program.name).symlink_to(program)
    (folder / "bin" / "activate").touch()
    return 0


def torchrun(words: list[str]) -> int:
    """Two ranks on the CPU, as torchrun's own parser reads the call; its agent would start Python for each."""
    from torch.distributed.run import get_args_parser

    told = get_args_parser().parse_args(words)
    if told.module == told.no_python:
        raise SystemExit("torchrun: a module (-m), or a program (--no-python)")
    if told.training_script != "gaupt":
        raise SystemExit(f"torchrun: {told.training_script} is not gaupt")
    nodes = int(told.nnodes.split(":")[0])
    port = 20_000 + os.getpid() % 10_000
    processes = [os.fork() or os._exit(_rank(rank, nodes, port, told)) for rank in range(RANKS)]
    return max(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) for process in processes)


def _rank(rank: int, nodes: int, port: int, told: argparse.Namespace) -> int:
    here = RANKS // nodes
    places = {"WORLD_SIZE": RANKS, "LOCAL_WORLD_SIZE": here, "RANK": rank, "LOCAL_RANK": rank % here}
    os.environ.update({name: str(value) for name, value in places.items()})
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    try:
        return gaupt(told.training_script_args)
    except SystemExit as stop:
        return int(stop.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


# --- clusters: SLURM, Dask, Kubernetes --------------------------------------------------------------------------------

SLURM = {
    "SLURM_JOB_ID": "7",
    "SLURM_NNODES": "2",
    "SLURM_JOB_NODELIST": "node[1-2]",
    "SLURM_ARRAY_TASK_ID": "0",
    "SLURM_CPUS_PER_TASK": "1",
    "SLURM_SUBMIT_DIR": ".",
}
SBATCH = {
    *("--nodes", "--ntasks-per-node", "--gpus-per-node", "--cpus-per-task", "--time", "--signal"),
    *("--requeue", "--open-mode", "--array", "--mem", "--job-name", "--output", "--dependency", "--parsable"),
}
"""Options of sbatch that pages may use."""


def sbatch(words: list[str]) -> int:
    """Runs the job at once, here, with what SLURM would set; of an array the first task. Any mistake in it ends it."""
    first = next(place for place, word in enumerate(words) if not word.startswith("--"))
    options, job, arguments = words[:first], words[first], words[first + 1 :]
    text = Path(job).read_text(encoding="utf-8")
    assert text.startswith("#!/bin/bash\n"), f"{job}: sbatch wants a line #! first"
    for line in re.findall(r"^#SBATCH (.*)$", text, re.M):
        options += line.split(" #")[0].split()
    unknown = {option.split("=")[0] for option in options if option.startswith("--")} - SBATCH
    assert not unknown, f"sbatch: {unknown}"
    return subprocess.run(["bash", "-eu", job, *arguments], env=os.environ | SLURM).returncode


def srun(words: list[str]) -> int:
    """The job step: what it starts on each machine, once."""
    while words[0].startswith("--"):
        assert words[0].split("=")[0] in SBATCH, f"srun: {words[0]}"
        words = words[1:]
    return run(words)


def scontrol(words: list[str]) -> int:
    """The names of the machines; a job is put into the queue again by its number."""
    if words == ["show", "hostnames", SLURM["SLURM_JOB_NODELIST"]]:
        print("node1\nnode2")
    elif words != ["requeue", SLURM["SLURM_JOB_ID"]]:
        raise SystemExit(f"scontrol: {words}")
    return 0


def dask(words: list[str]) -> int:
    """The real scheduler and worker, left at work behind the page, on a port of this machine; see `_cluster`."""
    from distributed.cli.dask_scheduler import main as scheduler
    from distributed.cli.dask_worker import main as worker

    here = _page() / "scheduler.json"
    if words[0] == "scheduler":
        arguments = ["--port", "0", "--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(here)]
        _leave(lambda: scheduler([*words[1:], *arguments]))
        return 0
    assert words[:2] == ["worker", "tcp://head:8786"], words
    arguments = [word.replace("auto", "1") for word in words[2:]]
    _leave(lambda: worker([_cluster(), *arguments, "--no-dashboard", "--no-nanny"]))
    return 0


def _leave(program: Callable[[], object]) -> None:
    """Go on without ``program``, whose process the test ends with its page."""
    process = os.fork()
    if process == 0:
        log = os.open(_page() / "left.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(log, 1)
        os.dup2(log, 2)
        multiprocessing.process._children.clear()  # type: ignore[attr-defined]
        program()
        os._exit(0)
    with (_page() / "left.pid").open("a") as left:
        left.write(f"{process}\n")


def _cluster() -> str:
    """The address of the scheduler that the page has started."""
    for _ in range(300):
        try:
            return str(json.loads((_page() / "scheduler.json").read_text())["address"])
        except (OSError, ValueError):
            time.sleep(0.05)
    raise SystemExit("no dask scheduler was started")


def helm(words: list[str]) -> int:
    """Nothing: a chart of others."""
    assert words[0] == "install" and "--repo" in words, words
    return 0


def kubectl(words: list[str]) -> int:
    """What a pod runs."""
    parser = argparse.ArgumentParser("kubectl")
    parser.add_argument("verb", choices=["run"])
    parser.add_argument("name")
    parser.add_argument("--rm", action="store_true")
    parser.add_argument("-it", action="store_true")
    parser.add_argument("--image", required=True)
    parser.add_argument("--env", action="append")
    end = words.index("--")
    told = parser.parse_args(words[:end])
    os.environ.update(dict(pair.split("=", 1) for pair in told.env))
    return run(words[end + 1 :])


# --- packages and images ----------------------------------------------------------------------------------------------


def pip(words: list[str]) -> int:
    """Whether what is installed is this clone with extras that it has, or a package that it names."""
    parser = argparse.ArgumentParser("pip")
    parser.add_argument("verb", choices=["install"])
    parser.add_argument("packages", nargs="+")
    parser.add_argument("--index-url")
    _check_packages(parser.parse_args(words).packages)
    return 0


def uv(words: list[str]) -> int:
    """As `pip`, for ``uv tool``."""
    assert words.pop(0) == "tool", words
    parser = argparse.ArgumentParser("uv tool")
    parser.add_argument("verb", choices=["install", "uninstall"])
    parser.add_argument("packages", nargs="+")
    parser.add_argument("--torch-backend", choices=["cpu", "auto"])
    parser.add_argument("--with", dest="more", default=[], action="append")
    parser.add_argument("--reinstall", action="store_true")
    told = parser.parse_args(words)
    _check_packages([*told.packages, *told.more])
    return 0


def pipx(words: list[str]) -> int:
    """As `pip`, for pipx."""
    parser = argparse.ArgumentParser("pipx")
    parser.add_argument("verb", choices=["install", "inject", "uninstall"])
    parser.add_argument("packages", nargs="+")
    parser.add_argument("--pip-args")
    parser.add_argument("--force", action="store_true")
    _check_packages(parser.parse_args(words).packages)
    return 0


def _check_packages(packages: Sequence[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"], *(line for lines in extras.values() for line in lines)]
    known = {re.split(r"[>=[]", line)[0] for line in lines} | {
        project["name"],
        "ossfs",
        "gcsfs",
        "huggingface_hub",
    }
    for package in packages:
        name, _, wanted = package.rstrip("]").partition("[")
        assert name in {*known, "."}, f"pip: {name} is no package that gaupt names"
        assert {*wanted.split(",")} - {""} <= {*extras}, f"pip: no extra {wanted}"
        assert name != "." or Path("pyproject.toml").exists(), "pip: not in a clone"


def docker(words: list[str]) -> int:
    """Builds nothing but looks whether it could; runs gaupt where the image that was built would."""
    if words[0] == "build":
        return _docker_build(words[1:])
    parser = argparse.ArgumentParser("docker run")
    for flag in ("--rm", "-it", "--init"):
        parser.add_argument(flag, action="store_true")
    for option in ("--user", "-v", "--gpus"):
        parser.add_argument(option)
    parser.add_argument("image")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    told = parser.parse_args(words[1:])
    assert told.image in (_page() / "images").read_text().split(), f"docker: {told.image} was not built"
    assert told.v == f"{Path.cwd()}:/work" and re.fullmatch(r"\d+:\d+", told.user), told
    return gaupt(told.command)


def _docker_build(words: list[str]) -> int:
    parser = argparse.ArgumentParser("docker build")
    parser.add_argument("-t", dest="name", required=True)
    parser.add_argument("--build-arg", action="append", default=[])
    parser.add_argument("context", type=Path)
    told = parser.parse_args(words)
    dockerfile = (told.context / "Dockerfile").read_text(encoding="utf-8")
    for pair in told.build_arg:
        assert f"\nARG {pair.split('=')[0]}" in dockerfile, f"docker: the Dockerfile has no {pair}"
    with (_page() / "images").open("a") as images:
        images.write(f"{told.name}\n")
    return 0


# --- tools of a clone -------------------------------------------------------------------------------------------------


def make(words: list[str]) -> int:
    """``make -n``: there is such a target, and what it runs can be read; calls of make in it are not run either."""
    programs, _, os.environ["PATH"] = os.environ["PATH"].partition(os.pathsep)
    if words == ["test"]:  # leaves an environment, whose programs are those that stand in
        _venv(Path(".venv"), Path(programs))
    return subprocess.run(
        ["make", "-n", "SHELL=true", "-C", str(ROOT), *words], stdout=subprocess.DEVNULL
    ).returncode


def pytest(words: list[str]) -> int:
    """Whether the folders and markers that it names are there."""
    marks = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]["markers"]
    if words[0] == "-m":
        assert any(mark.startswith(f"{words[1]}:") for mark in marks), words
        words = words[2:]
    assert all((ROOT / word).exists() for word in words), words
    return 0


def pre_commit(words: list[str]) -> int:
    """Whether there is something to install."""
    assert words == ["install"] and (ROOT / ".pre-commit-config.yaml").exists()
    return 0


def tensorboard(words: list[str]) -> int:
    """Whether there are events to show."""
    flag, folder = words
    assert flag == "--logdir" and [*Path(folder).rglob("events.out.tfevents.*")], words
    return 0


PROGRAMS: dict[str, Callable[[list[str]], int]] = {
    "gaupt": gaupt,
    "python": python,
    "python3": python,
    "torchrun": torchrun,
    "sbatch": sbatch,
    "srun": srun,
    "scontrol": scontrol,
    "dask": dask,
    "helm": helm,
    "kubectl": kubectl,
    "pip": pip,
    "uv": uv,
    "pipx": pipx,
    "docker": docker,
    "make": make,
    "pytest": pytest,
    "pre-commit": pre_commit,
    "tensorboard": tensorboard,
}


def run(words: list[str]) -> int:
    """Exit status of a program and its arguments."""
    return PROGRAMS[Path(words[0]).name](words[1:])


def _page() -> Path:
    """The folder of the page that calls."""
    return Path(os.environ["PAGE"])
