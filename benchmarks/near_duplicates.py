"""Recall and precision of the near-duplicate search on pairs made from real text, and its cost at many documents.

    python benchmarks/near_duplicates.py ../shared/corpus             # pairs
    python benchmarks/near_duplicates.py --synthetic 1000000          # time, memory and disk of the search alone

Pairs: documents drawn from the corpus, each with a copy whose characters are changed, left out or doubled at a
random rate, so that similarities spread over 0.5 to 1. The truth is the Jaccard similarity of their sets of
5-character strings, computed without any hash.
"""

import argparse
import io
import json
import random
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import zstandard

from gaupt.config import CleanConfig, Config
from gaupt.corpus.clean import clean
from gaupt.corpus.documents import document_line
from gaupt.corpus.duplicates.minhash import NGRAM, band_keys
from gaupt.corpus.duplicates.search import find_duplicates, number_documents
from gaupt.corpus.part_files import PartFiles
from gaupt.files import write_jsonl_zst
from gaupt.text.characters import letters
from gaupt.workers import local_crew


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", help="folder of .jsonl.zst files")
    parser.add_argument("--pairs", type=int, default=6000)
    parser.add_argument("--threshold", type=float, default=CleanConfig().near_threshold)
    parser.add_argument("--synthetic", type=int, help="so many made-up documents instead")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        if arguments.synthetic:
            synthetic(arguments.synthetic, Path(temporary), arguments.seed)
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


def synthetic(total: int, work: Path, seed: int) -> None:
    """Search among ``total`` documents of 60 characters, every tenth a changed copy of an earlier one."""
    rng = np.random.default_rng(seed)
    per_part, parts, start = 50_000, [], time.perf_counter()
    pool = rng.integers(0x4E00, 0x9FA5, (1000, 60), dtype=np.uint32)
    planted = 0
    for number in range(-(-total // per_part)):
        count = min(per_part, total - number * per_part)
        documents = rng.integers(0x4E00, 0x9FA5, (count, 60), dtype=np.uint32)
        copies = np.arange(9, count, 10)
        documents[copies] = pool[rng.integers(0, len(pool), len(copies))]
        documents[copies, 30] = 0x4E00 + rng.integers(0, 20_000, len(copies), dtype=np.uint32)
        planted += len(copies)
        files = PartFiles(work, number)
        np.save(files.bands, band_keys(list(documents)))
        np.save(files.keys, rng.integers(0, 2**63, (count, 2), dtype=np.uint64))
        with write_jsonl_zst(files.kept) as file:
            for row in documents:
                file.write(document_line("x", row.tobytes().decode("utf-32-le"), "made"))
        parts.append(files)
    made = time.perf_counter() - start
    size = sum(p.bands.stat().st_size + p.keys.stat().st_size for p in parts)
    start = time.perf_counter()
    with local_crew(1) as crew:
        found = find_duplicates(number_documents(parts), work, True, 0.75, crew)
    seconds = time.perf_counter() - start
    pairs_size = sum(p.stat().st_size for p in (work / "pairs").iterdir())
    shingles = sum(p.stat().st_size for p in work.glob("*.shingles.*"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(
        f"{total:,} documents, {planted:,} planted copies of {len(pool)}; made and sketched in {made:.0f} s"
    )
    print(f"search {seconds:.1f} s; found {len(found.repeats):,} (expected {planted - len(pool):,})")
    print(
        f"keys {size / 1e6:.0f} MB, pairs {pairs_size / 1e6:.0f} MB, n-grams {shingles / 1e6:.0f} MB on disk; "
        f"peak memory {peak:.0f} MB, making the documents included"
    )


if __name__ == "__main__":
    main()
