"""监管 O507：许可没有写明由谁监管。"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from quanze.apps.catalog.domain.items import ItemSnapshot
from quanze.apps.catalog.rules.base import WHOLE_COLUMN, CatalogItemRule
from quanze.apps.catalog.rules.examples import changed, listed
from quanze.apps.catalog.rules.subject import BLANKS, CheckedList
from quanze.core.lint import Example, Hit, Severity

LICENSE = "license"


class LicenceWithoutSupervisor(CatalogItemRule):
    """许可没有监管主体。"""

    code = "O507"
    title = "许可没有写监管主体"
    severity = Severity.WARNING
    meaning = "行政许可事项没有写审批之后由谁监管。"
    reason = "审批与监管分开之后，批的不管、管的不知，“以批代管”和监管脱节都从这里开始。"
    method = "职权类型为行政许可的，“监管主体”为空；子项可从主项。清单里的许可（三项以上）全都没有写的，合为一条。"
    remedy = "写明监管主体与事中事后监管措施；审批权划转到行政审批局的，写原主管部门。"
    source = "相对集中行政许可权改革：审批与监管的责任分别写明；事中事后监管责任"
    fields = ("supervising_body",)
    bad = Example("许可没有写由谁监管。", listed(changed()))
    good = Example("写明由城市管理局监管。", listed(changed(extra={"supervising_body": "示例市城市管理局"})))

    def check(self, subject: CheckedList) -> Iterator[Hit]:
        hits = list(super().check(subject))
        licences = sum(item.parent_key is None and subject.type_code(item) == LICENSE for item in subject.items)
        if len(hits) >= WHOLE_COLUMN and len(hits) == licences:
            yield Hit(
                "",
                "supervising_body",
                f"全部 {len(hits)} 项许可都没有写监管主体，表中大概没有这一栏",
                evidence=f"{len(hits)} 项",
                suggestion=hits[0].suggestion,
                related=tuple(hit.key for hit in hits),
            )
        else:
            yield from hits

    def check_item(self, item: ItemSnapshot, subject: CheckedList) -> Iterable[Hit]:
        if item.parent_key is not None or subject.type_code(item) != LICENSE:
            return
        rows = [item, *subject.children(item)]
        if not any(str(row.content.extra.get("supervising_body") or "").strip() not in BLANKS for row in rows):
            yield Hit(
                item.key,
                "supervising_body",
                "许可没有写监管主体：批了之后由谁监管说不清",
                suggestion="请写明监管主体与事中事后监管措施。",
            )
