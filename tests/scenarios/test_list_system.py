"""清单体系：一项许可的变动传到二、三、四级清单，同步之后一处不差；取消之后逐层终止。"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from quanze.apps.catalog import public as catalog
from quanze.apps.catalog.models import DerivedEntryVersion
from quanze.apps.catalog.selectors.drift import drift_of
from quanze.core.actor import EVERYTHING

pytestmark = pytest.mark.django_db

PERMIT = "水产苗种生产许可证核发"
LISTS = ("ZWFW", "XK", "HLWJG", "ZWSS", "YWBL")


@pytest.fixture
def four_levels(county, derived) -> dict[str, int]:
    """三份二级清单、一份三级、一份四级，逐层派生、公布。"""
    county.publish(county.permit())
    lists = {}
    for code in LISTS:
        lists[code] = derived.list_of(code)
        _renew(county, derived, lists[code], county.now)
        derived.publish(lists[code])
    return lists


def _renew(county, derived, list_id, now):
    actor = derived.actor("QH-NY", "drafter")
    proposal = catalog.derived_propose(actor=actor, list_id=list_id, on=localdate(now))
    return catalog.derived_apply(actor=actor, list_id=list_id, seen_token=proposal.token, now=now)


def _rates(on) -> dict[str, tuple[int, int]]:
    """各清单的（条目数，不同步与应列未列数）。"""
    from quanze.apps.catalog.models import DerivedList

    codes = dict(DerivedList.objects.values_list("id", "list_type"))
    return {codes[one.list_id]: (one.entries, len(one.rows)) for one in drift_of(scope=EVERYTHING, on=on)}


@pytest.mark.req("J-34", "J-51", "J-52", "J-53", "J-61")
def test_one_licence_ripples_through_four_levels_and_nothing_drifts_after(county, derived, four_levels):
    # Given: everything was derived and published, and all of it is in step.
    assert _rates(county.today) == dict.fromkeys(LISTS, (1, 0))

    # When: the licence takes another basis in thirty days,
    day, later = county.today + timedelta(days=30), county.later(days=30)
    derived.revise(
        PERMIT, valid_from=day, now=later, basis_text="《青禾县渔业管理办法》第二十条：另有规定的，从其规定。"
    )
    # then: the three lists above it are out of step at once; those above these follow as each is renewed.
    assert _rates(day) == {"ZWFW": (1, 1), "XK": (1, 1), "HLWJG": (1, 1), "ZWSS": (1, 0), "YWBL": (1, 0)}
    for code, below in (("XK", None), ("HLWJG", None), ("ZWFW", "ZWSS"), ("ZWSS", "YWBL"), ("YWBL", None)):
        result = _renew(county, derived, four_levels[code], later)
        assert (result.new, result.refreshed, result.ended, result.refused) == (0, 1, 0, ()), code
        if below is not None:
            assert _rates(day)[below] == (1, 1)
    assert _rates(day) == dict.fromkeys(LISTS, (1, 0))

    # And: the day before, each list stands as it stood; versions follow each other without overlap.
    for code in LISTS:
        versions = DerivedEntryVersion.objects.filter(entry__derived_list_id=four_levels[code]).order_by("number")
        assert list(versions.values_list("number", "valid_from", "valid_to")) == [
            (1, county.today, day),
            (2, day, None),
        ]


@pytest.mark.req("J-51")
def test_a_cancelled_licence_ends_its_entries_tier_by_tier_on_its_own_day(county, derived, four_levels):
    day, later = county.today + timedelta(days=30), county.later(days=40)
    derived.revise(PERMIT, valid_from=day, now=county.later(days=30), cancel=True)

    for code in LISTS:
        assert _renew(county, derived, four_levels[code], later).ended == 1, code

    assert set(DerivedEntryVersion.objects.values_list("valid_to", flat=True)) == {day}
    assert _rates(localdate(later)) == dict.fromkeys(LISTS, (0, 0))
