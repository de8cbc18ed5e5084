"""模板标签与过滤器：中文日期、期限、数字、网址参数、表单控件。Builtin in every template."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.templatetags.static import static
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from quanze.base.web import badges, dates
from quanze.base.web.concurrency import FIELD
from quanze.base.web.diffing import is_replacement

register = template.Library()


@register.filter
def zh_date(value: date | datetime | None) -> str:
    return dates.zh_date(value)


@register.filter
def zh_time(value: datetime | None) -> str:
    return dates.zh_time(value)


@register.filter
def last_day(valid_to: date | None) -> date | None:
    """有效期的最后一日。Validity is half-open: ``valid_to`` is the first day no longer in force."""
    return None if valid_to is None else valid_to - timedelta(days=1)


@register.filter
def iso_date(value: date | datetime | None) -> str:
    return dates.iso_date(value)


@register.filter
def iso_time(value: datetime | None) -> str:
    return dates.iso_time(value)


@register.filter
def workdays(value: int | None) -> str:
    return "" if value is None else dates.workdays_words(value)


@register.filter
def grouped(value: Any) -> str:
    """1,234；空值为“—”。"""
    if value is None or value == "":
        return "—"
    return f"{value:,}" if isinstance(value, int | float | Decimal) else str(value)


@register.filter
def count(value: Any, unit: str) -> str:
    """1,234 项。"""
    return f"{grouped(value)} {unit}"


@register.filter
def percent(value: Any) -> str:
    """0.973 → 97.3%。"""
    return "—" if value is None or value == "" else f"{float(value) * 100:.1f}%"


@register.filter
def paragraphs(text: str | None) -> SafeString:
    """按行分段，逐段转义。"""
    lines = [line.strip() for line in (text or "").splitlines() if line.strip()]
    return format_html_join("", "<p>{}</p>", ((line,) for line in lines))


@register.filter
def rows_of(table: Any, page: Any) -> Any:
    """表格的各行；page 可为 Page 或任何可迭代对象。"""
    return table.rows_of(page)


@register.filter
def tone_icon(tone: str) -> str:
    return badges.icon_of(tone)


@register.simple_tag
def badge_for(kind: str, state: Any) -> badges.Badge:
    return badges.badge_of(kind, state)


@register.simple_tag
def badge_shown(label: str, tone: str) -> badges.Badge:
    return badges.Badge(label, tone or "neutral")


@register.simple_tag
def icon_url(name: str) -> str:
    return f"{static('vendor/icons.svg')}#{name}"


@register.simple_tag(takes_context=True)
def query_replace(context: template.Context, **changes: Any) -> str:
    """现在的网址参数，改动若干个；None 去掉。The cursor goes away unless it is given."""
    query = context["request"].GET.copy()
    if "cursor" not in changes:
        query.pop("cursor", None)
    for name, value in changes.items():
        if value is None or value == "":
            query.pop(name, None)
        else:
            query[name] = value
    return "?" + query.urlencode()


@register.simple_tag
def seen_version(version: Any) -> SafeString:
    """隐藏字段：看过的版本。"""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, version)


@register.filter
def control(field: BoundField) -> SafeString:
    """带样式与无障碍属性的控件。"""
    widget = field.field.widget
    attributes: dict[str, Any] = {"class": _control_class(widget, bool(field.errors))}
    described = []
    if field.help_text:
        described.append(f"{field.auto_id}-help")
    if field.errors:
        described.append(f"{field.auto_id}-errors")
        attributes["aria-invalid"] = "true"
    if described:
        attributes["aria-describedby"] = " ".join(described)
    if isinstance(widget, forms.Textarea) and widget.attrs.get("rows") == "10":  # Django's default
        attributes["rows"] = 4
    if isinstance(widget, forms.DateInput):
        attributes |= {"data-date": "", "placeholder": "2026-11-22", "autocomplete": "off", "inputmode": "numeric"}
    if (
        isinstance(widget, forms.Select)
        and not isinstance(widget, forms.RadioSelect)
        and len(list(widget.choices)) > 12
    ):
        attributes["data-select"] = ""
    present = widget.attrs.get("class")
    if present:
        attributes["class"] = f"{attributes['class']} {present}"
    return mark_safe(str(field.as_widget(attrs=attributes)))


def _control_class(widget: forms.Widget, is_wrong: bool) -> str:
    wrong = " is-invalid" if is_wrong else ""
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "form-check-input" + wrong
    if isinstance(widget, forms.Select):
        return "form-select" + wrong
    return "form-control" + wrong


@register.filter
def is_checkbox(field: BoundField) -> bool:
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def is_group(field: BoundField) -> bool:
    return isinstance(field.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple)


@register.filter
def all_errors(form: forms.Form) -> list[tuple[str, str, str]]:
    """表单的全部错误：（锚点、标签、话）。"""
    found = [("", "", str(text)) for text in form.non_field_errors()]
    for field in form:
        found += [(field.id_for_label or field.auto_id, str(field.label), str(text)) for text in field.errors]
    return found


@register.filter
def diff_html(segments: Iterable[Any]) -> SafeString:
    """比对各段 → 带 ins/del 的文字，每段转义，换行保留；整体替换的，旧新之间有箭头。"""
    segments = tuple(segments)
    tags = {"added": "ins", "removed": "del"}
    pieces = []
    for segment in segments:
        text = escape(segment.text)
        tag = tags.get(segment.kind)
        pieces.append(f"<{tag}>{text}</{tag}>" if tag else str(text))
    return mark_safe((" → " if is_replacement(segments) else "").join(pieces))


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """字典取值；没有为空串。"""
    return mapping.get(key, "") if mapping else ""
