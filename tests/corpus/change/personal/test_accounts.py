import pytest

from gaupt.corpus.change.personal.accounts import mask_accounts


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("QQ：12345678", "QQ：[账号]"),
        ("QQ 123456789，qq群123456789", "QQ [账号]，qq群[账号]"),
        ("QQ：12345678、23456789和34567890", "QQ：[账号]、[账号]和[账号]"),
        ("QQ群一群123456789（已满），二群234567891", "QQ群一群[账号]（已满），二群[账号]"),
        ("客服QQ2851517677QQ群304833845", "客服QQ[账号]QQ群[账号]"),
        ("扣扣：12345678，加Q12345678，Q：12345678", "扣扣：[账号]，加Q[账号]，Q：[账号]"),
        ("我的QQ是123456789 敬待回复", "我的QQ是[账号] 敬待回复"),
        ("QQ/微信：12345678，微信QQ同号：12345678", "QQ/微信：[账号]，微信QQ同号：[账号]"),
        (
            "QQ群：**123456789**，QQ交流群：① 123456789、②234567891",
            "QQ群：**[账号]**，QQ交流群：① [账号]、②[账号]",
        ),
        ("答疑QQ群50945354安卓群", "答疑QQ群[账号]安卓群"),
    ],
)
def test_numbers_of_qq(before: str, after: str) -> None:
    assert mask_accounts(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("VX：abc_12345，加微信wxid_123abc", "VX：[账号]，加微信[账号]"),
        ("请加微信号：lanyu_books，或者搜微信号：chunyu_books", "请加微信号：[账号]，或者搜微信号：[账号]"),
        ("微信：lanyu_books 或 chunyu_books", "微信：[账号] 或 [账号]"),
        ("加微信 lanyubooks 拉你进群", "加微信 [账号] 拉你进群"),
        ("微信号lanyubooks，只接受预订", "微信号[账号]，只接受预订"),
        ("微信号为lanyu_books，老板的微信是old_street", "微信号为[账号]，老板的微信是[账号]"),
        ("WeChat: lanyu88，V信：lanyu_books，加V：lanyubooks", "WeChat: [账号]，V信：[账号]，加V：[账号]"),
        ("微信（lanyu_books），微信号是：lanyu_books", "微信（[账号]），微信号是：[账号]"),
        ("加我微信 `lanyubooks` 拉你入群，或 **chunyu_88**", "加我微信 `[账号]` 拉你入群，或 **chunyu_88**"),
        ("微信：**lanyu88** / **chunyu88**", "微信：**[账号]** / **[账号]**"),
    ],
)
def test_names_of_wechat(before: str, after: str) -> None:
    assert mask_accounts(before) == after


@pytest.mark.parametrize(
    "text",
    [
        "QQ2012版本，QQ 20210305更新",
        "QQ是1999年推出的，QQ为1000000000用户服务",
        "奇瑞QQ卖了1234567辆，QQ：10年老用户",
        "iqq12345678，FAQ：12345条",
        "github.com/example/qqwry2mmdb，https://github.com/qq1120637483",
        "微信是Tencent公司推出的，微信为Android用户提供了语音",
        "微信：Weixin是它的拼音，微信：WeChat",
        "微信是Allen Zhang做出来的",
        "加微信SDK，接入微信OAuth2登录，增加微信JSSDK",
        "加微信公众号，微信公众号：乡村图书馆",
        "vx：x 方向的速度，recvx：处理接收请求时的位置",
        "微信为openid，QQ为userid",
        "微信：[公众号](https://example.com/x)",
        "wechat: required，import WeChat from './WeChatLogin'",
        "(v:i_data, v:i_name)，chmod g+wx dir_xyz，wx:for-index",
        "微信openid，微信v280112官方版",
    ],
)
def test_sentences_about_the_programs_stay(text: str) -> None:
    assert mask_accounts(text) == text
