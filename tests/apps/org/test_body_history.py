"""机构沿革：更名、改变种类、调整隶属自哪天起、何时记录都留存；任何一天的样子、按任何一天所知都答得出。"""

import html
import json
from datetime import date, datetime, timedelta
from importlib import import_module
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.utils import timezone

from quanze.apps.org import public as org
from quanze.apps.org.domain.body_history import Statement, state_on, told
from quanze.apps.org.models import Body, BodyChange, BodyParent
from quanze.base.audit.models import FactRecord
from quanze.core.actor import SYSTEM
from quanze.core.errors import InvalidInput

SHANGHAI = ZoneInfo("Asia/Shanghai")
OLD, NEW = "青禾县农业农村局", "青禾县农业农村和水利局"


def text(response) -> str:
    return html.unescape(response.content.decode())


def moment(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)


def said(number: int, on: date, recorded: datetime | None, **values) -> Statement:
    return Statement(number, on, recorded, values)


FOUNDED = said(1, date(2019, 3, 1), None, name="农业局", kind="government", valid_to=None)
RENAMED = said(2, date(2024, 5, 1), moment(2024, 6, 10, 9), name="农业农村局")


def test_a_day_shows_what_was_last_said_to_hold_from_then():
    def name(on):
        return state_on([RENAMED, FOUNDED], on=on)["name"]

    assert [name(date(2024, 4, 30)), name(date(2024, 5, 1)), name(date(2026, 1, 1))] == [
        "农业局", "农业农村局", "农业农村局",
    ]  # fmt: skip
    assert name(date(2010, 1, 1)) == "农业局"


def test_what_was_recorded_later_was_not_known():
    rows = [FOUNDED, RENAMED]
    assert state_on(rows, on=date(2024, 6, 1), known=moment(2024, 6, 10, 8))["name"] == "农业局"
    assert state_on(rows, on=date(2024, 6, 1), known=moment(2024, 6, 10, 9))["name"] == "农业农村局"
    assert state_on([RENAMED], on=date(2024, 6, 1), known=moment(2024, 6, 10, 8)) is None


def test_of_two_statements_of_one_day_the_later_recorded_one_counts():
    slip = said(3, date(2024, 5, 1), moment(2024, 7, 1), name="农业农村和水务局")
    assert state_on([slip, FOUNDED, RENAMED], on=date(2024, 5, 1))["name"] == "农业农村和水务局"
    assert [piece.before for _, pieces in told([slip, FOUNDED, RENAMED]) for piece in pieces if piece.key == "name"] == [
        None, "农业局", "农业农村局",
    ]  # fmt: skip


def test_the_end_is_what_was_said_last_whatever_the_day_asked():
    ends = said(4, date(2025, 1, 1), moment(2025, 1, 1), valid_to="2025-07-01")
    stays = said(5, date(2025, 3, 1), moment(2025, 3, 1), valid_to=None)
    assert state_on([FOUNDED, ends], on=date(2020, 1, 1))["valid_to"] == "2025-07-01"
    assert state_on([FOUNDED, ends, stays], on=date(2020, 1, 1))["valid_to"] is None
    assert state_on([FOUNDED, ends, stays], on=date(2020, 1, 1), known=moment(2025, 2, 1))["valid_to"] == "2025-07-01"


@pytest.fixture
def rename(county):
    """农业农村局改名，九月一日起，十一月十二日才记录。"""

    def change(*, on=date(2026, 9, 1), name=NEW, now=None, **more) -> int:
        body = Body.objects.get(pk=county.bodies["QH-NY"])
        given = {"short_name": body.short_name, "document_mark": body.document_mark} | more
        org.body_change(
            actor=SYSTEM, body_id=body.pk, seen_version=body.lock_version, name=name, on=on,
            reason="县委编委〔2026〕5号", now=now or county.later(days=10), **given,
        )  # fmt: skip
        return body.pk

    return change


@pytest.mark.django_db
@pytest.mark.postgres
def test_a_rename_holds_from_its_day_and_the_old_name_stays(county, rename):
    body_id = rename()
    names = org.body_names_on(body_id, [date(2026, 8, 31), date(2026, 9, 1)])
    assert list(names.values()) == [OLD, NEW]
    assert org.body_name_on(body_id, on=date(2026, 9, 2), known=county.later(days=9)) == OLD
    assert org.body_name_on(body_id, on=date(2026, 9, 2), known=county.later(days=10)) == NEW
    row = BodyChange.objects.filter(body_id=body_id).latest("id")
    assert (row.valid_from, row.values, row.reason) == (date(2026, 9, 1), {"name": NEW}, "县委编委〔2026〕5号")
    fact = FactRecord.objects.filter(action="org.body.changed").latest("id")
    before, after = json.loads(fact.before), json.loads(fact.after)
    assert (before["name"], after["name"], after["from"]) == (OLD, NEW, "2026-09-01")


@pytest.mark.django_db
def test_kind_and_region_change_with_their_day(county, rename):
    body_id = rename(name=OLD, kind="affiliated", region_code="990101", on=date(2026, 10, 1))
    before, after = (org.bodies_on([body_id], on=day)[body_id] for day in (date(2026, 9, 30), date(2026, 10, 1)))
    assert (before.kind, before.region_name, after.kind, after.region_name) == (
        "government", "青禾县", "affiliated", "禾溪镇",
    )  # fmt: skip
    assert Body.objects.get(pk=body_id).kind == "affiliated"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2000, 1, 1), "早于机构设立日期"),
        (date(2026, 11, 20), "不能晚于今天"),
        (date(2026, 8, 31), "机构名称自 2026-09-01 起已有变更"),
    ],
)
def test_a_day_that_would_be_overruled_or_lies_ahead_is_refused_and_nothing_is_written(county, rename, day, words):
    body_id = rename()
    count = BodyChange.objects.filter(body_id=body_id).count()
    with pytest.raises(InvalidInput) as refused:
        rename(on=day, name="另一名称")
    assert words in str(refused.value)
    assert (refused.value.code, refused.value.place.field) == ("body_change_day", "on")
    assert Body.objects.get(pk=body_id).name == NEW
    assert BodyChange.objects.filter(body_id=body_id).count() == count


@pytest.mark.django_db
def test_a_slip_is_corrected_on_the_day_it_was_said_for(county, rename):
    rename(name="青禾县农业农村和水力局")
    body_id = rename(now=county.later(days=11))
    assert org.body_name_on(body_id, on=date(2026, 9, 1)) == NEW
    assert org.body_name_on(body_id, on=date(2026, 9, 1), known=county.later(days=10)) == "青禾县农业农村和水力局"


@pytest.mark.django_db
def test_a_new_parent_is_part_of_the_history(county, client_of):
    body_id, parent = county.bodies["QH-HX"], county.bodies["QH-SF"]
    edges = BodyParent.objects.filter(body_id=body_id).count()
    org.body_move(
        actor=SYSTEM, body_id=body_id, seen_version=1, parent_id=parent, on=date(2026, 10, 1), reason="改革",
        now=county.now,
    )  # fmt: skip
    assert BodyParent.objects.filter(body_id=body_id).count() == edges + 1
    page = text(client_of("sysadmin").get(f"/staff/bodies/{body_id}/"))
    assert "上级机构：" in page and "青禾县司法局" in page


@pytest.mark.django_db
def test_a_body_nothing_was_written_about_begins_with_what_it_was_before_its_first_change(county, rename):
    BodyChange.objects.all().delete()
    body_id = rename()
    assert org.body_name_on(body_id, on=date(2026, 8, 1)) == OLD
    assert [row.recorded_at is None for row in BodyChange.objects.filter(body_id=body_id)] == [True, False]


@pytest.mark.django_db
def test_the_page_answers_for_a_day_and_for_what_was_known(county, rename, client_of):
    body_id = rename()
    client, address = client_of("sysadmin"), f"/staff/bodies/{body_id}/"
    today, then = text(client.get(address)), text(client.get(address, {"on": "2026-08-01"}))
    unknown = text(client.get(address, {"on": "2026-09-02", "known": "2026-11-11"}))
    nothing = text(client.get(address, {"known": "2026-10-01"}))
    assert f"机构名称：{OLD} → {NEW}" in today and "县委编委〔2026〕5号" in today
    assert f"现名{NEW}" in then and f"现名{NEW}" in unknown
    assert "系统里还没有这个机构的记录" in nothing


@pytest.mark.django_db
def test_the_form_changes_name_from_a_day(county, client_of):
    body = Body.objects.get(pk=county.bodies["QH-NY"])
    yesterday = timezone.localdate() - timedelta(days=1)
    given = {"name": NEW, "short_name": "县农水局", "kind": "government", "region": "990100", "seen_version": 1}
    client = client_of("sysadmin")
    late = client.post(f"/staff/bodies/{body.pk}/change/", given | {"on": (yesterday + timedelta(days=2)).isoformat()})
    assert late.status_code == 422 and "不能晚于今天" in text(late)
    made = client.post(f"/staff/bodies/{body.pk}/change/", given | {"on": yesterday.isoformat()})
    assert made.status_code == 303
    assert org.body_names_on(body.pk, [yesterday - timedelta(days=1), yesterday]) == {
        yesterday - timedelta(days=1): OLD, yesterday: NEW,
    }  # fmt: skip


@pytest.mark.django_db
def test_lists_editions_and_the_public_site_show_the_name_of_the_day_asked(county, rename, client, client_of):
    county.publish()
    day = county.today
    rename(on=day + timedelta(days=5), now=county.later(days=10))
    list_id = county.power_list()
    desk = client_of("drafter")
    asked = {"on": (day + timedelta(days=1)).isoformat()}
    assert OLD in text(desk.get(f"/lists/{list_id}/in-force/", asked))
    assert NEW in text(desk.get(f"/lists/{list_id}/in-force/"))
    assert f"时名{OLD}" in text(desk.get(f"/lists/{list_id}/editions/"))
    body = text(client.get("/public/bodies/QH-NY/", asked))
    assert OLD in body and NEW not in body
    assert NEW in text(client.get("/public/bodies/QH-NY/"))
    assert client.get("/public/bodies/QH-NY/list.json", asked).json()["body"]["name"] == OLD


@pytest.mark.django_db
def test_many_bodies_of_a_day_are_three_queries(county, rename, django_assert_num_queries):
    rename()
    with django_assert_num_queries(3):
        found = org.bodies_on(county.bodies.values(), on=date(2026, 8, 1))
    assert len(found) == len(county.bodies)


@pytest.mark.django_db
def test_bodies_from_before_begin_as_they_stood_with_their_parents_of_old(county):
    body_id, parent = county.bodies["QH-HX"], county.bodies["QH-SF"]
    first = BodyParent.objects.get(body_id=body_id)
    org.body_move(
        actor=SYSTEM, body_id=body_id, seen_version=1, parent_id=parent, on=date(2026, 10, 1), reason="改革",
        now=county.now,
    )  # fmt: skip
    BodyChange.objects.all().delete()
    import_module("quanze.apps.org.migrations.0010_bodies_as_they_stood").begin(apps, None)
    rows = BodyChange.objects.filter(body_id=body_id).order_by("valid_from")
    assert [(row.valid_from, row.values["parent_id"], row.recorded_at) for row in rows] == [
        (first.valid_from, first.parent_id, None), (date(2026, 10, 1), parent, None),
    ]  # fmt: skip
    assert BodyChange.objects.values("body_id").distinct().count() == len(county.bodies)
