"""Kill `gaupt prepare` and `gaupt pretrain` at random moments: the same command goes on, and ends in the same bytes.

    python benchmarks/kills.py prepare --kills 100 --seed 1 --results kills.jsonl
    python benchmarks/kills.py pretrain --kills 100 --seed 1 --results kills.jsonl
    python benchmarks/kills.py --show --results kills.jsonl

A chain starts the command in a fresh folder, sends it SIGKILL at a random moment, alone or with all of its processes,
does so again up to twice, and then lets it end. It must exit with 0 each time that it ends, without a traceback, and
leave what an undisturbed call leaves: the same files, and the same bytes in each, but for what holds times (seconds in
reports and summaries, the lists with the checksums of those, speed.jsonl, TensorBoard's events). Every third kill of
pretrain comes while a checkpoint is being written. Results are appended, so that a stopped run goes on.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

DOCUMENTS = Path(__file__).parent.parent / "data" / "documents"
PREPARE = (
    "--type char --vocab-size 3200 --set shards.seq_len=64 --set shards.validation_share=0.2 --workers 2"
)
PRETRAIN = (
    "--device cpu --set shards.seq_len=64 --set model.num_layers=2 --set model.hidden_size=256 "
    "--set model.expanded_size=512 --set model.key_size=64 --set train.steps=60 --set train.batch_tokens=256 "
    "--set train.micro_batch_tokens=256 --set train.log_every=4 --set train.eval_every=7 --set train.eval_tokens=512 "
    "--set train.checkpoint_every=5 --set model.dropout=0.1"
)
TIMED = ("seconds", "tokens_per_second", "mfu", "peak_flops", "peak_memory", "time_in_")
"""What is called so in a JSON file is no two calls' the same."""
SKIPPED = ("speed.jsonl", "files.json", ".lock")
LIMIT = 300
"""Seconds after which a call counts as hanging."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("command", nargs="?", choices=["prepare", "pretrain"])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--text", type=Path, default=DOCUMENTS, help="what prepare reads")
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--show", action="store_true")
    arguments = parser.parse_args()
    if not arguments.show:
        with tempfile.TemporaryDirectory() as temporary:
            run(arguments, Path(temporary))
    show(arguments.results)


def run(arguments: argparse.Namespace, temporary: Path) -> None:
    command = gaupt("prepare", arguments.text, "-o", temporary / "whole", *PREPARE.split())
    start = time.monotonic()
    undisturbed(command)
    if arguments.command == "pretrain":
        prepared = temporary / "whole"
        command = gaupt("pretrain", prepared, "-o", temporary / "run", *PRETRAIN.split())
        start = time.monotonic()
        undisturbed(command)
    seconds, whole = time.monotonic() - start, Path(command[command.index("-o") + 1])
    expected = contents(whole)
    done = sum(
        chain["kills"] for chain in results(arguments.results) if chain["command"] == arguments.command
    )
    for number in range(10**6):
        rng = random.Random(f"{arguments.seed} {number} {done}")
        if done >= arguments.kills:
            break
        folder = temporary / f"chain-{number}"
        again = [str(folder) if word == str(whole) else word for word in command]
        chain = kill(again, folder, rng, seconds, min(rng.randint(1, 3), arguments.kills - done))
        chain["problems"] += differences(expected, contents(folder))
        done += chain["kills"]
        with arguments.results.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"command": arguments.command, **chain}, ensure_ascii=False) + "\n")
        print(chain, flush=True)
        subprocess.run(["rm", "-rf", str(folder)], check=True)


def undisturbed(command: list[str]) -> None:
    process = started(command)
    said = process.communicate()[0].decode(errors="replace")
    if process.returncode:
        raise SystemExit(said)


def gaupt(*words: object) -> list[str]:
    return [sys.executable, "-m", "gaupt", *map(str, words), "--quiet"]


def kill(command: list[str], folder: Path, rng: random.Random, seconds: float, times: int) -> dict[str, Any]:
    """Kill ``command`` so many times, and let it end."""
    chain: dict[str, Any] = {"kills": 0, "in_checkpoints": 0, "late": 0, "problems": []}
    while chain["kills"] < times:
        wants_checkpoint = "pretrain" in command and rng.random() < 0.45  # some end before one is written
        process = started(command)
        end = time.monotonic() + rng.random() * seconds
        if wants_checkpoint:
            # Any but those that are being written in the first moments, and then somewhere inside.
            while process.poll() is None and (time.monotonic() < end or not is_writing(folder)):
                time.sleep(0.0005)
            time.sleep(rng.random() * 0.02)
            chain["in_checkpoints"] += process.poll() is None and is_writing(folder)
        else:
            while process.poll() is None and time.monotonic() < end:
                time.sleep(0.001)
        if process.poll() is not None:
            chain["late"] += 1
            ended(process, chain)
            break
        if rng.random() < 0.5:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()
        chain["kills"] += 1
    ended(started(command), chain)
    return chain


def started(command: list[str]) -> "subprocess.Popen[bytes]":
    # One thread: a tiny model is no faster with more, and beside other work far slower.
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


def is_writing(folder: Path) -> bool:
    return any((folder / "checkpoints").glob(".step-*.tmp"))


def ended(process: "subprocess.Popen[bytes]", chain: dict[str, Any]) -> None:
    try:
        said = process.communicate(timeout=LIMIT)[0].decode(errors="replace")
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        said = "it hangs"
    if process.returncode or "Traceback" in said:
        chain["problems"].append(f"exit {process.returncode}: {said[-300:]}")


def contents(folder: Path) -> dict[str, Any]:
    """What each file in ``folder`` holds, but for times."""
    read: dict[str, Callable[[Path], Any]] = {"report.json": timeless, "summary.json": timeless}
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_file() and path.name not in SKIPPED and not name.startswith("events/"):
            found[name] = read.get(path.name, Path.read_bytes)(path)
        elif path.is_file():
            found[name] = None if not name.startswith("events/") else "events"
    return {name: value for name, value in found.items() if value != "events"}


def timeless(path: Path) -> Any:
    def without(value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        return {key: without(each) for key, each in value.items() if not key.startswith(TIMED)}

    return without(json.loads(path.read_text(encoding="utf-8")))


def differences(expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    names = sorted(expected.keys() | found.keys())
    said = {name: "missing" if name not in found else "too many" for name in expected.keys() ^ found.keys()}
    said |= {name: "differs" for name in expected.keys() & found.keys() if expected[name] != found[name]}
    return [f"{name}: {said[name]}" for name in names if name in said]


def results(path: Path) -> list[dict[str, Any]]:
    return (
        [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    )


def show(path: Path) -> None:
    for command in ("prepare", "pretrain"):
        chains = [chain for chain in results(path) if chain["command"] == command]
        counts = Counter[str]()
        for chain in chains:
            counts.update({name: chain[name] for name in ("kills", "in_checkpoints", "late")})
        bad = [chain["problems"] for chain in chains if chain["problems"]]
        print(
            f"{command}: {counts['kills']} kills in {len(chains)} folders, {counts['in_checkpoints']} of them while a "
            f"checkpoint was written ({counts['late']} calls had ended before); {len(bad)} folders with problems"
        )
        for problems in bad:
            print(f"  {'; '.join(problems)}")


if __name__ == "__main__":
    main()
