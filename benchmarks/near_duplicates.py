"""Recall and precision of the near-duplicate search on pairs made from real text, and its cost at many documents.

    python benchmarks/near_duplicates.py ../shared/corpus             # pairs
    python benchmarks/near_duplicates.py --synthetic 1000000 --workers 2  # time, memory and disk of the search alone

Pairs: documents drawn from the corpus, each with a copy whose characters are changed, left out or doubled at a
random rate, so that similarities spread over 0.5 to 1. The truth is the Jaccard similarity of their sets of
5-character strings, computed without any hash.
"""

import argparse
import contextlib
import io
import json
import os
import random
import shutil
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import zstandard

from gaupt.config import CleanConfig, Config
from gaupt.corpus.clean import clean
from gaupt.corpus.documents import document_line
from gaupt.corpus.duplicates.groups import group_parts
from gaupt.corpus.duplicates.minhash import NGRAM, Sketches
from gaupt.corpus.duplicates.search import find_duplicates
from gaupt.corpus.part_files import PartFiles, save_array
from gaupt.files import write_jsonl_zst
from gaupt.text.characters import letters
from gaupt.workers import local_crew


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", help="folder of .jsonl.zst files")
    parser.add_argument("--pairs", type=int, default=6000)
    parser.add_argument("--threshold", type=float, default=CleanConfig().near_threshold)
    parser.add_argument("--synthetic", type=int, help="so many made-up documents instead")
    parser.add_argument("--work", type=Path, help="folder for these, used again; by default a temporary one")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        if arguments.synthetic:
            synthetic(
                arguments.synthetic, arguments.work or Path(temporary), arguments.seed, arguments.workers
            )
        else:
            pairs(arguments.folder, arguments.pairs, arguments.threshold, Path(temporary), arguments.seed)


def pairs(folder: Path, wanted: int, threshold: float, temporary: Path, seed: int) -> None:
    rng = random.Random(seed)
    originals = sample(folder, wanted, rng)
    alphabet = "".join(originals)[:200_000]
    texts = {}
    for number, text in enumerate(originals):
        texts[f"a{number}"] = text
        texts[f"b{number}"] = damaged(text, rng, alphabet)
    order = sorted(texts)
    rng.shuffle(order)
    with (temporary / "pairs.jsonl").open("w", encoding="utf-8") as file:
        for name in order:
            file.write(json.dumps({"id": name, "text": texts[name]}, ensure_ascii=False) + "\n")
    # Only duplicates may drop anything here.
    rules = {"min_chinese": 0, "min_chinese_share": 0, "max_digit_share": 1, "max_symbol_share": 1}
    rules |= {
        "max_punctuation_share": 1,
        "max_duplicate_lines": 1,
        "max_repeated_ngrams": 1,
        "max_foreign_share": 1,
    }
    settings = {
        "remove_boilerplate": False,
        "mask_personal_data": False,
        "traditional": "keep",
        "rules": rules,
    }
    config = Config(clean=CleanConfig.model_validate({**settings, "near_threshold": threshold}))
    clean([temporary / "pairs.jsonl"], temporary / "out", config, workers=1)
    found = {}
    for path in (temporary / "out").glob("dropped-*.jsonl.zst"):
        with path.open("rb") as raw:
            for line in io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(raw)):
                drop = json.loads(line)
                if drop["reason"] in ("near_duplicate", "exact_duplicate"):
                    found[drop["id"]] = drop["duplicate_of"]
    sets = {name: grams(text) for name, text in texts.items()}
    truth = [jaccard(sets[f"a{n}"], sets[f"b{n}"]) for n in range(len(originals))]
    print(f"{len(originals):,} pairs, threshold {threshold}")
    for low, high in (
        (0.5, 0.7),
        (0.7, 0.75),
        (0.75, 0.8),
        (0.8, 0.85),
        (0.85, 0.9),
        (0.9, 1.01),
        (0.8, 1.01),
    ):
        inside = [n for n, value in enumerate(truth) if low <= value < high]
        hit = sum(f"a{n}" in found or f"b{n}" in found for n in inside)
        print(
            f"similarity {low:.2f} to {min(high, 1):.2f}: {hit}/{len(inside)} found, {hit / max(1, len(inside)):.2%}"
        )
    similar = [jaccard(sets[a], sets[b]) for a, b in found.items()]
    for limit in sorted({threshold, 0.8}):
        right = sum(value >= limit for value in similar)
        print(
            f"reported with similarity >= {limit}: {right}/{len(similar)}, {right / max(1, len(similar)):.2%}"
        )


def sample(folder: Path, wanted: int, rng: random.Random) -> list[str]:
    texts = []
    paths = sorted(folder.glob("*.jsonl.zst"))
    for path in paths:
        with path.open("rb") as raw:
            reader = zstandard.ZstdDecompressor(max_window_size=1 << 31).stream_reader(raw)
            lines = [line for _, line in zip(range(4000), io.BufferedReader(reader), strict=False)]
        chosen = rng.sample(lines, min(len(lines), wanted // len(paths) + 1))
        texts += [json.loads(line)["text"][:3000] for line in chosen]
    return [text for text in texts if sum("\u4e00" <= c <= "\u9fff" for c in text) >= 30]


def damaged(text: str, rng: random.Random, alphabet: str) -> str:
    rate = rng.uniform(0, 0.09) ** 1.3
    out = []
    for character in text:
        if rng.random() >= rate:
            out.append(character)
        elif (kind := rng.random()) < 0.5:
            out.append(rng.choice(alphabet))
        elif kind < 0.75:
            out.append(character * 2)
    return "".join(out)


def grams(text: str) -> set[str]:
    plain = "".join(map(chr, letters(text).tolist()))
    return {plain[i : i + NGRAM] for i in range(max(1, len(plain) - NGRAM + 1))}


def jaccard(first: set[str], second: set[str]) -> float:
    return len(first & second) / len(first | second)


def synthetic(total: int, work: Path, seed: int, workers: int) -> None:
    """Search among ``total`` documents of 60 characters, every tenth a changed copy of one of 200 like it.

    Making and sketching them may take longer than the search, and is done once: ``work`` is used again.
    """
    rng, work = np.random.default_rng(seed), work / str(total)
    per_part, parts, lengths, start = 50_000, [], [], time.perf_counter()
    pool = rng.integers(0x4E00, 0x9FA5, (max(1, total // 2000), 60), dtype=np.uint32)
    planted = 0
    (work / "parts").mkdir(parents=True, exist_ok=True)
    for number in range(-(-total // per_part)):
        count = min(per_part, total - number * per_part)
        rng = np.random.default_rng((seed, number + 1))  # (seed, 0) draws what seed alone draws
        planted += count // 10
        files = PartFiles(work / "parts", f"{number:06d}")
        parts.append(files)
        lengths.append(count)
        if files.ids.exists():
            continue
        documents = rng.integers(0x4E00, 0x9FA5, (count, 60), dtype=np.uint32)
        copies = np.arange(9, count, 10)
        documents[copies] = pool[rng.integers(0, len(pool), len(copies))]
        documents[copies, 30] = 0x4E00 + rng.integers(0, 20_000, len(copies), dtype=np.uint32)
        sketches = Sketches()
        for document in documents:
            sketches.add(document)
        save_array(files.bands, sketches.band_keys())
        save_array(files.keys, rng.integers(0, 2**63, (count, 2), dtype=np.uint64))
        with write_jsonl_zst(files.kept) as file:
            for row in documents:
                file.write(document_line("x", row.tobytes().decode("utf-32-le"), "made"))
        files.ids.write_bytes(b'"x"\n' * count)
    print(
        f"{total:,} documents, {planted:,} planted copies of {len(pool):,}; made in {time.perf_counter() - start:.0f} s"
    )
    size = sum(p.bands.stat().st_size + p.keys.stat().st_size for p in parts)
    shutil.rmtree(work / "search", ignore_errors=True)
    start, cpu = time.perf_counter(), cpu_seconds()
    with Peak(work / "search") as peak, local_crew(workers) as crew:
        found = find_duplicates(group_parts(parts, lengths), work / "search", True, 0.75, crew)
    seconds = time.perf_counter() - start
    near = sum(len(found.numbers(group)) for group in range(found.search.groups))
    print(
        f"search {seconds:.1f} s, {cpu_seconds() - cpu:.1f} CPU s; found {near:,} (expected {planted - len(pool):,})"
    )
    print(
        f"keys {size / 1e6:,.0f} MB; files of the search {peak.disk / 1e6:,.0f} MB at most; "
        f"memory {peak.memory / 1e6:,.0f} MB in one process at most"
    )


def cpu_seconds() -> float:
    """Of this process and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


class Peak:
    """The most memory of this process or one of its children, and the most disk of ``folder``, while it is open."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.memory, self.disk = folder, 0, 0
        self._ended = threading.Event()

    def __enter__(self) -> "Peak":
        threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._look()

    def _watch(self) -> None:
        while not self._ended.wait(0.5):
            self._look()

    def _look(self) -> None:
        me = psutil.Process()
        for process in (me, *me.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                # What is its own: a file that is mapped belongs to the system, which may take its memory back.
                facts = process.memory_info()
                self.memory = max(self.memory, facts.rss - facts.shared)
        with contextlib.suppress(OSError):
            self.disk = max(self.disk, sum(p.stat().st_size for p in self.folder.rglob("*") if p.is_file()))


if __name__ == "__main__":
    main()
