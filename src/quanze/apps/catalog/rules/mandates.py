"""三定 T601、T602：事项没有条款、条款没有事项。"""

from __future__ import annotations

from collections.abc import Iterable

from quanze.apps.catalog.domain.items import ItemSnapshot, MandateFacts
from quanze.apps.catalog.rules.base import CatalogItemRule, CatalogRule
from quanze.apps.catalog.rules.examples import changed, listed
from quanze.apps.catalog.rules.subject import CheckedList
from quanze.core.lint import Example, Hit, RuleScope, Severity

_ONE = MandateFacts(clauses={"k1": "第二条（一） 负责农药经营许可"}, linked={}, orphaned={})


class ItemWithoutMandateClause(CatalogItemRule):
    """事项没有对应三定条款。"""

    code = "T601"
    title = "没有对应三定条款，或条款已不在现行三定之中"
    severity = Severity.WARNING
    meaning = "事项没有对应到本机构三定规定的任何一条主要职责，或者所对应的条款在三定换版之后已经没有了。"
    reason = "三定之外的职权没有依据；三定改了而清单不跟着改，职权就悬空。"
    method = "与“三定”页签里的对应核对；机构还没有启用的三定规定、只检查文件时不查；子项随主项。"
    remedy = "在清单的“三定”页签对应到条款；确在三定之外的，提请调整三定或取消事项。"
    source = "三定规定；权责清单与三定规定一一对应"
    fields = ("mandate",)
    bad = Example("没有对应任何条款。", listed(changed(), mandate=_ONE))
    good = Example(
        "对应到主要职责。",
        listed(changed(), mandate=MandateFacts(clauses=_ONE.clauses, linked={"a": ("k1",)}, orphaned={})),
    )

    def check_item(self, item: ItemSnapshot, subject: CheckedList) -> Iterable[Hit]:
        facts = subject.snapshot.mandate
        if facts is None or item.parent_key is not None:
            return
        gone = facts.orphaned.get(item.key)
        if gone:
            yield Hit(
                item.key,
                "mandate",
                f"所对应的“{gone}”已不在现行三定之中",
                evidence=gone,
                suggestion="请在“三定”页签重新对应。",
            )
        elif not facts.linked.get(item.key):
            yield Hit(item.key, "mandate", "没有对应三定条款", suggestion="请在“三定”页签对应到主要职责。")


class MandateClauseWithoutItem(CatalogRule):
    """三定条款没有事项。"""

    code = "T602"
    title = "主要职责没有对应的事项"
    scope = RuleScope.LIST
    severity = Severity.INFO
    meaning = "三定规定里的一条主要职责，清单里没有一个事项与它对应。"
    reason = "职责没有落到事项，可能漏列了职权，也可能只是内部管理职责，须看过才知道。"
    method = "与“三定”页签里的对应核对；一个事项也没有对应时不查，免得把还没有做当成没有。"
    remedy = "属于行政职权的，补列事项；属于内部管理、综合协调的，无须列入。"
    source = "三定规定；权责清单与三定规定一一对应"
    fields = ("mandate",)
    bad = Example(
        "两条职责只有一条有事项。",
        listed(
            changed(),
            mandate=MandateFacts(
                clauses={"k1": "第二条（一） 负责许可", "k2": "第二条（二） 负责检查"},
                linked={"a": ("k1",)},
                orphaned={},
            ),
        ),
    )
    good = Example(
        "职责都有事项。",
        listed(changed(), mandate=MandateFacts(clauses=_ONE.clauses, linked={"a": ("k1",)}, orphaned={})),
    )

    def check(self, subject: CheckedList) -> Iterable[Hit]:
        facts = subject.snapshot.mandate
        if facts is None or not any(facts.linked.values()):
            return
        held = {key for keys in facts.linked.values() for key in keys}
        for key, label in facts.clauses.items():
            if key not in held:
                yield Hit(
                    "", "mandate", f"“{label[:60]}”没有对应的事项", evidence=label, suggestion="请看是否漏列职权。"
                )
