"""封存：规范 JSON 与链。"""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanze.core.sealing import GENESIS, Link, canonical_json, content_digest, digest, first_broken, link_seal

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def test_canonical_form_is_sorted_compact_utf8():
    value = {"乙": [1, True, None], "甲": date(2026, 11, 22), "数": Decimal("1.50")}
    assert canonical_json(value).decode() == '{"乙":[1,true,null],"数":"1.5","甲":"2026-11-22"}'


def test_floats_are_refused():
    with pytest.raises(TypeError, match="浮点数"):
        canonical_json({"a": [0.1]})


def test_known_digests():
    assert digest(b"abc", "sm3") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert digest(b"abc").startswith("ba7816bf")
    with pytest.raises(ValueError, match="未知摘要算法"):
        digest(b"abc", "md5")


@given(st.dictionaries(st.text(), PLAIN, max_size=6))
def test_the_order_of_keys_does_not_matter(value):
    assert content_digest(value) == content_digest(dict(reversed(value.items())))


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=8), st.data())
def test_any_changed_row_is_the_first_broken_one(payloads, data):
    links, previous = [], GENESIS
    for number, payload in enumerate(payloads):
        previous = link_seal(previous, payload, "sha256")
        links.append(Link(number, payload, previous, "sha256"))
    assert first_broken(links) is None
    at = data.draw(st.integers(0, len(links) - 1))
    links[at] = Link(at, payloads[at] + b"!", links[at].seal, "sha256")
    assert first_broken(links) == at
