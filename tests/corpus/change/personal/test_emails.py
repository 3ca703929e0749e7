import pytest

from gaupt.corpus.change.personal.emails import mask_emails

TOP_LEVELS = (
    "com net org edu gov mil int info biz name pro mobi asia aero museum coop jobs tel travel top xyz vip club site"
    " online tech dev app wang ink ren link shop store cloud email ltd group work live life world news media fun"
    " icu studio design space website art blog chat team center company network cn tw hk mo jp us uk de io me ai cc tv"
)
OTHER_ENDS = "js ts py rb go cs hs kt gz xz vb a abc local service json html exe png jpg comm"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("联系邮箱abc@163.com谢谢", "联系邮箱[邮箱]谢谢"),
        ("abc＠163.com，abc＠163．com", "[邮箱]，[邮箱]"),
        ("a.b-c+d@mail.example.edu.cn。", "[邮箱]。"),
        ("[写信](mailto:abc@qq.com)", "[写信](mailto:[邮箱])"),
        ("https://a.cn/login?email=abc@qq.com", "https://a.cn/login?email=[邮箱]"),
        ("a@qq.com、b@qq.com", "[邮箱]、[邮箱]"),
        ("邮箱a@qq.com2.微博", "邮箱[邮箱]2.微博"),
        ("邮箱a@qq.comQQ群123456789", "邮箱[邮箱]QQ群123456789"),
        ("用 ssh 登录之后写信给abc@qq.com", "用 ssh 登录之后写信给[邮箱]"),
        ("mailto://abc@qq.com", "mailto://[邮箱]"),
        ("https://a.cn/;mailto:abc@qq.com", "https://a.cn/;mailto:[邮箱]"),
        ("logo@2x.png，ABC@163.COM", "logo@2x.png，[邮箱]"),
        ("a@qq.com@163.com", "[邮箱]@163.com"),
        ("a@mail.example.cn", "[邮箱]"),
        ("gitte@a.cn、myself@a.cn", "[邮箱]、[邮箱]"),
        (f"{'a' * 64}@163.com", "[邮箱]"),
        (f"{'a' * 65}@163.com", f"{'a' * 65}@163.com"),
        (f"ssh {'a' * 58} b@a.cn", f"ssh {'a' * 58} b@a.cn"),
        (f"ssh {'a' * 59} b@a.cn", f"ssh {'a' * 59} [邮箱]"),
    ],
)
def test_addresses_are_masked(before: str, after: str) -> None:
    assert mask_emails(before) == after


@pytest.mark.parametrize(
    "text",
    [
        "git@github.com、this@a.cn、super@a.cn、return@a.cn、self@a.cn",
        "scp a.txt deploy@web01.example.com:/srv/",
        "ssh root@bastion.example.com",
        "[root@node1.example.com ~]# df -h",
        "root@example.com# ",
        "ftp://user:pass@ftp.example.com/a",
        "https://lists.example.org/all/2021.1@mail.example.org/",
        "logo@2x.png",
        "@property @app.route",
        "npm i @vue/cli@4.5.0 lodash@4.17.21 a@1.0.0-beta.rc",
        "this@MainActivity.finish()",
        "x@w.to(device)，q@k.T",
        "getty@tty1.service",
        "谢谢 @zhang_writes",
        "user@localhost",
        "aes256-gcm@openssh.com、curve25519-sha256@libssh.org",
    ],
)
def test_other_uses_of_the_sign_stay(text: str) -> None:
    assert mask_emails(text) == text


def test_the_last_part_of_a_domain_is_a_country_or_a_known_name() -> None:
    names = TOP_LEVELS.split()
    assert {name: mask_emails(f"a@b.{name}") for name in names} == dict.fromkeys(names, "[邮箱]")
    others = OTHER_ENDS.split()
    assert {name: mask_emails(f"a@b.{name}") for name in others} == {name: f"a@b.{name}" for name in others}
