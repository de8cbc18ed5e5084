"""月度件数表：从表格里读出事项标识与办件数。"""

from __future__ import annotations

from collections.abc import Sequence

from quanze.core.errors import Defect, ErrorPlace, InvalidInput, RulesNotMet
from quanze.core.workbook import Sheet

CODE_HEADERS = ("事项标识", "事项编码", "item_code")
COUNT_HEADERS = ("办件数", "办件数（件）", "办件量", "件数", "cases")
_HEADER_WITHIN = 12


def counts_from_sheets(sheets: Sequence[Sheet], *, file: str) -> dict[str, int]:
    """各工作表中的 事项标识 → 办件数；空着的件数不算，写了 0 的算。

    Raises ``RulesNotMet`` with the place of every cell that is no count, and for an item that stands there twice.
    """
    found: dict[str, int] = {}
    defects: list[Defect] = []
    is_headed = False
    for sheet in sheets:
        columns = _columns(sheet)
        if columns is None:
            continue
        is_headed = True
        header, code_at, count_at = columns
        for number, row in enumerate(sheet.rows[header + 1 :], start=header + 2):
            code, text = row[code_at].strip(), row[count_at].strip().replace(",", "").replace("，", "")
            if not code or not text:
                continue
            place = ErrorPlace(file=file, sheet=sheet.name, row=number, column=count_at + 1)
            if not (text.isascii() and text.isdigit()) or len(text) > 9:
                defects.append(Defect("bad_number", f"“{row[count_at]}”不是办件数，应为不带单位的整数", place))
            elif code in found:
                defects.append(Defect("item_twice", f"事项 {code} 出现了两次", place))
            else:
                found[code] = int(text)
    if not is_headed:
        raise InvalidInput(
            "表格里没有“事项标识”与“办件数”两列",
            hint="请下载本月填报表，填好件数后再上传。",
            code="column_missing",
            place=ErrorPlace(file=file),
        )
    if defects:
        raise RulesNotMet("填报表有误，没有保存", defects=defects, hint="请改正后重新上传整张表。")
    return found


def _columns(sheet: Sheet) -> tuple[int, int, int] | None:
    for number, row in enumerate(sheet.rows[:_HEADER_WITHIN]):
        cells = [c.strip() for c in row]
        code_at = next((cells.index(h) for h in CODE_HEADERS if h in cells), None)
        count_at = next((cells.index(h) for h in COUNT_HEADERS if h in cells), None)
        if code_at is not None and count_at is not None:
            return number, code_at, count_at
    return None
