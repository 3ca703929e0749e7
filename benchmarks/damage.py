"""Damage folders of every kind at random: each file is found and named, and no reader ends in a traceback.

    python benchmarks/damage.py --times 500 --seed 1

A damage is a flipped bit, a file cut short, two files that change places, or a file that is gone. Each is done to a
copy of a folder: documents, a tokenizer, shards with exports, what `prepare` leaves, a run, a checkpoint, an exported
folder with ONNX (where onnx is installed), and an evaluation. Then the folder is verified, and read by what reads it.

    python benchmarks/damage.py --hostile 3000 --seed 1

changes the files of models and vocabularies as somebody would who wants to hurt, with no checksums to find it by: see
`benchmarks/hostile.py`. Each must be read, or refused by name, in bounded time and memory.
"""

import argparse
import json
import random
import shutil
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from hostile import TEXT, Reader, attack

from gaupt.config import load_config
from gaupt.errors import GauptError
from gaupt.evaluation.evaluate import evaluate
from gaupt.evaluation.fill import fill_masks
from gaupt.evaluation.work import EvaluateOptions
from gaupt.exporting.hf import export
from gaupt.files import write_sealed_json
from gaupt.inspection import verify_folder
from gaupt.preparation import prepare
from gaupt.report.page import write_report
from gaupt.seal import LIST, MANIFEST, list_files
from gaupt.shards.build import build_shards
from gaupt.tokenizer.build import build_tokenizer
from gaupt.training.pretrain import plan, pretrain

DATA = Path(__file__).parent.parent / "data"
OPTIONS = (
    "shards.seq_len=64", "shards.validation_share=0.2", "tokenizer.type=char", "tokenizer.vocab_size=3200",
    "model.num_layers=1", "model.hidden_size=32", "model.expanded_size=64", "model.key_size=16",
    "train.steps=12", "train.batch_tokens=512", "train.checkpoint_every=4", "train.eval_every=4",
    "train.log_every=2", "train.eval_tokens=512",
)  # fmt: skip
DAMAGES = ("flip", "cut", "swap", "remove")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--times", type=int, default=500)
    parser.add_argument(
        "--hostile", type=int, metavar="N", help="so many hostile files of models in place of damages"
    )
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    temporary = Path(tempfile.mkdtemp())  # which no end of a fork removes
    try:
        if arguments.hostile:
            attack(arguments.hostile, arguments.seed, temporary, victims)
        else:
            damage(arguments.times, random.Random(arguments.seed), temporary)
    finally:
        shutil.rmtree(temporary)


def make(folder: Path) -> dict[str, Path]:
    """A folder of each kind."""
    formats = ["hf", "onnx"] if find_spec("onnx") and find_spec("onnxscript") else ["hf"]
    config = load_config(overrides=[*OPTIONS, f"export.formats={formats}"])
    prepared = folder / "prepared"
    prepare([DATA / "documents"], prepared, config, workers=1)
    build_shards(
        prepared / "clean", prepared / "tokenizer", folder / "shards", config,
        workers=1, formats=["megatron", "parquet"],
    )  # fmt: skip
    pretrain(prepared, folder / "run", config, workers=0, device="cpu")
    export(folder / "run", folder / "export", config)
    evaluate(
        [folder / "run"],
        ["mlm"],
        next((DATA / "documents").rglob("story-01.txt")),
        folder / "evaluation",
        config,
    )
    return {
        "documents": prepared / "clean",
        "tokenizer": prepared / "tokenizer",
        "shards": folder / "shards",
        "prepared": prepared,
        "run": folder / "run",
        "checkpoint": folder / "run" / "checkpoints" / "step-0000012",
        "export": folder / "export",
        "evaluation": folder / "evaluation",
    }


def readers(work: Path) -> dict[str, Callable[[Path], object]]:
    """What reads each kind."""
    config = load_config(overrides=OPTIONS)

    def fill(model: Path) -> None:
        fill_masks(model, ["今天[MASK]气"])
        export(model, work / "export", config)

    return {
        "documents": lambda folder: build_tokenizer(folder, work / "tokenizer", config, workers=1),
        "tokenizer": lambda folder: build_tokenizer(None, work / "tokenizer", config, source=folder),
        "shards": lambda folder: plan(folder, work / "run", config, device="cpu"),
        "prepared": lambda folder: prepare([DATA / "documents"], folder, config, workers=1),
        "run": lambda folder: (write_report([folder], work / "page.html"), fill(folder)),
        "checkpoint": fill,
        "export": fill,
        "evaluation": lambda folder: write_report([folder], work / "page.html"),
    }


def victims(folder: Path) -> dict[str, Reader]:
    """Folders of models and vocabularies, and what reads each; made where they are not there yet."""
    # Here and not above: the process that forks others runs nothing of torch's itself.
    import torch

    from gaupt.evaluation.encoders import load_encoder
    from gaupt.importing.importer import import_checkpoint
    from gaupt.tokenizer.load import load_tokenizer

    torch.set_num_threads(1)
    config = load_config(overrides=OPTIONS)
    if not (folder / "bin").exists():
        make_victims(folder)

    def fill(model: Path, output: Path) -> None:
        fill_masks(model, [TEXT])
        export(model, output, config)

    def score(model: Path, output: Path) -> None:
        encoder = load_encoder(model)
        ids = encoder.tokenizer.encode("今天天气很好，abc 12.").ids
        encoder.build(0.0, 0)(torch.tensor([ids]), None, None)

    def encode(source: Path, output: Path) -> None:
        tokenizer = load_tokenizer(source)
        tokenizer.encode_places(["今天天气很好，abc 12.\n龘"])
        tokenizer.decode(tokenizer.encode("今天[MASK]气"))
        assert tokenizer.readable is not None

    def adopt(source: Path, output: Path) -> None:
        build_tokenizer(None, output, config, source=source)
        encode(output, output)

    def seal(checkpoint: Path) -> None:
        path = checkpoint / MANIFEST
        manifest = json.loads(path.read_bytes())
        manifest.pop("sha256")
        path.unlink()  # which is not on its own list
        write_sealed_json(path, manifest | {"files": list_files(checkpoint)})

    names = ("tokenizer.json", "tokenizer_config.json")
    model = ("config.json", "config.json", "model.safetensors", "model.safetensors")
    copied = tuple(f"tokenizer/{name}" for name in names)
    return {
        "exported folder": Reader(folder / "export", (*model, *names), fill),
        "fine-tuned folder": Reader(folder / "finetuned", model, fill),
        "checkpoint": Reader(
            folder / "checkpoint", ("model.safetensors", "config.toml", *copied), fill, seal
        ),
        "folder of transformers": Reader(folder / "public", (*model, *names), score),
        "public folder": Reader(folder / "public", (*model, *names, "vocab.txt"), import_checkpoint),
        "pytorch_model.bin": Reader(folder / "bin", ("pytorch_model.bin",), import_checkpoint),
        "vocab.txt": Reader(folder / "vocab", ("vocab.txt",), adopt),
        "tokenizer.json": Reader(folder / "json", ("tokenizer.json",), adopt),
        "sentencepiece model": Reader(folder / "sentencepiece", ("tokenizer.model",), adopt),
        "unigram tokenizer": Reader(folder / "unigram", (*names, "tokenizer.model"), encode),
    }


def make_victims(folder: Path) -> None:
    """The folders that `victims` tells of."""
    import torch
    import transformers
    from safetensors.torch import load_file

    kinds = make(folder / "made")
    shutil.copytree(kinds["checkpoint"], folder / "checkpoint")
    shutil.copytree(kinds["export"], folder / "export")
    shutil.rmtree(folder / "export" / "onnx", ignore_errors=True)
    (folder / "export" / LIST).unlink()
    tasks = (*OPTIONS, "evaluate.seeds=1", "evaluate.epochs=1")
    evaluate(
        [kinds["run"]], [str(DATA / "tasks" / "topics.toml")], DATA / "tasks", folder / "scores",
        load_config(overrides=tasks), EvaluateOptions(save=True),
    )  # fmt: skip
    saved = next((folder / "scores").rglob("model.safetensors")).parent
    shutil.copytree(saved, folder / "finetuned")
    (folder / "finetuned" / LIST).unlink()
    for name, types in (("unigram", "unigram"), ("vocab", "char")):
        config = load_config(overrides=[*OPTIONS, f"tokenizer.type={types}"])
        build_tokenizer(kinds["documents"], folder / name, config, workers=1)
        (folder / name / LIST).unlink()
    for name, file in (("json", "tokenizer.json"), ("sentencepiece", "tokenizer.model")):
        (folder / name).mkdir()
        shutil.copy(folder / "unigram" / file, folder / name)
    for file in ("tokenizer.json", "tokenizer_config.json", "stage.json", "report.json"):
        (folder / "vocab" / file).unlink()
    vocabulary = (folder / "vocab" / "vocab.txt").read_text(encoding="utf-8").split("\n")[:-1]
    (folder / "public").mkdir()
    (folder / "public" / "vocab.txt").write_text(
        "".join(f"{piece}\n" for piece in vocabulary), encoding="utf-8"
    )
    shape = transformers.RoFormerConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=64, embedding_size=32,
    )  # fmt: skip
    transformers.RoFormerForMaskedLM(shape).save_pretrained(folder / "public")
    transformers.BertTokenizerFast(str(folder / "public" / "vocab.txt")).save_pretrained(folder / "public")
    shutil.copytree(folder / "public", folder / "bin")
    torch.save(load_file(folder / "bin" / "model.safetensors"), folder / "bin" / "pytorch_model.bin")
    (folder / "bin" / "model.safetensors").unlink()


def damage(times: int, rng: random.Random, temporary: Path) -> None:
    kinds, work, copy = make(temporary / "whole"), temporary / "work", temporary / "copy"
    read = readers(work)
    counts, failures = Counter[str](), list[str]()
    for number in range(times):
        kind, how = rng.choice([*kinds]), DAMAGES[number % len(DAMAGES)]
        for left in (work, copy):
            shutil.rmtree(left, ignore_errors=True)
        work.mkdir()
        shutil.copytree(kinds[kind], copy)
        damaged = spoil(copy, how, rng)
        told = f"{kind}: {how} {', '.join(str(path.relative_to(copy)) for path in damaged)}"
        counts[f"{kind} {how}"] += 1
        try:
            verify_folder(copy)
            failures.append(f"{told}: not found")
        except GauptError as error:
            if not any(path.name in str(error) for path in damaged):
                failures.append(f"{told}: not named: {error}")
        except Exception:
            failures.append(f"{told}: verify ends with {traceback.format_exc(limit=-2)}")
        try:
            read[kind](copy)
        except (GauptError, KeyboardInterrupt):
            counts["refused by its reader"] += 1
        except Exception:
            failures.append(f"{told}: its reader ends with {traceback.format_exc(limit=-3)}")
    print(
        f"{times} damages, {len(failures)} failures; "
        + ", ".join(f"{n} {c}" for n, c in sorted(counts.items()))
    )
    for failure in failures:
        print(f"- {failure}")


def spoil(folder: Path, how: str, rng: random.Random) -> list[Path]:
    """Damage a file of ``folder``; which are not what they were."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != ".lock"]
    path = rng.choice([path for path in files if path.stat().st_size])
    data = bytearray(path.read_bytes())
    match how:
        case "flip":
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            path.write_bytes(data)
        case "cut":
            path.write_bytes(data[: rng.randrange(len(data))])
        case "remove":
            path.unlink()
        case _:
            other = rng.choice([other for other in files if other.read_bytes() != data])
            path.write_bytes(other.read_bytes())
            other.write_bytes(data)
            return [path, other]
    return [path]


if __name__ == "__main__":
    main()
