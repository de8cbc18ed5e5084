"""名称 N101–N105：与范本一致、以行为用语结尾、不用含糊动词、处罚写明违法行为、长短与标点。"""

from __future__ import annotations

import re
from collections.abc import Iterable

from quanze.apps.catalog.domain.items import ItemSnapshot, TemplateNode
from quanze.apps.catalog.domain.naming import canonical_name, without_bracketed_end
from quanze.apps.catalog.domain.packs import Naming, PowerType
from quanze.apps.catalog.rules.base import CatalogItemRule
from quanze.apps.catalog.rules.examples import PENALTY, changed, listed
from quanze.apps.catalog.rules.subject import CheckedList
from quanze.core.lint import Example, Hit, Severity

_BRACKETED = re.compile(r"（([^（）]*)）$")
_PENALTY_END = re.compile(r"(?:的)?(?:行政)?处罚$")
_LEAST_ACT = 4


class NameDiffersFromBase(CatalogItemRule):
    """名称与范本不一致。"""

    code = "N101"
    title = "名称与范本不一致"
    severity = Severity.ERROR
    meaning = "事项绑定了范本（通用目录）的一项，名称却与之不同，又没有写明理由。"
    reason = "同一权力在各乡镇、各层级名称不一，群众和系统都认不出是同一件事。"
    method = "名称去掉空白与标点宽度差别后与范本逐字比较；写了补充理由的，视为已说明。"
    remedy = "改用范本名称；确有必要不同的，在“补充理由”中写明。"
    source = "衡水调研所见：同一事项在两个乡镇名称不同；中央编办指导意见要求名称基本一致"
    fields = ("name", "template_key", "addition_reason")
    bad = Example(
        "范本为“农村宅基地审批”，清单写成“宅基地用地审批”。",
        listed(
            changed(name="宅基地用地审批", template_key="T1"),
            base_nodes=(TemplateNode("T1", "农村宅基地审批", "license"),),
        ),
    )
    good = Example(
        "与范本同名。",
        listed(
            changed(name="农村宅基地审批", template_key="T1"),
            base_nodes=(TemplateNode("T1", "农村宅基地审批", "license"),),
        ),
    )

    def check_item(self, item: ItemSnapshot, subject: CheckedList) -> Iterable[Hit]:
        node = subject.base_node(item)
        if node is None or item.content.addition_reason.strip():
            return
        if subject.canonical(item) != canonical_name(node.name):
            yield Hit(
                item.key,
                "name",
                f"名称与范本“{node.name}”不一致",
                evidence=item.content.name,
                suggestion=f"请改为“{node.name}”；确需不同的，请写明理由。",
            )


class NameWithoutActWord(CatalogItemRule):
    """名称没有行为用语。"""

    code = "N102"
    title = "名称没有该类职权的行为用语"
    severity = Severity.WARNING
    meaning = "名称没有以本类职权的行为用语结尾，例如处罚事项不以“处罚”结尾。"
    reason = "名称应当一看就知道做什么；行为用语不对，往往是类型归错了。"
    method = (
        "名称去掉末尾的括号说明后，看是否以资料包 power_types.yaml 中本类的行为用语结尾（强制、给付两类出现即可），括号说明以行为用语结尾的也算。"
        "名称足以断定属于另一类的，由 C202 提示；与许可清单同名的许可、其他行政权力不查。"
    )
    remedy = "改为“对象＋行为用语”的写法；若类型归错，改类型。"
    source = "地方编制规范：名称写明对象与行为类别"
    fields = ("name", "power_type")
    bad = Example("处罚事项写成“管理”。", listed(changed(base=PENALTY, name="对户外观景平台搭建人的监督管理")))
    good = Example("以“处罚”结尾。", listed(changed(base=PENALTY)))

    def check_item(self, item: ItemSnapshot, subject: CheckedList) -> Iterable[Hit]:
        power_type = subject.power_type(item)
        if power_type is None or not power_type.act_words:
            return
        name = subject.canonical(item)
        if has_act_word(name, power_type) or subject.decided_type(item) not in ("", power_type.code):
            return
        if power_type.code == "license" and subject.packs.licences.match(item.content.name):
            return
        yield Hit(
            item.key,
            "name",
            f"名称没有以{power_type.label}的行为用语结尾",
            evidence=item.content.name,
            suggestion=f"请写成“……{power_type.act_words[0]}”一类的名称；若不属于{power_type.label}，请改类型。",
        )


def has_act_word(name: str, power_type: PowerType) -> bool:
    """名称是否有本类的行为用语。"""
    if power_type.act_anywhere:
        return any(word in name for word in power_type.act_words)
    ends = [name, without_bracketed_end(name)]
    bracketed = _BRACKETED.search(name)
    if bracketed:
        ends.append(bracketed[1])
    return any(end.endswith(power_type.act_words) for end in ends)


class VagueVerbInName(CatalogItemRule):
    """名称用了含糊动词。"""

    code = "N103"
    title = "名称用了含糊动词"
    severity = Severity.WARNING
    meaning = (
        "名称以“组织、推进、会同、负责、加强”等开头，或以“管理、监督管理、指导、协调”等结尾，说不清行使的是什么权力。"
    )
    reason = "“管理”“推进”是工作要求而不是职权，公民无从知道要受什么影响、有什么救济。"
    method = "看名称的开头与结尾（资料包 naming.yaml）；出现在法规名称或事项对象之中的不算，强制、给付以行为用语开头的（“强制拆除违法建设”）不算；N102 已经提示的不重复提示。"
    remedy = "写明具体行为，如“……的检查”“……备案”；说不出具体行为的，可能不是职权，应移出清单。"
    source = "兰州 2015 年清单规范：避免使用“管理、组织、推进、会同”"
    fields = ("name",)
    bad = Example("其他行政权力写成“组织推进……”。", listed(changed(power_type="other", name="组织推进秸秆禁烧")))
    good = Example("写明具体行为。", listed(changed(power_type="other", name="秸秆综合利用项目备案")))

    def check_item(self, item: ItemSnapshot, subject: CheckedList) -> Iterable[Hit]:
        power_type = subject.power_type(item)
        name = subject.canonical(item)
        if power_type is not None and power_type.act_words and not has_act_word(name, power_type):
            return
        if power_type is not None and power_type.act_anywhere and _opens_with_act(name, power_type):
            return
        word = vague_verb(name, subject.packs.naming)
        if word:
            yield Hit(
                item.key,
                "name",
                f"名称以含糊动词“{word}”表示行为",
                evidence=item.content.name,
                suggestion="请写明具体行为；说不出具体行为的，请考虑移出清单。",
            )


def _opens_with_act(name: str, power_type: PowerType) -> bool:
    """以行为用语开头的（“强制拆除违法建设”），后面是对象，对象叫什么不算含糊。"""
    return name.removeprefix("对").removeprefix("行政").startswith(power_type.act_words)


def vague_verb(name: str, naming: Naming) -> str:
    """名称中作为行为的含糊动词；没有则为空。"""
    if not name.startswith(naming.noun_openings):
        opening = next((word for word in naming.vague_openings if name.startswith(word)), "")
        if opening and not name.endswith("处罚"):
            return opening
    bare = without_bracketed_end(name)
    return max((word for word in naming.vague_endings if bare.endswith(word)), key=len, default="")


class PenaltyWithoutUnlawfulAct(CatalogItemRule):
    """处罚名称没有写明违法行为。"""

    code = "N104"
    title = "处罚名称没有写明违法行为"
    severity = Severity.WARNING
    meaning = "处罚事项的名称没有说处罚什么行为。"
    reason = "处罚法定：什么行为受罚必须看得出来。"
    method = "去掉开头的“对”与末尾的“（的）（行政）处罚”之后不足四字；或者既不以“对”开头，又不是“……的处罚”。"
    remedy = "写成“对……（行为）的处罚”。"
    source = "行政处罚法关于处罚法定的原则；地方编制规范的名称格式"
    fields = ("name", "power_type")
    bad = Example("只写了领域。", listed(changed(base=PENALTY, name="城管处罚")))
    good = Example("写明了行为。", listed(changed(base=PENALTY, name="对未经许可搭建户外观景平台的处罚")))

    def check_item(self, item: ItemSnapshot, subject: CheckedList) -> Iterable[Hit]:
        name = without_bracketed_end(subject.canonical(item))
        if subject.type_code(item) != "penalty" or not name.endswith("处罚"):
            return
        act = _PENALTY_END.sub("", name).removeprefix("对")
        is_stated = name.startswith("对") or re.search(r"的(?:行政)?处罚$", name) is not None
        if len(act) < _LEAST_ACT or not is_stated:
            yield Hit(
                item.key,
                "name",
                "处罚名称没有写明受处罚的行为",
                evidence=item.content.name,
                suggestion="请写成“对……（具体违法行为）的处罚”。",
            )


class NameLengthOrPunctuation(CatalogItemRule):
    """名称过短、过长或末尾有标点。"""

    code = "N105"
    title = "名称过短、过长或末尾有标点"
    severity = Severity.WARNING
    meaning = "名称不足四字、超过一百二十字，或者末尾带标点。"
    reason = "太短说不清，太长查不到也印不下；末尾标点使同一名称对不上。"
    method = "数字数（不计空白），看末尾字符；界限见资料包 naming.yaml。"
    remedy = "标点可一键去掉；过长的，概括违法行为，把列举放进依据。"
    source = "地方编制规范"
    fields = ("name",)
    bad = Example("末尾有句号。", listed(changed(name="户外观景平台搭建许可。")))
    good = Example("末尾没有标点。", listed(changed()))

    def check_item(self, item: ItemSnapshot, subject: CheckedList) -> Iterable[Hit]:
        naming = subject.packs.naming
        name = item.content.name.strip()
        length = len("".join(name.split()))
        bare = name.rstrip(naming.trailing_punctuation)
        if bare != name and bare:
            yield Hit(
                item.key,
                "name",
                f"名称末尾有标点“{name[len(bare) :]}”",
                evidence=name[-12:],
                suggestion="可以一键去掉。",
                fix={"name": bare},
            )
        if not naming.minimum_length <= length <= naming.maximum_length:
            word = "过短" if length < naming.minimum_length else "过长"
            yield Hit(
                item.key,
                "name",
                f"名称{word}：{length} 字，应为 {naming.minimum_length} 至 {naming.maximum_length} 字",
                evidence=name[:40],
                suggestion="请写全对象与行为。" if length < naming.minimum_length else "请概括行为，把列举放进依据。",
            )
