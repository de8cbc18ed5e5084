"""指标参考页：由随系统提供的指标包与数据项登记生成，文档与程序因此不会两样。"""

from __future__ import annotations

from collections.abc import Mapping

from quanze.apps.evaluation.domain.measuring import Metric
from quanze.apps.evaluation.selectors.packs import shipped_packs
from quanze.core.scoring import GroupRole, Indicator, IndicatorSet, show

_ORIGINS = {"seed": "原文", "phrase": "取自原文用语", "own": "本系统补充"}


def reference_text(metrics: Mapping[str, Metric]) -> str:
    """Markdown 全文。"""
    parts = ["# 评估指标\n", "本页由 `make docs` 生成，请勿手改。\n"]
    for _, indicators in shipped_packs():
        parts.append(_pack(indicators, metrics))
    parts.append("## 数据项\n")
    parts.append("| 键 | 名称 | 版本 | 来源 | 单位 | 现状 |\n|---|---|---|---|---|---|")
    parts += [
        f"| `{m.key}` | {m.label} | {m.version or '—'} | {m.source} | {m.unit} | "
        f"{f'没有数据：{m.pending}' if m.pending else '自动取数'} |"
        for m in metrics.values()
    ]
    return "\n".join(parts) + "\n"


def _pack(indicators: IndicatorSet, metrics: Mapping[str, Metric]) -> str:
    automatic, count = indicators.automatic_share()
    ready = sum(
        i.is_automatic and all(not metrics[key].pending for key in i.metrics().values())
        for i in indicators.indicators()
    )
    lines = [
        f"## {indicators.name}（`{indicators.key}`，{indicators.edition}）\n",
        f"{indicators.source}。\n" if indicators.source else "",
        f"基础满分 {show(indicators.full)} 分，{len(indicators.groups)} 个一级指标、{count} 个末级指标；"
        f"全自动 {automatic} 个，其中 {ready} 个的数据来源已经接入。得分保留 {indicators.places} 位小数，四舍五入。\n",
    ]
    for group in indicators.groups:
        cap = f"，上限 {show(group.cap)}" if group.cap is not None else ""
        kind = "加分" if group.role is GroupRole.BONUS else "满分"
        lines.append(f"### {group.code} {group.name}（{kind} {show(group.weight)}{cap}）\n")
        lines += [_indicator(indicator, metrics) for indicator in group.indicators()]
    return "\n".join(lines)


def _indicator(indicator: Indicator, metrics: Mapping[str, Metric]) -> str:
    keys = indicator.metrics().values()
    data = "、".join(f"`{key}`" for key in keys) or "无，人工评定"
    pending = "；".join(metrics[key].pending for key in keys if metrics[key].pending)
    return "\n".join(
        [
            f"**{indicator.code} {indicator.name}** · {show(indicator.weight)} 分 · {indicator.source_label}"
            f" · 名称{_ORIGINS.get(indicator.name_origin, '来源未注明')}\n",
            f"- 公式：{indicator.formula}",
            f"- 计分：{indicator.sentence()}",
            f"- 所需数据：{indicator.needs}",
            f"- 数据项：{data}",
            *([f"- 现状：没有数据（{pending}）"] if pending else []),
            "",
        ]
    )
