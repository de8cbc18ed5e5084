"""比较 X801–X803：乡镇之间、县之间、与范本之间。"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from statistics import median

from quanze.apps.catalog.domain.items import ItemSnapshot, PeerList, TemplateNode
from quanze.apps.catalog.domain.town_comparison import county_gap
from quanze.apps.catalog.rules.base import CatalogItemRule, CatalogRule
from quanze.apps.catalog.rules.examples import changed, coded, family, listed
from quanze.apps.catalog.rules.subject import CheckedList
from quanze.core.lint import Example, Hit, RuleScope, Severity

# Kinds whose lists a county compares; a snapshot that says nothing of the kind is taken for a town.
_TOWNS = frozenset({"", "town", "subdistrict"})


def _comparable(subject: CheckedList) -> list[PeerList]:
    """可比的乡镇与街道；部门的清单不作项数比较。"""
    own = subject.snapshot
    if own.body_kind not in _TOWNS:
        return []
    return [peer for peer in own.peers if peer.kind in _TOWNS and peer.body_name != own.body_name]


def _nearby(subject: CheckedList) -> list[PeerList]:
    """同县同类的：乡镇与乡镇比，街道与街道比。"""
    own = subject.snapshot
    return [peer for peer in _comparable(subject) if peer.region == own.region and peer.kind == own.body_kind]


def _number(value: float) -> str:
    return f"{value:g}"


class ItemCountApartFromPeers(CatalogRule):
    """事项数与同县乡镇或范本相差过大。"""

    code = "X801"
    title = "事项数与同县乡镇或范本相差过大"
    scope = RuleScope.CROSS
    severity = Severity.WARNING
    meaning = "本清单的主项与单项数，偏离范本或者同县乡镇中位数超过允许偏差。"
    reason = "同一个县的乡镇权力框架应当基本一致；少的可能漏编，多的可能自设。"
    method = "绑定范本的与范本项数比；没有范本的，与同县乡镇（街道与街道）的中位数比，连同本清单至少三份。偏差大于参数“同县乡镇事项数允许偏差”即提示。"
    remedy = "在比较页查看缺了哪些、多了哪些；缺的补编，多的写明理由。"
    source = "衡水调研：一县之内 226、227、190 项之别"
    fields = ("items",)
    bad = Example(
        "同县两镇各有 20 项和 21 项，本镇只有 10 项。",
        listed(
            *(coded(number) for number in range(1, 11)),
            region="甲县",
            peers=(PeerList("东镇", "甲县", 20, 0), PeerList("西镇", "甲县", 21, 0)),
        ),
    )
    good = Example(
        "与同县两镇相差不到一成。",
        listed(
            *(coded(number) for number in range(1, 11)),
            region="甲县",
            peers=(PeerList("东镇", "甲县", 10, 0), PeerList("西镇", "甲县", 11, 0)),
        ),
    )

    def check(self, subject: CheckedList) -> Iterable[Hit]:
        count, limit = subject.main_count(), subject.thresholds.town_tolerance_percent
        nodes = subject.snapshot.base_nodes
        nearby = _nearby(subject)
        if nodes:
            claimed = {node.key for item in subject.items if (node := subject.base_node(item)) is not None}
            required = sum(not node.is_optional or node.key in claimed for node in nodes)
            expected, against = float(required), f"范本 {required} 项"
        elif len(nearby) >= 2:
            expected = median([count, *(peer.items for peer in nearby)])
            against = f"同县 {len(nearby) + 1} 份清单的中位数 {_number(expected)} 项"
        else:
            return
        if expected and abs(count - expected) * 100 > limit * expected:
            word = "少" if count < expected else "多"
            yield Hit(
                "",
                "items",
                f"本清单 {count} 项，比{against}{word} {_number(abs(count - expected))} 项，超过 {limit}%",
                evidence="、".join(f"{peer.body_name} {peer.items} 项" for peer in nearby[:8]) or against,
                suggestion="请在比较页逐项核对：缺的补编，多出的写明理由。",
            )


class CountyApartFromCounties(CatalogRule):
    """本县乡镇事项数与别县相差过大。"""

    code = "X802"
    title = "本县乡镇事项数与别县相差过大"
    scope = RuleScope.CROSS
    severity = Severity.WARNING
    meaning = "本县乡镇、街道清单的典型项数，与别县相差超过允许偏差。"
    reason = "同一个市里，相邻两县的乡镇权力相差几十项，说明尺度不一。"
    method = "每县取各乡镇、街道清单主项与单项数的中位数，再取各县的中位数为基准；本县与任何一县之差大于基准的（参数“县际事项数允许偏差”）即提示。至少三个县。"
    remedy = "由市级统一范本；有差异的，各县说明原因。"
    source = "衡水调研：三县乡镇清单分别为 167、147、138 项"
    fields = ("items",)
    bad = Example(
        "三县分别为 10、14、15 项。",
        listed(
            *(coded(number) for number in range(1, 11)),
            region="甲县",
            peers=(PeerList("北乡", "乙县", 14, 0), PeerList("南乡", "丙县", 15, 0)),
        ),
    )
    good = Example(
        "三县分别为 10、10、11 项。",
        listed(
            *(coded(number) for number in range(1, 11)),
            region="甲县",
            peers=(PeerList("北乡", "乙县", 10, 0), PeerList("南乡", "丙县", 11, 0)),
        ),
    )

    def check(self, subject: CheckedList) -> Iterable[Hit]:
        counts: dict[str, list[int]] = defaultdict(list)
        for peer in _comparable(subject):
            if peer.region:
                counts[peer.region].append(peer.items)
        own = subject.snapshot.region
        if own and counts:
            counts[own].append(subject.main_count())
        typical = {region: median(values) for region, values in sorted(counts.items())}
        gap = county_gap(own, typical, limit_percent=subject.thresholds.county_tolerance_percent)
        if gap is not None:
            yield Hit(
                "",
                "items",
                f"{own}的清单一般为 {_number(typical[own])} 项，{gap.farthest}为 {_number(typical[gap.farthest])} 项，"
                f"相差 {_number(gap.items)} 项，超过各县中位数 {_number(gap.middle)} 项的 {gap.limit_percent}%",
                evidence="、".join(f"{region} {_number(value)} 项" for region, value in typical.items()),
                suggestion="请由市级统一范本，或说明差异的原因。",
            )


class SubItemsDifferFromBase(CatalogItemRule):
    """子项数与范本不同。"""

    code = "X803"
    title = "子项数与范本不同"
    scope = RuleScope.CROSS
    severity = Severity.WARNING
    meaning = "事项绑定了范本的一项，子项的数目却与范本不同。"
    reason = "主项、子项的划法不一，事项数就没有可比性。"
    method = "与所对应范本事项应有的子项数比较（写明范本事项的以此为准，未写明的按职权编码、名称对应）。"
    remedy = "按范本划分子项；增减子项的，写明理由。"
    source = "衡水：乡镇间事项框架基本一致"
    fields = ("subitems", "template_key")
    bad = Example(
        "范本分三个子项，清单只分两个。",
        listed(
            *family(
                changed(name="临时观景平台搭建许可", power_code="130700-XK-011").content,
                changed(name="固定观景平台搭建许可", power_code="130700-XK-012").content,
                main=changed(template_key="T1").content,
            ),
            base_nodes=(TemplateNode("T1", "户外观景平台搭建许可", "license", subitems=3),),
        ),
    )
    good = Example(
        "与范本一样分两个。",
        listed(
            *family(
                changed(name="临时观景平台搭建许可", power_code="130700-XK-011").content,
                changed(name="固定观景平台搭建许可", power_code="130700-XK-012").content,
                main=changed(template_key="T1").content,
            ),
            base_nodes=(TemplateNode("T1", "户外观景平台搭建许可", "license", subitems=2),),
        ),
    )

    def check_item(self, item: ItemSnapshot, subject: CheckedList) -> Iterable[Hit]:
        node = subject.base_node(item)
        if node is None or item.parent_key is not None:
            return
        count = len(subject.children(item))
        if count != node.subitems:
            yield Hit(
                item.key,
                "subitems",
                f"有 {count} 个子项，范本“{node.name}”应有 {node.subitems} 个",
                suggestion="请按范本划分子项；有增减的，请写明理由。",
            )
