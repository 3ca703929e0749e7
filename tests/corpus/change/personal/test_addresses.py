import pytest

from gaupt.corpus.change.personal.addresses import IP, is_address_of_someone


def verdicts(text: str) -> set[bool]:
    return {is_address_of_someone(match) for match in IP.finditer(text)}


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
        # with 8 digits behind any word but a name, with 7 behind no word, with fewer where a network is named
        "hello 47.98.12.55",
        "见47.98.12.5",
        "2-47.98.12.55",
        "host 5.6.7.8",
        "Host：5.6.7.8",
        "域名解析到了5.6.7.8",
        "5.6.7.8:80",
        "5.6.7.8/16",
    ],
)
def test_addresses_are_masked(text: str) -> None:
    assert verdicts(text) == {True}


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
        "VERSION：47.98.12.55",
        "见版本：「47.98.12.55」",
        "用的是47.98.12.55版",
        "见47.98.12.55-rc1",
        # with few digits
        "hello 47.98.12.5",
        "Hello 47.98.12.55",
        "lib_47.98.12.55",
        "见5.98.12.7",
        "5.6.7.8:8，5.6.7.8/128",
        # no one's
        "监听0.0.0.0和127.0.0.1",
        "192.168.1.1、10.8.0.6、172.17.0.2、169.254.12.7、100.70.12.34",
        "掩码255.255.255.0，网段203.0.113.0/24，广播203.0.113.255",
        "把 DNS 改成 8.8.8.8 或者 114.114.114.114",
        "https://example.com/1.2.3.44/changelog",
    ],
)
def test_other_numbers_with_dots_stay(text: str) -> None:
    assert verdicts(text) <= {False}  # or none has the form of one


def test_ranges_and_resolvers_that_are_no_ones() -> None:
    masked = {
        "9.255.1.2": True,
        "10.8.0.6": False,
        "11.8.0.6": True,
        "100.63.1.2": True,
        "100.64.1.2": False,
        "100.99.1.2": False,
        "100.127.1.2": False,
        "100.128.1.2": True,
        "126.1.1.2": True,
        "127.1.1.2": False,
        "169.253.1.2": True,
        "169.254.1.2": False,
        "172.15.1.2": True,
        "172.16.1.2": False,
        "172.31.1.2": False,
        "172.32.1.2": True,
        "192.167.1.2": True,
        "192.168.1.2": False,
        "223.255.1.2": True,
        "224.1.1.2": False,
        "239.1.1.2": False,
        "240.1.1.2": False,
        "255.1.1.2": False,
        "203.119.25.0": False,
        "203.119.25.255": False,
        "203.119.25.256": False,
        "203.119.25.254": True,
        "8.8.8.8": False,
        "8.8.4.4": False,
        "8.8.8.88": True,
        "1.1.1.1": False,
        "1.0.0.1": False,
        "1.2.4.8": False,
        "4.2.2.1": False,
        "4.2.2.6": False,
        "4.2.2.7": True,
        "9.9.9.9": False,
        "114.114.115.115": False,
        "114.114.114.119": False,
        "119.29.29.29": False,
        "180.76.76.76": False,
        "208.67.222.220": False,
        "223.5.5.5": False,
        "223.6.6.6": False,
    }
    assert {address: True in verdicts(f"服务器IP：{address}") for address in masked} == masked
