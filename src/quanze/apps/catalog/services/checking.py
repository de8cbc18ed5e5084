"""检查存着的清单：快照按所用模板、按当日有效的界限运行规则。

Nothing is written here. Files are checked in ``file_checking``, which needs neither database nor framework.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from quanze.apps.catalog.domain.base_lists import POWER_LIST
from quanze.apps.catalog.domain.items import ListSnapshot
from quanze.apps.catalog.domain.packs import THRESHOLD_CODES, thresholds_from
from quanze.apps.catalog.models import PowerList
from quanze.apps.catalog.rules import check_list
from quanze.apps.catalog.selectors.snapshots import list_snapshot
from quanze.apps.catalog.services.file_checking import CheckReport, report_of
from quanze.apps.catalog.services.packs import shipped_packs
from quanze.apps.org import public as org
from quanze.base.parameters import public as parameters
from quanze.core.actor import Scope
from quanze.core.errors import NotFound
from quanze.core.lint import Report


def check_snapshot(snapshot: ListSnapshot) -> Report:
    """检查存着的清单，界限取快照日期有效的参数。"""
    if snapshot.on is None:
        raise ValueError("存着的清单须带日期，界限按日期取值")
    thresholds = thresholds_from(parameters.values_on(THRESHOLD_CODES, on=snapshot.on))
    return check_list(snapshot, replace(shipped_packs(), thresholds=thresholds))


def check_body(*, body: str, scope: Scope, on: date, template: str = "", list_type: str = POWER_LIST) -> CheckReport:
    """检查一个机构存着的清单：``body`` 为机构名称或编码，在编优先；``template`` 可换用别的模板试看。"""
    found = org.body_named(body)
    row = PowerList.objects.filter(body_id=found.id, list_type=list_type).first() if found is not None else None
    if found is None or row is None:
        raise NotFound(
            f"没有名为“{body}”的文件，机构库里也没有这个机构的清单" if found is None else f"“{found.name}”还没有清单",
            hint="请给出清单文件的路径，或机构的全称、编码。",
        )
    snapshot = list_snapshot(list_id=row.pk, scope=scope, on=on)
    chosen = replace(snapshot, template=template) if template else snapshot
    return report_of(chosen.body_name, chosen, check_snapshot(chosen))
