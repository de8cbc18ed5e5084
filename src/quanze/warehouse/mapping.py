"""列映射：外来文件的列如何成为流程事件的列。A value, built by the app from a YAML pack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from quanze.core.errors import InvalidInput

# What a file may fill. The batch is the store's own; no other name exists, so personal columns cannot be mapped.
MAPPABLE_FIELDS = (
    "case_id",
    "step_no",
    "item_code",
    "item_version",
    "flow_code",
    "step_code",
    "body_code",
    "division_code",
    "post_code",
    "region_code",
    "sector",
    "occurred_at",
    "due_at",
    "outcome",
)
REQUIRED_FIELDS = ("case_id", "item_code", "step_code", "body_code", "occurred_at")


@dataclass(frozen=True)
class ColumnMapping:
    """列映射。

    ``columns``: field → header; ``constants``: field → value for every row; ``outcomes``: value in the file → outcome.
    Without a ``step_no`` the steps of a case are numbered by time. ``closing_column``: where this column is filled, the
    last event of the case closes it with ``closing_outcome`` (for logs that note the end of a case beside its events).
    Times without an offset are read in ``time_zone``; ``time_formats`` (strptime) are tried after ISO 8601.
    """

    columns: Mapping[str, str]
    constants: Mapping[str, str] = field(default_factory=dict)
    outcomes: Mapping[str, str] = field(default_factory=dict)
    time_formats: tuple[str, ...] = ()
    time_zone: str = "Asia/Shanghai"
    closing_column: str = ""
    closing_outcome: str = "completed"

    def __post_init__(self) -> None:
        for name in (*self.columns, *self.constants):
            if name not in MAPPABLE_FIELDS:
                raise InvalidInput(
                    f"列映射中没有“{name}”这一列",
                    hint=f"可用的列：{'、'.join(MAPPABLE_FIELDS)}。",
                    code="mapping_field",
                )
        missing = [n for n in REQUIRED_FIELDS if n not in self.columns and n not in self.constants]
        if missing:
            raise InvalidInput(
                f"列映射缺少必填的列：{'、'.join(missing)}",
                hint="请在列映射中指定对应的表头，或以固定值给出（如 --item、--body）。",
                code="mapping_incomplete",
            )

    @property
    def headers(self) -> tuple[str, ...]:
        """要读的表头，去重。"""
        wanted = [*(h for f, h in self.columns.items() if f not in self.constants), self.closing_column]
        return tuple(dict.fromkeys(h for h in wanted if h))
