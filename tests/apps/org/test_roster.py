"""值班：此刻谁值班；一班一班地排，或以一张表载入；换班、撤销各有理由与记录；外单位的看不到也改不动。"""

import io
import json
from datetime import UTC, date, datetime, timedelta

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from quanze.apps.org import public as org
from quanze.apps.org.domain.roster import SHIFTS, parse_shifts, shift_named
from quanze.apps.org.models import RosterTurn
from quanze.apps.org.selectors.roster import turn
from quanze.apps.org.selectors.roster_workbook import roster_template
from quanze.base.audit.models import FactRecord
from quanze.base.notices.models import Notice
from quanze.base.sheets.reading import read_workbook
from quanze.core.actor import EVERYTHING, NOTHING
from quanze.core.errors import Conflict, InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState

pytestmark = pytest.mark.postgres
SATURDAY = date(2026, 11, 7)


def plan(county, by="head", who="drafter", on=SATURDAY, shift="all_day", part="member", **more) -> int:
    return org.turn_plan(
        actor=county.actor(by), on=on, shift=shift, part=part, user_id=county.users[who], now=county.now, **more
    )


def sheet(*rows, header=("日期", "班次", "带班领导", "值班人员", "备注")) -> bytes:
    """机关填的值班表：标题合并在第一行，表头在第二行。"""
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as workbook:
        page = workbook.add_worksheet("值班表")
        page.merge_range(0, 0, 0, len(header) - 1, "青禾县农业农村局 11 月值班表")
        for number, row in enumerate((header, *rows), start=1):
            page.write_row(number, 0, row)
    return book.getvalue()


def load(county, *rows, by="head", **more):
    return org.roster_load(actor=county.actor(by), data=sheet(*rows, **more), name="十一月.xlsx", now=county.now)


def name_of(county, login: str) -> str:
    return county.actor(login).name


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """北京时间 2026 年 11 月某日某时。"""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def test_a_shift_begins_and_ends_by_the_local_clock_and_may_reach_into_the_next_day():
    assert SHIFTS["day"].span(SATURDAY) == (at(7, 8, 30), at(7, 17, 30))
    assert SHIFTS["night"].span(SATURDAY) == (at(7, 17, 30), at(8, 8, 30))
    assert SHIFTS["all_day"].span(SATURDAY) == (at(7, 8, 30), at(8, 8, 30))
    assert [one and one.code for one in map(shift_named, ("", "晚 班", "白天", "周末"))] == [
        "all_day",
        "night",
        "day",
        None,
    ]


def test_a_pack_with_a_shift_twice_or_an_unknown_default_is_refused():
    row = {"code": "day", "label": "白班", "starts": "08:00", "ends": "17:00"}
    with pytest.raises(ValueError, match="重复"):
        parse_shifts({"default": "day", "shifts": [row, row]})
    with pytest.raises(ValueError, match="默认班次"):
        parse_shifts({"default": "night", "shifts": [row]})


def test_who_is_on_duty_at_19_40_and_at_the_seams(staff, county):
    # given the leader of the whole day, and one colleague by day and another by night
    plan(county, who="head", part="leader")
    plan(county, who="drafter", shift="day")
    plan(county, who="legal", shift="night")

    def names(moment):
        return [(one.part_label, one.full_name) for one in org.on_duty(scope=EVERYTHING, at=moment)]

    head, drafter, legal = (name_of(county, login) for login in ("head", "drafter", "legal"))
    assert names(at(7, 8, 29)) == []
    assert names(at(7, 8, 30)) == [("带班", head), ("值班", drafter)]
    assert names(at(7, 17, 30)) == [("带班", head), ("值班", legal)]
    assert names(at(7, 19, 40)) == [("带班", head), ("值班", legal)]
    assert names(at(8, 8, 30)) == []


def test_a_foreign_body_sees_nothing_and_a_switched_off_account_answers_nobody(staff, county):
    plan(county)
    moment = at(7, 12)
    assert len(org.on_duty(scope=county.actor("head").scope, at=moment)) == 1
    assert org.on_duty(scope=county.actor("forestry").scope, at=moment) == []
    assert org.on_duty(scope=NOTHING, at=moment) == []
    assert org.on_duty(scope=EVERYTHING, at=moment, body_ids=[county.bodies["QH-LY"]]) == []
    with transaction.atomic():
        county.actor("drafter")
        type(RosterTurn.objects.get().user).objects.filter(pk=county.users["drafter"]).update(is_active=False)
    assert org.on_duty(scope=EVERYTHING, at=moment) == []


@pytest.mark.req("T-75")
def test_a_turn_is_planned_changed_and_cancelled_on_record(staff, county):
    facts = FactRecord.objects.count()
    turn_id = plan(county)
    org.turn_change(
        actor=county.actor("head"), turn_id=turn_id, seen_version=1, user_id=county.users["legal"], reason="外出培训",
        now=county.now,
    )  # fmt: skip
    org.turn_cancel(actor=county.actor("head"), turn_id=turn_id, seen_version=2, reason="假期调整", now=county.now)

    rows = list(FactRecord.objects.order_by("id")[facts:])
    assert [(row.action, row.reason) for row in rows] == [
        ("org.roster.turn_planned", ""),
        ("org.roster.turn_changed", "外出培训"),
        ("org.roster.turn_cancelled", "假期调整"),
    ]
    assert json.loads(rows[1].before)["person"] == name_of(county, "drafter")
    assert json.loads(rows[1].after)["person"] == name_of(county, "legal")
    assert {row.body_id for row in rows} == {county.bodies["QH-NY"]}
    logins = {user_id: login for login, user_id in county.users.items()}
    told = Notice.objects.filter(link="/staff/roster/").values_list("to_user_id", "text")
    assert sorted((logins[user_id], words) for user_id, words in told) == [
        ("drafter", "值班已排：2026-11-07 全天"),
        ("drafter", "值班改由他人值：2026-11-07 全天"),
        ("legal", "值班已撤销：2026-11-07 全天"),
        ("legal", "值班改由您值：2026-11-07 全天"),
    ]
    assert org.on_duty(scope=EVERYTHING, at=at(7, 12)) == []


@pytest.mark.parametrize(
    ("wanted", "error", "code"),
    [
        ({"by": "drafter"}, NotPermitted, "not_permitted"),
        ({"by": "sysadmin"}, NotPermitted, "not_permitted"),
        ({"who": "forestry"}, InvalidInput, "roster_person"),
        ({"on": date(2026, 11, 1)}, InvalidInput, "roster_past"),
        ({"shift": "dawn"}, InvalidInput, "shift_unknown"),
        ({"division_id": 987654}, NotFound, "not_found"),
    ],
)
def test_what_is_refused_leaves_no_turn_and_no_fact(staff, county, wanted, error, code):
    facts = FactRecord.objects.count()
    with pytest.raises(error) as refused:
        plan(county, **wanted)
    assert refused.value.code == code
    assert (RosterTurn.objects.count(), FactRecord.objects.count()) == (0, facts)


def test_a_change_needs_the_seen_version_a_reason_and_a_turn_that_has_not_ended(staff, county):
    turn_id = plan(county)
    given = {"actor": county.actor("head"), "turn_id": turn_id, "now": county.now}
    with pytest.raises(Conflict):
        org.turn_cancel(seen_version=9, reason="理由", **given)
    with pytest.raises(RulesNotMet):
        org.turn_cancel(seen_version=1, reason=" ", **given)
    with pytest.raises(WrongState):
        plan(county)  # the same person in the same shift
    with pytest.raises(WrongState) as ended:
        org.turn_cancel(seen_version=1, reason="理由", **{**given, "now": at(8, 9)})
    assert ended.value.code == "roster_past"
    with pytest.raises(NotFound):
        org.turn_cancel(seen_version=1, reason="理由", **{**given, "actor": county.actor("forestry")})
    assert RosterTurn.objects.get().state == "planned"


def test_the_database_keeps_one_person_once_in_a_shift_and_time_forward(staff, county):
    turn_id = plan(county)
    row = RosterTurn.objects.get(pk=turn_id)
    with pytest.raises(IntegrityError), transaction.atomic():
        RosterTurn.objects.filter(pk=turn_id).update(ends_at=row.starts_at)
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.req("T-75")
def test_a_sheet_says_all_for_the_days_it_names_and_is_one_row_of_the_record(staff, county):
    # given a turn on a day that the sheet names, and one on a day that it does not
    plan(county, who="legal")
    plan(county, who="legal", on=date(2026, 11, 30))
    head, drafter, drafter2 = (name_of(county, login) for login in ("head", "drafter", "drafter2"))
    facts = FactRecord.objects.count()

    # when the office's sheet is loaded: two people in a cell, dates as they are written, a day already past
    rows = [
        ("2026年11月1日", "", head, drafter, ""),
        ("2026-11-07", "白班", head, f"{drafter}、{drafter2}", "0510-0000000"),
        ("2026/11/8", "夜班", "", "drafter2", ""),
    ]
    done = load(county, *rows)

    # then the days of the sheet are as it says, the other one stays
    assert (done.planned, done.cancelled, done.unchanged) == (4, 1, 0)
    assert "有 1 行日期已过，照旧不动" in done.notes
    planned = RosterTurn.objects.filter(state="planned").values_list("on_date", "shift", "part", "user__username")
    assert sorted((str(on), *rest) for on, *rest in planned) == [
        ("2026-11-07", "day", "leader", "head"),
        ("2026-11-07", "day", "member", "drafter"),
        ("2026-11-07", "day", "member", "drafter2"),
        ("2026-11-08", "night", "member", "drafter2"),
        ("2026-11-30", "all_day", "member", "legal"),
    ]
    (fact,) = FactRecord.objects.order_by("id")[facts:]
    assert (fact.action, fact.subject_label) == ("org.roster.loaded", f"{county.actor('head').body_name}值班表")
    assert len(json.loads(fact.after)["planned"]) == 4

    # and the same sheet once more changes nothing
    again = load(county, *rows)
    assert (again.planned, again.cancelled, again.unchanged) == (0, 0, 4)


@pytest.mark.parametrize(
    ("row", "code", "place"),
    [
        (("下周六", "", "", "{drafter}", ""), "date_unreadable", (3, "日期")),
        (("2026-11-07", "凌晨", "", "{drafter}", ""), "shift_unknown", (3, "班次")),
        (("2026-11-07", "", "没有此人", "{drafter}", ""), "person_unknown", (3, "带班领导")),
        (("2026-11-07", "", "", "{forestry}", ""), "person_unknown", (3, "值班人员")),
        (("2026-11-07", "", "", "", ""), "cell_missing", (3, "值班人员")),
    ],
)
def test_one_defect_and_nothing_is_written(staff, county, row, code, place):
    names = {login: name_of(county, login) for login in ("drafter", "forestry")}
    facts = FactRecord.objects.count()
    with pytest.raises(RulesNotMet) as refused:
        load(county, ("2026-11-09", "", "", names["drafter"], ""), tuple(text.format(**names) for text in row)[:5])
    # the first row is right, the second is not: row 3 is the good one, row 4 the bad one
    assert [(one.code, one.place.row, one.place.field) for one in refused.value.defects] == [
        (code, place[0] + 1, place[1])
    ]
    assert (RosterTurn.objects.count(), FactRecord.objects.count()) == (0, facts)


def test_two_colleagues_of_one_name_are_told_apart_by_login(staff, county):
    staff.person("zhangwei1", "张伟")
    staff.person("zhangwei2", "张伟")
    with pytest.raises(RulesNotMet) as refused:
        load(county, ("2026-11-07", "", "", "张伟", ""))
    assert [one.code for one in refused.value.defects] == ["person_ambiguous"]
    assert load(county, ("2026-11-07", "", "", "zhangwei2", "")).planned == 1


def test_the_blank_sheet_is_read_back_with_nothing_to_load(staff, county):
    book = read_workbook(roster_template(), name="空白.xlsx")
    assert "值班表" in [one.name for one in book.sheets]
    with pytest.raises(RulesNotMet) as refused:
        org.roster_load(actor=county.actor("head"), data=roster_template(), name="空白.xlsx", now=county.now)
    assert [one.code for one in refused.value.defects] == ["rows_none"]


def test_the_page_tells_who_answers_now_and_hides_what_is_foreign(staff, county, client_of, monkeypatch):
    turn_id = plan(county, on=county.today)
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2, 12))
    own, foreign = client_of("head"), client_of("forestry")
    page = own.get("/staff/roster/").content.decode()
    assert "此刻值班" in page and name_of(county, "drafter") in page and "排一班" in page
    assert name_of(county, "drafter") not in foreign.get("/staff/roster/").content.decode()
    absent, theirs = foreign.get("/staff/roster/turns/987654/"), foreign.get(f"/staff/roster/turns/{turn_id}/")
    assert absent.status_code == theirs.status_code == 404
    with pytest.raises(NotFound):
        turn(scope=county.actor("forestry").scope, turn_id=turn_id)
    assert foreign.post(f"/staff/roster/turns/{turn_id}/swap/").status_code == 404
    refused = foreign.post(f"/staff/roster/turns/{turn_id}/cancel/", {"reason": "试", "seen_version": 1})
    assert refused.status_code == 404
    assert own.post(f"/staff/roster/turns/{turn_id}/cancel/", {"reason": "试"}).status_code == 428


def test_the_forms_plan_load_swap_and_cancel(staff, county, client_of, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2, 12))
    client = client_of("head")
    asked = {"on": "2026-11-07", "shift": "day", "part": "member", "user": county.users["drafter"]}
    assert client.post("/staff/roster/turns/create/", asked)["Location"] == "/staff/roster/"
    again = client.post("/staff/roster/turns/create/", asked)
    assert again.status_code == 409
    row = RosterTurn.objects.get()
    swap = {"user": county.users["legal"], "reason": "请假", "seen_version": row.lock_version}
    assert client.post(f"/staff/roster/turns/{row.pk}/swap/", swap)["Location"] == "/staff/roster/"
    data = sheet(("2026-11-08", "", name_of(county, "head"), "没有此人", ""))
    answer = client.post("/staff/roster/load/", {"file": SimpleUploadedFile("表.xlsx", data)})
    assert answer.status_code == 422 and "本机构没有在任的“没有此人”" in answer.content.decode()
    data = sheet(("2026-11-08", "", name_of(county, "head"), name_of(county, "drafter"), ""))
    assert client.post("/staff/roster/load/", {"file": SimpleUploadedFile("表.xlsx", data)}).status_code == 303
    assert RosterTurn.objects.filter(state="planned").count() == 3
    assert client.get("/staff/roster/blank/")["Content-Type"].startswith("application/vnd.openxml")
