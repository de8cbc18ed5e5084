"""三定对应：成批对应、换版后失去与改写、两头核对、规则与待办。"""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from quanze.apps.catalog.domain.mandate_coverage import (
    Link,
    LinkedItem,
    LinkState,
    Piece,
    coverage,
    suggest,
)
from quanze.apps.catalog.models import ItemVersion, MandateLink, StoredFinding
from quanze.apps.catalog.selectors import mandate_links as selectors
from quanze.apps.catalog.services import mandate_linking
from quanze.apps.catalog.web import waiting
from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.core.actor import EVERYTHING
from quanze.core.errors import InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState

FIRST = """第一条 青禾县农业农村局的主要职责是：
（一）负责渔政监督管理，查处电鱼、毒鱼等违法捕捞。
（二）负责水产苗种管理。
（三）指导农村宅基地管理。
第二条 青禾县农业农村局设下列内设机构：
（一）渔政科。承担渔政执法；查处违法捕捞。
（二）种业科。承担水产苗种生产许可。
"""
# The second article reworded, the third gone, a fourth new.
SECOND = FIRST.replace("（二）负责水产苗种管理。", "（二）负责水产苗种和种质资源管理。").replace(
    "（三）指导农村宅基地管理。", "（三）承担乡村建设评价。"
)
FISHING, SEED, HOUSE = "对使用电鱼方法捕捞的处罚", "水产苗种生产许可证核发", "农村宅基地用地审核"


@pytest.fixture
def adopt(county):
    """启用一版三定。"""

    def adopted(text: str, starts: date) -> int:
        office = county.actor("establishment")
        version_id = org.mandate_draft(
            actor=office,
            body_id=county.bodies["QH-NY"],
            head=org.MandateHead(f"青办发〔{starts.year}〕{starts.month}号", starts, starts),
            source=org.MandateSource(text),
            now=county.now,
        )
        org.mandate_adopt(actor=office, version_id=version_id, seen_version=1, now=county.now)
        return version_id

    return adopted


@pytest.fixture
def listed(county, adopt):
    """三个事项的草稿，与第一版三定；返回清单编号、名称 → 事项编号。"""
    county.draft(
        county.content(FISHING, lead_division="渔政科"),
        county.permit(SEED, lead_division="种业科"),
        county.permit(HOUSE, lead_division="村建科"),
    )
    adopt(FIRST, date(2024, 1, 1))
    rows = ItemVersion.objects.values_list("name", "item_id")
    return county.power_list(), dict(rows)


def pieces(county) -> dict[str, str]:
    """编号或“内设机构：文字” → 身份。"""
    mandate = org.mandate_on(body_id=county.bodies["QH-NY"], scope=EVERYTHING, on=county.today)
    return {one.label: one.key for one in mandate.duties} | {
        f"{one.label}：{one.text}": one.key for one in mandate.division_duties
    }


def link(county, list_id: int, items: list[int], keys: list[str]) -> int:
    return mandate_linking.items_link(
        actor=county.actor("drafter"), list_id=list_id, item_ids=items, keys=keys, now=county.now
    )


@pytest.mark.django_db
@pytest.mark.postgres
class TestLinking:
    @pytest.mark.req("J-16", "J-17", "H-09", "H-10")
    def test_items_and_duties_prove_each_other_and_gaps_and_contradictions_are_told(self, county, listed):
        list_id, items = listed
        keys = pieces(county)

        # Given
        assert link(county, list_id, [items[FISHING]], [keys["第一条（一）"], keys["渔政科：查处违法捕捞"]]) == 2
        assert link(county, list_id, [items[SEED]], [keys["第一条（二）"], keys["渔政科：承担渔政执法"]]) == 2
        assert link(county, list_id, [items[FISHING], items[SEED]], [keys["第一条（一）"]]) == 1

        # Then
        found = selectors.list_coverage(list_id=list_id, scope=county.actor("drafter").scope, on=county.today).result
        assert [(one.item.name, one.problem, one.contradiction) for one in found.items] == [
            (FISHING, "", ""),
            (SEED, "承办机构不符", "承办机构为“种业科”，对应的是渔政科的职责"),
            (HOUSE, "没有条款", ""),
        ]
        assert [(one.piece.label, len(one.items), one.problem) for one in found.clauses] == [
            ("第一条（一）", 2, ""),
            ("第一条（二）", 1, ""),
            ("第一条（三）", 0, "没有事项"),
        ]
        assert [(one.piece.text, one.problem) for one in found.duties] == [
            ("承担渔政执法", ""),
            ("查处违法捕捞", ""),
            ("承担水产苗种生产许可", "没有事项"),
        ]
        assert (found.item_percent, found.clause_percent) == (66, 66)
        facts = [fact.action for fact in audit.history_of("catalog.list", list_id, scope=EVERYTHING)]
        assert facts.count("catalog.mandate.linked") == 3

    @pytest.mark.req("J-16")
    def test_a_new_mandate_orphans_what_is_gone_and_asks_about_what_is_reworded(self, county, listed, adopt):
        list_id, items = listed
        keys = pieces(county)
        for name, clause in ((FISHING, "第一条（一）"), (SEED, "第一条（二）"), (HOUSE, "第一条（三）")):
            link(county, list_id, [items[name]], [keys[clause]])
        drafter = county.actor("drafter")
        assert waiting.mandates(drafter, county.today) == []

        # When
        adopt(SECOND, date(2026, 3, 1))

        # Then: told on the page and on the desk
        found = selectors.list_coverage(list_id=list_id, scope=drafter.scope, on=county.today).result
        assert [one.problem for one in found.items] == ["没有内设机构职责", "条文已改", "条文已没有"]
        (matter,) = waiting.mandates(drafter, county.today)
        assert (matter.label, matter.items) == ("三定换版：重新对应条款", 1)
        assert [rows.count() for rows in waiting.mandates_rows(drafter, county.today)] == [1]

        # When the reworded one is confirmed and the orphan ended and linked anew
        by_item = {row.item_id: row for row in MandateLink.objects.all()}
        done = mandate_linking.links_confirm(
            actor=drafter, list_id=list_id, link_ids=[by_item[items[SEED]].pk], now=county.now
        )
        assert done == 1
        assert (
            mandate_linking.links_end(
                actor=drafter, list_id=list_id, link_ids=[by_item[items[HOUSE]].pk], now=county.now
            )
            == 1
        )
        link(county, list_id, [items[HOUSE]], [pieces(county)["第一条（三）"]])
        found = selectors.list_coverage(list_id=list_id, scope=drafter.scope, on=county.today).result
        assert {one.problem for one in found.items} == {"没有内设机构职责"}
        assert waiting.mandates(drafter, county.today) == []
        assert MandateLink.objects.filter(item_id=items[SEED]).count() == 2

    def test_rules_say_which_item_has_no_clause_and_which_clause_no_item(self, county, listed):
        list_id, items = listed
        link(county, list_id, [items[FISHING]], [pieces(county)["第一条（一）"]])
        found = StoredFinding.objects.filter(power_list_id=list_id, code__in=["T601", "T602"])
        assert sorted(found.values_list("code", "severity", "version__name"), key=str) == [
            ("T601", "warning", HOUSE),
            ("T601", "warning", SEED),
            ("T602", "info", None),
            ("T602", "info", None),
        ]

    def test_what_cannot_be_is_refused_and_nothing_is_kept(self, county, listed):
        list_id, items = listed
        keys = pieces(county)
        drafter = county.actor("drafter")
        with pytest.raises(InvalidInput):
            link(county, list_id, [items[FISHING], 10**9], [keys["第一条（一）"]])
        with pytest.raises(InvalidInput):
            link(county, list_id, [items[FISHING]], [keys["第一条（一）"], "x" * 32])
        with pytest.raises(NotFound):
            mandate_linking.items_link(
                actor=county.actor("town_drafter"),
                list_id=list_id,
                item_ids=[items[FISHING]],
                keys=[keys["第一条（一）"]],
                now=county.now,
            )
        with pytest.raises(NotPermitted):
            mandate_linking.items_link(
                actor=county.actor("establishment"),
                list_id=list_id,
                item_ids=[items[FISHING]],
                keys=[keys["第一条（一）"]],
                now=county.now,
            )
        assert not MandateLink.objects.exists()
        link(county, list_id, [items[FISHING]], [keys["第一条（一）"]])
        (row,) = MandateLink.objects.all()
        with pytest.raises(RulesNotMet):
            mandate_linking.links_end(actor=drafter, list_id=list_id, link_ids=[row.pk], now=county.now)
        with pytest.raises(WrongState):
            mandate_linking.links_confirm(actor=drafter, list_id=list_id, link_ids=[row.pk], now=county.now)
        ended = mandate_linking.links_end(
            actor=drafter, list_id=list_id, link_ids=[row.pk], reason="改由执法队承担", now=county.now
        )
        assert ended == 1
        with pytest.raises(WrongState):
            mandate_linking.links_end(
                actor=drafter, list_id=list_id, link_ids=[row.pk], reason="再解除", now=county.now
            )


@pytest.mark.django_db
class TestPages:
    @pytest.mark.req("J-17")
    def test_a_drafter_takes_a_suggestion_links_the_rest_together_and_sees_both_sides(self, county, listed, client_of):
        list_id, items = listed
        drafter, address = client_of("drafter"), reverse("catalog:list_mandate", args=[list_id])
        page = drafter.get(address).content.decode()
        assert "事项有条款 <strong>0%</strong>" in page
        keys = pieces(county)
        pair = f"{items[HOUSE]}:{keys['第一条（三）']}"
        assert f'value="{pair}"' in page and "农村宅基地" in page

        post = reverse("catalog:mandate_link", args=[list_id])
        assert drafter.post(post, {"pair": pair}).status_code == 303
        both = {"chosen": [items[FISHING], items[SEED]], "key": [keys["第一条（一）"]]}
        assert drafter.post(post, both).status_code == 303
        assert drafter.post(post, {"chosen": [items[SEED]]}).status_code == 422
        assert client_of("establishment").post(post, both).status_code == 403
        assert client_of("town_drafter").get(address).status_code == 404

        shown = drafter.get(address).content.decode()
        assert "事项有条款 <strong>100%</strong>" in shown
        assert "没有事项" in drafter.get(address + "?view=clauses").content.decode()
        assert FISHING in drafter.get(address + "?view=clauses").content.decode()
        tab = reverse("catalog:item_tab", args=[items[HOUSE], "mandate"])
        assert "指导农村宅基地管理" in drafter.get(tab).content.decode()
        link_id = MandateLink.objects.get(item_id=items[HOUSE]).pk
        unlink = reverse("catalog:mandate_unlink", args=[list_id])
        assert drafter.post(unlink, {"link": link_id}).status_code == 422
        answer = drafter.post(unlink, {"link": link_id, "reason": "不再承担", "item": items[HOUSE]})
        assert (answer.status_code, answer["Location"]) == (303, tab)
        assert "不再承担" in drafter.get(tab).content.decode()

    def test_without_a_mandate_the_page_says_so(self, county, client_of):
        county.draft(county.content(FISHING))
        page = client_of("drafter").get(reverse("catalog:list_mandate", args=[county.power_list()]))
        assert "本机构还没有启用的三定规定" in page.content.decode()
        assert not StoredFinding.objects.filter(code="T601").exists()

    def test_the_page_asks_a_fixed_number_of_queries(self, county, listed, client_of, django_assert_max_num_queries):
        list_id, _ = listed
        client, address = client_of("drafter"), reverse("catalog:list_mandate", args=[list_id])
        client.get(address)
        with django_assert_max_num_queries(28):
            client.get(address)
        county.draft(*(county.content(f"对第{n}种违法捕捞的处罚") for n in range(30)))
        every = list(ItemVersion.objects.values_list("item_id", flat=True))
        link(county, list_id, every, list(pieces(county).values()))
        with django_assert_max_num_queries(28):
            client.get(address)


class TestSuggesting:
    def test_a_suggestion_says_what_both_have_and_nothing_is_suggested_for_a_stranger(self):
        offered = [
            Piece("clause", "a", "（一）", "负责农药生产经营许可和监督管理"),
            Piece("clause", "b", "（二）", "负责渔政监督管理"),
        ]
        (found,) = suggest("农药经营许可证核发", offered)
        assert (found.piece.key, found.shared) == ("a", ("农药", "经营"))
        assert suggest("烟花爆竹零售许可", offered) == ()
        assert suggest("的", offered) == ()

    @given(st.text("农药经营许可证核发监督检查", max_size=20), st.text("农药经营许可证核发监督检查", max_size=40))
    def test_percent_is_bounded_and_the_same_words_are_wholly_found(self, name, text):
        for one in suggest(name, [Piece("clause", "a", "", text)]):
            assert 45 <= one.percent <= 100 and all(word in text for word in one.shared)


@given(st.lists(st.sampled_from("abcd"), max_size=6), st.lists(st.sampled_from("abc"), max_size=4, unique=True))
def test_every_link_has_exactly_one_state_and_every_item_and_piece_one_line(linked, offered):
    offered_pieces = [Piece("clause", key, key, "今") for key in offered]
    links = [Link(n, n % 3, "clause", key, key, "今") for n, key in enumerate(linked)]
    found = coverage([LinkedItem(n, f"事项{n}") for n in range(3)], offered_pieces, links)
    assert [one.item.item_id for one in found.items] == [0, 1, 2]
    assert [one.piece.key for one in found.clauses] == offered
    states = [state for one in found.items for _, state in one.links]
    assert len(states) == len(links)
    assert states.count(LinkState.ORPHANED) == sum(key not in offered for key in linked)
    assert 0 <= found.item_percent <= 100 and 0 <= found.clause_percent <= 100
