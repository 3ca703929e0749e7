import pytest

from gaupt.corpus.change.personal import is_card_number, is_identity_number, mask_personal_data


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("联系邮箱abc@163.com谢谢", "联系邮箱[邮箱]谢谢"),
        ("电话：13812345678。", "电话：[手机号]。"),
        ("手机138 1234 5678或+86-13812345678", "手机[手机号]或[手机号]"),
        ("身份证11010519491231002X号", "身份证[身份证号]号"),
        ("座机010-62345678转3", "座机[电话]转3"),
        ("卡号6222 0212 3456 7890 123", "卡号6222 0212 3456 7890 123"),
        ("卡号4111111111111111", "卡号[银行卡号]"),
        ("服务器地址为203.0.113.45。", "服务器地址为[IP]。"),
        ("QQ：12345678", "QQ：[账号]"),
        ("QQ 123456789，qq群123456789", "QQ [账号]，qq群[账号]"),
        ("VX：abc_12345，加微信wxid_123abc", "VX：[账号]，加微信[账号]"),
        ("abc＠163.com", "[邮箱]"),
        ("138-12345678和1381234 5678", "[手机号]和[手机号]"),
        ("(+86)13812345678或0086-13812345678", "[手机号]或[手机号]"),
        ("+86-10-62345678", "[电话]"),
        ("0755 - 26001234，0571—88888888", "[电话]，[电话]"),
        ("(0755)2345 6789，010-6234-5678", "[电话]，[电话]"),
        ("电话：62345678，传真8765432", "电话：[电话]，传真[电话]"),
        ("Tel: 62345678-801", "Tel: [电话]"),
        ("客服电话01062345678", "客服电话[电话]"),
        ("证号110105 19491231 002X。", "证号[身份证号]。"),
    ],
)
def test_personal_data_is_masked(before: str, after: str) -> None:
    assert mask_personal_data(before) == after


@pytest.mark.parametrize(
    "text",
    [
        "版本号4.4.4.4",
        "监听0.0.0.0和127.0.0.1",
        "身份证11010519491231002Y",
        "身份证110105194912310021",
        "圆周率3.14159265358979323846",
        "订单号20210305123456",
        "2021-03-05 12:30",
        "1949年10月1日",
        "软件3.2.1.0版",
        "参考 2.3.2.3 节",
        "logo@2x.png",
        "github.com/example/qqwry2mmdb",
        "git@github.com:example/example.git",
        "电话20210305开通",
        "全国电话2345678部",
        "加微信公众号，QQ2012版本",
        "电话会议2021-2022",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert mask_personal_data(text) == text


def test_check_digits() -> None:
    assert is_identity_number("11010519491231002x")
    assert not is_identity_number("110105194912310020")
    assert is_card_number("4111 1111 1111 1111")
    assert not is_card_number("4111 1111 1111 1112")
    assert is_card_number("6011 0009 9013 9424")  # 9, 9 and 6 are doubled, and their digits added up
    assert not is_card_number("6011 0009 9013 9425")
