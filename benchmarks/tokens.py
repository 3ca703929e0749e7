"""Time from clean text to training data: gaupt shard against two ways that people use, on one core each.

    python benchmarks/tokens.py DOCUMENTS --vocab vocab.txt [--tencentpretrain CHECKOUT] [--rounds 3]

DOCUMENTS is a folder that `gaupt clean` wrote. All use the same BERT vocabulary and one process; rounds are
interleaved, and CPU seconds (user and system, start-up included) are compared, so that other work on the
machine does not decide. The ways:

- gaupt: `gaupt shard --workers 1`: ids and word bounds, shards with checksums.
- reference files: the method of the paper's code and of transformers' old scripts: segment each line with
  rjieba, tokenize it with BertTokenizerFast, then search its tokens for the longest words that were found and
  write the places down, a JSON list a line.
- TencentPretrain: preprocess.py --data_processor mlm --dynamic_masking --whole_word_masking, which leaves the
  search for words to training.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from gaupt.corpus.documents import read_documents

LINES_AT_ONCE = 100


def mark_reference_lines(text: Path, vocab: Path, output: Path) -> None:
    """Write the places of tokens that continue a word, found by the longest match of segmented words."""
    import rjieba
    from transformers import BertTokenizerFast

    tokenizer = BertTokenizerFast(vocab=str(vocab), vocab_file=str(vocab), do_lower_case=True)
    lines = text.read_text(encoding="utf-8").split("\n")
    with output.open("w", encoding="utf-8") as file:
        for first in range(0, len(lines), LINES_AT_ONCE):
            batch = [line for line in lines[first : first + LINES_AT_ONCE] if line.strip()]
            if not batch:
                continue
            for line, ids in zip(batch, tokenizer(batch)["input_ids"], strict=True):
                words = {
                    word for word in rjieba.cut(line) if len(word) > 1 and "\u4e00" <= word[0] <= "\u9fff"
                }
                tokens = tokenizer.convert_ids_to_tokens(ids)
                file.write(json.dumps(continued(tokens, words)) + "\n")


def continued(tokens: list[str], words: set[str]) -> list[int]:
    """Places of the tokens that continue one of ``words``, longest first, from left to right."""
    longest = max(map(len, words), default=0)
    places, place = [], 0
    while place < len(tokens):
        length = min(longest, len(tokens) - place)
        while length > 1 and "".join(tokens[place : place + length]) not in words:
            length -= 1
        places += range(place + 1, place + length)
        place += max(length, 1)
    return places


def cpu_seconds(run: Callable[[], object]) -> float:
    """CPU seconds of the processes that ``run`` starts and waits for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("documents", type=Path)
    parser.add_argument("--vocab", type=Path, required=True)
    parser.add_argument("--tencentpretrain", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--mark", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.mark:
        return mark_reference_lines(options.mark[0], options.vocab, options.mark[1])

    environment = os.environ | {
        "TOKENIZERS_PARALLELISM": "false",
        "RAYON_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }

    def call(*command: object, folder: Path | None = None) -> None:
        subprocess.run(
            [sys.executable, *map(str, command)],
            check=True,
            cwd=folder,
            env=environment,
            stdout=subprocess.DEVNULL,
        )

    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        text = work / "text.txt"
        with text.open("w", encoding="utf-8") as file:
            for document in read_documents(options.documents):
                file.write(document.text + "\n\n")
        megabytes = text.stat().st_size / 1e6
        call("-m", "gaupt", "tokenizer", "--from", options.vocab.resolve(), "-o", work / "tokenizer")
        shard = ("-m", "gaupt", "shard", options.documents.resolve(), "--tokenizer", work / "tokenizer")
        ways: dict[str, Callable[[], None]] = {
            "gaupt shard": lambda: call(*shard, "-o", work / "shards", "--workers", 1, "--overwrite"),
            "reference files": lambda: call(
                __file__, ".", "--vocab", options.vocab.resolve(), "--mark", text, work / "references.txt"
            ),
        }
        if options.tencentpretrain:
            # It reads models/ in the working folder, and leaves temporary files there.
            (work / "models").symlink_to(options.tencentpretrain.resolve() / "models")
            ways["TencentPretrain"] = lambda: call(
                options.tencentpretrain.resolve() / "preprocess.py",
                *("--corpus_path", text, "--dataset_path", work / "dataset.pt", "--seq_length", 512),
                *("--vocab_path", options.vocab.resolve(), "--data_processor", "mlm"),
                *("--dynamic_masking", "--whole_word_masking"),
                folder=work,
            )
        times: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(options.rounds):
            for way, run in ways.items():
                times[way].append(cpu_seconds(run))
        manifest = json.loads((work / "shards/manifest.json").read_text())
        tokens = sum(split["tokens"] for split in manifest["splits"].values())
        on_disk = sum(path.stat().st_size for path in (work / "shards").rglob("*") if path.is_file())
        shutil.rmtree(work / "shards")
    fastest = statistics.median(times["gaupt shard"])
    print(f"{megabytes:.1f} MB of text, {options.rounds} rounds, median CPU seconds")
    for way, seconds in times.items():
        median = statistics.median(seconds)
        ratio = f"gaupt is {median / fastest:.2f} times as fast"
        print(f"{way:16} {median:8.2f} s  {megabytes / median:6.2f} MB/s  {ratio}")
    print(f"on disk: {on_disk / tokens:.3f} bytes a token")


if __name__ == "__main__":
    main()
