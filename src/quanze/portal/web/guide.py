"""帮助页：各栏目做什么、状态与期限怎么读、快捷键、出错怎么办。"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quanze.base.web.access import signed_in

# What each part of the navigation is for; only the parts that the reader can open are shown.
PARTS = {
    "desk": "等您办理、您办过、您发起的事都在这里，期限近的排在前面。",
    "lists": "导入或逐项编写清单，检查有无缺漏，提交送审，查看审查进度和历次版本。",
    "runs": "导入办件数据，查看每个事项办了多少、多久办完、哪些长期没有运行。",
    "evaluation": "选择指标组成方案，按单位计算得分，逐级看到每一分的来历，出具评估结论。",
    "public": "群众看到的页面：按词、按单位、按类型查清单，看历次变动，下载，纠错。",
}
KEYS = (
    ("/", "到搜索框"),
    ("j", "审查页：下一项"),
    ("k", "审查页：上一项"),
    ("a", "审查页：同意"),
    ("r", "审查页：退回"),
)


@signed_in
def guide(request: HttpRequest) -> HttpResponse:
    """帮助。"""
    return render(request, "guide.html", {"parts": PARTS, "keys": KEYS})
