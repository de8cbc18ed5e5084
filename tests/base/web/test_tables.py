"""表格：列的选择与排序写在网址里，导出的就是所见的。"""

from datetime import date
from types import SimpleNamespace

import pytest
from django.http import QueryDict
from django.template import Context, Template
from django.test import RequestFactory

from quanze.base.web import badges
from quanze.base.web.paging import Page
from quanze.base.web.tables import Column, Table

COLUMNS = (
    Column("name", "事项名称", clamp=True, is_fixed=True, href=lambda row: f"/items/{row.id}/"),
    Column("cases", "办件数", kind="number", order="cases"),
    Column("share", "按时率", kind="percent"),
    Column("on", "日期", kind="date"),
    Column("state", "状态", kind="state", badge="thing"),
    Column("note", "备注", is_hidden=True),
)
ROW = SimpleNamespace(
    id=5, name="焰火燃放许可", cases=12840, share=0.973, on=date(2026, 11, 2), state="open", note="无"
)


def table(query="", **more):
    request = RequestFactory().get("/?" + query)
    return Table("t", COLUMNS, request=request, title="事项", **more)


def cells(shown):
    return [(cell.column.key, cell.text) for cell in next(shown.rows_of([ROW])).cells]


def test_values_are_written_by_kind(monkeypatch):
    monkeypatch.setitem(badges._registered, "thing", {"open": badges.Badge("审查中", "busy")})
    assert cells(table()) == [
        ("name", "焰火燃放许可"),
        ("cases", "12,840"),
        ("share", "97.3%"),
        ("on", "2026-11-02"),
        ("state", "审查中"),
    ]


def test_chosen_columns_are_shown_with_the_fixed_one():
    assert [key for key, _ in cells(table("cols=note"))] == ["name", "note"]
    assert [key for key, _ in cells(table("cols=unknown"))] == ["name", "cases", "share", "on", "state"]


def test_the_order_of_the_address_leads_and_the_default_keeps_it_unique():
    assert table().order("name", "id") == ("name", "id")
    assert table("sort=-cases").order("name", "id") == ("-cases", "name", "id")
    assert table("sort=-secret").order("name", "id") == ("name", "id")


def test_a_header_turns_the_order_around_and_leaves_the_cursor_behind():
    head = next(h for h in table("sort=cases&cursor=abc&q=x").header if h.column.key == "cases")
    assert head.direction == "asc"
    assert QueryDict(head.sort_url[1:]).dict() == {"sort": "-cases", "q": "x"}


def test_an_unknown_kind_is_a_programming_error():
    with pytest.raises(ValueError, match="unknown column kind"):
        Column("x", "x", kind="colour")


def render(shown, rows):
    template = Template('{% cotton data_table :table="table" :page="page" %}{% endcotton %}')
    return template.render(Context({"table": shown, "page": Page(rows), "request": shown.request}))


def test_the_page_links_the_figure_escapes_the_text_and_labels_each_cell_for_phones():
    bad = SimpleNamespace(**{**vars(ROW), "name": "<b>坏</b>"})
    html = render(table(), [bad])
    assert "&lt;b&gt;坏&lt;/b&gt;" in html
    assert '<a href="/items/5/">' in html
    assert 'data-label="办件数"' in html


def test_rows_can_be_chosen_only_where_the_table_says_so():
    assert "data-bulk-row" not in render(table(), [ROW])
    html = render(table(selectable=lambda row: row.id), [ROW])
    assert 'name="chosen" value="5"' in html


def test_an_empty_table_says_so():
    assert "没有符合条件的记录" in render(table(), [])
