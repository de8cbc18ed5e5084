"""A file is what its content says, lies under its digest, and belongs to a body."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import UTC, datetime

import pytest
from django.db import transaction

from quanze.base.audit import public as audit
from quanze.base.audit.models import FactRecord
from quanze.base.files import public as files
from quanze.base.files.models import StoredFile
from quanze.base.files.storage import path_of
from quanze.base.parameters.public import parameter_set
from quanze.base.web.downloads import attachment, download_response
from quanze.core.actor import EVERYTHING, Actor, Scope
from quanze.core.errors import InvalidInput, NotFound, NotPermitted

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
NOW = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
CLERK = Actor(7, "王芳", 3, "统计局", scope=Scope(frozenset({3})))
PDF = b"%PDF-1.7\n% scan of a signed paper\n"


def register_once() -> None:
    try:
        files.register_purpose("test.any", "测试材料")
        files.register_purpose("test.scan", "签字扫描件", kinds=["pdf", "png", "jpg"])
    except ValueError:
        pass


register_once()


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.QUANZE_FILES_DIR = tmp_path / "files"
    return settings.QUANZE_FILES_DIR


def office(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return buffer.getvalue()


def _picture(kind: str, size: tuple[int, int] = (40, 20), **saved) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", size, (10, 120, 200)).save(out, kind, **saved)
    return out.getvalue()


XLSX = office("[Content_Types].xml", "xl/workbook.xml")
DOCX = office("[Content_Types].xml", "word/document.xml")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500


def store(data: bytes = PDF, name: str = "审批单.pdf", purpose: str = "test.any", body_id: int | None = 3):
    return files.store(data=data, name=name, body_id=body_id, actor=CLERK, purpose=purpose, now=NOW)


def stored_bytes(folder) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file()) if folder.exists() else []


def test_a_stored_file_comes_back_byte_for_byte():
    view = store()

    assert (view.name, view.kind, view.size, view.sha256) == (
        "审批单.pdf",
        "pdf",
        len(PDF),
        hashlib.sha256(PDF).hexdigest(),
    )
    with files.open_file(view.id, scope=CLERK.scope).stream as stream:
        assert stream.read() == PDF
    assert files.file_is_intact(view.id, scope=CLERK.scope)
    (fact,) = audit.history_of("file", view.id, scope=EVERYTHING)
    assert (fact.subject_label, fact.after["sha256"], fact.body_id) == ("审批单.pdf", view.sha256, 3)


def test_equal_content_is_kept_once_under_its_digest(folder):
    first, second = store(), store(name="又一份.pdf")

    assert first.id != second.id
    assert stored_bytes(folder) == [first.sha256]
    assert path_of(first.sha256) == folder / first.sha256[:2] / first.sha256[2:4] / first.sha256


def test_a_foreign_file_answers_like_an_absent_one():
    view = store()
    with pytest.raises(NotFound) as foreign:
        files.open_file(view.id, scope=Scope(frozenset({4})))
    with pytest.raises(NotFound) as absent:
        files.open_file(view.id + 1000, scope=EVERYTHING)

    assert str(foreign.value) == str(absent.value)


def test_a_file_cannot_be_put_into_another_body(folder):
    with pytest.raises(NotPermitted):
        store(body_id=4)

    assert (stored_bytes(folder), StoredFile.objects.count(), FactRecord.objects.count()) == ([], 0, 0)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (XLSX, "xlsx"),
        (DOCX, "docx"),
        (OLE + "Workbook".encode("utf-16-le"), "xls"),
        (PDF, "pdf"),
        (_picture("PNG"), "png"),
        (_picture("JPEG"), "jpg"),
        ("序号,事项名称\n1,统计执法检查\n".encode("gb18030"), "csv"),
        ("\ufeff序号,事项名称\n1,统计执法检查\n".encode(), "csv"),
    ],
)
def test_the_kind_is_told_by_content_whatever_the_name_says(data, kind):
    # Text is the exception: it has no signature, any text could be a table of one column.
    assert store(data, name="名册.csv" if kind == "csv" else "无关.exe").kind == kind


@pytest.mark.req("W-55")
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "FILE_EMPTY"),
        (b"MZ\x90\x00\x03\x00program", "FILE_TYPE_MISMATCH"),
        (b"\x7fELF\x02\x01\x01\x00", "FILE_TYPE_MISMATCH"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "FILE_TYPE_MISMATCH"),
        (b"<svg onload='x'/>", "FILE_TYPE_MISMATCH"),
        (b"#!/bin/sh\nrm -rf /\n", "FILE_TYPE_MISMATCH"),
        (b"a,b\x01,c\n", "FILE_TYPE_MISMATCH"),
        (OLE, "FILE_TYPE_MISMATCH"),
        (office("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"), "FILE_TYPE_MISMATCH"),
        (office("readme.txt"), "FILE_TYPE_MISMATCH"),
        (b"PK\x03\x04 broken archive", "FILE_TYPE_MISMATCH"),
    ],
)
def test_what_is_not_allowed_is_refused_and_nothing_is_kept(folder, data, code):
    with pytest.raises(InvalidInput) as refusal:
        store(data, name="材料.xlsx")

    assert refusal.value.code == code
    assert "材料.xlsx" in str(refusal.value)
    assert (stored_bytes(folder), StoredFile.objects.count(), FactRecord.objects.count()) == ([], 0, 0)


def test_a_purpose_narrows_the_kinds():
    with pytest.raises(InvalidInput, match="签字扫描件不接受这种文件"):
        store(XLSX, purpose="test.scan")
    assert store(PDF, purpose="test.scan").purpose == "test.scan"


def test_an_unknown_purpose_fails_loudly():
    with pytest.raises(LookupError, match="未登记"):
        store(purpose="test.unknown")


def test_the_size_limit_is_a_parameter(folder):
    parameter_set(
        actor=CLERK, code="file_limit_mib", valid_from=NOW.date(), value=1, source="本市要求（测试）", now=NOW
    )
    at_limit = PDF + b"\0" * (1024 * 1024 - len(PDF))
    kept = store(at_limit)

    with pytest.raises(InvalidInput, match="不能超过 1 MiB") as refusal:
        store(at_limit + b"\0")
    assert refusal.value.code == "FILE_TOO_LARGE"
    assert stored_bytes(folder) == [kept.sha256]


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\用户\\清单.xlsx", "清单.xlsx"),
        ("清单\u202excod.exe", "清单xcod.exe"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x.pdf"),
        (" .. ", "未命名"),
        ("长" * 300 + ".xlsx", "长" * 115 + ".xlsx"),
    ],
)
def test_a_name_is_made_harmless(given, clean):
    assert files.clean_name(given) == clean
    assert len(clean) <= 120


def test_a_row_that_rolls_back_leaves_no_file_to_be_found():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        store()
        raise ZeroDivisionError

    assert StoredFile.objects.count() == 0


def test_changed_and_missing_content_are_noticed():
    view = store()
    path = path_of(view.sha256)
    path.chmod(0o600)
    path.write_bytes(PDF.replace(b"signed", b"forged"))
    assert not files.file_is_intact(view.id, scope=EVERYTHING)

    path.unlink()
    with pytest.raises(NotFound) as missing:
        files.open_file(view.id, scope=EVERYTHING)
    assert missing.value.code == "file_content_missing"


def test_a_download_is_an_attachment_that_the_browser_does_not_run():
    view = store(name='签字"件.pdf')
    response = download_response(files.open_file(view.id, scope=EVERYTHING))

    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == (
        "attachment; filename=\"____.pdf\"; filename*=UTF-8''%E7%AD%BE%E5%AD%97%22%E4%BB%B6.pdf"
    )
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Content-Length"] == str(len(PDF))


def test_bytes_made_on_the_fly_are_sent_the_same_way():
    response = attachment(b"{}", name="清单.json", media_type="application/json")

    assert b"".join(response.streaming_content) == b"{}"
    assert response["Content-Length"] == "2"
    assert response["Cache-Control"] == "private, no-store"


def test_a_picture_is_drawn_anew_and_loses_what_it_carried(folder) -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[0x010E] = "<?php system($_GET['c']); ?>"
    exif[0x0112] = 6  # lies on its side
    given = _picture("JPEG", exif=exif) + b"trailing content"
    stored = store(given, "现场.jpg")
    with files.open_file(stored.id, scope=EVERYTHING).stream as kept:
        content = kept.read()
    assert b"php" not in content and b"trailing" not in content
    with Image.open(io.BytesIO(content)) as picture:
        assert (picture.format, picture.size, dict(picture.getexif())) == ("JPEG", (20, 40), {})
    assert stored.size == len(content)
    assert files.file_is_intact(stored.id, scope=EVERYTHING)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\x89PNG\r\n\x1a\n....", "FILE_CORRUPT"),
        (b"\xff\xd8\xff\xe0....", "FILE_CORRUPT"),
        (_picture("PNG")[:60], "FILE_CORRUPT"),
        (
            _picture("PNG").replace(b"\x00\x00\x00\x28\x00\x00\x00\x14", b"\x00\x00\xea\x60\x00\x00\xea\x60"),
            "IMAGE_TOO_LARGE|FILE_CORRUPT",
        ),
        (_picture("PNG", (6000, 4001)), "IMAGE_TOO_LARGE"),
    ],
)
def test_a_broken_or_huge_picture_is_refused(folder, content: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        store(content, "图.png")
    assert refused.value.code in code.split("|")
    assert stored_bytes(folder) == []


def test_text_under_another_name_is_not_taken_for_a_table(folder) -> None:
    for name in (".htaccess", "eicar.txt", "run.bat", "无扩展名"):
        with pytest.raises(InvalidInput) as refused:
            store(b"AddType application/x-httpd-php .jpg", name)
        assert refused.value.code == "FILE_TYPE_MISMATCH"
