import pytest

from gaupt.corpus.change.personal.numbers import is_card_number, is_identity_number, mask_numbers

WORDS_OF_CARDS = (
    "卡号 银行卡 信用卡 储蓄卡 借记卡 账号 帐户 户名 户头 户口 开户 汇款 汇入 汇到 打款 打到 打进 转账 转到 转入"
    " 收款 还款 退款 付款 工行 农行 建行 中行 招行 交行 银行 银联 这张 卡上 卡里 Visa MasterCard card"
)
# One for each check character; no digit is 0, so that every weight counts.
IDENTITIES = """
    654321198112291113 654321198112291121 65432119811229113X 654321198112291148 654321198112291156 654321198112291164
    654321198112291172 654321198112291180 654321198112291199 654321198112291287 654321198112291295
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("手机138 1234 5678或+86-13812345678", "手机[手机号]或[手机号]"),
        ("138-12345678和1381234 5678", "[手机号]和[手机号]"),
        ("(+86)13812345678或0086-13812345678", "[手机号]或[手机号]"),
        ("手机138－1234－5678，138–1234–5678，138—1234‐5678", "手机[手机号]，[手机号]，[手机号]"),
        ("请拨打13900012345联系李老师", "请拨打[手机号]联系李老师"),
        ("电话13812345678个人用户请按一", "电话[手机号]个人用户请按一"),
        ("订单号13900012345，电话13812345678", "订单号13900012345，电话[手机号]"),
        ("单号13900012345、15012345678，收件人13812345678", "单号13900012345、15012345678，收件人[手机号]"),
        ('<a href="tel:13812345678">', '<a href="tel:[手机号]">'),
        ("微信同号13812345678", "微信同号[手机号]"),
        ("见138 1234 5678和138.1234.5678", "见[手机号]和138.1234.5678"),
        ("电话138.1234.5678", "电话[手机号]"),
        ("见13812100000和13812000000", "见[手机号]和13812000000"),
        ("电话13812000000", "电话[手机号]"),
        ("读数12 138 1234 5678和138 1234 5678 12", "读数12 138 1234 5678和138 1234 5678 12"),
        ("读数138 1234 5678 123456", "读数[手机号] 123456"),
        ("见12 13812345678", "见12 [手机号]"),
        ("见13812345678.5，见1.13812345678", "见13812345678.5，见1.13812345678"),
        ("见12 345613812345678", "见12 345613812345678"),
        ("电话12 138 1234 5678", "电话12 138 1234 5678"),
        ("见+86 138 1234 5678", "见[手机号]"),
        ("2021-03-05 12:30，电话13812345678", "2021-03-05 12:30，电话[手机号]"),
        ("见13812345678-2和13812345678-234", "见13812345678-2和[手机号]-234"),
    ],
)
def test_mobile_numbers(before: str, after: str) -> None:
    assert mask_numbers(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("座机010-62345678转3", "座机[电话]转3"),
        ("+86-10-62345678", "[电话]"),
        ("0755 - 26001234，0571—88888888", "[电话]，[电话]"),
        ("(0755)2345 6789，010-6234-5678", "[电话]，[电话]"),
        ("010－6234 5678，（0755）23456789", "[电话]，[电话]"),
        ("电话：62345678，传真8765432", "电话：[电话]，传真[电话]"),
        ("电话是61408688、61408110", "电话是[电话]、[电话]"),
        ("Tel: 62345678-801", "Tel: [电话]"),
        ("客服电话01062345678", "客服电话[电话]"),
        ("见01062345678和62345678", "见01062345678和62345678"),
        ("编号010-62345678，电话010-62345678", "编号010-62345678，电话[电话]"),
        ("见010-62345678元，见010-62345679", "见010-62345678元，见[电话]"),
        ("www.a.cn/010-62345678", "www.a.cn/010-62345678"),
        ("www.a.cn/tel:62345678", "www.a.cn/tel:62345678"),
        ("电话62345678元", "电话62345678元"),
        ("010-62345678、021-62345678", "[电话]、[电话]"),
    ],
)
def test_landline_numbers(before: str, after: str) -> None:
    assert mask_numbers(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("身份证11010519491231002X号", "身份证[身份证号]号"),
        ("证号110105 19491231 002X。", "证号[身份证号]。"),
        ("身份证号110105491231002", "身份证号[身份证号]"),
        ("见11010519491231002X和11010519491231003X", "见[身份证号]和11010519491231003X"),
        ("www.a.cn/11010519491231002X", "www.a.cn/11010519491231002X"),
        ("见110105491231002", "见110105491231002"),
        ("证件www.a.cn/110105491231002", "证件www.a.cn/110105491231002"),
        ("卡号4111111111111111", "卡号[银行卡号]"),
        ("VISA 4111111111111111", "VISA [银行卡号]"),
        ("见4111111111111111", "见4111111111111111"),
        ("卡号见www.a.cn/4111111111111111", "卡号见www.a.cn/4111111111111111"),
        ("打款的订单号4111111111111111", "打款的订单号4111111111111111"),
        ("银行 13812345678", "银行 [手机号]"),
        (
            "请汇到6222－0288－8888－8889（工行）",
            "请汇到6222－0288－8888－8889（工行）",
        ),  # its check digit is wrong
        ("储蓄卡6222 0288 8888 8880，户名张某", "储蓄卡[银行卡号]，户名张某"),
        ("定金打到6222028888888880，工行", "定金打到[银行卡号]，工行"),
        (
            "电话6222 0288 8888 8880，工行",
            "电话[银行卡号]，工行",
        ),  # not the phone's number that it begins with
    ],
)
def test_numbers_with_check_digits(before: str, after: str) -> None:
    assert mask_numbers(before) == after


@pytest.mark.parametrize(
    "text",
    [
        # quantities
        "全年营收13912345678元",
        "累计13812345678人次、17700000000吨、18912345678行",
        "读数为150 2345 6789米",
        "刻度从13000000000到15000000000",
        "全国电话2345678部",
        "13812345679是质数，x = 13812345678",
        # names of things
        "产品编号15012345678，订单号：13700012345",
        "档号：159-2013-0012",
        '"order_id": 13812345678',
        "订单号20210305123456",
        # pieces of addresses
        "https://img.example.com/7664/16958522954_4852ab.jpg",
        "www.example.cn/p/13812345678",
        "photos/guest/13812345678/in/album",
        "IMG_13812345678.JPG",
        "哈希3f2a-13812345678-9c1e",
        # what has the check digit of a card, and is none
        "时间戳是417184466331664380",
        "逆元等于4000000000000000006",
        "请求6222028888888880超时了",
        # others
        "身份证11010519491231002Y",
        "身份证110105194912310021",
        "圆周率3.14159265358979323846",
        "2021-03-05 12:30",
        "1949年10月1日",
        "1577980 2020-04-11 13:10",
        "电话20210305开通",
        "电话会议2021-2022",
        "call 8048318 <puts@plt>",
        "卡号6222 0212 3456 7890 123",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert mask_numbers(text) == text


def test_one_place_may_hold_several_numbers() -> None:
    text = "手机13812345678 (021)62345678，203.119.25.1"
    assert mask_numbers(text) == "手机[手机号] [电话]，[IP]"
    assert mask_numbers("1 2 3 4 5 6 7 8") == "1 2 3 4 5 6 7 8"


@pytest.mark.parametrize(
    ("word", "number", "mask"),
    [("汇款", "4111111111111111", "[银行卡号]"), ("身份证", "110105491231002", "[身份证号]")],
)
def test_in_a_long_list_each_number_vouches_for_the_next(word: str, number: str, mask: str) -> None:
    def rows(entry: str) -> str:
        return "".join(f"{name}（财务部同事）{entry}\n" for name in ("张三丰", "李四光", "王五一") * 5)

    assert mask_numbers(f"{word}名单：\n{rows(number)}") == f"{word}名单：\n{rows(mask)}"


def test_what_stands_far_before_a_number_and_close_behind_it_counts() -> None:
    address = f"https://a.cn/{'a' * 286}/13812345678"  # 300 characters with its last slash
    assert mask_numbers(f"见{address}") == f"见{address}"
    assert mask_numbers(f"电话62345678，见{address}") == f"电话[电话]，见{address}"
    phones = "、".join(["13812345678"] * 7)
    assert mask_numbers(f"电话{phones}元") == "电话" + "、".join(["[手机号]"] * 7) + "元"


def test_words_for_cards_and_identities() -> None:
    card, identity = "4111111111111111", "110105491231002"
    rows = {f"{word}：{card}": f"{word}：[银行卡号]" for word in WORDS_OF_CARDS.split()}
    rows |= {
        f"{card}，{word}": f"[银行卡号]，{word}"
        for word in ("工行", "银行", "户名", "开户", "账户", "汇款", "转账")
    }
    rows |= {
        f"{word}：{identity}": f"{word}：[身份证号]" for word in ("身份证", "证件", "公民身份", "身份号")
    }
    assert {text: mask_numbers(text) for text in rows} == rows


def test_check_digits() -> None:
    assert [is_identity_number(number) for number in IDENTITIES.split()] == [True] * 11
    assert is_identity_number("11010519491231002x")
    assert not is_identity_number("110105194912310020")
    with pytest.raises(ValueError, match="longer"):
        is_identity_number("110105491231002")  # of the first cards
    assert is_card_number("4111 1111 1111 1111")
    assert not is_card_number("4111 1111 1111 1112")
    assert is_card_number("6011 0009 9013 9424")  # 9, 9 and 6 are doubled, and their digits added up
    assert not is_card_number("6011 0009 9013 9425")
    assert not is_card_number("4000000000000000006")  # cards that begin with 4 have 16 digits


def test_numbers_that_banks_issue() -> None:
    issued = {
        "6201234567890123": True,
        "6201234567890123452": True,
        "62111111111111111113": False,
        "6011111111111117": True,
        "6111111111111116": False,
        "5011111111111119": False,
        "5122222222222228": True,
        "5533333333333334": True,
        "5611111111111113": False,
        "2111111111111115": False,
        "2244444444444444": True,
        "2755555555555552": True,
        "2811111111111118": False,
        "3566666666666662": True,
        "347777777777777": True,
        "378888888888882": True,
        "361111111111116": False,
        "4367420123456789016": True,
        "45635101234567890127": True,
        "955880123456789015": True,
        "955990000000000007": True,
    }
    assert {number: is_card_number(number) for number in issued} == issued
