"""依法不公开：有根据才能申请，另一人审定，审定之后公开一侧看不见、只计数，工作台照旧；划转时随事项走。"""

from datetime import date

import pytest

from quanze.apps.catalog import public as catalog
from quanze.apps.catalog.domain.nondisclosure import parse_grounds, review_due
from quanze.apps.catalog.models import ErrorReport, NonDisclosure, PowerItem
from quanze.apps.catalog.selectors.withheld import withheld_ids
from quanze.base.audit.models import FactRecord
from quanze.core.errors import Conflict, InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState

pytestmark = [pytest.mark.django_db, pytest.mark.req("H-53")]
PERMIT, PENALTY = "水产苗种生产许可证核发", "对使用电鱼方法捕捞的处罚"
GROUNDED = {
    "ground": "security",
    "legal_basis": "《中华人民共和国政府信息公开条例》第十四条",
    "reason": "公开抽样点位会使检查落空，危及公共安全。",
}


@pytest.fixture
def published(county):
    county.publish()
    return county


def item_of(name):
    return PowerItem.objects.get(versions__name=name, versions__state="published")


def propose(county, name=PENALTY, login="drafter", **given):
    given = GROUNDED | {"now": county.now} | given
    return catalog.nondisclosure_propose(actor=county.actor(login), item_id=item_of(name).pk, **given)


def decide(county, mark_id, verb, login="head", **given):
    given = {"seen_version": NonDisclosure.objects.get(pk=mark_id).lock_version, "now": county.now} | given
    catalog.nondisclosure_decide(actor=county.actor(login), nondisclosure_id=mark_id, verb=verb, **given)


def hide(county, name=PENALTY):
    mark_id = propose(county, name)
    decide(county, mark_id, "approve")
    return mark_id


def shown(county):
    return sorted(one.name for one in catalog.public_items(on=county.today))


@pytest.mark.postgres
def test_until_it_is_decided_the_item_is_public_and_afterwards_it_is_only_counted(published):
    # given a proposal
    mark_id = propose(published)
    # then nothing has changed outside
    assert shown(published) == [PENALTY, PERMIT]
    # when the head of the body agrees
    decide(published, mark_id, "approve", note="同意")
    # then it is counted and no more
    assert shown(published) == [PERMIT]
    (row,) = catalog.public_lists(on=published.today)
    assert (row.items, row.subitems, row.withheld) == (1, 0, 1)
    counts = catalog.withheld_counts(list_id=row.list_id, on=published.today)
    assert [(one.ground, one.items) for one in counts] == [("security", 1)]
    # and the edition, its digest and the desk are what they were
    assert row.edition.items == 2
    whole = catalog.public_lists(on=published.today, with_withheld=True)[0]
    assert (whole.items, whole.withheld) == (2, 0)
    assert len(catalog.list_contents(list_id=row.list_id, on=published.today, with_withheld=True)) == 2
    facts = FactRecord.objects.filter(action__startswith="catalog.nondisclosure.").order_by("id")
    assert [one.action for one in facts] == ["catalog.nondisclosure.proposed", "catalog.nondisclosure.approved"]
    mark = NonDisclosure.objects.get(pk=mark_id)
    assert (mark.decided_by_name, mark.review_on, mark.due_on) == ("郑重", date(2027, 11, 2), date(2026, 11, 9))


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"ground": "made_up"}, {"ground"}),
        ({"legal_basis": "有关规定"}, {"legal_basis"}),
        ({"legal_basis": "《中华人民共和国政府信息公开条例》"}, {"legal_basis"}),
        ({"reason": "不宜公开"}, {"reason"}),
        ({"ground": "", "legal_basis": "", "reason": ""}, {"ground", "legal_basis", "reason"}),
    ],
)
def test_without_a_legal_ground_nothing_is_withheld(published, given, fields):
    before = FactRecord.objects.count()
    with pytest.raises(RulesNotMet) as caught:
        propose(published, **given)
    assert {one.place.field for one in caught.value.defects} == fields
    assert NonDisclosure.objects.count() == 0
    assert FactRecord.objects.count() == before


def test_who_asks_does_not_decide_and_a_foreign_body_finds_nothing(published, derived):
    derived.actor("QH-NY", "deputy_head")
    mark_id = propose(published, login="publisher")
    with pytest.raises(NotPermitted):
        decide(published, mark_id, "approve", login="drafter")
    with pytest.raises(NotFound):
        decide(published, mark_id, "approve", login="tax_head")
    with pytest.raises(NotFound):
        propose(published, PERMIT, login="forestry")
    NonDisclosure.objects.filter(pk=mark_id).update(proposed_by_id=published.users["head"])
    with pytest.raises(NotPermitted) as caught:
        decide(published, mark_id, "approve")
    assert caught.value.code == "own_proposal"
    assert shown(published) == [PENALTY, PERMIT]


def test_refusing_lifting_and_reaffirming_need_a_reason(published):
    mark_id = propose(published)
    with pytest.raises(RulesNotMet):
        decide(published, mark_id, "refuse")
    decide(published, mark_id, "refuse", note="没有危害，应当公开")
    with pytest.raises(WrongState):
        decide(published, mark_id, "approve")
    other = hide(published)
    for verb in ("reaffirm", "lift"):
        with pytest.raises(RulesNotMet):
            decide(published, other, verb)
    decide(published, other, "reaffirm", note="情况没有变化", now=published.later(days=365))
    assert NonDisclosure.objects.get(pk=other).review_on == date(2028, 11, 2)
    decide(published, other, "lift", login="publisher", note="抽样办法已经公开")
    assert shown(published) == [PENALTY, PERMIT]


def test_one_open_mark_per_item_and_the_version_that_was_seen(published):
    mark_id = propose(published)
    with pytest.raises(WrongState) as caught:
        propose(published)
    assert caught.value.code == "nondisclosure_open"
    with pytest.raises(Conflict):
        decide(published, mark_id, "approve", seen_version=7)
    decide(published, mark_id, "withdraw", login="drafter")
    propose(published)


def test_a_main_item_hides_its_sub_items_and_a_sub_item_only_itself(county):
    # given a main item with two parts, published
    list_id, drafter = county.power_list(), county.actor("drafter")
    main = county.content("对违法捕捞的处罚", node_kind="main")
    parts = [county.content(f"对违法捕捞的处罚（{kind}）", node_kind="sub") for kind in ("电鱼", "炸鱼")]
    items = [catalog.NewItem(main), *(catalog.NewItem(part, parent_index=0) for part in parts)]
    catalog.items_create(actor=drafter, list_id=list_id, items=items, now=county.now)
    county.pass_until(county.submit())
    # when one part is hidden, the rest stays
    part = hide(county, "对违法捕捞的处罚（电鱼）")
    assert shown(county) == ["对违法捕捞的处罚", "对违法捕捞的处罚（炸鱼）"]
    decide(county, part, "lift", note="可以公开")
    # and when the main item is hidden nothing is left
    hide(county, "对违法捕捞的处罚")
    assert shown(county) == []
    assert len(withheld_ids()) == 3
    (row,) = catalog.public_lists(on=county.today)
    assert (row.items, row.subitems, row.withheld) == (0, 0, 3)
    assert [one.items for one in catalog.withheld_counts(list_id=list_id, on=county.today)] == [3]


def test_an_item_marked_before_its_publication_is_never_seen(county):
    (version_id,) = county.draft(county.content())
    item = PowerItem.objects.get(versions=version_id)
    mark_id = catalog.nondisclosure_propose(actor=county.actor("drafter"), item_id=item.pk, now=county.now, **GROUNDED)
    decide(county, mark_id, "approve")
    county.pass_until(county.submit())
    assert shown(county) == []
    (row,) = catalog.public_lists(on=county.today)
    assert (row.items, row.withheld) == (0, 1)


def test_nobody_can_report_an_error_on_it_and_an_old_report_does_not_name_it(published):
    code = item_of(PENALTY).code
    number = catalog.report_receive(item_code=code, text="电话打不通。", now=published.now)
    hide(published)
    with pytest.raises(NotFound):
        catalog.report_receive(item_code=code, text="电话打不通。", now=published.now)
    assert ErrorReport.objects.count() == 1
    status = catalog.report_status(number=number)
    assert (status.item_code, status.item_name) == ("", "依法不公开的事项")


def test_what_was_hidden_stays_hidden_when_the_list_is_handed_to_another_body(published):
    hide(published)
    moved = catalog.items_transfer(
        actor=published.actor("establishment"),
        from_list_id=published.power_list(),
        to_list_id=published.power_list("QH-LY"),
        reason="机构合并",
        now=published.now,
    )
    heir = next(one.new_item_id for one in moved if one.name == PENALTY)
    assert heir in withheld_ids()
    assert {one.new_item_id for one in moved} - withheld_ids() == {
        one.new_item_id for one in moved if one.name == PERMIT
    }
    mark = NonDisclosure.objects.get(item_id=heir)
    assert (mark.state, mark.ground) == ("active", "security")
    assert mark.decision_note.startswith("沿用 ")


def test_a_foreign_body_is_not_told_of_it_where_published_items_are_named(published):
    hide(published)
    item_id = item_of(PENALTY).pk
    assert item_id in catalog.published_briefs([item_id], scope=published.actor("establishment").scope)
    assert catalog.published_briefs([item_id], scope=published.actor("forestry").scope) == {}
    assert catalog.published_briefs([item_id]) == {}


def test_the_public_list_takes_the_same_queries_with_and_without_a_mark(published, django_assert_num_queries):
    with django_assert_num_queries(3):
        catalog.public_lists(on=published.today)
    hide(published)
    with django_assert_num_queries(3):
        catalog.public_lists(on=published.today)
    with django_assert_num_queries(1):
        catalog.public_items(on=published.today)


@pytest.mark.parametrize(
    ("on", "months", "due"),
    [
        (date(2026, 11, 2), 12, date(2027, 11, 2)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
    ],
)
def test_the_review_falls_on_the_same_day_or_the_end_of_the_month(on, months, due):
    assert review_due(on, months) == due


def test_a_broken_pack_is_refused_with_its_entry():
    with pytest.raises(InvalidInput) as caught:
        parse_grounds({"grounds": [{"code": "x", "label": "某种情形", "legal_basis": "有关规定"}]})
    assert (caught.value.place.file, caught.value.place.field) == ("nondisclosure_grounds.yaml", "x")
