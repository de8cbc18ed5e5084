"""报送行权数据：对照清单、恰好一次、逐行报告，什么都不丢。"""

from __future__ import annotations

import json
from collections import defaultdict
from csv import DictReader
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from quanze.apps.performance import public as performance
from quanze.apps.performance.models import QuarantinedEvent, QuarantinedFile, RunImport
from quanze.base.audit.models import FactRecord
from quanze.core.errors import Conflict, InvalidInput, NotFound, NotPermitted
from quanze.warehouse import public as warehouse
from quanze.warehouse.models import EventBatch, EventFile

from .conftest import HEADER, case_rows

PERMIT = "水产苗种生产许可证核发"
PENALTY = "对使用电鱼方法捕捞的处罚"
MARCH = datetime(2026, 3, 2, 1, tzinfo=UTC)


def send(published, path: Path, *, by: str = "drafter", **more):
    county = published.county
    return performance.events_import(actor=county.actor(by), path=path, now=county.now, **more)


@pytest.mark.req("W-46")
def test_a_file_is_taken_in_and_every_row_is_accounted_for(
    published, csv_file, django_capture_on_commit_callbacks
) -> None:
    # given two good cases, one with an unreadable time, one without a listed item, one of an unknown body
    permit = published.code(PERMIT)
    rows = [
        *case_rows("A", permit, MARCH),
        *case_rows("B", published.code(PENALTY), MARCH),
        ("C", permit, "QH-NY", "1", "受理", "三月初", "", ""),
        ("C", permit, "QH-NY", "2", "办结", MARCH.isoformat(), "", "办结"),
        *case_rows("D", "没有的事项", MARCH),
        *case_rows("E", permit, MARCH, body="没有的机构"),
    ]
    # when it is sent
    with django_capture_on_commit_callbacks(execute=True):
        report = send(published, csv_file(rows))
    # then each row is somewhere
    assert (report.rows_read, report.rows_accepted, report.rows_quarantined) == (10, 4, 4)
    assert (report.rows_rejected, report.rows_held_back, report.rows_duplicate) == (1, 1, 0)
    (problem,) = report.problems
    assert (problem["row"], problem["column"], problem["code"], problem["value"]) == (
        6,
        "发生时间",
        "bad_time",
        "三月初",
    )
    assert {(g.reason, g.item_code, g.body_code, g.month, g.rows, g.cases) for g in report.quarantine} == {
        ("unknown_item", "没有的事项", "QH-NY", "2026-03", 2, 1),
        ("unknown_body", permit, "没有的机构", "2026-03", 2, 1),
    }
    # and the figures are there, and the record tells of one import
    counts = warehouse.case_counts(by=("item_code", "month"), body_codes=["QH-NY"])
    assert {(c.item_code, c.month, c.cases, c.on_time) for c in counts} == {
        (permit, date(2026, 3, 1), 1, 1),
        (published.code(PENALTY), date(2026, 3, 1), 1, 1),
    }
    fact = FactRecord.objects.get(action="performance.events.imported")
    assert fact.after_data["rows_accepted"] == 4
    assert fact.body_id == published.county.bodies["QH-NY"]


def test_the_same_file_again_is_one_import_with_the_first_answer(published, csv_file) -> None:
    path = csv_file([*case_rows("A", published.code(PERMIT), MARCH), *case_rows("X", "没有的事项", MARCH)])
    first = send(published, path)
    before = (RunImport.objects.count(), EventFile.objects.count(), FactRecord.objects.count())
    again = send(published, path)
    assert again.is_replay
    assert (again.import_id, again.rows_accepted, again.quarantine) == (first.import_id, 2, first.quarantine)
    assert (RunImport.objects.count(), EventFile.objects.count(), FactRecord.objects.count()) == before
    assert QuarantinedEvent.objects.count() == 1


def test_a_longer_file_adds_only_what_is_new_and_quarantines_nothing_twice(published, csv_file) -> None:
    permit = published.code(PERMIT)
    rows = [*case_rows("A", permit, MARCH), *case_rows("X", "没有的事项", MARCH)]
    send(published, csv_file(rows))
    longer = [*rows, *case_rows("B", permit, MARCH), *case_rows("Y", "没有的事项", MARCH)]
    report = send(published, csv_file(longer, name="补.csv"))
    assert (report.rows_accepted, report.rows_duplicate, report.rows_quarantined) == (2, 4, 2)
    assert sum(QuarantinedEvent.objects.values_list("cases", flat=True)) == 2


def test_a_key_with_other_content_is_refused_and_nothing_changes(published, csv_file) -> None:
    permit = published.code(PERMIT)
    send(published, csv_file(case_rows("A", permit, MARCH)), idempotency_key="2026-03")
    with pytest.raises(Conflict) as caught:
        send(published, csv_file(case_rows("B", permit, MARCH), name="另.csv"), idempotency_key="2026-03")
    assert caught.value.code == "idempotency_mismatch"
    assert EventBatch.objects.count() == 1
    assert RunImport.objects.count() == 1


def test_a_step_told_differently_is_reported_and_the_stored_one_stays(published, csv_file) -> None:
    permit = published.code(PERMIT)
    send(published, csv_file(case_rows("A", permit, MARCH)))
    report = send(published, csv_file(case_rows("A", permit, MARCH, days=9), name="改.csv"))
    assert (report.rows_accepted, report.rows_duplicate, report.rows_conflicting) == (0, 1, 1)
    assert report.conflicts == ({"row": 3, "case_id": "A", "step_no": 2, "fields": ["occurred_at"]},)


def test_a_case_begun_after_its_item_ended_waits_while_an_open_one_may_be_finished(published, csv_file) -> None:
    # given a case begun in February, its item ended on 1 March
    permit = published.code(PERMIT)
    february = datetime(2026, 2, 20, 1, tzinfo=UTC)
    send(published, csv_file(case_rows("old", permit, february)[:1], name="二月.csv"))
    published.end(PERMIT, date(2026, 3, 1))
    # when March's file brings the end of that case and the start of another
    rows = [case_rows("old", permit, february, days=20)[1], *case_rows("late", permit, MARCH)]
    report = send(published, csv_file(rows, name="三月.csv"))
    # then the first is taken in, the second is 清单外行权（待核实）
    assert (report.rows_accepted, report.rows_quarantined) == (1, 2)
    assert [(g.reason, g.cases) for g in report.quarantine] == [("item_not_in_force", 1)]


def test_cases_from_before_the_first_list_are_taken_in_and_counted_apart(published, csv_file) -> None:
    # given two cases of 2022 and one of 2026, of an item listed since 2023
    early = datetime(2022, 5, 1, tzinfo=UTC)
    permit = published.code(PERMIT)
    rows = [*case_rows("A", permit, early), *case_rows("B", permit, early), *case_rows("C", permit, MARCH)]
    report = send(published, csv_file(rows))
    assert (report.rows_accepted, report.cases_before_list) == (6, 2)


def test_an_item_of_another_body_waits(published, csv_file) -> None:
    report = send(published, csv_file(case_rows("A", published.code(PERMIT), MARCH, body="QH-LY")), by="establishment")
    assert [(g.reason, g.body_code) for g in report.quarantine] == [("wrong_holder", "QH-LY")]


def test_data_of_a_foreign_body_are_refused_as_a_whole(published, csv_file) -> None:
    rows = [
        *case_rows("A", published.code(PERMIT), MARCH),
        *case_rows("B", published.code(PERMIT), MARCH, body="QH-LY"),
    ]
    with pytest.raises(NotPermitted, match="青禾县林业局"):
        send(published, csv_file(rows))
    assert EventBatch.objects.count() == 0
    assert not FactRecord.objects.filter(action="performance.events.imported").exists()


def test_only_those_whose_duty_it_is_may_send(published, csv_file) -> None:
    with pytest.raises(NotPermitted):
        send(published, csv_file(case_rows("A", published.code(PERMIT), MARCH)), by="legal")
    assert EventBatch.objects.count() == 0


def test_a_listed_item_releases_what_waited_for_it(published, csv_file, django_capture_on_commit_callbacks) -> None:
    from quanze.apps.catalog.models import PowerItem

    county = published.county
    rows = [*case_rows("A", "QH-NY-NEW", MARCH), *case_rows("B", "没有的事项", MARCH)]
    send(published, csv_file(rows))
    # given the item enters the list under that code
    item = PowerItem.objects.get(code=published.code(PERMIT))
    item.code = "QH-NY-NEW"
    item.save()
    # when the office has everything compared again
    with django_capture_on_commit_callbacks(execute=True):
        accepted = performance.quarantine_recheck(actor=county.actor("establishment"), now=county.now)
    # then its case is taken in and the other still waits
    assert accepted == 2
    verdicts = dict(QuarantinedEvent.objects.values_list("item_code", "verdict"))
    assert verdicts == {"QH-NY-NEW": "released", "没有的事项": "pending"}
    assert QuarantinedFile.objects.get().rows == 2
    assert [c.cases for c in warehouse.case_counts(item_codes=["QH-NY-NEW"])] == [1]
    assert performance.quarantine_recheck(actor=county.actor("establishment"), now=county.later(hours=1)) == 0


def test_verifying_needs_the_duty_a_reason_and_the_present_version(published, csv_file) -> None:
    county = published.county
    send(published, csv_file(case_rows("A", "没有的事项", MARCH)))
    group = QuarantinedEvent.objects.get()
    common = {"group_id": group.pk, "verdict": "confirmed", "now": county.now}
    with pytest.raises(NotPermitted):
        performance.quarantine_decide(actor=county.actor("drafter"), note="查无依据", seen_version=1, **common)
    with pytest.raises(Conflict):
        performance.quarantine_decide(actor=county.actor("establishment"), note="查无依据", seen_version=7, **common)
    performance.quarantine_decide(actor=county.actor("establishment"), note="查无依据", seen_version=1, **common)
    group.refresh_from_db()
    assert (group.verdict, group.decided_by_name) == ("confirmed", "编小安")
    assert FactRecord.objects.filter(action="performance.quarantine.decided").count() == 1


def test_a_preview_tells_the_same_and_writes_nothing(published, csv_file) -> None:
    county = published.county
    rows = [*case_rows("A", published.code(PERMIT), MARCH), *case_rows("B", "没有的事项", MARCH)]
    path = csv_file([(*r, "张三") for r in rows], header=(*HEADER, "申请人"))
    preview = performance.events_preview(actor=county.actor("drafter"), path=path, now=county.now)
    assert (preview.rows_read, preview.rows_usable, preview.cases, preview.rows_quarantined) == (4, 2, 1, 2)
    assert ("case_id", "办件编号", "办件编号") in preview.columns
    assert preview.unused_headers == ("申请人",)
    assert not preview.is_known
    assert EventBatch.objects.count() == RunImport.objects.count() == QuarantinedFile.objects.count() == 0


def test_a_mapping_that_needs_an_item_says_so(published, csv_file) -> None:
    with pytest.raises(InvalidInput) as caught:
        send(published, csv_file([]), mapping_code="receipt")
    assert caught.value.code == "constants_missing"
    with pytest.raises(NotFound, match="quanze-events"):
        send(published, csv_file([]), mapping_code="没有的")


def _receipt(shared_data: Path) -> tuple[Path, dict[str, list[dict[str, str]]]]:
    path = shared_data / "events" / "receipt.csv"
    cases: dict[str, list[dict[str, str]]] = defaultdict(list)
    with path.open(encoding="utf-8") as handle:
        for row in DictReader(handle):
            cases[row["case:concept:name"]].append(row)
    return path, cases


@pytest.mark.req("L-42")
def test_the_public_permit_log_arrives_whole(published, shared_data, django_capture_on_commit_callbacks) -> None:
    # given the real log of a municipality's permit procedure, read a second time by hand
    path, cases = _receipt(shared_data)
    constants = {"item_code": published.code(PERMIT), "body_code": "QH-NY"}
    with django_capture_on_commit_callbacks(execute=True):
        report = send(published, path, mapping_code="receipt", constants=constants)
    # then all cases and all events are there
    assert (report.rows_read, report.rows_accepted, report.cases) == (8577, 8577, 1434)
    assert (report.rows_rejected, report.rows_conflicting, report.rows_quarantined) == (0, 0, 0)
    (total,) = warehouse.case_counts(item_codes=[constants["item_code"]])
    closed = {c for c, rows in cases.items() if any(r["case:enddate"] for r in rows)}
    assert (total.cases, total.events, total.closed) == (1434, 8577, len(closed))

    def moment(text: str) -> datetime:
        return datetime.fromisoformat(text)

    # and durations, deadlines, steps and variants are those counted by hand
    spans = sorted(
        int((max(t) - min(t)) / timedelta(milliseconds=1))
        for t in ([moment(r["time:timestamp"]) for r in cases[c]] for c in closed)
    )
    (duration,) = warehouse.duration_summaries(item_codes=[constants["item_code"]])
    assert duration.cases == len(spans)
    assert duration.p50_ms == pytest.approx(spans[(len(spans) + 1) // 2 - 1], abs=1)
    late = sum(
        max(moment(r["time:timestamp"]) for r in cases[c]) > moment(cases[c][0]["case:deadline"]) for c in closed
    )
    assert (total.late, total.on_time) == (late, len(closed) - late)
    steps = defaultdict(int)
    paths = defaultdict(int)
    for rows in cases.values():
        ordered = sorted(rows, key=lambda r: moment(r["time:timestamp"]))
        paths[tuple(r["concept:name"] for r in ordered)] += 1
        for row in rows:
            steps[row["concept:name"]] += 1
    assert {s.step_code: s.events for s in warehouse.step_summaries()} == dict(steps)
    variants = warehouse.variant_summaries()
    assert variants[0].flow_variants == len(paths)
    assert [v.cases for v in variants] == sorted(paths.values(), reverse=True)[:20]
    assert all(paths[v.path] == v.cases for v in variants)
    # and sent again, nothing is added
    assert send(published, path, mapping_code="receipt", constants=constants).is_replay
    assert sum(f.rows for f in EventFile.objects.filter(status="active")) == 8577


def test_the_command_imports_reports_and_is_repeatable(published, csv_file, settings) -> None:
    from typer.testing import CliRunner

    from quanze.apps.performance.cli import app

    path = csv_file([*case_rows("A", published.code(PERMIT), MARCH), *case_rows("B", "没有的事项", MARCH)])
    runner = CliRunner()
    first = runner.invoke(app, ["import", str(path), "--json"])
    assert first.exit_code == 0, first.output
    assert json.loads(first.output)["rows_accepted"] == 2
    again = runner.invoke(app, ["import", str(path)])
    assert "此前已报送" in again.output
    assert "待核实：事项 没有的事项" in again.output
    missing = runner.invoke(app, ["import", str(path.with_name("没有.csv"))])
    assert isinstance(missing.exception, InvalidInput)
    assert missing.exception.code == "file_missing"
    preview = runner.invoke(app, ["import", str(path), "--dry-run"])
    assert "可入库 2 行（1 件）" in preview.output
    assert runner.invoke(app, ["status"]).output.startswith("事件 ")
    assert runner.invoke(app, ["mappings"]).output.startswith("quanze-events\t")
    assert RunImport.objects.count() == 1
