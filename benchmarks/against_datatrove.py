"""`gaupt prepare` beside datatrove on the same documents, from raw text to tokens, one process after the other.

    python -m venv peer && peer/bin/pip install 'datatrove[io,processing]' spacy jieba tokenizers
    python benchmarks/against_datatrove.py ../shared/corpus --peer peer/bin/python --megabytes 40

Compares CPU seconds, so that other work on the machine matters little.
"""

import argparse
import io
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import zstandard


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="folder of .jsonl.zst files")
    parser.add_argument("--peer", required=True, help="Python with datatrove")
    parser.add_argument("--megabytes", type=float, default=40)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(temporary) / "in"
        source.mkdir()
        size = sample(arguments.folder, source / "sample.jsonl", arguments.megabytes * 1e6)
        gaupt, one = [sys.executable, "-m", "gaupt"], ["-q", "--workers", "1"]
        # Both take the same vocabulary, which is learnt before the clock starts.
        cpu([*gaupt, "prepare", str(source), "-o", f"{temporary}/first", "--type", "char", *one])
        tokenizer = f"{temporary}/first/tokenizer"
        script = Path(__file__).with_name("datatrove_pipeline.py")
        peer = [arguments.peer, str(script), str(source), f"{temporary}/b", f"{tokenizer}/tokenizer.json"]
        ours = [*gaupt, "prepare", str(source), "-o", f"{temporary}/a", "--tokenizer", tokenizer, *one]
        seconds = {"gaupt": cpu(ours), "datatrove": sum(cpu([*peer, str(stage)]) for stage in range(6))}
    for name, value in seconds.items():
        print(f"{name}: {value:.1f} CPU s for {size / 1e6:.1f} MB, {size / 1e6 / value:.2f} MB/s a core")
    print(f"gaupt is {seconds['datatrove'] / seconds['gaupt']:.1f} times as fast")


def sample(folder: Path, target: Path, wanted: float) -> int:
    """The same share of every file's bytes, from its beginning."""
    paths = sorted(folder.glob("*.jsonl.zst"))
    total = sum(path.stat().st_size for path in paths)
    size = 0
    with target.open("wb") as out:
        for path in paths:
            left = wanted * path.stat().st_size / total
            with path.open("rb") as raw:
                reader = zstandard.ZstdDecompressor(max_window_size=1 << 31).stream_reader(raw)
                for line in io.BufferedReader(reader):
                    out.write(line)
                    size += len(line)
                    left -= len(line)
                    if left < 0:
                        break
    return size


def cpu(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
