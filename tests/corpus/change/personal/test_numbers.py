import pytest

from gaupt.corpus.change.personal.numbers import is_card_number, is_identity_number, mask_numbers


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
        ("卡号4111111111111111", "卡号[银行卡号]"),
        (
            "请汇到6222－0288－8888－8889（工行）",
            "请汇到6222－0288－8888－8889（工行）",
        ),  # its check digit is wrong
        ("储蓄卡6222 0288 8888 8880，户名张某", "储蓄卡[银行卡号]，户名张某"),
        ("定金打到6222028888888880，工行", "定金打到[银行卡号]，工行"),
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


def test_check_digits() -> None:
    assert is_identity_number("11010519491231002x")
    assert not is_identity_number("110105194912310020")
    assert is_card_number("4111 1111 1111 1111")
    assert not is_card_number("4111 1111 1111 1112")
    assert is_card_number("6011 0009 9013 9424")  # 9, 9 and 6 are doubled, and their digits added up
    assert not is_card_number("6011 0009 9013 9425")
    assert not is_card_number("4000000000000000006")  # cards that begin with 4 have 16 digits
