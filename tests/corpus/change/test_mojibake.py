import pytest

from gaupt.corpus.change.mojibake import is_mojibake, repair
from gaupt.text import characters

TEXT = "清晨的雾还没有散，茶农们已经背着竹篓上山。他们说，谷雨前后的嫩芽最香，一年里只有这几天。"
TRADITIONAL = "清晨的霧還沒有散，茶農們已經背著竹簍上山。他們說，穀雨前後的嫩芽最香，一年裡只有這幾天。"


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
        text = TEXT.encode(right).decode(wrong)
    except UnicodeDecodeError:
        pytest.skip("this text has bytes that the wrong decoder refuses")
    assert mend(text) == TEXT


def test_big5_read_as_gbk_is_repaired() -> None:
    assert mend(TRADITIONAL.encode("big5").decode("gb18030")) == TRADITIONAL


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
    wrong = TEXT.encode().decode("latin-1")
    assert mend(f"Café——“{wrong}”……25°×3，他说。") == f"Café——“{TEXT}”……25°×3，他说。"
    assert mend(f"{TEXT}\n{wrong}") == f"{TEXT}\n{TEXT}"


def test_a_broken_line_of_a_sound_text_is_told() -> None:
    lost = TEXT.encode().decode("gb18030", "replace")
    assert broken(mend("\n".join([TEXT, TEXT, lost, TEXT])))
    even = "渔船慢慢靠岸，网里满是鱼"
    assert mend("\n".join([TEXT, even.encode().decode("gb18030"), TEXT])) == "\n".join([TEXT, even, TEXT])


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
