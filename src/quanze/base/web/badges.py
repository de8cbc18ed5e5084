"""状态标记：各能力登记自己的状态叫什么、用什么色调。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

TONES = ("neutral", "busy", "soon", "overdue", "done", "refused")
_ICONS = {
    "neutral": "circle",
    "busy": "progress",
    "soon": "hourglass",
    "overdue": "clock-exclamation",
    "done": "circle-check",
    "refused": "circle-x",
}


@dataclass(frozen=True, slots=True)
class Badge:
    """标记：文字与色调。The icon says the same as the colour for those who do not see it."""

    label: str
    tone: str = "neutral"

    def __post_init__(self) -> None:
        if self.tone not in TONES:
            raise ValueError(f"unknown tone {self.tone}; one of {', '.join(TONES)}")

    @property
    def icon(self) -> str:
        return _ICONS[self.tone]


_registered: dict[str, dict[str, Badge]] = {}


def register(kind: str, badges: Mapping[str, Badge]) -> None:
    """登记一种对象的各状态。Called in AppConfig.ready."""
    _registered.setdefault(kind, {}).update({str(state): badge for state, badge in badges.items()})


def badge_of(kind: str, state: object) -> Badge:
    """某状态的标记；未登记者照原文以中性显示。"""
    return _registered.get(kind, {}).get(str(state), Badge(str(state)))


def icon_of(tone: str) -> str:
    """色调对应的图标。"""
    return _ICONS.get(tone, "circle")
