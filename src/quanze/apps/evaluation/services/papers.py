"""评估结论的公文：文字、得分表与图。"""

from __future__ import annotations

from decimal import Decimal

from quanze.apps.evaluation.selectors.conclusions import ConclusionView
from quanze.apps.evaluation.selectors.figures import BodyFigures, ChartFigure, body_figures
from quanze.apps.evaluation.selectors.results import BodyResult
from quanze.apps.performance import public as performance
from quanze.base.documents.public import Document, Figure, Heading, Paragraph, Table, charts
from quanze.core.errors import WrongState
from quanze.core.scoring import GroupRole, show

# A line of 156 mm takes 20 characters of the title's size, less the space set between figures and words.
_LINE_CHARACTERS = 18

Block = Heading | Paragraph | Table | Figure


def conclusion_paper(conclusion: ConclusionView, result: BodyResult) -> Document:
    """一个单位的评估结论公文。"""
    if conclusion.issued_on is None or result.score is None:
        raise WrongState("结论没有印发日期或本轮没有得分，不能成文")
    blocks: list[Block] = []
    for section, sentences in conclusion.sections():
        blocks.append(Heading(section))
        if section == "总体情况":
            blocks.append(Paragraph("".join(sentence.text for sentence in sentences)))
        else:
            blocks += [Paragraph(sentence.text) for sentence in sentences]
        if section == "得分情况":
            blocks.append(_group_chart(result))
    counted = performance.items_counted(body_id=result.body_id, on=result.round.as_of)
    blocks += _run_blocks(body_figures(result.round, result.body_id), counted)
    blocks += [Heading("指标得分表"), _score_table(result)]
    return Document(
        title=paper_title(conclusion.body_name, result.round.period_label),
        addressee=conclusion.body_name,
        document_no=conclusion.document_number,
        blocks=[*blocks, Paragraph("对本结论有异议的，可以在收到之日起申请复核。")],
        signature=conclusion.issuer,
        dated=conclusion.issued_on,
        version=f"第 {conclusion.version} 版　结果摘要：{result.round.digest[:16]}",
    )


def paper_title(body_name: str, period: str) -> str:
    """题目按意思分行：一行放不下“关于某单位某期间”的，期间移到下一行。"""
    head = f"关于{body_name}"
    width = sum(0.5 if character.isascii() else 1 for character in head + period)
    if width <= _LINE_CHARACTERS:
        return f"{head}{period}\n权责清单运行情况的评估结论"
    return f"{head}\n{period}权责清单\n运行情况的评估结论"


def _group_chart(result: BodyResult) -> Figure:
    score = result.score
    assert score is not None
    groups = [group for group in score.groups if group.role is GroupRole.BASE]
    shares: list[Decimal | None] = [
        (group.points * 100 / group.available).quantize(Decimal("0.1")) if group.available else None for group in groups
    ]
    named = [(group.name, share) for group, share in zip(groups, shares, strict=True) if share is not None]
    title = "各类指标得分率"
    if named:
        low = min(named, key=lambda pair: pair[1])
        title = f"各类指标得分率：{low[0]}最低，为 {show(low[1])}%"
    png = charts.bar(title, [group.name for group in groups], {"得分率": shares}, unit="得分率（%）")
    alt = "；".join(f"{name} {show(share)}%" for name, share in named)
    return Figure(png, "各类指标得分率（占有数据指标满分的比例）", alt)


def _run_blocks(figures: BodyFigures, counted: performance.ItemsCounted) -> list[Block]:
    """运行情况的图；没有数据的图不画，写明没有。"""
    words = f"截至统计截止日，{counted.words}。清单的数按主项，运行的数按能独立运行的事项，指标中的清单数按合计。"
    blocks: list[Block] = [Heading("清单与运行数据"), Paragraph(words)]
    for chart in figures.charts:
        if not chart.labels:
            blocks.append(Paragraph(f"{chart.title}：{chart.empty}。"))
            continue
        series = {name: list(values) for name, values in chart.series.items()}
        if chart.kind == "line":
            png = charts.line(chart.title, chart.labels, series, unit=chart.unit)
        else:
            is_wide = chart.kind == "hbar"
            png = charts.bar(chart.title, chart.labels, series, unit=chart.unit, is_horizontal=is_wide)
        blocks.append(Figure(png, chart.caption, _alt(chart)))
    return blocks


def _alt(chart: ChartFigure) -> str:
    """替代文字：逐项读出图中的数。"""
    columns = list(chart.series.items())
    return "；".join(
        f"{label} {'、'.join(f'{name} {values[n]}{chart.unit}' for name, values in columns)}"
        for n, label in enumerate(chart.labels[:24])
    )


def _score_table(result: BodyResult) -> Table:
    rows = [
        [
            line.code,
            line.name,
            line.source,
            show(line.full),
            "—" if line.points is None else format(line.points, "f"),
            line.explanation,
        ]
        for line in result.lines
    ]
    return Table(
        ["编码", "指标", "来源", "满分", "得分", "说明"],
        rows,
        caption="各项指标得分（“—”为没有数据，不计分）",
        widths=[2, 6, 3, 2, 2, 8],
        aligns=["center", "left", "center", "right", "right", "left"],
    )
