"""样式手册：把所有组件摆在一页上看。Only in demonstration and test settings; every text here is an example of ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import SimpleNamespace as Row
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from quanze.base.web import charts
from quanze.base.web.access import signed_in
from quanze.base.web.dates import due_view
from quanze.base.web.diffing import diff
from quanze.base.web.errors import WORDS, error_response
from quanze.base.web.filters import ChoiceFilter, DateRangeFilter, FilterBar, FlagFilter, TextFilter
from quanze.base.web.navigation import Tab
from quanze.base.web.paging import page_of
from quanze.base.web.tables import Column, Table
from quanze.core.workdays import WorkCalendar

_CALENDAR = WorkCalendar(published_years=frozenset({2026}))
_TODAY = date(2026, 11, 20)
_OLD = "对违反规定燃放烟花爆竹的，责令停止燃放，处一百元以上五百元以下罚款。申请人提交申请表、身份证明、场地平面图。"
_NEW = "对违反规定燃放烟花爆竹的，责令停止燃放，并处二百元以上一千元以下罚款。申请人提交申请表、身份证明。"
_CHOICES = [("draft", "草稿"), ("review", "审查中"), ("published", "已公布")]


class ExampleFilters(FilterBar):
    q = TextFilter("事项名称或编码", placeholder="如 烟花")
    state = ChoiceFilter("状态", choices=_CHOICES)
    changed = DateRangeFilter("修改日期")
    mine = FlagFilter("只看本单位")


class ExampleForm(forms.Form):
    name = forms.CharField(label="事项名称", help_text="动宾结构，不写“对……的行政处罚”以外的修饰。")
    power_type = forms.ChoiceField(
        label="职权类型", choices=[("", "请选择"), ("license", "行政许可"), ("penalty", "行政处罚")]
    )
    starts_on = forms.DateField(label="生效日期", widget=forms.DateInput)
    basis = forms.CharField(
        label="设定依据", widget=forms.Textarea, required=False, help_text="写明法规名称、条、款、项。"
    )
    verdict = forms.ChoiceField(
        label="意见", choices=[("accept", "审查通过"), ("return", "退回修改")], widget=forms.RadioSelect
    )
    has_fee = forms.BooleanField(label="收取费用", required=False)


@dataclass(frozen=True, slots=True)
class ExampleFinding:
    code: str
    severity: str
    message: str
    suggestion: str = ""
    evidence: str = ""
    place: str = ""
    waived_reason: str = ""
    href: str = ""


_FINDINGS = (
    ExampleFinding("S001", "error", "没有写设定依据", "补写法规名称和条款后再送审。", place="第 12 项"),
    ExampleFinding("N102", "warning", "名称里有换行", "删去换行。", evidence="行政⏎处罚", place="第 30 项"),
    ExampleFinding("O501", "hint", "承办机构不在现有内设机构中", waived_reason="机构更名文件已印发，名录下周更新"),
)
_COLUMNS = (
    Column("code", "职权编码", kind="code", order="code"),
    Column("name", "事项名称", href=lambda row: f"#row-{row.id}", clamp=True, is_fixed=True),
    Column("type", "职权类型"),
    Column("cases", "办件数（件）", kind="number", href=lambda row: f"#row-{row.id}"),
    Column("share", "按时办结率", kind="percent"),
    Column("changed_on", "修改日期", kind="date"),
    Column("due", "办理期限", kind="due"),
    Column("state", "状态", kind="state", badge="workflow.step"),
    Column("note", "备注", is_hidden=True),
)
_NAMES = (
    "焰火燃放许可",
    "对未经许可举办焰火燃放活动的处罚",
    "对在禁止燃放烟花爆竹的地点、时间燃放烟花爆竹，经劝阻拒不改正并且造成周边居民生活受到较大影响的行为的处罚",
    "社会团体成立登记",
    "对农业投入品使用情况的监督检查",
)


def _rows() -> list[Any]:
    spans = (-4, 0, 2, 9, 31)
    states = ("pending", "waiting", "passed", "returned", "refused")
    return [
        Row(
            id=number,
            code=f"3304{number:02d}001000",
            name=_NAMES[number % 5],
            type=("行政许可", "行政处罚", "行政处罚", "行政许可", "行政检查")[number % 5],
            cases=(12840, 37, 0, 4, 1260)[number % 5],
            share=(0.973, 1.0, None, 0.75, 0.889)[number % 5],
            changed_on=_TODAY - timedelta(days=number * 3),
            due=due_view(_TODAY + timedelta(days=spans[number % 5] * 2), _CALENDAR, _TODAY),
            state=states[number % 5],
            note="",
        )
        for number in range(1, 73)
    ]


@signed_in
def styleguide(request: HttpRequest) -> HttpResponse:
    """全部组件。"""
    bar = ExampleFilters(request.GET)
    table = Table("example", _COLUMNS, request=request, title="示例事项", selectable=lambda row: row.id)
    rows = [row for row in _rows() if not bar.values["q"] or bar.values["q"] in row.name]
    if table.wants_export:
        return table.export(rows, filters=bar)
    wrong = ExampleForm({"name": "", "power_type": "license", "starts_on": "明天"})
    months = [f"{month}月" for month in range(1, 13)]
    context = {
        "bar": bar,
        "table": table,
        "page": page_of(rows, request, order=("id",), size=12),
        "form": ExampleForm(),
        "wrong": wrong,
        "tabs": [
            Tab("基本信息", "#", True),
            Tab("依据", "#", count=3),
            Tab("责任与追责", "#"),
            Tab("变更记录", "#", count=12),
        ],
        "findings": _FINDINGS,
        "segments": diff(_OLD, _NEW),
        "dues": [row.due for row in _rows()[:5]] + [due_view(date(2027, 1, 8), _CALENDAR, _TODAY)],
        "tones": [
            ("neutral", "草稿"),
            ("busy", "审查中"),
            ("soon", "退回修改"),
            ("overdue", "已超期"),
            ("done", "已公布"),
            ("refused", "不予通过"),
        ],
        "events": [
            {
                "label": "提交送审",
                "who": "王芳 · 法规科",
                "when": datetime(2026, 11, 2, 9, 30, tzinfo=timezone.get_current_timezone()),
                "tone": "done",
            },
            {
                "label": "合法性审查：退回修改",
                "who": "赵敏 · 司法局",
                "when": datetime(2026, 11, 9, 16, 5, tzinfo=timezone.get_current_timezone()),
                "note": "第 12 项缺少设定依据。",
                "tone": "soon",
            },
            {"label": "等待修改", "who": "王芳 · 法规科", "tone": "busy"},
        ],
        "bar_chart": charts.hbar(
            "overdue",
            "三季度超期集中在两个部门",
            ["示例甲局", "示例乙局", "示例丙局", "示例丁局", "示例戊局"],
            {"超期件": [42, 37, 6, 3, 1]},
            unit="件",
            links=["#a", "#b", "#c", "#d", "#e"],
            category_label="部门",
        ),
        "line_chart": charts.line(
            "volume",
            "办件量五月起回升",
            months,
            {
                "今年": [310, 280, 295, 301, 402, 455, 470, 498, 510, 540, 533, None],
                "去年": [300, 270, 320, 330, 340, 352, 360, 371, 366, 380, 391, 402],
            },
            unit="件",
            category_label="月份",
        ),
        "keys": [("j", "下一项"), ("k", "上一项"), ("a", "同意"), ("r", "退回")],
        "statuses": sorted(WORDS),
    }
    return render(request, "styleguide.html", context)


@signed_in
def error_example(request: HttpRequest, status: int) -> HttpResponse:
    """各错误页的样子。"""
    return error_response(request, status if status in WORDS else 404)
