"""Small documents for the tests: sentences of common words."""

import random
from collections.abc import Iterable
from pathlib import Path

from gaupt.config import Config, config_from
from gaupt.corpus.documents import Document, document_line
from gaupt.files import write_json, write_jsonl_zst

WORDS = tuple(
    [
        "我们",
        "中国",
        "北京",
        "上海",
        "大学",
        "研究",
        "语言",
        "模型",
        "训练",
        "数据",
        "今天",
        "天气",
        "很好",
        "学习",
        "方法",
        "文本",
        "处理",
        "工程师",
        "计算机",
        "科学",
        "历史",
        "文化",
        "经济",
        "发展",
        "城市",
        "人民",
        "生活",
        "音乐",
        "电影",
        "故事",
        "老师",
        "学生",
        "问题",
        "答案",
        "时间",
        "世界",
        "自然",
        "动物",
        "植物",
        "河流",
    ]
)
LATIN = tuple(
    [
        "model",
        "training",
        "data",
        "Python",
        "language",
        "tokenizer",
        "the",
        "learning",
        "of",
        "and",
        "network",
    ]
)


def text(seed: int, sentences: int = 6) -> str:
    """Sentences of common words, some Latin ones and numbers among them."""
    draw = random.Random(seed)
    lines = []
    for _ in range(sentences):
        words = draw.choices(WORDS, k=draw.randint(4, 12))
        if draw.random() < 0.5:
            words.insert(draw.randrange(len(words)), f" {draw.choice(LATIN)} ")
        if draw.random() < 0.3:
            words.append(f"{draw.randint(1, 2030)}年")
        lines.append("".join(words) + draw.choice("。！？"))
    return "\n".join(lines)


def write_documents(path: Path, documents: Iterable[Document]) -> None:
    """One documents file."""
    with write_jsonl_zst(path) as file:
        for document in documents:
            file.write(document_line(document.id, document.text, document.source))


def documents_of(folder: Path, *texts: str) -> Path:
    """A complete folder of these texts in one file, with their places as ids."""
    write_documents(
        folder / "documents-00000.jsonl.zst", (Document(str(i), t, "s") for i, t in enumerate(texts))
    )
    write_json(folder / "report.json", {})
    return folder


def make_documents(folder: Path, count: int = 300, files: int = 3) -> Path:
    """A complete folder of documents as `gaupt clean` leaves it."""
    documents = [Document(f"d{i}", text(i, 1 + i % 9), f"source{i % 3}") for i in range(count)]
    for number in range(files):
        write_documents(folder / f"documents-{number:05}.jsonl.zst", documents[number::files])
    write_json(folder / "report.json", {"kept": count})
    return folder


def small_config(**tokenizer: object) -> Config:
    values = {"tokenizer": {"vocab_size": 480, **tokenizer}, "shards": {"validation_share": 0.05}}
    return config_from(values, "a test")
