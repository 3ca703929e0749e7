"""Let the disk be full at every place of every command: one line says where, and with more room the command goes on.

    python benchmarks/full_disk.py --steps 12 --results full_disk.jsonl            (as root, on Linux: it mounts disks)
    python benchmarks/full_disk.py --only pretrain export --results full_disk.jsonl
    python benchmarks/full_disk.py --show --results full_disk.jsonl

Each command first writes to a large disk, which tells how much it needs. Then it writes to disks of fewer and fewer
bytes: its own output alone, or its temporary files too. It must end with status 2 and one line that names a path on
that disk, without a traceback; and when the disk has grown, the same command must end with 0 and leave the same files,
none of them temporary. So too where no file may be larger than some bytes (``ulimit -f``), where the disk can only be
read after it was full, and where strace (if it is installed) tells the command of each file in turn that there is no
room for it, or for more than was first written. Commands are forks of one process that has imported everything, which
takes longest. Results are appended.
"""

import argparse
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from gaupt.cli import main as gaupt

DATA = Path(__file__).parent.parent / "data"
SHARDS = "--set shards.seq_len=64 --set shards.validation_share=0.2"
PREPARE = f"--type char --vocab-size 3200 {SHARDS} --workers 2"
TRAIN = (
    "--set shards.seq_len=64 --set model.num_layers=1 --set model.hidden_size=32 --set model.expanded_size=64 "
    "--set model.key_size=16 --set train.steps=12 --set train.batch_tokens=512 --set train.micro_batch_tokens=512 "
    "--set train.checkpoint_every=4 --set train.eval_every=4 --set train.eval_tokens=512 --set train.log_every=2 "
    "--device cpu"
)
LARGE = "2g"
LIMIT = 300
"""Seconds after which a call counts as hanging."""
MODES = ("output", "output and temporary files", "file size", "read-only", "each file")
PRELOADED = (
    "torch._dynamo", "torch.utils.tensorboard", "onnx", "onnxscript", "onnxruntime", "transformers", "pyarrow.parquet",
    "sentencepiece", "safetensors.torch", "torch.onnx", "gaupt.training.pretrain", "gaupt.evaluation.evaluate",
    "gaupt.exporting.folder", "gaupt.importing.importer", "gaupt.report.page", "gaupt.preparation",
)  # fmt: skip


def commands(made: Path) -> dict[str, list[str]]:
    """The words of each command, with OUT for what it writes."""
    text = next((DATA / "documents").rglob("story-01.txt"))
    tasks = (
        f"evaluate {made}/run -o OUT --device cpu --task {DATA}/tasks/topics.toml --data {DATA}/tasks "
        "--set evaluate.seeds=1 --set evaluate.epochs=1 --set evaluate.min_updates=1"
    )
    words = {
        "prepare": f"prepare {DATA}/documents -o OUT {PREPARE}",
        "clean": f"clean {DATA}/documents -o OUT --workers 2",
        "tokenizer char": f"tokenizer {made}/prepared/clean -o OUT --type char --vocab-size 3200 --workers 2",
        "tokenizer unigram": f"tokenizer {made}/prepared/clean -o OUT --type unigram --vocab-size 3400 --workers 2",
        "tokenizer bpe": f"tokenizer {made}/prepared/clean -o OUT --type bpe --vocab-size 3400 --workers 2",
        "tokenizer --from": f"tokenizer --from {made}/prepared/tokenizer/vocab.txt -o OUT",
        "shard": f"shard {made}/prepared/clean --tokenizer {made}/prepared/tokenizer -o OUT {SHARDS} --workers 2",
        "shard --export megatron": f"shard {made}/prepared/clean --tokenizer {made}/prepared/tokenizer -o OUT {SHARDS} "
        "--workers 2 --export megatron",
        "shard --export parquet": f"shard {made}/prepared/clean --tokenizer {made}/prepared/tokenizer -o OUT {SHARDS} "
        "--workers 2 --export parquet",
        "pretrain": f"pretrain {made}/prepared -o OUT {TRAIN}",
        "pretrain large": f"pretrain {made}/prepared -o OUT {TRAIN} --set model.hidden_size=256",
        "export": f"export {made}/run -o OUT",
        "export onnx": f"export {made}/run -o OUT --format onnx",
        "import": f"import {made}/public -o OUT",
        "evaluate mlm": f"evaluate {made}/run --task mlm --data {text} -o OUT --device cpu",
        "evaluate --probe": f"{tasks} --probe",
        "evaluate --save": f"{tasks} --save",
        "evaluate --submission": f"{tasks} --submission".replace(
            f"{DATA}/tasks/topics.toml", "tnews"
        ).replace(f"{DATA}/tasks", str(made)),
        "report": f"report {made}/prepared {made}/run -o OUT/page.html",
        "bench": "bench --layers 1 --length 16 --batch-tokens 32 --rounds 1 --only GAU --device cpu "
        "--json OUT/speed.json",
        "demo": f"demo -o OUT --workers 2 {TRAIN.removesuffix('--device cpu')} --set evaluate.mlm_tokens=512",
    }
    return {name: f"{line} --quiet".split() for name, line in words.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--steps", type=int, default=12, help="disks for each command and mode")
    parser.add_argument("--only", nargs="+", default=[], help="beginnings of commands' names")
    parser.add_argument("--modes", nargs="+", default=list(MODES), choices=MODES)
    parser.add_argument(
        "--files", default="", help="of each file those alone whose name this expression finds"
    )
    parser.add_argument("--made", type=Path, help="where what commands read is made, or was")
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--show", action="store_true")
    arguments = parser.parse_args()
    if not arguments.show:
        temporary = Path(tempfile.mkdtemp(prefix="full-disk-"))  # nothing that the end of a fork removes
        try:
            run(arguments, temporary)
        finally:
            shutil.rmtree(temporary)
    show(arguments.results)


def run(arguments: argparse.Namespace, temporary: Path) -> None:
    for name in PRELOADED:
        with suppress(ImportError):
            import_module(name)
    made = arguments.made or temporary / "made"
    make(made)
    for name, words in commands(made).items():
        if arguments.only and not name.startswith(tuple(arguments.only)):
            continue
        with disk(temporary / "disk", LARGE) as place:
            status, said = call(words, place, temporary / "tmp")
            if status:
                print(f"{name}: cannot be measured: {said[-300:]}")
                continue
            needed, expected = used(place), files(place)
        largest = max(expected.values())
        for mode in arguments.modes:
            if mode == "each file":
                each_file(name, words, temporary, sorted(expected), arguments)
                continue
            for step in range(arguments.steps):
                share = (step + 0.5) / arguments.steps
                found = attempt(words, temporary, mode, share, needed, largest, sorted(expected))
                keep(arguments.results, {"command": name, "mode": mode, **found})
                if mode == "read-only" and step >= 1:
                    break


def make(folder: Path) -> None:
    """What the commands read: prepared text, a run, a public checkpoint, a task."""
    folder.mkdir(exist_ok=True)
    if not (folder / "prepared").exists():
        must(f"prepare {DATA}/documents -o {folder}/prepared {PREPARE} --quiet".split(), folder)
    if not (folder / "run").exists():
        must(f"pretrain {folder}/prepared -o {folder}/run {TRAIN} --quiet".split(), folder)
    if not (folder / "public").exists():
        fork(lambda: public_checkpoint(folder / "run", folder / "public"))
    (folder / "tnews").mkdir(exist_ok=True)
    for split in ("train", "dev", "test"):
        rows = [{"id": n, "sentence": f"第{n}句话", "label": str(100 + n % 2)} for n in range(40)]
        if split == "test":
            rows = [{name: row[name] for name in ("id", "sentence")} for row in rows]
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
        (folder / "tnews" / f"{split}.json").write_text("".join(lines), encoding="utf-8")


def must(words: Sequence[str], folder: Path) -> None:
    status, said = call(words, folder, folder)
    if status:
        raise SystemExit(f"{' '.join(words)}: {said}")


def public_checkpoint(run: Path, output: Path) -> None:
    """A RoFormer of transformers' names with the vocabulary of ``run``."""
    import torch
    import transformers

    output.mkdir()
    vocabulary = next(run.rglob("vocab.txt")).read_bytes()
    (output / "vocab.txt").write_bytes(vocabulary)
    torch.set_num_threads(1)
    config = transformers.RoFormerConfig(
        vocab_size=vocabulary.count(b"\n"), hidden_size=64, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=128, max_position_embeddings=64, embedding_size=64,
    )  # fmt: skip
    transformers.RoFormerForMaskedLM(config).save_pretrained(output)


@contextmanager
def disk(place: Path, size: str) -> Iterator[Path]:
    """A disk in memory at ``place``."""
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(place)], check=True)
    try:
        yield place
    finally:
        for _ in range(50):  # a process that ends may still hold a file
            if subprocess.run(["umount", str(place)], capture_output=True).returncode == 0:
                break
            time.sleep(0.1)
        place.rmdir()


def change(place: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(place)], check=True)


def used(place: Path) -> int:
    facts = os.statvfs(place)
    return (facts.f_blocks - facts.f_bfree) * facts.f_frsize


def files(place: Path) -> dict[str, int]:
    """The files on a disk with their sizes; all event files of TensorBoard, which have times in their names, as one."""
    found = {str(path.relative_to(place)): path.stat().st_size for path in place.rglob("*") if path.is_file()}
    return {
        name if "/events/" not in name else f"{Path(name).parent}/*": size for name, size in found.items()
    }


def attempt(
    words: Sequence[str],
    temporary: Path,
    mode: str,
    share: float,
    needed: int,
    largest: int,
    expected: list[str],
) -> dict[str, Any]:
    """What comes of a command on a disk of a ``share`` of the bytes that it needs, and then of a large one."""
    size = max(4096, int(needed * share) // 4096 * 4096)
    limit = int(largest * share) if mode == "file size" else None
    problems, said = list[str](), ""
    with disk(temporary / "disk", LARGE if limit is not None else str(size)) as place:
        scratch = place / "tmp" if mode.endswith("temporary files") else temporary / "tmp"
        status, said = call(words, place, scratch, limit)
        if status:
            problems += wrong(status, said, place)
            if mode == "read-only":
                change(place, "ro")
                status, again = call(words, place, scratch)
                problems += [f"read-only: {problem}" for problem in wrong(status, again, place)]
                said = again
            change(place, f"rw,size={LARGE}")
            status, again = call(words, place, scratch)
            if status or "Traceback" in again:
                problems.append(f"with more room: exit {status}: {again[-800:]}")
        now = sorted(name for name in files(place) if not name.startswith("tmp/"))
        if now != expected:
            problems.append(f"files: {sorted(set(now) ^ set(expected))[:6]}")
    message = said.strip().splitlines()[-1:]
    return {
        "bytes": limit or size,
        "needed": needed,
        "said": message[0] if message else "",
        "problems": problems,
    }


def each_file(name: str, words: Sequence[str], temporary: Path, expected: list[str], arguments: Any) -> None:
    """Have each file of a command in turn find no room, at its first write and from the second on."""
    if shutil.which("strace") is None:
        return
    # One of step-0000004 and step-0000008; not TensorBoard's, whose names hold the time.
    alike = {re.sub(r"\d+", "0", file): file for file in expected if not file.endswith("*")}
    calls = "write,pwrite64,writev"
    for file in filter(re.compile(arguments.files).search, alike.values()):
        for when in ("1", "2+"):
            place = temporary / "each"
            place.mkdir()
            paths = [f"-P{path}" for path in written_as(place, file)]
            strace = ["strace", "-f", "-qq", "-o", "/dev/null", *paths]
            strace += ["-e", f"trace={calls}", "-e", f"inject={calls}:error=ENOSPC:when={when}"]
            failed, said = call(words, place, temporary / "tmp", tracer=strace)
            problems = wrong(failed, said, place) if failed else []
            status, again = call(words, place, temporary / "tmp")
            if status or "Traceback" in again:
                problems.append(f"with more room: exit {status}: {again[-800:]}")
            if (now := sorted(files(place))) != expected:
                problems.append(f"files: {sorted(set(now) ^ set(expected))[:6]}")
            found = {
                "bytes": f"{file}, write {when}",
                "said": said.strip() if failed else "",
                "problems": problems,
            }
            keep(arguments.results, {"command": name, "mode": "each file", **found})
            shutil.rmtree(place)


def written_as(place: Path, file: str) -> list[Path]:
    """The names under which a file may be written before it has its own: its own, or one of its folder, is hidden."""
    *folders, last = Path(file).parts
    found = [place / file, place.joinpath(*folders, f".{last}.tmp")]
    for number, folder in enumerate(folders):
        hidden = place.joinpath(*folders[:number], f".{folder}.tmp", *folders[number + 1 :])
        found += [hidden / last, hidden / f".{last}.tmp"]
    return found


def keep(path: Path, found: Mapping[str, Any]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(found, ensure_ascii=False) + "\n")
    print(found, flush=True)


def wrong(status: int, said: str, place: Path) -> list[str]:
    """What is wrong with how a command failed on the disk at ``place``."""
    lines = said.strip().splitlines()
    problems = []
    if status != 2 or "Traceback" in said:
        problems.append(f"exit {status}: {said[-1500:]}")
    elif len(lines) != 1 or not lines[0].startswith("gaupt: error: "):
        problems.append(f"several lines: {said[:600]}")
    elif str(place) not in lines[0]:
        problems.append(f"no path: {lines[0]}")
    return problems


def call(
    words: Sequence[str], place: Path, scratch: Path, limit: int | None = None, tracer: Sequence[str] = ()
) -> tuple[int, str]:
    """Exit status and stderr of a command that writes to ``place``; ``limit``: bytes of its largest file."""
    scratch.mkdir(exist_ok=True)

    def child() -> None:
        os.environ["TMPDIR"] = tempfile.tempdir = str(scratch)
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        sys.argv = ["gaupt", *(word.replace("OUT", f"{place}/out") for word in words)]
        gaupt()

    return fork(child, tracer)


def fork(child: Callable[[], None], tracer: Sequence[str] = ()) -> tuple[int, str]:
    """Exit status of a process that calls ``child``, and what it says on stderr; ``tracer``: a call of strace."""
    ours, theirs = os.pipe()
    sys.stdout.flush()
    if (process := os.fork()) == 0:
        os.setsid()
        os.dup2(theirs, 2)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.closerange(3, 64)
        status = 1
        try:
            if tracer:
                os.kill(os.getpid(), signal.SIGSTOP)
            child()
            status = 0
        except SystemExit as end:
            status = int(end.code or 0)
        except BaseException:
            traceback.print_exc()
        finally:
            with suppress(BaseException):
                threading._shutdown()  # type: ignore[attr-defined]
            sys.stderr.flush()
            os._exit(status)
    os.close(theirs)
    traced = subprocess.Popen([*tracer, "-p", str(process)]) if tracer else None
    if traced is not None:
        while "TracerPid:\t0\n" in Path(f"/proc/{process}/status").read_text(encoding="utf-8"):
            time.sleep(0.01)
        os.kill(process, signal.SIGCONT)
    said, timer = b"", threading.Timer(LIMIT, os.killpg, (process, 9))
    timer.start()
    while data := os.read(ours, 1 << 16):
        said += data
    os.close(ours)
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    timer.cancel()
    if traced is not None:
        traced.wait()
    return status, said.decode(errors="replace")


def results(path: Path) -> list[Mapping[str, Any]]:
    return (
        [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    )


def show(path: Path) -> None:
    counts, bad = Counter[tuple[str, str, str]](), list[str]()
    for found in results(path):
        key = (found["command"], found["mode"])
        counts[(*key, "disks")] += 1
        counts[(*key, "full")] += bool(found["said"])
        counts[(*key, "problems")] += bool(found["problems"])
        bad += [f"{key[0]}, {key[1]}, {found['bytes']} bytes: {problem}" for problem in found["problems"]]
    for command, mode in dict.fromkeys(key[:2] for key in counts):
        told = (f"{counts[(command, mode, what)]} {what}" for what in ("disks", "full", "problems"))
        print(f"{command}, {mode}: {', '.join(told)}")
    for problem in bad:
        print(f"- {problem}")


if __name__ == "__main__":
    main()
