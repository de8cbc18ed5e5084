"""图表：数据说清结论，图与表同源，点图可到明细。

Builds plain ECharts options: no functions, so that they pass through ``json_script`` under a strict CSP.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

PALETTE = ("#1f5aa6", "#9aa7b5", "#3d8c7d", "#7a6aa8", "#6fa3dc")  # no red, orange, green: those mean states
LARGEST_SERIES = 5  # more cannot be told apart; split the chart instead
Number = int | float | None


@dataclass(frozen=True)
class Chart:
    """一张图：编号、结论式标题、单位、类目、各序列。``links`` leads from a category to its rows."""

    id: str
    kind: str
    title: str
    unit: str
    categories: tuple[str, ...]
    series: tuple[tuple[str, tuple[Number, ...]], ...]
    links: tuple[str, ...] = ()
    category_label: str = ""
    note: str = ""
    csv_url: str = ""
    is_stacked: bool = False

    @property
    def script_id(self) -> str:
        return f"chart-{self.id}"

    @property
    def header(self) -> tuple[str, ...]:
        """表头：类目名与各序列名（带单位）。"""
        return (
            self.category_label or "类目",
            *(f"{name}（{self.unit}）" if self.unit else name for name, _ in self.series),
        )

    @property
    def rows(self) -> list[dict[str, Any]]:
        """表视图的各行。"""
        links = self.links or ("",) * len(self.categories)
        return [
            {"name": name, "href": links[index], "values": [values[index] for _, values in self.series]}
            for index, name in enumerate(self.categories)
        ]

    @property
    def is_empty(self) -> bool:
        return not any(value for _, values in self.series for value in values)

    @property
    def option(self) -> dict[str, Any]:
        """ECharts 的配置。"""
        if self.kind == "pie":
            return self._pie()
        horizontal = self.kind == "hbar"
        axis: dict[str, Any] = {"type": "category", "data": list(self.categories), "axisTick": {"show": False}}
        value_axis = {"type": "value", "name": self.unit, "minInterval": 1 if self._is_whole else 0}
        if horizontal:
            axis["inverse"] = True
        return {
            "color": list(PALETTE),
            "tooltip": {"trigger": "axis", "axisPointer": {"type": "line" if self.kind == "line" else "shadow"}},
            "legend": {"show": len(self.series) > 1, "top": 0, "right": 0, "itemWidth": 14, "itemHeight": 8},
            "grid": {"left": 8, "right": 24, "top": 36, "bottom": 4, "containLabel": True},
            "xAxis": value_axis if horizontal else axis,
            "yAxis": axis if horizontal else value_axis,
            "series": [self._one(name, values) for name, values in self.series],
        }

    @property
    def _is_whole(self) -> bool:
        return all(value is None or float(value).is_integer() for _, values in self.series for value in values)

    def _one(self, name: str, values: tuple[Number, ...]) -> dict[str, Any]:
        made: dict[str, Any] = {
            "name": name,
            "type": "line" if self.kind == "line" else "bar",
            "data": [self._point(index, value) for index, value in enumerate(values)],
        }
        if self.kind == "line":
            made |= {"symbolSize": 6, "lineStyle": {"width": 2}, "connectNulls": False}
        else:
            made |= {"barMaxWidth": 22}
        if self.is_stacked:
            made["stack"] = "all"
        return made

    def _point(self, index: int, value: Number) -> dict[str, Any]:
        point: dict[str, Any] = {"value": value}
        if self.links:
            point["href"] = self.links[index]
        return point

    def _pie(self) -> dict[str, Any]:
        _, values = self.series[0]
        return {
            "color": list(PALETTE),
            "tooltip": {"trigger": "item"},
            "legend": {"orient": "vertical", "right": 0, "top": "middle"},
            "series": [
                {
                    "type": "pie",
                    "radius": ["48%", "72%"],
                    "center": ["36%", "50%"],
                    "label": {"formatter": "{b}\n{c} " + self.unit},
                    "data": [
                        {"name": name} | self._point(index, values[index]) for index, name in enumerate(self.categories)
                    ],
                }
            ],
        }


def _chart(
    kind: str, id: str, title: str, categories: Sequence[str], series: Mapping[str, Sequence[Number]], **more: Any
) -> Chart:
    if not series or len(series) > LARGEST_SERIES:
        raise ValueError(f"a chart has 1 to {LARGEST_SERIES} series, not {len(series)}")
    for name, values in series.items():
        if len(values) != len(categories):
            raise ValueError(f"series {name} has {len(values)} values for {len(categories)} categories")
    links = tuple(more.pop("links", ()) or ())
    if links and len(links) != len(categories):
        raise ValueError("links must match the categories")
    return Chart(
        id=id,
        kind=kind,
        title=title,
        categories=tuple(categories),
        series=tuple((name, tuple(values)) for name, values in series.items()),
        links=links,
        **more,
    )


def bar(
    id: str, title: str, categories: Sequence[str], series: Mapping[str, Sequence[Number]], *, unit: str, **more: Any
) -> Chart:
    """竖条图。``more``: links, category_label, note, csv_url, is_stacked."""
    return _chart("bar", id, title, categories, series, unit=unit, **more)


def hbar(
    id: str, title: str, categories: Sequence[str], series: Mapping[str, Sequence[Number]], *, unit: str, **more: Any
) -> Chart:
    """横条图，名称长时用。"""
    return _chart("hbar", id, title, categories, series, unit=unit, **more)


def line(
    id: str, title: str, categories: Sequence[str], series: Mapping[str, Sequence[Number]], *, unit: str, **more: Any
) -> Chart:
    """折线图，按月走势用；缺数断开而不补零。"""
    return _chart("line", id, title, categories, series, unit=unit, **more)


def pie(id: str, title: str, parts: Mapping[str, Number], *, unit: str, **more: Any) -> Chart:
    """环形图，最多五份。"""
    if len(parts) > LARGEST_SERIES:
        raise ValueError(f"a pie has at most {LARGEST_SERIES} parts; sum up the rest")
    return _chart("pie", id, title, list(parts), {title: list(parts.values())}, unit=unit, **more)
