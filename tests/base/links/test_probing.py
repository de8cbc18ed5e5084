"""探看链接：只看名单里的、公网上的，查一次名，不跟转向，限时，各种应答说得清。"""

from __future__ import annotations

import http.server
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from quanze.base.links.public import DEAD, OUTCOMES, Answer, is_allowed, is_public, parse, probe

PUBLIC = "93.184.216.34"
HOSTS = ("zwfw.example.gov.cn",)
ADDRESS = "http://zwfw.example.gov.cn"


class Office(http.server.BaseHTTPRequestHandler):
    """一个小网站：路径决定怎样应答，问过什么都记下。"""

    asked: list[str] = []

    def do_HEAD(self) -> None:
        Office.asked.append(f"{self.command} {self.path} {self.headers['Host']}")
        code = self.path.strip("/").partition("?")[0]
        if code == "slow":
            time.sleep(3)
        if code == "drip":
            for letter in b"HTTP/1.1 200 OK\r\n" * 8:
                self.wfile.write(bytes([letter]))
                self.wfile.flush()
                time.sleep(0.2)
        if code == "head-unknown" and self.command == "HEAD":
            code = "405"
        self.send_response(int(code) if code.isdigit() else 200)
        if code.startswith("3"):
            self.send_header("Location", "http://10.0.0.1/inside")
        self.end_headers()

    do_GET = do_HEAD  # noqa: N815  the name that http.server calls

    def log_message(self, *args: object) -> None:
        return


@pytest.fixture(scope="module")
def office() -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Office)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()


@pytest.fixture
def ask(office: int):
    """探看小网站：名字查得一个公网地址，连到的是本机的小网站。"""
    looked_up: list[str] = []
    Office.asked = []

    def resolve(host: str, port: int, **given: object) -> list[tuple[object, ...]]:
        looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (PUBLIC, port))]

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        assert address == (PUBLIC, 80)
        return socket.create_connection(("127.0.0.1", office), timeout)

    def go(path: str, **given: object) -> Answer:
        return probe(ADDRESS + path, hosts=HOSTS, **({"resolve": resolve, "connect": connect, "timeout": 1.0} | given))

    go.looked_up = looked_up
    return go


@pytest.mark.req("J-21")
@pytest.mark.parametrize(
    ("path", "outcome", "is_dead"),
    [
        ("/200", "ok", False),
        ("/301", "moved", False),
        ("/403", "closed", False),
        ("/404", "gone", True),
        ("/410", "gone", True),
        ("/503", "failed", True),
        ("/head-unknown", "ok", False),
        ("/slow", "timeout", True),
    ],
)
def test_every_answer_has_its_name(ask, path, outcome, is_dead):
    answer = ask(path)
    assert (answer.outcome, answer.is_dead) == (outcome, is_dead)


def test_the_name_is_looked_up_once_and_a_redirect_is_not_followed(ask):
    assert ask("/302").detail == "http://10.0.0.1/inside"
    assert ask.looked_up == ["zwfw.example.gov.cn"]
    assert Office.asked == ["HEAD /302 zwfw.example.gov.cn"]
    ask("/head-unknown")
    assert ask.looked_up == ["zwfw.example.gov.cn"] * 2
    assert [one.split()[0] for one in Office.asked] == ["HEAD", "HEAD", "GET"]


def test_a_server_that_drips_is_left_after_twice_the_timeout(ask):
    started = time.monotonic()
    assert ask("/drip", timeout=0.5).is_dead
    assert time.monotonic() - started < 2.5


def test_chinese_in_the_path_is_sent_as_the_rules_of_addresses_have_it(ask):
    assert ask("/指南?q=许可").outcome == "ok"
    assert Office.asked == ["HEAD /%E6%8C%87%E5%8D%97?q=%E8%AE%B8%E5%8F%AF zwfw.example.gov.cn"]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "zwfw.example.gov.cn/1",
        "ftp://zwfw.example.gov.cn/",
        "javascript:alert(1)",
        "http://",
        "http://user:pass@zwfw.example.gov.cn/",
        "http://zwfw.example.gov.cn:8080/",
        "http://zwfw.example.gov.cn:443/",
        "http://zwfw.example.gov.cn/\r\nHost: other",
        "http://zwfw.example.gov.cn/a b",
        "http://[::1/",
        "http://zwfw.example.gov.cn:99999/",
        "http://" + "a" * 70 + ".cn/",
    ],
)
def test_what_is_no_address_is_not_asked(ask, url):
    answer = probe(url, hosts=HOSTS, resolve=_never, connect=_never)
    assert answer.outcome == "malformed"


def _never(*args: object, **given: object):
    raise AssertionError("不该外联")


@pytest.mark.parametrize("hosts", [(), ("example.gov.cn",), ("gov.cn",), ("zwfw.example.gov.cn.evil.example",)])
def test_a_host_that_is_not_in_the_list_is_not_even_looked_up(hosts):
    answer = probe(f"{ADDRESS}/1", hosts=hosts, resolve=_never, connect=_never)
    assert answer.outcome == "host_not_allowed"
    assert not answer.is_dead


def test_a_dot_in_front_stands_for_everything_below():
    assert is_allowed("zwfw.example.gov.cn", (".gov.cn",))
    assert is_allowed("gov.cn", (".gov.cn",))
    assert not is_allowed("evilgov.cn", (".gov.cn",))
    assert not is_allowed("a.zwfw.example.gov.cn", HOSTS)


INSIDE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "198.18.0.1", "240.0.0.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1",
    "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "2001:0:a00:1::", "fe80::1%eth0", "no number",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_inner_address_is_refused_wherever_the_name_leads(address):
    assert not is_public(address)
    found = [(socket.AF_INET, 1, 6, "", (PUBLIC, 80)), (socket.AF_INET, 1, 6, "", (address, 80))]
    answer = probe(f"{ADDRESS}/1", hosts=HOSTS, resolve=lambda *a, **k: found, connect=_never)
    assert answer.outcome == "address_refused"


@pytest.mark.parametrize("address", [PUBLIC, "223.5.5.5", "2400:3200::1", "::ffff:93.184.216.34"])
def test_an_address_of_the_internet_is_public(address):
    assert is_public(address)


def test_a_name_that_does_not_exist_and_a_door_that_is_shut(ask):
    def nowhere(*args: object, **given: object):
        raise socket.gaierror(-2, "Name or service not known")

    def shut(*args: object, **given: object):
        raise ConnectionRefusedError

    assert ask("/1", resolve=nowhere).outcome == "unresolved"
    assert ask("/1", resolve=lambda *a, **k: []).outcome == "unresolved"
    assert ask("/1", connect=shut) == Answer("unreachable", detail="ConnectionRefusedError")


def test_a_site_without_a_certificate_is_no_working_https_site(office):
    found = [(socket.AF_INET, 1, 6, "", (PUBLIC, 443))]
    answer = probe(
        "https://zwfw.example.gov.cn/200",
        hosts=HOSTS,
        timeout=1.0,
        resolve=lambda *a, **k: found,
        connect=lambda address, timeout: socket.create_connection(("127.0.0.1", office), timeout),
    )
    assert answer.is_dead


def test_every_outcome_that_is_dead_has_a_name():
    assert set(OUTCOMES) > DEAD
    assert parse("https://zwfw.example.gov.cn").path == "/"
