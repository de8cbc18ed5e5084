"""责任 R401–R404：有权必有责、追责情形与依据、责任环节、实施与责任主体。"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from quanze.apps.catalog.domain.items import AuthoritySource, DutyContent, ItemSnapshot
from quanze.apps.catalog.domain.naming import canonical_name
from quanze.apps.catalog.domain.packs import PowerType
from quanze.apps.catalog.rules.base import CatalogItemRule, percent
from quanze.apps.catalog.rules.examples import PENALTY, changed, listed
from quanze.apps.catalog.rules.subject import CheckedList
from quanze.core.lint import Example, Hit, Severity

_MANY = 5


class PowerWithoutDuty(CatalogItemRule):
    """有权无责。"""

    code = "R401"
    title = "没有责任事项"
    severity = Severity.ERROR
    meaning = "事项没有写责任事项。"
    reason = "有权必有责：没有责任事项的权力，做没做、做得对不对都无从说起。"
    method = "“责任事项”与分环节的责任事项都为空；子项可从主项。"
    remedy = "按环节补写责任事项。"
    source = "中办发〔2015〕21号：逐项厘清与行政职权相对应的责任事项；衡水：“权责匹配、有权必有责”"
    fields = ("duty_text", "duties")
    gathered = frozenset({"duty_text"})
    bad = Example("责任事项空白。", listed(changed(duty_text="", duties=())))
    good = Example("分五个环节写明责任。", listed(changed()))

    def check_item(self, item: ItemSnapshot, subject: CheckedList) -> Iterable[Hit]:
        if not subject.is_filled(item, "duty_text", "duties"):
            yield Hit(
                item.key,
                "duty_text",
                "没有写责任事项：有权必有责",
                suggestion="请按受理、审查、决定等环节写明应当做什么、几日内做完。",
            )


class AccountabilityMissing(CatalogItemRule):
    """没有追责情形或追责依据。"""

    code = "R402"
    title = "没有追责情形或追责依据"
    severity = Severity.ERROR
    meaning = "事项没有写在什么情形下追究责任，或者没有写追责所依据的条款。"
    reason = "没有追责情形，责任事项就没有后果；没有追责依据，追究起来站不住。"
    method = "“追责情形”（含分条）为空，或“追责依据”为空；子项可从主项。整栏都缺的合为一条。"
    remedy = "补写追责情形；追责依据引用公务员法、监察法、行政许可法等的具体条款。"
    source = "济源“六步”编制要求：将责任主体、追责情形及依据列入清单要素"
    fields = ("accountability_text", "accountability_cases", "accountability_basis_text")
    gathered = frozenset({"accountability_text", "accountability_basis_text"})
    bad = Example("没有追责情形。", listed(changed(accountability_text="", accountability_cases=())))
    good = Example("情形与依据都写了。", listed(changed()))

    def check_item(self, item: ItemSnapshot, subject: CheckedList) -> Iterable[Hit]:
        if not subject.is_filled(item, "accountability_text", "accountability_cases"):
            yield Hit(
                item.key,
                "accountability_text",
                "没有写追责情形",
                suggestion="请写明哪些情形追究责任，至少一条为本事项特有。",
            )
        if not subject.is_filled(item, "accountability_basis_text"):
            yield Hit(
                item.key, "accountability_basis_text", "没有写追责依据", suggestion="请写明追责所依据的法律法规条款。"
            )


class DutyStagesIncomplete(CatalogItemRule):
    """责任环节不全。"""

    code = "R403"
    title = "责任事项的环节不全"
    severity = Severity.ERROR
    meaning = "责任事项没有覆盖该类职权的法定环节，例如处罚没有写告知。"
    reason = "漏写的环节往往就是漏做的环节：处罚不告知、许可不送达，决定会被撤销。"
    method = (
        "在分环节的名称与责任事项全文中，找该类职权每个环节的任一说法（资料包 power_types.yaml），一个说法也没有的算缺。"
        "一类职权（五项以上）过半数都缺的，合为一条。"
    )
    remedy = "补写缺的环节；确实没有该环节的，申请豁免并写明理由。"
    source = "行政许可法、行政处罚法、行政强制法规定的程序；安徽等地清单按环节书写责任事项"
    fields = ("duty_text", "duties", "power_type")
    bad = Example(
        "处罚的责任事项没有告知环节。",
        listed(
            changed(
                base=PENALTY,
                duty_text="立案、调查、审查、决定、送达、执行",
                duties=(DutyContent("调查", "两人以上进行。"), DutyContent("决定", "制作决定书。")),
            )
        ),
    )
    good = Example("处罚的七个环节都写了。", listed(changed(base=PENALTY)))

    def check(self, subject: CheckedList) -> Iterator[Hit]:
        missing: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
        total: Counter[str] = Counter()
        for item in subject.items:
            power_type = subject.power_type(item)
            if power_type is None or not power_type.stages or not subject.is_filled(item, "duty_text", "duties"):
                continue
            total[power_type.code] += 1
            lacking = missing_stages(item, power_type, subject)
            if lacking:
                missing[power_type.code][item.key] = lacking
        for code, found in missing.items():
            power_type = subject.packs.types.by_code[code]
            if len(found) >= _MANY and percent(len(found), total[code]) > 50:
                yield _summary(power_type, found, total[code])
            else:
                yield from (_lacking(key, power_type, stages) for key, stages in found.items())

    def check_item(self, item: ItemSnapshot, subject: CheckedList) -> Iterable[Hit]:
        power_type = subject.power_type(item)
        stages = missing_stages(item, power_type, subject) if power_type is not None else ()
        if power_type is not None and stages:
            yield _lacking(item.key, power_type, stages)


def missing_stages(item: ItemSnapshot, power_type: PowerType, subject: CheckedList) -> tuple[str, ...]:
    """缺的环节，按法定次序。"""
    texts = [_duty_words(item)]
    parent = subject.parent(item)
    if not texts[0] and parent is not None:
        texts.append(_duty_words(parent))
    texts += [_duty_words(child) for child in subject.children(item)] if not texts[0] else []
    whole = "".join(texts)
    return tuple(stage.name for stage in power_type.stages if not any(word in whole for word in stage.words))


def _duty_words(item: ItemSnapshot) -> str:
    parts = [item.content.duty_text, *(f"{duty.stage}{duty.text}" for duty in item.content.duties)]
    return "".join("".join(parts).split())


def _lacking(key: str, power_type: PowerType, stages: tuple[str, ...]) -> Hit:
    return Hit(
        key,
        "duty_text",
        f"{power_type.label}的责任事项没有写：{'、'.join(stages)}",
        evidence="应有：" + "、".join(stage.name for stage in power_type.stages),
        suggestion="请补写这些环节的责任。",
    )


def _summary(power_type: PowerType, found: dict[str, tuple[str, ...]], total: int) -> Hit:
    counts = Counter(stage for stages in found.values() for stage in stages)
    common = "、".join(f"{stage.name} {counts[stage.name]} 项" for stage in power_type.stages if counts[stage.name])
    return Hit(
        "",
        "duty_text",
        f"{power_type.label} {total} 项中有 {len(found)} 项的责任事项没有按环节写全",
        evidence=f"缺 {common}",
        suggestion=f"请按{'、'.join(stage.name for stage in power_type.stages)}逐环节书写责任事项。",
        related=tuple(found),
    )


class PowerAndDutyHeldApart(CatalogItemRule):
    """实施主体与责任主体分离。"""

    code = "R404"
    title = "实施主体与责任主体不一致"
    severity = Severity.ERROR
    meaning = "实施主体与责任主体不是同一机构，又没有注明上级委托。"
    reason = "权在此处、责在彼处，出了问题互相推。"
    method = "两者都写了且不同（“市统计局”与“示例市统计局”算同一机构），而权力来源不是上级委托。"
    remedy = "责任主体改为实施主体；确系委托的，权力来源写“上级委托”并附委托书。"
    source = "济源：“责任主体”列入清单要素；受委托行使的责任由委托机关承担"
    fields = ("responsible_body", "exercising_body", "authority_source")
    bad = Example(
        "权力在街道，责任在县局。",
        listed(changed(exercising_body="示例街道办事处", responsible_body="示例县自然资源局")),
    )
    good = Example("同一机构。", listed(changed()))

    def check_item(self, item: ItemSnapshot, subject: CheckedList) -> Iterable[Hit]:
        holder, answerable = canonical_name(item.content.exercising_body), canonical_name(item.content.responsible_body)
        if not holder or not answerable or item.content.authority_source == AuthoritySource.ENTRUSTED:
            return
        if not holder.endswith(answerable) and not answerable.endswith(holder):
            yield Hit(
                item.key,
                "responsible_body",
                f"实施主体是“{item.content.exercising_body}”，责任主体却是“{item.content.responsible_body}”",
                suggestion="请改为同一机构；确系委托行使的，请把权力来源写为“上级委托”。",
            )
