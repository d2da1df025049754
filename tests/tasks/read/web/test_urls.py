import ipaddress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.errors import RejectArticle
from tasks.read.web.addresses import is_disguised
from tasks.read.web.urls import check_url, follow

ALLOWED = {("o1.outlet.test", 8080)}


def check(link):
    return check_url(link, max_chars=2_000, allowed=ALLOWED)


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("http://tin.vn", "http://tin.vn"),
        (" HTTPS://TIN.vn:443/A?b=C#d \n", "https://tin.vn/A?b=C"),
        ("http://tin.vn:443/", "http://tin.vn:443/"),
        ("http://báo.vn/hội-đàm", "http://xn--bo-mia.vn/h%E1%BB%99i-%C4%91%C3%A0m"),
        ("http://tin.vn/hội đàm", "http://tin.vn/h%E1%BB%99i%20%C4%91%C3%A0m"),
        ("http://o1.outlet.test:8080/x", "http://o1.outlet.test:8080/x"),
        ("http://8.8.8.8/", "http://8.8.8.8/"),
        ("http://[2606:4700::1111]/", "http://[2606:4700::1111]/"),
        ("http://tin.vn/a:b@c", "http://tin.vn/a:b@c"),
    ],
)
def test_links_that_may_be_asked_for(link, url):
    assert str(check(link)) == url


BAD = {
    "unsupported_scheme": [
        "ftp://tin.vn/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,x",
        "gopher://tin.vn/_x",
        "mailto:a@tin.vn",
        "HTTPX://tin.vn",
    ],
    "bad_port": [
        "http://tin.vn:22/",
        "http://tin.vn:8080/",
        "https://o1.outlet.test:8443/",
        "http://tin.vn:65535",
        "http://tin.vn:99999/",
    ],
    "not_public_address": [
        "http://2130706433/",
        "http://0x7f.1/",
        "http://017700000001/",
        "http://127.1/",
        "http://127.0.0.1.:80/",
    ],
    "bad_url": [
        "",
        "/tin/1.html",
        "//tin.vn/x",
        "tin.vn/x",
        "http:",
        "http://",
        "http:///x",
        "http:tin.vn",
        "http://user@tin.vn/",
        "http://user:word@tin.vn/",
        "http://tin.vn\\@127.0.0.1/",
        "http://127.0.0.1\\.tin.vn/",
        "http://tin.vn/a\r\nHost: b",
        "http://tin.vn/\x00",
        "http://tin.vn/\ud800",
        "http://tin vn/",
        "http://tin.vn:0/",
        "http://tin.vn:port/",
        "http://[::1",
        "http://[::1%25eth0]/",
        "http://[tin.vn]/",
        "http://①②⑦.⓪.⓪.①/",
        "http://%31%32%37.0.0.1/",
        "http://tin..vn/",
        "http://.tin.vn/",
        "http://tin.vn/" + "a" * 2_000,
        "http://" + "a" * 70 + ".vn:x/",
    ],
}


@pytest.mark.parametrize(("code", "link"), [(code, link) for code, links in BAD.items() for link in links])
def test_links_that_may_not(code, link):
    with pytest.raises(RejectArticle) as caught:
        check(link)
    assert caught.value.code == code
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 1_500


PIECES = """http https : / // @ [ ] \\ % %00 ? # . .. - _ 0x7f 127 0 1 ::1 tin .vn :80 :8080 é ｅ 。 xn--"""
ODD = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from([*PIECES.split(), " ", "\t", "\n", "\u00ad", "\u200b"]), max_size=12).map("".join),
).map(lambda text: text if text.startswith("http") else f"http://{text}")


@given(ODD)
@example("http://xn--/")
@example("http://。。/")
def test_whatever_a_link_looks_like_it_is_refused_or_plain(link):
    try:
        url = check(link)
    except RejectArticle as error:
        assert error.code in BAD
        return
    host = url.raw_host.decode("ascii")
    assert url.scheme in {"http", "https"}
    assert url.port in {None, 80, 443} or (host, url.port) in ALLOWED
    assert not url.userinfo and not url.fragment
    assert host == host.lower() and not {*host} & {*"/\\@?#% []"}
    assert not is_disguised(host)
    assert check(str(url)) == url
    if ":" in host:
        ipaddress.IPv6Address(host)


@pytest.mark.parametrize(
    ("location", "link"),
    [
        ("/b", "http://tin.vn/b"),
        ("b?c", "http://tin.vn/a/b?c"),
        ("//khac.vn/b", "http://khac.vn/b"),
        ("https://khac.vn", "https://khac.vn"),
        ("../../../b", "http://tin.vn/b"),
    ],
)
def test_redirects_lead_on_from_where_they_stand(location, link):
    assert follow(check("http://tin.vn/a/x"), location) == link


@pytest.mark.parametrize("location", ["", " ", "http://tin.vn:port/", "http://tin.vn/\x00"])
def test_redirects_that_are_no_links(location):
    with pytest.raises(RejectArticle) as caught:
        follow(check("http://tin.vn/"), location)
    assert caught.value.code == "bad_redirect"
