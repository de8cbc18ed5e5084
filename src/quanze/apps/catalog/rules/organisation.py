"""机构 O501–O503：机构存续、承办机构、分工。"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rapidfuzz import fuzz, process

from quanze.apps.catalog.domain.items import AssistContent, ItemSnapshot
from quanze.apps.catalog.domain.naming import canonical_name, without_bracketed_end
from quanze.apps.catalog.rules.base import WHOLE_COLUMN, CatalogItemRule, division_names
from quanze.apps.catalog.rules.examples import changed, listed
from quanze.apps.catalog.rules.subject import CheckedList
from quanze.core.lint import Example, Hit, Severity

_BRACKETED = re.compile(r"（([^（）]*)）$")
# Below this similarity (percent) another division's name would only mislead.
_LIKELY = 75
_SPLIT_STATED = re.compile(r"[：:]|负责|分别")


class DissolvedBodyOrDivision(CatalogItemRule):
    """机构或内设机构已不存续。"""

    code = "O501"
    title = "机构或内设机构已不存续"
    severity = Severity.ERROR
    meaning = "清单所属机构已经撤销，或者承办、协办机构不在本机构现有的内设机构之中。"
    reason = "机构改革之后科室还写旧名，事项就没有人办、也没有人负责。"
    method = "与机构库中当天存续的内设机构比较；带括号的名称，全名、括号外、括号内任一相符即可。没有机构库时（只检查文件）不查；没有一项相符的（三项以上），合为一条，多半是内设机构还没有登记。"
    remedy = "改为现在的内设机构；机构库缺的，先在机构库登记。"
    source = "机构改革与“三定”规定；事项须落实到内设机构"
    fields = ("lead_division", "assists", "body")
    bad = Example(
        "承办的科室已经撤销。", listed(changed(lead_division="规费征稽科"), divisions=frozenset({"市容科", "法规科"}))
    )
    good = Example(
        "承办的科室在册。", listed(changed(lead_division="市容科"), divisions=frozenset({"市容科", "法规科"}))
    )

    def check(self, subject: CheckedList) -> Iterable[Hit]:  # type: ignore[override]
        if not subject.snapshot.body_is_alive:
            name = subject.snapshot.body_name
            yield Hit("", "body", f"“{name}”已不存续，清单应由承接机构重编", suggestion="请确认承接机构，并移交事项。")
        hits = list(super().check(subject))
        unknown = {hit.key for hit in hits}
        if len(unknown) >= WHOLE_COLUMN and len(unknown) == len(subject.items):
            names = sorted({hit.evidence for hit in hits})
            yield Hit(
                "",
                "lead_division",
                f"全部 {len(subject.items)} 项的承办机构都不在机构库中，本机构的内设机构大概还没有登记",
                evidence="、".join(names[:8]),
                suggestion="请先在机构库登记本机构的内设机构，再检查一次。",
                related=tuple(hit.key for hit in hits),
            )
        else:
            yield from hits

    def check_item(self, item: ItemSnapshot, subject: CheckedList) -> Iterable[Hit]:
        if not subject.snapshot.divisions:
            return
        alive = {form: name for name in sorted(subject.snapshot.divisions) for form in _forms(canonical_name(name))}
        places = [("lead_division", name) for name in division_names(item.content.lead_division)]
        places += [("assists", assist.division) for assist in item.content.assists if assist.division.strip()]
        for field, name in places:
            if not _forms(canonical_name(name)).isdisjoint(alive):
                continue
            close = process.extractOne(canonical_name(name), list(alive), scorer=fuzz.ratio, score_cutoff=_LIKELY)
            hint = f"，是否为“{alive[close[0]]}”" if close else ""
            yield Hit(
                item.key,
                field,
                f"“{name}”不在本机构现有的内设机构之中{hint}",
                evidence=name,
                suggestion="请改为现在的内设机构名称；若新设未登记，请先在机构库登记。",
            )


def _forms(canonical: str) -> set[str]:
    """一个名称的几种叫法：全名、括号外、括号内。"""
    bracketed = _BRACKETED.search(canonical)
    return {canonical, without_bracketed_end(canonical), *((bracketed[1],) if bracketed else ())}


class NoLeadDivision(CatalogItemRule):
    """没有承办机构。"""

    code = "O502"
    title = "没有承办机构"
    severity = Severity.ERROR
    meaning = "事项没有落实到承办的内设机构。"
    reason = "“分解到内设机构”是评估的硬指标；没有承办机构，事项就停在纸上。"
    method = "“承办机构”为空；子项可从主项。"
    remedy = "写明承办的科室；几个科室共办的，写明牵头科室与分工。"
    source = "无锡评估指标：“是否准确分解到本部门各内设机构”"
    fields = ("lead_division",)
    gathered = frozenset({"lead_division"})
    bad = Example("承办机构空白。", listed(changed(lead_division="")))
    good = Example("写明市容科承办。", listed(changed()))

    def check_item(self, item: ItemSnapshot, subject: CheckedList) -> Iterable[Hit]:
        if not subject.is_filled(item, "lead_division"):
            yield Hit(item.key, "lead_division", "没有写承办机构", suggestion="请写明承办的内设机构。")


class SharedWorkNotDivided(CatalogItemRule):
    """几个科室共办而没有分工。"""

    code = "O503"
    title = "几个科室共办而没有分工"
    severity = Severity.ERROR
    meaning = "承办机构列了几个科室，或者有协办机构，却没有写各自做什么。"
    reason = "共办不分工，接件时互相推，出事后互相指。"
    method = "承办机构一栏有两个以上名称，而协办分工没有覆盖牵头以外的各科室，该栏文字里也没有“负责”“分别”之类的分工说明；或者协办机构没有写分工。"
    remedy = "留一个牵头科室，其余列为协办机构并写明分工。"
    source = "衡水：职责分解到内设机构，协办机构须有分工"
    fields = ("lead_division", "assists")
    bad = Example("两个科室承办，没有分工。", listed(changed(lead_division="市容科、法规科")))
    good = Example(
        "一个牵头，一个协办并有分工。",
        listed(changed(lead_division="市容科", assists=(AssistContent("法规科", "合法性审核"),))),
    )

    def check_item(self, item: ItemSnapshot, subject: CheckedList) -> Iterable[Hit]:
        divisions = division_names(item.content.lead_division)
        with_duty = {canonical_name(assist.division) for assist in item.content.assists if assist.duty.strip()}
        undivided = [assist.division for assist in item.content.assists if not assist.duty.strip()]
        others = [name for name in divisions if canonical_name(name) not in with_duty]
        is_stated = _SPLIT_STATED.search(item.content.lead_division) is not None
        if len(divisions) > 1 and len(others) > 1 and not is_stated:
            yield Hit(
                item.key,
                "lead_division",
                f"列了 {len(divisions)} 个承办机构，没有写各自的分工",
                evidence="、".join(divisions),
                suggestion="请留一个牵头科室，其余列为协办机构并写明分工。",
            )
        elif undivided:
            yield Hit(
                item.key,
                "assists",
                f"协办机构“{'、'.join(undivided)}”没有写分工",
                suggestion="请写明协办机构在本事项中做什么。",
            )
