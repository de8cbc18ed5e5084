"""与上级清单比对：读入国家、省下发的清单（xlsx：编码、名称、类型），与本级条目逐行对应，记下同步日期与迟几个工作日。"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils.timezone import localdate

from quanze.apps.catalog.domain.alignment import ExtractRow, LocalRow, align
from quanze.apps.catalog.domain.list_types import ListType
from quanze.apps.catalog.models import DerivedEntryVersion, DerivedList, ListAlignment
from quanze.apps.catalog.selectors.entry_locks import derived_list_for_update
from quanze.apps.catalog.selectors.lists import in_force
from quanze.apps.catalog.services.entry_storing import kind_of, list_ref, require_keeper
from quanze.apps.catalog.services.packs import power_types
from quanze.base.audit import public as audit
from quanze.base.calendar import public as calendar
from quanze.base.parameters import public as parameters
from quanze.base.sheets.reading import read_workbook
from quanze.core.actor import Actor
from quanze.core.errors import ErrorPlace, InvalidInput

audit.register_action("catalog.derived_list.aligned", "与上级清单比对")
LIMIT = "extract_sync_workdays"
HEADERS = {
    "code": ("编码", "事项编码", "基本编码", "实施编码", "事项代码", "代码"),
    "name": ("名称", "事项名称", "许可事项名称", "监管事项名称", "项目名称"),
    "type_label": ("类型", "事项类型", "职权类型", "权力类型"),
}
MOST_ROWS = 50_000


def extract_rows(data: bytes, name: str) -> list[ExtractRow]:
    """读出上级清单：第一张有“名称”表头的工作表。Raises InvalidInput with file, sheet and row."""
    book = read_workbook(data, name=name)
    for sheet in book.sheets:
        rows = [[str(cell).strip() if cell is not None else "" for cell in row] for row in sheet.rows]
        for number, row in enumerate(rows[:30]):
            columns = {key: _column(row, words) for key, words in HEADERS.items()}
            if columns["name"] is not None:
                return _rows(rows, number, columns, name, sheet.name)
    raise InvalidInput(
        "没有找到“名称”这一列",
        hint=f"表头须有：{'、'.join(HEADERS['name'])} 之一；可以另有编码与类型。",
        place=ErrorPlace(file=name),
        code="extract_without_header",
    )


def _column(row: list[str], words: tuple[str, ...]) -> int | None:
    return next((number for number, cell in enumerate(row) if "".join(cell.split()) in words), None)


def _rows(
    rows: list[list[str]], header: int, columns: dict[str, int | None], file: str, sheet: str
) -> list[ExtractRow]:
    def cell(row: list[str], key: str) -> str:
        place = columns[key]
        return row[place] if place is not None and place < len(row) else ""

    found = [
        ExtractRow(number, cell(row, "code").removesuffix(".0"), cell(row, "name"), cell(row, "type_label"))
        for number, row in enumerate(rows[header + 1 :], start=header + 2)
        if cell(row, "name")
    ]
    if not found:
        raise InvalidInput(
            "表头之下没有内容", hint="请核对文件。", place=ErrorPlace(file=file, sheet=sheet, row=header + 1)
        )
    if len(found) > MOST_ROWS:
        raise InvalidInput(f"超过 {MOST_ROWS} 行", hint="请分地区比对。", place=ErrorPlace(file=file, sheet=sheet))
    return found


def local_rows(derived_list: DerivedList, kind: ListType, on: date) -> list[LocalRow]:
    """本级的条目，作比对之用。"""
    names = [field.name for field in kind.fields if field.kind == "code"]
    rows = DerivedEntryVersion.objects.filter(in_force(on), entry__derived_list=derived_list)
    found = []
    for row in rows.select_related("entry", "item_version").order_by("entry__ordinal", "entry_id"):
        item = row.item_version
        own = tuple(str(row.content.get(name) or "") for name in names)
        codes = own if any(own) else ((item.power_code,) if item is not None and item.power_code else ())
        label = power_types().label(item.power_type) if item is not None and item.power_type else ""
        found.append(LocalRow(row.entry_id, codes, row.name or (item.name if item else row.entry.code), label))
    return found


@transaction.atomic
def list_align(
    *, actor: Actor, list_id: int, data: bytes, file_name: str, source_label: str, extract_on: date, now: datetime
) -> int:
    """比对一次，留下结果。``extract_on`` 为上级清单的日期；迟同步按工作日算。返回比对编号。"""
    derived_list = derived_list_for_update(list_id=list_id, scope=actor.scope)
    require_keeper(actor, derived_list)
    today = localdate(now)
    if extract_on > today:
        raise InvalidInput(
            f"上级清单日期 {extract_on} 晚于今天", hint="请填清单下发或导出的日期。", code="extract_in_future"
        )
    kind = kind_of(derived_list)
    rows = align(extract_rows(data, file_name), local_rows(derived_list, kind, today))
    counts = {code: sum(row.result == code for row in rows) for code in ("matched", "differing", "unmatched", "extra")}
    made = ListAlignment.objects.create(
        derived_list=derived_list,
        file_name=file_name[:300],
        source_label=source_label.strip()[:200] or file_name[:200],
        extract_on=extract_on,
        workdays_late=_late(derived_list, extract_on, today),
        rows=[asdict(row) for row in rows],
        aligned_at=now,
        aligned_by_name=actor.name,
        **counts,
    )
    audit.record(
        actor=actor,
        action="catalog.derived_list.aligned",
        subject=list_ref(derived_list),
        after={
            "file": file_name,
            "source": source_label,
            "extract_on": extract_on,
            **counts,
            "late": made.workdays_late,
        },
        versions={"parameters": parameters.versions_on([LIMIT], on=today)},
        now=now,
    )
    return made.pk


def _late(derived_list: DerivedList, extract_on: date, today: date) -> int:
    """本级最后一次变动（或上级清单日期，取后者）到比对之日，超过期限几个工作日。上一次比对之后没有变动的不迟。"""
    last = derived_list.alignments.aggregate(last=Max("aligned_at"))["last"]
    changed = DerivedEntryVersion.objects.filter(
        entry__derived_list=derived_list, state="published", valid_from__lte=today
    ).aggregate(last=Max("valid_from"))["last"]
    since = max(one for one in (changed, extract_on) if one is not None)
    if last is not None and since <= localdate(last):
        return 0
    passed = calendar.work_calendar().between(since, today)
    return max(0, passed - parameters.value_int(LIMIT, on=today))
