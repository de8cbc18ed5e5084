"""公布的不变量：文号与机关代字、日期先后、勘误不得改动的要素、版次摘要。"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from quanze.apps.catalog.domain.fields import FIELDS
from quanze.apps.catalog.domain.items import CONTENT_LABELS, ItemContent
from quanze.core.errors import Defect, ErrorPlace, RulesNotMet
from quanze.core.sealing import content_digest

_DOCUMENT_NUMBER = re.compile(r"^(?P<mark>[^\s〔〕]{2,20})〔(?P<year>\d{4})〕(?P<number>\d{1,5})号$")

# 勘误只改文字差错；这些要素一变，权力就变了，须按程序审查。
NOT_CORRECTABLE = (
    "power_type",
    "node_kind",
    "exercising_body",
    "bases",
    "authority_source",
    *(one.key for one in FIELDS.fields if one.is_substantive),
)


@dataclass(frozen=True, slots=True)
class Issue:
    """印发要素：文号、印发日期、施行日期。"""

    document_number: str
    issued_on: date
    valid_from: date


def parse_issue(details: Mapping[str, str], *, document_mark: str, today: date) -> Issue:
    """核对印发要素；``document_mark`` 为机关代字（如“云农发”），机构没有登记时不核对。

    What is not yet issued cannot be published: the date of issue is today or earlier. The day from which it holds may lie
    ahead, and lies behind only where the paper was issued before it was entered here.
    """
    defects = []
    number = str(details.get("document_number", "")).strip().replace("[", "〔").replace("]", "〕")
    match = _DOCUMENT_NUMBER.match(number)
    if match is None:
        defects.append(
            Defect(
                "document_number_form", f"文号“{number}”格式不对，应为 机关代字〔年份〕序号号", ErrorPlace(field="文号")
            )
        )
    elif document_mark and match["mark"] != document_mark:
        defects.append(
            Defect(
                "document_mark_other",
                f"文号的机关代字“{match['mark']}”与本机关“{document_mark}”不符",
                ErrorPlace(field="文号"),
            )
        )
    dates: dict[str, date] = {}
    for key, label in (("issued_on", "印发日期"), ("valid_from", "施行日期")):
        try:
            dates[key] = date.fromisoformat(str(details.get(key, "")).strip())
        except ValueError:
            defects.append(Defect("date_form", f"{label}应为形如 2026-11-22 的日期", ErrorPlace(field=label)))
    if len(dates) == 2 and dates["valid_from"] < dates["issued_on"]:
        defects.append(Defect("valid_before_issue", "施行日期早于印发日期", ErrorPlace(field="施行日期")))
    if "issued_on" in dates and dates["issued_on"] > today:
        defects.append(
            Defect("issued_in_future", f"印发日期晚于今天（{today}），未印发的不能公布", ErrorPlace(field="印发日期"))
        )
    if match is not None and "issued_on" in dates and int(match["year"]) != dates["issued_on"].year:
        defects.append(Defect("document_year_other", "文号年份与印发日期的年份不一致", ErrorPlace(field="文号")))
    if defects:
        raise RulesNotMet(
            "印发要素有误：" + "；".join(d.message for d in defects),
            defects=defects,
            hint="请核对印发文件后重填，如 云农发〔2026〕12号。",
            code="issue_invalid",
        )
    return Issue(number, dates["issued_on"], dates["valid_from"])


def require_correction_only(old: ItemContent, new: ItemContent) -> None:
    """勘误只能改文字差错。"""
    touched = [CONTENT_LABELS[field] for field in NOT_CORRECTABLE if old.value(field) != new.value(field)]
    if touched:
        raise RulesNotMet(
            f"勘误不能改动：{'、'.join(touched)}", hint="请起草修改稿，按程序送审。", code="correction_too_wide"
        )
    if old == new:
        raise RulesNotMet("草稿与现行内容相同，没有可勘误之处", hint="请先在草稿中改正差错。", code="correction_empty")


def edition_digest(
    *, body_code: str, number: int, issue: Issue, entries: Sequence[tuple[str, int, str]], algorithm: str
) -> str:
    """版次摘要：机构、版次、文号、日期与各事项（标识、版本号、内容摘要）。线上线下各种载体印同一个值。"""
    return content_digest(
        {
            "body": body_code,
            "edition": number,
            "document_number": issue.document_number,
            "issued_on": issue.issued_on,
            "valid_from": issue.valid_from,
            "items": [list(entry) for entry in sorted(entries)],
        },
        algorithm,
    )
