"""受限子进程：限住内存与时间，再让解析器读工作簿，把结果写成一行一表的 JSON。

Run as a script by ``reading`` and never imported: only the standard library and the parser, no project code, so that it
starts in a few milliseconds. Standard input is the file, standard output the result; the last line says that all is
there.
"""

import datetime
import io
import json
import os
import resource
import sys

MAX_ROUNDED = 1000
LIMIT_REACHED = 3


def _limit(memory: int, cpu: int, output: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (output, output))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _text(value: object) -> str:
    """单元格文字：办事员在页面上看到的样子。"""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < 1e21 else format(value, ".15g")
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)


def _rows(sheet: object) -> "tuple[list[list[str]], list[tuple[int, int]]]":
    """各行文字，与位数太多的数字的位置。"""
    rows: list[list[str]] = []
    rounded: list[tuple[int, int]] = []
    for number, cells in enumerate(sheet.to_python(skip_empty_area=False)):  # type: ignore[attr-defined]
        row = [cell if cell.__class__ is str else _text(cell) for cell in cells]
        if len(rounded) < MAX_ROUNDED:
            rounded.extend(
                (number, column) for column, cell in enumerate(cells) if isinstance(cell, float) and abs(cell) >= 1e15
            )
        rows.append(row)
    while rows and not any(rows[-1]):
        rows.pop()
    return rows, rounded


def main() -> int:
    memory, cpu, output, max_rows, max_columns, max_merges, max_sheets = (int(word) for word in sys.argv[1:8])
    _limit(memory, cpu, output)
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

    def say(**line: object) -> None:
        text = json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
        if len(workbook.sheets_metadata) > max_sheets:
            say(refused="SHEET_TOO_LARGE", detail=f"工作表超过 {max_sheets} 张")
            return 0
        for place, meta in enumerate(workbook.sheets_metadata):
            if meta.typ != SheetTypeEnum.WorkSheet:
                continue
            try:
                sheet = workbook.get_sheet_by_index(place)
            except CalamineError:
                say(refused="FILE_CORRUPT", sheet=meta.name)
                return 0
            if sheet.total_height > max_rows or sheet.total_width > max_columns:
                wide = sheet.total_width > max_columns
                say(
                    refused="SHEET_TOO_LARGE",
                    sheet=meta.name,
                    detail=f"列数超出上限 {max_columns} 列" if wide else f"行数超出上限 {max_rows} 行",
                )
                return 0
            merges = sheet.merged_cell_ranges or []
            if len(merges) > max_merges:
                say(refused="SHEET_TOO_LARGE", sheet=meta.name, detail=f"合并单元格超过 {max_merges} 处")
                return 0
            rows, rounded = _rows(sheet)
            say(
                sheet=meta.name,
                place=place,
                hidden=meta.visible != SheetVisibleEnum.Visible,
                rows=rows,
                merges=[[top, left, bottom, right] for (top, left), (bottom, right) in merges],
                rounded=rounded,
            )
    except PasswordError:
        say(refused="FILE_ENCRYPTED")
    except CalamineError:
        say(refused="FILE_CORRUPT")
    else:
        say(done=True)
        sys.stdout.buffer.flush()
    return 0


def _memory_is_out(limit: int) -> bool:
    """内存是否已近上限（按进程地址空间的最高值，超过四分之三即算）。"""
    with open("/proc/self/status", encoding="ascii") as lines:  # noqa: PTH123 - no room left to load pathlib
        peak = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmPeak"))
    return peak * 4 > limit * 3


def _failure(error: BaseException) -> int:
    """读不下去的原因。

    Out of memory shows in many ways: MemoryError, a module that cannot be loaded, or, where the parser makes a Python
    object without looking whether it got one, a panic (which is not an ``Exception``). A panic with memory to spare is
    the file's own doing.
    """
    if isinstance(error, MemoryError | OSError | ImportError):
        return LIMIT_REACHED
    try:
        return LIMIT_REACHED if _memory_is_out(int(sys.argv[1])) else 1
    except (MemoryError, OSError):
        return LIMIT_REACHED


if __name__ == "__main__":
    try:
        status = main()
    except BaseException as error:
        # Out of memory or over the output limit: no more work, not even at exit.
        os._exit(_failure(error))
    sys.exit(status)
