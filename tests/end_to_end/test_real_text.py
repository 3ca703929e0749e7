"""Texts as people have them, through the whole of `gaupt clean`: what must come out.

Each row is a kind of input that cleaning once harmed, lost without a word, or took for something else.
"""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gaupt.config import load_config
from gaupt.corpus.clean import clean
from gaupt.corpus.documents import read_documents
from gaupt.errors import GauptError

FIRST = "渔村坐落在海湾的尽头，天不亮就有人提着灯去看潮水，回来时鞋上沾满了沙。"
SECOND = "老渔夫补好了网，坐在礁石上等风，他说再过三天就可以出海了。"

LENIENT = {"rules.min_chinese": 8, "rules.max_digit_share": 0.5}
"""So that a text may be as short, and as full of numbers, as it takes to show what it is about."""


@dataclass(frozen=True)
class Case:
    """A folder of files, what is said beside it, and the documents that come out."""

    name: str
    files: Mapping[str, bytes]
    texts: Sequence[str]
    """The texts of all documents, in order."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Keys of `[clean]`."""
    ids: Sequence[str] | None = None
    source: str | None = None
    dropped: Mapping[str, int] = field(default_factory=dict)
    unreadable: int = 0
    """Items that could not be read; each is counted in the report."""


def utf8(name: str, *lines: str) -> dict[str, bytes]:
    """A file of lines."""
    return {name: "".join(line + "\n" for line in lines).encode()}


def json_lines(*records: Any) -> dict[str, bytes]:
    """A file of JSON lines; a string is the text of a record."""
    whole = [{"text": record} if isinstance(record, str) else record for record in records]
    return utf8("a.jsonl", *(json.dumps(record, ensure_ascii=False) for record in whole))


def page(body: str) -> dict[str, bytes]:
    """A page whose article begins and ends with a plain paragraph."""
    around = (f"<p>{FIRST}</p>", f"<p>{SECOND}</p>")
    return utf8(
        "a.html",
        '<!DOCTYPE html><html><head><meta charset="utf-8"><title>海</title></head>'
        f"<body>{body.replace('FIRST', around[0]).replace('SECOND', around[1])}</body></html>",
    )


def unchanged(name: str, *texts: str) -> Case:
    """Sound texts, each a record of its own."""
    return Case(name, json_lines(*texts), texts)


def archive(member: str, text: str) -> bytes:
    """A zip whose name of its only member is in GBK without a word about it, as Windows writes it."""
    # `zipfile` writes names in ASCII or UTF-8: the bytes take the place of an ASCII name of their length.
    raw, made = member.encode("gbk"), io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        opened.writestr("P" * len(raw), text)
    return made.getvalue().replace(b"P" * len(raw), raw)


def response(address: str, status: str, content_type: str, body: str) -> str:
    """A record of a WARC file."""
    http = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n\r\n{body}"
    return (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {address}\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http.encode())}\r\n\r\n"
        f"{http}\r\n\r\n"
    )


ROWS = (
    "菜市场六点开门，卖豆腐的总是第一个到。",
    "他挑的西瓜,从来没有不甜的,邻居都托他买。",
    "雨停以后，巷子里又热闹起来，孩子们踩着水跑。",
)
TABLE = tuple((str(number), "01"[number % 2], text) for number, text in enumerate(ROWS, 1))
REVIEWS = [
    f"第{n}位客人写道：被子很软，窗外能看到{'山' * (n % 5 + 1)}，编号甲{n}，下次还来。" for n in range(40)
]
DIALOGUE = ("今天的鱼怎么卖？", "黄鱼二十五一斤，刚从船上下来的，还活着呢。")
NOVEL = (
    "第三章 渡口",
    "船家收了缆绳，竹篙一点，小舟便悄无声息地滑进了芦苇荡里。",
    "“客官坐稳了，”他头也不回地说，“前面水急。”",
    "少年攥紧了包袱，望着对岸渐渐亮起来的灯火，心里却想着昨夜的那封信。",
)
PAGE = "<!DOCTYPE html><html><head><meta charset='utf-8'></head><body><article>{}</article></body></html>"

CASES = (
    # Pages
    Case(
        "a list in an article",
        page(
            "<article><h1>出海</h1>FIRST<ul>"
            + "".join(f"<li>第{n}条，出海以前要看云、看潮，也要看老人的脸色。</li>" for n in "一二三四")
            + "</ul>SECOND</article>"
        ),
        [
            "\n".join(
                [
                    "出海",
                    FIRST,
                    *(f"第{n}条，出海以前要看云、看潮，也要看老人的脸色。" for n in "一二三四"),
                    SECOND,
                ]
            )
        ],
    ),
    Case(
        "a list of paragraphs",
        page(
            "<main><h1>须知</h1>FIRST<ul>"
            + "".join(
                f"<li><p>其{n}，船上的每一样东西都有它的位置，用完以后要放回原处，夜里摸黑也能找到。</p></li>"
                for n in "一二三"
            )
            + "</ul>SECOND</main>"
        ),
        [
            "\n".join(
                [
                    "须知",
                    FIRST,
                    *(
                        f"其{n}，船上的每一样东西都有它的位置，用完以后要放回原处，夜里摸黑也能找到。"
                        for n in "一二三"
                    ),
                    SECOND,
                ]
            )
        ],
    ),
    Case(
        "ruby",
        page(
            "<article>FIRST<p><ruby>白<rp>（</rp><rt>bái</rt><rp>）</rp></ruby><ruby>日<rt>rì</rt></ruby>"
            "<ruby>依<rt>yī</rt></ruby>山尽，黄河入海流。</p>SECOND</article>"
        ),
        [f"{FIRST}\n白日依山尽，黄河入海流。\n{SECOND}"],
    ),
    Case(
        "one character in an inline element",
        page(
            "<article>FIRST<p><b>甲</b>：这网还能补吗？</p><p><em>乙</em>：补是能补，要<u>三</u>天。</p>"
            "<p><font>二</font>、公元前<a href=x>3</a>世纪，<i>p</i>与<i>q</i>互质。</p>SECOND</article>"
        ),
        [f"{FIRST}\n甲：这网还能补吗？\n乙：补是能补，要三天。\n二、公元前3世纪，p与q互质。\n{SECOND}"],
    ),
    Case(
        "one character between links",
        page(
            "<article>FIRST<p>渡船往来于<a href=a>舟山</a>、<a href=b>宁波</a>和<a href=c>台州</a>，也到"
            "<a href=d>温州</a>与<a href=e>福州</a>，他属<a href=f>虎</a>，她属<a href=g>兔</a>。</p>SECOND</article>"
        ),
        [f"{FIRST}\n渡船往来于舟山、宁波和台州，也到温州与福州，他属虎，她属兔。\n{SECOND}"],
    ),
    Case(
        "an article that a script shows",
        page(
            '<div id="page"><h1>渔村</h1><div id="js_content" style="opacity: 0; visibility: hidden">'
            "FIRSTSECOND</div></div>"
        ),
        [f"渔村\n{FIRST}\n{SECOND}"],
    ),
    # Records
    Case(
        "lines as objects",
        json_lines({"文件名": "b.txt", "段落": [{"行号": 1, "内容": FIRST}, {"行号": 2, "内容": SECOND}]}),
        [f"{FIRST}\n{SECOND}"],
        {"text_fields": ["段落[].内容"]},
    ),
    Case(
        "a list of strings",
        {
            "a.json": json.dumps(
                [{"title": "海", "lines": [FIRST, SECOND]}, {"title": "鱼", "lines": [SECOND]}]
            ).encode()
        },
        [f"{FIRST}\n{SECOND}", SECOND],
        {"text_fields": ["lines[]"]},
    ),
    Case(
        "several fields",
        json_lines(
            {"instruction": "说说渔村的早晨。", "input": "", "output": FIRST},
            {"instruction": "改写这一句。", "input": SECOND, "output": "网已补好，三日后出海。"},
        ),
        [f"说说渔村的早晨。\n{FIRST}", f"改写这一句。\n{SECOND}\n网已补好，三日后出海。"],
        {"text_fields": ["instruction+input+output"]},
    ),
    Case(
        "turns",
        json_lines(
            {
                "id": "7",
                "turns": [{"who": who, "said": said} for who, said in zip("ab", DIALOGUE, strict=True)],
            }
        ),
        ["\n".join(DIALOGUE)],
        {"text_fields": ["turns[].said"]},
        ids=["7"],
    ),
    Case(
        "an empty field before the text",
        json_lines({"text": "", "content": FIRST}, {"text": None, "content": SECOND}),
        [FIRST, SECOND],
    ),
    Case(
        "markup around a whole record",
        json_lines(
            {"text": f'<p>{FIRST}<br/>{SECOND}</p><p>天黑了，<img src="a.jpg">码头上的灯亮了。</p>'},
            "段落写在<p>里，换行写作<br>，初学的人常常分不清这两个标签该怎么用。",
        ),
        [
            f"{FIRST}\n{SECOND}\n天黑了，码头上的灯亮了。",
            "段落写在<p>里，换行写作<br>，初学的人常常分不清这两个标签该怎么用。",
        ],
    ),
    Case(
        "JSON lines in files without an extension",
        utf8(
            "AA/wiki_00",
            json.dumps(
                {"id": "11", "url": "https://zh.example.org/wiki?curid=11", "title": "潮汐", "text": FIRST}
            ),
            json.dumps(
                {"id": "12", "url": "https://zh.example.org/wiki?curid=12", "title": "渔网", "text": SECOND}
            ),
        ),
        [FIRST, SECOND],
        ids=["11", "12"],
    ),
    # Tables
    Case(
        "semicolons",
        utf8("a.csv", "id;label;text", *(";".join(row) for row in TABLE)),
        ROWS,
        ids=["1", "2", "3"],
    ),
    Case(
        "tabs in GBK",
        {
            "a.csv": "".join("\t".join(row) + "\r\n" for row in (("id", "label", "text"), *TABLE)).encode(
                "gbk"
            )
        },
        ROWS,
        ids=["1", "2", "3"],
    ),
    Case(
        "quotes after a backslash",
        utf8("a.csv", "id,text", '1,"她喊：\\"船来了，快去码头！\\" 大家都跑了出去。"', f'2,"{SECOND}"'),
        ['她喊："船来了，快去码头！" 大家都跑了出去。', SECOND],
    ),
    Case(
        "a quote that nothing closes",
        utf8("a.csv", "id,text", *(f"{n},{chr(34) * (n == 13)}{text}" for n, text in enumerate(REVIEWS))),
        [text for n, text in enumerate(REVIEWS) if n != 13],
        {"near_duplicates": False},
        unreadable=1,
    ),
    # Text files
    Case(
        "a document a line",
        utf8("a.txt", *REVIEWS[:5], REVIEWS[0]),
        REVIEWS[:5],
        {"text_document": "line", "near_duplicates": False},
        ids=[f"a.txt:{n}" for n in range(1, 6)],
        dropped={"exact_duplicate": 1},
    ),
    Case(
        "documents between blank lines",
        utf8("a.txt", FIRST, SECOND, "", REVIEWS[1], "", "", REVIEWS[2], REVIEWS[3]),
        [f"{FIRST}\n{SECOND}", REVIEWS[1], f"{REVIEWS[2]}\n{REVIEWS[3]}"],
        {"text_document": "block", "near_duplicates": False},
    ),
    Case(
        "lines of one width",
        utf8(
            "a.txt",
            "    码头上的灯还没有灭，挑夫们已经三三两两地蹲",
            "在石阶上等活。雾从江面上漫过来，把远处的桅杆一",
            "根一根地吞了进去。",
            "    账房先生拨着算盘，说这个月的货比上个月少了",
            "两成。没有人接他的话，只听见江水拍着岸，一下又",
            "一下。",
        ),
        [
            "码头上的灯还没有灭，挑夫们已经三三两两地蹲在石阶上等活。雾从江面上漫过来，把远处的桅杆一根一根地吞了进去。\n"
            "账房先生拨着算盘，说这个月的货比上个月少了两成。没有人接他的话，只听见江水拍着岸，一下又一下。"
        ],
    ),
    Case(
        "lines of two encodings",
        {
            "a.txt": f"{FIRST}\n".encode()
            + f"第二章 退潮，{SECOND}\n".encode("gb18030")
            + f"{REVIEWS[4]}\n".encode()
        },
        [f"{FIRST}\n第二章 退潮，{SECOND}\n{REVIEWS[4]}"],
    ),
    Case(
        "subtitles",
        utf8(
            "film.srt",
            *("1", "00:00:02,000 --> 00:00:04,000", "船什么时候开？我等了一个上午了", ""),
            *("2", "00:00:04,500 --> 00:00:06,000", "<i>等风停了就开，你急什么呢</i>", ""),
            *("3", "00:00:06,500 --> 00:00:08,000", r"{\an8}我怕赶不上他的婚礼", ""),
        ),
        ["船什么时候开？我等了一个上午了\n等风停了就开，你急什么呢\n我怕赶不上他的婚礼"],
    ),
    Case(
        "names of an archive in GBK",
        {"books.zip": archive("散文/海边.txt", f"{FIRST}{SECOND}")},
        [f"{FIRST}{SECOND}"],
        ids=["books.zip/散文/海边.txt"],
        source="books.zip/散文",
    ),
    # Web archives and dumps
    Case(
        "types in upper case, pages that were not found",
        {
            "a.warc": (
                response(
                    "http://a.example/1",
                    "200 OK",
                    "TEXT/HTML; Charset=utf-8",
                    PAGE.format(f"<p>{FIRST}</p><p>{SECOND}</p>"),
                )
                + response(
                    "http://a.example/2",
                    "404 Not Found",
                    "text/html",
                    PAGE.format(f"<p>没有找到这一页，{SECOND}</p>"),
                )
                + response(
                    "http://a.example/3",
                    "200 OK",
                    "text/html",
                    PAGE.format(f"<p>{REVIEWS[5]}</p><p>{REVIEWS[6]}</p>"),
                )
            ).encode()
        },
        [f"{FIRST}\n{SECOND}", f"{REVIEWS[5]}\n{REVIEWS[6]}"],
        {"near_duplicates": False},
        ids=["http://a.example/1", "http://a.example/3"],
        unreadable=1,
    ),
    Case(
        "values in templates",
        utf8(
            "zhwiki.xml",
            '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/"><page><title>青川</title><ns>0</ns><revision>'
            "<model>wikitext</model><text>'''青川'''流域面积{{formatnum:352000}}平方公里，年均流量{{val|2800}}立方米每秒，"
            "落差约{{nowrap|1,200米}}，{{lang-en|Green River}}是它的旧称。</text></revision></page></mediawiki>",
        ),
        ["青川流域面积352000平方公里，年均流量2800立方米每秒，落差约1,200米，Green River是它的旧称。"],
    ),
    # Characters
    Case(
        "small forms",
        json_lines("他想了想﹐说﹕这船票贵不贵﹖要是不贵﹐我们就一起去﹔要是太贵﹐那就算了﹗"),
        ["他想了想，说：这船票贵不贵？要是不贵，我们就一起去；要是太贵，那就算了！"],
    ),
    Case(
        "radicals for characters",
        json_lines("⼩⾈穿过⽔⻔，⾬点打在⻛帆上，⼭⾊渐渐暗下来，船⼯说今⽇靠岸要等到⽉亮升起的时候。"),
        ["小舟穿过水门，雨点打在风帆上，山色渐渐暗下来，船工说今日靠岸要等到月亮升起的时候。"],
    ),
    Case(
        "parameters of an address",
        json_lines(
            "地址 http://s.example/q?a=1&copy=3&sect=4&para=5&times=2&lt=9 打开以后&nbsp;能看到潮汐表。"
        ),
        ["地址 http://s.example/q?a=1&copy=3&sect=4&para=5&times=2&lt=9 打开以后 能看到潮汐表。"],
    ),
    Case(
        "entities escaped twice",
        json_lines("他指着海图说&amp;ldquo;从这里&amp;nbsp;绕过去&amp;rdquo;，只听见风把窗子吹得直响。"),
        ["他指着海图说“从这里 绕过去”，只听见风把窗子吹得直响。"],
    ),
    Case(
        "a space between all characters",
        json_lines({"text": "\n".join(" ".join(line) for line in (FIRST, SECOND))}),
        [f"{FIRST}\n{SECOND}"],
    ),
    Case(
        "traditional texts with few characters of their own",
        json_lines(
            "大海中央有一座小城，城中只住了三千人，他每天早上都去看望老人，和他一起吃早飯。",
            "上善若水，水善利萬物而不爭，居善地，心善淵。",
        ),
        [
            "大海中央有一座小城，城中只住了三千人，他每天早上都去看望老人，和他一起吃早饭。",
            "上善若水，水善利万物而不争，居善地，心善渊。",
        ],
    ),
    Case(
        "著 of authors",
        json_lines(
            "《聊齋誌異》，蒲松齡著，中華書局出版。《西遊記》（明）吳承恩著；他看著書，想起譯者與著者的爭論。"
        ),
        ["《聊斋志异》，蒲松龄著，中华书局出版。《西游记》（明）吴承恩著；他看着书，想起译者与著者的争论。"],
    ),
    # Sound texts that look broken
    unchanged(
        "é before a dash",
        "他在日记里写下Rosé——那种粉红色的酒，又画了一只杯子。菜单的末尾是Soufflé……主厨说，那是José——他的叔叔教的。",
    ),
    unchanged("烫烫烫 in speech", "她端起碗又赶紧放下，嘴里喊着烫烫烫，一家人都笑了，说她每次都是这样。"),
    unchanged(
        "锟 in names",
        "吴锟是这家渔行的账房，写得一手好字。镇上的人都说吴锟为人厚道，逢年过节总要请他写春联，吴锟从不推辞。",
        "村里识字的人不多，只有吴锟、李茂和教书先生三个，来信都要请他们念。",
    ),
    unchanged(
        "rare characters of one radical",
        "草部的字也不少，例如芏、芎、芑、芗、芙、芫、芸、芾、芰、苈、苊、苣、芘、芷、芮、苋、苌、苁、芩、芴、芡、芪、芟、苄、苎、"
        "芤、苡、茉、苷、苤、茏、茇、苜、苴、苒、苘、茌、苻、苓、茑。",
    ),
    # Personal data, and what only looks like it
    Case(
        "accounts without digits",
        json_lines(
            "想买新鲜海货的朋友请加微信号：haibian_yuhang，也可以搜微信号：wangjia_xiaodian，备注地址就行。"
        ),
        ["想买新鲜海货的朋友请加微信号：[账号]，也可以搜微信号：[账号]，备注地址就行。"],
    ),
    Case(
        "full-width dashes in numbers",
        json_lines(
            "要租船的人请打139－2468－1357，船家一般在早上七点到晚上八点之间接电话，其余时间请留言。",
            "要租船的人请打139–2468–1357，船家每天都在码头，风大的日子除外，来以前请先问一声。",
        ),
        [
            "要租船的人请打[手机号]，船家一般在早上七点到晚上八点之间接电话，其余时间请留言。",
            "要租船的人请打[手机号]，船家每天都在码头，风大的日子除外，来以前请先问一声。",
        ],
    ),
    Case(
        "addresses of machines, and versions",
        json_lines("先装Nginx 1.9.15.2和OpenOffice 4.1.2.9，再连接到主机203.119.26.5，端口是6379。"),
        ["先装Nginx 1.9.15.2和OpenOffice 4.1.2.9，再连接到主机[IP]，端口是6379。"],
    ),
    Case(
        "cards only where they are called so",
        json_lines(
            "日志里记下的事务号是 412345678901234560，回放就从它开始，之前的都已经落盘。",
            "房租请转到银行卡6222021234567890128，户名写渔行，转好以后把回单拍给我看一下就可以了。",
        ),
        [
            "日志里记下的事务号是 412345678901234560，回放就从它开始，之前的都已经落盘。",
            "房租请转到银行卡[银行卡号]，户名写渔行，转好以后把回单拍给我看一下就可以了。",
        ],
    ),
    unchanged(
        "quantities",
        "这家公司上半年的收入是13712345678元，利润15200000000元，比去年同期多了一成，股东们都很满意。",
        "今年进出港口的旅客有13412345678人次，货物一共18600000000吨，都是历年来最多的一次。",
        "日志文件有13612345678字节，一共写了17812345678行，光是复制就用了整整一个晚上。",
    ),
    unchanged(
        "identifiers",
        "零件编号15812345670已经换成新的，订单号13600054321的货昨天到港，请仓库的同事核对一下数目。",
        "货号：15912345670，档号：157-2014-0031，三次测得的水深是 150 2345 6789 毫米，"
        "都记在表里了，请测量组的人再看一遍，有疑问就重新测。",
    ),
    unchanged(
        "numbers of sections",
        "3.2.1.4 缆绳的直径不应小于二十毫米，每季度检查一次，有断股的要立即更换。\n"
        "7.1.2.2 灯塔的光程不应低于十海里，雾天应当鸣笛。\n本条依据5.4.3.1的规定，并见2.2.1.8。",
    ),
    unchanged(
        "digits in addresses",
        "图上画的是潮汐曲线：![](http://img7.example.com/3321/15876543210_a81bc0ff12_b.jpg)，高潮在凌晨三点左右。",
        "原文在 https://blog.example.cn/p/6901234567890123456 ，译文校对过三遍，如果还有错请在下面留言。",
    ),
    unchanged(
        "brands",
        "微信是Tencent公司的产品，微信为Android用户做了很多优化，微信：Weixin是它的汉语拼音，海外版叫WeChat。",
    ),
    # Boilerplate
    Case(
        "lines of novel sites",
        utf8(
            "a.txt",
            NOVEL[0],
            "天才一秒记住本站地址：[某某书屋] https://www.example.com 最快更新！无广告！",
            NOVEL[1],
            "手机用户请浏览 m.example.com 阅读，更优质的阅读体验。",
            NOVEL[2],
            "（本章未完，请翻页）",
            "最新网址：www.example.com",
            NOVEL[3],
            "求月票，求推荐票，求收藏！",
        ),
        ["\n".join(NOVEL)],
    ),
    unchanged(
        "prose that sounds like a web site",
        "关注我们的身体，也关注我们的睡眠。\n编辑：请改正下面句子里的错别字，并说明理由。\n来源：《汉书·地理志》\n免责声明\n"
        "有下列情形之一的，本合同的一方不承担责任：自然灾害、政府行为、罢工。",
    ),
)


def put(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write files below ``folder``."""
    for name, data in files.items():
        path = folder / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder / "in"


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_comes_out_as_it_should(case: Case, tmp_path: Path) -> None:
    settings = LENIENT | dict(case.settings)
    config = load_config(options={f"clean.{key}": value for key, value in settings.items()})
    report = clean([put(tmp_path, case.files)], tmp_path / "out", config, workers=1)
    documents = [d for file in sorted((tmp_path / "out").glob("documents-*")) for d in read_documents(file)]
    assert [document.text for document in documents] == list(case.texts)
    if case.ids is not None:
        assert [document.id for document in documents] == list(case.ids)
    if case.source is not None:
        assert {document.source for document in documents} == {case.source}
    assert report["dropped"] == case.dropped
    assert sum(sum(reasons.values()) for reasons in report["unreadable"].values()) == case.unreadable


@pytest.mark.slow
@pytest.mark.parametrize(
    "record",
    [
        {"label": 1, "review": FIRST},
        {"title": "海", "sections": [{"head": "潮", "body_text": FIRST}], "tags": ["水"]},
    ],
    ids=["flat", "nested"],
)
@pytest.mark.parametrize("form", ["a.jsonl", "a.json"])
def test_records_without_a_known_field_name_theirs(record: Any, form: str, tmp_path: Path) -> None:
    folder = put(tmp_path, {form: json.dumps(record, ensure_ascii=False).encode()})
    with pytest.raises(GauptError) as error:
        clean([folder], tmp_path / "out")
    said = str(error.value)
    assert all(name in said for name in record) and "--text-field" in said and "\n" not in said
