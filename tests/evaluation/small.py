"""A small model and small tasks that it can learn."""

import random
from pathlib import Path
from typing import Any

import torch

from gaupt.checkpoint.format import save_checkpoint
from gaupt.checkpoint.run_folder import checkpoint_folder
from gaupt.config import Config, EvaluateConfig, load_config
from gaupt.device import Machine
from gaupt.evaluation.data import TaskData, read_task
from gaupt.evaluation.encoders import Encoder, load_encoder
from gaupt.evaluation.tasks.find import find_task
from gaupt.model.config import GAUConfig, ModelConfig
from gaupt.model.family import masked_lm
from gaupt.tokenizer.build import build_tokenizer
from tests.evaluation.tasks.made import write_lines, write_value

CHARACTERS = (
    "天地人山水风雨花鸟鱼虫木石云月日星河湖海好坏大小多少东西南北中上下左右前后"
    "一二三四五六七八九十，。？！：_；[]男女去哪儿"
)
VOCABULARY = [
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
    *dict.fromkeys(CHARACTERS),
    *("a", "b", "c", "##a", "##b", "##c"),
]
SMALL = GAUConfig(
    vocab_size=len(VOCABULARY), hidden_size=32, num_layers=2, expanded_size=64, key_size=16, max_length=64
)
CPU = Machine(torch.device("cpu"), torch.float32)
TINY_BERT = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
PLAIN = "天地人山水风雨花鸟鱼虫木石云月日星"


def write_model(folder: Path, seed: int = 0, model: ModelConfig = SMALL) -> Path:
    """A run with one checkpoint of a small random model."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n", encoding="utf-8")
    build_tokenizer(None, folder / "tokenizer", Config(), source=folder / "vocab.txt")
    torch.manual_seed(seed)
    weights, config = masked_lm(model).state_dict(), Config(model=model)
    save_checkpoint(checkpoint_folder(folder, 1), weights, config, folder / "tokenizer", step=1)
    return folder


def write_bert(
    folder: Path, mask: bool = True, positions: int = 512, precision: torch.dtype = torch.float32
) -> Path:
    """A BERT of transformers' own, as its save_pretrained leaves it."""
    from transformers import BertConfig, BertForMaskedLM, BertTokenizerFast

    folder.mkdir()
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *(["[MASK]"] if mask else []), *"天地人山水"]
    (folder / "vocab.txt").write_text("\n".join(tokens) + "\n", encoding="utf-8")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokens),
        max_position_embeddings=positions,
        **TINY_BERT,
    )
    BertForMaskedLM(config).to(precision).save_pretrained(folder)
    tokenizer = BertTokenizerFast(str(folder / "vocab.txt"), mask_token="[MASK]" if mask else None)
    tokenizer.save_pretrained(folder)
    return folder


def small_encoder(folder: Path) -> Encoder:
    return load_encoder(write_model(folder), "small")


def settings(*overrides: str) -> EvaluateConfig:
    """A few quick updates at a rate that a small model learns by."""
    quick = {"lr": "3e-3", "batch_size": "8", "epochs": "3", "dropout": "0", "seeds": "2"}
    common = [f"evaluate.{key}={value}" for key, value in quick.items()]
    return load_config(overrides=[*common, *(f"evaluate.{each}" for each in overrides)]).evaluate


def read(name: str, data: Path, config: EvaluateConfig | None = None) -> TaskData:
    return read_task(find_task(name), data, config or settings())


def text(draw: random.Random, length: int = 6) -> str:
    return "".join(draw.choices(PLAIN, k=length))


def write_tasks(data: Path, rows: int = 48) -> Path:
    """Tasks in their official files; what is right depends on one character, 好 or 坏, 河 or 海."""
    draw = random.Random(0)
    for split, count in (("train", rows), ("dev", 24), ("test_public", 24)):
        drawn = [_draw_row(draw, number) for number in range(count)]
        few = {"train": "train_few_all", "dev": "dev_few_all"}.get(split, split)
        write_lines(data / "eprstmt" / f"{few}.json", [row["eprstmt"] for row in drawn])
        write_lines(data / "chid" / f"{few}.json", [row["chid"] for row in drawn])
        if split != "test_public":
            write_lines(data / "afqmc" / f"{split}.json", [row["afqmc"] for row in drawn])
            write_lines(data / "cluener" / f"{split}.json", [row["cluener"] for row in drawn])
            write_value(data / "cmrc2018" / f"{split}.json", {"data": [row["cmrc2018"] for row in drawn]})
            for part, chosen in (("m", drawn[::2]), ("d", drawn[1::2])):
                write_value(data / "c3" / f"{part}-{split}.json", [row["c3"] for row in chosen])
    return data


def _draw_row(draw: random.Random, number: int) -> dict[str, Any]:
    """A row of each task."""
    good, entity = draw.random() < 0.5, draw.choice(["河", "海"])
    word, first = "好" if good else "坏", text(draw, draw.randint(3, 9))
    at = len(first)
    asked = {"id": str(number), "question": "哪？", "answers": [{"text": "河", "answer_start": at}]}
    return {
        "eprstmt": {"id": number, "sentence": first + word, "label": "Positive" if good else "Negative"},
        "afqmc": {"id": number, "sentence1": word + first, "sentence2": text(draw), "label": str(int(good))},
        "cluener": {
            "text": f"{first}{entity}{entity}。",
            "label": {"name" if entity == "河" else "scene": {entity * 2: [[at, at + 1]]}},
        },
        "chid": {
            "id": number,
            "content": f"{first}#idiom#。",
            "candidates": ["好好大大", "坏坏小小"][:: 1 if good else -1],
            "answer": 0 if good else 1,  # 好好大大, wherever it stands
        },
        "c3": [
            [first],
            [{"question": f"{word}？", "choice": [word, "多"][:: 1 if good else -1], "answer": word}],
            str(number),
        ],
        "cmrc2018": {"paragraphs": [{"id": f"P{number}", "context": f"{first}河{word}。", "qas": [asked]}]},
    }
