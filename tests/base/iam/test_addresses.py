"""来访地址：没有所信的代理，转告的地址一概不听；有，也只听到它为止。"""

import pytest
from django.test import RequestFactory, override_settings

from quanze.base.iam.addresses import client_address, lock_address
from quanze.base.iam.devices import device_label


def request(remote, forwarded=None):
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return RequestFactory().get("/", REMOTE_ADDR=remote, **headers)


def test_without_a_trusted_proxy_a_forged_header_changes_nothing():
    assert client_address(request("203.0.113.7", "10.0.0.1")) == "203.0.113.7"


@override_settings(QUANZE_TRUSTED_PROXIES=["10.1.0.0/16", "::1"])
@pytest.mark.parametrize(
    ("remote", "forwarded", "expected"),
    [
        ("10.1.0.2", "198.51.100.9", "198.51.100.9"),
        # what the client wrote himself stands left of what our proxy added
        ("10.1.0.2", "1.2.3.4, 198.51.100.9", "198.51.100.9"),
        ("10.1.0.2", "198.51.100.9, 10.1.0.3", "198.51.100.9"),
        ("10.1.0.2", "no address, 198.51.100.9", "198.51.100.9"),
        ("10.1.0.2", "198.51.100.9, rubbish", "10.1.0.2"),
        ("10.1.0.2", None, "10.1.0.2"),
        ("::1", "2001:db8::5", "2001:db8::5"),
        ("203.0.113.7", "198.51.100.9", "203.0.113.7"),
        ("::ffff:203.0.113.7", "198.51.100.9", "203.0.113.7"),
        ("", "198.51.100.9", ""),
    ],
)
def test_a_trusted_proxy_is_believed_as_far_as_its_own_word(remote, forwarded, expected):
    assert client_address(request(remote, forwarded)) == expected


def test_a_household_of_addresses_counts_as_one():
    assert lock_address(request("2001:db8:1:2:3:4:5:6")) == "2001:db8:1:2::"
    assert lock_address(request("203.0.113.7")) == "203.0.113.7"
    assert lock_address(request("")) is None


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0",
            "Edge 130 · Windows",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; UOS) Chrome/100.0 Safari/537.36", "Chrome 100 · 统信 UOS"),
        ("Mozilla/5.0 (Linux; Android 13) Chrome/120.0 MicroMessenger/8.0", "微信 8 · 安卓"),
        ("", "未知设备"),
        ("<script>", "未知设备"),
    ],
)
def test_a_device_is_named_so_that_people_know_their_own(agent, expected):
    assert device_label(agent) == expected
