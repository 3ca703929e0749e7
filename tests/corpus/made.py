"""What the tests of the corpus rooms share: prose, records, random documents, and a run that checks its own ledger."""

import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gaupt.config import CleanConfig, Config, TextDocument
from gaupt.corpus.clean import clean
from gaupt.corpus.cleaner import Cleaner
from gaupt.corpus.documents import read_documents
from gaupt.corpus.read.file import InputFile
from gaupt.corpus.read.find import find_files
from gaupt.corpus.read.piece import Item, Problem, Record
from gaupt.corpus.read.pieces import pieces_of
from gaupt.corpus.read.records import read_piece
from gaupt.files import write_jsonl_zst
from gaupt.text.characters import common_han, traditional_only

TEXT = "清晨的雾还没有散，茶农们已经背着竹篓上山。他们说，谷雨前后的嫩芽最香。"
OTHER = "这座桥修了三年才通车，两岸的居民从此不必再绕远路，孩子们上学也方便多了。"
PROSE = (
    "清晨的雾还没有散，茶农们已经背着竹篓上山。他们说，谷雨前后的嫩芽最香，一年里只有这几天。\n"
    "摘下来的叶子要当天摊晾、当天下锅，火候全凭手上的感觉，机器至今学不会。\n"
    "午后天气转晴，山路上多了些来看热闹的城里人，孩子们追着一只黄狗跑远了。"
)
HAN = sorted(common_han() - traditional_only())
WORDS = (
    "山水云雾茶农竹篓清晨午后孩子黄狗城市公路桥梁机器数学物理历史文学音乐绘画医院学校图书农田河流森林海洋星空"
)


def text(number: int) -> str:
    """A document that shares no long run of characters with others."""
    rows = [
        f"第{number}篇的第{row}段讲{WORDS[(number * 7 + row * 3) % 48]}与{WORDS[(number + row * 5) % 48]}，"
        f"其中{WORDS[(number * number + row) % 48]}占{number * 37 + row}份。"
        for row in range(4)
    ]
    return "\n".join(rows)


def jsonl(numbers: Iterable[int]) -> bytes:
    """JSON lines with the documents of these numbers."""
    return "".join(
        json.dumps({"id": f"n{n}", "text": text(n)}, ensure_ascii=False) + "\n" for n in numbers
    ).encode()


def json_line(content: str) -> bytes:
    """A record that names no id and no source."""
    return json.dumps({"text": content}).encode() + b"\n"


def random_text(rng: random.Random, length: int) -> str:
    """A text that is like no other."""
    return "".join(rng.choices(HAN, k=length))


def edited(content: str, rng: random.Random, edits: int) -> str:
    """``content`` with so many of its characters changed."""
    characters = list(content)
    for place in rng.sample(range(len(characters)), edits):
        characters[place] = rng.choice(HAN)
    return "".join(characters)


def input_file(path: Path) -> InputFile:
    """The file as cleaning finds it."""
    (file,), _ = find_files([path])
    return file


def a_file(name: str, format_: str) -> InputFile:
    """A file that only lends its name to what is read from memory."""
    return InputFile(name, name, "来源", format_, None, 1)


def items(
    path: Path, size: int = 1 << 20, fields: tuple[str, ...] = ("text",), documents: TextDocument = "file"
) -> list[Item]:
    """What is read from a file in pieces of ``size`` bytes."""
    return [
        item
        for piece in pieces_of(input_file(path), size, lambda source: documents)
        for item in read_piece(piece, fields, lambda source: documents)
    ]


def records(found: Iterable[Item]) -> list[Record]:
    """The documents among ``found``."""
    return [item for item in found if isinstance(item, Record)]


def reasons(found: Iterable[Item]) -> list[str]:
    """What is wrong with the others."""
    return [item.reason for item in found if isinstance(item, Problem)]


def run(inputs: Iterable[object], output: Path, **config: object) -> dict[str, Any]:
    """The report of a cleaning run, whose numbers must agree with each other and with what was written."""
    settings = Config(clean=CleanConfig.model_validate(config))
    report = clean([str(item) for item in inputs], output, settings, workers=1)
    documents = list(read_documents(output))
    assert report["read"] == report["kept"] + sum(report["dropped"].values())
    assert report["kept"] == len(documents)
    assert report["bytes"]["after"] == sum(len(document.text.encode()) for document in documents)
    for source in report["sources"].values():
        assert source["read"] == source["kept"] + sum(source["dropped"].values())
    return report


def kept(output: Path) -> dict[str, str]:
    """The texts that cleaning left, by id."""
    return {document.id: document.text for document in read_documents(output)}


def texts(output: Path) -> list[str]:
    """The texts that cleaning left, in order."""
    return [document.text for document in read_documents(output)]


def verdict(config: CleanConfig, content: str, source: str = "any") -> str | None:
    """Why a text is dropped; None: it is kept."""
    cleaner = Cleaner(config)
    treatment = cleaner.treatment(source)
    drop = cleaner.judge(cleaner.clean(content, treatment), treatment)
    return drop.reason if drop else None


def write_lines(path: Path, lines: Iterable[bytes]) -> None:
    """A zstd file of lines."""
    with write_jsonl_zst(path) as file:
        for line in lines:
            file.write(line)


def warc_record(kind: str, address: str, body: bytes) -> bytes:
    """A record of a web archive: a response of HTTP, or a text."""
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {address}\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:{address[-1] * 8}-0000-0000-0000-000000000000>\r\n"
        f"Content-Type: {'application/http; msgtype=response' if kind == 'response' else 'text/plain'}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"
