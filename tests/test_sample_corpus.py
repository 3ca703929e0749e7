"""The bundled sample is what its README says: varied, original, large enough, in several formats."""

import collections
import csv
import json
import re

from gaupt.demo import sample_documents

FOLDER = sample_documents()
PLANTED = re.compile(r"copy|short")


def read(path):
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def texts():
    for path in sorted(FOLDER.rglob("*")):
        if path.suffix in (".txt", ".md"):
            yield path.name, read(path)
        elif path.suffix == ".html" and path.name != "visit.html":
            yield path.name, "\n".join(re.findall("<p>(.*?)</p>", read(path)))
        elif path.suffix == ".jsonl":
            for line in read(path).splitlines():
                if line.endswith("}"):
                    record = json.loads(line)
                    yield record["id"], record["text"]
        elif path.suffix == ".csv":
            for record in csv.DictReader(read(path).splitlines()):
                yield record["id"], record["text"]


ORIGINALS = {name: text for name, text in texts() if not PLANTED.search(name)}


def test_at_least_200_documents_and_60_000_chinese_characters():
    assert len(ORIGINALS) >= 200
    assert sum(len(re.findall("[\u4e00-\u9fff]", text)) for text in ORIGINALS.values()) >= 60_000


def test_no_two_documents_share_a_run_of_20_characters():
    owner = {}
    shared = collections.Counter()
    for name, text in ORIGINALS.items():
        flat = re.sub(r"\s", "", text)
        for start in range(len(flat) - 19):
            other = owner.setdefault(flat[start : start + 20], name)
            if other != name:
                shared[other, name] += 1
    assert not shared


def test_the_formats_and_encodings_are_all_there():
    assert {path.suffix for path in FOLDER.rglob("*.*")} == {".txt", ".md", ".html", ".jsonl", ".csv"}
    encodings = collections.Counter()
    for path in FOLDER.rglob("*.txt"):
        try:
            path.read_bytes().decode()
            encodings["utf-8"] += 1
        except UnicodeDecodeError:
            encodings["gb18030"] += 1
    assert encodings["utf-8"] >= 10
    assert encodings["gb18030"] >= 10
