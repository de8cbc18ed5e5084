"""运行数据项：网上运行、录入、按时办结、专项说明、违规行权；没有数据不是零。"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.urls import reverse

from quanze.apps.evaluation import public as evaluation
from quanze.apps.evaluation.selectors.figures import body_figures
from quanze.apps.performance import public as performance
from quanze.core.actor import SYSTEM

pytestmark = pytest.mark.django_db

RUN = {"4.1": "20", "4.2": "20", "4.3": "20", "4.5": "20", "4.8": "20"}


@pytest.fixture(autouse=True)
def _warehouse(settings, tmp_path: Path) -> None:
    settings.QUANZE_WAREHOUSE_DIR = tmp_path / "warehouse"


@pytest.fixture
def listed(county) -> dict[str, str]:
    """农业农村局公布四项：事项名称 → 事项标识。"""
    from quanze.apps.catalog import public as catalog
    from quanze.apps.catalog.models import ItemVersion

    names = ["水产苗种生产许可证核发", "渔业捕捞许可证核发", "兽药经营许可证核发", "动物诊疗许可证核发"]
    county.publish(*(county.permit(name) for name in names))
    ItemVersion.objects.filter(state="published").update(valid_from=date(2023, 1, 1))
    facts = catalog.item_facts(on=county.today, body_ids=[county.bodies["QH-NY"]])
    return {fact.name: fact.code for fact in facts}


@pytest.fixture
def ran(county, listed, django_capture_on_commit_callbacks) -> dict[str, str]:
    """九月与十月的办件：甲项 6 件按时、2 件逾期；乙项 2 件按时；丙丁两项没有运行。"""
    codes = list(listed.values())
    cases = [(codes[0], 5)] * 6 + [(codes[0], 20)] * 2 + [(codes[1], 5)] * 2
    rows = []
    for n, (code, days) in enumerate(cases):
        start = datetime(2026, 9, 1, 1, tzinfo=UTC) + timedelta(days=n)
        due = start + timedelta(days=10)
        for step, at, outcome in ((1, start, "normal"), (2, start + timedelta(days=days), "completed")):
            rows.append(
                performance.EventRow(
                    case_id=f"case-{n}",
                    step_code="accept" if step == 1 else "close",
                    item_code=code,
                    body_code="QH-NY",
                    occurred_at=at,
                    step_no=step,
                    due_at=due,
                    outcome=outcome,
                )
            )
    with django_capture_on_commit_callbacks(execute=True):
        report = performance.events_record(
            actor=SYSTEM, rows=rows, source="测试", idempotency_key="九月", now=county.now
        )
    assert report.rows_rejected == 0
    return listed


@pytest.mark.req("W-23")
def test_without_run_data_the_run_indicators_have_no_data(office, listed) -> None:
    view = office.computed("QH-NY", scheme=office.scheme(RUN))
    for code in RUN:
        line = office.line(view.id, code)
        assert line.points is None
        assert line.explanation == "没有数据：评估期间没有行权数据"
    assert office.result(view.id).score.total is None


def test_run_data_becomes_scores_with_the_items_behind_them(office, ran) -> None:
    view = office.computed("QH-NY", scheme=office.scheme(RUN))
    online = office.line(view.id, "4.1")
    assert online.explanation == "4 项中 2 项有网上运行记录，得 10.00/20 分"
    assert [row["label"] for row in online.evidence["rows"]] == ["兽药经营许可证核发", "动物诊疗许可证核发"]
    on_time = office.line(view.id, "4.3")
    assert on_time.explanation == "10 件应办结办件中 8 件按时办结，得 16.00/20 分"
    assert [(row["label"], row["why"]) for row in on_time.evidence["rows"]] == [
        ("水产苗种生产许可证核发", "逾期办结 2 件")
    ]
    assert office.line(view.id, "4.8").points == Decimal("20.00")
    explained = office.line(view.id, "4.5")
    assert explained.points is None
    assert "没有需要专项说明的事项" in explained.explanation


@pytest.mark.req("W-48")
def test_the_charts_of_a_body_add_up_to_its_cases(office, ran) -> None:
    view = office.computed("QH-NY", scheme=office.scheme(RUN))
    figures = {f.key: f for f in body_figures(view, office.county.bodies["QH-NY"]).charts}
    assert len([f for f in figures.values() if f.labels]) >= 5
    assert sum(figures["months"].series["办件量"]) == 10
    assert figures["months"].title == "2026年9月办件最多，10 件；期间共 10 件"
    assert dict(zip(figures["case_types"].labels, figures["case_types"].series["办件量"], strict=True)) == {
        "行政许可": 10
    }
    assert figures["never_run"].title == "4 项中 2 项在期间没有运行"
    assert figures["years"].empty == "上年同期没有行权数据，无从比较"


def test_a_row_of_a_run_indicator_opens_the_run_page_of_its_item(client_of, office, ran) -> None:
    view = office.computed("QH-NY", scheme=office.scheme(RUN))
    body = office.county.bodies["QH-NY"]
    page = client_of("establishment").get(reverse("evaluation:indicator", args=[view.id, body, "4.3"]))
    assert page.status_code == 200
    assert reverse("performance:item", args=[body, ran["水产苗种生产许可证核发"]]) in page.content.decode()
    charts = client_of("establishment").get(reverse("evaluation:body_charts", args=[view.id, body]))
    assert charts.content.decode().count('class="q-chart-canvas"') >= 5


@pytest.mark.req("W-49")
def test_the_issued_paper_shows_the_run_charts(office, ran) -> None:
    view = office.computed("QH-NY", scheme=office.scheme(RUN))
    office.concluded(view.id)
    body = office.county.bodies["QH-NY"]
    drafted = evaluation.conclusion_draft(actor=office.actor, round_id=view.id, body_id=body, now=office.now)
    issued = evaluation.conclusion_issue(
        actor=office.actor,
        round_id=view.id,
        body_id=body,
        document_number="青编办评〔2026〕3号",
        issued_on=date(2026, 11, 20),
        seen_version=drafted.lock_version,
        now=office.now,
    )
    import io

    import docx

    from quanze.base.files import public as files
    from quanze.core.actor import EVERYTHING

    with files.open_file(issued.docx_file_id, scope=EVERYTHING).stream as stream:
        word = docx.Document(io.BytesIO(stream.read()))
    texts = [p.text for p in word.paragraphs]
    assert len(word.inline_shapes) == 7  # share per group, two of the list, four of the runs
    assert "办件量同比（本期与上年同期）：上年同期没有行权数据，无从比较。" in texts
