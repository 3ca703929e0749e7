"""Speed and memory of `gaupt clean` on real files, optionally on many times as much changed text.

    python benchmarks/clean.py ../shared/corpus --times 10 --workers 2

Prints MB of decompressed text, MB/s by the clock and by the CPU (a core), and the peak memory of all processes
together (proportional set size, so that shared pages count once).
"""

import argparse
import io
import json
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import zstandard

from gaupt.text.characters import common_han


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="folder of .jsonl.zst files")
    parser.add_argument("--times", type=int, default=1, help="copies of the text, each with other characters")
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        inputs = Path(temporary) / "in"
        inputs.mkdir()
        size = sum(copy_changed(arguments.folder, inputs, copy) for copy in range(arguments.times))
        command = [
            sys.executable,
            "-m",
            "gaupt",
            "clean",
            str(inputs),
            "-o",
            f"{temporary}/out",
            "--json",
            "-q",
        ]
        start = time.perf_counter()
        process = subprocess.Popen([*command, "--workers", str(arguments.workers)], stdout=subprocess.PIPE)
        watch = threading.Thread(target=watch_memory, args=(process.pid, peaks := [0]))
        watch.start()
        output, _ = process.communicate()
        seconds = time.perf_counter() - start
        watch.join()
        report = json.loads(output)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime
    megabytes = size / 1e6
    print(f"{report['read']:,} documents, {megabytes:,.0f} MB, {arguments.workers} workers")
    print(
        f"{seconds:.1f} s, {megabytes / seconds:.2f} MB/s; CPU {cpu:.1f} s, {megabytes / cpu:.2f} MB/s a core"
    )
    print(f"peak memory of all processes {peaks[0] / 1e6:.0f} MB")
    print(json.dumps({"dropped": report["dropped"], "seconds": report["seconds"]}))


def copy_changed(folder: Path, target: Path, copy: int) -> int:
    """Copy the files with Chinese characters exchanged for others (the first copy as it is); bytes of text."""
    characters = sorted(common_han())
    shuffled = characters[:]
    random.Random(copy).shuffle(shuffled)
    table = dict(zip(map(ord, characters), shuffled, strict=True)) if copy else {}
    size = 0
    for path in sorted(folder.glob("*.jsonl.zst")):
        with path.open("rb") as raw, (target / f"{copy:02d}-{path.name}").open("wb") as out:
            reader = zstandard.ZstdDecompressor(max_window_size=1 << 31).stream_reader(raw)
            with zstandard.ZstdCompressor().stream_writer(out) as writer:
                for line in io.TextIOWrapper(io.BufferedReader(reader), encoding="utf-8", newline="\n"):
                    data = line.translate(table).encode() if table else line.encode()
                    size += len(data)
                    writer.write(data)
    return size


def watch_memory(root: int, peaks: list[int]) -> None:
    """Sample the memory of a process and its descendants until it ends."""
    while Path(f"/proc/{root}").exists() and "State:\tZ" not in read(f"/proc/{root}/status"):
        peaks[0] = max(peaks[0], sum(proportional_size(pid) for pid in descendants(root)))
        time.sleep(0.3)


def descendants(root: int) -> list[int]:
    found = [root]
    for pid in found:
        found += [int(child) for child in read(f"/proc/{pid}/task/{pid}/children").split()]
    return found


def proportional_size(pid: int) -> int:
    for line in read(f"/proc/{pid}/smaps_rollup").split("\n"):
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


if __name__ == "__main__":
    main()
