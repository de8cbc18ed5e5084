"""左侧导航：按清单的一生排列，各能力登记自己的入口，每个角色只见自己能用的。"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.urls import NoReverseMatch, reverse

from quanze.core.actor import Actor


@dataclass(frozen=True, slots=True)
class NavEntry:
    """导航项。Empty ``roles``: everybody who is signed in. ``children`` are shown below while the part is open."""

    key: str
    label: str
    icon: str
    url_name: str
    order: int
    roles: frozenset[str] = frozenset()
    children: tuple[NavEntry, ...] = field(default=())
    is_for_phone: bool = False

    def is_open_to(self, actor: Actor) -> bool:
        return actor.user_id is not None and (not self.roles or actor.has(*self.roles))


@dataclass(frozen=True, slots=True)
class NavLink:
    """可点的导航项。"""

    key: str
    label: str
    icon: str
    url: str
    is_active: bool
    children: tuple[NavLink, ...] = ()


@dataclass(frozen=True, slots=True)
class Tab:
    """页签：文字、地址、是否当前、件数（None 不显示）。"""

    label: str
    url: str
    is_active: bool = False
    count: int | None = None


_entries: dict[str, NavEntry] = {}


def register(entry: NavEntry) -> None:
    """登记入口；同键再登记即覆盖。Called in AppConfig.ready."""
    _entries[entry.key] = entry


def entries() -> list[NavEntry]:
    """全部入口，按一生的顺序。"""
    return sorted(_entries.values(), key=lambda entry: (entry.order, entry.key))


def links_for(actor: Actor, path: str) -> list[NavLink]:
    """此人可用的导航。An entry whose page does not exist yet is left out rather than shown dead."""
    found = [(entry, url) for entry in entries() if entry.is_open_to(actor) and (url := _url(entry)) is not None]
    active = _best_match((url for _, url in found), path)
    links = []
    for entry, url in found:
        children = _children(entry, actor, path)
        is_active = url == active or any(child.is_active for child in children)
        links.append(NavLink(entry.key, entry.label, entry.icon, url, is_active, children))
    return links


def _children(entry: NavEntry, actor: Actor, path: str) -> tuple[NavLink, ...]:
    found = [(child, url) for child in entry.children if child.is_open_to(actor) and (url := _url(child)) is not None]
    active = _best_match((url for _, url in found), path)
    return tuple(NavLink(child.key, child.label, child.icon, url, url == active) for child, url in found)


def _url(entry: NavEntry) -> str | None:
    try:
        return reverse(entry.url_name)
    except NoReverseMatch:
        return None


def _best_match(urls: Iterable[str], path: str) -> str | None:
    """最长的前缀者为当前。"/" matches only itself."""
    matching = [url for url in urls if (path == url if url == "/" else path.startswith(url))]
    return max(matching, key=len, default=None)
