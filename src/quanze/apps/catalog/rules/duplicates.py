"""重复与文字 S007–S010：重复、近似重复、文字不洁、追责情形雷同。"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from rapidfuzz import fuzz

from quanze.apps.catalog.domain.items import ItemContent, ItemSnapshot
from quanze.apps.catalog.domain.naming import canonical_name, core_of
from quanze.apps.catalog.rules.base import CatalogItemRule, CatalogRule, label, percent, shorten
from quanze.apps.catalog.rules.examples import PENALTY, changed, coded, listed
from quanze.apps.catalog.rules.subject import CheckedList
from quanze.apps.catalog.rules.tidying import injected_texts, tidied_fields
from quanze.core.lint import Example, Hit, Severity

# Words in another order cost similarity although nothing was added: this much is forgiven.
REORDERED = 20
_NUMERALS = re.compile(r"[0-9零〇一二三四五六七八九十百千]+")


def _basis_key(content: ItemContent) -> tuple[str, ...]:
    if content.bases:
        return tuple(sorted({canonical_name(f"{basis.law}{basis.locator}") for basis in content.bases}))
    return (canonical_name(content.basis_text),)


def _identity(item: ItemSnapshot, subject: CheckedList) -> tuple[object, ...]:
    body = canonical_name(item.content.exercising_body)
    return (subject.canonical(item), subject.type_code(item), item.parent_key, body, _basis_key(item.content))


class DuplicateItem(CatalogRule):
    """重复事项。"""

    code = "S007"
    title = "重复事项"
    severity = Severity.WARNING
    meaning = "同一清单里有两项名称、类型、依据、实施主体都相同。"
    reason = "重复的事项使数量虚增，运行数据分到两处，调整时容易只改一处。"
    method = "名称去掉空白与标点宽度差别后相同，且职权类型、依据条款、实施主体、所属主项都相同。"
    remedy = "删去一项；若确是两件事，把名称写得能够区分。"
    source = "“同一权力名称、类型、依据、编码基本一致”的反面"
    fields = ("name", "power_type", "bases")
    bad = Example("同一许可列了两次。", listed(changed("a"), changed("b", power_code="130700-XK-002")))
    good = Example("两项名称不同。", listed(coded(1), coded(2)))

    def check(self, subject: CheckedList) -> Iterable[Hit]:
        first: dict[tuple[object, ...], ItemSnapshot] = {}
        for item in subject.items:
            twin = first.setdefault(_identity(item, subject), item)
            if twin is not item:
                yield Hit(
                    item.key,
                    "name",
                    f"与{_where(twin)}重复：名称、类型、依据、实施主体都相同",
                    evidence=item.content.name,
                    suggestion="请删去一项；若确是两件事，请把名称写得能够区分。",
                    related=(twin.key,),
                )


class NearDuplicateItem(CatalogRule):
    """近似重复的事项。"""

    code = "S008"
    title = "近似重复的事项"
    severity = Severity.WARNING
    meaning = "两项类型相同，名称只在虚字、标点、写法或词序上不同，或者名称相同而依据、主体不同。"
    reason = "多半是同一件事录了两次，或者一件事按不同依据拆成了两项。"
    method = (
        "名称去掉“的、等、擅自、进行、行为”之类不改变所指的字词（资料包 naming.yaml）、统一异体写法之后完全相同；或者用字完全相同只是次序不同，"
        "且相似度不低于参数“近似重复的相似度下限”减 20。只差一个实义词（生产与经营、第五十五条与第五十六条）的不算，那是并列的两项。"
    )
    remedy = "合并为一项，依据写全；若确是两件事，把名称写得能够区分。"
    source = "“横向可比对、纵向可衔接”的清单规范"
    fields = ("name", "power_type")
    bad = Example(
        "只差“擅自”二字。",
        listed(
            changed("a", PENALTY, name="对擅自占道经营的处罚", power_code="130700-CF-001"),
            changed("b", PENALTY, name="对占道经营的处罚", power_code="130700-CF-002"),
        ),
    )
    good = Example(
        "“生产”与“经营”是并列的两项。",
        listed(
            changed("a", PENALTY, name="对无证生产农药的处罚", power_code="130700-CF-001"),
            changed("b", PENALTY, name="对无证经营农药的处罚", power_code="130700-CF-002"),
        ),
    )

    def check(self, subject: CheckedList) -> Iterable[Hit]:
        naming = subject.packs.naming
        by_core: dict[tuple[str, str], ItemSnapshot] = {}
        by_letters: dict[tuple[str, str], list[tuple[ItemSnapshot, str]]] = {}
        lowest = subject.thresholds.near_duplicate_percent - REORDERED
        for item in subject.items:
            type_code = subject.type_code(item)
            core = core_of(item.content.name, fillers=naming.fillers, variants=naming.variants)
            twin = by_core.setdefault((type_code, core), item)
            if twin is not item:
                if not _is_family(item, twin) and _identity(item, subject) != _identity(twin, subject):
                    yield _near(item, twin, subject)
                continue
            group = by_letters.setdefault((type_code, "".join(sorted(core))), [])
            for other, other_core in group:
                if (
                    not _is_family(item, other)
                    and _NUMERALS.findall(core) == _NUMERALS.findall(other_core)
                    and fuzz.ratio(core, other_core) >= lowest
                ):
                    yield _near(item, other, subject)
                    break
            group.append((item, core))


def _is_family(item: ItemSnapshot, other: ItemSnapshot) -> bool:
    return item.parent_key == other.key or other.parent_key == item.key


def _near(item: ItemSnapshot, twin: ItemSnapshot, subject: CheckedList) -> Hit:
    same_name = subject.canonical(item) == subject.canonical(twin)
    differences = [
        word
        for word, differs in (
            ("依据", _basis_key(item.content) != _basis_key(twin.content)),
            ("实施主体", canonical_name(item.content.exercising_body) != canonical_name(twin.content.exercising_body)),
        )
        if differs
    ]
    how = f"名称相同，只有{'与'.join(differences) or '所属主项'}不同" if same_name else "名称只在虚字、写法或词序上不同"
    return Hit(
        item.key,
        "name",
        f"与{_where(twin)}近似重复：{how}",
        evidence=f"{item.content.name} ／ {twin.content.name}",
        suggestion="若是同一件事，请合并并写全依据；若是两件事，请把名称写得能够区分。",
        related=(twin.key,),
    )


def _where(item: ItemSnapshot) -> str:
    return f"“{shorten(item.content.name)}”（{item.place or item.key}）"


class UntidyText(CatalogItemRule):
    """文字不洁。"""

    code = "S009"
    title = "文字不洁"
    severity = Severity.INFO
    meaning = "含有控制字符、零宽字符、换行断开的词、半角全角混用的括号、重复的标点，或者混入了广告、导流文字。"
    reason = "不洁的文字查不到、比不了、印出来难看；混入的广告公布出去损害公信力。"
    method = "与整理后的文字逐字比较，不同即提示；混入文字按资料包 injections.yaml 的模式查，导入前的原始单元格也查。"
    remedy = "排版类的可以一键修正；混入的广告请人工核对原文后删除。"
    source = "数据治理要求：混入的文字须能识别，原文须保留"
    fields = ("name", "lead_division", "duty_text", "basis_text", "accountability_text")
    bad = Example("承办机构的括号一半全角一半半角。", listed(changed(lead_division="市容科（广告管理科)")))
    good = Example("括号统一为全角。", listed(changed(lead_division="市容科（广告管理科）")))

    def check_item(self, item: ItemSnapshot, subject: CheckedList) -> Iterable[Hit]:
        for tidied in tidied_fields(item.content):
            yield Hit(
                item.key,
                tidied.field,
                f"“{label(tidied.field)}”的文字需要整理：{'、'.join(tidied.defects)}",
                evidence=tidied.evidence,
                suggestion="可以一键修正；修正只动空白、标点宽度与不可见字符，不动文字。",
                fix=tidied.fix,
            )
        for found in injected_texts(item, subject.packs.injections):
            yield Hit(
                item.key,
                found.field,
                f"{found.where}混入了{found.label}，与事项无关",
                evidence=found.text,
                suggestion="请核对原文后删除；并检查来源文件是否被篡改。",
            )


class BoilerplateAccountability(CatalogRule):
    """追责情形千篇一律。"""

    code = "S010"
    title = "追责情形千篇一律"
    severity = Severity.WARNING
    meaning = "清单里绝大多数事项的追责情形一字不差。"
    reason = "同一段话贴遍全表，等于没有针对任何一项写明在什么情形下追究谁的责任。"
    method = "写了追责情形的事项中，文字（不计空白与标点宽度）完全相同的最大一组占比超过参数“追责情形雷同比例上限”；项数少于参数“不做占比判断的清单规模”的不查。"
    remedy = "至少为每类职权、每个高风险环节写出特有的追责情形。"
    source = "外部评估对“追责情形笼统”的反复批评"
    fields = ("accountability_text",)
    bad = Example("十项用同一段追责情形。", listed(*(coded(number) for number in range(1, 11))))
    good = Example(
        "十项各写各的追责情形。",
        listed(
            *(
                coded(number, accountability_text=f"在第{number}类场所准予搭建的。", accountability_cases=())
                for number in range(1, 11)
            )
        ),
    )

    def check(self, subject: CheckedList) -> Iterable[Hit]:
        texts = {
            item.key: canonical_name(item.content.accountability_text or "".join(item.content.accountability_cases))
            for item in subject.items
        }
        written = [text for text in texts.values() if text]
        if len(written) < subject.thresholds.small_list:
            return
        text, count = Counter(written).most_common(1)[0]
        if percent(count, len(written)) > subject.thresholds.boilerplate_share_percent:
            same = tuple(key for key, value in texts.items() if value == text)
            yield Hit(
                "",
                "accountability_text",
                f"{len(written)} 项中有 {count} 项的追责情形一字不差",
                evidence=shorten(text, 60),
                suggestion="请为每类职权写出特有的情形，例如“未告知听证权利即作出较大数额罚款的”。",
                related=same,
            )
