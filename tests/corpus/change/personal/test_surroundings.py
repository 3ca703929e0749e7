from collections.abc import Callable

import pytest

from gaupt.corpus.change.personal import surroundings

NUMBER = "13812345678"
UNITS = (
    "吨 斤 瓦 册 粒 株 匹 艘 辆 亩 枚 倍 帕 % ％ ‰ ℃ 亿 兆 元 万 克 升 秒 股 票 度 户 美元 欧元 日元"
    " 港元 人民币 安培 伏特 焦耳 千克 千米 毫升 毫秒 微安 千瓦 百帕 公斤 公里 公顷 公升 千卡 平方 立方"
    " 光年 海里 英里 英尺 英寸 比特 字节 字 页 小时 分钟 年 赫 赫兹 厘米 米 台 张 份 条 行 人 次 个 家"
    " 位 名 天 只 件 部 块 KB MiB Gb bytes bit km mm m kHz ms s kg kWh rows times"
)
NO_UNITS = (
    "元旦 万达 万科 克隆 升级 秒杀 股东 票价 度过 户外 字母 页面 年级 米先生 米女士 台北 台式 张先生"
    " 张女士 张老师 份额 条件 行业 行程 人工 次日 个人 家里 位于 名片 天天 只要 件事 部门 块递 kgs mmm"
    " bitter"
)


def place(text: str) -> tuple[str, int, int]:
    text = text if NUMBER in text else text + NUMBER
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
        "x&id=13812345678",
        "www.13812345678",
        "tel://13812345678",
        "./13812345678",
        "../13812345678",
        "//13812345678",
        "Photos_2/13812345678",
        "№13812345678",
        "#13812345678",
        "abc－13812345678",
        "13812345678_a",
        "13812345678%",
        r"13812345678\n",
        "13812345678/x",
        "13812345678-9c1e",
        "13812345678－b",
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
        "13812345678/email",
        "13812345678-Tel",
        "13812345678-2",
        "13812345678.",
        "TEL/13812345678",
        "20/13812345678",
        "手机=13812345678",
        "-13812345678",
        "",
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


def test_words_before_a_number() -> None:
    is_meant: dict[Callable[[str, int], bool], str] = {
        surroundings.is_after_phone_word: (
            "电话 手机号码 座机 传真 热线 拨打 打 致电 联系人 来电 电联 短信 呼叫 微信 tel Phone"
            " mobile mob. cell FAX sms whatsapp 电话：（ 联系方式为「 打给 phone_number"
        ),
        lambda text, start: surroundings.is_name_of_a_thing(text, start, 11): (
            "编号 房号 票号码 单号码 彩号码 条码 编码 验码 密码 订单 工单 回单 档案 序列 流水 水注准"
            ' 国药准字H id UID order_id no. SN isbn seed timestamp 编号分别 编号各：“ 第 x= "x"= y_2=\''
            " 编号为「"
        ),
        lambda text, start: surroundings.is_quantity(text, start, start + len(NUMBER)): (
            "¥ ￥ $ € £ 总数 数量 金额 余额 营收 收入 利润 销量 销售额 产值 人口 共计 市值 票房 大小"
            " 长度 常数 质数 结果 答案 刻度 坐标 种子 时间戳 哈希 面积 体积 高达 达到 超过 大约 接近"
            " 一共 增至 小于 不足 至少 横轴 金额： 总数为（ = ≤ ≠ × ^"
        ),
    }
    missed = [
        word for is_so, words in is_meant.items() for word in words.split() if not is_so(*place(word)[:2])
    ]
    assert missed == []


def test_the_nearest_word_says_what_a_number_is() -> None:
    assert surroundings.is_name_of_a_thing(*place("电话订单的编号：13812345678")[:2], digits=11)
    assert not surroundings.is_name_of_a_thing(*place("编号7号楼的电话13812345678")[:2], digits=11)


def test_a_list_has_one_meaning_as_long_as_its_numbers_are_alike() -> None:
    assert surroundings.is_name_of_a_thing(*place("单号13712345678、13812345678")[:2], digits=11)
    assert not surroundings.is_name_of_a_thing(*place("单号20210305，13812345678")[:2], digits=11)
    assert surroundings.is_after_phone_word(*place("电话62345678，13812345678")[:2])
    assert surroundings.is_after_phone_word(*place("电话[手机号]、13812345678")[:2])


def test_a_list_has_up_to_seven_numbers() -> None:
    lists = ["、".join(["13712345678"] * count + [NUMBER]) for count in (6, 7)]
    assert [surroundings.is_after_phone_word(*place(f"电话{text}")[:2]) for text in lists] == [True, False]
    assert [surroundings.is_name_of_a_thing(*place(f"单号{text}")[:2], 11) for text in lists] == [True, False]


def test_every_look_is_bounded() -> None:
    text = "".join(map(chr, range(0x4E00, 0x4E00 + 60)))
    assert surroundings.before(text, 30) == text[6:30]
    assert surroundings.before(text, 3) == text[:3]
    assert surroundings.after(text, 30) == text[30:42]
    assert surroundings.url_before("a" * 400, 350) == "a" * 300
    assert surroundings.url_before("见https://a.cn/x", 14) == "https://a.cn/"
    assert surroundings.url_before("见", 1) == ""
    assert surroundings.is_name_of_a_thing(*place("单号" + "：" * 22)[:2], 11)
    assert not surroundings.is_name_of_a_thing(*place("单号" + "：" * 23)[:2], 11)


def test_what_is_glued_to_a_number_is_looked_for_in_24_signs() -> None:
    text = "b" * 23 + f"-{NUMBER}"
    assert surroundings.is_in_address(*place(text))


def test_units() -> None:
    units = [*UNITS.split(), " 元", "多吨", "余元", "来斤"]
    no_units = NO_UNITS.split()
    assert [unit for unit in units if not surroundings.has_unit(NUMBER + unit, len(NUMBER))] == []
    assert [word for word in no_units if surroundings.has_unit(NUMBER + word, len(NUMBER))] == []


def test_mathematics() -> None:
    ends = [
        "=",
        " ×",
        " + 2",
        " - 2",
        "是质数",
        "大合数",
        "mod 7",
        "的倍数",
        "可以写成",
        "除以",
        "取模",
        "整除",
    ]
    assert [end for end in ends if not surroundings.is_quantity(*place(NUMBER + end))] == []
    no_ends = ["+2", "-2", "model", "的数", "写成"]
    assert [end for end in no_ends if surroundings.is_quantity(*place(NUMBER + end))] == []


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
