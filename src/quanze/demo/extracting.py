"""示范城市的上级清单核对：农业农村局与省权责清单管理系统核对两次，第二次好些。The extracts are made from the list itself, with known differences."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.utils.timezone import localdate

from quanze.apps.adjustment import public as adjustment
from quanze.apps.catalog import public as catalog
from quanze.demo.directory import Directory
from quanze.demo.publishing import Seeded

HOLDER = "YZ-NY"
SYSTEM = "provincial_list"
# Days before today → every how many rows one is missing above, one differs there, one is unknown here.
RUNS = ((60, 7, 9, 11), (3, 19, 23, 29))


def extract(directory: Directory, seeded: Mapping[str, Seeded], *, now: datetime) -> int:
    """核对两次，返回次数。"""
    if HOLDER not in seeded:
        return 0
    list_id, labels = seeded[HOLDER].list_id, {one.code: one.label for one in catalog.power_types().types}
    done = 0
    for days, missing, differing, unknown in RUNS:
        moment = now - timedelta(days=days)
        day = localdate(moment)
        actor = directory.actor(HOLDER, "drafter", on=day)
        rows = []
        for number, fact in enumerate(catalog.list_facts(list_id=list_id, scope=actor.scope, on=day), start=1):
            if number % missing == 0:
                continue
            name = str(fact.values["name"])
            rows.append(
                {
                    "职权编码": next(iter(fact.codes["power_code"]), ""),
                    "职权名称": f"{name}（含委托下级实施）" if number % differing == 0 else name,
                    "职权类型": labels.get(str(fact.values["power_type"]), ""),
                }
            )
            if number % unknown == 0:
                rows.append(
                    {
                        "职权编码": f"SJ-{number:04d}",
                        "职权名称": f"{name[:20].removeprefix(chr(0x5BF9))}专项核查",
                        "职权类型": "行政检查",
                    }
                )
        if not rows:
            continue
        adjustment.extract_check(
            actor=actor,
            list_id=list_id,
            system=SYSTEM,
            data=json.dumps(rows, ensure_ascii=False).encode(),
            file_name=f"省权责清单提取件{day:%Y%m%d}.json",
            extract_on=day,
            now=moment,
        )
        done += 1
    return done
