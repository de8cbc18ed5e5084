"""下载的清单改几格就能再导入；一格不改，导入毫无变化。"""

import pytest
from django.test import Client

from quanze.apps.catalog import public as catalog
from quanze.apps.catalog.domain.difference import Existing, compare
from quanze.apps.catalog.domain.import_rows import incoming_of
from quanze.apps.catalog.domain.items import AssistContent
from quanze.apps.catalog.domain.read_items import content_of_item
from quanze.apps.catalog.services.reading import read_list_file
from quanze.base.sheets.writing import write_table

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def reading(county):
    """青禾县农业农村局公布一主项二子项与三个单项，公众下载工作簿，再读入。"""
    list_id = county.power_list()
    drafter = county.actor("drafter")
    main = county.content("对违法生产、经营农药行为的处罚", node_kind="main", remark="含子项")
    version = catalog.item_create(actor=drafter, list_id=list_id, content=main, now=county.now)
    parent_id = catalog.versions_by_ids([version])[version].item_id
    for name in ("未取得农药生产许可证生产农药的处罚", "经营假农药的处罚"):
        catalog.item_create(
            actor=drafter, list_id=list_id, content=county.content(name), parent_id=parent_id, now=county.now
        )
    county.publish(
        county.content("对使用禁用渔具捕捞的处罚", assists=(AssistContent("政策法规科", "参与听证"),)),
        county.permit(plain_summary="养鱼苗前要办的许可", promised_limit_days=8),
        county.content("对在禁渔期捕捞的处罚", basis_text="=1+1", bases=()),
    )
    response = Client().get("/public/bodies/QH-NY/list.xlsx", {"on": "2026-11-02"})
    assert response.status_code == 200
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return read_list_file(data=content, name="下载.xlsx")


def _existing(county):
    return [
        Existing(view.item_id, view.content, parent_id=view.parent_id, is_in_force=True)
        for view in catalog.list_contents(list_id=county.power_list(), on=county.today)
    ]


def test_the_downloaded_workbook_is_read_as_what_it_says(reading):
    assert (reading.item_count, reading.subitem_count) == (4, 2)
    # The cell that only looks like a formula holds no citation; nothing else is remarkable.
    assert [warning.code for warning in reading.warnings] == ["citation_unparsed"]


def test_the_number_of_items_its_note_states_is_compared(reading):
    (sheet,) = reading.sheets
    assert (sheet.items, sheet.stated_count) == (4, 4)


def test_importing_it_again_changes_nothing(reading, county):
    found = compare(_existing(county), incoming_of(reading))
    assert {entry.kind.value for entry in found.entries} == {"unchanged"}
    assert len(found.entries) == 6
    assert found.missing == ()


def test_the_duties_of_assisting_divisions_come_back(reading):
    item = next(item for item in reading.items if "禁用渔具" in item.name)
    assert content_of_item(item).assists == (AssistContent("政策法规科", "参与听证"),)


@pytest.mark.req("H-01")
def test_every_further_element_goes_out_into_the_workbook_and_comes_back(county):
    # given an item with every registered element written
    extra = {}
    for field in catalog.FIELDS.fields:
        options = list(field.choices or {})
        extra[field.key] = field.canonical(
            {
                "choice": options[:1] and options[0],
                "choices": options,
                "boolean": True,
                "integer": field.minimum or 1,
                "date": "2026-03-01",
                "rows": [["甲", "乙"], ["丙"]],
                "text": "110000000001" if field.pattern else "一二三",
            }.get(field.kind, "第一段\n第二段")
        )
    (draft_id,) = county.draft(county.permit(extra=extra))

    # when the desk's workbook is downloaded and read again
    views = [catalog.versions_by_ids([draft_id])[draft_id]]
    labels = {one.code: one.label for one in catalog.power_types().types}
    given = {"title": "清单", "subtitle": "", "notes": (), "type_labels": labels}
    sheet = catalog.list_sheet(views, **given, is_internal=True)
    public = {column.header for column in catalog.list_sheet(views, **given).columns}
    reading = read_list_file(data=write_table([sheet]), name="下载.xlsx")

    # then nothing has changed
    (row,) = incoming_of(reading)
    assert row.content.extra == extra
    assert row.doubts == ()
    # and what is not for the public is in no public workbook
    assert "监管主体" in public
    assert not public & {catalog.FIELDS.labels[key] for key in catalog.FIELDS.private}
