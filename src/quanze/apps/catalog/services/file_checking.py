"""检查文件：把读到的清单化为快照，按所用模板运行规则。

No database, no framework: a file is checked with the thresholds that come with the packs, so that the command starts at
once on any machine. Stored lists: ``checking``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from quanze.apps.catalog.domain.base_lists import Conformance, base_nodes_of, conformance
from quanze.apps.catalog.domain.items import ListSnapshot
from quanze.apps.catalog.domain.read_items import snapshots_of
from quanze.apps.catalog.rules import REGISTRY, check_list
from quanze.apps.catalog.services.packs import shipped_packs
from quanze.core.lint import SEVERITY_LABELS, Finding, Report, Severity
from quanze.core.listsheet.reading import ListReading

FILE_TEMPLATE = "published-2024"


@dataclass(frozen=True, slots=True)
class CheckReport:
    """一次检查的结果：对象、模板、事项数、发现；``places`` 与 ``names`` 以事项键取位置与名称。"""

    subject: str
    template: str
    items: int
    subitems: int
    report: Report
    places: dict[str, str]
    names: dict[str, str]
    conformance: Conformance | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.report.findings

    @property
    def has_errors(self) -> bool:
        return self.report.has_errors

    def by_code(self) -> dict[str, int]:
        """规则 → 条数。"""
        return dict(sorted(Counter(finding.code for finding in self.findings).items()))

    def as_dict(self) -> dict[str, object]:
        """JSON 形式。"""
        return {
            "subject": self.subject,
            "template": self.template,
            "items": self.items,
            "subitems": self.subitems,
            "counts": self.report.counts,
            "by_code": self.by_code(),
            "rules": list(self.report.codes),
            "base": _base_as_json(self.conformance),
            "findings": [
                {
                    **finding.as_dict(),
                    "title": REGISTRY.get(finding.code).title,
                    "severity_label": SEVERITY_LABELS[Severity(finding.severity)],
                    "place": self.places.get(finding.key, ""),
                    "name": self.names.get(finding.key, ""),
                    "related_places": [self.places.get(key, key) for key in finding.related],
                }
                for finding in self.findings
            ],
        }


def _base_as_json(found: Conformance | None) -> dict[str, object] | None:
    if found is None:
        return None
    return {
        "items": found.base_items,
        "present": found.present,
        "percent": found.percent,
        "deviations": [
            {"kind": one.kind, "label": one.label, "name": one.name, "note": one.note} for one in found.deviations
        ],
    }


def snapshot_of_reading(reading: ListReading, *, template: str = FILE_TEMPLATE) -> ListSnapshot:
    """读到的文件的快照；机构名取自实施主体中最常见的一个。"""
    items = snapshots_of(reading)
    bodies = Counter(item.content.exercising_body for item in items if item.content.exercising_body)
    return ListSnapshot(
        body_name=bodies.most_common(1)[0][0] if bodies else reading.file, items=items, template=template
    )


def check_reading(
    reading: ListReading, *, template: str = FILE_TEMPLATE, base: ListReading | None = None
) -> CheckReport:
    """检查读到的文件；``base`` 为目录范本的文件，逐项按职权编码或名称对应。Raises InvalidInput for an unknown template."""
    snapshot = snapshot_of_reading(reading, template=template)
    if base is not None:
        snapshot = replace(snapshot, base_nodes=base_nodes_of(snapshots_of(base)))
    return report_of(reading.file, snapshot, check_list(snapshot, shipped_packs()))


def report_of(subject: str, snapshot: ListSnapshot, report: Report) -> CheckReport:
    """发现连同事项数、位置与名称。"""
    subitems = sum(1 for item in snapshot.items if item.parent_key is not None)
    return CheckReport(
        subject=subject,
        template=snapshot.template,
        items=len(snapshot.items) - subitems,
        subitems=subitems,
        report=report,
        places={item.key: item.place for item in snapshot.items},
        names={item.key: item.content.name for item in snapshot.items},
        conformance=conformance(snapshot.items, snapshot.base_nodes) if snapshot.base_nodes else None,
    )
