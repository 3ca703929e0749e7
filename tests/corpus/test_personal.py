import pytest

from gaupt.corpus.personal import is_card_number, is_identity_number, mask_personal_data


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
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert mask_personal_data(text) == text


def test_check_digits() -> None:
    assert is_identity_number("11010519491231002x")
    assert not is_identity_number("110105194912310020")
    assert is_card_number("4111 1111 1111 1111")
    assert not is_card_number("4111 1111 1111 1112")
