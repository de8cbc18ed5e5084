"""目录范本：编制、绑定、核对、认领；名称、类型、子项与范本不同的在检查里指出。"""

from __future__ import annotations

from dataclasses import replace

import pytest

from quanze.apps.catalog import public as catalog
from quanze.apps.catalog.domain.base_lists import DeviationKind
from quanze.apps.catalog.models import BaseBinding, ItemVersion, PowerItem
from quanze.apps.catalog.selectors import bases
from quanze.apps.catalog.selectors.contents import content_of
from quanze.apps.catalog.services.checking import check_body
from quanze.base.audit import public as audit
from quanze.core.actor import EVERYTHING, SYSTEM
from quanze.core.errors import InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState

pytestmark = pytest.mark.django_db
OWNER = "QH-SW"


def bind(county, list_id, base_id, *, by="establishment"):
    return catalog.base_bind(actor=county.actor(by), list_id=list_id, base_list_id=base_id, now=county.now)


def town_list(county):
    return county.power_list("QH-HX", procedure="three-step", template="town-2024")


def bound(county, list_id):
    return bases.bound_base(list_id=list_id, scope=EVERYTHING, on=county.today)


@pytest.mark.req("H-28")
def test_a_base_of_160_items_becomes_the_drafts_of_a_town_that_claims_it(county, base_made, base_content):
    names = [f"对第{n}种违法行为的处罚" for n in range(160)]
    base_id = base_made(*(catalog.NewItem(base_content(name)) for name in names))
    list_id = town_list(county)
    bind(county, list_id, base_id)
    assert (bound(county, list_id).base.items, bound(county, list_id).conformance.percent) == (160, 0)

    made = catalog.base_claim(actor=county.actor("town_drafter"), list_id=list_id, now=county.now)

    assert len(made) == 160
    drafts = [content_of(row) for row in ItemVersion.objects.filter(item__in=made).order_by("item__ordinal")]
    assert [draft.name for draft in drafts] == names
    assert {draft.exercising_body for draft in drafts} == {"禾溪镇人民政府"}
    assert [draft.template_key for draft in drafts] == [f"{OWNER}-{n:05d}" for n in range(1, 161)]
    assert (bound(county, list_id).conformance.percent, bound(county, list_id).conformance.deviations) == (100, ())


@pytest.mark.req("H-28")
def test_what_is_claimed_brings_its_sub_items_and_nothing_is_claimed_twice(county, base_made):
    base_id = base_made()
    list_id = town_list(county)
    bind(county, list_id, base_id)
    actor = county.actor("town_drafter")

    catalog.base_claim(actor=actor, list_id=list_id, keys=[f"{OWNER}-00003"], now=county.now)

    items = PowerItem.objects.filter(power_list_id=list_id)
    assert items.filter(parent__isnull=True).count() == 1
    assert items.filter(parent__isnull=False).count() == 2
    with pytest.raises(InvalidInput, match="已经认领"):
        catalog.base_claim(actor=actor, list_id=list_id, keys=[f"{OWNER}-00003"], now=county.now)
    assert items.count() == 3
    assert [one.name for one in bound(county, list_id).conformance.of(DeviationKind.MISSING)] == [
        "对露天焚烧秸秆的处罚",
        "对盗伐林木的处罚",
    ]


@pytest.mark.req("H-29", "H-30")
def test_additions_are_marked_with_their_reason_and_what_is_missing_is_listed(county, base_made):
    base_id = base_made()
    list_id = town_list(county)
    told = county.content("对损坏湖堤的处罚", is_local_addition=True, addition_reason="本镇沿湖，县政府〔2026〕4号授权")
    untold = county.content("对擅自拉客的处罚")
    county.draft(county.content("对盗伐林木的处罚"), told, untold, by="town_drafter", body_code="QH-HX")
    bind(county, list_id, base_id)

    result = bound(county, list_id).conformance

    assert (result.base_items, result.present, result.percent) == (3, 1, 33)
    assert [(one.label, one.name, one.note) for one in result.deviations] == [
        ("缺少", "对露天焚烧秸秆的处罚", ""),
        ("缺少", "对乱倒垃圾的处罚", ""),
        ("本级补充", "对损坏湖堤的处罚", "本镇沿湖，县政府〔2026〕4号授权"),
        ("多出未说明", "对擅自拉客的处罚", "没有标明为本级补充"),
    ]


@pytest.mark.req("H-18", "H-20", "H-30")
def test_a_reworded_name_another_type_and_another_split_are_found_in_the_stored_list(county, base_made):
    base_id = base_made()
    list_id = town_list(county)
    bind(county, list_id, base_id)
    catalog.base_claim(actor=county.actor("town_drafter"), list_id=list_id, now=county.now)
    assert set(check_body(body="QH-HX", scope=EVERYTHING, on=county.today).by_code()).isdisjoint(
        {"N101", "C206", "X803"}
    )
    changes = {"对露天焚烧秸秆的处罚": {"name": "对焚烧秸秆行为的处罚"}, "对盗伐林木的处罚": {"power_type": "other"}}
    for row in ItemVersion.objects.filter(item__power_list_id=list_id, name__in=changes):
        catalog.draft_save(
            actor=county.actor("town_drafter"),
            version_id=row.pk,
            seen_version=1,
            content=replace(content_of(row), **changes[row.name]),
            now=county.now,
        )
    one_sub = ItemVersion.objects.get(item__power_list_id=list_id, name="对乱倒生活垃圾的处罚")
    catalog.draft_discard(actor=county.actor("town_drafter"), version_id=one_sub.pk, seen_version=1, now=county.now)

    report = check_body(body="QH-HX", scope=EVERYTHING, on=county.today)

    found = {f.code: (f.severity.value, report.names[f.key], f.message) for f in report.findings if f.key}
    assert found["N101"] == ("error", "对焚烧秸秆行为的处罚", "名称与范本“对露天焚烧秸秆的处罚”不一致")
    assert found["C206"] == ("warning", "对盗伐林木的处罚", "类型为其他行政权力，范本“对盗伐林木的处罚”为行政处罚")
    assert found["X803"] == ("warning", "对乱倒垃圾的处罚", "有 1 个子项，范本“对乱倒垃圾的处罚”应有 2 个")
    assert dict(bound(county, list_id).conformance.counts) == {"名称不同": 1, "类型不同": 1, "子项不同": 1}


@pytest.mark.req("H-29")
def test_taking_a_power_out_of_the_list_needs_a_reason(county):
    with pytest.raises(RulesNotMet, match="必须写明理由"):
        catalog.ending_mark(actor=county.actor("town_drafter"), item_ids=[1], reason=" ", now=county.now)


def test_binding_and_unbinding_are_recorded_and_dated(county, base_made):
    base_id = base_made()
    list_id = town_list(county)
    first = bind(county, list_id, base_id)
    assert bind(county, list_id, base_id) == first
    with pytest.raises(RulesNotMet, match="必须写明理由"):
        catalog.base_unbind(actor=county.actor("establishment"), list_id=list_id, reason="", now=county.now)

    later = county.later(days=3)
    catalog.base_unbind(actor=county.actor("establishment"), list_id=list_id, reason="县里改用市级范本", now=later)

    row = BaseBinding.objects.get()
    assert (row.valid_from, row.valid_to, row.bound_by_name) == (county.today, later.date(), "编小安")
    facts = [f for f in audit.history_of("catalog.list", list_id, scope=EVERYTHING) if ".base." in f.action]
    assert [(f.action_label, f.reason) for f in facts] == [("绑定目录范本", ""), ("解除范本绑定", "县里改用市级范本")]
    with pytest.raises(WrongState, match="没有绑定"):
        catalog.base_claim(actor=county.actor("town_drafter"), list_id=list_id, now=later)


def test_the_base_is_chosen_by_the_establishment_office_from_those_of_the_region(county, base_made):
    base_id = base_made()
    list_id = town_list(county)
    with pytest.raises(NotPermitted, match="由编办确定"):
        bind(county, list_id, base_id, by="town_drafter")
    with pytest.raises(InvalidInput, match=r"可选：青禾县目录范本"):
        bind(county, list_id, county.power_list("QH-NY"))
    with pytest.raises(InvalidInput, match="本身不绑定"):
        bind(county, base_id, base_id)
    with pytest.raises(NotFound):
        bind(county, 10**9, base_id)
    assert not BaseBinding.objects.exists()


def test_a_base_is_no_power_of_anybody(county, base_made):
    base_made()
    assert catalog.public_lists(on=county.today) == []
    assert catalog.public_items(on=county.today) == []
    assert catalog.item_facts(on=county.today) == []
    assert catalog.type_counts(on=county.today) == {}
    assert catalog.recent_editions() == []
    assert catalog.published_changes() == []
    assert catalog.list_qualities(body_ids=[county.bodies[OWNER]], on=county.today) == []
    with pytest.raises(NotFound):
        catalog.public_item(code=f"{OWNER}-00001", on=county.today)


def test_the_evaluation_learns_what_is_claimed(county, base_made):
    base_id = base_made()
    list_id = county.power_list()
    county.publish(county.content("对盗伐林木的处罚"), county.content("对擅自拉客的处罚"))
    (before,) = catalog.list_qualities(body_ids=[county.bodies["QH-NY"]], on=county.today)
    assert (before.base_names, before.claimed) == ({}, frozenset())
    bind(county, list_id, base_id)
    (after,) = catalog.list_qualities(body_ids=[county.bodies["QH-NY"]], on=county.today)
    assert list(after.base_names.values()) == ["对露天焚烧秸秆的处罚", "对盗伐林木的处罚", "对乱倒垃圾的处罚"]
    assert after.claimed == {f"{OWNER}-00002"}


def test_only_those_concerned_make_a_list_and_only_of_a_known_type(county):
    body_id = county.bodies["QH-HX"]
    for stranger in ("town_legal", "government"):
        with pytest.raises(NotPermitted, match="不能建立清单"):
            catalog.list_create(actor=county.actor(stranger), body_id=body_id, now=county.now)
    with pytest.raises(NotFound):
        catalog.list_create(actor=county.actor("other_town"), body_id=body_id, now=county.now)
    with pytest.raises(InvalidInput, match="没有清单类型"):
        catalog.list_create(actor=SYSTEM, body_id=body_id, list_type="XX", now=county.now)
    made = catalog.list_create(actor=county.actor("town_drafter"), body_id=body_id, now=county.now)
    assert catalog.list_create(actor=county.actor("establishment"), body_id=body_id, now=county.now) == made


def test_five_queries_tell_the_conformance_whatever_the_size(county, base_made, django_assert_max_num_queries):
    base_id = base_made()
    list_id = town_list(county)
    bind(county, list_id, base_id)
    catalog.base_claim(actor=county.actor("town_drafter"), list_id=list_id, now=county.now)
    with django_assert_max_num_queries(5):
        assert bound(county, list_id).conformance.percent == 100
