"""由事实写成事项内容：依据、责任事项、追责情形、时限、说明。所有句子出自 ``packs/sentences.yaml``。"""

from __future__ import annotations

from random import Random
from typing import Any

from quanze.demo.facts import Fact
from quanze.demo.packs import pack

_DIGITS = "零一二三四五六七八九"

# Legal limit in working days and the promised share of it (model.md vi: promised ≈ .45 of legal).
_LIMITS = {"license": 20, "confirmation": 20, "benefit": 30, "adjudication": 60}


def numeral(number: int) -> str:
    """1 至 199 的汉字数目，用于条号。"""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else _DIGITS[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (_DIGITS[ones] if ones or not text else "")


def article(number: int) -> str:
    """条款项的写法。"""
    return f"第{numeral(number)}条"


def write(fact: Fact, *, holder: Any, division: str, divisions: tuple[str, ...], rng: Random) -> dict[str, Any]:
    """一个事项的内容（字段名同 ``ItemContent``）；``bases``、``duties``、``assists`` 为元组的元组。"""
    sentences = pack("sentences")
    is_city = holder["region"].endswith("0000")
    slots = {"o": fact.thing, "n": fact.name, "d": division, "b": holder["short"]}
    bases = [(fact.law, article(fact.article), "")]
    is_city_set = is_city and fact.power_type == "other" and rng.random() < 0.15
    if is_city_set or (is_city and rng.random() < 0.2):
        quote = sentences["city_regulation_quote"].format(**slots)
        bases.append((f"云泽市{fact.thing}管理办法", article(rng.randint(4, 9)), quote))
    duties = tuple(
        (stage, rng.choice(options).format(**slots)) for stage, options in sentences["duties"][fact.power_type].items()
    )
    pool = sentences["accountability"][fact.power_type]
    cases = tuple(text.format(**slots) for text in rng.sample(pool, min(len(pool), rng.randint(3, 5))))
    law_slots = {"law": fact.law, "locator": article(fact.article)}
    targets = sentences["targets"]
    legal = _LIMITS.get(fact.power_type)
    others = [name for name in divisions if name != division]
    has_assist = rng.random() < 0.2
    return {
        "name": fact.name,
        "power_type": fact.power_type,
        "node_kind": "single",
        "exercising_body": holder["name"],
        "responsible_body": holder["name"],
        "authority_source": "" if is_city else rng.choices(["own", "conferred", "entrusted"], [55, 30, 15])[0],
        "lead_division": division,
        "assists": ((rng.choice(others), f"提供{fact.thing}方面的资料，配合现场核实。"),) if has_assist else (),
        "bases": tuple(bases),
        "basis_text": "；".join(f"《{law}》{place}" + (f"：{quote}" if quote else "") for law, place, quote in bases),
        "duties": duties,
        "duty_text": "\n".join(f"{n}.{stage}责任：{text}" for n, (stage, text) in enumerate(duties, start=1)),
        "duty_basis_text": _by_type(sentences["duty_basis"], fact.power_type).format(**law_slots),
        "accountability_cases": cases,
        "accountability_text": "\n".join(f"{n}.{text}" for n, text in enumerate(cases, start=1)),
        "accountability_basis_text": _by_type(sentences["accountability_basis"], fact.power_type),
        "exercise_level": "市级" if is_city else "乡级",
        "target": _by_type(targets, fact.power_type),
        "legal_limit_days": legal,
        "promised_limit_days": max(1, round(legal * rng.uniform(0.35, 0.55))) if legal else None,
        "has_fee": fact.power_type == "levy" if legal or fact.power_type == "levy" else None,
        "hotline": holder["hotline"],
        "remedy": sentences["remedy"],
        "plain_summary": rng.choice(sentences["summary"][fact.power_type]).format(**slots),
        "is_city_set": is_city_set,
        "extra": _extra(fact.power_type, holder=holder, thing=fact.thing, is_city_set=is_city_set),
    }


def _extra(power_type: str, *, holder: Any, thing: str, is_city_set: bool) -> dict[str, Any]:
    """补充要素：许可写明审批之后由谁怎样监管，执法类写明全过程记录与双公示，市设的写明设定层级。"""
    extra: dict[str, Any] = {}
    if is_city_set:
        extra["creating_level"] = "city"
    if power_type == "license":
        extra |= {
            "approving_body": holder["name"],
            "supervising_body": holder["name"],
            "supervision_measures": f"取得许可后，按年度计划对{thing}开展“双随机、一公开”抽查，结果记入信用档案。",
            "supervision_ways": ["random", "credit"],
            "case_kind": "promised",
            "handling_forms": ["window", "online"],
        }
    if power_type in ("license", "penalty"):
        extra["needs_dual_publicity"] = True
    if power_type in ("penalty", "coercion", "inspection"):
        extra["needs_recording"] = True
    return extra


def _by_type(table: dict[str, str], power_type: str) -> str:
    return table.get(power_type, table["default"])
