"""取数：一次取数的范围、取得的值与背后的行。"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeVar, cast

from quanze.core.periods import Period
from quanze.core.scoring import Reading

T = TypeVar("T")
MAX_ROWS = 300


@dataclass(frozen=True, slots=True)
class RowRef:
    """背后的一行：种类与编号（页面据此链接）、名称、为何列出。"""

    kind: str
    id: str
    label: str
    why: str = ""


@dataclass(frozen=True)
class Measured:
    """一项指标在一个单位的自动取数：读数，未达要求的行，全部行数与说明。"""

    reading: Reading
    rows: Sequence[RowRef] = ()
    rows_label: str = ""
    note: str = ""

    def evidence(self) -> dict[str, object]:
        """入库形式；行数过多只存前 MAX_ROWS 行，总数照记。"""
        return {
            "rows": [{"kind": r.kind, "id": r.id, "label": r.label, "why": r.why} for r in self.rows[:MAX_ROWS]],
            "count": len(self.rows),
            "label": self.rows_label,
            "note": self.note,
        }


@dataclass(frozen=True)
class MeasureRequest:
    """取数范围：单位、评估期间、统计截止日。``once`` lets metrics of one run share a costly read."""

    body_ids: tuple[int, ...]
    period: Period
    as_of: date
    _shared: dict[str, object] = field(default_factory=dict, repr=False, compare=False)

    def once(self, key: str, load: Callable[[], T]) -> T:
        """同一次取数中只读一次。"""
        if key not in self._shared:
            self._shared[key] = load()
        return cast("T", self._shared[key])

    @property
    def last_day(self) -> date:
        """期间最后一日。"""
        return (self.period.end or self.as_of + timedelta(days=1)) - timedelta(days=1)


@dataclass(frozen=True)
class Metric:
    """数据项：键、名称、版本、来源、单位与取数函数；``pending`` 说明为何尚不能取数。"""

    key: str
    label: str
    version: int
    source: str
    unit: str
    measure: Callable[[MeasureRequest], Mapping[int, Measured]] | None = None
    pending: str = ""

    @property
    def version_label(self) -> str:
        return f"{self.key}v{self.version}"
