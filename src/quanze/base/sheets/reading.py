"""读工作簿：预检，在受限子进程里解析，交回纯数据。

The caller's process never runs a parser: a hostile file can at worst kill the child. What the child wrote is bounded
by its own file-size limit before a byte of it is read. Plain CSV is read here (``delimited``): the standard library's
reader is memory-safe and has nothing to exploit.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Any

from quanze.base.sheets.delimited import read_delimited
from quanze.base.sheets.guard import inspect
from quanze.base.sheets.hidden_rows import hidden_rows
from quanze.base.sheets.limits import DEFAULT_LIMITS, SheetLimits
from quanze.base.sheets.refusals import REFUSALS, refuse
from quanze.core.workbook import MergedRange, Sheet, Workbook

LIMIT_REACHED = 3  # as in the child
CHILD = Path(__file__).with_name("parser_child.py")


def read_workbook(source: Path | str | bytes, *, name: str = "", limits: SheetLimits = DEFAULT_LIMITS) -> Workbook:
    """读出工作簿。``source`` is a path or the bytes; ``name`` the file name for messages (default: the path's).

    Raises InvalidInput with a code of ``refusals.REFUSALS``. Hidden sheets are read and marked; chart sheets are left
    out.
    """
    data, name = _bytes_of(source, name=name, limits=limits)
    kind = inspect(data, name=name, limits=limits)
    if kind == "csv":
        return Workbook(name=name, format=kind, sheets=(read_delimited(data, name=name, limits=limits),))
    sheets = _parse(data, name=name, limits=limits, hidden=hidden_rows(data, kind))
    if not sheets:
        raise refuse("FILE_CORRUPT", file=name, detail="没有可读的工作表")
    if limits.refuse_hidden and any(sheet.is_hidden for sheet in sheets):
        raise refuse("SHEET_HIDDEN", file=name)
    return Workbook(name=name, format=kind, sheets=sheets)


def _bytes_of(source: Path | str | bytes, *, name: str, limits: SheetLimits) -> tuple[bytes, str]:
    if isinstance(source, bytes):
        return source, name
    path = Path(source)
    name = name or path.name
    try:
        with path.open("rb") as file:
            # One byte more than allowed shows that the file is too large without reading all of it.
            return file.read(limits.file_bytes + 1), name
    except IsADirectoryError:
        raise refuse("FILE_NOT_FOUND", file=name, detail="这是文件夹") from None
    except OSError:
        raise refuse("FILE_NOT_FOUND", file=name) from None


def _parse(
    data: bytes, *, name: str, limits: SheetLimits, hidden: tuple[tuple[int, ...], ...] = ()
) -> tuple[Sheet, ...]:
    command = [
        sys.executable,
        "-I",
        str(CHILD),
        *(
            str(n)
            for n in (
                limits.memory_bytes,
                limits.cpu_seconds,
                limits.text_bytes,
                limits.rows,
                limits.columns,
                limits.merges,
                limits.sheets,
            )
        ),
    ]
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as answer:
        given.write(data)
        given.seek(0)
        try:
            ended = subprocess.run(
                command,
                stdin=given,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                timeout=limits.wall_seconds,
                check=False,
                env={"LC_ALL": "C.UTF-8"},
            )
        except subprocess.TimeoutExpired:
            raise refuse("SHEET_TOO_LARGE", file=name, detail="读取时间超出上限") from None
        answer.seek(0)
        return _answer(answer, ended.returncode, name=name, hidden=hidden)


def _answer(answer: IO[bytes], returncode: int, *, name: str, hidden: tuple[tuple[int, ...], ...]) -> tuple[Sheet, ...]:
    """子进程写下的各表；没有“写完”一行的，视为中途被终止。"""
    sheets: list[Sheet] = []
    for raw in answer:
        try:
            line: dict[str, Any] = json.loads(raw)
        except ValueError:
            break
        if line.get("refused") in REFUSALS:
            raise refuse(line["refused"], file=name, sheet=line.get("sheet", ""), detail=line.get("detail", ""))
        if line.get("done"):
            return tuple(sheets)
        place = line["place"]
        sheets.append(_sheet(line, hidden[place] if place < len(hidden) else ()))
    if returncode < 0 or returncode == LIMIT_REACHED:
        # A limit ended it: the parser aborts when memory is out (SIGABRT), the system signals too much time (SIGXCPU).
        raise refuse("SHEET_TOO_LARGE", file=name, detail="读取时超出内存、时间或输出上限")
    raise refuse("FILE_CORRUPT", file=name)


def _sheet(line: dict[str, Any], hidden: tuple[int, ...]) -> Sheet:
    rows = [tuple(row) for row in line["rows"]]
    width = max((len(row) for row in rows), default=0)
    return Sheet(
        name=line["sheet"],
        rows=tuple(row + ("",) * (width - len(row)) for row in rows),
        merges=tuple(MergedRange(*merge) for merge in line["merges"]),
        is_hidden=bool(line["hidden"]),
        rounded=tuple((row, column) for row, column in line["rounded"]),
        hidden_rows=tuple(row for row in hidden if row < len(rows)),
    )
