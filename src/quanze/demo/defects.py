"""预设缺陷：每族规则约百分之二点五的事项，每个事项至多一处；连同整份清单、清单之间、与范本之间的缺陷，记入真值。

What a rule calls an error would stop a submission; such a defect is therefore planted in a draft that was written after
publication, as a clerk would write it. What is a warning or a hint stands in the published list.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from statistics import median
from typing import Any

from quanze.apps.catalog.public import power_types
from quanze.demo.world import BOILERPLATE, OTHER_HEAVY, DemoItem, Holder, PlantedDefect, World

Fields = dict[str, Any]
SHARE = 0.025

# Rule → share of its group's planted items. Groups are the first letters.
_WEIGHTS: Mapping[str, int] = {
    "S001": 5, "S002": 5, "S003": 3, "S004": 3, "S007": 5, "S008": 5, "S009": 6,
    "N102": 3, "N103": 3, "N104": 3, "N105": 3,
    "C201": 1, "C205": 1,
    "B307": 1,
    "R401": 3, "R402": 3, "R403": 4,
    "O501": 3, "O502": 3, "O503": 4,
}  # fmt: skip
# Rules that are errors with both templates, and those that are so with the departments' one only.
_ALWAYS_ERRORS = frozenset({"S001", "S002", "S003", "C201", "R401", "R402", "O501", "O502"})
_DEPARTMENT_ERRORS = frozenset({"R403", "O503"})

_ADVERT = "点击进入官网领取"


def _missing_element(fields: Fields, rng: Random, _: Holder) -> Fields:
    return fields | {
        rng.choice(["exercising_body", "power_code" if fields["exercise_level"] == "市级" else "authority_source"]): ""
    }


def _bad_code(fields: Fields, rng: Random, _: Holder) -> Fields:
    return fields | {"power_code": fields["power_code"].replace("-", "—") + "号"}


def _orphan(fields: Fields, rng: Random, _: Holder) -> Fields:
    return fields | {"node_kind": "sub"}


def _lonely_main(fields: Fields, rng: Random, _: Holder) -> Fields:
    return fields | {"node_kind": "main"}


def _untidy(fields: Fields, rng: Random, _: Holder) -> Fields:
    way = rng.randrange(3)
    if way == 0:
        return fields | {"plain_summary": f"{fields['plain_summary']}（详见办事指南)"}
    if way == 1:
        return fields | {"target": fields["target"][:2] + "\u200b" + fields["target"][2:]}
    return fields | {"remark": f"由原窗口受理。{_ADVERT}"}


def _without_act_word(fields: Fields, rng: Random, _: Holder) -> Fields:
    name = fields["name"]
    for ending, other in (("的监督检查", "的走访"), ("的处罚", "的查处"), ("的卫生监督检查", "的走访")):
        if name.endswith(ending):
            return fields | {"name": name.removesuffix(ending) + other}
    raise LookupError(name)


def _vague_verb(fields: Fields, rng: Random, _: Holder) -> Fields:
    return fields | {"name": rng.choice(["组织推进", "统筹协调", "指导"]) + fields["name"]}


def _penalty_without_act(fields: Fields, rng: Random, _: Holder) -> Fields:
    place = fields["lead_division"][:4]
    return fields | {"name": f"{place}行政处罚"}


def _punctuated(fields: Fields, rng: Random, _: Holder) -> Fields:
    return fields | {"name": fields["name"] + rng.choice(["。", "；", "、"])}


def _licence_as_other(fields: Fields, rng: Random, _: Holder) -> Fields:
    return fields | {"power_type": "other"}


def _abolished(fields: Fields, rng: Random, _: Holder) -> Fields:
    return fields | {"remark": "原列入非行政许可审批，沿用至今。"}


def _without_locator(fields: Fields, rng: Random, _: Holder) -> Fields:
    law = fields["bases"][0][0]
    return fields | {"bases": ((law, "", ""),), "basis_text": f"《{law}》"}


def _without_duty(fields: Fields, rng: Random, _: Holder) -> Fields:
    return fields | {"duties": (), "duty_text": ""}


def _without_accountability(fields: Fields, rng: Random, _: Holder) -> Fields:
    return fields | {"accountability_cases": (), "accountability_text": ""}


def _without_stage(fields: Fields, rng: Random, _: Holder) -> Fields:
    dropped = {"penalty": "告知", "license": "事后监管", "inspection": "处理"}[fields["power_type"]]
    duties = tuple(duty for duty in fields["duties"] if duty[0] != dropped)
    text = "\n".join(f"{n}.{stage}责任：{sentence}" for n, (stage, sentence) in enumerate(duties, start=1))
    return fields | {"duties": duties, "duty_text": text}


def _dissolved_division(fields: Fields, rng: Random, _: Holder) -> Fields:
    return fields | {"lead_division": rng.choice(["规费征稽科", "审改协调科", "综合业务大厅"])}


def _without_division(fields: Fields, rng: Random, _: Holder) -> Fields:
    return fields | {"lead_division": ""}


def _undivided(fields: Fields, rng: Random, holder: Holder) -> Fields:
    others = [name for name in holder.divisions if name != fields["lead_division"]]
    shared = rng.sample(others, 2)
    return fields | {"lead_division": "、".join([fields["lead_division"], *shared]), "assists": ()}


_Change = Callable[[Fields, Random, Holder], Fields]
_CHANGES: Mapping[str, tuple[_Change, str]] = {
    "S001": (_missing_element, "必填要素空白"),
    "S002": (_bad_code, "编码含汉字与破折号"),
    "S003": (_orphan, "标为子项而无主项"),
    "S004": (_lonely_main, "标为主项而无子项"),
    "S009": (_untidy, "括号半全角混用、零宽字符或混入导流文字"),
    "N102": (_without_act_word, "名称没有行为用语"),
    "N103": (_vague_verb, "以含糊动词开头"),
    "N104": (_penalty_without_act, "处罚名称未写明行为"),
    "N105": (_punctuated, "名称末尾有标点"),
    "C201": (_licence_as_other, "许可列为其他行政权力"),
    "C205": (_abolished, "使用已取消的类别用语"),
    "B307": (_without_locator, "引用没有条款"),
    "R401": (_without_duty, "没有责任事项"),
    "R402": (_without_accountability, "没有追责情形"),
    "R403": (_without_stage, "责任环节缺一"),
    "O501": (_dissolved_division, "承办机构已撤销"),
    "O502": (_without_division, "没有承办机构"),
    "O503": (_undivided, "几个科室承办而无分工"),
}


def _suits(rule: str, item: DemoItem, licences: frozenset[str]) -> bool:
    fields = item.fields
    if fields["node_kind"] != "single":
        return False
    if rule == "N104":
        return fields["power_type"] == "penalty"
    if rule == "N102":
        return fields["power_type"] in ("penalty", "inspection") and fields["name"].endswith(("监督检查", "的处罚"))
    if rule == "N103":
        return fields["power_type"] == "other"
    if rule == "C201":
        return fields["power_type"] == "license" and fields["name"] in licences
    if rule == "R403":
        return fields["power_type"] in ("penalty", "license", "inspection")
    if rule in ("S007", "S008"):
        return fields["power_type"] == "penalty"
    return True


# Licences of the vocabulary that stand on the national list as data (catalog pack licences.yaml).
LISTED_LICENCES = frozenset(
    {
        "农药经营许可", "兽药经营许可证核发", "种畜禽生产经营许可证核发", "农作物种子生产经营许可证核发", "动物诊疗许可证核发",
        "燃气经营许可证核发", "城市建筑垃圾处置核准", "工程建设涉及城市绿地树木审批", "建筑工程施工许可证核发", "商品房预售许可",
        "建筑施工企业安全生产许可证核发", "超限高层建筑工程抗震设防审批", "公共场所卫生许可证核发", "饮用水供水单位卫生许可",
        "医疗机构执业登记", "母婴保健专项技术服务许可", "食品生产许可", "食品经营许可", "药品零售企业经营许可",
        "第三类医疗器械经营许可", "特种设备使用登记", "承担国家法定计量检定机构任务授权", "劳务派遣经营许可", "技工学校设立审批",
        "民办职业培训学校设立审批", "林木采伐许可证核发", "乡村建设规划许可证核发",
    }
)  # fmt: skip


def is_blocking(rule: str, holder: Holder) -> bool:
    """此规则在此清单的模板下是否为错误。"""
    return rule in _ALWAYS_ERRORS or (rule in _DEPARTMENT_ERRORS and not holder.is_town)


def plant(world: World, rng: Random) -> World:
    """埋设缺陷，返回新的世界与真值。"""
    items = {item.ref: item for item in world.items}
    holders = {holder.code: holder for holder in world.holders}
    order = sorted(items)
    rng.shuffle(order)
    used: set[str] = set()
    defects: list[PlantedDefect] = []
    size = sum(not item.is_sub for item in world.items)
    for rule, number in _numbers(size).items():
        for ref in [ref for ref in order if _suits(rule, items[ref], LISTED_LICENCES)]:
            if number == 0:
                break
            item, holder = items[ref], holders[items[ref].holder]
            if ref in used:
                continue
            if rule in ("S007", "S008"):
                twin = _twin(item, holder, items, used)
                if twin is None:
                    continue
                used.add(twin.ref)
                changed = _copy_of(twin, item, near=rule == "S008")
                note = f"与 {twin.ref} {'近似' if rule == 'S008' else ''}重复"
            else:
                change, note = _CHANGES[rule]
                changed = change(dict(item.fields), rng, holder)
            used.add(ref)
            number -= 1
            items[ref] = replace(item, draft=changed) if is_blocking(rule, holder) else replace(item, fields=changed)
            defects.append(PlantedDefect(holder.code, rule, ref, note))
    _one_accountability_for_all(items)
    defects.append(PlantedDefect(BOILERPLATE, "S010", "", "全部事项的追责情形一字不差"))
    defects.append(PlantedDefect(OTHER_HEAVY, "C203", "", "半数事项归入其他行政权力"))
    made = tuple(replace(holder, items=tuple(items[item.ref] for item in holder.items)) for holder in world.holders)
    planted = World(made, (), world.bases)
    return replace(planted, defects=(*defects, *_uneven(planted), *_apart_from_base(planted)))


def _apart_from_base(world: World) -> list[PlantedDefect]:
    """与所认领的范本事项不同的名称（N101）、类型（C206）、子项数（X803）；由内容独立算出。

    They come on top of what was planted in an item: a reworded name, a licence that was written down as 其他, and every name
    spoiled by another defect.
    """
    types = {row.code: row.label for row in power_types().types}
    found = []
    for holder in world.holders:
        base = world.base_of(holder.code)
        if base is None:
            continue
        nodes = {item.ref: item for item in base.main_items}
        subitems = Counter(item.parent for item in (*base.items, *holder.items) if item.parent)
        for item in holder.main_items:
            fields, node = item.working, nodes.get(item.working["template_key"])
            if node is None:
                continue
            wanted = node.fields
            if fields["name"] != wanted["name"] and not fields.get("addition_reason"):
                found.append(PlantedDefect(holder.code, "N101", item.ref, f"范本为“{wanted['name']}”"))
            if fields["power_type"] != wanted["power_type"]:
                found.append(PlantedDefect(holder.code, "C206", item.ref, f"范本为{types[wanted['power_type']]}"))
            if subitems[item.ref] != subitems[node.ref]:
                note = f"{subitems[item.ref]} 个子项，范本 {subitems[node.ref]} 个"
                found.append(PlantedDefect(holder.code, "X803", item.ref, note))
    return found


def _numbers(size: int) -> dict[str, int]:
    """每条规则埋几处：一族合计约 ``SHARE``，名册里的许可不多，C201 以够用为限。"""
    groups: dict[str, list[str]] = defaultdict(list)
    for rule in _WEIGHTS:
        groups[rule[0]].append(rule)
    numbers: dict[str, int] = {}
    for rules in groups.values():
        whole = sum(_WEIGHTS[rule] for rule in rules)
        numbers |= {rule: round(size * SHARE * _WEIGHTS[rule] / whole) for rule in rules}
    numbers["C201"] = 12
    return numbers


def _twin(item: DemoItem, holder: Holder, items: Mapping[str, DemoItem], used: set[str]) -> DemoItem | None:
    """清单中排在前面、未动过、同类的一项。"""
    for other in holder.items:
        if other.ref == item.ref:
            return None
        mine = items[other.ref]
        same = mine.fields["power_type"] == item.fields["power_type"] and mine.fields["node_kind"] == "single"
        if same and other.ref not in used:
            return mine
    return None


def _copy_of(twin: DemoItem, item: DemoItem, *, near: bool) -> Fields:
    """把 item 写成 twin 的重复：自己的编码与序号，名称或相同，或只多一个虚词。"""
    name = twin.fields["name"]
    return dict(twin.fields) | {
        "name": name.replace("对", "对违规进行", 1) if near else name,
        **{key: item.fields[key] for key in ("seq", "power_code", "template_key") if key in item.fields},
    }


def _one_accountability_for_all(items: dict[str, DemoItem]) -> None:
    shared = ("不履行或者不正确履行职责的。", "滥用职权、玩忽职守、徇私舞弊的。")
    text = "\n".join(f"{n}.{case}" for n, case in enumerate(shared, start=1))

    def common(fields: Mapping[str, Any] | None) -> Fields | None:
        if fields is None or not fields["accountability_text"]:
            return None if fields is None else dict(fields)
        return dict(fields) | {"accountability_cases": shared, "accountability_text": text}

    for ref, item in items.items():
        if item.holder == BOILERPLATE:
            items[ref] = replace(item, fields=common(item.fields) or {}, draft=common(item.draft))


def _uneven(world: World, *, town_tolerance: float = 0.10, county_tolerance: float = 0.15) -> list[PlantedDefect]:
    """按范本（没有则同县同类的中位数）与各县中位数，独立算出哪些乡镇、街道的清单应当被指出。"""
    towns = [holder for holder in world.holders if holder.is_town]
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for holder in towns:
        counts[holder.county][holder.code] = len(holder.main_items)
    found = []
    typical = {county: median(sizes.values()) for county, sizes in counts.items()}
    base = median(typical.values())
    for holder in towns:
        size = len(holder.main_items)
        alike = [len(other.main_items) for other in towns if (other.county, other.kind) == (holder.county, holder.kind)]
        template = world.base_of(holder.code)
        yardstick, of_what = (
            (len(template.main_items), "范本") if template is not None else (median(alike), "同县中位数")
        )
        is_measured = template is not None or len(alike) >= 3
        if is_measured and abs(size - yardstick) > town_tolerance * yardstick:
            found.append(PlantedDefect(holder.code, "X801", "", f"{size} 项，{of_what} {yardstick:g} 项"))
        middle = typical[holder.county]
        gap = max(abs(value - middle) for value in typical.values())
        if len(typical) >= 3 and gap > county_tolerance * base:
            found.append(
                PlantedDefect(holder.code, "X802", "", f"{holder.county}一般为 {middle:g} 项，与别县相差 {gap:g} 项")
            )
    return found
