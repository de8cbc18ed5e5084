"""动作登记：每个动作代码登记一次并有中文名。A code that nobody registered is a typing error and fails at once."""

from __future__ import annotations

from collections.abc import Mapping

_LABELS: dict[str, str] = {}


def register_action(code: str, label: str) -> None:
    """登记一个动作。``code`` is ``app.entity.past_tense`` and is never reused for another meaning."""
    if code in _LABELS:
        raise ValueError(f"动作代码 {code} 已登记为“{_LABELS[code]}”，不能再登记为“{label}”")
    if not label:
        raise ValueError(f"动作代码 {code} 缺少中文名")
    _LABELS[code] = label


def register_actions(labels: Mapping[str, str]) -> None:
    """登记一组动作。"""
    for code, label in labels.items():
        register_action(code, label)


def require_action(code: str) -> None:
    """未登记的动作即报错。"""
    if code not in _LABELS:
        raise LookupError(f"动作代码 {code} 未登记：请在应用的 AppConfig.ready 中用 audit.register_action 登记")


def action_label(code: str) -> str:
    """动作的中文名；旧代码已撤销的，原样返回。"""
    return _LABELS.get(code, code)


def action_labels() -> dict[str, str]:
    """全部已登记动作：代码 → 中文名。"""
    return dict(sorted(_LABELS.items()))
