"""同步更新：受影响的条目逐层找到；换到新版本、终止、确认不受影响；放宽的、看过之后变了的拒绝。"""

from datetime import timedelta

import pytest

from quanze.apps.catalog import public as catalog
from quanze.apps.catalog.models import DerivedEntry, DerivedEntryVersion, ReferenceConfirmation
from quanze.base.audit.models import FactRecord
from quanze.core.errors import Conflict, NotFound, NotPermitted, RulesNotMet, WrongState

PERMIT = "水产苗种生产许可证核发"
IMPL = "11990100MB0X00001X4000120001000"


@pytest.fixture
def chain(county, derived):
    """一项许可列入政务服务、行政许可、互联网+监管，再到实施清单与业务办理项，均已公布。"""
    county.publish()
    item = derived.item(PERMIT)
    service = derived.list_of("ZWFW")
    first = derived.add(service, ("item", item), promised_limit_days=10, materials=["申请表", "场地证明"])
    derived.publish(service)
    licences, supervision = derived.list_of("XK"), derived.list_of("HLWJG")
    others = [derived.add(licences, ("item", item)), derived.add(supervision, ("item", item), supervise_way="random")]
    derived.publish(licences)
    derived.publish(supervision)
    implementing = derived.list_of("ZWSS")
    second = derived.add(implementing, ("entry", first), impl_code=IMPL, promised_limit_days=8, materials=["申请表"])
    derived.publish(implementing)
    handling = derived.list_of("YWBL")
    third = derived.add(handling, ("entry", second), variant="新办", biz_code=f"{IMPL}01", promised_limit_days=5)
    derived.publish(handling)
    return {"item": item, "ZWFW": first, "XK": others[0], "HLWJG": others[1], "ZWSS": second, "YWBL": third}


@pytest.mark.django_db
@pytest.mark.req("J-41", "J-42", "J-51")
def test_what_hangs_on_an_item_is_found_through_all_four_levels(county, derived, chain, django_assert_num_queries):
    with django_assert_num_queries(6):
        found = catalog.dependants_of([chain["item"]], on=county.today)[chain["item"]]

    assert [(one.kind, one.tier, one.entry_id) for one in found] == [
        ("HLWJG", 2, chain["HLWJG"]),
        ("XK", 2, chain["XK"]),
        ("ZWFW", 2, chain["ZWFW"]),
        ("ZWSS", 3, chain["ZWSS"]),
        ("YWBL", 4, chain["YWBL"]),
    ]
    by_kind = {one.kind: one for one in found}
    assert by_kind["ZWSS"].parent_entry_id == chain["ZWFW"]
    assert by_kind["ZWSS"].rests_on_version_id == by_kind["ZWFW"].version_id
    assert by_kind["YWBL"].name == PERMIT
    assert by_kind["ZWFW"].body_name == "青禾县农业农村局"


@pytest.mark.django_db
@pytest.mark.req("J-52", "J-53")
def test_a_chain_given_in_one_call_ends_up_on_the_new_versions(county, derived, chain):
    later, day = county.later(days=30), county.today + timedelta(days=30)
    derived.revise(PERMIT, valid_from=day, now=later, promised_limit_days=9)

    made = catalog.entries_refresh(
        actor=county.actor("establishment"),
        refreshes=[
            derived.seen(chain["YWBL"]),
            derived.seen(chain["ZWSS"]),
            derived.seen(chain["ZWFW"], {"promised_limit_days": 9, "materials": ["申请表", "场地证明"]}),
        ],
        valid_from=day,
        now=later,
    )

    held = {one.kind: one for one in catalog.dependants_of([chain["item"]], on=day)[chain["item"]]}
    assert held["ZWFW"].version_id == made[chain["ZWFW"]]
    assert held["ZWSS"].rests_on_version_id == made[chain["ZWFW"]]
    assert held["YWBL"].rests_on_version_id == made[chain["ZWSS"]]
    old = DerivedEntryVersion.objects.get(entry_id=chain["ZWFW"], number=1)
    assert (old.valid_from, old.valid_to) == (county.today, day)
    assert FactRecord.objects.filter(action="catalog.entry.refreshed").count() == 3


@pytest.mark.django_db
@pytest.mark.req("J-51")
def test_what_is_looser_than_the_new_parent_is_refused_with_field_and_values(county, derived, chain):
    later, day = county.later(days=30), county.today + timedelta(days=30)
    derived.revise(PERMIT, valid_from=day, now=later, promised_limit_days=6)
    before = FactRecord.objects.count()

    with pytest.raises(RulesNotMet) as refused:
        catalog.entries_refresh(
            actor=county.actor("establishment"), refreshes=[derived.seen(chain["ZWFW"])], valid_from=day, now=later
        )

    assert refused.value.code == "entry_not_ready"
    assert [one.message for one in refused.value.defects] == ["承诺时限（工作日） 10 长于上级的 6，只能短不能长"]
    assert DerivedEntryVersion.objects.filter(entry_id=chain["ZWFW"]).count() == 1
    assert FactRecord.objects.count() == before


@pytest.mark.django_db
def test_an_entry_whose_item_has_ended_is_ended_and_neither_renewed_nor_confirmed(county, derived, chain):
    later, day = county.later(days=30), county.today + timedelta(days=30)
    derived.revise(PERMIT, valid_from=day, now=later, cancel=True)
    actor = county.actor("establishment")

    for act in (
        lambda: catalog.entries_refresh(actor=actor, refreshes=[derived.seen(chain["XK"])], valid_from=day, now=later),
        lambda: catalog.entries_confirm_unaffected(
            actor=actor, confirmations=[derived.seen(chain["XK"])], reason="不变", now=later
        ),
    ):
        with pytest.raises(RulesNotMet, match="不是现行的") as refused:
            act()
        assert refused.value.code == "source_ended"
    seen = derived.seen(chain["XK"])
    catalog.entry_end(
        actor=actor, entry_id=seen.entry_id, seen_version=seen.seen_version, valid_to=day, reason="许可取消", now=later
    )
    kinds = {one.kind for one in catalog.dependants_of([chain["item"]], on=day)[chain["item"]]}
    assert kinds == {"HLWJG", "ZWFW", "ZWSS", "YWBL"}
    with pytest.raises(WrongState, match="没有现行版本"):
        catalog.entries_end(actor=actor, ends=[derived.seen(chain["XK"])], valid_to=day, reason="再终止", now=later)


@pytest.mark.django_db
def test_confirming_keeps_who_saw_which_version_and_why(county, derived, chain):
    later, day = county.later(days=30), county.today + timedelta(days=30)
    derived.revise(PERMIT, valid_from=day, now=later, remark="文字修改")
    seen = derived.seen(chain["XK"])

    catalog.entry_confirm_unaffected(
        actor=county.actor("establishment"),
        entry_id=seen.entry_id,
        seen_version=seen.seen_version,
        reason="只改备注",
        now=later,
    )

    (row,) = ReferenceConfirmation.objects.all()
    assert (row.reason, row.confirmed_by_name) == ("只改备注", "编小安")
    assert row.item_version.number == 2
    assert DerivedEntry.objects.get(pk=chain["XK"]).lock_version == seen.seen_version + 1


@pytest.mark.django_db
def test_stale_foreign_and_unauthorised_acts_change_nothing(county, derived, chain):
    seen = derived.seen(chain["XK"])
    before = FactRecord.objects.count()
    given = {"valid_to": county.today, "reason": "试", "now": county.now}

    stale = catalog.Seen(seen.entry_id, seen.seen_version + 1)
    with pytest.raises(Conflict):
        catalog.entries_end(actor=county.actor("establishment"), ends=[stale], **given)
    with pytest.raises(NotFound):
        catalog.entries_end(actor=county.actor("other_town"), ends=[seen], **given)
    with pytest.raises(NotPermitted):
        catalog.entries_end(actor=county.actor("head"), ends=[seen], **given)
    assert FactRecord.objects.count() == before
