"""示范账号的姓名：各不相同，也不都叫一个名字。"""

from __future__ import annotations

from collections import Counter

from quanze.demo.accounts import people
from quanze.demo.packs import pack


def given_name(full_name: str) -> str:
    return next(given for given in pack("city")["given_names"] if full_name.endswith(given))


def test_no_two_people_have_the_same_name() -> None:
    names = [person.name for person in people()]
    assert len(names) > 60
    assert len(set(names)) == len(names)


def test_given_names_are_spread_evenly() -> None:
    counts = Counter(given_name(person.name) for person in people())
    assert set(counts) == set(pack("city")["given_names"])
    assert max(counts.values()) <= 2 * min(counts.values())


def test_colleagues_of_one_body_have_different_given_names() -> None:
    bodies: dict[str, list[str]] = {}
    for person in people():
        bodies.setdefault(person.body, []).append(given_name(person.name))
    repeated = {body: found for body, found in bodies.items() if len(found) > len(set(found))}
    assert repeated == {}


def test_every_post_has_a_person() -> None:
    logins = [person.login for person in people()]
    assert len(set(logins)) == len(logins)
    assert {row["login"] for row in pack("city")["line"]} <= set(logins)


def test_the_third_party_sees_two_named_bodies_and_no_more() -> None:
    (third,) = [person for person in people() if "third_party_assessor" in person.roles]
    assert (third.scope, third.named) == ("named", ("YZ-NY", "YZ-CG"))
    assert {person.named for person in people() if person.scope != "named"} == {()}
