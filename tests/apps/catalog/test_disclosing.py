"""公开渠道：印发之后逐渠道限期公开，凭据齐全才算，新版代替旧版，手册逐处登记。"""

import io
from datetime import date

import pytest
from PIL import Image

from quanze.apps.catalog import public as catalog
from quanze.apps.catalog.domain.channels import coverage, parse_channels, parse_deliveries
from quanze.apps.catalog.models import DisclosureTask, HandbookDelivery
from quanze.apps.catalog.services import disclosing
from quanze.base.audit import public as audit
from quanze.core.errors import Conflict, InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState

pytestmark = [pytest.mark.django_db]
ON = date(2026, 11, 2)


@pytest.fixture
def published(county):
    county.publish()
    return county


def tasks(county, login="publisher"):
    edition = catalog.editions(county.power_list())[0]
    return {
        row.channel: row for row in catalog.disclosure_tasks(edition_id=edition.id, scope=county.actor(login).scope)
    }


def report(county, channel, login="publisher", **given):
    row = tasks(county)[channel]
    given = {"done_on": ON, "seen_version": row.lock_version, "now": county.now} | given
    disclosing.disclosure_report(actor=county.actor(login), task_id=row.id, **given)


def photo():
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), "#8899aa").save(stream, "PNG")
    stream.seek(0)
    return "公开栏.png", stream


@pytest.mark.req("H-22", "J-31")
@pytest.mark.postgres
def test_an_edition_opens_one_task_per_channel_of_its_kind_of_body(published):
    found = tasks(published)
    assert list(found) == ["site", "column", "wechat", "hall"]
    edition = catalog.editions(published.power_list())[0]
    assert {row.digest for row in found.values()} == {edition.digest}
    # The statutory site is done by itself; five working days after Monday 2 November end on the 9th, ten on the 16th.
    assert (found["site"].state, found["site"].done_on) == ("done", ON)
    assert (found["column"].due_on, found["hall"].due_on) == (date(2026, 11, 9), date(2026, 11, 16))


@pytest.mark.req("H-22")
def test_a_channel_counts_with_its_receipt_only(published):
    with pytest.raises(InvalidInput) as caught:
        report(published, "column")
    assert (caught.value.code, caught.value.place.field) == ("proof_missing", "url")
    with pytest.raises(InvalidInput):
        report(published, "column", url="nyj.example.invalid/qd")
    assert tasks(published)["column"].state == "pending"

    report(published, "column", url="https://nyj.example.invalid/qd")
    report(published, "hall", receipt=photo(), place="一楼大厅")

    found = tasks(published)
    assert (found["column"].state, found["column"].url) == ("done", "https://nyj.example.invalid/qd")
    assert found["hall"].receipt_file_id is not None
    row = catalog.channel_coverage(scope=published.actor("publisher").scope, today=ON)[0]
    assert (row.percent, row.late) == (75, 0)
    assert catalog.channel_coverage(scope=published.actor("publisher").scope, today=date(2026, 12, 1))[0].late == 1
    history = audit.history_of("catalog.disclosure_task", found["column"].id, scope=published.actor("publisher").scope)
    actions = [fact.action for fact in history]
    assert actions == ["catalog.disclosure.reported"]


def test_a_day_outside_of_issue_and_today_is_refused(published):
    for day in (date(2026, 11, 1), date(2026, 11, 3)):
        with pytest.raises(InvalidInput) as caught:
            report(published, "column", url="https://nyj.example.invalid/qd", done_on=day)
        assert caught.value.code == "done_on_out_of_range"


def test_only_the_body_itself_reports_and_a_stranger_finds_nothing(published):
    row = tasks(published)["column"]
    given = {"task_id": row.id, "seen_version": 1, "done_on": ON, "url": "https://a.invalid", "now": published.now}
    with pytest.raises(NotFound):
        disclosing.disclosure_report(actor=published.actor("forestry"), **given)
    with pytest.raises(NotPermitted):
        disclosing.disclosure_report(actor=published.actor("establishment"), **given)
    assert tasks(published)["column"].state == "pending"


def test_two_who_report_at_once_have_one_winner(published):
    report(published, "column", url="https://a.invalid", seen_version=1)
    with pytest.raises(Conflict):
        report(published, "column", url="https://b.invalid", seen_version=1)
    assert tasks(published)["column"].url == "https://a.invalid"


def test_a_channel_without_use_is_explained_and_not_counted_and_a_wrong_report_goes_back(published):
    actor = published.actor("publisher")
    wechat = tasks(published)["wechat"]
    with pytest.raises(RulesNotMet):
        disclosing.disclosure_excuse(actor=actor, task_id=wechat.id, seen_version=1, reason=" ", now=published.now)
    disclosing.disclosure_excuse(actor=actor, task_id=wechat.id, seen_version=1, reason="没有公众号", now=published.now)
    report(published, "column", url="https://a.invalid")
    assert catalog.channel_coverage(scope=actor.scope, today=ON)[0].percent == 66
    column = tasks(published)["column"]
    disclosing.disclosure_reopen(
        actor=actor, task_id=column.id, seen_version=column.lock_version, reason="网址贴错", now=published.now
    )
    assert (tasks(published)["column"].state, tasks(published)["column"].url) == ("pending", "")
    site = tasks(published)["site"]
    with pytest.raises(RulesNotMet):
        disclosing.disclosure_reopen(actor=actor, task_id=site.id, seen_version=1, reason="错", now=published.now)


@pytest.mark.req("J-32")
def test_a_new_edition_takes_the_place_of_what_was_open(published):
    old = {row.channel: row.id for row in tasks(published).values()}
    item = catalog.public_items(on=ON, list_id=published.power_list())[0]
    version_id = catalog.draft_start(actor=published.actor("drafter"), item_id=item.item_id, now=published.now)
    catalog.draft_save(
        actor=published.actor("drafter"),
        version_id=version_id,
        seen_version=1,
        content=published.content(item.name, hotline="0000-7654321"),
        change_note="电话改号",
        now=published.now,
    )
    catalog.correction_publish(
        actor=published.actor("publisher"),
        version_id=version_id,
        seen_version=2,
        document_number="青农发〔2026〕13号",
        issued_on="2026-11-02",
        reason="电话改号",
        now=published.now,
    )
    states = dict(DisclosureTask.objects.filter(id__in=old.values()).values_list("channel", "state"))
    assert states == {"site": "done", "column": "superseded", "wechat": "superseded", "hall": "superseded"}
    assert {row.state for row in tasks(published).values()} == {"done", "pending"}
    with pytest.raises(WrongState):
        disclosing.disclosure_report(
            actor=published.actor("publisher"),
            task_id=old["column"],
            seen_version=1,
            done_on=ON,
            url="https://a.invalid",
            now=published.now,
        )


@pytest.mark.req("H-38")
def test_a_handbook_is_delivered_line_by_line_or_not_at_all(published):
    edition = catalog.editions(published.power_list())[0]
    actor = published.actor("publisher")
    with pytest.raises(InvalidInput) as caught:
        catalog.handbook_deliver(
            actor=actor, edition_id=edition.id, text="河西村 20\n新民社区 若干", delivered_on=ON, now=published.now
        )
    assert (caught.value.code, caught.value.place.row) == ("delivery_invalid", 2)
    assert not HandbookDelivery.objects.exists()
    made = catalog.handbook_deliver(
        actor=actor, edition_id=edition.id, text="河西村 20\n\n新民社区，15份", delivered_on=ON, now=published.now
    )
    assert made == 2
    assert list(HandbookDelivery.objects.values_list("place", "copies")) == [("河西村", 20), ("新民社区", 15)]


@pytest.mark.parametrize(
    ("text", "code"),
    [("河西村", "delivery_invalid"), ("河西村 0", "delivery_invalid"), ("甲 1\n甲 2", "delivery_repeated")],
)
def test_a_line_that_does_not_say_how_many_is_named(text, code):
    with pytest.raises(InvalidInput) as caught:
        parse_deliveries(text)
    assert caught.value.code == code


def test_what_is_excused_or_superseded_does_not_count():
    assert coverage(["done", "pending", "excused", "superseded"]) == 50
    assert coverage(["excused"]) is None


@pytest.mark.parametrize(
    ("channels", "said"),
    [
        ([], "法定公开平台"),
        ([{"code": "a", "label": "甲", "workdays": 1, "proof": "seen", "is_statutory": True}], "不合规定"),
        ([{"code": "a", "label": "甲", "proof": "url", "is_statutory": True}], "缺少"),
    ],
)
def test_a_pack_with_a_fault_names_it(channels, said):
    with pytest.raises(InvalidInput, match=said):
        parse_channels({"channels": channels})
