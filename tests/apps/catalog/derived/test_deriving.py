"""派生：规则提出应列入、应更新、应终止的；预览之后变了的不落实；落实之后不同步为零。"""

from datetime import timedelta

import pytest

from quanze.apps.catalog import public as catalog
from quanze.apps.catalog.domain.drift import DriftKind
from quanze.apps.catalog.models import DerivedEntryVersion, DriftCount, DriftFinding
from quanze.apps.catalog.selectors.drift import drift_of
from quanze.apps.catalog.selectors.entry_lists import EntryQuery, entry_page
from quanze.apps.catalog.services.deriving import derived_apply, derived_propose, drift_count
from quanze.base.audit.models import FactRecord
from quanze.core.actor import EVERYTHING
from quanze.core.errors import Conflict

PERMIT, PENALTY, INSPECTION = "水产苗种生产许可证核发", "对使用电鱼方法捕捞的处罚", "对渔业生产的监督检查"
IMPL = "11330000MB1234567X4" + "0" * 12


@pytest.fixture
def published(county, derived):
    """许可、处罚、检查各一项，处罚收费（只为试条件），均已公布。"""
    county.publish(county.permit(), county.content(), county.content(INSPECTION, power_type="inspection"))


def _apply(derived, county, list_id, now=None, what=("new", "refresh", "end")):
    actor, now = derived.actor("QH-NY", "drafter"), now or county.now
    from django.utils.timezone import localdate

    seen = derived_propose(actor=actor, list_id=list_id, on=localdate(now)).token
    return derived_apply(actor=actor, list_id=list_id, seen_token=seen, what=what, now=now)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "names"),
    [
        pytest.param("ZWFW", {PERMIT}, marks=pytest.mark.req("J-35")),
        pytest.param("XZZF", {PENALTY, INSPECTION}, marks=pytest.mark.req("J-35")),
        pytest.param("HLWJG", {PERMIT, PENALTY, INSPECTION}, marks=pytest.mark.req("J-36")),
        ("SJC", {INSPECTION}),
        ("XK", {PERMIT}),
        pytest.param("SF", set(), marks=pytest.mark.req("J-37")),
        ("BJ", set()),
    ],
)
def test_the_rules_of_a_list_propose_the_expected_members(county, derived, published, code, names):
    list_id = derived.list_of(code, "QH-BB" if code == "BJ" else "QH-NY")
    proposal = derived_propose(actor=county.actor("establishment"), list_id=list_id, on=county.today)
    assert {row.name for row in proposal.new} == names
    assert not proposal.refresh
    assert not proposal.end


@pytest.mark.django_db
@pytest.mark.req("J-38")
def test_an_intermediary_service_is_proposed_where_the_approval_mentions_a_report(county, derived):
    county.publish(county.permit(remark="申请人提交第三方机构出具的检测报告。"), county.permit("渔业捕捞许可审批"))
    proposal = derived_propose(actor=county.actor("establishment"), list_id=derived.list_of("ZJ"), on=county.today)
    assert [row.name for row in proposal.new] == [PERMIT]


@pytest.mark.django_db
@pytest.mark.req("J-34", "J-53")
def test_after_applying_and_publishing_nothing_drifts(county, derived, published):
    list_id = derived.list_of("XZZF")
    assert _apply(derived, county, list_id).new == 2
    assert [one.rows for one in drift_of(scope=EVERYTHING, on=county.today)] == [()]
    derived.publish(list_id)

    (found,) = drift_of(scope=EVERYTHING, on=county.today)
    assert (found.entries, found.rows) == (2, ())
    for version in DerivedEntryVersion.objects.filter(entry__derived_list_id=list_id):
        assert version.item_version.item.power_list.body_id == county.bodies["QH-NY"]


@pytest.mark.django_db
@pytest.mark.req("J-51", "J-53")
def test_a_changed_and_a_cancelled_item_are_renewed_and_ended_on_their_own_days(county, derived, published):
    list_id = derived.list_of("XZZF")
    _apply(derived, county, list_id)
    derived.publish(list_id)
    changed, gone = county.today + timedelta(days=20), county.today + timedelta(days=25)
    derived.revise(PENALTY, valid_from=changed, now=county.later(days=20), accountability_text="改过的追责情形。")
    derived.revise(INSPECTION, valid_from=gone, now=county.later(days=25), cancel=True)
    now = county.later(days=30)
    day = county.today + timedelta(days=30)

    (found,) = drift_of(scope=EVERYTHING, on=day)
    assert [(row.kind, row.name, row.since) for row in found.rows] == [
        (DriftKind.TEXT_DIFFERS, PENALTY, changed),
        (DriftKind.SOURCE_ENDED, INSPECTION, gone),
    ]
    assert found.rows[0].message.endswith("追责情形已变")
    result = _apply(derived, county, list_id, now)

    assert (result.new, result.refreshed, result.ended, result.refused) == (0, 1, 1, ())
    periods = DerivedEntryVersion.objects.filter(entry__derived_list_id=list_id).order_by("entry_id", "number")
    assert list(periods.values_list("number", "valid_from", "valid_to")) == [
        (1, county.today, changed),
        (2, changed, None),
        (1, county.today, gone),
    ]
    assert [one.rows for one in drift_of(scope=EVERYTHING, on=day)] == [()]
    assert FactRecord.objects.filter(action="catalog.derived_list.derived").count() == 2


@pytest.mark.django_db
def test_what_would_be_looser_is_left_and_told_and_the_rest_is_renewed(county, derived):
    county.publish(county.permit(), county.permit("渔业捕捞许可审批"))
    list_id = derived.list_of("ZWFW")
    derived.add(list_id, ("item", derived.item(PERMIT)), promised_limit_days=10)
    derived.add(list_id, ("item", derived.item("渔业捕捞许可审批")))
    derived.publish(list_id)
    later = county.later(days=9)
    day = county.today + timedelta(days=9)
    derived.revise(PERMIT, valid_from=day, now=later, promised_limit_days=5)
    derived.revise("渔业捕捞许可审批", valid_from=day, now=later, promised_limit_days=5)

    result = _apply(derived, county, list_id, later)

    assert result.refreshed == 1
    ((name, why),) = result.refused
    assert name == PERMIT
    assert "承诺时限（工作日） 10 长于上级的 5" in why
    (found,) = drift_of(scope=EVERYTHING, on=day)
    assert [row.kind for row in found.rows] == [DriftKind.SOURCE_CHANGED, DriftKind.LOOSER]


@pytest.mark.django_db
def test_a_preview_that_is_no_longer_true_is_not_applied(county, derived, published):
    list_id = derived.list_of("XZZF")
    actor = derived.actor("QH-NY", "drafter")
    seen = derived_propose(actor=actor, list_id=list_id, on=county.today).token
    derived.add(list_id, ("item", derived.item(PENALTY)))
    before = FactRecord.objects.count()

    with pytest.raises(Conflict, match="预览之后已有变化"):
        derived_apply(actor=actor, list_id=list_id, seen_token=seen, now=county.now)
    assert FactRecord.objects.count() == before


@pytest.mark.django_db
def test_confirmed_entries_no_longer_drift(county, derived, published):
    list_id = derived.list_of("XK")
    entry = derived.add(list_id, ("item", derived.item(PERMIT)))
    derived.publish(list_id)
    later, day = county.later(days=9), county.today + timedelta(days=9)
    derived.revise(PERMIT, valid_from=day, now=later, remark="只改备注")
    assert [row.kind for one in drift_of(scope=EVERYTHING, on=day) for row in one.rows] == [DriftKind.SOURCE_CHANGED]

    catalog.entries_confirm_unaffected(
        actor=county.actor("establishment"), confirmations=[derived.seen(entry)], reason="只改备注", now=later
    )
    assert [one.rows for one in drift_of(scope=EVERYTHING, on=day)] == [()]


@pytest.mark.django_db
def test_the_count_of_the_day_is_kept_once(county, derived, published, django_assert_max_num_queries):
    derived.list_of("XZZF")
    drift_count(actor=county.actor("establishment"), now=county.now)
    with django_assert_max_num_queries(17):
        drift_count(actor=county.actor("establishment"), now=county.later(hours=2))
    (row,) = DriftCount.objects.all()
    assert (row.entries, row.drifting, row.missing) == (0, 0, 2)


@pytest.mark.django_db
@pytest.mark.req("J-51", "J-53")
def test_a_published_change_marks_the_entries_below_it_at_once_and_renewing_clears_them(county, derived, published):
    list_id = derived.list_of("XZZF")
    _apply(derived, county, list_id)
    derived.publish(list_id)
    drift_count(actor=county.actor("establishment"), now=county.now)
    assert not DriftFinding.objects.exists()
    day, now = county.today + timedelta(days=20), county.later(days=20)

    derived.revise(PENALTY, valid_from=day, now=now, accountability_text="改过的追责情形。")

    (found,) = DriftFinding.objects.select_related("entry")
    assert (found.kind, found.name, found.since, found.found_on) == ("text_differs", PENALTY, day, day)
    count = DriftCount.objects.get(counted_on=day)
    assert (count.entries, count.drifting, count.missing) == (2, 1, 0)
    rows = entry_page(EntryQuery(list_id, day, drift="any"), scope=EVERYTHING)
    assert [(row.name, row.drift) for row in rows] == [(PENALTY, ("text_differs",))]
    catalog.entries_refresh(
        actor=derived.actor("QH-NY", "drafter"), refreshes=[derived.seen(found.entry_id)], valid_from=day, now=now
    )
    assert not DriftFinding.objects.exists()
    count.refresh_from_db()
    assert (count.drifting, count.missing) == (0, 0)


@pytest.mark.django_db
@pytest.mark.req("J-51")
def test_a_list_below_is_marked_when_the_entry_it_comes_from_is_renewed(county, derived):
    county.publish()
    upper, lower = derived.list_of("ZWFW"), derived.list_of("ZWSS")
    above = derived.add(upper, ("item", derived.item(PERMIT)), promised_limit_days=10, materials=["申请表"])
    derived.publish(upper)
    below = derived.add(lower, ("entry", above), impl_code=IMPL)
    derived.publish(lower)
    day, now = county.today + timedelta(days=9), county.later(days=9)
    derived.revise(PERMIT, valid_from=day, now=now, remark="只改备注")
    assert list(DriftFinding.objects.values_list("entry_id", "kind")) == [(above, "source_changed")]

    catalog.entries_refresh(
        actor=derived.actor("QH-NY", "drafter"), refreshes=[derived.seen(above)], valid_from=day, now=now
    )

    assert list(DriftFinding.objects.values_list("entry_id", "kind")) == [(below, "source_changed")]


@pytest.mark.django_db
def test_only_what_has_ended_for_good_is_among_the_ended(county, derived, published):
    list_id = derived.list_of("XZZF")
    _apply(derived, county, list_id)
    derived.publish(list_id)
    day, now = county.today + timedelta(days=20), county.later(days=20)
    derived.revise(PENALTY, valid_from=day, now=now, accountability_text="改过的追责情形。")
    derived.revise(INSPECTION, valid_from=day, now=now, cancel=True)
    _apply(derived, county, list_id, now)

    shown = {
        view: [(row.name, row.number) for row in entry_page(EntryQuery(list_id, day, view=view), scope=EVERYTHING)]
        for view in ("all", "in_force", "ended")
    }

    assert shown == {"all": [(PENALTY, 2)], "in_force": [(PENALTY, 2)], "ended": [(INSPECTION, 1)]}
    assert [row.number for row in entry_page(EntryQuery(list_id, county.today, view="in_force"), scope=EVERYTHING)] == [
        1,
        1,
    ]
    (first,) = entry_page(EntryQuery(list_id, county.today, view="in_force"), scope=EVERYTHING, limit=1)
    rest = entry_page(
        EntryQuery(list_id, county.today, view="in_force"), scope=EVERYTHING, after=(first.ordinal, first.entry_id)
    )
    assert [row.name for row in rest] == [INSPECTION] if first.name == PENALTY else [PENALTY]
