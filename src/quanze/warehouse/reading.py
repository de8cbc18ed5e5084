"""读 CSV：按列映射流式读入，逐块变为紧凑的编码列。

Encoding, delimiter and compression are found by content. What cannot be a row at all (another number of columns) is
reported with its number like every other problem; what cannot be a file is refused as a whole.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from quanze.core.errors import ErrorPlace, InvalidInput
from quanze.warehouse.checking import RowProblem, checked_columns
from quanze.warehouse.frames import MAX_LISTED_PROBLEMS, EventFrame, frame_of
from quanze.warehouse.mapping import ColumnMapping

_BLOCK = 8 << 20
_HEAD = 1 << 16
_DELIMITERS = ",\t;|"
_SURELY_UTF8 = 6


def csv_headers(path: Path, *, file_name: str = "") -> list[str]:
    """文件的表头，供选择列映射。"""
    return _Opened(path, file_name or path.name).headers


def read_csv(path: Path, mapping: ColumnMapping, *, now: datetime, file_name: str = "") -> EventFrame:
    """读入一个 CSV（可为 .gz）。

    Raises ``InvalidInput`` when the file as a whole cannot be read: empty, binary, truncated, a mapped column missing.
    """
    name = file_name or path.name
    opened = _Opened(path, name)
    _require_columns(opened.headers, mapping, name)
    tables: list[pa.Table] = []
    bad: list[np.ndarray] = []
    closing: list[np.ndarray] = []
    listed: list[RowProblem] = []
    counts: dict[str, int] = {}
    rows_read = 0
    try:
        for columns, row_no in opened.blocks(mapping.headers):
            room = MAX_LISTED_PROBLEMS - len(listed)
            table, problems, closed = checked_columns(columns, row_no, mapping, now=now, detailed=room)
            tables.append(table)
            bad.append(problems.bad)
            closing.append(closed)
            listed += problems.listed
            for code, count in problems.counts.items():
                counts[code] = counts.get(code, 0) + count
            rows_read += len(row_no)
    except (pa.ArrowInvalid, UnicodeDecodeError, EOFError, zlib.error, gzip.BadGzipFile, OSError) as error:
        raise _unreadable(name, error) from error
    for row, expected, actual in opened.misshapen[:MAX_LISTED_PROBLEMS]:
        message = f"应有 {expected} 列，实有 {actual} 列，请检查引号与分隔符"
        listed.append(RowProblem(row, "", "column_count", message))
    if opened.misshapen:
        counts["column_count"] = len(opened.misshapen)
    if not rows_read and not opened.misshapen:
        raise InvalidInput(
            "文件只有表头，没有数据行",
            hint="请确认导出时选择了数据范围。",
            code="ROW_NONE",
            place=ErrorPlace(file=name),
        )
    return frame_of(
        pa.concat_tables(tables) if tables else _empty(mapping, now),
        np.concatenate(bad) if bad else np.empty(0, bool),
        np.concatenate(closing) if closing else np.empty(0, bool),
        mapping=mapping,
        file_name=name,
        digest=opened.digest(),
        rows_read=rows_read + len(opened.misshapen),
        problems=listed,
        problem_counts=counts,
        broken_cases=opened.misshapen_cases(mapping),
    )


def _empty(mapping: ColumnMapping, now: datetime) -> pa.Table:
    columns = {h: pa.array([], pa.string()) for h in mapping.headers}
    return checked_columns(columns, np.empty(0, np.int64), mapping, now=now, detailed=0)[0]


def _require_columns(headers: list[str], mapping: ColumnMapping, name: str) -> None:
    twice = sorted(h for h in mapping.headers if headers.count(h) > 1)
    if twice:
        raise InvalidInput(
            f"表头中有重复的列：{'、'.join(twice)}",
            hint="请只留一列，删去或改名其余的再送。",
            code="HEADER_INVALID",
            place=ErrorPlace(file=name, row=1),
        )
    missing = [h for h in mapping.headers if h not in headers]
    if missing:
        optional = {h for f, h in mapping.columns.items() if f in ("division_code", "post_code", "due_at")}
        missing = [h for h in missing if h not in optional]
    if missing:
        raise InvalidInput(
            f"表头中没有列映射所要的列：{'、'.join(missing)}",
            hint=f"文件的表头是：{'、'.join(headers)}。请换一个列映射，或改正表头。",
            code="HEADER_INVALID",
            place=ErrorPlace(file=name, row=1),
        )


def _unreadable(name: str, error: Exception) -> InvalidInput:
    if isinstance(error, EOFError | zlib.error | gzip.BadGzipFile):
        return InvalidInput(
            "压缩文件不完整或已损坏", hint="请重新压缩后再送。", code="truncated", place=ErrorPlace(file=name)
        )
    if isinstance(error, UnicodeDecodeError):
        return InvalidInput(
            "文件既不是 UTF-8 也不是 GB18030 编码",
            hint="请在导出时选择 UTF-8 编码。",
            code="ENCODING_UNSUPPORTED",
            place=ErrorPlace(file=name),
        )
    # What the parser says is English and about its own options; the person needs to know what to do.
    return InvalidInput(
        "文件无法按 CSV 逐行读取",
        hint="请确认文件是以逗号分隔的文本，引号成对，用记事本打开能看到一行行数据。",
        code="unreadable",
        place=ErrorPlace(file=name),
    )


class _Opened:
    """一个已识别编码、分隔符与压缩的文本文件。"""

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.name = name
        self.misshapen: list[tuple[int, int, int]] = []
        self._misshapen_texts: list[str] = []
        try:
            with path.open("rb") as handle:
                self.is_gzip = handle.read(2) == b"\x1f\x8b"
            with self._bytes() as stream:
                head = stream.read(_HEAD)
        except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
            raise InvalidInput(f"打不开文件“{name}”", hint="请核对路径与权限。", code="file_missing") from error
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise _unreadable(name, error) from error
        if not head.strip():
            raise InvalidInput("文件是空的", hint="请重新导出。", code="empty", place=ErrorPlace(file=name))
        if b"\x00" in head and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise InvalidInput(
                "这不是文本文件", hint="请把工作簿另存为 CSV 后再送。", code="not_text", place=ErrorPlace(file=name)
            )
        self.encoding = self._sniffed_encoding(head)
        try:  # the head may end inside a character, which is no error
            text = codecs.getincrementaldecoder(self.encoding)().decode(head).removeprefix("\ufeff")
            # Old systems end a line with a single CR; nobody writes one inside a cell of the header.
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError as error:
            raise _unreadable(name, error) from error
        first = text.splitlines()[0]
        self.delimiter = max(_DELIMITERS, key=first.count)
        try:
            row = next(csv.reader(io.StringIO(text), delimiter=self.delimiter))
        except csv.Error as error:
            raise _unreadable(name, error) from error
        self.headers = row

    def _bytes(self) -> IO[bytes]:
        return gzip.open(self.path, "rb") if self.is_gzip else self.path.open("rb")  # type: ignore[return-value]

    def _sniffed_encoding(self, head: bytes) -> str:
        """先按 UTF-8 校验全文，不成再按 GB18030；两者都不成由读取时报错。"""
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        decoder = codecs.getincrementaldecoder("utf-8")()
        read, wide = 0, 0
        try:
            with self._bytes() as stream:
                while block := stream.read(1 << 20):
                    text = decoder.decode(block)
                    read += text.count("\n")
                    wide += len(text) - len(text.encode("ascii", "ignore"))
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            # Up to the bad byte: GB18030 Chinese is never three good UTF-8 characters long.
            good = bytes(error.object[: error.start]).decode("utf-8", "ignore")
            if wide + len(good) - len(good.encode("ascii", "ignore")) >= _SURELY_UTF8:
                raise self._mixed(read + good.count("\n") + 1) from error
            return "gb18030"
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise _unreadable(self.name, error) from error
        return "utf-8"

    def _mixed(self, row: int) -> InvalidInput:
        return InvalidInput(
            f"第 {row} 行起不是 UTF-8 编码，而前面是：一个文件里混用了两种编码",
            hint="请用一种编码重新导出整个文件；拼接过的文件请分开报送。",
            code="ENCODING_UNSUPPORTED",
            place=ErrorPlace(file=self.name, row=row),
        )

    def digest(self) -> str:
        with self.path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()

    def blocks(self, headers: tuple[str, ...]) -> Iterator[tuple[dict[str, pa.Array], np.ndarray]]:
        """逐块给出文本列与行号（表头为第 1 行）。"""
        wanted = [h for h in headers if h in self.headers]
        # Columns are read by position: names of a foreign file may be repeated or empty.
        positions = [f"c{i}" for i in range(len(self.headers))]
        chosen = {h: positions[self.headers.index(h)] for h in wanted}
        with self._bytes() as stream:
            reader = pacsv.open_csv(
                pa.PythonFile(stream, mode="r"),
                read_options=pacsv.ReadOptions(
                    block_size=_BLOCK,
                    use_threads=False,
                    encoding=self.encoding,
                    column_names=positions,
                    skip_rows_after_names=1,
                ),
                parse_options=pacsv.ParseOptions(
                    delimiter=self.delimiter, newlines_in_values=True, invalid_row_handler=self._misshapen
                ),
                convert_options=pacsv.ConvertOptions(
                    include_columns=list(chosen.values()),
                    column_types=dict.fromkeys(chosen.values(), pa.string()),
                    strings_can_be_null=False,
                ),
            )
            next_row = 2
            for batch in reader:
                if not batch.num_rows:
                    continue
                row_no, next_row = self._row_numbers(batch.num_rows, next_row)
                yield {h: batch.column(batch.schema.get_field_index(c)) for h, c in chosen.items()}, row_no

    def _misshapen(self, row: pacsv.InvalidRow) -> str:
        self.misshapen.append((row.number or 0, row.expected_columns, row.actual_columns))
        self._misshapen_texts.append(row.text)
        return "skip"

    def misshapen_cases(self, mapping: ColumnMapping) -> frozenset[str]:
        """列数不符的行所属的办件，能认出的话。"""
        header = mapping.columns.get("case_id", "")
        if header not in self.headers:
            return frozenset()
        place = self.headers.index(header)
        rows = (self._fields(text) for text in self._misshapen_texts)
        return frozenset(r[place].strip() for r in rows if len(r) > place)

    def _fields(self, text: str) -> list[str]:
        """一行的各列；引号不成对、长得离谱的行认不出，没有列。"""
        try:
            return next(csv.reader(io.StringIO(text), delimiter=self.delimiter), [])
        except csv.Error:
            return []

    def _row_numbers(self, count: int, next_row: int) -> tuple[np.ndarray, int]:
        """跳过的行也占行号：the reader leaves them out of its batches."""
        skipped = sorted(n for n, _, _ in self.misshapen if n >= next_row)
        numbers = np.arange(next_row, next_row + count + len(skipped))
        kept = numbers[~np.isin(numbers, skipped)][:count]
        return kept, int(kept[-1]) + 1
