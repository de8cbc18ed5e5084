"""S4 乡镇比较：范本 190 项，三个镇 190、226、227 项，差在哪里逐项说得清；写成“其他”的许可在各镇一并查出；

范本换版，两个镇没有冲突地合并，第三个镇处理四处冲突，自己补充的留着；记录里步步都在。
"""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.urls import reverse

from quanze.apps.catalog.domain.base_lists import DeviationKind
from quanze.apps.catalog.domain.base_merging import Choice
from quanze.apps.catalog.models import ItemVersion, PowerItem
from quanze.apps.catalog.selectors import base_merges
from quanze.apps.catalog.selectors import town_comparison as selectors
from quanze.apps.catalog.services import base_merging
from quanze.apps.catalog.services.findings import findings_recheck
from quanze.base.audit import public as audit
from quanze.core.actor import SYSTEM
from quanze.core.errors import RulesNotMet

pytestmark = [pytest.mark.django_db]
LICENCE = "执业医师申请个体行医审批"
TOWNS = ("QH-HX", "QH-XH", "QH-LA")


@pytest.fixture
def told(towns):
    """S4 的开头：范本下发，一个镇照单认领，一个镇补充 36 项，一个镇补充 37 项并改写 12 个名称。"""
    base_id = towns.base_made(190)
    assert towns.issue(base_id, *TOWNS) == 3
    lists = {}
    for body in TOWNS:
        lists[body] = towns.list_of(body)
        assert len(towns.claim(body)) == 190
    for body, added, why in (("QH-XH", 36, "本镇有水库"), ("QH-LA", 37, "本镇有渡口")):
        towns.add(
            lists[body],
            [
                towns.content(f"对{why[3:]}管理第{n:02d}种行为的处罚", is_local_addition=True, addition_reason=why)
                for n in range(1, added + 1)
            ],
        )
    named = towns.items_named(lists["QH-LA"])
    reworded = sorted(name for name in named if "乡镇管理规定" in name)[:12]
    towns.rewrite(lists["QH-LA"], {named[name]: {"name": name.replace("违反", "不遵守")} for name in reworded})
    for body in TOWNS:
        towns.publish(lists[body])
    return towns, base_id, lists


def compared(towns, days: int = 0):
    found = selectors.county_comparison(county_code="990100", on=towns.later(days=days).date(), limit_percent=10)
    return found.result


@pytest.mark.req("H-18", "H-19", "H-20", "H-21", "H-28", "H-29", "H-30", "J-02")
def test_the_page_shows_190_226_and_227_and_the_cause_of_each_difference(told, client_of):
    towns, _, _ = told

    # Then: the counts, and what they come from.
    result = compared(towns)
    assert result.base_items == 190
    assert [(one.town.name, one.items, one.gap, dict(one.result.counts)) for one in result.towns] == [
        ("禾溪镇", 190, 0, {}),
        ("新河镇", 226, 36, {"本级补充": 36}),
        ("柳岸镇", 227, 37, {"本级补充": 37, "名称不同": 12}),
    ]
    assert [one.is_outlier for one in result.towns] == [False, True, True]
    # Drift is a number per list: additions with reasons are none, the reworded names are.
    assert [one.result.drift for one in result.towns] == [0, 0, 12]
    # The 37 that 227 has and 190 has not, by name.
    extra = [line.name for line in result.lines if line.cells[2].is_present and not line.cells[0].is_present]
    assert (len(extra), extra[0]) == (37, "对渡口管理第01种行为的处罚")
    # An earlier day has no list.
    assert selectors.county_comparison(county_code="990100", on=towns.later(days=-1).date(), limit_percent=10) is None

    # And: the page says the same, is filtered by cause, and leaves as a workbook.
    client = client_of("establishment")
    url = reverse("catalog:compare_county")
    page = client.get(url, {"county": "990100"}).content.decode()
    assert "190" in page and "226" in page and "227" in page and "本级补充 37、名称不同 12" in page
    assert "列出 85 行（共 263 行）" in page
    renamed = client.get(url, {"county": "990100", "cause": "renamed"}).content.decode()
    assert "列出 12 行" in renamed
    book = openpyxl.load_workbook(
        io.BytesIO(client.get(url, {"county": "990100", "cause": "renamed", "export": "xlsx"}).content)
    )
    cells = [str(cell.value) for row in book.active.iter_rows() for cell in row if cell.value]
    assert sum("名称不同：范本为" in cell for cell in cells) == 12


@pytest.mark.req("H-17", "H-19")
def test_a_licence_typed_as_other_power_is_caught_in_all_towns_at_once(told, client_of):
    towns, _, lists = told
    for list_id in lists.values():
        findings_recheck(actor=towns.actor("establishment"), list_id=list_id, now=towns.county.now)
    found = selectors.findings_across(code="C201", scope=SYSTEM.scope)
    assert [(one.name, [place[2] for place in one.places]) for one in found] == [
        (LICENCE, ["禾溪镇人民政府", "新河镇人民政府", "柳岸镇人民政府"])
    ]
    page = client_of("establishment").get(reverse("catalog:compare")).content.decode()
    assert "3 份清单有 3 处" in page and reverse("catalog:compare_findings") + "?rule=C201" in page
    across = client_of("establishment").get(reverse("catalog:compare_findings"), {"rule": "C201"}).content.decode()
    assert LICENCE in across and "行政许可" in across
    # A town sees its own findings, not the neighbours'.
    own = selectors.findings_across(code="C201", scope=towns.actor("town_drafter").scope)
    assert [place[2] for one in own for place in one.places] == ["禾溪镇人民政府"]


@pytest.mark.req("H-19", "H-20")
def test_counties_are_compared_by_what_their_towns_usually_have(towns, client_of):
    # Given: 167, 147 and 138 items in three counties, one town each.
    for body, count in (("QH-HX", 167), ("WJ-JK", 147), ("SQ-YL", 138)):
        list_id = towns.list_of(body)
        towns.add(list_id, [towns.content(f"对第{n:03d}种行为的处罚") for n in range(count)])
        towns.publish(list_id)
    rows = selectors.counties(on=towns.county.today, limit_percent=10, county_limit_percent=15)
    assert [(one.name, one.typical) for one in rows] == [("青禾县", 167), ("望江县", 147), ("石桥县", 138)]
    assert [(one.gap.farthest, one.gap.items) if one.gap else None for one in rows] == [
        ("石桥县", 29),
        None,
        ("青禾县", 29),
    ]
    # A past day has the past count.
    assert selectors.counties(on=towns.later(days=-1).date(), limit_percent=10, county_limit_percent=15) == []
    page = client_of("establishment").get(reverse("catalog:compare")).content.decode()
    assert "与石桥县差 29 项" in page
    past = client_of("establishment").get(reverse("catalog:compare"), {"on": "2026-10-01"}).content.decode()
    assert "没有符合条件的清单" in past and "0 份清单" in past


@pytest.mark.req("H-30", "J-02")
def test_a_new_version_is_merged_into_three_towns_and_the_record_holds_every_step(told):
    towns, base_id, lists = told
    # When: the base renames four of the items that Liu'an had reworded, and gives three others another remedy.
    items = list(PowerItem.objects.filter(power_list_id=base_id).order_by("ordinal"))
    renamed = {
        item.pk: {"name": f"对违反乡镇管理规定第{n:03d}种情形的处罚（含委托实施）"}
        for n, item in enumerate(items[1:5], start=1)
    }
    plain = {item.pk: {"remedy": "申请行政复议或者提起行政诉讼"} for item in items[50:53]}
    towns.rewrite(base_id, renamed | plain)
    towns.publish(base_id, days=30)

    # Then: every list bound has a merge; two have no conflict, the third has four.
    rows = {one.body_name: one for one in base_merges.merges_offered(base_list_id=base_id, scope=SYSTEM.scope)}
    assert {name: (one.changed, one.conflicts) for name, one in rows.items()} == {
        "禾溪镇人民政府": (7, 0),
        "新河镇人民政府": (7, 0),
        "柳岸镇人民政府": (7, 4),
    }
    now = towns.later(days=31)
    for body, name in (("QH-HX", "禾溪镇人民政府"), ("QH-XH", "新河镇人民政府")):
        assert base_merging.merge_apply(actor=towns.drafter(body), merge_id=rows[name].id, seen_version=1, now=now) == 7
    third = rows["柳岸镇人民政府"]
    with pytest.raises(RulesNotMet):
        base_merging.merge_apply(actor=towns.drafter("QH-LA"), merge_id=third.id, seen_version=1, now=now)
    view = base_merges.merge_view(merge_id=third.id, scope=SYSTEM.scope, on=now.date())
    keys = [(item.base_code, one.unit) for item in view.items for one in item.conflicts]
    choices = [Choice("base"), Choice("base"), Choice("local", "沿用县志叫法"), Choice("own", "", "对不守乡规的处罚")]
    base_merging.merge_choose(
        actor=towns.drafter("QH-LA"),
        merge_id=third.id,
        seen_version=1,
        choices=dict(zip(keys, choices, strict=True)),
        now=now,
    )
    assert base_merging.merge_apply(actor=towns.drafter("QH-LA"), merge_id=third.id, seen_version=2, now=now) == 7
    names = set(
        ItemVersion.objects.filter(item__power_list_id=lists["QH-LA"], state="draft").values_list("name", flat=True)
    )
    assert "对不守乡规的处罚" in names and len([name for name in names if "（含委托实施）" in name]) == 2

    # And: after publication the towns conform again; the additions of the second and third are still theirs.
    for body in TOWNS:
        towns.publish(lists[body], days=40)
    result = compared(towns, 40)
    assert [(one.items, dict(one.result.counts)) for one in result.towns] == [
        (190, {}),
        (226, {"本级补充": 36}),
        (227, {"本级补充": 37, "名称不同": 10}),
    ]
    # Eight reworded names are still without a reason, and so is the one written anew; one was kept with its reason.
    assert [one.result.drift for one in result.towns] == [0, 0, 9]
    assert [len(one.result.of(DeviationKind.RENAMED)) for one in result.towns] == [0, 0, 10]
    facts = [fact.action for fact in audit.history_of("catalog.list", lists["QH-LA"], scope=SYSTEM.scope)]
    for action in ("catalog.base.bound", "catalog.base.claimed", "catalog.base.merge_chosen", "catalog.base.merged"):
        assert action in facts
    issued = [fact.action for fact in audit.history_of("catalog.list", base_id, scope=SYSTEM.scope)]
    assert "catalog.base.issued" in issued
