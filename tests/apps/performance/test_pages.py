"""运行数据页：图、表视图与下载一致；报送先预览再入库；看不见的与没有的回答相同。"""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from quanze.apps.performance import public as performance
from quanze.apps.performance.models import Explanation, MonthlyCount, QuarantinedEvent, RunImport
from quanze.apps.performance.selectors.runs import MonthClosing
from quanze.apps.performance.web.presenting import CHART_KEYS, months_covered, until_reported
from quanze.base.jobs import public as jobs
from quanze.base.jobs.models import Job
from quanze.warehouse.models import EventBatch

from .conftest import HEADER, case_rows

PERMIT = "水产苗种生产许可证核发"
SEEDS = "对销售不合格种子的处罚"
SPAN = "?span_from=2025-12-01&span_to=2026-11-30"


@pytest.fixture
def ran(published, csv_file, many_cases, django_capture_on_commit_callbacks):
    rows = [
        *many_cases(published.code(PERMIT), date(2025, 3, 1), 10),
        *many_cases(published.code(PERMIT), date(2026, 4, 1), 25),
        *many_cases(published.code("对使用电鱼方法捕捞的处罚"), date(2026, 5, 1), 3),
        *case_rows("X", "没有的事项", datetime(2026, 5, 1, tzinfo=UTC)),
    ]
    with django_capture_on_commit_callbacks(execute=True):
        performance.events_import(
            actor=published.county.actor("drafter"), path=csv_file(rows), now=published.county.now
        )
    return published


def body_of(published) -> int:
    return published.county.bodies["QH-NY"]


@pytest.mark.req("W-48")
def test_the_page_of_a_body_shows_five_charts_and_more_each_with_its_table(ran, client_of) -> None:
    page = client_of("drafter").get(reverse("performance:body", args=[body_of(ran)]) + SPAN)
    assert page.status_code == 200
    charts = {c.id: c for c in page.context["charts"]}
    assert set(charts) == set(CHART_KEYS)
    assert len(charts) >= 5
    text = page.content.decode()
    for chart in charts.values():
        assert not chart.is_empty, chart.id
        assert f'id="figure-{chart.id}"' in text
        assert f'data-chart="{chart.script_id}"' in text
    assert charts["year-on-year"].title == "办件同比增长 180.0%"
    assert charts["never-run"].title == "4 项现行事项中 2 项没有办件"


def test_the_on_time_rate_says_which_months_it_covers(ran, client_of) -> None:
    # given figures entered by hand for June, which know no deadline
    MonthlyCount.objects.create(
        body_id=body_of(ran),
        item_code=ran.code(PERMIT),
        month=date(2026, 6, 1),
        cases=9,
        entered_by_name="苗青",
        entered_at=ran.county.now,
        changed_at=ran.county.now,
    )
    page = client_of("drafter").get(reverse("performance:body", args=[body_of(ran)]) + SPAN)
    covered = "办结数只含有办件事件的 2 个月（2026年4月至2026年5月）"
    assert page.context["on_time_months"] == covered
    assert f"；{covered}。" in page.content.decode()
    assert {c.id: c.note for c in page.context["charts"]}["on-time"] == f"按办件受理月份统计；{covered}。"


def test_months_apart_are_named_apart() -> None:
    month = MonthClosing(1, 0, 0, 0)
    found = months_covered({date(2026, 1, 1): month, date(2025, 12, 1): month, date(2026, 5, 1): month})
    assert found == "办结数只含有办件事件的 3 个月（2025年12月至2026年1月、2026年5月）"
    assert months_covered({}) == "没有办件事件"


def test_months_not_reported_yet_are_gaps_and_do_not_count_as_a_fall(ran, client_of) -> None:
    # given cases in April and May 2026 only, looked at until November
    page = client_of("drafter").get(reverse("performance:body", args=[body_of(ran)]) + SPAN)
    found = {c.id: c for c in page.context["charts"]}
    # then a month without cases before May is 0, after it there are no data
    assert found["month"].series[0][1] == (0, 0, 0, 0, 25, 3, None, None, None, None, None, None)
    assert found["month"].note == "2026年6月起还没有数据。"
    assert found["year-on-year"].note == "同比不计尚未过完的本月和还没有数据的月份。"


def test_a_body_without_any_case_shows_noughts() -> None:
    assert until_reported([0, 0]) == [0, 0]
    assert until_reported([0, 2, 0]) == [0, 2, None]
    assert until_reported([]) == []


def test_the_month_that_is_not_over_is_marked_in_the_chart_of_months(ran, client_of) -> None:
    page = client_of("drafter").get(reverse("performance:body", args=[body_of(ran)]))
    marked = [name for name in {c.id: c for c in page.context["charts"]}["month"].categories if "（本月未完）" in name]
    today = timezone.localdate()
    assert marked == [f"{today.year}年{today.month}月（本月未完）"]


@pytest.mark.req("W-48")
@pytest.mark.parametrize("key", CHART_KEYS)
def test_the_download_of_a_chart_equals_the_chart(ran, client_of, key: str) -> None:
    client = client_of("drafter")
    page = client.get(reverse("performance:body", args=[body_of(ran)]) + SPAN)
    chart = next(c for c in page.context["charts"] if c.id == key)
    answer = client.get(chart.csv_url)
    assert answer["Content-Type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert tuple(rows[0]) == chart.header
    assert [r[0] for r in rows[1:]] == list(chart.categories)
    columns = list(zip(*[[int(v) if v else None for v in r[1:]] for r in rows[1:]], strict=True))
    assert columns == [values for _, values in chart.series]


def test_figures_lead_to_their_rows(ran, client_of) -> None:
    client = client_of("drafter")
    never = client.get(reverse("performance:items", args=[body_of(ran)]) + SPAN + "&run=never")
    assert [r.item.item_name for r in never.context["page"]] == [SEEDS, "动物防疫条件合格证核发"]
    licences = client.get(reverse("performance:items", args=[body_of(ran)]) + SPAN + "&type=license")
    assert sum(r.item.cases for r in licences.context["page"]) == 25
    item = client.get(reverse("performance:item", args=[body_of(ran), ran.code(PERMIT)]))
    assert item.context["all_cases"] == 35
    assert "受理 → 办结" in item.content.decode()
    fragment = client.get(reverse("performance:item_fragment", args=[body_of(ran), ran.code(PERMIT)]))
    assert b"<html" not in fragment.content


def test_the_overview_lists_every_body_one_may_see(ran, client_of) -> None:
    page = client_of("establishment").get(reverse("performance:overview") + SPAN)
    assert [r.name for r in page.context["page"]] == ["青禾县农业农村局"]
    assert (page.context["cases"], page.context["items"], page.context["never_run"]) == (28, 4, 2)
    own = client_of("drafter").get(reverse("performance:overview"))
    assert own["Location"] == reverse("performance:body", args=[body_of(ran)])


@pytest.mark.parametrize(
    "path", ["performance:body", "performance:items", "performance:chart_csv", "performance:item", "performance:counts"]
)
def test_a_foreign_body_answers_like_an_absent_one(ran, client_of, path: str) -> None:
    more = {"performance:chart_csv": ["type"], "performance:item": [ran.code(PERMIT)]}.get(path, [])
    client = client_of("forestry")
    foreign = client.get(reverse(path, args=[body_of(ran), *more]))
    absent = client.get(reverse(path, args=[999_999, *more]))
    assert foreign.status_code == absent.status_code == 404
    assert "农业农村局" not in foreign.content.decode()


def test_a_file_is_uploaded_previewed_confirmed_and_reported(
    published, client_of, csv_file, django_capture_on_commit_callbacks
) -> None:
    client = client_of("drafter")
    rows = [
        *case_rows("A", published.code(PERMIT), datetime(2026, 9, 1, 1, tzinfo=UTC)),
        *case_rows("B", "没有的事项", datetime(2026, 9, 1, 1, tzinfo=UTC)),
        ("C", published.code(PERMIT), "QH-NY", "1", "受理", "某日", "", ""),
    ]
    upload = SimpleUploadedFile("九月.csv", csv_file(rows).read_bytes(), content_type="text/csv")
    answer = client.post(reverse("performance:file_upload"), {"file": upload, "mapping": "quanze-events"})
    assert answer.status_code == 303
    # the preview shows what would happen, and nothing has happened
    preview = client.get(answer["Location"])
    assert preview.context["preview"].rows_usable == 2
    text = preview.content.decode()
    assert "清单中没有这个事项" in text
    assert "认不出的时间" in text
    assert EventBatch.objects.count() == 0
    # confirmed, a job does it with progress
    file_id = preview.context["file_id"]
    done = client.post(reverse("performance:import_confirm", args=[file_id]), {"mapping": "quanze-events"})
    job = Job.objects.get()
    assert done["Location"] == reverse("job", args=[job.pk])
    with django_capture_on_commit_callbacks(execute=True):
        finished = jobs.run_now(job.pk)
    assert finished.state == "done", finished.error_message
    report = client.get(reverse("performance:import_report", args=[RunImport.objects.get().pk]))
    assert report.context["report"].rows_accepted == 2
    assert client_of("forestry").get(report.request["PATH_INFO"]).status_code == 404
    assert client.get(reverse("performance:imports")).status_code == 200


def test_an_upload_without_the_item_that_its_mapping_needs_comes_back_with_the_reason(published, client_of) -> None:
    upload = SimpleUploadedFile("log.csv", b"a,b\n1,2\n", content_type="text/csv")
    answer = client_of("drafter").post(reverse("performance:file_upload"), {"file": upload, "mapping": "receipt"})
    assert answer.status_code == 422
    assert "须在此填写" in answer.content.decode()


def test_a_file_with_other_columns_is_refused_in_words(published, client_of) -> None:
    client = client_of("drafter")
    upload = SimpleUploadedFile("x.csv", "甲,乙\n1,2\n".encode(), content_type="text/csv")
    answer = client.post(reverse("performance:file_upload"), {"file": upload, "mapping": "quanze-events"})
    preview = client.get(answer["Location"])
    assert preview.status_code == 422
    assert "表头中没有列映射所要的列" in preview.content.decode()


def test_those_without_the_duty_do_not_send(published, client_of) -> None:
    assert client_of("legal").get(reverse("performance:imports")).status_code == 403


def test_unlisted_acts_are_verified_on_their_page(ran, client_of) -> None:
    group = QuarantinedEvent.objects.get()
    url = reverse("performance:quarantine_group", args=[group.pk])
    drafter, office = client_of("drafter"), client_of("establishment")
    assert "没有的事项" in drafter.get(reverse("performance:quarantine")).content.decode()
    assert "记下核实结果" not in drafter.get(url).content.decode()
    decide = reverse("performance:quarantine_decide", args=[group.pk])
    given = {"verdict": "confirmed", "note": "查无法律依据", "seen_version": "1"}
    assert drafter.post(decide, given).status_code == 403
    assert office.post(decide, {**given, "note": ""}).status_code == 422
    assert office.post(decide, given).status_code == 303
    assert office.post(decide, given).status_code == 409
    group.refresh_from_db()
    assert group.verdict == "confirmed"
    assert client_of("forestry").get(url).status_code == 404
    assert office.post(reverse("performance:quarantine_recheck")).status_code == 303


@pytest.mark.req("W-19")
def test_explanations_are_opened_written_and_accepted_on_pages(ran, client_of) -> None:
    drafter, office = client_of("drafter"), client_of("establishment")
    Explanation.objects.create(
        item_code=ran.code(SEEDS),
        item_name=SEEDS,
        body_id=body_of(ran),
        kind="dormant",
        year=ran.county.today.year,
        statement="24 个月没有办件",
        opened_at=ran.county.now,
    )
    row = Explanation.objects.get()
    page = reverse("performance:explanation", args=[row.pk])
    decide = reverse("performance:explanation_decide", args=[row.pk])
    assert "提交说明" in drafter.get(page).content.decode()
    assert drafter.post(decide, {"verb": "submit", "text": "", "seen_version": "1"}).status_code == 422
    assert drafter.post(decide, {"verb": "submit", "text": "无经营户。", "seen_version": "1"}).status_code == 303
    shown = office.get(page).content.decode()
    assert "采纳" in shown
    assert "退回补充" in shown
    assert office.post(decide, {"verb": "accept", "text": "", "seen_version": "2"}).status_code == 303
    row.refresh_from_db()
    assert row.state == "accepted"
    assert client_of("forestry").get(page).status_code == 404
    assert office.post(reverse("performance:explanations_open")).status_code == 303
    assert office.get(reverse("performance:explanations")).status_code == 200


@pytest.mark.req("W-46")
def test_counts_by_form_and_by_sheet_give_equal_totals(published, client_of) -> None:
    # given the same counts of October, once typed and once in the sheet that the page offers
    import xlsxwriter

    client, body = client_of("drafter"), body_of(published)
    page = reverse("performance:counts", args=[body])
    save = reverse("performance:counts_save", args=[body])
    counts = {code: number for number, code in enumerate(published.codes.values(), start=3)}
    answer = client.post(save, {"month": "2026-10", **{f"cases:{c}": str(n) for c, n in counts.items()}})
    assert answer.status_code == 303
    typed = dict(MonthlyCount.objects.values_list("item_code", "cases"))
    assert typed == counts
    blank = client.get(page + "?month=2026-09&export=xlsx")
    assert blank["Content-Type"].endswith("sheet")
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as workbook:
        sheet = workbook.add_worksheet("填报")
        for number, row in enumerate([("事项标识", "事项名称", "办件数"), *((c, "", n) for c, n in counts.items())]):
            sheet.write_row(number, 0, row)
    upload = SimpleUploadedFile("九月.xlsx", book.getvalue())
    assert client.post(save, {"month": "2026-09", "file": upload}).status_code == 303
    by_sheet = dict(MonthlyCount.objects.filter(month=date(2026, 9, 1)).values_list("item_code", "cases"))
    assert by_sheet == typed
    # a number that is none comes back to the page with what was typed, and saves nothing
    wrong = client.post(save, {"month": "2026-08", f"cases:{published.code(PERMIT)}": "三"})
    assert wrong.status_code == 422
    assert 'value="三"' in wrong.content.decode()
    assert not MonthlyCount.objects.filter(month=date(2026, 8, 1)).exists()


def test_every_page_needs_a_signed_in_person(published, client) -> None:
    for name in ("overview", "imports", "quarantine", "explanations"):
        answer = client.get(reverse(f"performance:{name}"))
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("login"))


def workbook_of(*sheets) -> bytes:
    import xlsxwriter

    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as workbook:
        for number, rows in enumerate(sheets):
            sheet = workbook.add_worksheet(f"表{number + 1}")
            for row_number, row in enumerate(rows):
                sheet.write_row(row_number, 0, row)
    return book.getvalue()


def send_as_program(client, name: str, data: bytes):
    headers = {"Accept": "application/json"}
    given = {"file": SimpleUploadedFile(name, data), "mapping": "quanze-events"}
    answer = client.post(reverse("performance:file_upload"), given, headers=headers)
    return client.get(answer.json()["status_url"], headers=headers) if answer.status_code == 200 else answer


def test_a_workbook_is_read_like_the_same_csv_and_its_rows_keep_their_numbers(published, client_of) -> None:
    rows = [
        HEADER,
        *case_rows("A", published.code(PERMIT), datetime(2026, 9, 1, 1, tzinfo=UTC)),
        ("C", published.code(PERMIT), "QH-NY", "1", "受理", "某日", "", ""),
    ]
    answer = send_as_program(client_of("drafter"), "九月.xlsx", workbook_of(rows))
    told = answer.json()
    assert (answer.status_code, told["state"], told["rows_usable"], told["code"]) == (
        200,
        "previewed",
        2,
        "ROW_INVALID",
    )
    assert told["message"].startswith("第 4 行“发生时间”：认不出的时间")
    assert "九月.xlsx" in told["place"] and told["hint"]


@pytest.mark.req("W-59")
def test_a_step_written_twice_is_told_before_anything_is_sent(published, client_of) -> None:
    # given two rows of one step that say different things
    first = ("A", published.code(PERMIT), "QH-NY", "1", "受理", "2026-09-01 09:00", "", "")
    second = (*first[:4], "审查", *first[5:])
    told = send_as_program(client_of("drafter"), "重复.xlsx", workbook_of([HEADER, first, second])).json()
    # then the second is named, and what differs
    assert told["errors"] == [
        {
            "code": "ROW_CONFLICT",
            "reason": "conflict",
            "message": "第 3 行与前面的一行冲突：办件 A 的第 1 个环节写了两次，环节不同，以先出现的为准",
            "place": "文件“重复.xlsx”第 3 行",
        }
    ]


@pytest.mark.req("W-59")
def test_what_is_not_in_the_list_is_told_with_its_first_row(published, client_of) -> None:
    rows = [HEADER, *case_rows("A", "没有的事项", datetime(2026, 9, 1, 1, tzinfo=UTC))]
    told = send_as_program(client_of("drafter"), "清单外.xlsx", workbook_of(rows)).json()
    assert (told["code"], told["place"]) == ("ROW_UNLISTED", "文件“清单外.xlsx”第 2 行")
    assert told["message"].startswith("第 2 行起，事项 没有的事项、机构 QH-NY，2026-09 的 ")


def test_a_workbook_of_two_sheets_or_with_a_number_too_long_is_refused_with_its_place(published, client_of) -> None:
    client = client_of("drafter")
    good = case_rows("A", published.code(PERMIT), datetime(2026, 9, 1, 1, tzinfo=UTC))
    two = send_as_program(client, "两张.xlsx", workbook_of([HEADER, *good], [HEADER, *good]))
    long = send_as_program(client, "长号.xlsx", workbook_of([HEADER, (320583199001011234.0, *good[0][1:])]))
    assert (two.status_code, two.json()["code"]) == (422, "SHEET_TOO_MANY")
    assert (long.status_code, long.json()["code"]) == (422, "ROW_INVALID")
    assert "第 2 行" in long.json()["place"] and "文本" in long.json()["hint"]
