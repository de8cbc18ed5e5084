"""关联清单的表格：写出再读回毫无变化；改几格只改几格；不能导入的逐行说明；全成或全不成。"""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from typer.testing import CliRunner

from quanze.apps.catalog.cli.derived import app
from quanze.apps.catalog.models import DerivedEntryVersion, EntryImport
from quanze.apps.catalog.selectors.derived import derived_list_view
from quanze.apps.catalog.services.entry_importing import entries_import_apply, entries_import_preview, entry_sheet
from quanze.base.audit.models import FactRecord
from quanze.base.sheets.writing import write_table
from quanze.core.actor import EVERYTHING
from quanze.core.errors import Conflict, InvalidInput, RulesNotMet

pytestmark = pytest.mark.django_db
PERMIT, OTHER = "水产苗种生产许可证核发", "渔业捕捞许可审批"


@pytest.fixture
def listed(county, derived):
    county.publish(county.permit(), county.permit(OTHER))
    list_id = derived.list_of("ZWFW")
    derived.add(
        list_id,
        ("item", derived.item(PERMIT)),
        promised_limit_days=10,
        materials=["申请表", "=场地证明"],
        case_kind="promised",
    )
    derived.publish(list_id)
    return list_id


def _sheet(county, list_id):
    view = derived_list_view(list_id=list_id, scope=EVERYTHING, on=county.today)
    return write_table(entry_sheet(view, scope=EVERYTHING, on=county.today))


def _edited(data, change):
    book = openpyxl.load_workbook(io.BytesIO(data))
    page = book.active
    header = next(n for n in range(1, 10) if page.cell(n, 1).value == "条目标识")
    places = {page.cell(header, n).value: n for n in range(1, page.max_column + 1)}
    change(page, header, places)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _preview(county, derived, list_id, data):
    import_id = entries_import_preview(
        actor=derived.actor("QH-NY", "drafter"), list_id=list_id, data=data, file_name="清单.xlsx", now=county.now
    )
    return EntryImport.objects.get(pk=import_id)


def test_what_was_written_out_changes_nothing_when_it_is_read_back(county, derived, listed):
    row = _preview(county, derived, listed, _sheet(county, listed))
    assert (row.unchanged, row.changes, row.new, row.refused) == (1, 0, 0, 0)


def test_changed_cells_and_a_new_row_become_drafts_and_then_the_table_is_unchanged_again(county, derived, listed):
    def change(page, header, places):
        page.cell(header + 1, places["承诺时限（工作日）"]).value = "8"
        page.cell(header + 2, places["条目名称"]).value = OTHER
        page.cell(header + 2, places["所据"]).value = OTHER
        page.cell(header + 2, places["办件类型"]).value = "即办件"

    row = _preview(county, derived, listed, _edited(_sheet(county, listed), change))
    assert [(one["outcome"], one["message"]) for one in row.rows] == [
        ("change", "改承诺时限（工作日）"),
        ("new", f"依据“{OTHER}”列入"),
    ]
    assert not DerivedEntryVersion.objects.filter(state="draft").exists()

    done = entries_import_apply(
        actor=derived.actor("QH-NY", "drafter"), import_id=row.pk, seen_version=1, now=county.now
    )

    assert done == (1, 1)
    drafts = DerivedEntryVersion.objects.filter(state="draft").order_by("entry_id")
    assert [draft.content for draft in drafts] == [
        {"promised_limit_days": 8, "materials": ["申请表", "=场地证明"], "case_kind": "promised"},
        {"case_kind": "immediate"},
    ]
    assert FactRecord.objects.filter(action="catalog.derived_list.imported").count() == 1
    again = _preview(county, derived, listed, _sheet(county, listed))
    assert (again.unchanged, again.changes, again.new, again.refused) == (2, 0, 0, 0)


def test_rows_that_cannot_be_imported_say_which_column_and_why(county, derived, listed):
    def change(page, header, places):
        page.cell(header + 1, places["承诺时限（工作日）"]).value = "八天"
        page.cell(header + 2, places["条目标识"]).value = "ZWFW-NONE-1"
        page.cell(header + 2, places["条目名称"]).value = "没有的"
        page.cell(header + 3, places["条目名称"]).value = "查无此项"

    row = _preview(county, derived, listed, _edited(_sheet(county, listed), change))
    assert [(one["outcome"], one["column"], one["message"]) for one in row.rows] == [
        ("refused", "承诺时限（工作日）", "“八天”应为不带小数的数字"),
        ("refused", "条目标识", "本清单没有这个条目标识；列入新条目请把标识留空"),
        ("refused", "所据", "没有现行的“查无此项”"),
    ]
    with pytest.raises(InvalidInput, match="没有找到政务服务事项清单的表头"):
        _preview(county, derived, listed, write_table_of([["甲", "乙"]]))


def write_table_of(rows):
    from quanze.base.sheets.writing import Column, TableSheet

    return write_table(TableSheet("表", [Column("甲"), Column("乙")], rows))


def test_one_looser_row_stops_the_whole_import_and_a_changed_entry_is_a_conflict(county, derived, listed):
    def looser(page, header, places):
        page.cell(header + 1, places["承诺时限（工作日）"]).value = "999"

    row = _preview(county, derived, listed, _edited(_sheet(county, listed), looser))
    actor = derived.actor("QH-NY", "drafter")
    with pytest.raises(RulesNotMet, match="第 4 行“水产苗种生产许可证核发”"):
        entries_import_apply(actor=actor, import_id=row.pk, seen_version=1, now=county.now)
    assert not DerivedEntryVersion.objects.filter(state="draft").exists()

    def tighter(page, header, places):
        page.cell(header + 1, places["承诺时限（工作日）"]).value = "7"

    row = _preview(county, derived, listed, _edited(_sheet(county, listed), tighter))
    entry = DerivedEntryVersion.objects.get().entry
    entry.lock_version += 1
    entry.save()
    with pytest.raises(Conflict):
        entries_import_apply(actor=actor, import_id=row.pk, seen_version=1, now=county.now)


def test_a_clerk_downloads_changes_uploads_and_imports(client_of, county, derived, listed):
    client = client_of("drafter")
    data = client.get(reverse("catalog:derived_workbook", args=[listed])).content

    def change(page, header, places):
        page.cell(header + 1, places["承诺时限（工作日）"]).value = "8"

    upload = SimpleUploadedFile("改.xlsx", _edited(data, change))
    shown = client.post(reverse("catalog:entry_import_upload", args=[listed]), {"file": upload}, follow=True)
    text = shown.content.decode()
    assert "改承诺时限（工作日）" in text
    assert "修改 1 条、列入 0 条、不能导入 0 行" in text
    row = EntryImport.objects.get()
    page = reverse("catalog:entry_import", args=[row.pk])
    assert client_of("forestry").get(page).status_code == 404
    done = client.post(reverse("catalog:entry_import_apply", args=[row.pk]), {"seen_version": 1}, follow=True)
    assert "已写成草稿：修改 1 条" in done.content.decode()
    assert "已导入" in client.get(page).content.decode()


def test_the_command_line_lists_reports_exports_imports_and_proposes(county, derived, listed, tmp_path, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: county.now)
    run = CliRunner()
    derived.actor("QH-NY", "drafter")
    assert "ZWFW" in run.invoke(app, ["list"]).output
    report = run.invoke(app, ["drift", "政务服务事项清单", "QH-NY"])
    assert report.exit_code == 1
    assert f"应列未列  {OTHER}" in report.output
    file = tmp_path / "清单.xlsx"
    assert "已写出 1 条" in run.invoke(app, ["export", "ZWFW", "QH-NY", "--out", str(file)]).output
    seen = run.invoke(app, ["import", "ZWFW", "QH-NY", str(file), "--as", "drafter"])
    assert "不变 1、修改 0、列入 0、不能导入 0" in seen.output
    csv = tmp_path / "清单.csv"
    run.invoke(app, ["export", "ZWFW", "QH-NY", "--out", str(csv), "--on", county.today.isoformat()])
    assert csv.read_text(encoding="utf-8-sig").splitlines()[0].startswith("条目标识,条目名称,所据")
    listed_only = run.invoke(app, ["propose", "ZWFW", "QH-NY"])
    assert (listed_only.exit_code, listed_only.output.strip()) == (1, "应列入 1、应更新 0、应终止 0，须由人改 0")
    applied = run.invoke(app, ["propose", "ZWFW", "QH-NY", "--as", "drafter", "--what", "new"])
    assert "已列入草稿 1" in applied.output
