"""文档里的图表：由普通数据画成 PNG；题目、坐标单位与字体都在这里。

The functions know nothing of what is drawn. Missing values are ``None`` and are left as gaps, never drawn as zero.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from quanze.base.documents import fonts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

Value = int | float | Decimal | None
PALETTE = (
    "#1f5aa6",
    "#9aa7b5",
    "#3d8c7d",
    "#7a6aa8",
    "#6fa3dc",
)  # as on the pages: no red, orange, green, those mean states
MAX_SERIES = len(PALETTE)
_DPI = 160


def bar(
    title: str,
    labels: Sequence[str],
    series: Mapping[str, Sequence[Value]],
    *,
    unit: str = "",
    is_horizontal: bool = False,
    is_stacked: bool = False,
) -> bytes:
    """柱状图（或条形图）的 PNG。``series`` maps a name to one value per label."""
    _check(labels, series)
    figure, axes = _canvas(len(labels) if is_horizontal else 0)
    count = len(series)
    width = 0.7 if is_stacked else 0.72 / count
    floors = [0.0] * len(labels)
    for n, (name, values) in enumerate(series.items()):
        heights = [0.0 if v is None else float(v) for v in values]
        shift = 0.0 if is_stacked else (n - (count - 1) / 2) * width
        places = [x + shift for x in range(len(labels))]
        if is_horizontal:
            bars = axes.barh(places, heights, width, left=floors, color=PALETTE[n], label=name)
        else:
            bars = axes.bar(places, heights, width, bottom=floors, color=PALETTE[n], label=name)
        if is_stacked:
            floors = [floor + height for floor, height in zip(floors, heights, strict=True)]
        else:
            shown = ["无数据" if v is None else _number(v) for v in values]
            if len(labels) * count <= 16:
                axes.bar_label(bars, shown, padding=2, fontsize=8)
    if is_horizontal:
        axes.set_yticks(range(len(labels)), labels)
        axes.invert_yaxis()
        axes.set_xlabel(unit)
        axes.margins(x=0.12)
    else:
        axes.set_xticks(range(len(labels)), labels, **_tilt(labels))
        axes.set_ylabel(unit)
        axes.margins(y=0.12)
    _figures(axes.xaxis if is_horizontal else axes.yaxis, series)
    return _png(figure, axes, title, count, "x" if is_horizontal else "y")


def line(title: str, labels: Sequence[str], series: Mapping[str, Sequence[Value]], *, unit: str = "") -> bytes:
    """折线图的 PNG；空值处断开。"""
    _check(labels, series)
    figure, axes = _canvas(0)
    for n, (name, values) in enumerate(series.items()):
        heights = [float("nan") if v is None else float(v) for v in values]
        axes.plot(range(len(labels)), heights, color=PALETTE[n], label=name, marker="o", markersize=4, linewidth=1.8)
    axes.set_xticks(range(len(labels)), labels, **_tilt(labels))
    axes.set_ylabel(unit)
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    _figures(axes.yaxis, series)
    return _png(figure, axes, title, len(series), "y")


def _check(labels: Sequence[str], series: Mapping[str, Sequence[Value]]) -> None:
    if not labels or not series:
        raise ValueError("图表没有数据：至少一个标签和一个系列")
    if len(series) > MAX_SERIES:
        raise ValueError(f"一张图最多 {MAX_SERIES} 个系列，实际 {len(series)} 个")
    for name, values in series.items():
        if len(values) != len(labels):
            raise ValueError(f"系列“{name}”有 {len(values)} 个值，标签有 {len(labels)} 个")


def _figures(axis: Axis, series: Mapping[str, Sequence[Value]]) -> None:
    """数值轴的刻度：整数的数据只标整数，千位分隔。"""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    if all(value is None or float(value).is_integer() for values in series.values() for value in values):
        axis.set_major_locator(MaxNLocator(integer=True))
    axis.set_major_formatter(FuncFormatter(lambda value, _: _number(value)))


def _number(value: Value) -> str:
    return f"{float(value or 0):,.2f}".rstrip("0").rstrip(".")


def _tilt(labels: Sequence[str]) -> dict[str, Any]:
    """最长的标签在横轴上放不下时斜放。"""
    if max(len(label) for label in labels) * len(labels) <= 36:
        return {}
    return {"rotation": 35, "ha": "right", "rotation_mode": "anchor"}


def _canvas(rows: int) -> tuple[Figure, Axes]:
    # The object interface, not pyplot: no global state, so several workers may draw at once.
    from matplotlib import font_manager
    from matplotlib.figure import Figure

    if fonts.SANS not in {entry.name for entry in font_manager.fontManager.ttflist}:
        font_manager.fontManager.addfont(str(fonts.sans_path()))
    figure = Figure(figsize=(6.2, max(2.7, 0.3 * rows + 1.0)), dpi=_DPI, layout="constrained")
    return figure, figure.add_subplot()


def _png(figure: Figure, axes: Axes, title: str, series: int, grid_axis: Literal["x", "y"]) -> bytes:
    import matplotlib
    from matplotlib.text import Text

    axes.grid(axis=grid_axis, color="#e3e6ea", linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if series > 1:
        figure.legend(loc="outside lower center", ncols=series, frameon=False, fontsize=9)
    figure.suptitle(title, fontsize=11)
    target = io.BytesIO()
    with matplotlib.rc_context({"font.family": fonts.SANS, "axes.unicode_minus": False}):
        for text in figure.findobj(Text):
            text.set_fontfamily(fonts.SANS)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_tick_params(labelsize=9, labelfontfamily=fonts.SANS)
        # Without the program name the bytes depend on the data alone.
        figure.savefig(target, format="png", metadata={"Software": None})
    return target.getvalue()
