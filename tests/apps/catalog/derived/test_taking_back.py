"""收回：乡镇止、部门起、收回清单列入，同日，一个事务；有空档的办不成，什么也不改。"""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quanze.apps.catalog import public as catalog
from quanze.apps.catalog.models import DerivedEntryVersion, ItemVersion, ListEdition, TakingBack
from quanze.apps.catalog.selectors.town_lists import town_page
from quanze.base.audit.models import FactRecord
from quanze.core.actor import EVERYTHING
from quanze.core.errors import DomainError, NotPermitted, RulesNotMet

TOWN_ITEM, DEPARTMENT_ITEM = "对露天焚烧秸秆的处罚", "对使用电鱼方法捕捞的处罚"


@pytest.fixture
def town(county, derived):
    """禾溪镇有一项处罚（公布），据此列入基本履职；农业农村局有处罚与许可（公布）。"""
    county.publish()
    from quanze.apps.catalog.domain.publishing import Issue
    from quanze.apps.catalog.models import PowerList, SubmissionItem
    from quanze.apps.catalog.services.publishing import edition_publish

    (version_id,) = county.draft(county.content(TOWN_ITEM), by="town_drafter", body_code="QH-HX")
    ItemVersion.objects.filter(pk=version_id).update(state="frozen")
    version = ItemVersion.objects.get(pk=version_id)
    edition_publish(
        actor=county.actor("town_drafter"),
        power_list=PowerList.objects.get(pk=county.power_list("QH-HX")),
        entries=[SubmissionItem(item=version.item, version=version, action="add")],
        issue=Issue("禾政发〔2026〕3号", county.today, county.today),
        submission=None,
        now=county.now,
    )
    basic = derived.list_of("JBLZ", "QH-HX")
    derived.add(
        basic, ("item", version.item_id), body="QH-HX", name="秸秆禁烧巡查", nature="power", category="environment"
    )
    derived.add(basic, body="QH-HX", name="红白理事会组织", nature="non_power", category="culture")
    derived.publish(basic, body="QH-HX")
    return {"item": version.item_id, "list": derived.list_of("SHSX", "QH-HX")}


def _take(county, town, receiving, *, day, **given):
    given.setdefault("origin", catalog.Origin("item", town["item"]))
    return catalog.item_take_back(
        actor=county.actor("establishment"),
        list_id=town["list"],
        receiving=receiving,
        hand_over_on=day,
        document_number="青编发〔2026〕9号",
        issued_on=county.today,
        content={"receiving_way": "direct", "open_cases": "在办的由镇办结"},
        now=county.now,
        **given,
    )


@pytest.mark.django_db
def test_the_town_ends_and_the_department_begins_on_the_same_day(county, derived, town):
    day = county.today + timedelta(days=30)
    (draft,) = county.draft(county.content(TOWN_ITEM))

    _take(
        county,
        town,
        catalog.Receiving(draft_version_id=draft),
        day=day,
    )

    left = ItemVersion.objects.get(item_id=town["item"])
    taken = ItemVersion.objects.get(pk=draft)
    assert (left.valid_to, taken.valid_from, taken.valid_to, taken.state) == (day, day, None, "published")
    (row,) = TakingBack.objects.all()
    assert (row.town_until, row.received_from, row.is_widening) == (day, day, True)
    ended = DerivedEntryVersion.objects.get(name="秸秆禁烧巡查")
    stays = DerivedEntryVersion.objects.get(name="红白理事会组织")
    assert (ended.valid_to, stays.valid_to) == (day, None)
    before, after = (town_page(body_id=county.bodies["QH-HX"], scope=EVERYTHING, on=on) for on in (county.today, day))
    named = [{one.kind.code: [row.name for row in one.entries] for one in page.lists} for page in (before, after)]
    assert (named[0]["JBLZ"], named[0]["SHSX"]) == (["秸秆禁烧巡查", "红白理事会组织"], [])
    assert (named[1]["JBLZ"], named[1]["SHSX"]) == (["红白理事会组织"], [TOWN_ITEM])
    assert FactRecord.objects.filter(action="catalog.item.taken_back").count() == 1


@pytest.mark.django_db
def test_a_department_whose_item_is_not_there_on_the_day_leaves_a_gap_and_nothing_is_done(county, derived, town):
    day = county.today + timedelta(days=30)
    derived.revise(DEPARTMENT_ITEM, valid_from=county.today + timedelta(days=20), now=county.now, cancel=True)
    counts = (FactRecord.objects.count(), ListEdition.objects.count())

    with pytest.raises(RulesNotMet, match="会出现空档") as refused:
        _take(county, town, catalog.Receiving(item_id=derived.item(DEPARTMENT_ITEM)), day=day)

    assert refused.value.code == "taking_back_gap"
    assert (FactRecord.objects.count(), ListEdition.objects.count()) == counts
    assert ItemVersion.objects.get(item_id=town["item"]).valid_to is None
    assert not TakingBack.objects.exists()


@pytest.mark.django_db
def test_only_the_establishment_office_takes_back(county, derived, town):
    with pytest.raises(NotPermitted, match="编办"):
        catalog.item_take_back(
            actor=county.actor("town_drafter"),
            list_id=town["list"],
            origin=catalog.Origin("item", town["item"]),
            receiving=catalog.Receiving(item_id=derived.item(DEPARTMENT_ITEM)),
            hand_over_on=county.today,
            document_number="青编发〔2026〕9号",
            issued_on=county.today,
            content={},
            now=county.now,
        )


@pytest.mark.django_db
@pytest.mark.postgres
@pytest.mark.parametrize(
    ("until", "since", "is_widening"), [(0, 1, False), (1, 0, False), (-1, 0, False), (0, -1, True)]
)
def test_the_table_itself_refuses_a_gap_and_an_overlap(county, derived, town, until, since, is_widening):
    day = county.today + timedelta(days=30)
    _take(county, town, catalog.Receiving(item_id=derived.item(DEPARTMENT_ITEM)), day=day)
    row = TakingBack.objects.get()
    row.town_until, row.received_from = day + timedelta(days=until), day + timedelta(days=since)
    row.is_widening = is_widening
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ahead=st.integers(min_value=0, max_value=400), is_draft=st.booleans())
@pytest.mark.django_db
def test_on_every_day_around_the_hand_over_somebody_holds_it_and_not_both(county, derived, town, ahead, is_draft):
    day = county.today + timedelta(days=ahead)
    with transaction.atomic():
        if is_draft:
            (draft,) = county.draft(county.content("对露天焚烧的处罚"))
            receiving = catalog.Receiving(draft_version_id=draft)
        else:
            receiving = catalog.Receiving(item_id=derived.item(DEPARTMENT_ITEM))
        _take(county, town, receiving, day=day)
        taken = TakingBack.objects.get()
        for near in (-1, 0, 1):
            on = day + timedelta(days=near)
            if on < county.today:
                continue
            town_holds = _holds(taken.town_item_version_id, on)
            department_holds = _holds(taken.receiving_version_id, on)
            assert town_holds or department_holds, f"{on} 没有人管"
            if is_draft:
                assert not (town_holds and department_holds), f"{on} 两家都管"
        transaction.set_rollback(True)


def _holds(version_id: int, on: date) -> bool:
    row = ItemVersion.objects.get(pk=version_id)
    return row.valid_from <= on and (row.valid_to is None or row.valid_to > on)


@pytest.mark.django_db
@pytest.mark.req("J-40", "T-01")
def test_a_support_entry_needs_a_lead_item_of_a_department_and_the_opinion_of_the_town(county, derived, town):
    list_id = derived.list_of("PH", "QH-HX")
    duties = {"relation": "lead_assist", "lead_duty": "执法", "support_duty": "巡查、报告", "opinion_on": "2026-11-01"}
    with pytest.raises(DomainError, match="牵头事项须是部门的"):
        derived.add(list_id, ("item", town["item"]), body="QH-HX", name="秸秆", **duties)
    item = derived.item(DEPARTMENT_ITEM)
    derived.add(list_id, ("item", item), body="QH-HX", name="打击电鱼", town_opinion="refuse", **duties)
    with pytest.raises(RulesNotMet, match="镇（街道）意见为“不同意”"):
        derived.publish(list_id, body="QH-HX")
    version = DerivedEntryVersion.objects.get(name="打击电鱼")
    catalog.entry_save(
        actor=derived.actor("QH-HX", "drafter"),
        version_id=version.pk,
        seen_version=version.lock_version,
        content={**duties, "town_opinion": "agree"},
        now=county.now,
    )
    derived.publish(list_id, body="QH-HX")

    page = town_page(body_id=county.bodies["QH-HX"], scope=EVERYTHING, on=county.today)
    (row,) = next(one for one in page.lists if one.kind.code == "PH").entries
    assert (row.lead_name, row.relation, row.support_duty) == ("青禾县农业农村局", "主—次", "巡查、报告")


@pytest.mark.django_db
def test_the_page_takes_back_and_the_town_page_tells_both_sides(client_of, county, derived, town):
    from django.urls import reverse

    client = client_of("establishment")
    body = county.bodies["QH-HX"]
    assert client.get(reverse("catalog:take_back_page", args=[body])).status_code == 200
    given = {
        "origin": f"item:{town['item']}",
        "receiving": f"item:{derived.item(DEPARTMENT_ITEM)}",
        "receiving_way": "direct",
        "hand_over_on": "2026-11-02",
        "document_number": "青编发〔2026〕9号",
        "issued_on": "2026-11-02",
    }
    wrong = client.post(reverse("catalog:take_back", args=[body]), given | {"document_number": "没有文号"})
    assert wrong.status_code == 422
    done = client.post(reverse("catalog:take_back", args=[body]), given, follow=True).content.decode()
    assert "本镇（街道）止于 2026-11-02" in done
    assert "青编发〔2026〕9号" in done
    assert client_of("other_town").get(reverse("catalog:town_lists", args=[body])).status_code == 404


@pytest.mark.django_db
@pytest.mark.req("H-15")
def test_a_duty_that_calls_for_a_power_the_town_does_not_hold_is_found(county, derived, town):
    from quanze.apps.catalog.domain.drift import DriftKind
    from quanze.apps.catalog.selectors.drift import drift_of

    list_id = derived.list_of("PH", "QH-HX")
    common = {"relation": "lead_assist", "lead_duty": "执法", "town_opinion": "agree", "opinion_on": "2026-11-01"}
    item = derived.item(DEPARTMENT_ITEM)
    derived.add(list_id, ("item", item), body="QH-HX", name="打击电鱼", support_duty="查处电鱼行为", **common)
    derived.publish(list_id, body="QH-HX")

    (found,) = drift_of(scope=EVERYTHING, on=county.today, list_ids=[list_id])
    assert [(row.kind, row.name, row.message) for row in found.rows] == [
        (
            DriftKind.POWERLESS,
            "打击电鱼",
            f"职责写有“查处”须有行政处罚，没有相应的职权事项，也没有现行的委托；所据“{DEPARTMENT_ITEM}”",
        )
    ]

    # The same word where the town does hold the power (straw burning) is no finding, and neither is reporting.
    version = DerivedEntryVersion.objects.get(name="打击电鱼")
    DerivedEntryVersion.objects.filter(pk=version.pk).update(name="秸秆禁烧")
    (found,) = drift_of(scope=EVERYTHING, on=county.today, list_ids=[list_id])
    assert found.rows == ()


@pytest.mark.django_db
@pytest.mark.req("H-15")
def test_an_entrusted_power_counts_while_the_entrustment_runs_and_its_end_is_told(county, derived, town):
    from datetime import timedelta

    from quanze.apps.catalog.domain.drift import DriftKind
    from quanze.apps.catalog.models import ItemVersion
    from quanze.apps.catalog.selectors.drift import drift_of

    list_id = derived.list_of("PH", "QH-HX")
    common = {"relation": "lead_assist", "lead_duty": "执法", "town_opinion": "agree", "opinion_on": "2026-11-01"}
    item = derived.item(DEPARTMENT_ITEM)
    derived.add(list_id, ("item", item), body="QH-HX", name="水上巡查", support_duty="查处违法行为", **common)
    derived.publish(list_id, body="QH-HX")
    until = county.today + timedelta(days=30)
    # The town holds the same item as the department, entrusted to it for thirty days.
    ItemVersion.objects.filter(item_id=town["item"]).update(
        name=DEPARTMENT_ITEM,
        power_type="penalty",
        extra={"entrusting_body": "青禾县农业农村局", "entrust_to": until.isoformat()},
    )

    def findings(on):
        (found,) = drift_of(scope=EVERYTHING, on=on, list_ids=[list_id])
        return [row.message for row in found.rows if row.kind == DriftKind.POWERLESS]

    assert findings(until) == []
    assert findings(until + timedelta(days=1)) == [
        f"职责写有“查处”须有行政处罚，青禾县农业农村局的委托（{DEPARTMENT_ITEM}）已于 {until} 到期；所据“{DEPARTMENT_ITEM}”"
    ]
