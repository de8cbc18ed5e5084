"""结构 S001–S005：要素、编码、主项与子项、有效期。"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from itertools import pairwise

from quanze.apps.catalog.domain.items import ItemSnapshot, NodeKind
from quanze.apps.catalog.domain.packs import CodeScheme, CodeSegment, PowerType
from quanze.apps.catalog.rules.base import CatalogItemRule, label
from quanze.apps.catalog.rules.examples import COMPLETE, changed, family, listed, snapshot
from quanze.apps.catalog.rules.subject import BLANKS, CheckedList
from quanze.core.lint import Example, Hit, Severity

# Fields for which a rule of their own speaks; S001 leaves them to it.
_SPOKEN_FOR = frozenset({"duty_text", "duties", "accountability_text", "accountability_basis_text", "lead_division"})


class RequiredElementMissing(CatalogItemRule):
    """必填要素未填。"""

    code = "S001"
    title = "必填要素未填"
    severity = Severity.ERROR
    meaning = "所用清单模板规定必填的要素没有内容；或者标为“本级补充”而没有写补充理由。"
    reason = "缺了实施主体、依据、类型之类的要素，事项无从行使、无从监督，公布后也无从对照。"
    method = "逐个看模板的必填要素：空白、“无”“/”“—”都算未填；子项未填而主项已填的，算已填。责任事项、追责、承办机构另有 R401、R402、O502 专查。"
    remedy = "补填该要素；确实没有的，请向编办申请豁免并写明理由。整栏都缺的，先确认表中是否有这一栏。"
    source = "中办发〔2015〕21号；济源编制要求“逐一明确法律依据、实施主体、责任方式”"
    fields = ("name", "power_type", "exercising_body", "responsible_body", "basis_text", "addition_reason")
    gathered = frozenset(
        {
            "power_code",
            "exercising_body",
            "responsible_body",
            "hotline",
            "duty_basis_text",
            "exercise_level",
            "power_type",
        }
    )
    bad = Example("没有写实施主体。", listed(changed(exercising_body="")))
    good = Example("模板要求的要素都有内容。", listed(changed()))

    def check_item(self, item: ItemSnapshot, subject: CheckedList) -> Iterable[Hit]:
        for field in subject.template.required:
            filled = (
                subject.is_filled(item, "basis_text", "bases")
                if field == "basis_text"
                else subject.is_filled(item, field)
            )
            if field not in _SPOKEN_FOR and not filled:
                yield self._missing(item, field)
        if item.content.is_local_addition and not subject.is_filled(item, "addition_reason"):
            yield Hit(
                item.key,
                "addition_reason",
                "标为本级补充，但没有写补充理由",
                suggestion="请写明范本之外增加本事项的理由，例如本级规章的条款。",
            )

    def _missing(self, item: ItemSnapshot, field: str) -> Hit:
        return Hit(
            item.key,
            field,
            f"未填“{label(field)}”，本模板规定必填",
            suggestion=f"请补填“{label(field)}”；公布依据的文件里没有的，先与业务科室核对。",
        )


class PowerCodeInvalid(CatalogItemRule):
    """职权编码不合方案或重复。"""

    code = "S002"
    title = "职权编码不合规或重复"
    severity = Severity.ERROR
    meaning = "职权编码的长度、字符、类型段不符合所用编码方案，或者与本清单另一项相同。"
    reason = "编码是事项在各系统之间的身份证：错了对不上运行数据，重了两项混成一项。"
    method = "按模板指定的编码方案逐段核对；类型段须与职权类型一致；子项须以主项编码的前段开头；同一清单内不得重复。没有编码的由 S001 管。"
    remedy = "改为符合方案的编码；重复的，保留一项的编码，另一项重新编。"
    source = "各地编码规则，见资料包 code_schemes.yaml；中央编办指导意见要求同一权力编码基本一致"
    fields = ("power_code",)
    bad = Example("两项用了同一个编码。", listed(changed("a"), changed("b", name="户外广告牌匾设置许可")))
    good = Example(
        "每项一个编码。", listed(changed("a"), changed("b", name="户外广告牌匾设置许可", power_code="130700-XK-002"))
    )

    def check(self, subject: CheckedList) -> Iterable[Hit]:  # type: ignore[override]
        first: dict[str, ItemSnapshot] = {}
        for item in subject.items:
            code = item.content.power_code.strip()
            if code in BLANKS:
                continue
            yield from self.check_item(item, subject)
            if code in first:
                twin = first[code]
                yield Hit(
                    item.key,
                    "power_code",
                    f"职权编码与“{twin.content.name}”（{twin.place or twin.key}）相同",
                    evidence=code,
                    suggestion="请给其中一项重新编码；若两项实为同一事项，请删去一项。",
                    related=(twin.key,),
                )
            else:
                first[code] = item

    def check_item(self, item: ItemSnapshot, subject: CheckedList) -> Iterable[Hit]:
        scheme = subject.packs.schemes[subject.template.code_scheme]
        code = item.content.power_code.strip()
        defect = (
            _free_defect(code, scheme) if scheme.is_free else _segment_defect(code, scheme, subject.power_type(item))
        )
        parent = subject.parent(item)
        if not defect and parent is not None and scheme.parent_prefix and parent.content.power_code:
            prefix = parent.content.power_code[: scheme.parent_prefix]
            if not code.startswith(prefix):
                defect = f"子项编码应以主项编码的前 {scheme.parent_prefix} 位“{prefix}”开头"
        if defect:
            yield Hit(
                item.key,
                "power_code",
                f"职权编码不符合“{scheme.label}”：{defect}",
                evidence=code,
                suggestion="请按编码方案改正；若本地用别的方案，请在清单模板中更换。",
            )


def _free_defect(code: str, scheme: CodeScheme) -> str:
    if not scheme.minimum <= len(code) <= scheme.maximum:
        return f"长度应为 {scheme.minimum} 至 {scheme.maximum} 位，现为 {len(code)} 位"
    if not re.fullmatch(r"[0-9A-Za-z.\-_/]+", code):
        return "只能用字母、数字和连字符"
    return ""


_ALPHABETS = {
    "digits": (r"[0-9]+", "数字"),
    "letters": (r"[A-Z]+", "大写字母"),
    "alphanumeric": (r"[0-9A-Z]+", "数字或大写字母"),
}


def _segment_defect(code: str, scheme: CodeScheme, power_type: PowerType | None) -> str:
    if len(code) != scheme.length:
        return f"应为 {scheme.length} 位，现为 {len(code)} 位"
    start = 0
    for segment in scheme.segments:
        part = code[start : start + segment.length]
        pattern, word = _ALPHABETS[segment.alphabet]
        if not re.fullmatch(pattern, part):
            return f"第 {start + 1} 至 {start + segment.length} 位（{segment.name}）应为{word}，现为“{part}”"
        expected = _expected(segment, power_type)
        if expected and part != expected:
            return f"第 {start + 1} 至 {start + segment.length} 位（{segment.name}）应为“{expected}”，现为“{part}”"
        start += segment.length
    return ""


def _expected(segment: CodeSegment, power_type: PowerType | None) -> str:
    if power_type is None:
        return ""
    return {"type_number": power_type.number, "type_letters": power_type.letters}.get(segment.values_from, "")


class SubItemWithoutMain(CatalogItemRule):
    """子项没有相称的主项。"""

    code = "S003"
    title = "子项没有相称的主项"
    severity = Severity.ERROR
    meaning = "子项找不到主项，挂在另一个子项之下，或者类型与主项不同。"
    reason = "子项从主项得到类型与依据；挂错了，统计、编码、公布都会错位。"
    method = "看子项所属主项是否在本清单中、是否本身不是子项、职权类型是否相同（子项未写类型的从主项）。"
    remedy = "指明正确的主项；类型确实不同的，应当另立事项。"
    source = "大项、子项只设一级的编制规范"
    fields = ("node_kind", "power_type")
    bad = Example(
        "主项是许可，子项写成处罚。",
        listed(*family(changed(power_type="penalty", name="对擅自拆除观景平台的处罚").content)),
    )
    good = Example(
        "主项与两个子项同为许可。",
        listed(
            *family(
                changed(name="临时观景平台搭建许可", power_code="130700-XK-011").content,
                changed(name="固定观景平台搭建许可", power_code="130700-XK-012").content,
            )
        ),
    )

    def check_item(self, item: ItemSnapshot, subject: CheckedList) -> Iterable[Hit]:
        if item.content.node_kind != NodeKind.SUB:
            return
        parent = subject.parent(item)
        if parent is None:
            yield Hit(item.key, "node_kind", "标为子项，但清单中找不到它的主项", suggestion="请指明主项，或改为单项。")
        elif parent.content.node_kind == NodeKind.SUB:
            yield Hit(
                item.key,
                "node_kind",
                f"所属的“{parent.content.name}”本身是子项，只能设一级子项",
                suggestion="请把本项直接挂在主项之下。",
                related=(parent.key,),
            )
        elif item.content.power_type and parent.content.power_type not in ("", item.content.power_type):
            types = subject.packs.types
            yield Hit(
                item.key,
                "power_type",
                f"子项类型为{types.label(item.content.power_type)}，主项“{parent.content.name}”为"
                f"{types.label(parent.content.power_type)}",
                suggestion="请核对类型；类型确实不同的，应当另立事项。",
                related=(parent.key,),
            )


class MainWithSingleSubItem(CatalogItemRule):
    """主项只有一个子项或没有子项。"""

    code = "S004"
    title = "主项只有一个子项或没有子项"
    severity = Severity.WARNING
    meaning = "标为主项，之下却只有一个子项，或者一个也没有。"
    reason = "只有一个子项时主项与子项是同一件事，应当合为单项，否则事项数虚增，也容易两处写得不一样。"
    method = "数主项之下的子项：零个或一个即提示。"
    remedy = "把主项与唯一的子项合并为单项；有遗漏的子项，补上。"
    source = "大项、子项划分的编制规范"
    fields = ("node_kind",)
    bad = Example(
        "主项之下只有一个子项。", listed(*family(changed(name="观景平台搭建许可", power_code="130700-XK-011").content))
    )
    good = Example("不分子项的写成单项。", listed(changed()))

    def check_item(self, item: ItemSnapshot, subject: CheckedList) -> Iterable[Hit]:
        if item.content.node_kind != NodeKind.MAIN:
            return
        children = subject.children(item)
        if len(children) >= 2:
            return
        if children:
            only = children[0]
            yield Hit(
                item.key,
                "node_kind",
                "主项之下只有一个子项，应当写成单项",
                evidence=only.content.name,
                suggestion="请合并为单项，名称取较准确的一个；若还有别的子项，请补上。",
                related=(only.key,),
            )
        else:
            yield Hit(item.key, "node_kind", "标为主项，之下没有子项", suggestion="请改为单项，或补上子项。")


_Day = tuple[int, int, int]


def _published(start: _Day, end: _Day, following: _Day, last: _Day | None) -> ItemSnapshot:
    second = (date(*following), date(*last) if last else None)
    return snapshot("a", COMPLETE, published_periods=((date(*start), date(*end)), second))


class ValidityPeriodBroken(CatalogItemRule):
    """有效期颠倒或重叠。"""

    code = "S005"
    title = "有效期颠倒或重叠"
    severity = Severity.ERROR
    meaning = "失效日期不晚于生效日期，或者同一事项的两个已公布版本在同一天都有效。"
    reason = "某一天哪个版本有效必须只有一个答案，否则“某日的清单”无法回答。"
    method = "有效期为半开区间［生效，失效）：失效日期须晚于生效日期；已公布版本两两不得重叠，首尾相接可以。"
    remedy = "改正日期：旧版本的失效日期应为新版本的生效日期。"
    source = "清单版次管理要求；半开区间约定见架构说明第 5 节"
    fields = ("valid_from",)
    bad = Example("第二版在第一版失效之前就生效。", listed(_published((2024, 1, 1), (2025, 6, 1), (2025, 3, 1), None)))
    good = Example(
        "前一版失效之日即后一版生效之日。", listed(_published((2024, 1, 1), (2025, 3, 1), (2025, 3, 1), None))
    )

    def check_item(self, item: ItemSnapshot, subject: CheckedList) -> Iterable[Hit]:
        if item.valid_from is not None and item.valid_to is not None and item.valid_to <= item.valid_from:
            yield Hit(
                item.key,
                "valid_from",
                f"失效日期 {item.valid_to} 不晚于生效日期 {item.valid_from}",
                suggestion="请改正其中一个日期。",
            )
        periods = sorted(item.published_periods, key=lambda period: period[0])
        for (start, end), (following, _) in pairwise(periods):
            if end is None or following < end:
                yield Hit(
                    item.key,
                    "valid_from",
                    f"自 {start} 起的版本到 {end or '现在'} 才失效，自 {following} 起的版本却已生效，两者重叠",
                    suggestion=f"前一版本的失效日期应为 {following}。",
                )
