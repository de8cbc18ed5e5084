"""每个地址都有门：除公众站点、接口与登录外，未登录者一律转到登录页，读写皆然。"""

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

# What answers strangers by design: the public site, the interface (its own keys), the way in, and what watches the service.
OPEN_TO_ALL = (
    "public/",
    "api/v1/",
    "login/",
    "styleguide/",
    "account/setup/",
    "setup/",
    "healthz",
    "readyz",
    "metrics",
)
# Only lead on to a page that has its own door.
LEADS_ON = {"/staff/"}
SAMPLES = {"int": "1", "str": "x", "slug": "x", "path": "x", "uuid": "00000000-0000-0000-0000-000000000000"}


def _addresses(patterns, prefix=""):
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield _filled(route, pattern)


def _filled(route, pattern):
    for name, converter in pattern.pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
        route = route.replace(f"<{kind}:{name}>", SAMPLES.get(kind, "x")).replace(f"<{name}>", "x")
    return "/" + route


ADDRESSES = sorted(set(_addresses(get_resolver().url_patterns)))
CLOSED = [
    address for address in ADDRESSES if not address.lstrip("/").startswith(OPEN_TO_ALL) and address not in LEADS_ON
]


def test_the_walk_finds_the_pages():
    assert "/search/" in ADDRESSES
    assert any(address.startswith("/lists/") for address in CLOSED)
    assert not any("<" in address for address in ADDRESSES)


@pytest.mark.django_db
@pytest.mark.parametrize("address", CLOSED)
def test_a_stranger_is_sent_to_the_login_page(address):
    for method in ("get", "post"):
        response = getattr(Client(), method)(address)
        assert response.status_code in (302, 405), f"{method} {address} → {response.status_code}"
        if response.status_code == 302:
            assert response["Location"].startswith("/login/")
