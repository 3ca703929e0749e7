from collections.abc import Iterable

import pytest

from gaupt.corpus.change.personal.accounts import mask_accounts

WORDS_OF_QQ = "QQ qq Q： q： 加Q 加q Q群 扣扣 企鹅 QQ群 qq群号 QQ号码 QQ交流群"
WORDS_OF_WECHAT = (
    "VX vx wx： V： v： 加V 加v 加wx 微信 薇信 威信 徽信 V信 v信 微信号 微信账号 微信号码 微信ID"
    " WeChat Wechat weChat wechat"
)
NO_NAMES = (
    "tencent weixin wechat android iphone ipados macosx windows linuxes harmony symbian blackberry google facebook"
    " whatsapp telegram twitter instagram messenger microsoft linkedin snapchat alibaba alipay huawei xiaomi"
    " samsung chrome safari github javascript docker moments openai chatgpt oauth2 jssdk1 iPhone12 AlipayHK"
    " openid unionid appids appid app_id appsecret qrcode python required optional string boolean number object"
    " function enable enabled disable disabled default undefined config payment plugin login logout official"
    " account public private miniprogram mini-program interface return module import export require client"
    " server service system mobile browser desktop version update accounts"
)


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


def masked(texts: Iterable[str]) -> dict[str, str]:
    return {text: mask_accounts(text) for text in texts}


def test_one_word_for_an_account_is_enough() -> None:
    expected = {f"{word}12345678": f"{word}[账号]" for word in WORDS_OF_QQ.split()}
    expected |= {f"{word} lan_yu88": f"{word} [账号]" for word in WORDS_OF_WECHAT.split()}
    assert masked(expected) == expected


def test_how_long_accounts_are() -> None:
    expected = {
        "QQ：1234，微信：1234": "QQ：1234，微信：1234",
        "QQ：12345": "QQ：[账号]",
        "微信：12345": "微信：[账号]",
        "QQ：123456789012": "QQ：[账号]",
        "QQ：1234567890123，微信：1234567890123": "QQ：1234567890123，微信：1234567890123",
        "QQ 12345": "QQ 12345",  # without a sign between they have six digits
        "QQ 123456": "QQ [账号]",
        "微信：lan_y": "微信：lan_y",
        "微信：lan_yu": "微信：[账号]",
        f"微信：a{'_' * 19}": "微信：[账号]",
        f"微信：a{'_' * 20}": f"微信：a{'_' * 20}",
    }
    assert masked(expected) == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("QQ：20210305", "QQ：[账号]"),
        ("QQ 20210305", "QQ 20210305"),
        ("QQ 20211305", "QQ [账号]"),
        ("QQ：12345678元", "QQ：12345678元"),
        ("QQ：12345678、23456789元", "QQ：[账号]、23456789元"),
        (
            "QQ：12345678、23456789，QQ：34567890元，QQ：45678901",
            "QQ：[账号]、[账号]，QQ：34567890元，QQ：[账号]",
        ),
        ("https://a.cn/QQ12345678", "https://a.cn/QQ12345678"),
        ("微信：12345678", "微信：[账号]"),
        ("微信：10000000个用户", "微信：10000000个用户"),
        ("微信 20210305 更新", "微信 20210305 更新"),
        ("https://a.cn/微信lan_yu", "https://a.cn/微信lan_yu"),
        ("微信：lanyu@a.cn，微信：lanyu88.com", "微信：lanyu@a.cn，微信：lanyu88.com"),
        ("微信：lan_yu、vxabc123", "微信：[账号]、[账号]"),  # an item of a list, and a word with a name
    ],
)
def test_what_numbers_and_addresses_are_no_accounts(before: str, after: str) -> None:
    assert mask_accounts(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("QQ是12345678，", "QQ是[账号]，"),
        ("QQ为12345678，", "QQ为[账号]，"),
        ("QQ是12345678人的选择", "QQ是12345678人的选择"),
        ("QQ是12345678代号", "QQ是12345678代号"),
        ("QQ为12345678代号", "QQ为12345678代号"),
        ("QQ号是12345678代号", "QQ号是[账号]代号"),
        ("微信是lanyubooks。微信为lanyubooks。", "微信是lanyubooks。微信为lanyubooks。"),
        ("微信号是lanyubooks。", "微信号是[账号]。"),
        ("微信是lan_yu平台", "微信是[账号]平台"),
        ("微信是lanyu88。", "微信是[账号]。"),
        ("微信是lanyu88版本", "微信是lanyu88版本"),
        ("我微信是lanyubooks", "我微信是[账号]"),
        ("我的 微信是lanyubooks", "我的 微信是[账号]"),
        ("我的微信是LanyuBooks", "我的微信是LanyuBooks"),
        ("我的，微信是lanyubooks", "我的，微信是lanyubooks"),
    ],
)
def test_after_a_verb_stands_an_account_or_a_predicate(before: str, after: str) -> None:
    assert mask_accounts(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("wechat lanyu88", "wechat [账号]"),
        ("wechat id lanyubooks", "wechat id [账号]"),
        ("wechat：lanyubooks", "wechat：[账号]"),
        ("wechat：Lanyubooks", "wechat：Lanyubooks"),
        ("wechat: lanyubooks", "wechat: lanyubooks"),
        ("wechat lanyubooks", "wechat lanyubooks"),
    ],
)
def test_wechat_is_a_word_of_programs_too(before: str, after: str) -> None:
    assert mask_accounts(before) == after


def test_names_with_capitals_have_other_signs_than_letters_behind_a_joint() -> None:
    expected = {
        "微信：Lanyu88Books": "微信：[账号]",
        "微信：Lan_Yu_Books": "微信：[账号]",
        "微信：Lan-Yu-Books": "微信：[账号]",
        "微信：LanYuBooks": "微信：LanYuBooks",
        "微信：eBookshop": "微信：eBookshop",
        "微信：Lanyubooks，": "微信：[账号]，",
        "微信：Lanyubooks拉你": "微信：Lanyubooks拉你",
        "微信：lanyubooks拉你": "微信：[账号]拉你",
        "微信：lanyubooks is new": "微信：lanyubooks is new",
        "微信：lanyubooks公司": "微信：lanyubooks公司",
        "微信：lanyubooks 小程序": "微信：lanyubooks 小程序",
        "微信号LanYuBooks": "微信号[账号]",
    }
    assert masked(expected) == expected


def test_names_without_a_joint_are_asked_for_or_look_like_names() -> None:
    expected = {
        "微信 lanyubooks": "微信 lanyubooks",
        "微信 lanyubooks8": "微信 [账号]",
        "微信 lanyubook8s": "微信 lanyubook8s",
        "微信 lan_yu": "微信 [账号]",
        "微信 lan-yu": "微信 lan-yu",
        "微信 Lanyu88Books": "微信 Lanyu88Books",
        "加微信 lanyubooks": "加微信 [账号]",
        "联系微信 lanyubooks": "联系微信 [账号]",
        "添加店主的微信 lanyubooks": "添加店主的微信 [账号]",
        "搜一下客服的微信 lanyubooks": "搜一下客服的微信 lanyubooks",
        "加老师的微信 lanyubooks": "加老师的微信 [账号]",
        "增加微信 lanyubooks": "增加微信 lanyubooks",
        "加微信 Lanyu88Books": "加微信 [账号]",
        "加微信 Lan_Yu_Books": "加微信 [账号]",
        "加微信 Lan-Yu-Books": "加微信 [账号]",
        "加微信 Lanyubooks": "加微信 Lanyubooks",
        "加微信 lanyubooks公众号": "加微信 lanyubooks公众号",
        "加V lanyubooks": "加V [账号]",
        "加V Lanyubooks": "加V Lanyubooks",
    }
    assert masked(expected) == expected


def test_companies_programs_and_their_words_are_no_names() -> None:
    assert masked(f"微信：{word}" for word in NO_NAMES.split()) == {
        f"微信：{word}": f"微信：{word}" for word in NO_NAMES.split()
    }
    for name in ("googler123", "accounts88"):  # more than two digits, a word that goes on
        assert mask_accounts(f"微信：{name}") == "微信：[账号]"


@pytest.mark.parametrize("word", ["QQ", "微信", "微信手机", "QQ群", "加V", "vx：", "扣扣电话"])
def test_words_without_end_are_passed_at_once(word: str) -> None:
    assert mask_accounts(word * 20_000) == word * 20_000
