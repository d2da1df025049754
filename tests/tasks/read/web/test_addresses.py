import pytest

from schemas.errors import RejectArticle, StopFlow
from tasks.read.web.addresses import AllowedHost, check_public, is_disguised, parse_allowed_hosts

NOT_PUBLIC = {
    "this machine": ["127.0.0.1", "127.8.8.8", "0.0.0.0", "0.1.2.3", "::1", "::"],
    "private": ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd12:3456::1"],
    "metadata": ["169.254.169.254", "100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254"],
    "link": ["169.254.0.1", "fe80::1", "fe80::1%eth0", "fec0::1"],
    "shared": ["100.64.0.1", "100.127.255.255"],
    "multicast": ["224.0.0.1", "239.255.255.250", "ff02::1"],
    "reserved": [
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "198.51.100.7",
        "203.0.113.9",
        "198.18.0.1",
        "192.88.99.1",
    ],
    "mapped": ["::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:8.8.8.8", "::127.0.0.1"],
    "translated": ["64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1"],
    "6to4 and Teredo": ["2002:7f00:1::", "2002:808:808::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"],
    "documentation": ["2001:db8::1", "3fff::1", "5f00::1", "100::1"],
}
PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "100.63.255.255",
    "100.128.0.1",
    "172.32.0.1",
    "2606:4700::1111",
    "2a00:1450:4001::200e",
]


@pytest.mark.parametrize(
    "address", [pytest.param(a, id=f"{why}-{a}") for why, some in NOT_PUBLIC.items() for a in some]
)
def test_addresses_that_are_not_for_the_public(address):
    with pytest.raises(RejectArticle) as caught:
        check_public("tin.vn", ["8.8.8.8", address, "1.1.1.1"])
    assert caught.value.code == "not_public_address"
    assert address in caught.value.message


def test_public_addresses_pass():
    check_public("tin.vn", PUBLIC)


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0X7F.1",
        "017700000001",
        "127.1",
        "127.0.1",
        "0177.0.0.1",
        "127.0.0.01",
        "0x",
        "a.1",
        "127.0.0.1.",
        "1.2.3.4.5",
    ],
)
def test_addresses_in_unusual_spellings(host):
    assert is_disguised(host)


@pytest.mark.parametrize("host", ["8.8.8.8", "::1", "24h.com.vn", "1.vn", "x1", "báo.vn", "0xabc.vn", "xn--bo-mia.vn"])
def test_usual_spellings(host):
    assert not is_disguised(host)


def test_allowed_hosts_name_host_port_and_address():
    entries = ["a.test", "B.test:8080", "c.test:81=10.0.0.7", "d.test=::1", "[::1]:8080", "127.0.0.1:99"]
    assert parse_allowed_hosts(entries) == {
        ("a.test", 80): AllowedHost("a.test", 80, None),
        ("a.test", 443): AllowedHost("a.test", 443, None),
        ("b.test", 8080): AllowedHost("b.test", 8080, None),
        ("c.test", 81): AllowedHost("c.test", 81, "10.0.0.7"),
        ("d.test", 80): AllowedHost("d.test", 80, "::1"),
        ("d.test", 443): AllowedHost("d.test", 443, "::1"),
        ("::1", 8080): AllowedHost("::1", 8080, None),
        ("127.0.0.1", 99): AllowedHost("127.0.0.1", 99, None),
    }


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "a b",
        "báo.test",
        *["*", "*.test", "http://a.test", "a.test:x", "a.test=b.test", "a.test/x", "u@a.test", "a.test:99999"],
    ],
)
def test_an_entry_that_says_something_else_stops_the_run(entry):
    with pytest.raises(StopFlow, match="allow-host"):
        parse_allowed_hosts([entry])
