"""行权运行测试的场景：青禾县农业农村局公布了清单，数据仓是空的。"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def warehouse_dir(settings, tmp_path: Path) -> Path:
    settings.QUANZE_WAREHOUSE_DIR = tmp_path / "warehouse"
    return settings.QUANZE_WAREHOUSE_DIR


@dataclass
class Published:
    """已公布的清单：事项名称 → 事项标识。"""

    county: object
    codes: dict[str, str]

    def code(self, name: str) -> str:
        return self.codes[name]

    def end(self, name: str, on: date) -> None:
        """让事项自某日起失效。"""
        from quanze.apps.catalog.models import ItemVersion

        ItemVersion.objects.filter(item__code=self.codes[name], state="published").update(valid_to=on)


@pytest.fixture
def published(county) -> Published:
    """四个事项，2023 年起施行。"""
    from quanze.apps.catalog.models import ItemVersion

    county.publish(
        county.permit("水产苗种生产许可证核发"),
        county.content("对使用电鱼方法捕捞的处罚"),
        county.content("对销售不合格种子的处罚"),
        county.permit("动物防疫条件合格证核发"),
    )
    # The county published today; the story needs items that have long been in force.
    ItemVersion.objects.filter(state="published").update(valid_from=date(2023, 1, 1))
    rows = ItemVersion.objects.filter(state="published").select_related("item")
    return Published(county, {row.name: row.item.code for row in rows})


@pytest.fixture
def csv_file(tmp_path: Path) -> Callable[..., Path]:
    """写一个标准格式的事件文件。"""

    def write(rows: Iterable[tuple[str, ...]], *, header: tuple[str, ...] = HEADER, name: str = "办件.csv") -> Path:
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle)
            writer.writerow(header)
            writer.writerows(rows)
        return path

    return write


HEADER = ("办件编号", "事项标识", "机构编码", "环节序号", "环节", "发生时间", "办理期限", "办理结果")


def case_rows(case_id: str, item: str, start: datetime, *, body: str = "QH-NY", days: int = 5, due: int = 10) -> list:
    """一件两步办结的办件。"""
    end = start + timedelta(days=days)
    limit = (start + timedelta(days=due)).isoformat()
    return [
        (case_id, item, body, "1", "受理", start.isoformat(), limit, ""),
        (case_id, item, body, "2", "办结", end.isoformat(), limit, "办结"),
    ]


@pytest.fixture
def many_cases() -> Callable[..., list]:
    """某月若干件办件。"""

    def make(item: str, month: date, count: int, *, body: str = "QH-NY") -> list:
        start = datetime(month.year, month.month, 3, 1, tzinfo=UTC)
        return [
            row
            for n in range(count)
            for row in case_rows(f"{item}-{month:%Y%m}-{n}", item, start + timedelta(minutes=n), body=body)
        ]

    return make
