"""Feed `gaupt clean` mutated files: it may neither crash nor hang nor miscount.

    python benchmarks/fuzz_clean.py --inputs 10000 --seed 0
    python benchmarks/fuzz_clean.py --growth 600

Mutations: bytes flipped, inserted, deleted, a file cut short, a piece of it repeated, many times too, or put into
another file. Each folder holds 100 mutated files of every format; after each run ``read = kept + sum(dropped)`` must
hold and the documents must be readable. Growth: so many seconds of looking for inputs that take more than linear time,
see ``growth.py``. Kills are those of ``kills.py``.
"""

import argparse
import bz2
import gzip
import io
import json
import lzma
import random
import signal
import tarfile
import tempfile
import zipfile
from pathlib import Path

import zstandard
from growth import growth

from gaupt.config import Config
from gaupt.corpus.clean import clean
from gaupt.corpus.documents import read_documents
from gaupt.errors import GauptError

BATCH = 100
LIMIT = 120
"""Seconds that a batch may take before it counts as a hang."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--inputs", type=int, default=0)
    parser.add_argument("--growth", type=float, default=0)
    parser.add_argument(
        "--step", default="", help="what --growth looks at; all steps that have this in their name"
    )
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        if arguments.inputs:
            mutate(arguments.inputs, arguments.seed, Path(temporary))
    if arguments.growth:
        growth(arguments.growth, arguments.seed, arguments.step)


def mutate(total: int, seed: int, temporary: Path) -> None:
    seeds = list(examples().items())
    read = unreadable = 0
    for batch in range(-(-total // BATCH)):
        rng = random.Random(seed * 1_000_003 + batch)
        folder = temporary / f"in{batch}"
        folder.mkdir()
        for number in range(BATCH):
            name, data = seeds[number % len(seeds)]
            (folder / f"{number:03d}-{name}").write_bytes(mutated(data, rng, [d for _, d in seeds]))
        signal.alarm(LIMIT)
        try:
            report = clean([folder], temporary / f"out{batch}", Config(), workers=1)
        except GauptError as error:
            print(f"batch {batch}: {error}")
            continue
        finally:
            signal.alarm(0)
        assert report["read"] == report["kept"] + sum(report["dropped"].values()), report
        if report["kept"]:
            assert report["kept"] == sum(1 for _ in read_documents(temporary / f"out{batch}"))
        read += report["read"]
        unreadable += sum(sum(reasons.values()) for reasons in report["unreadable"].values())
    print(
        f"{total:,} mutated files: no crash, no hang; {read:,} documents read, {unreadable:,} problems counted"
    )


def examples() -> dict[str, bytes]:
    """A small file of every format."""
    page = "清晨的雾还没有散，茶农们已经背着竹篓上山。他们说，谷雨前后的嫩芽最香，一年里只有这几天。\n"
    texts = [page * (1 + n % 3) + f"第{n}篇，邮箱a{n}@example.com，电话1381234{n:04d}。" for n in range(20)]
    lines = "".join(
        json.dumps({"id": n, "text": text}, ensure_ascii=n % 2 == 0) + "\n" for n, text in enumerate(texts)
    )
    html = f"<html><head><meta charset='gb2312'></head><body><nav>首页</nav><p>{texts[3]}</p></body></html>"
    rows = "".join(f'<tr><td>{n}</td><td class="nav">{text}</td></tr>' for n, text in enumerate(texts))
    tables = f"<div id=main><h1>茶</h1><table>{rows}</table><ul><li><a href=1>首页</a></ul><pre>{texts[4]}</pre></div>"
    marked = [
        f"<p>{text}</p><script>a<b</script><br>&lt;b&gt;{text}&amp;nbsp;<ruby>叶<rt>yè</rt></ruby>"
        for text in texts
    ]
    table = "id,text\n" + "".join(f'{n},"{text}"\n' for n, text in enumerate(texts))
    record = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/\r\nContent-Length: {}\r\n\r\n"
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{}\r\n\r\n"
    )
    articles = "".join(
        f"<page><title>条目{n}</title><ns>0</ns><revision><text>'''条目'''{{{{注|a}}}}[[茶]]-{{zh-hans:叶;zh-hant:葉}}-{text}"
        f"{{| class=x\n|-\n! 年 !! 产量\n|-\n| {n} || {{{{convert|{n}|km}}}}\n|}}"
        f"&lt;ref&gt;{text}&lt;/ref&gt;\n== 参见 ==\n* [[桥|{n}]]"
        "</text></revision></page>"
        for n, text in enumerate(texts)
    )
    dump = f"<mediawiki>{articles}</mediawiki>".encode()
    body = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{html}"
    jsonl = lines.encode()
    found = {
        "a.txt": texts[0].encode(),
        "b.txt": texts[1].encode("gb18030"),
        "c.txt": texts[2].encode("utf-16"),
        "d.html": html.encode("gb18030"),
        "e.jsonl": jsonl,
        "f.json": json.dumps([{"content": text} for text in texts]).encode(),
        "g.csv": table.encode(),
        "h.tsv": table.replace(",", "\t").encode("big5", "replace"),
        "i.jsonl.gz": gzip.compress(jsonl),
        "j.jsonl.zst": zstandard.ZstdCompressor().compress(jsonl),
        "k.jsonl.xz": lzma.compress(jsonl),
        "l.csv.bz2": bz2.compress(table.encode()),
        "m.warc": record.format(len(body.encode()), html).encode(),
        "n.warc.gz": gzip.compress(record.format(len(body.encode()), html).encode()),
        "r.xml": dump,
        "s.xml.bz2": bz2.compress(dump[: len(dump) // 2]) + bz2.compress(dump[len(dump) // 2 :]),
        "t.srt": "".join(
            f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\n{{\\an8}}<i>{t}</i>\n\n"
            for n, t in enumerate(texts)
        ).encode(),
        "u.vtt": "".join(
            ["WEBVTT\n\n", *(f"00:{n:02}.000 --> 00:{n:02}.900\n{t}\n\n" for n, t in enumerate(texts))]
        ).encode(),
        "v.ass": "".join(
            ["[Events]\n", *(f"Dialogue: 0,0,0,,,0,0,0,,{{\\p0}}{t}\\N{t}\n" for t in texts)]
        ).encode("gb18030"),
        "w.lrc": "".join(
            ["[ti:歌]\n", *(f"[00:{n:02}.50][01:{n:02}]{t}\n" for n, t in enumerate(texts))]
        ).encode(),
        "x.html": f"<html><body>{tables}</body></html>".encode(),
        "y.jsonl": "".join(json.dumps({"text": text}) + "\n" for text in marked).encode(),
        "z.csv": (
            "编号;正文;注\n" + "".join(f'{n};"{t};""{n}""\n{t}";\'{n}\'\n' for n, t in enumerate(marked))
        ).encode(),
        "o.zip": zipped({"a.txt": texts[5].encode(), "b.jsonl": jsonl, "c.png": b"x"}),
        "p.tar.gz": tarred({"a.txt": texts[6].encode(), "b.csv": table.encode()}),
    }
    try:
        import pyarrow
        import pyarrow.parquet

        buffer = io.BytesIO()
        pyarrow.parquet.write_table(pyarrow.table({"text": texts}), buffer)
        found["q.parquet"] = buffer.getvalue()
    except ImportError:
        print("without pyarrow: no parquet among the inputs")
    return found


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def tarred(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def mutated(data: bytes, rng: random.Random, others: list[bytes]) -> bytes:
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5, 50))):
        if not out:
            break
        place = rng.randrange(len(out))
        match rng.randrange(7):
            case 0:
                out[place] ^= 1 << rng.randrange(8)
            case 1:
                out[place:place] = rng.randbytes(rng.randrange(1, 30))
            case 2:
                del out[place : place + rng.randrange(1, 100)]
            case 3:
                del out[place:]
            case 4:
                out[place:place] = out[place : place + rng.randrange(1, 2000)]
            case 5:
                other = rng.choice(others)
                start = rng.randrange(len(other))
                out[place : place + 200] = other[start : start + 200]
            case 6:
                out[place:place] = out[place : place + rng.randrange(1, 12)] * rng.randrange(1, 5000)
    return bytes(out)


if __name__ == "__main__":
    main()
