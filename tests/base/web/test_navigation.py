"""导航：按一生的顺序，各见各的，没有页面的不显示。"""

import pytest

from quanze.base.web import navigation, subjects
from quanze.base.web.navigation import NavEntry, links_for
from quanze.core.actor import PUBLIC, Actor

DRAFTER = Actor(user_id=1, name="甲", roles=frozenset({"drafter"}))


@pytest.fixture
def entries(monkeypatch):
    monkeypatch.setattr(navigation, "_entries", {})
    for entry in (
        NavEntry("jobs", "任务", "progress", "jobs", 70),
        NavEntry("desk", "工作台", "home", "desk", 10),
        NavEntry("lists", "清单编制", "list", "messages", 30, frozenset({"drafter"})),
        NavEntry("laws", "法规库", "book", "no_such_page", 60),
    ):
        navigation.register(entry)


@pytest.mark.usefixtures("entries")
def test_entries_stand_in_the_order_of_the_life_of_a_list_and_dead_ones_are_left_out():
    assert [link.label for link in links_for(DRAFTER, "/")] == ["工作台", "清单编制", "任务"]


@pytest.mark.usefixtures("entries")
def test_a_role_sees_only_what_it_can_use():
    head = Actor(user_id=2, name="乙", roles=frozenset({"head"}))
    assert [link.key for link in links_for(head, "/")] == ["desk", "jobs"]
    assert links_for(PUBLIC, "/") == []


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize(("path", "active"), [("/", "desk"), ("/jobs/5/", "jobs"), ("/elsewhere/", None)])
def test_the_part_one_is_in_is_marked(path, active):
    assert next((link.key for link in links_for(DRAFTER, path) if link.is_active), None) == active


def test_a_subject_without_a_page_has_no_address(monkeypatch):
    monkeypatch.setattr(subjects, "_pages", {"job": "job"})
    assert subjects.url_of("job", 5) == "/jobs/5/"
    assert subjects.url_of("nothing", 5) == ""


@pytest.mark.usefixtures("entries")
def test_a_part_stays_open_while_one_of_its_pages_is_read():
    navigation.register(
        NavEntry("lists", "清单编制", "list", "messages", 30, children=(NavEntry("rules", "规则", "book", "help", 1),))
    )
    lists = next(link for link in links_for(DRAFTER, "/help/") if link.key == "lists")
    assert lists.is_active
    assert [(child.label, child.is_active) for child in lists.children] == [("规则", True)]
