"""Subtitles and lyrics: what is said, without numbers, times and marks."""

import gzip
import zipfile
from pathlib import Path

import pytest

from gaupt.corpus.read import subtitles
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


def cues(*texts: str) -> str:
    return "".join(f"1\n00:00:01,000 --> 00:00:02,000\n{text}\n\n" for text in texts)


def test_a_file_over_the_limit_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    data = SRT.encode()
    monkeypatch.setattr(subtitles, "MAX_DOCUMENT", len(data))
    assert list(read_subtitles(a_file("a", "srt"), data)) == [Record("a", SAID, "来源")]
    monkeypatch.setattr(subtitles, "MAX_DOCUMENT", len(data) - 1)
    assert list(read_subtitles(a_file("a", "srt"), data)) == [Problem("a", "larger than 0 MiB")]


def test_lines_of_a_cue_are_joined_where_both_are_chinese_up_to_a_hundred_characters() -> None:
    expected = {
        "雨\n停": "雨 停",
        "雨\nrain\n停": "雨\nrain\n停",
        **{f"雨\n{dash}停": f"雨\n{dash}停" for dash in "-–—"},
        f"{'雨' * 99}\n停": f"{'雨' * 99} 停",
        f"{'雨' * 100}\n停": f"{'雨' * 100}\n停",
    }
    assert {cue: read("srt", cues(cue)) for cue in expected} == expected


def test_up_to_eight_lines_roll() -> None:
    lines = [f"- 第{n}句" for n in range(12)]
    for count, new in ((8, 1), (9, 10)):
        found = read("srt", cues("\n".join(lines[:count]), "\n".join(lines[: count + 1])))
        assert len(found.split("\n")) == count + new


def test_songs_are_in_the_order_of_time_and_at_one_time_as_they_stand() -> None:
    lrc = "[01:00]丁\n[00:59.5]丙\n[00:59.25]乙\n[00:59.25]甲\n随\n[02:00][00:01:10]首\n[by:某某]\n[00:59:90]末\n"
    assert read("lrc", lrc) == "首\n乙\n甲\n随\n丙\n末\n丁"
    assert read("lrc", "没有时间\n[00:01]有\n") == "没有时间\n有"
    assert read("lrc", "没有时间\n[00:00]有\n") == "没有时间\n有"


def test_columns_of_events_are_as_their_section_names_them() -> None:
    events = "Format: Start, Effect, TEXT\nDialogue: 0:00:01.00,,甲，乙,丙\nDialogue: 1,fx,丁\nDialogue: 1, fx ,丁\n"
    assert read("ass", events) == "甲，乙,丙"
    # The columns of styles are none of events, whose usual ones hold where they are not named.
    styled = "[V4+ Styles]\nFormat: Name, Fontname\nDialogue: 0,1,2,D,,0,0,0,,甲，乙\n"
    assert read("ass", styled) == "甲，乙"
    drawn = "Dialogue: 0,1,2,D,,0,0,0,,甲{\\p1}m 0 0{\\p0}乙{\\p2}m 9\nDialogue: 0,1,2,D,,0,0,0,,丙\\n丁\\Nx{\\b1}y\n"
    assert read("ass", drawn) == "甲乙\n丙 丁\nxy"


def test_what_stands_between_cues_of_vtt_is_not_said() -> None:
    head = "WEBVTT\n\nREGION\nid:甲\n\nSTYLE\n甲\n\nNOTE 甲\n甲\n\n"
    empty = "00:03.000 --> 00:04.000\n\n"
    said = f"{head}甲\n00:01.000 --> 00:02.000\n乙\nNOTE 丙\n\n甲\n\n{empty}00:05.000 --> 00:06.000\n丁"
    assert read("vtt", said) == "乙 NOTE 丙\n丁"
    assert read("vtt", "00:01.000 --> 00:02.000\n乙\n00:03.000 --> 00:04.000\n丁") == "乙\n丁"


def test_drawings_without_end_are_passed_at_once() -> None:
    before = "[Events]\nDialogue: 0,0,0,,,0,0,0,,茶"
    assert read("ass", before + "{" + "\\p1" * 200_000) == "茶{" + "\\p1" * 200_000
    assert read("ass", before + "{\\p1}" * 100_000 + "叶") == "茶"
    assert read("ass", before + "{\\p1}m 0{\\an8}0{\\p0}叶{\\p2}m{\\p0\\i}水{\\p1" + "{\\p0" * 100_000) == (
        "茶叶水{\\p1" + "{\\p0" * 100_000
    )
