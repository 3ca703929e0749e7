import pytest

from gaupt.corpus.change.personal import surroundings

NUMBER = "13812345678"


def place(text: str) -> tuple[str, int, int]:
    start = text.rindex(NUMBER)
    return text, start, start + len(NUMBER)


@pytest.mark.parametrize(
    "text",
    [
        "https://a.cn/x/13812345678",
        "www.a.cn/13812345678",
        "a/b/13812345678",
        "?id=13812345678",
        "IMG_13812345678",
        "13812345678.jpg",
        "a1-13812345678",
        r"D:\13812345678",
    ],
)
def test_pieces_of_addresses(text: str) -> None:
    assert surroundings.is_in_address(*place(text))


@pytest.mark.parametrize(
    "text",
    [
        "手机/13812345678",
        "QQ/13812345678",
        "Tel-13812345678",
        "见https://a.cn，13812345678",
        "13812345678-张三",
        "13812345678/QQ",
    ],
)
def test_numbers_beside_signs_are_no_pieces(text: str) -> None:
    assert not surroundings.is_in_address(*place(text))


@pytest.mark.parametrize(
    "text",
    ["电话：13812345678", "电话13912345678、13812345678", "Phone No.: 13812345678", "手机号是13812345678"],
)
def test_phone_words(text: str) -> None:
    assert surroundings.is_after_phone_word(*place(text)[:2])


def test_the_nearest_word_says_what_a_number_is() -> None:
    assert surroundings.is_name_of_a_thing(*place("电话订单的编号：13812345678")[:2], digits=11)
    assert not surroundings.is_name_of_a_thing(*place("编号7号楼的电话13812345678")[:2], digits=11)


def test_a_list_has_one_meaning_as_long_as_its_numbers_are_alike() -> None:
    assert surroundings.is_name_of_a_thing(*place("单号13712345678、13812345678")[:2], digits=11)
    assert not surroundings.is_name_of_a_thing(*place("单号20210305，13812345678")[:2], digits=11)


@pytest.mark.parametrize(
    "text",
    [
        "13812345678元",
        "13812345678 字节",
        "¥13812345678",
        "13812345678 = 2",
        "总数为13812345678",
        "> 13812345678",
    ],
)
def test_quantities(text: str) -> None:
    assert surroundings.is_quantity(*place(text))


@pytest.mark.parametrize(
    "text",
    [
        "13812345678人工服务",
        "13812345678次日回复",
        "13812345678张先生",
        "13812345678元旦也有人接",
        "预约13812345678",
        "<13812345678>",
        "**13812345678**",
    ],
)
def test_what_only_looks_like_a_unit(text: str) -> None:
    assert not surroundings.is_quantity(*place(text))
