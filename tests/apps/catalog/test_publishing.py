"""公布：文号、施行日期、版次、按日期查阅、勘误、取消。"""

from datetime import UTC, date, datetime, timedelta

import pytest

from quanze.apps.catalog import public as catalog
from quanze.apps.catalog.domain import publishing as domain
from quanze.apps.catalog.models import ItemVersion, ListEdition, PowerItem
from quanze.core.errors import NotFound, NotPermitted, RulesNotMet, WrongState

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
ON = date(2026, 11, 2)


def _names(county, on, **more):
    return [row.name for row in catalog.public_items(on=on, list_id=county.power_list(), **more)]


def _to_issue(county, *contents):
    county.draft(*contents)
    submission_id = county.submit()
    county.pass_until(submission_id, stop_before="publisher")
    return submission_id


@pytest.mark.req("J-22")
@pytest.mark.parametrize(
    ("details", "code"),
    [
        ({"document_number": "12号"}, "document_number_form"),
        ({"document_number": "青林发〔2026〕12号"}, "document_mark_other"),
        ({"document_number": "青农发〔2025〕12号"}, "document_year_other"),
        ({"issued_on": "昨天"}, "date_form"),
        ({"valid_from": "2026-11-01"}, "valid_before_issue"),
    ],
)
def test_publication_without_a_proper_number_and_dates_is_refused(county, details, code):
    submission_id = _to_issue(county)
    given = {"document_number": "青农发〔2026〕12号", "issued_on": "2026-11-02", "valid_from": "2026-11-02"} | details
    with pytest.raises(RulesNotMet) as caught:
        county.decide(submission_id, "publisher", details=given)
    assert code in [defect.code for defect in caught.value.defects]
    assert not ListEdition.objects.exists()
    assert not ItemVersion.objects.filter(state="published").exists()


@pytest.mark.req("J-28", "J-31", "J-32")
def test_the_last_step_publishes_an_edition_with_number_and_digest(county):
    county.publish()
    edition = catalog.editions(county.power_list())[0]
    assert (edition.number, edition.document_number, edition.items) == (1, "青农发〔2026〕12号", 2)
    assert len(edition.digest) == 64
    assert sorted(_names(county, ON)) == ["对使用电鱼方法捕捞的处罚", "水产苗种生产许可证核发"]


def test_a_list_is_in_force_on_its_stated_date_not_before(county):
    submission_id = _to_issue(county)
    county.decide(
        submission_id,
        "publisher",
        details={"document_number": "青农发〔2026〕12号", "issued_on": "2026-11-02", "valid_from": "2026-12-01"},
    )
    assert _names(county, date(2026, 11, 30)) == []
    assert len(_names(county, date(2026, 12, 1))) == 2
    with pytest.raises(NotFound):
        catalog.public_list(body_code="QH-NY", on=date(2026, 11, 30))


def _change(county, item_id, content, *, valid_from, number):
    version_id = catalog.draft_start(actor=county.actor("drafter"), item_id=item_id, now=county.now)
    catalog.draft_save(
        actor=county.actor("drafter"), version_id=version_id, seen_version=1, content=content, now=county.now
    )
    submission_id = county.submit()
    county.pass_until(submission_id, stop_before="publisher")
    county.decide(
        submission_id,
        "publisher",
        details={"document_number": f"青农发〔2026〕{number}号", "issued_on": "2026-11-02", "valid_from": valid_from},
        now=county.later(hours=2),
    )


@pytest.mark.req("H-20", "H-54")
def test_the_day_before_shows_the_list_as_it_was(county):
    county.publish()
    item = PowerItem.objects.get(versions__power_type="license")
    _change(county, item.pk, county.permit(promised_limit_days=5), valid_from="2026-11-20", number=13)
    before = catalog.public_item(code=item.code, on=date(2026, 11, 19))
    after = catalog.public_item(code=item.code, on=date(2026, 11, 20))
    assert (before.number, before.content.promised_limit_days) == (1, 10)
    assert (after.number, after.content.promised_limit_days) == (2, 5)
    known_then = catalog.public_item(code=item.code, on=date(2026, 11, 20), known_at=county.later(hours=1))
    assert known_then.number == 1


def test_what_changed_is_shown_with_old_and_new_text(county):
    county.publish()
    item = PowerItem.objects.get(versions__power_type="license")
    _change(county, item.pk, county.permit(promised_limit_days=5), valid_from="2026-11-20", number=13)
    _, change = catalog.published_changes(item_code=item.code)[0]
    assert change.action_label == "变更"
    assert [(c.label, c.old, c.new) for c in change.changes] == [("承诺时限（工作日）", "10", "5")]


def test_a_cancelled_item_ends_on_the_day_and_keeps_its_page(county):
    county.publish()
    item = PowerItem.objects.get(versions__power_type="license")
    catalog.ending_mark(actor=county.actor("drafter"), item_ids=[item.pk], reason="国务院决定取消", now=county.now)
    submission_id = county.submit()
    county.pass_until(submission_id, stop_before="publisher")
    county.decide(
        submission_id,
        "publisher",
        details={"document_number": "青农发〔2026〕14号", "issued_on": "2026-11-02", "valid_from": "2026-11-10"},
    )
    assert "水产苗种生产许可证核发" in _names(county, date(2026, 11, 9))
    assert "水产苗种生产许可证核发" not in _names(county, date(2026, 11, 10))
    assert catalog.public_item(code=item.code, on=date(2026, 11, 10)).valid_to == date(2026, 11, 10)
    assert catalog.editions(county.power_list())[0].items == 1


def _correct(county, item, content, *, by="publisher", reason="电话号码有误", later=timedelta(days=1)):
    version_id = catalog.draft_start(actor=county.actor("drafter"), item_id=item.pk, now=county.now)
    seen = catalog.draft_save(
        actor=county.actor("drafter"), version_id=version_id, seen_version=1, content=content, now=county.now
    )
    return catalog.correction_publish(
        actor=county.actor(by),
        version_id=version_id,
        seen_version=seen,
        document_number="青农发〔2026〕15号",
        issued_on="2026-11-02",
        reason=reason,
        now=county.now + later,
    )


def test_a_correction_is_a_new_version_with_its_own_number(county):
    county.publish()
    item = PowerItem.objects.get(versions__power_type="license")
    _correct(county, item, county.permit(hotline="0000-7654321"))
    edition = catalog.editions(county.power_list())[0]
    assert (edition.number, edition.is_correction, edition.valid_from) == (2, True, date(2026, 11, 3))
    assert catalog.public_item(code=item.code, on=date(2026, 11, 3)).content.hotline == "0000-7654321"
    assert catalog.published_changes(item_code=item.code)[0][1].action_label == "勘误"


def test_a_correction_on_the_day_of_publication_leaves_no_overlap(county):
    county.publish()
    item = PowerItem.objects.get(versions__power_type="license")
    _correct(county, item, county.permit(hotline="0000-7654321"), later=timedelta())
    first, second = ItemVersion.objects.filter(item=item).order_by("number")
    assert (first.valid_from, first.valid_to, second.valid_from, second.valid_to) == (ON, ON, ON, None)


def test_a_correction_may_not_change_the_power(county):
    county.publish()
    item = PowerItem.objects.get(versions__power_type="license")
    with pytest.raises(RulesNotMet) as caught:
        _correct(county, item, county.permit(power_type="confirmation"))
    assert (caught.value.code, caught.value.message) == ("correction_too_wide", "勘误不能改动：职权类型")
    assert ItemVersion.objects.filter(item=item, state="published").count() == 1


def test_the_drafter_cannot_publish_the_correction(county):
    county.publish()
    item = PowerItem.objects.get(versions__power_type="license")
    with pytest.raises(NotPermitted):
        _correct(county, item, county.permit(hotline="1"), by="drafter")


def test_the_digest_changes_with_any_content():
    issue = domain.Issue("青农发〔2026〕12号", ON, ON)
    one = [("A-1", 1, "h1"), ("A-2", 1, "h2")]
    base = domain.edition_digest(body_code="A", number=1, issue=issue, entries=one, algorithm="sha256")
    assert base == domain.edition_digest(
        body_code="A", number=1, issue=issue, entries=list(reversed(one)), algorithm="sha256"
    )
    assert base != domain.edition_digest(
        body_code="A", number=1, issue=issue, entries=[("A-1", 1, "h1"), ("A-2", 1, "h3")], algorithm="sha256"
    )


@pytest.mark.req("H-26")
def test_a_reported_error_gets_a_number_and_an_answer_date(county):
    county.publish()
    item = PowerItem.objects.get(versions__power_type="license")
    number = catalog.report_receive(item_code=item.code, text="电话打不通", now=county.now)
    assert number.startswith("JC20261102-")
    report = item.error_reports.get()
    assert report.due_on == date(2026, 11, 23)
    catalog.report_answer(
        actor=county.actor("publisher"), report_id=report.pk, answer="已更正", now=county.later(days=3)
    )
    with pytest.raises(WrongState):
        catalog.report_answer(actor=county.actor("publisher"), report_id=report.pk, answer="又一次", now=county.now)


def test_a_report_on_what_is_not_public_finds_nothing(county):
    county.draft()
    code = PowerItem.objects.first().code
    with pytest.raises(NotFound):
        catalog.report_receive(item_code=code, text="有错", now=datetime(2026, 11, 2, tzinfo=UTC))
