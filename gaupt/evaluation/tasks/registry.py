"""The tasks of CLUE and FewCLUE by name, their groups, and the averages that tables print."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from gaupt.evaluation.tasks.read import (
    read_choices,
    read_idioms,
    read_labelled,
    read_questions,
    read_tagged,
)
from gaupt.evaluation.tasks.task import Task

CLUE = "github.com/CLUEbenchmark/CLUE (storage.googleapis.com/cluebenchmark/tasks/{}_public.zip)"
FEWCLUE = "github.com/CLUEbenchmark/FewCLUE (folder datasets/{})"
ENTITY_TYPES = (
    "address", "book", "company", "game", "government", "movie", "name", "organization", "position", "scene",
)  # fmt: skip
NLI = ("contradiction", "entailment", "neutral")
TNEWS_LABELS = tuple(str(label) for label in range(100, 117) if label not in (105, 111))
"""15 names, of which 105 and 111 are none."""


def _sentence(name: str) -> Any:
    return lambda record: (record[name],)


def _sentences(record: Mapping[str, Any]) -> tuple[str, ...]:
    return record["sentence1"], record["sentence2"]


def _keywords(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Keywords first: of what does not fit, the abstract's end is cut, never a keyword."""
    return "；".join(record["keyword"]), record["abst"]


def _marked(record: Mapping[str, Any]) -> tuple[str, ...]:
    """The text with ``_`` round the noun and ``[ ]`` round the pronoun, as CLUE's baseline marks them."""
    text, target = record["text"], record["target"]
    marks = [
        (target["span1_index"], target["span1_text"], "_", "_"),
        (target["span2_index"], target["span2_text"], "[", "]"),
    ]
    # From the right, so that places to the left stay true.
    for start, span, opening, closing in sorted(marks, reverse=True):
        if text[start : start + len(span)] != span:
            raise ValueError(f"{span!r} does not stand at character {start} of its text")
        text = text[:start] + opening + span + closing + text[start + len(span) :]
    return (text,)


def _task(name: str, kind: Any, texts: Any, labels: tuple[str, ...] | None, **more: Any) -> Task:
    options = {key: more.pop(key) for key in ("group", "label_field") if key in more}
    return Task(name, kind, partial(read_labelled, texts=texts, labels=labels, **options), labels, **more)


_TASKS = (
    _task(
        "afqmc", "pair", _sentences, ("0", "1"),
        source=CLUE.format("afqmc"), submission=(("test.json", "afqmc_predict.json"),),
        description="do two questions of customers mean the same",
    ),
    _task(
        "tnews", "classification", _sentence("sentence"), TNEWS_LABELS,
        source=CLUE.format("tnews"),
        submission=(("test1.0.json", "tnews10_predict.json"), ("test.json", "tnews11_predict.json")),
        description="the section of a news title",
    ),
    _task(
        "iflytek", "classification", _sentence("sentence"), tuple(map(str, range(119))),
        source=CLUE.format("iflytek"), submission=(("test.json", "iflytek_predict.json"),), probe_length=256,
        description="the category of an app by its description",
    ),
    _task(
        "cmnli", "pair", _sentences, NLI,
        source=CLUE.format("cmnli"), submission=(("test.json", "cmnli_predict.json"),),
        description="does one sentence follow from another",
    ),
    _task(
        "ocnli", "pair", _sentences, NLI,
        source="github.com/CLUEbenchmark/OCNLI (folder data/ocnli)",
        files={
            "train": (
                ("train.json",), ("train.50k.json",), ("train.30k.json",), ("train.10k.json",),
                ("train.3k.json",), ("train_few_all.json",), ("train_0.json",),
            ),
            "dev": (("dev.json",), ("dev_few_all.json",), ("dev_0.json",)),
            "test": (("test_public.json",), ("test.json",)),
        },
        submission=(("test.json", "ocnli_50k_predict.json"),),
        description="does one sentence follow from another, written in Chinese",
    ),
    _task(
        "cluewsc", "classification", _marked, ("true", "false"), group=lambda record: record["text"],
        folders=("cluewsc2020", "wsc", "wsc2020"), source=CLUE.format("cluewsc2020"),
        submission=(("test1.0.json", "cluewsc10_predict.json"), ("test.json", "cluewsc11_predict.json")),
        description="does a pronoun mean a noun",
    ),
    _task(
        "csl", "pair", _keywords, ("0", "1"), group=lambda record: record["abst"],
        source=CLUE.format("csl"), submission=(("test.json", "csl_predict.json"),), probe_length=256,
        description="are all keywords those of the abstract",
    ),
    Task(
        "cmrc2018", "reading", read_questions, folders=("cmrc",),
        files={
            "train": (("train.json",), ("cmrc2018_train.json",)),
            "dev": (("dev.json",), ("cmrc2018_dev.json",)),
            "test": (("test.json",), ("cmrc2018_test_2k.json",)),
        },
        source=CLUE.format("cmrc2018"), probe_length=512,
        submission=(("test.json", "cmrc2018_predict.json"), ("cmrc2018_test_2k.json", "cmrc2018_predict.json")),
        description="the piece of a passage that answers a question",
    ),
    Task(
        "drcd", "reading", read_questions,
        files={
            "train": (("train.json",), ("DRCD_training.json",)),
            "dev": (("dev.json",), ("DRCD_dev.json",)),
            "test": (("test.json",), ("DRCD_test.json",)),
        },
        source="github.com/DRCKnowledgeTeam/DRCD", probe_length=512,
        description="the same in traditional writing",
    ),
    Task(
        "chid", "choice", read_idioms,
        submission=(("test1.0.json", "chid10_predict.json"), ("test1.1.json", "chid11_predict.json")),
        source=CLUE.format("chid"), description="the idiom of a blank",
    ),
    Task(
        "c3", "choice", read_choices,
        files={
            "train": (("m-train.json", "d-train.json"), ("c3-m-train.json", "c3-d-train.json")),
            "dev": (("m-dev.json", "d-dev.json"), ("c3-m-dev.json", "c3-d-dev.json")),
            "test": (
                ("test1.1.json",), ("test1.0.json",), ("m-test.json", "d-test.json"),
                ("c3-m-test.json", "c3-d-test.json"),
            ),
        },
        submission=(("test1.0.json", "c310_predict.json"), ("test1.1.json", "c311_predict.json")),
        source=CLUE.format("c3"), probe_length=256, description="the right answer on a passage or dialogue",
    ),
    Task(
        "cluener", "spans", partial(read_tagged, labels=ENTITY_TYPES), ENTITY_TYPES, folders=("cluener2020",),
        source=CLUE.format("cluener"), submission=(("test.json", "cluener_predict.json"),),
        description="entities of ten types",
    ),
    _task(
        "eprstmt", "classification", _sentence("sentence"), ("Negative", "Positive"),
        source=FEWCLUE.format("eprstmt"), submission=(("test.json", "eprstmt_predict.json"),),
        description="is a review positive",
    ),
    _task(
        "bustm", "pair", _sentences, ("0", "1"),
        source=FEWCLUE.format("bustm"), submission=(("test.json", "bustm_predict.json"),),
        description="do two short requests mean the same",
    ),
    _task(
        "csldcp", "classification", _sentence("content"), None,
        source=FEWCLUE.format("csldcp"), submission=(("test.json", "csldcp_predict.json"),), probe_length=256,
        description="the discipline of a paper",
    ),
)  # fmt: skip
TASKS: Mapping[str, Task] = {task.name: task for task in _TASKS}

CLS6 = ("afqmc", "cmnli", "csl", "iflytek", "tnews", "cluewsc")
GROUPS: Mapping[str, tuple[str, ...]] = {
    "clue9": ("afqmc", "csl", "iflytek", "tnews", "cluewsc", "cmnli", "cmrc2018", "chid", "c3"),
    "clue10": ("afqmc", "tnews", "iflytek", "cmnli", "ocnli", "cluewsc", "csl", "cmrc2018", "chid", "c3"),
    "cls6": CLS6,
    "cls7": (*CLS6, "ocnli"),
    "fewclue": ("eprstmt", "csldcp", "tnews", "iflytek", "ocnli", "bustm", "chid", "csl", "cluewsc"),
}
"""Names that stand for several tasks at ``--task``."""


@dataclass(frozen=True)
class Average:
    """An unweighted mean that somebody publishes under the name of CLUE."""

    members: tuple[str, ...]
    reading: str
    """Which figure of CMRC 2018 enters: ``average``, the mean of EM and F1, or ``em``."""
    who: str
    few_shot: bool = False
    """Whether FewCLUE's files enter; the others are over CLUE's."""


AVERAGES: Mapping[str, Average] = {
    "paper9": Average(GROUPS["clue9"], "average", "arXiv:2205.05842, table 5"),
    "clue10": Average(GROUPS["clue10"], "em", "PaddleNLP"),
    "cls6": Average(GROUPS["cls6"], "", "the README of the paper's code"),
    "cls7": Average(GROUPS["cls7"], "", "the PyTorch ports of RoFormer and GAU-α"),
    "fewclue9": Average(GROUPS["fewclue"], "", "FewCLUE with ChID", few_shot=True),
}
