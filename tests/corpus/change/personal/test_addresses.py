import pytest

from gaupt.corpus.change.personal.addresses import IP, is_address_of_someone


def is_masked(text: str) -> bool:
    return any(is_address_of_someone(match) for match in IP.finditer(text))


@pytest.mark.parametrize(
    "text",
    [
        "服务器的地址是203.119.25.1，端口是8080",
        "日志里全是来自 203.0.113.45 的请求",
        "http://203.0.113.45/admin",
        "JETTY_HOST=50.116.24.78",
        "networkworld.com. 300 IN A 151.101.66.165",
        "IP：47.98.12.5",
        "Connection to 18.197.176.13 closed",
        "47.98.12.5:3128",
        "203.0.113.45 - - [05/Mar/2023]",
    ],
)
def test_addresses_are_masked(text: str) -> None:
    assert is_masked(text)


@pytest.mark.parametrize(
    "text",
    [
        # sections
        "4.1.2.3 接地装置",
        "5.2.1.1",
        "参照6.3.2.1的规定，见3.4.5.6",
        "参考 2.3.2.3 节",
        # versions
        "版本号4.4.4.4",
        "软件3.2.1.0版",
        "JDK 1.8.0.202之后，再安装Tomcat 8.5.4.1",
        "LibreOffice 4.2.3.3 和 PrestaShop 1.7.2.4",
        "Flash Player 11.2.202.235",
        "libfoo-2.17.0.55-1.el7.x86_64.rpm",
        "v3.5.2.100 起支持",
        # no one's
        "监听0.0.0.0和127.0.0.1",
        "192.168.1.1、10.8.0.6、172.17.0.2、169.254.12.7、100.70.12.34",
        "掩码255.255.255.0，网段203.0.113.0/24，广播203.0.113.255",
        "把 DNS 改成 8.8.8.8 或者 114.114.114.114",
        "https://example.com/1.2.3.44/changelog",
    ],
)
def test_other_numbers_with_dots_stay(text: str) -> None:
    assert not is_masked(text)
