"""无权有责：镇（街道）条目的职责要用到某类职权，而本镇既没有这项职权，也没有现行的委托；说明看过什么。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from quanze.apps.catalog.domain.drift import DriftKind, DriftRow, share_a_word
from quanze.apps.catalog.domain.list_types import ListType
from quanze.apps.catalog.models import DerivedEntryVersion, DerivedList, ItemVersion
from quanze.apps.catalog.selectors.list_types import power_type_labels
from quanze.apps.catalog.selectors.lists import in_force


@dataclass(frozen=True, slots=True)
class _Held:
    """本机构现行的一项职权：类型、名称、编码、委托方与委托期。"""

    power_type: str
    name: str
    power_code: str
    entrusted_by: str
    entrusted_to: str

    def is_ended(self, on: date) -> bool:
        """委托已到期。"""
        return bool(self.entrusted_to) and self.entrusted_to < on.isoformat()

    def answers(self, entry_name: str, lead: ItemVersion | None) -> bool:
        """是不是条目所说的那项职权：编码或名称与牵头事项相同，或与条目说的是同一件事。"""
        if lead is not None and (self.name == lead.name or (self.power_code and self.power_code == lead.power_code)):
            return True
        return share_a_word(entry_name, self.name)


def powerless(
    derived_list: DerivedList, kind: ListType, versions: Sequence[DerivedEntryVersion], on: date
) -> list[DriftRow]:
    """各条目职责要求而本机构没有的职权。One query, whatever the number of entries.

    Held is what is in force in the body's own list: its own power, or one entrusted to it whose term has not run out. The message
    is the evidence: the word, the kind of power, the lead item, and an entrustment that has ended.
    """
    asked = kind.power_words
    if asked is None or not versions:
        return []
    held = _held(derived_list, list(asked.words), on)
    labels = power_type_labels()
    found = []
    for version in versions:
        lead = version.item_version
        name = version.name or (lead.name if lead else version.entry.code)
        said = []
        for power_type, word in asked.called_for(str(version.content.get(asked.field) or "")):
            answering = [one for one in held if one.power_type == power_type and one.answers(name, lead)]
            if any(not one.is_ended(on) for one in answering):
                continue
            ended = next((one for one in answering), None)
            label = labels.get(power_type, power_type)
            said.append(
                f"“{word}”须有{label}，{ended.entrusted_by or '上级部门'}的委托（{ended.name}）已于 {ended.entrusted_to} 到期"
                if ended is not None
                else f"“{word}”须有{label}，没有相应的职权事项，也没有现行的委托"
            )
        if said:
            message = f"职责写有{'；'.join(said)}" + (f"；所据“{lead.name}”" if lead is not None else "")
            entry = version.entry
            found.append(
                DriftRow(
                    derived_list.pk,
                    DriftKind.POWERLESS,
                    name,
                    message,
                    "item",
                    lead.item_id if lead is not None else 0,
                    "",
                    None,
                    entry.pk,
                    entry.code,
                    entry.lock_version,
                )
            )
    return found


def _held(derived_list: DerivedList, power_type_codes: Sequence[str], on: date) -> list[_Held]:
    rows = ItemVersion.objects.filter(
        in_force(on), item__power_list__body_id=derived_list.body_id, power_type__in=power_type_codes
    )
    return [
        _Held(power_type, name, code, _text(extra, "entrusting_body"), _text(extra, "entrust_to"))
        for power_type, name, code, extra in rows.values_list("power_type", "name", "power_code", "extra")
    ]


def _text(extra: Any, name: str) -> str:
    return str((extra or {}).get(name) or "")
