"""Look for inputs on which a step of cleaning takes more than linear time; `fuzz_clean.py --growth` runs it.

Inputs are made of pieces: every mark that some pattern looks for, and the texts of the tests of `gaupt.corpus`, which
nearly match and match. They are repeated, alternated, opened and never closed, pumped in the middle, with and without
line feeds. An input that is slow for its length is made four times as long, again and again: a step that takes more
than `TOO_MUCH` times as long each time is told.
"""

import ast
import random
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from gaupt.config import CleanConfig, CleanSource
from gaupt.corpus.change.boilerplate import remove_boilerplate
from gaupt.corpus.change.markup import remove_markup
from gaupt.corpus.change.mojibake import is_mojibake, repair
from gaupt.corpus.change.normalize import normalize
from gaupt.corpus.change.personal import mask_personal_data
from gaupt.corpus.cleaner import STEPS
from gaupt.corpus.drop.rules import RULES, Measures
from gaupt.corpus.duplicates.minhash import sketches
from gaupt.corpus.duplicates.paragraphs import paragraph_hashes
from gaupt.corpus.read.file import FORMATS, InputFile
from gaupt.corpus.read.http import decoded_body, parse_response
from gaupt.corpus.read.main_text import main_text
from gaupt.corpus.read.pieces import pieces_of
from gaupt.corpus.read.records import read_piece
from gaupt.corpus.read.text_shape import shape_of
from gaupt.corpus.read.wikitext import plain_text
from gaupt.text import characters

SIZES = (10_000, 40_000, 160_000, 1_000_000)
TOO_MUCH = 6.0
"""Times as long for four times the length; linear is 4, n log n a little more."""
FLOOR = 0.05
"""Seconds below which a time tells nothing."""
SLOW = 4.0
"""Microseconds a character from which a short input is tried longer; the usual text takes one in all steps together."""
LIMIT = 8
"""Seconds after which a step is broken off; what Python cannot break off takes longer."""

Step = Callable[[str], Any]


def _split(pieces: str) -> list[str]:
    """Pieces between spaces; ␣ stands for one in a piece."""
    return [piece.replace("␣", " ") for piece in pieces.split()]


_CHARACTERS = _split(
    "a A 0 1 9 x X . - _ @ ＠ / \\ : ： ; ， , 。 、 ! ？ ? \" ' ` “ ” ‘ ’ 「 」 ( ) （ ） [ ] 【 】 { } "
    "< > 《 》 | ｜ = + * # & % ~ ^ $ © · • … — – → » 茶 一 的 著 體 国 锟 斤 拷 锛 銆 鈥 烫 屯 あ ｱ ｰ ﾞ "
    "﹒ ︵ ︶ ﹁ ﹂ ︱ ⼾ é Ã Â ä ¸ \x80 \u200d \ufe0f ☕ 🀄 \ufffd \ue000 \u0301 \u0316 \u0f71 \u0f72 "
    "\u0f73 \u0344 각 ᄀ ᅡ \u0e33 \U0001d165 ① Ⅳ Q V v 微 信 群 扣 加 第 页 章 号 元 8 6 2"
)
_SPACES = [
    "\n",
    " ",
    "\t",
    "\r",
    "\r\n",
    "\xa0",
    "\u3000",
    "\u2028",
    "\x0b",
    "\0",
    "\x1c",
    "\ufeff",
    "  ",
    "   \u3000",
]
_MARKS = _split(
    "{{ }} {{{ }}} [[ ]] {| |} |- || -{ }- -{zh-hans: ;zh-hant: => <ref> <ref </ref> <ref/> <!-- --> "
    "<math> <math </math> <nowiki> </nowiki> {{Bd| {{age| 岁 [http:// [// '' ''' == = __TOC__ __ "
    "{{convert|1| e3 {{PAGENAME}} {{lang|zh| [[文件: <sup> <br> <br <div> </div> <div <p> </p> <p <a> "
    "<a</a> <table> </table> <td> <tr> <li> <ul> <script> <script </script> <style> <title> <textarea> "
    '</b> <span </span> <nav> </nav> <ruby> <rt> <rt <rb> <pre> <a </a> <a="<a=\' =" =\' " <![CDATA[ '
    "]]> <? <! </ /> &amp; &amp;amp; &lt; &lt;p&gt; &# &#1 &#x1 &#38; & &nbsp; &;; <rt></rt> {\\p1} "
    '{\\p1 \\p1 \\p0 {\\p0} {\\an8} \\N \\h 00:00:01,000 00:00 [00:01.00] [ti: Dialogue: Format: ,, "" '
    '""" ," ", \\" \\\\ ;; 2, {"text":" "} {" [" [[[ {"a": ], }, "data": 1, a@ a@b.com '
    "@b.com a.b. a-b- http:// https://a.cn/ www. mailto: ssh ://a ?a= &a= :~/ 138 13812345678 1381234567 "
    "0571-8 +86 (010) 110101 62 8.8.8.8 1.2.3.4 1. 1- QQ qq Q群 微信 微信号 加V 加我 vx：a vx abc_1 "
    "、abc_12 电话 手机 身份证 卡号 编号 [手机号] [账号] 群号 QQ： 12345、 和 著者 王著 锟斤拷 锟斤 烫烫 "
    "涓 浣犲ソ ä½ Ã© ï¿½ 首页 > 首页> 位置： 编辑： 编辑 王伟 来源： 记者 阅读(1) 评论 分享到： 微博 "
    "打印 关闭 [大 上一篇 下一篇： 版权所有 © 2 声明： 转载请注明 未经 授权 关注 公众号 扫码 二维码 长按 "
    "相关阅读 第1页 共1页 登录 注册 | 一秒记住 本站 www.a.com 最新网址 手机用户 本章未完 最快更新 无弹窗 "
    "最新章节 求月票 求推荐 打赏 感谢 更多精彩 本书由 TXT 下载 章节错误 加入书签 防盗章 请把本站 "
    "本章字数： 更新 书友群 小说网 (a.com) ， ！ 求 跪求收藏 charset= <meta <?xml encoding= <doc </doc> "
    "<page> </page> <title>a</title> <text> </text> <ns>0</ns> WARC/ WARC/1.0 Content-Length: HTTP/1.1 "
    "a: gzip, chunked, 0 ffff 1; style= display :none class= id=a <b␣hidden> <i␣hidden> "
    '<span␣class="ad"> <p␣hidden> <a␣href=1> <meta␣charset= <doc␣id=1> <font␣ class="side nav␣foot␣ '
    '<td␣ style="display:␣ Content-Length:␣5 WARC-Type:␣response Content-Type:␣text/html '
    "content-encoding:␣gzip --> '''' ,\n [hidden␣ {{␣ [[␣ ）␣ 首页␣>␣ 编辑␣王伟 ©␣2 登录␣|␣注册␣| ssh␣a@b.com 1␣2␣ "
    '茶␣ 的␣ ,␣ ""␣ 1138␣ &␣ <ref␣name= -{␣ |␣ ||␣ |a=␣'
)
_FRAMES = (
    ("", ""),
    ("茶农们上山采茶的时候，", "。他们说的是。"),
    ("<p>", "</p>"),
    ("&lt;p&gt;", "&lt;/p&gt;"),
    ("<div><a href=1>", ""),
    ("{{", "}}"),
    ("<b hidden><div>", ""),
    ("QQ：12345", ""),
    ("电话：", "13812345678"),
    ("a@b.com", ""),
    ("{\\p1", ""),
    ('"', ""),
    ("x" * 30 + "\n", "\n"),
)
"""What an input may stand between."""


def growth(seconds: float, seed: int, only: str = "") -> None:
    """Search for ``seconds`` and print what was found, the worst of each step; ``only`` names a step."""
    signal.signal(signal.SIGALRM, _late)
    rng = random.Random(seed)
    named = {name: step for name, step in steps().items() if only in name}
    for step in named.values():
        step("茶" * 100)  # tables are made once
    end, tried = time.monotonic() + seconds, 0
    worst: dict[str, tuple[float, str]] = {}
    faults: dict[str, str] = {}
    superlinear = dict[str, list[str]]()
    for make, called in inputs(rng):
        if time.monotonic() > end:
            break
        text = make(SIZES[0])
        for name, step in named.items():
            tried += 1
            try:
                taken = timed(step, text)
                rate = 1e6 * taken / len(text)
                if rate > SLOW and len(text) > SIZES[0] / 2:
                    rate, times, linear = grown(step, make)
                    if not linear:
                        superlinear.setdefault(name, []).append(f"{rate:.0f} µs, {times} {called}")
                    if rate > worst.get(name, (0.0, ""))[0]:
                        worst[name] = rate, f"{times} {called}"
                elif rate > worst.get(name, (0.0, ""))[0]:
                    worst[name] = rate, called
            except Exception as error:
                faults.setdefault(f"{name}: {type(error).__name__}: {str(error)[:60]}", called)
    print(f"{tried:,} inputs of {SIZES[0]:,} characters and more, seed {seed}")
    print("| step | µs a character, at most | of |\n| --- | ---: | --- |")
    for name, (rate, what) in sorted(worst.items(), key=lambda item: -item[1][0]):
        print(f"| {name} | {rate:.2f} | `{what}` |")
    for name, found in superlinear.items():
        print(f"more than linear: {name}, {len(found)} times, as {'; '.join(sorted(found, key=len)[:3])}")
    for fault, called in faults.items():
        print(f"error in {fault} on {called}")


def grown(step: Step, make: Callable[[int], str]) -> tuple[float, str, bool]:
    """Microseconds a character of the longest input that was tried, how the time grew, and whether that is linear."""
    times, before, rate, linear = list[str](), 0.0, 0.0, True
    for size in SIZES:
        text = make(size)
        taken = timed(step, text)
        times.append(f"{taken:.3f}")
        rate = 1e6 * taken / len(text)
        if before > FLOOR and taken / before > TOO_MUCH * (1.6 if size > 160_000 else 1):
            linear = False
        before = taken
        if taken > LIMIT / 5 or not linear:
            break
    return rate, f"{' '.join(times)} s", linear


class Late(Exception):
    """A step takes too long."""


def _late(*_: object) -> None:
    raise Late


def timed(step: Step, text: str) -> float:
    """Seconds that a step takes, `LIMIT` where it takes longer."""
    start = time.process_time()
    signal.alarm(LIMIT)
    try:
        step(text)
    except Late:
        pass
    finally:
        signal.alarm(0)
    return time.process_time() - start


def inputs(rng: random.Random) -> Iterator[tuple[Callable[[int], str], str]]:
    """How inputs of any length are made, and what they are: first single pieces, then pairs, then pumped ones."""
    pieces = [*_CHARACTERS, *_SPACES, *_MARKS]
    texts = texts_of_tests()
    for piece in pieces:
        yield _pumped("", piece, "")
    while True:
        kind = rng.randrange(8)
        before, behind = rng.choice(_FRAMES) if rng.random() < 0.4 else ("", "")
        one, two, three = rng.choice(pieces), rng.choice(pieces), rng.choice(pieces)
        if kind == 0:
            yield _pumped(before, one + two, behind)
        elif kind == 1:
            yield _pumped(before + one, two, three + behind)
        elif kind == 2:
            yield _halves(before, one, two, behind)
        elif kind == 3:
            yield _pumped(before, one + two + three, behind)
        elif kind == 4:
            yield _pumped(before, "".join(rng.choices(pieces, k=rng.randrange(2, 12))), behind)
        elif kind == 5:
            line = "".join(rng.choices(pieces, k=2)) * rng.randrange(1, 40)
            yield _pumped(
                before, rng.choice(pieces) + line[: rng.choice((30, 60, 110))] + three + "\n", behind
            )
        else:  # a text of the tests with a piece of it repeated
            text = rng.choice(texts)
            start = rng.randrange(len(text))
            end = min(len(text), start + rng.choice((1, 1, 2, 3, 5, 10, 40)))
            rest = text[end : end + 300] if kind == 6 else ""
            yield _pumped(text[max(0, start - 300) : start], text[start:end], rest)


def _pumped(before: str, piece: str, behind: str) -> tuple[Callable[[int], str], str]:
    return lambda size: before + piece * (size // len(piece)) + behind, repr(
        (before[-20:], piece, behind[:20])
    )


def _halves(before: str, one: str, two: str, behind: str) -> tuple[Callable[[int], str], str]:
    def make(size: int) -> str:
        return before + one * (size // 2 // len(one)) + two * (size // 2 // len(two)) + behind

    return make, repr((before, one, "then", two, behind))


def texts_of_tests() -> list[str]:
    """The strings in the tests of `gaupt.corpus`."""
    found = set[str]()
    for path in sorted((Path(__file__).parent.parent / "tests" / "corpus").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
                value = node.value if isinstance(node.value, str) else node.value.decode("utf-8", "replace")
                if 4 < len(value) < 5000:
                    found.add(value)
    return sorted(found)


def steps() -> dict[str, Step]:
    """Every step of reading and cleaning, as a function of a text."""
    found: dict[str, Step] = {
        "repair": lambda text: repair(text, characters.count(text)),
        "is_mojibake": lambda text: is_mojibake(text, characters.count(text)),
        "markup always": lambda text: remove_markup(text, "always"),
        "nfkc": lambda text: normalize(text, characters.count(text), "nfkc"),
        "boilerplate": lambda text: remove_boilerplate(text),
        "personal": lambda text: mask_personal_data(text, characters.count(text)),
        "shape": shape_of,
        "paragraphs": lambda text: [*paragraph_hashes(text)],
        "sketches": lambda text: sketches([characters.letters(text)]),
        "html": main_text,
        "wikitext": lambda text: plain_text(text, "茶"),
        "wikitext title": lambda text: plain_text(text, text),
        "http": _response,
        "in a template": lambda text: plain_text(f"茶{{{{{text}}}}}。"),
    }
    for name, settings in (
        ("steps", CleanSource()),
        ("steps simplify", CleanSource(traditional="simplify", normalize="nfkc")),
    ):
        found[name] = _cleaning(settings)
    found["rules"] = _rules
    fields = CleanConfig().text_fields
    names = _split("txt html json jsonl csv tsv xml doc srt ass vtt lrc warc")
    for extension in names:
        format_ = {"doc": "wikiextractor"}.get(extension) or FORMATS[f".{extension}"]
        found[f"read {format_}"] = _reading(InputFile("", f"a.{extension}", "a", format_, None, 0), fields)
        found[f"bytes {format_}"] = _reading(
            InputFile("", f"a.{extension}", "a", format_, None, 0), fields, "gb18030"
        )
    return found


def _cleaning(settings: CleanSource) -> Step:
    def clean(text: str) -> None:
        counts = characters.count(text)
        for _, step in STEPS:
            after = step(text, counts, settings)
            if after != text:
                text, counts = after, characters.count(after)

    return clean


def _rules(text: str) -> None:
    measures = Measures(text, characters.count(text), frozenset(("茶", "aa")))
    for rule in RULES:
        rule.measure(measures)


def _response(text: str) -> None:
    response = parse_response(b"HTTP/1.1 200 OK\r\n" + text.encode("utf-8", "replace"))
    if response is not None:
        try:
            decoded_body(response, 8 << 20)
        except (OSError, EOFError, ValueError):
            pass
        except Exception as error:
            if type(error).__name__ not in ("Bomb", "error", "ZstdError"):
                raise


def _reading(file: InputFile, fields: Any, encoding: str = "utf-8") -> Step:
    """Read a file that holds the text between the beginning and the end that its format wants."""
    before, behind = {
        "mediawiki": ("<mediawiki><page><title>茶</title><ns>0</ns><text>", "</text></page>"),
        "wikiextractor": ('<doc id="1" url="a" title="b">\n', "</doc>"),
        "ass": ("[Events]\nDialogue: 0,0,0,,,0,0,0,,", ""),
        "vtt": ("WEBVTT\n\n00:01.000 --> 00:02.000\n", ""),
        "srt": ("1\n00:00:01,000 --> 00:00:02,000\n", ""),
        "csv": ("id,text\n", ""),
        "tsv": ("id\ttext\n", ""),
        "jsonl": ('{"text": "茶"}\n', ""),
        "warc": ("WARC/1.0\r\nWARC-Type: response\r\n", ""),
    }.get(file.format, ("", ""))

    def read(text: str) -> None:
        data = (before + text + behind).encode(encoding, "replace")
        path = Path("/dev/shm" if Path("/dev/shm").is_dir() else "/tmp") / f"growth-{file.name}"
        path.write_bytes(data)
        try:
            for piece in pieces_of(replace(file, path=str(path), size=len(data)), 1 << 20):
                for _ in read_piece(piece, fields):
                    pass
        finally:
            path.unlink()

    return read
