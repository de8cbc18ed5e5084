"""静态站点的文件名与相对链接：网址（连同查询）→ 文件，页面里的站内链接 → 相对链接。Pure.

The files must work from any folder of any server, and from a disk, so that every link is relative and ends in a file name.
Searching stays a question to one page: its query is kept, a script on that page answers it.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Callable
from urllib.parse import parse_qsl, quote, urlsplit

ROOT = "/public/"
STATIC = "/static/"
SEARCH = "/public/search/"
ITEMS = "/public/items/"
_LINK = re.compile(r'(?P<name>\b(?:href|src|action))="(?P<target>[^"]*)"')
_UNSAFE = re.compile(r"[^0-9A-Za-z一-鿿._-]+")


def file_of(address: str) -> str:
    """站内地址对应的文件；不属于公开站点的为空。

    ``/public/bodies/X/?on=2024-06-27`` → ``bodies/X/on-2024-06-27.html``; without a query ``bodies/X/index.html``.
    """
    parts = urlsplit(address)
    if parts.path.startswith(STATIC):
        return f"static/{parts.path.removeprefix(STATIC)}"
    if not parts.path.startswith(ROOT):
        return ""
    path = parts.path.removeprefix(ROOT)
    query = "" if parts.path == SEARCH else _slug(parts.query)
    if not path or path.endswith("/"):
        return f"{path}{query or 'index'}.html"
    if not query:
        return path
    stem, dot, extension = path.rpartition(".")
    return f"{stem}_{query}{dot}{extension}"


def version_address(code: str, number: int) -> str:
    """某事项某一版的固定链接。"""
    return f"{ITEMS}{quote(code)}/v{number}/"


def _slug(query: str) -> str:
    pairs = sorted((key, value) for key, value in parse_qsl(query) if value)
    return "_".join(f"{_UNSAFE.sub('-', key)}-{_UNSAFE.sub('-', value)}" for key, value in pairs)


def absolute(link: str, page: str) -> str:
    """页面上的链接 → 站内地址（路径与查询，不带锚）；站外的、锚、邮件为空。"""
    target = html.unescape(link).strip()
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or target.startswith(("#", "//")) or not target:
        return ""
    base = urlsplit(page).path
    path = posixpath.normpath(posixpath.join(base, parts.path)) if parts.path else base
    if parts.path.endswith("/") and not path.endswith("/"):
        path += "/"
    return f"{path}?{parts.query}" if parts.query else path


def relative(target: str, page: str) -> str:
    """由一个文件到另一个文件的相对链接。"""
    return posixpath.relpath(target, posixpath.dirname(page) or ".")


def rewritten(
    text: str, *, page: str, is_kept: Callable[[str], bool], canonical: Callable[[str], str] = lambda address: address
) -> tuple[str, list[str]]:
    """改写一页的站内链接，返回新的文字与所指的站内地址。

    ``page``: the address of the page; ``is_kept`` says of an address whether it becomes a file, ``canonical`` under which
    address the same page is kept. What becomes no file points to the home page, so that nothing leads into the void.
    """
    here, found = file_of(page), []

    def replace(match: re.Match[str]) -> str:
        target = absolute(match["target"], page)
        if not target or not target.startswith((ROOT, STATIC)):
            return match[0]
        anchor = urlsplit(html.unescape(match["target"])).fragment
        if not is_kept(target):
            return f'{match["name"]}="{relative("index.html", here)}"'
        target = canonical(target)
        found.append(target)
        link = relative(file_of(target), here)
        query = urlsplit(target).query if urlsplit(target).path == SEARCH else ""
        link += (f"?{query}" if query else "") + (f"#{anchor}" if anchor else "")
        return f'{match["name"]}="{html.escape(link)}"'

    return _LINK.sub(replace, text), found
