import pytest

from gaupt.corpus.change.personal.emails import mask_emails


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
    ],
)
def test_addresses_are_masked(before: str, after: str) -> None:
    assert mask_emails(before) == after


@pytest.mark.parametrize(
    "text",
    [
        "git@github.com:example/example.git",
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
        "aes256-gcm@openssh.com",
    ],
)
def test_other_uses_of_the_sign_stay(text: str) -> None:
    assert mask_emails(text) == text
