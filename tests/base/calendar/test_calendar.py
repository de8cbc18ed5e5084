"""Deadlines rest on published schedules; what rests on weekends alone says so."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from quanze.base.audit import public as audit
from quanze.base.audit.models import FactRecord
from quanze.base.calendar import public as calendar
from quanze.base.calendar.models import CalendarYear
from quanze.base.calendar.shipped import shipped_years
from quanze.core.actor import EVERYTHING, Actor
from quanze.core.errors import InvalidInput

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
CLERK = Actor(7, "王芳", 3, "编办", scope=EVERYTHING)


@pytest.mark.req("J-46")
@pytest.mark.parametrize(
    ("start", "workdays", "expected"),
    [
        (date(2024, 9, 27), 15, date(2024, 10, 23)),
        (date(2026, 5, 1), 15, date(2026, 5, 25)),
        (date(2026, 9, 18), 1, date(2026, 9, 20)),  # a Sunday that was made a working day
        (date(2026, 2, 13), 2, date(2026, 2, 24)),  # over the Spring Festival: Saturday 14 counts, then nine days off
    ],
)
def test_working_days_follow_the_published_schedule(start, workdays, expected):
    assert calendar.due(start, workdays) == calendar.DueDate(expected, projected=False)


def test_a_deadline_in_a_year_without_schedule_is_marked_projected():
    assert calendar.due(date(2026, 12, 21), 9) == calendar.DueDate(date(2027, 1, 1), projected=True)
    assert calendar.due(date(2026, 12, 21), 8) == calendar.DueDate(date(2026, 12, 31), projected=False)


def test_publication_recomputes_and_ends_the_projection():
    before = calendar.calendar_token()
    calendar.calendar_import(
        actor=CLERK,
        year=2027,
        status="published",
        source="关于2027年部分节假日安排的通知（测试）",
        days=[calendar.DayEntry(date(2027, 1, 1), True, "元旦")],
        now=NOW,
    )

    assert calendar.due(date(2026, 12, 21), 9) == calendar.DueDate(date(2027, 1, 4), projected=False)
    assert calendar.calendar_token() != before
    fact = audit.history_of("calendar_year", 2027, scope=EVERYTHING)[-1]
    assert (fact.actor_name, fact.before, fact.after["status"]) == ("王芳", None, "published")
    assert fact.after["days"] == [["2027-01-01", True, "元旦"]]


def test_a_registered_year_replaces_the_shipped_one_as_a_whole():
    calendar.calendar_import(
        actor=CLERK,
        year=2026,
        status="published",
        source="更正通知（测试）",
        days=[calendar.DayEntry(date(2026, 1, 1), True, "元旦")],
        now=NOW,
    )

    assert calendar.due(date(2026, 1, 1), 1).on == date(2026, 1, 2)
    assert calendar.due(date(2026, 10, 1), 1).on == date(2026, 10, 2)
    assert calendar.due(date(2025, 10, 1), 1).on == date(2025, 10, 9)
    assert next(view for view in calendar.calendar_years() if view.year == 2026).days_off == 1


def test_the_shipped_years_say_the_same_as_the_public_data_set(shared_data):
    for shipped in shipped_years():
        content = json.loads((shared_data / "calendar" / f"{shipped.year}.json").read_text(encoding="utf-8"))
        expected = {(day["date"], day["isOffDay"]) for day in content["days"]}
        assert {(day.date.isoformat(), day.is_off) for day in shipped.days} == expected
        assert shipped.status == ("published" if expected else "projected")
    assert [shipped.year for shipped in shipped_years()] == [2024, 2025, 2026, 2027]


def test_years_are_shown_newest_first_with_their_counts():
    newest, latest_published = calendar.calendar_years()[:2]

    assert (newest.year, newest.status_label, newest.days_off) == (2027, "尚未公布（按周末推算）", 0)
    assert (latest_published.year, latest_published.days_off, latest_published.makeup_days) == (2026, 33, 6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source": " "}, "须写明依据"),
        ({"days": []}, "没有一个放假日"),
        ({"status": "projected"}, "不能登记具体日期"),
        ({"status": "guess"}, "不认识"),
        ({"year": 1999}, "不在 2000–2100 之间"),
        ({"days": [calendar.DayEntry(date(2025, 10, 1), True, "国庆节")]}, "不属于 2027 年"),
        ({"days": [calendar.DayEntry(date(2027, 1, 1), True, "元旦")] * 2}, "出现两次"),
    ],
)
def test_an_unsound_schedule_is_refused_and_nothing_changes(change, message):
    sound = {
        "year": 2027,
        "status": "published",
        "source": "通知",
        "days": [calendar.DayEntry(date(2027, 1, 1), True, "元旦")],
    }
    with pytest.raises(InvalidInput, match=message):
        calendar.calendar_import(actor=CLERK, now=NOW, **(sound | change))

    assert CalendarYear.objects.count() == 0
    assert FactRecord.objects.count() == 0


JSON_FILE = json.dumps(
    {"year": 2027, "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": True}]}, ensure_ascii=False
).encode()
CSV_FILE = "2027年放假安排,,\n日期,节日,类型\n2027-01-01,元旦,放假\n2027年1月3日,元旦,上班\n".encode()


@pytest.mark.parametrize(
    ("data", "name", "count", "due"),
    [(JSON_FILE, "2027.json", 1, date(2027, 1, 4)), (CSV_FILE, "2027.csv", 2, date(2027, 1, 3))],
)
def test_a_schedule_comes_from_a_file(data, name, count, due):
    assert calendar.calendar_import_file(actor=CLERK, year=2027, source="通知", data=data, name=name, now=NOW) == count
    assert calendar.due(date(2026, 12, 31), 1) == calendar.DueDate(due, projected=False)


@pytest.mark.parametrize(
    ("data", "name", "place"),
    [
        ("日期,名称,类型\n2027-01-01,元旦,放假\n2027-13-01,元旦,放假\n".encode(), "a.csv", "第 3 行第 1 列"),
        ("日期,名称,类型\n2027-01-01,元旦,也许\n".encode(), "a.csv", "第 2 行第 3 列"),
        ("日期,名称,类型\n2027-01-01,,放假\n".encode(), "a.csv", "第 2 行第 2 列"),
        ("甲,乙\n1,2\n".encode(), "a.csv", "没有找到表头"),
        (b'{"days": [{"date": "2027-01-01", "name": "x"}]}', "a.json", "第 1 行"),
        (b'{"year": 2027}', "a.json", "不是放假安排的 JSON"),
        (b'{"days": 5}', "a.json", "days 不是列表"),
    ],
)
def test_an_unreadable_file_says_where_and_changes_nothing(data, name, place):
    with pytest.raises(InvalidInput) as refusal:
        calendar.calendar_import_file(actor=CLERK, year=2027, source="通知", data=data, name=name, now=NOW)

    assert place in str(refusal.value)
    assert name in str(refusal.value)
    assert refusal.value.hint
    assert CalendarYear.objects.count() == 0


def test_reading_the_calendar_again_costs_one_query(django_assert_num_queries):
    calendar.work_calendar()

    with django_assert_num_queries(1):
        calendar.due(date(2026, 5, 1), 15)
