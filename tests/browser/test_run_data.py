"""运行数据页在真实浏览器里：六张图画得出来，能看表格，手机宽度不横向滚动。"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.urls import reverse

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def body_with_runs(transactional_db, county, settings, tmp_path: Path) -> int:
    """一个公布了清单、报送过办件的机构。"""
    from quanze.apps.catalog.models import PowerItem
    from quanze.apps.performance import public as performance

    settings.QUANZE_WAREHOUSE_DIR = tmp_path / "warehouse"
    county.publish(county.permit(), county.content(), county.content("对销售不合格种子的处罚"))
    codes = list(PowerItem.objects.order_by("id").values_list("code", flat=True))
    this_month = date.today().replace(day=1)  # noqa: DTZ011  the page asks the clock too
    rows = []
    for back in (1, 2, 3, 13, 14):
        month = (this_month - timedelta(days=30 * back)).replace(day=3)
        start = datetime(month.year, month.month, 3, 1, tzinfo=UTC)
        for code in codes[:2]:
            for number in range(back + 2):
                case = f"{code}-{back}-{number}"
                due = start + timedelta(days=10)
                common = {"case_id": case, "item_code": code, "body_code": "QH-NY", "due_at": due}
                rows.append(performance.EventRow(step_code="受理", step_no=1, occurred_at=start, **common))
                end = start + timedelta(days=5)
                rows.append(
                    performance.EventRow(step_code="办结", step_no=2, occurred_at=end, outcome="completed", **common)
                )
    report = performance.events_record(
        actor=county.actor("drafter"), rows=rows, source="test", idempotency_key="runs", now=datetime.now(UTC)
    )
    assert report.rows_accepted == len(rows)
    return county.bodies["QH-NY"]


@pytest.mark.req("W-48")
@pytest.mark.parametrize("width", [1366, 390])
def test_six_charts_are_drawn_each_with_its_table(body_with_runs, page_of, live_server, width: int) -> None:
    page = page_of("drafter", width)
    page.goto(live_server.url + reverse("performance:body", args=[body_with_runs]))
    page.wait_for_selector(".q-chart-canvas canvas, .q-chart-canvas svg")
    drawn = page.locator(".q-chart-canvas canvas, .q-chart-canvas svg")
    assert drawn.count() == 6
    first = page.locator("#figure-type")
    first.locator("[data-chart-toggle]").click()
    assert first.locator("table").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    with page.expect_download() as download:
        first.locator("a[href*='type.csv']").click()
    assert Path(download.value.path()).read_text(encoding="utf-8-sig").startswith("职权类型,办件数（件）")
