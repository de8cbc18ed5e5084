"""把一条记录写成人读的样子：前后对照、中文栏名、客体种类、来源。"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.apps import apps

from quanze.apps.catalog import public as catalog
from quanze.apps.org import public as org
from quanze.base.audit.public import FactView
from quanze.base.parameters import public as parameters
from quanze.base.web import subjects
from quanze.base.web.diffing import Segment, diff

_LABELS = Path(__file__).with_name("packs") / "field_labels.yaml"
_MOST_LINES = 300
_LONGEST = 4_000

SOURCES = {"web": "网页", "api": "接口", "cli": "命令行", "job": "后台任务", "system": "系统"}
OUTCOMES = {
    "refused": "被拒绝",
    "failed": "未办成",
    "read": "查阅",
    "exported": "导出",
    "signed_in": "登录",
    "signed_out": "退出",
}
KINDS = {
    "catalog.item": "权责事项",
    "catalog.list": "权责清单",
    "catalog.submission": "送审件",
    "catalog.import": "清单导入",
    "catalog.report": "公众纠错",
    "workflow.case": "审查",
    "evaluation.round": "评估轮次",
    "evaluation.scheme": "评估方案",
    "evaluation.conclusion": "评估结论",
    "evaluation.pack": "指标包",
    "evaluation.score": "评分",
    "performance.import": "行权数据导入",
    "performance.warnings": "行权风险警示",
    "performance.warning": "行权风险警示",
    "performance.explanation": "情况说明",
    "performance.counts": "月度件数",
    "performance.explanations": "情况说明",
    "performance.received": "接收的行权数据",
    "performance.quarantine": "隔离数据",
    "performance.quarantined_file": "隔离文件",
    "org.body": "机构",
    "org.directory": "机构名录",
    "org.appointment": "任职",
    "org.division": "内设机构",
    "org.post": "岗位",
    "org.region": "行政区划",
    "org.setup": "首次设置",
    "org.directory_load": "名录载入",
    "org.role_change": "角色变更",
    "org.role_batch": "成批角色变更",
    "adjustment.adjustment": "动态调整",
    "adjustment.trigger": "调整事由",
    "adjustment.catalogue": "年度目录",
    "adjustment.campaign": "专项工作",
    "adjustment.filing": "备案",
    "adjustment.extract": "上级清单核对",
    "adjustment.meeting": "审定会议",
    "adjustment.template": "公文样式",
    "catalog.disclosure_task": "公开渠道任务",
    "catalog.links": "办事指南链接",
    "catalog.guide": "简明指南",
    "catalog.nondisclosure": "依法不公开",
    "catalog.derived_list": "关联清单",
    "catalog.entry": "关联清单条目",
    "catalog.derived_submission": "关联清单送审件",
    "org.delegation": "代理",
    "org.mandate": "三定规定",
    "org.roster": "值班表",
    "org.roster_turn": "值班",
    "org.seat": "管理员席位",
    "org.hand_over": "交接",
    "iam.user": "账号",
    "iam.api_key": "接口密钥",
    "iam.lock": "登录锁定",
    "user": "账号",
    "file": "文件",
    "parameter": "参数",
    "calendar_year": "工作日历",
    "record": "记录",
    "archive": "归档包",
    "demo.city": "示范城市",
}


@dataclass(frozen=True, slots=True)
class Line:
    """对照的一行：栏名、原文、新文、逐字差别。"""

    label: str
    old: str
    new: str
    segments: tuple[Segment, ...]


def kind_label(kind: str) -> str:
    """客体种类的中文名；未登记的原样。"""
    return KINDS.get(kind, kind)


def role_labels(codes: tuple[str, ...]) -> str:
    return "、".join(org.ROLE_LABELS.get(code, code) for code in codes)


def subject_url(fact: FactView) -> str:
    """客体的页面；编号不是数字的没有页面。"""
    return subjects.url_of(fact.subject_kind, fact.subject_id) if fact.subject_id.isdigit() else ""


def who(fact: Any) -> str:
    """人 · 机构 · 岗位。"""
    text = " · ".join(part for part in (fact.actor_name, fact.actor_body_name, fact.actor_post) if part)
    return f"{text}（代 {fact.on_behalf_of}）" if fact.on_behalf_of else text


def comparison(fact: FactView) -> tuple[list[Line], int]:
    """前后对照的各行，以及因过长而略去的行数。Only what differs, unless nothing was there before."""
    labels = field_labels(fact.action.partition(".")[0])
    old, new = dict(_flat(fact.before, labels)), dict(_flat(fact.after, labels))
    names = list(dict.fromkeys([*old, *new]))
    lines = []
    for name in names:
        before, after = old.get(name, ""), new.get(name, "")
        if before == after and fact.before is not None and fact.after is not None:
            continue
        before, after = before[:_LONGEST], after[:_LONGEST]
        lines.append(Line(name or "内容", before, after, diff(before, after)))
    return lines[:_MOST_LINES], max(0, len(lines) - _MOST_LINES)


def versions_lines(fact: FactView) -> list[tuple[str, str]]:
    """所据版本的各行。"""
    labels = VERSION_LABELS | {one.code: one.label for one in parameters.definitions()}
    return [(name or "版本", VERSION_LABELS.get(text, text)) for name, text in _flat(fact.versions, labels)]


VERSION_LABELS = {
    "rules": "检查规则",
    "procedure": "审查程序",
    "parameters": "参数",
    "calendar": "工作日历",
    "indicators": "指标包",
    "scheme": "评估方案",
    "power_types": "职权类型",
    "template": "范本",
    "code": "代码",
    "digest": "摘要",
    "token": "标记",
    "years": "年度",
    "projected": "推定",
    "published": "已公布",
}


@cache
def field_labels(app: str) -> dict[str, str]:
    """某能力的栏名：数据表字段的中文名，加上补充表。"""
    labels: dict[str, str] = {}
    for config in apps.get_app_configs():
        if config.label in (app, "files", "iam", "org"):
            for model in config.get_models():
                for field in model._meta.get_fields():
                    name, label = getattr(field, "name", ""), str(getattr(field, "verbose_name", ""))
                    if label and not label.isascii():
                        labels[name] = label
    own: dict[str, str] = yaml.safe_load(_LABELS.read_text(encoding="utf-8"))
    content = dict(catalog.CONTENT_LABELS) if app == "catalog" else {}
    return labels | own | content


def _flat(value: Any, labels: dict[str, str], path: str = "") -> Iterator[tuple[str, str]]:
    """层层展开成（栏名、文字）。"""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            name = labels.get(str(key), str(key))
            yield from _flat(inner, labels, f"{path} · {name}" if path else name)
    elif isinstance(value, list) and any(isinstance(one, dict | list) for one in value):
        for ordinal, inner in enumerate(value, start=1):
            yield from _flat(inner, labels, f"{path} {ordinal}".strip())
    elif value is not None or path:
        yield path, _text(value)


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case list():
            return "、".join(_text(one) for one in value)
        case dict():
            return ""
    return str(value)
