"""补充要素在表单上的样子：一个登记的要素一个输入，随种类而定；页面显示了哪些，由隐藏的一栏说明。

What the page did not show is not posted; an emptied group of ticks is not posted either. The hidden field ``extra_shown``
tells the two apart, so that a template that shows few elements never blanks the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from quanze.apps.catalog.domain.fields import FIELDS, ExtraField

SHOWN = "extra_shown"
_ROWS_SHOWN = {"long": 3, "rows": 3}


def _help(field: ExtraField, help: str) -> str:
    told = help or field.help
    if field.kind == "rows":
        told = f"{told}每行一条，各栏以“｜”分开：{'｜'.join(field.columns)}。"
    return told


def input_of(field: ExtraField, help: str = "") -> forms.Field:
    """一个要素的表单输入。"""
    given: dict[str, Any] = {"label": field.label, "required": False, "help_text": _help(field, help)}
    if field.kind == "choice":
        return forms.ChoiceField(choices=[("", "未写明"), *(field.choices or {}).items()], **given)
    if field.kind == "choices":
        return forms.MultipleChoiceField(
            choices=list((field.choices or {}).items()), widget=forms.CheckboxSelectMultiple, **given
        )
    if field.kind == "boolean":
        return forms.ChoiceField(choices=[("", "未写明"), ("是", "是"), ("否", "否")], **given)
    if field.kind == "integer":
        return forms.IntegerField(
            min_value=field.minimum,
            max_value=field.maximum,
            widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            **given,
        )
    if field.kind == "date":
        return forms.CharField(widget=forms.TextInput(attrs={"type": "date"}), **given)
    if field.kind in _ROWS_SHOWN:
        return forms.CharField(widget=forms.Textarea(attrs={"rows": _ROWS_SHOWN[field.kind]}), **given)
    return forms.CharField(max_length=field.maximum, **given)


def inputs(fields: Iterable[ExtraField], help: Mapping[str, str]) -> dict[str, forms.Field]:
    """各要素的输入与说明显示了哪些的隐藏栏。"""
    held = tuple(fields)
    return {
        **{one.key: input_of(one, help.get(one.key, "")) for one in held},
        SHOWN: forms.CharField(
            required=False, widget=forms.HiddenInput, initial=",".join(one.key for one in held), max_length=5000
        ),
    }


def initial_of(extra: Mapping[str, Any]) -> dict[str, Any]:
    """各要素现在的值，写成输入所用的形式。"""
    found = {}
    for field in FIELDS.fields:
        value = extra.get(field.key)
        is_coded = field.kind in ("choice", "choices", "integer")
        found[field.key] = value if is_coded else field.text(value)
    return found


def posted_keys(data: Mapping[str, Any]) -> tuple[str, ...]:
    """页面显示过的要素。"""
    return tuple(key for key in str(data.get(SHOWN, "")).split(",") if key in FIELDS.by_key)


def canonical(key: str, value: Any) -> Any:
    """填写的值的规范形式。Raises forms.ValidationError."""
    if isinstance(value, str):
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    try:
        return FIELDS.by_key[key].canonical(value)
    except ValueError as error:
        raise forms.ValidationError(f"{error}") from None
