"""主线走在真实文件上：一份公开的工作簿读入、检查、审查、公布，一份公开的办理日志成为运行数据，最后有一份评估结论。"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event

import pytest

from quanze.base.audit.models import FactRecord

pytestmark = [pytest.mark.scenario, pytest.mark.django_db]
WORKBOOK = "克拉玛依市医疗保障局2024年权责清单.xls"
ITEMS = 17
# The real log is of 2010 to 2012: acts from before any list, taken in and counted as such.
LOG_ROWS = 8577


@pytest.mark.req("J-28", "W-46", "W-49")
def test_from_a_published_workbook_to_an_issued_conclusion(county, shared_data: Path, settings, tmp_path: Path) -> None:
    from quanze.apps.catalog import public as catalog
    from quanze.apps.catalog.selectors.imports import import_view
    from quanze.apps.catalog.services.importing import import_apply, import_upload
    from quanze.apps.evaluation import public as evaluation
    from quanze.apps.performance import public as performance
    from quanze.base.audit import public as audit
    from quanze.base.jobs import public as jobs
    from quanze.core.actor import EVERYTHING

    settings.QUANZE_WAREHOUSE_DIR = tmp_path / "warehouse"
    settings.QUANZE_FILES_DIR = tmp_path / "files"
    settings.QUANZE_ANCHOR_DIR = tmp_path / "anchors"
    drafter, now = county.actor("drafter"), county.now

    # 1 读
    list_id = county.power_list()
    data = (shared_data / "lists" / WORKBOOK).read_bytes()
    import_id = import_upload(actor=drafter, list_id=list_id, data=data, name=WORKBOOK, now=now)
    jobs.run_worker(Event(), once=True)
    view = import_view(import_id=import_id, scope=drafter.scope)
    assert (view.row.state, view.reading["summary"]["items"], view.error) == ("previewed", ITEMS, "")
    counts = import_apply(actor=drafter, import_id=import_id, seen_version=view.lock_version, now=now)
    assert counts["new"] == ITEMS

    # 2 检查：公开的清单没有追责依据与职权编码两栏，只是警告，可以送审
    report = catalog.check_body(body="QH-NY", scope=EVERYTHING, on=county.today)
    assert report.items == ITEMS
    assert report.report.counts["error"] == 0
    assert {"S001", "R402"} <= {one.code for one in report.findings}

    # 3、4 审查与公布
    submission_id = county.submit()
    county.pass_until(submission_id)
    listed = catalog.public_list(body_code="QH-NY", on=county.today)
    assert (listed.items, listed.edition.document_number) == (ITEMS, "青农发〔2026〕12号")

    # 5 运行数据：真实的办理日志记到一个许可性质的事项上
    item = catalog.public_items(on=county.today, list_id=list_id)[0]
    imported = performance.events_import(
        actor=drafter,
        path=shared_data / "events" / "receipt.csv",
        mapping_code="receipt",
        constants={"item_code": item.code, "body_code": "QH-NY"},
        now=now,
    )
    assert imported.rows_read == LOG_ROWS
    kept = (
        imported.rows_accepted
        + imported.rows_duplicate
        + imported.rows_conflicting
        + imported.rows_quarantined
        + imported.rows_rejected
        + imported.rows_held_back
    )
    assert kept == LOG_ROWS
    assert imported.rows_accepted > 8000
    assert imported.cases_before_list == imported.cases
    performance.refresh_marts(now=now)

    # 6 评估：数据所在的年份，取得到的计分，取不到的说明
    office = county.actor("establishment")
    evaluation.packs_install(actor=office, now=now)
    pack = evaluation.packs()[0]
    scheme = evaluation.scheme_create(
        actor=office,
        name="试评方案",
        pack_id=pack.id,
        weights={one.code: one.weight for one in pack.indicators.indicators()},
        now=now,
    )
    row = evaluation.round_create(
        actor=office,
        name="试评",
        scheme_id=scheme.id,
        body_ids=[county.bodies["QH-NY"]],
        period_start=date(2025, 11, 1),
        period_end=date(2026, 11, 1),
        as_of=county.today,
        regulation="青禾县权责清单评估办法",
        organisation="县委编办组织",
        result_use="印发参评单位",
        now=now,
    )
    row = evaluation.round_open(actor=office, round_id=row.id, seen_version=row.lock_version, now=now)
    evaluation.round_compute(actor=office, round_id=row.id, now=now)
    result = evaluation.body_result(row.id, county.bodies["QH-NY"], scope=EVERYTHING)
    assert result.score is not None and result.score.total is not None
    assert {line.code for line in result.lines if line.reading.has_data} >= {"1.2", "1.4"}
    assert evaluation.round_verify(row.id, scope=EVERYTHING).is_identical

    # 7 结论成文
    row = evaluation.round_view(row.id, scope=EVERYTHING)
    evaluation.conclusion_draft(actor=office, round_id=row.id, body_id=county.bodies["QH-NY"], now=now)
    evaluation.round_conclude(actor=office, round_id=row.id, seen_version=row.lock_version, now=now)
    draft = evaluation.conclusion(row.id, county.bodies["QH-NY"], scope=EVERYTHING)
    issued = evaluation.conclusion_issue(
        actor=office,
        round_id=row.id,
        body_id=county.bodies["QH-NY"],
        document_number="青编办评〔2026〕1号",
        issued_on=county.today,
        seen_version=draft.lock_version,
        now=now,
    )
    assert re.fullmatch(r"[0-9a-f]{64}", issued.digest)

    # 记录：每一步都在，次序如上，封存之后核验相符
    wanted = {
        "catalog.import.uploaded",
        "catalog.import.applied",
        "catalog.submission.submitted",
        "catalog.edition.published",
        "performance.events.imported",
        "evaluation.round.opened",
        "evaluation.round.computed",
        "evaluation.conclusion.issued",
    }
    kept_actions = [one for one in FactRecord.objects.order_by("id").values_list("action", flat=True) if one in wanted]
    assert kept_actions == [
        "catalog.import.uploaded",
        "catalog.import.applied",
        "catalog.submission.submitted",
        "catalog.edition.published",
        "performance.events.imported",
        "evaluation.round.opened",
        "evaluation.round.computed",
        "evaluation.conclusion.issued",
    ]
    moment = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
    assert audit.seal_pending(moment) > 0
    audit.anchor(moment)
    assert audit.verify().is_complete
