"""静态导出：把公开站点写成一堆文件，经网闸搬到外网，放在任何静态服务器上或直接从磁盘打开。

The pages are those of the site itself: every address is asked of the same WSGI application, links are made relative, and
what needs a server (date forms, reports) is left out by the templates. A list of digests goes with the files; the whole is
written beside the place and put there at once, so that a broken export never stands where a good one stood.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tempfile
import zipfile
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.handlers.wsgi import WSGIHandler
from django.utils import timezone

from quanze.apps.catalog import public as catalog
from quanze.core.errors import InvalidInput, WrongState
from quanze.portal.public_site import static_links
from quanze.portal.public_site.static_links import ITEMS, version_address

MARK = "quanze.static_export"  # a key of the WSGI environ: no header of a visitor can set it
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
_LEFT_OUT = ("/public/report/status/",)
Progress = Callable[[str, int, int], None]
Periods = Mapping[str, Sequence[tuple[int, date, date | None]]]


@dataclass(frozen=True, slots=True)
class ExportReport:
    """导出结果：放在何处、文件数、字节数、清单数、版本摘要。"""

    place: Path
    files: int
    size: int
    lists: int
    digest: str


def export(
    *, place: Path, with_history: bool, now: datetime, progress: Progress = lambda what, n, of: None
) -> ExportReport:
    """导出到文件夹，或（名称以 .zip 结尾）一个压缩包。已有的文件夹须是空的或上次导出的。"""
    is_archive = place.suffix.lower() == ".zip"
    _require_place(place, is_archive=is_archive)
    place.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".public-", dir=place.parent))
    try:
        sums = _write_all(folder, with_history=with_history, progress=progress)
        lists = catalog.public_lists(on=timezone.localdate(now))
        manifest = _manifest(sums, lists, with_history=with_history, now=now)
        (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
        (folder / SUMS).write_text("".join(f"{value}  {name}\n" for name, value in sorted(sums.items())), "utf-8")
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        _put(folder, place, is_archive=is_archive, now=now)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return ExportReport(place, len(sums) + 2, size, len(lists), manifest["digest"])


def _require_place(place: Path, *, is_archive: bool) -> None:
    if is_archive:
        if place.exists():
            raise WrongState(
                f"已有文件 {place}", hint="不覆盖已有的压缩包：请换一个名字，或先移走它。", code="export_exists"
            )
        return
    if place.exists() and not place.is_dir():
        raise InvalidInput(f"{place} 不是文件夹", hint="请写一个文件夹，或以 .zip 结尾的文件名。", code="export_place")
    if place.is_dir() and any(place.iterdir()) and not (place / MANIFEST).is_file():
        raise WrongState(
            f"文件夹 {place} 里有别的文件", hint="请换一个空的文件夹：导出会整个替换它。", code="export_not_empty"
        )


def _write_all(folder: Path, *, with_history: bool, progress: Progress) -> dict[str, str]:
    application = WSGIHandler()
    periods, today = catalog.version_periods(), timezone.localdate()
    canonical = _canonical(periods)
    # Without history the present version keeps its permanent address, too: what was quoted must be found.
    past = {
        version_address(code, number)
        for code, held in periods.items()
        for number, start, end in held
        if start > today or (end is not None and end <= today)
    }
    waiting = deque(["/public/", "/public/search/", "/public/report/", "/public/changes/feed.json"])
    seen, sums = {*waiting, "/public/search/index.js"}, dict[str, str]()

    def is_kept(address: str) -> bool:
        parts = urlsplit(address)
        if parts.path in _LEFT_OUT or parts.path.endswith("/article.txt"):
            return False
        if with_history:
            return True
        asked = {key for key, value in parse_qsl(parts.query) if value}
        return parts.path not in past and not asked & {"on", "known"}

    while waiting:
        address = waiting.popleft()
        progress(address, len(sums), len(sums) + len(waiting) + 1)
        if address.startswith(static_links.STATIC):
            data = _static_file(address)
        else:
            kind, data = _ask(application, address)
            if kind.startswith("text/html"):
                text, found = static_links.rewritten(data.decode(), page=address, is_kept=is_kept, canonical=canonical)
                data = text.encode()
                fresh = [one for one in map(_plain, found) if one not in seen]
                seen.update(fresh)
                waiting.extend(dict.fromkeys(fresh))
        name = static_links.file_of(address)
        _write(folder / unquote(name), data)
        sums[unquote(name)] = hashlib.sha256(data).hexdigest()
    index = _search_index()
    _write(folder / "search" / "index.js", index)
    sums["search/index.js"] = hashlib.sha256(index).hexdigest()
    return sums


def _canonical(periods: Periods) -> Callable[[str], str]:
    """“某日的事项”归到那一日有效的版本：现行的就是不带日期的那个，其余是那一版的固定链接。"""
    today = timezone.localdate()

    def canonical(address: str) -> str:
        parts = urlsplit(address)
        if not parts.path.startswith(ITEMS) or not parts.query:
            return address
        code = unquote(parts.path.removeprefix(ITEMS).partition("/")[0])
        try:
            asked = date.fromisoformat(dict(parse_qsl(parts.query)).get("on", ""))
        except ValueError:
            return address
        for number, start, end in periods.get(code, ()):
            if start <= asked and (end is None or asked < end):
                if start <= today and (end is None or today < end):
                    return parts.path
                if parts.path == f"{ITEMS}{quote(code)}/":
                    return version_address(code, number)
                return f"{parts.path}?on={start.isoformat()}"
        return address

    return canonical


def _plain(address: str) -> str:
    """搜索页只有一个文件，问什么由脚本回答。"""
    return static_links.SEARCH if urlsplit(address).path == static_links.SEARCH else address


def _ask(application: WSGIHandler, address: str) -> tuple[str, bytes]:
    parts = urlsplit(address)
    answer: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
        answer["status"], answer["headers"] = status, dict(headers)
        return lambda data: None

    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(parts.path).encode().decode("latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "443",
        "HTTP_HOST": "127.0.0.1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        MARK: True,
    }
    body: Iterable[bytes] = application(environ, start_response)
    try:
        data = b"".join(body)
    finally:
        getattr(body, "close", lambda: None)()
    if not answer["status"].startswith("200"):
        raise WrongState(
            f"公开站点的 {address} 答 {answer['status']}，没有导出",
            hint="什么也没有写。请先在浏览器里打开这个地址，看看哪里不对。",
            code="export_page_failed",
        )
    return answer["headers"].get("Content-Type", ""), data


def _static_file(address: str) -> bytes:
    name = urlsplit(address).path.removeprefix(static_links.STATIC)
    found = finders.find(name) or Path(settings.STATIC_ROOT) / name
    path = Path(str(found))
    if not path.is_file():
        raise WrongState(f"缺少样式或脚本文件 {name}", hint="请先执行 make assets。", code="export_asset_missing")
    return path.read_bytes()


def _search_index() -> bytes:
    """全部现行事项的索引，供搜索页的脚本用：名称、单位、类型、链接。"""
    on = timezone.localdate()
    labels = {one.code: one.label for one in catalog.power_types().types}
    bodies = {one.body_id: one.body_code for one in catalog.public_lists(on=on)}
    rows, after = [], None
    while found := catalog.public_items(on=on, after=after, limit=1000):
        rows += [
            {
                "n": row.name,
                "b": row.body_name,
                "c": bodies.get(row.body_id, ""),
                "t": row.power_type,
                "l": labels.get(row.power_type, ""),
                "u": f"../{static_links.file_of(f'/public/items/{row.code}/')}",
            }
            for row in found
        ]
        after = (found[-1].ordinal, found[-1].item_id)
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    return f"window.quanzeIndex={text};\n".encode()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _manifest(
    sums: dict[str, str], lists: list[catalog.PublicList], *, with_history: bool, now: datetime
) -> dict[str, Any]:
    whole = hashlib.sha256("".join(f"{name}:{value}\n" for name, value in sorted(sums.items())).encode()).hexdigest()
    return {
        "schema": "quanze.public-export/1",
        "city": settings.QUANZE_CITY_NAME,
        "exported_at": timezone.localtime(now).isoformat(timespec="seconds"),
        "with_history": with_history,
        "files": len(sums),
        "digest": whole,
        "lists": [
            {
                "body": one.body_name,
                "code": one.body_code,
                "edition": one.edition.number,
                "document_number": one.edition.document_number,
                "items": one.items,
                "digest": one.edition.digest,
                "digest_algorithm": one.edition.digest_algorithm,
            }
            for one in lists
        ],
    }


def _put(folder: Path, place: Path, *, is_archive: bool, now: datetime) -> None:
    if is_archive:
        handle, name = tempfile.mkstemp(prefix=".public-", suffix=".zip", dir=place.parent)
        os.close(handle)
        stamp = timezone.localtime(now).timetuple()[:6]
        with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), date_time=stamp)
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                archive.writestr(entry, path.read_bytes())
        Path(name).replace(place)
        place.chmod(0o644)
        return
    folder.chmod(0o755)
    if place.is_dir():
        old = Path(tempfile.mkdtemp(prefix=".public-old-", dir=place.parent))
        place.replace(old / place.name)
        folder.replace(place)
        shutil.rmtree(old)
    else:
        folder.replace(place)
