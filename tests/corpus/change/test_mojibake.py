import string

import pytest

from gaupt.corpus.change.mojibake import is_mojibake, repair, usual_share
from gaupt.text import characters

TEXT = "清晨的雾还没有散，茶农们已经背着竹篓上山。他们说，谷雨前后的嫩芽最香，一年里只有这几天。"
TRADITIONAL = "清晨的霧還沒有散，茶農們已經背著竹簍上山。他們說，穀雨前後的嫩芽最香，一年裡只有這幾天。"


def misread(text: str, right: str = "gb18030", wrong: str = "big5hkscs") -> str:
    """What a reader with the wrong encoding sees, where no byte is lost."""
    return text.encode(right).decode(wrong)


def mend(text: str) -> str:
    return repair(text, characters.count(text))


def broken(text: str) -> bool:
    return is_mojibake(text, characters.count(text))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("utf-8", "latin-1"), ("gb18030", "latin-1"), ("gb18030", "big5hkscs")],
)
def test_what_lost_no_byte_is_repaired(right: str, wrong: str) -> None:
    try:
        text = misread(TEXT, right, wrong)
    except UnicodeDecodeError:
        pytest.skip("this text has bytes that the wrong decoder refuses")
    assert mend(text) == TEXT


def test_big5_read_as_gbk_is_repaired() -> None:
    assert mend(misread(TRADITIONAL, "big5", "gb18030")) == TRADITIONAL


def test_a_cut_last_character_is_left_out() -> None:
    assert mend(TEXT.encode()[:-1].decode("latin-1")) == TEXT[:-1]


def test_lost_bytes_are_told() -> None:
    lossy = (TEXT * 5).encode().decode("gb18030", "replace").encode().decode("gb18030", "replace")
    assert broken(mend(lossy))
    assert broken(mend("锟斤拷" * 3 + TEXT))


@pytest.mark.parametrize(
    "text", [TEXT, TRADITIONAL, "café à la crème, déjà vu", "", "μg/mL 与 °C", "龘靐齉爨"]
)
def test_sound_text_is_left_alone(text: str) -> None:
    assert mend(text) == text
    assert not broken(text)


@pytest.mark.parametrize(
    "text",
    [
        # A letter before dashes or dots is valid UTF-8 for a reader of Windows-1252.
        "她读过Mérimée——那位写《卡门》的作家……又去Café——街角的那家——喝了一杯Rosé……才回家。",
        "Müller……说，“Ä”和“Ö——”都是德语字母，façade、naïve、Übung也常见到。",
        "汉语拼音“mā má mǎ mà”和“nǚ”；国际音标[ˈæp.əl]、[ðɪs]、[ʃœn]都有人问。",
        # Names, and what is said about broken text.
        "直系的曹锟和吴佩孚失和，曹锟将他召回，又被人拷问；锟铻是古书里的剑名。",
        "她端起锅就喊烫烫烫，孩子们都笑了。三个屯子，屯屯屯都有名字。",
        "打开文件，满屏都是“锟斤拷”和烫烫烫烫烫烫，老程序员看了都笑。",
        "这就是乱码，比如锟斤拷锟斤拷。",
        # Rare characters: lists, and old poems in dense traditional writing.
        "鱼部的字有鲀、鲂、鲅、鲆、鲇、鲈、鲋、鲎、鲐、鲑、鲒、鲔、鲕、鲖、鲗、鲚、鲛、鲟、鲠、鲡、鲢。",
        "元素：钌铑钯铪钽铼锇铱铂铊铋钋砹氡钫镭锕钍镤镎钚镅锔锫锎锿镄钔锘铹。",
        "荇 菡 萏 芰 茨 菰 蒹 葭 蘅 芷 荪 蕙 茝 薜 荔 萝 蔓 蓼 莼 藻",
        "觴詠盡歡罷，飛甍鬰崢嶸。",
        "実はここ、桟橋だけのきれいな 無人島なんです。釣り人の駅も戻り売りも桜も、とてもいいです。",
    ],
)
def test_text_that_only_looks_broken_is_left_alone(text: str) -> None:
    assert mend(text) == text
    assert not broken(text)


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_utf8_that_was_read_twice_as_latin_is_repaired(encoding: str) -> None:
    text = TEXT[:12]
    once = "".join(bytes((byte,)).decode(encoding, "ignore") or chr(byte) for byte in text.encode())
    twice = "".join(bytes((byte,)).decode(encoding, "ignore") or chr(byte) for byte in once.encode())
    assert mend(once) == mend(twice) == text


def test_the_sound_part_of_a_text_stays_where_the_other_is_repaired() -> None:
    wrong = misread(TEXT, "utf-8", "latin-1")
    assert mend(f"Café——“{wrong}”……25°×3，他说。") == f"Café——“{TEXT}”……25°×3，他说。"
    assert mend(f"{TEXT}\n{wrong}") == f"{TEXT}\n{TEXT}"


def test_a_broken_line_of_a_sound_text_is_told() -> None:
    lost = TEXT.encode().decode("gb18030", "replace")
    assert broken(mend("\n".join([TEXT, TEXT, lost, TEXT])))
    even = "渔船慢慢靠岸，网里满是鱼"
    assert mend("\n".join([TEXT, misread(even, "utf-8", "gb18030"), TEXT])) == "\n".join([TEXT, even, TEXT])


@pytest.mark.parametrize("mark", ["", "\ufffd", "?"])
def test_what_lost_bytes_by_a_wrong_reader_is_told(mark: str) -> None:
    text = (TEXT * 3).encode().decode("gb18030", "replace").replace("\ufffd", mark)
    assert broken(mend(text))
    data = (TEXT * 3).encode("gb18030")
    text = (data[:100] + data[101:]).decode("big5hkscs", "replace").replace("\ufffd", mark)
    assert broken(mend(text))


def test_one_trace_goes_and_many_condemn_a_text() -> None:
    assert mend(f"{TEXT}锟斤拷{TEXT}") == TEXT * 2
    assert broken(mend(f"{TEXT}锟斤拷{TEXT}锟斤拷"))
    assert broken(mend(TEXT + "锟叫癸拷锟侥硷拷"))  # what stood between the lost bytes


def test_uninitialized_memory_in_a_broken_text_is_told() -> None:
    assert broken("烫" * 12 + "葺" * 8 + "侏偈")
    assert not broken("烫" * 12 + TEXT)


# For a reader of Big5, 边的老花看见 stay common characters, 妈们等年还过 become traditional ones, 山上有一这在
# rare ones, 前桥青旗齐起 kana.
@pytest.mark.parametrize(
    ("repaired", "left"),
    [
        # Three rare characters in ten are sound writing.
        ("山边的这狗看见一只鱼", "山边的老狗看见一只鱼"),
        # Five Chinese characters are too few, and no more of them than kana are Japanese.
        ("山上有一只鱼", "山上只有鱼"),
        ("前桥青旗齐起这山上有一只鱼", "前桥青旗齐起山上有一只鱼"),
        # More than four in five must be usual on the way back, and a fifth more than before.
        ("在这河里只有鲂有鲈鱼了", "这河里只有鲂有鲈鱼了"),
        ("妈妈过年姐姐们还没到家门后鸡已在山上等着", "妈妈过年姐姐们还没到家门后的鸡在山上等着"),
        # One in fifty may be of private use.
        ("山上有一只鱼在这雨" * 5 + "山上有一\ue000", "山上有一只鱼在这雨" * 5 + "山上有\ue000"),
        # More than half of what is seen must be Chinese.
        ("山上有一只香鱼在雨 ABC12345", "山上有一只香鱼在雨 ABC123456"),
        # More than one mark for three characters makes a list, if more than three in five are the same.
        ("山上 这有 一只 香鱼在", "山上 这有 一只 香鱼"),
        ("山 上 这 有,一,只香鱼", "山 上 这 有,一只香鱼"),
        # So do characters of which most stand beside the one before in a dictionary, less than 256 places apart.
        ("鸯秧掩雁央蜩杀髻摊", "鸯秧掩雁央奄蜩杀髻"),
        ("是幡勺岌泽罔烧札", "鸯秧掩雁央奄"),
    ],
)
def test_how_far_a_text_is_repaired(repaired: str, left: str) -> None:
    assert mend(misread(repaired)) == repaired
    assert mend(misread(left)) == misread(left)


@pytest.mark.parametrize(
    ("told", "left"),
    [
        # Seven in ten must be usual on the way back ...
        ("这河里只有鲂有鲅有鲇有鲈有鲋有鲎鱼最香了", "这河里只有鲂有鲅有鲇有鲈有鲋有鲎荇最香了"),
        # ... and 15% more than before.
        ("妈妈过年姐姐们还没到过家门后的鸡在山上等", "妈妈过年姐姐们还没到过家门后的鸡在门上等"),
        # Half is enough in more than 60 characters of which more than a fifth occurred before.
        (
            "这河里只有鲂鲅鲇鲈鲋鲎荇菡花最香的老鱼了" * 3 + "。",
            "这河里只有鲂鲅鲇鲈鲋鲎荇菡花最香的老鱼了" * 3,
        ),
        ("这河里有鲂鲅鲇鲈鲋鲎荇菡萏芰蒹花最香的了" * 4, "这河里有鲂鲅鲇鲈鲋鲎荇菡萏蘅蒹花最香的了" * 4),
        (
            "这河里只有鲂鲅鲇鲈鲋鲎荇菡花最香的老鱼了" * 2 + string.printable[:59],
            "这河里只有鲂鲅鲇鲈鲋鲎荇菡花最香的老鱼了" * 2 + string.printable[:60],
        ),
        # Three characters, over and over, are chance.
        ("鱼鱼在在有有我", "鱼鱼在在有有鱼"),
    ],
)
def test_how_much_of_a_text_with_gaps_must_become_usual(told: str, left: str) -> None:
    assert broken(misread(told)) is True
    assert broken(misread(left)) is False


def test_a_list_has_lost_no_bytes() -> None:
    assert broken(misread("鸯秧掩雁央奄蜩杀髻")) is False


def test_utf8_of_any_language_may_have_lost_three_characters_in_ten() -> None:
    russian = [misread(part, "utf-8", "gb18030") for part in ("цы", "ры", "су", "х", "")]
    assert broken("的".join(russian[:4]))  # 的 is no UTF-8
    assert not broken("的".join(russian))
    # What is missing within one character is one gap, but between two halves there are two.
    first, second = "清渔".encode()[:2].decode("gb18030"), "清渔".encode()[2:].decode("gb18030")
    assert broken(f"{misread('рысу', 'utf-8', 'gb18030')}{first}\ufffd{second}")
    assert not broken(f"{misread('рыс', 'utf-8', 'gb18030')}{first}\ufffd{second}")
    # 嚙踝蕭嚙踝蕭 was lost before this reader came: it is what Big5 makes of U+FFFD.
    arabic = "".join(map(chr, range(0x627, 0x62E)))
    assert broken("嚙踝蕭嚙踝蕭".join(misread(arabic, "utf-8", "big5hkscs")))


def test_big5_of_which_gbk_made_latin_letters_is_repaired() -> None:
    text = "桌角的燈還亮著，牆角的貓睡了，她站在窗前等了很久，嘴角慢慢有了笑意，外面下著小雨。"
    assert misread(text, "big5", "gb18030").count("à") == 3
    assert mend(misread(text, "big5", "gb18030")) == text


def test_three_latin_letters_are_a_trace() -> None:
    assert mend("华ä¸\xad站") == "华中站"
    assert mend("CafÃ©") == "CafÃ©"
    assert broken("华ä¸\xad站")
    assert not broken("华ä¸°站")  # ° is at home in Chinese text


def test_more_than_one_in_five_latin_letters_may_be_gb18030() -> None:
    # ° ± × are none: 北 and 白 are made of them.
    for text, repaired in (("北班包装白北办包装砖", True), ("北班包装白北办包装白", False)):
        latin = misread(text, "gb18030", "latin-1")
        assert mend(latin) == (text if repaired else latin)


def test_the_more_usual_of_two_ways_back_is_taken() -> None:
    text = "他们说谷雨前后山上有一只鱼"
    latin = misread("龟龙", "utf-8", "latin-1") + " " + misread(text, "gb18030", "latin-1")
    assert mend(latin) == misread("龟龙", "utf-8", "gb18030") + " " + text


@pytest.mark.parametrize("line", ["渔船，慢慢靠岸喽", "渔船慢慢靠岸。好", "奶奶“好”地走了", "不走，就"])
def test_a_mark_tells_of_a_line_to_repair(line: str) -> None:
    sound = "他说天黑了再走，我说不行。"
    assert mend(f"{sound}\n{misread(line, 'utf-8', 'gbk')}\n{sound}") == f"{sound}\n{line}\n{sound}"


@pytest.mark.parametrize("line", ["渔船慢慢靠岸了喽", "为人，就"])
def test_a_line_without_a_mark_or_with_two_rare_characters_is_left(line: str) -> None:
    text = f"他说天黑了再走，我说不行。\n{misread(line, 'utf-8', 'gbk')}"
    assert mend(text) == text


def test_a_line_that_lost_bytes_is_told_where_a_mark_stands() -> None:
    lost = "渔船慢慢靠岸，网里满是鱼".encode().decode("gb18030", "replace").replace("\ufffd", "?")
    sound = "他说天黑了再走，我说不行。\n" * 3
    assert broken(sound + lost) is True
    assert broken(f"{sound}读者的信里有锛、銆、鈥这样的怪字，还有鲀、鲂、鲅。") is False
    assert broken(f"{sound}读者的信里有锛这样的怪字。\n鲀、鲂、鲅、鲆、鲇、鲈、鲋") is False
    assert broken(sound + lost.replace("锛", "")) is False


@pytest.mark.parametrize(("length", "most"), [(1000, 2), (2000, 4)])
def test_two_replacement_characters_or_two_in_a_thousand_are_allowed(length: int, most: int) -> None:
    text = "茶" * (length - most)
    assert not broken(text + "\ufffd" * most)
    assert broken(text[1:] + "\ufffd" * (most + 1))


@pytest.mark.parametrize(
    "between", [b"\x40\x81", b"\x7e\xb9", b"\x80\xb9", b"\xfe\xf7", b"", b"\xef\xbf\xbd"]
)
def test_whatever_stood_between_lost_bytes_goes_with_them(between: bytes) -> None:
    trace = (b"\xef\xbf\xbd" + between + b"\xef\xbf\xbd").decode("gbk", "ignore")
    assert mend(f"{TEXT}{trace}{TEXT}") == TEXT * 2


@pytest.mark.parametrize(
    "text",
    ["王锟锟把文件拷贝给我。", "锟x拷", "锟斤x拷", "“锟斤拷”", "【锟斤拷】是什么？", "锟和拷"],
)
def test_names_and_quotations_are_no_traces(text: str) -> None:
    assert mend(text) == text
    assert not broken(text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # The first and the last place of a text have nothing beside them.
        ("锟斤拷”他说：“", "”他说：“"),
        ("他说：“锟斤拷", "他说：“"),
        ("锟斤拷他说", "他说"),
        ("他“锟斤拷说”", "他“说”"),
        ("他“说锟斤拷”", "他“说”"),
    ],
)
def test_a_trace_is_quoted_only_between_two_marks(before: str, after: str) -> None:
    assert broken(before)
    assert mend(before) == after


@pytest.mark.parametrize("filling", ["烫", "屯"])
def test_six_times_uninitialized_memory_and_rare_characters_are_told(filling: str) -> None:
    rest = "鲂鲅鲈河边的老花开"
    assert broken(filling * 6 + rest) is True
    assert not broken(filling * 5 + rest)
    assert not broken(filling * 6 + rest + "了")  # seven in ten are common


@pytest.mark.parametrize(
    ("text", "share"),
    [("", 1), ("ABC", 1), ("A茶葺", 0.5), ("。" + "\x80", 0.5), ("、，；：？！…—·《》　", 1)],
)
def test_usual_share_is_of_what_is_beyond_ascii(text: str, share: float) -> None:
    assert usual_share(text) == share
