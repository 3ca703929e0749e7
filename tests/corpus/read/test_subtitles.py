"""Subtitles and lyrics: what is said, without numbers, times and marks."""

import gzip
import zipfile
from pathlib import Path

import pytest

from gaupt.corpus.read.piece import Problem, Record
from gaupt.corpus.read.subtitles import read_subtitles
from tests.corpus.made import a_file, items, kept, run

SRT = """1
00:00:01,000 --> 00:00:03,500
雨停了吗？

2
00:00:03,800 --> 00:00:06,200 X1:100 X2:200
{\\an8}<i>停了</i>，<font color="#ffff00">路上还有水</font>

3
00:00:06,500 --> 00:00:09,000
带上那把旧伞
万一又下起来

4
00:00:09,300 --> 00:00:12,000
你总是这样
You always do.

5
00:00:12,300 --> 00:00:15,000
- 走吧
- 走

6
00:00:15,100 --> 00:00:15,900
- 走吧
- 走

7
00:00:16,000 --> 00:00:18,000
9

8
00:00:19,000 --> 00:00:20,000

"""
SAID = "雨停了吗？\n停了，路上还有水\n带上那把旧伞 万一又下起来\n你总是这样\nYou always do.\n- 走吧\n- 走\n9"


def read(format_: str, text: str) -> str:
    (record,) = read_subtitles(a_file(f"a.{format_}", format_), text.encode())
    assert isinstance(record, Record)
    return record.text


def test_srt() -> None:
    assert read("srt", SRT) == SAID
    assert read("srt", SRT.replace("\n", "\r\n")) == SAID
    without_gaps = SRT.replace("\n\n", "\n")
    assert read("srt", without_gaps) == SAID


def test_vtt() -> None:
    vtt = """WEBVTT - 第一集
Kind: captions

NOTE
这是译者的备注

STYLE
::cue { color: white }

intro
00:01.000 --> 00:03.500 align:start position:0%
<v 小林>雨停了吗？</v>

00:00:03.800 --> 00:00:06.200
<c.yellow>停了</c>，<00:00:05.000>路上<ruby>还<rt>hái</rt></ruby>有水
"""
    assert read("vtt", vtt) == "雨停了吗？\n停了，路上还有水"


def test_captions_that_roll_say_each_line_once() -> None:
    cues = ["雨停了吗", "雨停了吗\n路上还有水", "路上还有水", "路上还有水\n带上旧伞", "走吧", "走吧"]
    vtt = "".join(f"00:0{n}.000 --> 00:0{n + 1}.000\n{cue}\n\n" for n, cue in enumerate(cues))
    assert read("vtt", f"WEBVTT\n\n{vtt}") == "雨停了吗\n路上还有水\n带上旧伞\n走吧"


def test_ass() -> None:
    ass = """[Script Info]
Title: 雨夜
[V4+ Styles]
Format: Name, Fontname
Style: Default,黑体
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:00.00,Default,,0,0,0,,译者的备注
Dialogue: 0,0:00:01.00,0:00:03.50,Default,小林,0,0,0,,{\\fad(200,200)}雨停了吗，要不要走？
Dialogue: 0,0:00:03.80,0:00:06.20,Default,,0,0,0,,停了\\h路上还有水\\N{\\fs12}It stopped.
Dialogue: 0,0:00:04.00,0:00:06.20,Default,,0,0,0,,{\\p1}m 0 0 l 100 0 100 100{\\p0}
Dialogue: 0,0:00:05.00,0:00:06.20,Default,,0,0,0,fx,{\\k20}走
"""
    said = "雨停了吗，要不要走？\n停了 路上还有水\nIt stopped."
    assert read("ass", ass) == said
    older = ass.replace("Format: Layer", "Format: Marked").replace("Dialogue: 0", "Dialogue: Marked=0")
    assert read("ass", older) == said


def test_lrc() -> None:
    lrc = """[ti:雨夜]
[ar:某某]
[offset:500]
[00:12.00]雨停了吗
[00:15.50][01:02.30]<00:15.50>路上<00:16.20>还有水
[00:05]（前奏）
[00:20.00]
没有时间的一行
"""
    assert read("lrc", lrc) == "（前奏）\n雨停了吗\n路上还有水\n没有时间的一行"


@pytest.mark.parametrize("format_", ["srt", "vtt", "ass", "lrc"])
def test_marks_that_are_none_stay_and_nothing_is_a_problem(format_: str) -> None:
    speech = "如果 a<b，就走左边；<三国>里写过"
    wrapped = {
        "srt": f"1\n00:00:01,000 --> 00:00:02,000\n{speech}\n",
        "vtt": f"WEBVTT\n\n00:01.000 --> 00:02.000\n{speech}\n",
        "ass": f"[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,D,,0,0,0,,{speech}\n",
        "lrc": f"[00:01.00]{speech}\n",
    }
    assert read(format_, wrapped[format_]) == speech
    file = a_file("a.x", format_)
    assert list(read_subtitles(file, b"WEBVTT\n" if format_ != "lrc" else b"[ti:x]")) == [
        Problem("a.x", "no subtitles in it")
    ]


def test_subtitles_in_any_encoding_packed_and_in_archives(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "剧").mkdir(parents=True)
    (folder / "剧" / "a.srt").write_bytes(SRT.encode("gb18030"))
    (folder / "剧" / "b.srt").write_bytes((SRT + "9\n00:01:00,000 --> 00:02:00,000\n再见\n").encode("utf-16"))
    (folder / "剧" / "c.srt.gz").write_bytes(gzip.compress(SRT.replace("雨", "雪").encode()))
    with zipfile.ZipFile(folder / "d.zip", "w") as archive:
        archive.writestr("d.srt", SRT.replace("雨", "风"))
    report = run([folder], tmp_path / "out", near_duplicates=False)
    assert kept(tmp_path / "out") == {
        "剧/a.srt": SAID,
        "剧/b.srt": f"{SAID}\n再见",
        "剧/c.srt.gz": SAID.replace("雨", "雪"),
        "d.zip/d.srt": SAID.replace("雨", "风"),
    }
    assert set(report["sources"]) == {"剧", "d.zip"}
    assert items(folder / "剧" / "a.srt") == [Record("a.srt", SAID, "剧")]
