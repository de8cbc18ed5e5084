"""S1 第一份清单：农业农村局把已公布的工作簿导入、检查、改好、送审；每一步都在记录里，别无其他。

The bureau's published workbook stands in ``../shared``; where it is absent the story is told with a workbook of our own.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from quanze.base.audit.models import FactRecord
from quanze.base.sheets.writing import Column, TableSheet, write_table

pytestmark = [pytest.mark.scenario, pytest.mark.django_db]
PUBLISHED = "2024年市农业农村局权责清单.xls"
HEADERS = (
    "序号",
    "职权名称",
    "职权类型",
    "行使主体",
    "承办机构",
    "实施依据",
    "责任事项",
    "追责情形",
    "追责依据",
    "职权编码",
)


def own_workbook() -> bytes:
    """自备的工作簿：三项，一项的科室名断成两行，一项的依据没有条款，一项没有追责情形。"""
    duties = "立案、调查、审查、告知、决定、送达、执行"
    rows = [
        ("1", "对使用电鱼方法捕捞的处罚", "行政处罚", "青禾县农业农村局", "渔政\n科", "《青禾县渔业管理办法》第三十八条", duties, "没有依据处罚的。", "《青禾县渔业管理办法》第四十五条", "990100-CF-001"),
        ("2", "对无证驾驶渔船的处罚", "行政处罚", "青禾县农业农村局", "渔政科", "《青禾县渔船管理办法》", duties, "徇私舞弊的。", "《青禾县渔船管理办法》第九条", "990100-CF-002"),
        ("3", "对擅自占用渔港水域的处罚", "行政处罚", "青禾县农业农村局", "渔政科", "《青禾县渔港管理办法》第七条", duties, "", "《青禾县渔港管理办法》第十二条", "990100-CF-003"),
    ]  # fmt: skip
    return write_table(
        TableSheet(name="3项", title="青禾县农业农村局权责清单", columns=[Column(h) for h in HEADERS], rows=rows)
    )


@pytest.fixture
def reader(county):
    """后台任务：做完排着的任务。"""
    from threading import Event

    from quanze.base.jobs import public as jobs

    return lambda: jobs.run_worker(Event(), once=True)


def upload(county, data: bytes, name: str) -> tuple[int, int]:
    from quanze.apps.catalog.services.importing import import_upload

    list_id = county.power_list()
    return list_id, import_upload(actor=county.actor("drafter"), list_id=list_id, data=data, name=name, now=county.now)


def preview_of(county, import_id: int):
    from quanze.apps.catalog.selectors.imports import import_view

    return import_view(import_id=import_id, scope=county.actor("drafter").scope)


def since(number: int) -> list[str]:
    return list(FactRecord.objects.filter(id__gt=number).order_by("id").values_list("action", flat=True))


def last_fact() -> int:
    return FactRecord.objects.order_by("-id").values_list("id", flat=True).first() or 0


@pytest.mark.req("H-34", "H-46", "J-01", "J-15", "J-23")
def test_a_workbook_becomes_a_checked_list_that_is_submitted(county, reader) -> None:
    from quanze.apps.catalog import public as catalog
    from quanze.apps.catalog.selectors.item_lists import ItemQuery, item_rows
    from quanze.apps.catalog.selectors.lists import version
    from quanze.apps.catalog.services.importing import import_apply
    from quanze.core.actor import EVERYTHING
    from quanze.core.errors import RulesNotMet

    # 上传：什么也没有写进清单，等后台读取。
    list_id, import_id = upload(county, own_workbook(), "农业农村局权责清单.xlsx")
    start = last_fact()
    drafter = county.actor("drafter")
    assert catalog.list_view(list_id=list_id, scope=drafter.scope, on=county.today).working == 0
    reader()

    # 预览：读到几项，与表上写的几项一致；哪些是新的。
    view = preview_of(county, import_id)
    assert view.row.state == "previewed", view.error
    assert (view.reading["summary"]["items"], view.reading["summary"]["sheets"][0]["stated"]) == (3, 3)
    assert view.difference["counts"]["new"] == 3

    # 导入为草稿。
    counts = import_apply(actor=drafter, import_id=import_id, seen_version=view.lock_version, now=county.now)
    assert counts["new"] == 3
    rows = {row.name: row for row in item_rows(ItemQuery(list_id, county.today), scope=drafter.scope)}
    assert {row.state for row in rows.values()} == {"draft"}

    # 检查：依据没有条款是警告，没有追责情形是错误，换行已在读取时拼回。
    report = catalog.check_body(body="QH-NY", scope=EVERYTHING, on=county.today)
    names = {(one.code, report.names.get(one.key, "")) for one in report.findings}
    assert ("B307", "对无证驾驶渔船的处罚") in names
    assert ("R402", "对擅自占用渔港水域的处罚") in names
    assert report.report.counts["error"] == 1

    # 送审被拒：有一项没有追责情形，而且什么也没有改变。
    before = last_fact()
    with pytest.raises(RulesNotMet) as refused:
        county.submit()
    assert [defect.code for defect in refused.value.defects] == ["R402"]
    assert "对擅自占用渔港水域的处罚" in refused.value.defects[0].message
    assert since(before) == []

    # 逐项打开改好。
    for name, changes in {
        "对擅自占用渔港水域的处罚": {
            "accountability_text": "对擅自占用渔港水域不查处的。",
            "accountability_cases": ("对擅自占用渔港水域不查处的。",),
        },
        "对无证驾驶渔船的处罚": {
            "basis_text": "《青禾县渔船管理办法》第十二条",
            "bases": (catalog.BasisContent("青禾县渔船管理办法", "第十二条"),),
        },
    }.items():
        draft = version(version_id=rows[name].version_id, scope=drafter.scope)
        catalog.draft_save(
            actor=drafter,
            version_id=draft.id,
            seen_version=draft.lock_version,
            content=replace(draft.content, **changes),
            now=county.now,
        )

    # 送审，到了法制审查。
    submission_id = county.submit()
    from quanze.apps.workflow import public as workflow

    assert [task.subject_id for task in workflow.tasks_for(county.actor("legal"))] == [submission_id]
    assert [action for action in since(start) if action.startswith(("catalog.", "workflow."))] == [
        "catalog.import.applied",
        "catalog.draft.saved",
        "catalog.draft.saved",
        "workflow.case.opened",
        "catalog.submission.submitted",
    ]


@pytest.mark.req("L-80")
def test_the_bureau_s_published_workbook_is_read_questioned_and_tidied(county, reader, shared_data: Path) -> None:
    from quanze.apps.catalog import public as catalog
    from quanze.apps.catalog.services.importing import import_apply

    data = (shared_data / "lists" / PUBLISHED).read_bytes()
    list_id, import_id = upload(county, data, PUBLISHED)
    reader()
    view = preview_of(county, import_id)
    assert view.row.state == "previewed", view.error
    summary = view.reading["summary"]
    assert 309 <= summary["items"] <= 311
    assert len(summary["sheets"]) >= 9
    # 有疑问的行写明理由与位置；读到的与表上写的相比。
    assert any(sheet["stated"] is not None for sheet in summary["sheets"])
    assert all(warning["message"] and warning["sheet"] for warning in summary["warnings"] if warning["row"])
    assert {entry["place"] for entry in view.difference["entries"]} and view.difference["counts"]["blocked"] == 0

    drafter = county.actor("drafter")
    counts = import_apply(actor=drafter, import_id=import_id, seen_version=view.lock_version, now=county.now)
    # 两行存疑的写明理由，没有人确认就不导入。
    questioned = [entry for entry in view.difference["entries"] if entry["doubts"]]
    assert (len(questioned), view.difference["counts"]["questioned"], counts["skipped"]) == (2, 2, 2)
    assert counts["new"] == summary["items"] + summary["subitems"] - 2

    # 一键修正只改排版，改过的再查就没有了。
    before = catalog.findings_recheck(actor=county.actor("drafter"), list_id=list_id, now=county.now)
    fixable = [one for one in before.judged if one.finding.fix]
    result = catalog.fix_apply(actor=drafter, list_id=list_id, now=county.now)
    assert (result.items > 0) == bool(fixable)
    after = catalog.findings_recheck(actor=county.actor("drafter"), list_id=list_id, now=county.now)
    assert not [one for one in after.judged if one.finding.fix]
    types = {row.content.power_type for row in _drafts(list_id)}
    assert types <= {row.code for row in catalog.power_types().types}


def _drafts(list_id: int):
    from quanze.apps.catalog import public as catalog
    from quanze.apps.catalog.models import ItemVersion

    ids = ItemVersion.objects.filter(item__power_list_id=list_id).values_list("id", flat=True)
    return list(catalog.versions_by_ids(list(ids)).values())
