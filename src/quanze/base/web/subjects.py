"""客体的页面：待办、记录里的（种类, 编号）在哪个页面看。Apps register their own kinds in AppConfig.ready."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse

_pages: dict[str, str] = {}


def register(kind: str, url_name: str) -> None:
    """登记某种客体的页面；该地址只收一个位置参数：编号。"""
    _pages[kind] = url_name


def url_of(kind: str, id: int | str) -> str:
    """客体页面的地址；没有页面为空串。"""
    name = _pages.get(kind)
    if name is None:
        return ""
    try:
        return reverse(name, args=[id])
    except NoReverseMatch:
        return ""
