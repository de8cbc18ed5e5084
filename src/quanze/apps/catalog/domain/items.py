"""事项内容与快照：一个版本写了什么，一份清单里有哪些事项。

``ItemContent`` is everything that is reviewed, hashed and published. ``ItemSnapshot`` adds identity and place, so that the
rules run alike on a file that was just read and on stored rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from quanze.apps.catalog.domain.fields import FIELDS
from quanze.core.sealing import content_digest


class NodeKind(StrEnum):
    """主项/子项/单项。"""

    SINGLE = "single"
    MAIN = "main"
    SUB = "sub"


class AuthoritySource(StrEnum):
    """权力来源：自有权力、上级授权、上级委托、派驻。"""

    OWN = "own"
    CONFERRED = "conferred"
    ENTRUSTED = "entrusted"
    STATIONED = "stationed"


NODE_KIND_LABELS = {NodeKind.SINGLE: "单项", NodeKind.MAIN: "主项", NodeKind.SUB: "子项"}
AUTHORITY_LABELS = {
    AuthoritySource.OWN: "自有权力",
    AuthoritySource.CONFERRED: "上级授权",
    AuthoritySource.ENTRUSTED: "上级委托",
    AuthoritySource.STATIONED: "派驻",
}


@dataclass(frozen=True, slots=True)
class BasisContent:
    """设定依据的一条：法规名、条款项、引文。``locator`` is empty where the source names no article."""

    law: str
    locator: str = ""
    quote: str = ""
    document_number: str = ""


@dataclass(frozen=True, slots=True)
class DutyContent:
    """责任事项的一条：环节与内容。``stage`` is empty where the source does not name one."""

    stage: str
    text: str


@dataclass(frozen=True, slots=True)
class AssistContent:
    """协办机构及其分工。"""

    division: str
    duty: str = ""


@dataclass(frozen=True, slots=True)
class ItemContent:
    """事项内容：审查、封存与公布的全部要素（数据字典 A–G 组中本期采用者）。

    Texts keep the clerk's paragraphs; short fields hold no line breaks. ``power_type`` is a code of the power-type pack
    and empty where the source names none. Limits are working days unless the text in ``limit_note`` says otherwise.
    """

    name: str
    power_type: str = ""
    power_code: str = ""
    node_kind: str = NodeKind.SINGLE
    seq: str = ""
    exercising_body: str = ""
    responsible_body: str = ""
    authority_source: str = ""
    lead_division: str = ""
    assists: tuple[AssistContent, ...] = ()
    basis_text: str = ""
    bases: tuple[BasisContent, ...] = ()
    duty_text: str = ""
    duties: tuple[DutyContent, ...] = ()
    duty_basis_text: str = ""
    accountability_text: str = ""
    accountability_cases: tuple[str, ...] = ()
    accountability_basis_text: str = ""
    exercise_level: str = ""
    level_split: str = ""
    target: str = ""
    legal_limit_days: int | None = None
    promised_limit_days: int | None = None
    limit_note: str = ""
    has_fee: bool | None = None
    guide_url: str = ""
    hotline: str = ""
    remedy: str = ""
    remark: str = ""
    plain_summary: str = ""
    is_local_addition: bool = False
    addition_reason: str = ""
    template_key: str = ""
    is_city_set: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def content_hash(self, algorithm: str = "sha256") -> str:
        """内容摘要：同样的内容在任何机器上得到同样的值。Without further elements it is what it was before there were any."""
        plain = asdict(self)
        if not plain["extra"]:
            del plain["extra"]
        return content_digest(plain, algorithm)

    def value(self, name: str) -> Any:
        """一个要素的值，不论是固定的还是登记的；登记的要素没有写为 None。"""
        return self.extra.get(name) if name in FIELDS.by_key else getattr(self, name)


# The elements that have a column of their own.
CORE_LABELS: dict[str, str] = {
    "seq": "序号",
    "power_code": "职权编码",
    "name": "事项名称",
    "node_kind": "主项/子项",
    "power_type": "职权类型",
    "exercising_body": "实施主体",
    "responsible_body": "责任主体",
    "authority_source": "权力来源",
    "lead_division": "承办机构",
    "assists": "协办机构及分工",
    "exercise_level": "行使层级",
    "level_split": "层级权限划分",
    "target": "行政相对人",
    "basis_text": "实施依据",
    "bases": "依据条款",
    "duty_text": "责任事项",
    "duties": "责任事项分环节",
    "duty_basis_text": "责任事项依据",
    "accountability_text": "追责情形",
    "accountability_cases": "追责情形分条",
    "accountability_basis_text": "追责依据",
    "legal_limit_days": "法定时限（工作日）",
    "promised_limit_days": "承诺时限（工作日）",
    "limit_note": "时限说明",
    "has_fee": "是否收费",
    "guide_url": "办事指南",
    "hotline": "监督电话",
    "remedy": "救济渠道",
    "plain_summary": "公众版说明",
    "is_local_addition": "本级补充",
    "addition_reason": "补充理由",
    "template_key": "范本事项",
    "is_city_set": "市设权力",
    "remark": "备注",
}
# Field → Chinese label, in the order in which an item is read: the one table behind forms, diffs and exports.
CONTENT_LABELS: dict[str, str] = {**CORE_LABELS, **FIELDS.labels}


@dataclass(frozen=True, slots=True)
class ItemSnapshot:
    """事项快照：规则所见的一项。

    ``key`` is unique in its list (``item:12`` for stored rows, ``Sheet1!7`` for rows of a file); ``place`` says in words
    where to find it; ``texts`` holds the raw cells by header (for hygiene rules); ``published_periods`` are the validity
    periods of published versions, oldest first.
    """

    key: str
    content: ItemContent
    place: str = ""
    item_id: int | None = None
    version_id: int | None = None
    parent_key: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    published_periods: tuple[tuple[date, date | None], ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PeerList:
    """可比清单：同级同类机构的清单规模。``region`` groups towns of one county; ``types`` counts mains by power type."""

    body_name: str
    region: str
    items: int
    subitems: int
    kind: str = ""
    types: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MandateFacts:
    """三定对应，供规则用：主要职责（身份 → 编号与文字），事项键 → 对应的身份，事项键 → 失去了的条款。"""

    clauses: Mapping[str, str]
    linked: Mapping[str, tuple[str, ...]]
    orphaned: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TemplateNode:
    """范本的一项：键、名称、类型、应有子项数、职权编码、可否不列、适用的机构种类（空为都适用）。"""

    key: str
    name: str
    power_type: str
    subitems: int = 0
    power_code: str = ""
    is_optional: bool = False
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListSnapshot:
    """清单快照：规则一次运行所见的全部。

    Nothing is looked up while rules run: peers, living divisions and bound template are handed in. ``divisions`` is None
    when they are unknown (a file without a database), so that O501 stays silent instead of guessing.
    """

    body_name: str
    items: tuple[ItemSnapshot, ...]
    list_type: str = "QZ"
    template: str = "published-2024"
    body_id: int | None = None
    body_kind: str = ""
    list_id: int | None = None
    body_is_alive: bool = True
    divisions: frozenset[str] | None = None
    peers: tuple[PeerList, ...] = ()
    region: str = ""
    base_nodes: tuple[TemplateNode, ...] = ()
    mandate: MandateFacts | None = None
    on: date | None = None
