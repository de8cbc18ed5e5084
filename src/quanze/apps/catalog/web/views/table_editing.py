"""表格编辑：一份清单的事项逐格改，只送改了的格，出错落到格上，可撤回上一次保存。"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.catalog.domain.items import CONTENT_LABELS
from quanze.apps.catalog.domain.table_edits import RowEdit, RowUndo
from quanze.apps.catalog.selectors import item_lists
from quanze.apps.catalog.selectors import lists as selectors
from quanze.apps.catalog.selectors.item_lists import ItemRow
from quanze.apps.catalog.selectors.lists import VersionView
from quanze.apps.catalog.services import drafting, table_editing
from quanze.apps.catalog.web.content_form import ContentForm
from quanze.apps.catalog.web.presenting import VERSION_BADGES, list_tabs
from quanze.apps.catalog.web.requests import DeskRequest, posted
from quanze.apps.catalog.web.views.drafts import SECTIONS
from quanze.apps.catalog.web.views.lists import ItemFilters, item_query
from quanze.apps.org import public as org
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.errors import error_number, record_refusal
from quanze.base.web.filters import ChoiceFilter
from quanze.base.web.paging import page_of
from quanze.core.errors import Conflict, RulesNotMet, WrongState

USUAL = ("name", "power_type", "exercising_body", "lead_division", "legal_limit_days", "promised_limit_days", "hotline")
# A column per field that is one value. Yes-or-no fields without a third state cannot say "not sent" and stay on the form.
_NO_COLUMN = {"change_note", "template_key", "parent_id"}
EDITABLE = tuple(
    name
    for name, one in ContentForm.base_fields.items()
    if name in CONTENT_LABELS and name not in _NO_COLUMN and type(one) is not forms.BooleanField
)
_CELL = re.compile(r"cell-([0-9]{1,18})-([a-z_]+)")
_SEEN = re.compile(r"([0-9]{1,18})\.([0-9]{1,18})")
_UNDO_KEY = "catalog.table_undo"
PAGE_ROWS = 50


def _column_sets() -> dict[str, tuple[str, ...]]:
    """各组栏目：常用、表单的各节、全部。名称总在第一栏。"""
    sets = {"usual": USUAL, "all": EDITABLE}
    for number, (_, names, _) in enumerate(SECTIONS):
        sets[f"s{number}"] = ("name", *(name for name in names if name in EDITABLE and name != "name"))
    return sets


class TableFilters(ItemFilters):
    columns = ChoiceFilter(
        "栏目",
        choices=lambda: [*((f"s{n}", title) for n, (title, _, _) in enumerate(SECTIONS)), ("all", "全部栏目")],
        blank="常用",
    )


class TableForm(forms.Form):
    """改了的各格；``edits`` 按行，``cell_errors`` 按（事项，要素）。"""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cells: dict[tuple[int, str], str] = {}
        self.cell_errors: dict[tuple[int, str], str] = {}
        self.edits: list[RowEdit] = []
        self.is_conflict = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        fields = ContentForm().fields
        values: dict[int, dict[str, Any]] = {}
        for key in posted(self):
            named = _CELL.fullmatch(key)
            if named is None or named[2] not in EDITABLE:
                continue
            item_id, field, text = int(named[1]), named[2], _normal(str(posted(self)[key]))
            self.cells[item_id, field] = text
            try:
                values.setdefault(item_id, {})[field] = fields[field].clean(text)
            except forms.ValidationError as error:
                self.cell_errors[item_id, field] = str(error.messages[0])
        for item_id, row in values.items():
            seen = _SEEN.fullmatch(posted(self).get(f"seen-{item_id}", ""))
            if seen is None:
                raise forms.ValidationError("提交的内容没有说明看过的版本，请重新打开页面再保存。")
            self.edits.append(RowEdit(item_id, int(seen[1]), int(seen[2]), row))
        if self.cell_errors:
            raise forms.ValidationError(f"{len(self.cell_errors)} 格不能保存，什么也没有写入。请改正标红的格后再保存。")
        return cleaned


def _normal(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


@dataclass(frozen=True, slots=True)
class CellView:
    """一格：名、现值、显示的值、错处、选项、是否长文。"""

    name: str
    label: str
    field: str
    stored: str
    value: str
    error: str
    choices: tuple[tuple[str, str], ...]
    is_long: bool
    is_number: bool

    @property
    def is_changed(self) -> bool:
        return self.stored != self.value

    @property
    def lines(self) -> int:
        return min(max(2, self.value.count("\n") + 1 + len(self.value) // 24), 8)

    @property
    def width(self) -> str:
        if self.is_number:
            return "number"
        return "choice" if self.choices else "long" if self.is_long else "text"


@dataclass(frozen=True, slots=True)
class RowView:
    """一行：事项、所见版本、各格；审查中的行只读。"""

    row: ItemRow
    seen: str
    is_locked: bool
    state_label: str
    cells: tuple[CellView, ...]


def _stored(version: VersionView, field: str) -> str:
    value = getattr(version.content, field)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _row(row: ItemRow, version: VersionView, fields: Mapping[str, forms.Field], form: TableForm | None) -> RowView:
    cells = []
    for field, one in fields.items():
        stored, key = _stored(version, field), (row.item_id, field)
        widget = one.widget
        choices = tuple(getattr(widget, "choices", ()))
        cells.append(
            CellView(
                name=f"cell-{row.item_id}-{field}",
                label=CONTENT_LABELS[field],
                field=field,
                stored=stored,
                value=form.cells.get(key, stored) if form else stored,
                error=form.cell_errors.get(key, "") if form else "",
                choices=tuple((str(code), str(label)) for code, label in choices),
                is_long=isinstance(widget, forms.Textarea) or field == "name",
                is_number=isinstance(one, forms.IntegerField),
            )
        )
    seen = f"{version.id}.{version.lock_version}"
    if form and not form.is_conflict:
        seen = posted(form).get(f"seen-{row.item_id}", seen)
    label = VERSION_BADGES[row.state].label
    return RowView(row, seen, row.state == "frozen", label, tuple(cells))


@signed_in("drafter")
def table_page(request: DeskRequest, list_id: int, form: TableForm | None = None) -> HttpResponse:
    """表格编辑页；``form`` 为没有保存成的改动，逐格放回。"""
    actor, on = request.actor, timezone.localdate()
    view = selectors.list_view(list_id=list_id, scope=actor.scope, on=on)
    drafting.require_drafter(actor, view.body_id)
    bar = TableFilters(request.GET)
    query = item_query(bar, list_id=list_id, on=on, view="working")
    page = page_of(item_lists.item_versions(query, scope=actor.scope), request, order=item_lists.ORDER, size=PAGE_ROWS)
    rows = item_lists.rows_of(page.rows)
    versions = selectors.versions_by_ids([row.version_id for row in rows])
    every = ContentForm().fields
    fields = {name: every[name] for name in _column_sets()[bar.values["columns"] or "usual"]}
    context = {
        "list": view,
        "tabs": list_tabs(view, "working"),
        "may_draft": True,
        "bar": bar,
        "page": page,
        "form": form,
        "columns": [(name, CONTENT_LABELS[name]) for name in fields],
        "rows": [_row(row, versions[row.version_id], fields, form) for row in rows],
        "found": item_lists.item_counts(query, scope=actor.scope).items,
        "divisions": [one.name for one in org.divisions_of([view.body_id], on=on)],
        "query": request.GET.urlencode(),
        "undo": _undo_of(request, list_id) if form is None else None,
    }
    return render(request, "catalog/table_editing.html", context)


@action(form=TableForm, roles=("drafter",), invalid=table_page, page="catalog:table")
def table_save(request: DeskRequest, form: TableForm, list_id: int) -> Done | HttpResponse:
    """保存改了的各格。"""
    try:
        done = table_editing.items_edit(actor=request.actor, list_id=list_id, edits=form.edits, now=timezone.now())
    except RulesNotMet as error:
        for defect in error.defects:
            item, _, field = defect.place.field.partition(".")
            form.cell_errors[int(item), field] = defect.message
        form.add_error(None, f"{error.message}。{error.hint}")
        response = table_page(request, list_id, form=form)
        response.status_code = 422
        return response
    except Conflict as error:
        record_refusal(request, error, error_number())
        form.is_conflict = True
        form.add_error(None, f"{error.message}。什么也没有写入；您填的仍在格里，格下是现在的内容，核对后可再保存。")
        response = table_page(request, list_id, form=form)
        response.status_code = 409
        return response
    page = _page(request, list_id)
    if not done.items:
        return Done("没有改动，清单照旧。", to=page)
    request.session[_UNDO_KEY] = {"list": list_id, "rows": [asdict(row) for row in done.undo]}
    return Done(f"已保存 {done.items} 项的 {done.cells} 格，写入草稿。", to=page)


@action(roles=("drafter",), page="catalog:table")
def table_undo(request: DeskRequest, list_id: int) -> Done:
    """撤回自己上一次保存。"""
    selectors.list_view(list_id=list_id, scope=request.actor.scope, on=timezone.localdate())
    held = _undo_of(request, list_id)
    if held is None:
        raise WrongState("没有可撤回的保存", hint="只能撤回本次登录后在本清单的最后一次保存。")
    rows = [RowUndo(**row) for row in held["rows"]]
    undone = table_editing.items_edit_undo(actor=request.actor, list_id=list_id, rows=rows, now=timezone.now())
    del request.session[_UNDO_KEY]
    return Done(f"已撤回上一次保存，{undone} 项回到保存之前。", to=_page(request, list_id))


def _undo_of(request: DeskRequest, list_id: int) -> dict[str, Any] | None:
    held = request.session.get(_UNDO_KEY)
    return held if held and held["list"] == list_id else None


def _page(request: DeskRequest, list_id: int) -> str:
    query = request.GET.urlencode()
    return reverse("catalog:table", args=[list_id]) + (f"?{query}" if query else "")
