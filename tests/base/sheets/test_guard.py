"""预检：格式按内容判定，恶意结构在解析器之前拒收，理由说得清。"""

import io
import struct
import zipfile
from dataclasses import replace

import pytest

from quanze.base.sheets.guard import inspect
from quanze.base.sheets.limits import DEFAULT_LIMITS
from quanze.base.sheets.refusals import REFUSALS
from quanze.core.errors import InvalidInput

NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"


def refused(data: bytes, name: str = "清单.xlsx", **limits) -> str:
    with pytest.raises(InvalidInput) as caught:
        inspect(data, name=name, limits=replace(DEFAULT_LIMITS, **limits))
    error = caught.value
    assert error.code in REFUSALS
    assert error.hint
    assert error.place is not None
    assert error.place.file == name
    return error.code


def worksheet(body: str, after: str = "", before: str = "") -> str:
    return f'{before}<worksheet xmlns="{NS}"><sheetData>{body}</sheetData>{after}</worksheet>'


def cell(ref: str) -> str:
    return f'<row><c r="{ref}"><v>1</v></c></row>'


def test_the_format_is_told_by_content_not_by_name(make_xlsx, make_xls):
    assert inspect(make_xlsx(), name="旧名.xls") == "xlsx"
    assert inspect(make_xls([["甲"]]), name="新名.xlsx") == "xls"
    assert inspect("序号,名称\r\n".encode(), name="清单.csv") == "csv"


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.xlsx", "FILE_EMPTY"),
        (b"%PDF-1.7", "a.xlsx", "FILE_TYPE_MISMATCH"),
        (b"MZ" + b"\0" * 99, "a.xls", "FILE_TYPE_MISMATCH"),
        (b"<html><table></table></html>", "a.xls", "FILE_TYPE_MISMATCH"),
        ("序号,名称".encode(), "a.xlsx", "FILE_TYPE_MISMATCH"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 20, "a.xls", "FILE_CORRUPT"),
        (b"PK\x03\x04" + b"\0" * 100, "a.xlsx", "FILE_CORRUPT"),
    ],
)
def test_other_and_broken_files_are_refused_by_name(data: bytes, name: str, code: str):
    assert refused(data, name) == code


def test_a_workbook_named_csv_is_refused(make_xlsx):
    assert refused(make_xlsx(), "清单.csv") == "FILE_TYPE_MISMATCH"


def test_a_file_over_the_limit_is_refused_unread(make_xlsx):
    assert refused(make_xlsx(), file_bytes=100) == "FILE_TOO_LARGE"


@pytest.mark.parametrize(
    ("parts", "drop", "code"),
    [
        ({}, ("xl/workbook.xml",), "FILE_CORRUPT"),
        ({}, ("[Content_Types].xml",), "FILE_CORRUPT"),
        ({}, (SHEET,), "FILE_CORRUPT"),
        ({"xl/vbaProject.bin": b"\0" * 64}, (), "ACTIVE_CONTENT"),
        ({"xl/workbook.bin": b"\0"}, ("xl/workbook.xml",), "FILE_TYPE_MISMATCH"),
        ({"word/document.xml": "<a/>"}, ("xl/workbook.xml",), "FILE_TYPE_MISMATCH"),
        ({"../../evil.txt": "x"}, (), "ARCHIVE_BAD_PATH"),
        ({"C:\\evil.txt": "x"}, (), "ARCHIVE_BAD_PATH"),
        ({"XL/Workbook.XML": "<a/>"}, (), "FILE_CORRUPT"),
        ({SHEET: worksheet("", before='<!DOCTYPE x [<!ENTITY a "b">]>')}, (), "XML_FORBIDDEN"),
        ({"xl/sharedStrings.xml": "<!DOCTYPE x><sst/>"}, (), "XML_FORBIDDEN"),
        ({SHEET: worksheet("").encode("utf-16")}, (), "FILE_CORRUPT"),
        ({SHEET: worksheet("", "<x>" * 60_000 + "</x>" * 60_000)}, (), "FILE_CORRUPT"),
        ({SHEET: worksheet(cell("A4294967295"))}, (), "SHEET_TOO_LARGE"),
        ({SHEET: worksheet(cell("XFD7"))}, (), "SHEET_TOO_LARGE"),
        ({SHEET: worksheet(cell("ZZZZZZ3"))}, (), "SHEET_TOO_LARGE"),
        (
            {SHEET: worksheet(cell("A1"), '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')},
            (),
            "SHEET_TOO_LARGE",
        ),
    ],
)
def test_each_attack_class_on_xlsx_is_refused_with_its_code(make_xlsx, parts, drop, code: str):
    assert refused(make_xlsx(parts, drop)) == code


def test_a_blank_formatted_cell_far_away_does_no_harm(make_xlsx):
    data = make_xlsx({SHEET: worksheet('<row r="1048576"><c r="XFD1048576" s="1"/></row>')})
    assert inspect(data, name="a.xlsx") == "xlsx"


def test_links_to_other_workbooks_are_tolerated_and_never_followed(make_xlsx):
    assert inspect(make_xlsx({"xl/externalLinks/externalLink1.xml": "<a/>"}), name="a.xlsx") == "xlsx"


def test_too_many_parts_are_refused(make_xlsx):
    assert refused(make_xlsx({f"xl/media/{n}.png": b"" for n in range(1200)})) == "ARCHIVE_TOO_MANY_FILES"


def test_a_bomb_is_refused_before_it_is_unpacked(make_xlsx):
    assert refused(make_xlsx({SHEET: worksheet(" " * (3 << 20))}), unpacked_bytes=1 << 20) == "ARCHIVE_TOO_LARGE"
    assert refused(make_xlsx({SHEET: worksheet(" " * (40 << 20))}), unpacked_bytes=1 << 30) == "ARCHIVE_TOO_LARGE"


def test_a_forged_size_is_found_by_unpacking_it(make_xlsx):
    data = bytearray(make_xlsx({SHEET: worksheet(" " * 100_000)}))
    # when the declared size in the central directory is made small
    place = data.rindex(SHEET.encode()) - 46
    struct.pack_into("<L", data, place + 24, 1000)
    assert refused(bytes(data)) == "FILE_CORRUPT"


def test_overlapping_and_duplicate_members_are_refused(make_xlsx):
    buffer = io.BytesIO(make_xlsx())
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(SHEET, worksheet(cell("A1")))
    assert refused(buffer.getvalue()) == "FILE_CORRUPT"


def test_an_encrypted_member_is_said_to_be_encrypted(make_xlsx):
    data = bytearray(make_xlsx())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert refused(bytes(data)) == "FILE_ENCRYPTED"


def test_strict_limits_refuse_formulas_and_hidden_sheets(make_xlsx):
    formula = make_xlsx({SHEET: worksheet('<row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row>')})
    assert inspect(formula, name="a.xlsx") == "xlsx"
    assert refused(formula, refuse_formulas=True) == "FORMULA_FORBIDDEN"
    hidden = make_xlsx()
    with zipfile.ZipFile(io.BytesIO(hidden)) as archive:
        book = archive.read("xl/workbook.xml").decode().replace('sheetId="1"', 'sheetId="1" state="veryHidden"')
    assert refused(make_xlsx({"xl/workbook.xml": book}), refuse_hidden=True) == "SHEET_HIDDEN"


@pytest.mark.parametrize(
    ("stream", "content", "kwargs", "code"),
    [
        ("EncryptedPackage", b"x", {}, "FILE_ENCRYPTED"),
        ("WordDocument", b"x", {}, "FILE_TYPE_MISMATCH"),
        ("Workbook", b"", {}, "FILE_CORRUPT"),
        ("Workbook", b"x", {"loop": True}, "FILE_CORRUPT"),
        ("Workbook", b"x", {"more": ("_VBA_PROJECT_CUR",)}, "ACTIVE_CONTENT"),
        ("Workbook", struct.pack("<HHHH", 0x0809, 0, 0x002F, 0), {}, "FILE_ENCRYPTED"),
    ],
)
def test_each_attack_class_on_xls_is_refused_with_its_code(make_ole, stream, content, kwargs, code: str):
    assert refused(make_ole(stream, content, **kwargs), "旧.xls") == code


def test_no_prefix_of_a_good_file_escapes_the_guard(make_xlsx, make_xls):
    # given good files cut anywhere, when inspected, then they pass or are refused — nothing else
    for data, name in ((make_xlsx(), "a.xlsx"), (make_xls([["序号", "名称"]]), "a.xls")):
        for cut in range(1, len(data), 97):
            try:
                inspect(data[:cut], name=name)
            except InvalidInput as error:
                assert error.code in REFUSALS


def test_no_single_changed_byte_escapes_the_guard(make_xlsx, make_xls):
    for data, name in ((make_xlsx(), "a.xlsx"), (make_xls([["序号", "名称"]]), "a.xls")):
        for place in range(0, len(data), 53):
            changed = bytearray(data)
            changed[place] ^= 0xFF
            try:
                inspect(bytes(changed), name=name)
            except InvalidInput as error:
                assert error.code in REFUSALS


def test_deflate_garbage_is_corrupt(make_xlsx):
    data = bytearray(make_xlsx())
    start = data.index(SHEET.encode()) + len(SHEET)
    data[start : start + 8] = b"\xff" * 8
    assert refused(bytes(data)) == "FILE_CORRUPT"
