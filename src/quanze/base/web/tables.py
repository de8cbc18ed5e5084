"""表格：声明一次列，页面与导出同用，所见即所导。

Cells are plain data (text, link, kind); ``templates/cotton/data_table.html`` draws them and ``exporting`` writes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse

from quanze.base.iam.step_up import require_step_up
from quanze.base.sheets.writing import Column as SheetColumn
from quanze.base.web import badges
from quanze.base.web.dates import DueView, iso_date, iso_time
from quanze.base.web.exporting import LARGEST_EXPORT, export_workbook
from quanze.base.web.filters import FilterBar
from quanze.base.web.paging import reach

KINDS = ("text", "code", "number", "percent", "date", "time", "due", "state", "flag")
_RIGHT = {"number", "percent"}
_SHEET_KINDS: dict[str, Literal["number", "percent", "date"]] = {
    "number": "number",
    "percent": "percent",
    "date": "date",
}
SHORT = 14  # characters


@dataclass(frozen=True)
class Column:
    """一列：键、表头、种类、取值、链接。``value`` and ``href`` take the row; without ``value`` the key is the path."""

    key: str
    label: str
    kind: str = "text"
    value: Callable[[Any], Any] | None = None
    href: Callable[[Any], str] | None = None
    badge: str = ""
    order: str = ""
    clamp: bool = False
    is_hidden: bool = False
    is_fixed: bool = False
    width: str = ""
    is_name: bool = False  # with ``clamp``: heads the card on a telephone, but is short
    note: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown column kind {self.kind}")

    @property
    def is_right(self) -> bool:
        return self.kind in _RIGHT


@dataclass(frozen=True, slots=True)
class Cell:
    """一格：原值、文字、链接。"""

    column: Column
    value: Any
    text: str
    href: str = ""
    badge: badges.Badge | None = None

    @property
    def is_short(self) -> bool:
        """短文字不折行，免得“行政处罚”断成两行。"""
        return len(self.text) <= SHORT and self.column.kind != "due"


@dataclass(frozen=True, slots=True)
class TableRow:
    """一行：原对象、行号、各格。"""

    source: Any
    id: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class HeaderCell:
    """一个表头：列、排序链接、现在的方向（asc、desc 或空）。"""

    column: Column
    sort_url: str = ""
    direction: str = ""


class Table:
    """页面上的一张表。``selectable`` gives the row's id for bulk actions; parameters are ``cols`` and ``sort``."""

    def __init__(
        self,
        name: str,
        columns: Iterable[Column],
        *,
        request: HttpRequest,
        title: str,
        selectable: Callable[[Any], Any] | None = None,
        can_export: bool = True,
        row_id: Callable[[Any], Any] | None = None,
    ) -> None:
        self.name, self.title, self.request = name, title, request
        self.all_columns = tuple(columns)
        self.selectable, self.can_export = selectable, can_export
        self.row_id = row_id or selectable
        wanted = request.GET.getlist("cols")
        known = {column.key for column in self.all_columns}
        self._chosen = {key for key in wanted if key in known}

    @property
    def is_selectable(self) -> bool:
        return self.selectable is not None

    @property
    def columns(self) -> tuple[Column, ...]:
        """现在显示的列。"""
        if self._chosen:
            return tuple(c for c in self.all_columns if c.is_fixed or c.key in self._chosen)
        return tuple(c for c in self.all_columns if not c.is_hidden)

    @property
    def choices(self) -> list[tuple[Column, bool]]:
        """可选的列与是否已选。"""
        shown = set(self.columns)
        return [(column, column in shown) for column in self.all_columns]

    @property
    def has_choice(self) -> bool:
        return any(column.is_hidden for column in self.all_columns) or len(self.all_columns) > 6

    @property
    def kept(self) -> list[tuple[str, str]]:
        """选列时须带上的网址参数。"""
        return [
            (k, v) for k, values in self.request.GET.lists() if k not in {"cols", "cursor", "export"} for v in values
        ]

    def order(self, *default: str) -> tuple[str, ...]:
        """排序键：网址里选定的列在前，默认键兜底保证唯一。"""
        wanted = self.request.GET.get("sort", "")
        column = next((c for c in self.all_columns if c.order and c.order == wanted.lstrip("-")), None)
        if column is None:
            return default
        rest = tuple(key for key in default if key.lstrip("-") != column.order)
        return (("-" if wanted.startswith("-") else "") + column.order, *rest)

    @property
    def header(self) -> list[HeaderCell]:
        present = self.request.GET.get("sort", "")
        cells = []
        for column in self.columns:
            if not column.order:
                cells.append(HeaderCell(column))
                continue
            is_this = present.lstrip("-") == column.order
            direction = ("desc" if present.startswith("-") else "asc") if is_this else ""
            query = self.request.GET.copy()
            query.pop("cursor", None)
            query["sort"] = f"-{column.order}" if direction == "asc" else column.order
            cells.append(HeaderCell(column, "?" + query.urlencode(), direction))
        return cells

    def rows_of(self, sources: Iterable[Any]) -> Iterator[TableRow]:
        """对象 → 行。"""
        for source in sources:
            id = "" if self.row_id is None else str(self.row_id(source))
            yield TableRow(source, id, tuple(cell_of(column, source) for column in self.columns))

    @property
    def wants_export(self) -> bool:
        return self.can_export and self.request.GET.get("export") == "xlsx"

    @property
    def export_url(self) -> str:
        query = self.request.GET.copy()
        query.pop("cursor", None)
        query["export"] = "xlsx"
        return "?" + query.urlencode()

    def export(self, sources: Iterable[Any], *, filters: FilterBar | None = None) -> HttpResponse:
        """导出现在所见的列与全部符合条件的行（上限 LARGEST_EXPORT）；先二次验证。"""
        require_step_up(self.request)  # before fifty thousand rows are read for nothing
        columns = [SheetColumn(c.label, 40 if c.clamp else 16, _SHEET_KINDS.get(c.kind, "text")) for c in self.columns]
        limited = (row for _, row in zip(range(LARGEST_EXPORT + 1), sources, strict=False))
        rows = [[_exported(cell) for cell in row.cells] for row in self.rows_of(limited)]
        return export_workbook(
            self.request,
            title=self.title,
            columns=columns,
            rows=rows,
            conditions=filters.words() if filters else "全部",
        )


def cell_of(column: Column, source: Any) -> Cell:
    """取一格。"""
    value = column.value(source) if column.value else reach(source, column.key)
    href = (column.href(source) or "") if column.href else ""
    badge = badges.badge_of(column.badge, value) if column.kind == "state" and value is not None else None
    return Cell(column, value, _words(column, value, badge), href, badge)


def _words(column: Column, value: Any, badge: badges.Badge | None) -> str:
    if value is None:
        return ""
    if badge is not None:
        return badge.label
    match column.kind:
        case "number":
            return f"{value:,}"
        case "percent":
            return f"{value * 100:.1f}%"
        case "date":
            return iso_date(value)
        case "time":
            return iso_time(value)
        case "due":
            return f"{iso_date(value.on)} {value.words}" if isinstance(value, DueView) else iso_date(value)
        case "flag":
            return "是" if value else "否"
    return str(value)


def _exported(cell: Cell) -> Any:
    """导出的值：数字与日期保持原类，其余用所见文字。"""
    if cell.column.kind in {"number", "percent"} and cell.value is not None:
        return cell.value
    if cell.column.kind == "date" and isinstance(cell.value, date) and not isinstance(cell.value, datetime):
        return cell.value
    return cell.text
