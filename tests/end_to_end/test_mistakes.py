"""Mistakes that people make, and what they are told: what is wrong, where, and what to do.

Each is answered with one line on stderr and exit status 2, and leaves everything as it was.
"""

import os
import shlex
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from gaupt.demo import sample_task
from gaupt.exporting import hf
from tests.cli.conftest import TINY_OPTIONS, Gaupt
from tests.evaluation.small import write_model

Fixtures = Mapping[str, Path]
"""Sound folders by the words that stand for them in a command: PREPARED, RUN, EXPORT, TASK (a file)."""
Prepare = Callable[[Path, Fixtures], object]
"""Makes what a mistake needs in the folder that the command is called in."""


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory, prepared: Path, finished: Path) -> Fixtures:
    exported = tmp_path_factory.mktemp("sound") / "export"
    hf.export(finished, exported)
    return {"PREPARED": prepared, "RUN": finished, "EXPORT": exported, "TASK": sample_task()}


def file(name: str, text: str = "") -> Prepare:
    """Write a text file."""
    return lambda here, sound: (here / name).write_text(text, encoding="utf-8")


def files(**texts: str) -> Prepare:
    """Write files, each with the suffix ``.json``."""
    return lambda here, sound: [(here / f"{name}.json").write_text(text) for name, text in texts.items()]


def copy(kind: str, change: Callable[[Path], object]) -> Prepare:
    """Copy a sound folder to ``copy`` and spoil it."""

    def prepare(here: Path, sound: Fixtures) -> None:
        shutil.copytree(sound[kind], here / "copy")
        change(here / "copy")

    return prepare


def gone(name: str) -> Callable[[Path], object]:
    """Remove a file or a folder."""

    def change(folder: Path) -> None:
        (path,) = folder.glob(name)
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return change


def holds(name: str, text: str) -> Callable[[Path], object]:
    """Let a file hold something else."""
    return lambda folder: [path.write_text(text) for path in folder.glob(name)]


def cut(name: str, size: int) -> Callable[[Path], object]:
    """Let a file end too early, as where the disk was full."""
    return lambda folder: [os.truncate(path, size) for path in folder.glob(name)]


def loop(here: Path, sound: Fixtures) -> None:
    (here / "loop").symlink_to("loop")


def empty(here: Path, sound: Fixtures) -> None:
    (here / "empty").mkdir()


def task(old: str, new: str) -> Prepare:
    """A copy of the sample's task with a mistake in it."""
    return lambda here, sound: (here / "task.toml").write_text(sound["TASK"].read_text().replace(old, new))


def bert(here: Path, sound: Fixtures) -> None:
    (here / "bert").mkdir()
    (here / "bert" / "config.json").write_text('{"model_type": "bert", "hidden_size": 768}')


@dataclass(frozen=True)
class Mistake:
    """A command that cannot be, and parts of what it is answered."""

    name: str
    command: str
    said: tuple[str, ...]
    prepare: Prepare | None = None


def mistake(name: str, command: str, *said: str, prepare: Prepare | None = None) -> Mistake:
    return Mistake(name, command, said, prepare)


GOLD = '{"id": 0, "label": "100", "sentence": "a"}\n{"id": 1, "label": "100", "sentence": "b"}\n'
CHECKPOINTS = "checkpoints/step-*"

# Signs that only look like those of the keyboard are what these rows are about.
MISTAKES = (
    # Numbers
    mistake("thousands", "pretrain PREPARED -o out --steps 10,000", "--steps 10,000", "such as 10000"),
    mistake("a k", "pretrain PREPARED -o out --steps 30k", "--steps 30k", "whole number, such as 30000"),
    mistake("a float for steps", "pretrain PREPARED -o out --steps 1e5", "--steps 1e5", "such as 100000"),
    mistake("half a step", "pretrain PREPARED -o out --steps 1.5", "--steps 1.5", "expected a whole number ("),
    mistake("a unit", "pretrain PREPARED -o out --hours 8h", "--hours 8h: expected a number, such as 8"),
    mistake("no hours", "pretrain PREPARED -o out --hours 0", "--hours 0", "more than 0", "without it"),
    mistake("seconds", "pretrain PREPARED -o out --hours 36000", "--hours 36000", "at most 10,000"),
    mistake("a clock", "pretrain PREPARED -o out --hours 1:30", "--hours 1:30: expected a number"),
    mistake("no number", "pretrain PREPARED -o out --hours nan", "--hours nan: expected a finite number"),
    mistake("time without end", "pretrain PREPARED -o out --hours inf", "--hours inf", "at most 10,000"),
    mistake("a percentage", "pretrain PREPARED -o out --set train.mask_rate=15%", "train.mask_rate=15%", "0.15?"),
    mistake("all masked", "pretrain PREPARED -o out --set train.mask_rate=1.0", "train.mask_rate=1.0", "< 1"),
    mistake("a big seed", "pretrain PREPARED -o out --seed 99999999999999999999", "--seed 9999", "< 9,223,372"),
    mistake("half a layer", "pretrain PREPARED -o out --set model.num_layers=2.5", "num_layers=2.5", "whole number"),
    mistake("odd keys", "pretrain PREPARED -o out --set model.key_size=33", "key_size = 33", "positive even number"),
    mistake("heads that do not divide",
            "pretrain PREPARED -o out --preset roformer-v2-small --set model.num_heads=7",
            "num_heads = 7 does not divide"),
    mistake("a batch below a row", "pretrain PREPARED -o out TINY --set train.batch_tokens=32",
            "batch_tokens = 32", "less than one sample", "seq_len = 64"),
    mistake("a model larger than memory", "pretrain PREPARED -o out TINY --set model.num_layers=10000000",
            "parameters needs", "GB that are free", "choose a smaller one"),
    # The shell, and text copied from pages
    mistake("a full-width digit", "pretrain PREPARED -o out --set train.lr=１e-4",
            "train.lr=１e-4", "type train.lr=1e-4"),
    mistake("a full-width sign", "pretrain PREPARED -o out --set train.lr＝1e-4", "type train.lr=1e-4"),
    mistake("a dash for two hyphens", "pretrain PREPARED -o out —steps 5", "—steps", "type --steps"),
    mistake("full-width hyphens", "pretrain PREPARED -o out －－steps 5", "－－steps", "type --steps"),
    mistake("curled quotes", "pretrain PREPARED -o out --set “train.lr=1e-4”", "type train.lr=1e-4"),
    mistake("several in one", "pretrain PREPARED -o out --set train.lr=1e-4,train.steps=5",
            "train.lr=1e-4,train.steps=5", "each its own", "--set train.steps=…"),
    mistake("a list without brackets", "pretrain PREPARED -o out --set train.betas=0.9,0.99",
            "train.betas=0.9,0.99", "such as [0.9, 0.999]"),
    mistake("a home in quotes", "pretrain PREPARED -o '~/run' TINY", "~/run", "the shell puts your home"),
    mistake("a short option with =", "pretrain PREPARED -o=out TINY", "=out", "without ="),
    mistake("a config that is a preset", "pretrain PREPARED -o out --config small",
            "config file small does not exist", "--preset small"),
    # Options of other programs
    mistake("resume", "pretrain PREPARED -o out --resume", "--resume", "the same command resumes"),
    mistake("GPUs", "pretrain PREPARED -o out --gpus 4", "--gpus", "torchrun --nproc-per-node"),
    mistake("output_dir", "pretrain PREPARED --output_dir out", "--output_dir", "did you mean --output?"),
    mistake("data", "pretrain --data PREPARED -o out", "--data", "gaupt pretrain DATA"),
    mistake("model", "fill --model RUN [MASK]", "--model", "gaupt fill MODEL"),
    mistake("fp16", "pretrain PREPARED -o out --set train.precision=fp16", "fp16", "auto, float32 or bfloat16"),
    mistake("a device of a Mac", "pretrain PREPARED -o out TINY --device mps", "--device mps", "cpu"),
    mistake("help as a command", "help pretrain", "'help'", "gaupt --help"),
    mistake("version as a command", "version", "'version'", "gaupt --version"),
    # Config files
    mistake("YAML", "pretrain PREPARED -o out --config my.yaml", "my.yaml", "line 1", "lr = 1e-4 under [train]",
            prepare=file("my.yaml", "train:\n  lr: 1e-4\n")),
    mistake("True of Python", "pretrain PREPARED -o out --config my.toml", "my.toml", "line 2",
            prepare=file("my.toml", "[train]\ncompile = True\n")),
    mistake("an option twice", "pretrain PREPARED -o out --config my.toml", "my.toml", "line 3",
            prepare=file("my.toml", "[train]\nlr = 1e-4\nlr = 2e-4\n")),
    mistake("a nested table", "clean PREPARED -o out --config my.toml",
            "[clean.sources.wiki.rules] min_chines", "did you mean", "min_chinese?",
            prepare=file("my.toml", "[clean.sources.wiki.rules]\nmin_chines = 3\n")),
    mistake("weights as a config", "pretrain PREPARED -o out --config EXPORT/model.safetensors",
            "model.safetensors", "name a TOML file"),
    # Raw text and what is made of it
    mistake("standard input", "prepare - -o out", "standard input is not read", "write it to a file"),
    mistake("a file misspelt", "prepare nots.txt -o out", "nots.txt does not exist", "did you mean notes.txt?",
            prepare=file("notes.txt", "清晨的雾还没有散。")),
    mistake("a file that is nowhere", "prepare nowhere.txt -o out", "nowhere.txt does not exist", "globs or URLs"),
    mistake("a glob without a match", "prepare *.jsonl -o out", "*.jsonl matches no file"),
    mistake("a dictionary that is nowhere", "prepare notes.txt -o out --set tokenizer.user_dictionary=words.txt",
            "tokenizer.user_dictionary: words.txt does not exist", "name a file",
            prepare=file("notes.txt", "清晨的雾还没有散。")),
    mistake("a folder to keep out", "prepare notes.txt -o out --set 'shards.exclude=[\"empty\"]'",
            "shards.exclude: empty is a folder", "name the files in it",
            prepare=lambda here, sound: (file("notes.txt", "清晨的雾还没有散。")(here, sound), empty(here, sound))),
    mistake("a vocabulary of nothing", "tokenizer empty -o out", "empty is empty", "gaupt clean", prepare=empty),
    mistake("words for no vocabulary", "tokenizer --extend words.txt -o out", "--extend words.txt", "--from",
            prepare=file("words.txt", "语言\n")),
    mistake("words that are nowhere", "tokenizer --from RUN --extend words.txt -o out", "--extend: words.txt does not",
            "name a file"),
    mistake("words with frequencies", "tokenizer --from RUN --extend words.txt -o out", "words.txt:1", "'语言 7 n'",
            "drop its frequency", prepare=file("words.txt", "语言 7 n\n")),
    mistake("documents for a tokenizer", "shard PREPARED/clean --tokenizer PREPARED/clean -o out",
            "a folder of gaupt clean", "not a folder of gaupt tokenizer"),
    mistake("a preset that is not", "presets huge", "no preset named 'huge'", "choose one of"),
    mistake("a key that is not", "config train.learning", "train.learning", "gaupt config train lists"),
    mistake("a length of nothing", "bench --length 0", "--length 0: expected at least 1"),
    # What is not whole
    mistake("shards without tokens", "pretrain copy -o out TINY", "train-00000.tokens.bin is missing", "gaupt shard",
            prepare=copy("PREPARED", gone("shards/train-00000.tokens.bin"))),
    mistake("shards cut short", "pretrain copy -o out TINY", "train-00000.tokens.bin is damaged", "gaupt shard",
            prepare=copy("PREPARED", cut("shards/train-00000.tokens.bin", 1000))),
    mistake("a broken manifest", "pretrain copy -o out TINY", "shards/manifest.json is damaged", "--overwrite",
            prepare=copy("PREPARED", holds("shards/manifest.json", '{"a": 1'))),
    mistake("shards without a tokenizer", "pretrain copy -o out TINY", "tokenizer.json is missing", "gaupt shard",
            prepare=copy("PREPARED", gone("shards/tokenizer"))),
    mistake("prepared without reports", "inspect copy --verify",
            "copy", "without its clean/report.json", "copy or make",
            prepare=copy("PREPARED", gone("clean/report.json"))),
    mistake("a run of damaged checkpoints", "fill copy [MASK]", "checkpoints is damaged", "tokenizer.json is missing",
            "copy the run again",
            prepare=copy("RUN", lambda run: [shutil.rmtree(path) for path in run.glob(f"{CHECKPOINTS}/tokenizer")])),
    mistake("a run without checkpoints", "fill copy [MASK]", "copy is not complete", "gaupt pretrain",
            prepare=copy("RUN", gone("checkpoints"))),
    mistake("an export without tokenizer", "fill copy [MASK]", "copy/tokenizer.json is missing", "export again",
            prepare=copy("EXPORT", gone("tokenizer.json"))),
    mistake("an export without config", "fill copy [MASK]", "gaupt export without its config.json", "copy or make",
            prepare=copy("EXPORT", gone("config.json"))),
    mistake("an export with a broken config", "fill copy [MASK]", "copy/config.json is damaged", "export again",
            prepare=copy("EXPORT", holds("config.json", "{"))),
    mistake("weights of git lfs", "fill copy [MASK]", "copy/model.safetensors is damaged", "export again",
            prepare=copy("EXPORT", holds("model.safetensors", "version https://git-lfs.github.com/spec/v1\n"))),
    mistake("a broken cleaning report", "report copy -o out.html", "copy/clean/report.json is missing or damaged",
            "gaupt clean again", prepare=copy("PREPARED", holds("clean/report.json", "{}"))),
    mistake("a tokenizer without report", "report copy -o out.html", "copy/tokenizer/report.json is missing or damaged",
            "gaupt tokenizer again", prepare=copy("PREPARED", gone("tokenizer/report.json"))),
    mistake("shards that changed", "inspect copy --verify", "train-00000.tokens.bin is damaged", "copy the",
            prepare=copy("PREPARED", cut("shards/train-00000.tokens.bin", 1000))),
    # The wrong thing in the wrong place
    mistake("a link to itself", "pretrain loop -o out TINY", "loop is a link to loop", "give", prepare=loop),
    mistake("the null device", "pretrain PREPARED -o /dev/null TINY", "/dev/null is a file", "another place"),
    mistake("into its own data", "pretrain PREPARED -o PREPARED TINY", "did not write", "choose an empty folder"),
    mistake("more steps for a run without a stable phase", "pretrain PREPARED -o RUN --steps 7", "no stable phase",
            "more than its 6 steps", "a new run with --from", "--set train.schedule=[[0.8,1],[1,0]]"),
    mistake("fewer steps for a run", "pretrain PREPARED -o RUN TINY --set train.steps=5", "train.steps 6 -> 5",
            "--overwrite"),
    mistake("another seed for a run", "pretrain PREPARED -o RUN TINY --seed 7", "seed 0 -> 7", "another -o folder"),
    mistake("no source left", "pretrain PREPARED -o out TINY --set train.source_weights.*=0 --dry-run",
            "train.source_weights", "every source has the weight 0"),
    mistake("a model of another tokenizer", "pretrain PREPARED -o out --preset tiny --from small",
            "shards was made with another tokenizer (char, 1,500 pieces", "than that of small (char, ",
            "gaupt shard CLEAN --tokenizer small", "gaupt tokenizer --from small --extend WORDS",
            prepare=lambda here, sound: write_model(here / "small")),
    mistake("another shape than the model's", "pretrain PREPARED -o out --from RUN --set model.hidden_size=64",
            "--set model.hidden_size=64", "has model.hidden_size = 32", "leave it out"),
    mistake("a shape in a file", "pretrain PREPARED -o out --from RUN --config my.toml",
            "my.toml: [model] num_heads", "is a gau, which has no model.num_heads",
            prepare=file("my.toml", "[model]\nnum_heads = 4\n")),
    mistake("data to go on from", "pretrain PREPARED -o out --from PREPARED", "a folder of gaupt prepare, not a run"),
    mistake("a model that is nowhere", "pretrain PREPARED -o out --from RUNS", "RUNS does not exist", "give a run"),
    mistake("a model on the hub", "pretrain PREPARED -o out --from hfl/rbt3", "hf download hfl/rbt3"),
    mistake("a public model to go on from", "pretrain PREPARED -o out --from bert", "a folder of transformers",
            "gaupt import", prepare=bert),
    mistake("a run from itself", "pretrain PREPARED -o RUN --from RUN TINY", "--from", "choose another -o folder"),
    mistake("a run from nothing, from a model", "pretrain PREPARED -o RUN --from EXPORT TINY", "input --from added",
            "another -o folder"),
    mistake("a page of PDF", "report RUN -o out.pdf", "out.pdf", "ends in .html"),
    mistake("a report of nothing", "report empty -o out.html", "empty is empty", "name one", prepare=empty),
    mistake("a format for llama", "export RUN -o out --format gguf", "--format gguf",
            "expected hf, onnx, gau-alpha or roformer"),
    mistake("BERT to import", "import bert -o out", "bert/config.json", "'bert' is not one of gau", prepare=bert),
    mistake("an import of nothing", "import empty -o out", "empty is empty", "a public checkpoint", prepare=empty),
    mistake("a demo into a file", "demo -o note.txt", "note.txt is a file", "another place",
            prepare=file("note.txt")),
    # fill
    mistake("a mask in small letters", "fill RUN 天气很[mask]。", "天气很[mask]。", "write [MASK] in place of [mask]"),
    mistake("a mask in Chinese brackets", "fill RUN 天气很【MASK】。", "[MASK] in place of 【MASK】"),
    mistake("a mask of RoBERTa", "fill RUN '天气很<mask>。'", "[MASK] in place of <mask>"),
    mistake("a gap", "fill RUN 天气很____。", "[MASK] in place of ____"),
    # Tasks
    mistake("tasks in one word", "evaluate RUN --task tnews,ocnli --data . -o out",
            "'tnews,ocnli'", "did you mean tnews"),
    mistake("no folder of tasks", "evaluate RUN --task TASK --data nowhere -o out", "nowhere is no folder", "--data"),
    mistake("a key of a task misspelt", "evaluate RUN --task task.toml --data . -o out",
            "task.toml", "feilds: unknown, expected one of", "docs/evaluation", prepare=task("fields", "feilds")),
    mistake("a kind that is not", "evaluate RUN --task task.toml --data . -o out",
            "task.toml: kind: 'multilabel' is not one of classification", "docs/evaluation.md",
            prepare=task("classification", "multilabel")),
    mistake("settings of no task", "evaluate RUN --task TASK --data . -o out --set evaluate.tasks.topcs.lr=1e-4",
            "evaluate.tasks.topcs", "did you mean topics?"),
    mistake("a probe to keep", "evaluate RUN --task TASK --data . -o out --probe --save", "--save", "leave it out"),
    mistake("one model twice", "evaluate RUN RUN --task TASK --data . -o out", "given more than once", "once"),
    mistake("fewer predictions than rows", "score tnews gold.json predictions.json",
            "predictions.json lacks predictions", "1 of 2 rows", "id 1",
            prepare=files(gold=GOLD, predictions='{"id": 0, "label": "100"}\n')),
    mistake("labels of another task", "score tnews gold.json predictions.json",
            "predictions.json, id 0", "'entailment' is not one of tnews's", "100, 101",
            prepare=files(gold=GOLD, predictions=GOLD.replace("100", "entailment"))),
    mistake("a table of tabs", "score tnews gold.json predictions.json",
            "predictions.json, line 1: no JSON", "expected JSON lines",
            prepare=files(gold=GOLD, predictions="0\t100\n1\t100\n")),
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("mistake", [pytest.param(mistake, id=mistake.name) for mistake in MISTAKES])
def test_a_mistake_is_one_line_that_helps_and_leaves_nothing(
    mistake: Mistake, gaupt: Gaupt, sound: Fixtures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if mistake.prepare is not None:
        mistake.prepare(tmp_path, sound)
    before = listing(tmp_path)
    message = gaupt(*words(mistake.command, sound)).error()
    assert "Traceback" not in message
    assert [part for part in mistake.said if part not in message] == [], message
    assert listing(tmp_path) == before


def words(command: str, sound: Fixtures) -> list[str]:
    """The arguments of a command, with what its words in capitals stand for."""
    arguments = []
    for word in shlex.split(command):
        first, slash, rest = word.partition("/")
        arguments += TINY_OPTIONS if word == "TINY" else [f"{sound.get(first, first)}{slash}{rest}"]
    return arguments


def listing(folder: Path) -> dict[Path, tuple[int, int]]:
    """Everything in a folder, with size and time of change."""
    return {path: (path.lstat().st_size, path.lstat().st_mtime_ns) for path in folder.rglob("*")}
