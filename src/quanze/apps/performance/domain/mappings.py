"""列映射包：某一来源的文件里，哪个表头是哪一列。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from quanze.core.errors import InvalidInput

# 各列的中文名，供预览与报告使用。
FIELD_LABELS: dict[str, str] = {
    "case_id": "办件编号",
    "step_no": "环节序号",
    "item_code": "事项标识",
    "item_version": "事项版本",
    "flow_code": "流程编码",
    "step_code": "环节",
    "body_code": "机构编码",
    "division_code": "内设机构",
    "post_code": "岗位",
    "region_code": "区划代码",
    "sector": "行业领域",
    "occurred_at": "发生时间",
    "due_at": "办理期限",
    "outcome": "办理结果",
}
OUTCOME_LABELS: dict[str, str] = {
    "normal": "正常流转",
    "returned": "退回补正",
    "completed": "办结",
    "refused": "不予办理",
    "withdrawn": "申请撤回",
}


@dataclass(frozen=True)
class MappingPack:
    """列映射包。``columns`` lists for each field the headers under which it may appear, best first."""

    code: str
    label: str
    source: str
    columns: Mapping[str, Sequence[str]]
    note: str = ""
    constants: Mapping[str, str] = field(default_factory=dict)
    outcomes: Mapping[str, str] = field(default_factory=dict)
    asks: Sequence[str] = ()
    time_formats: Sequence[str] = ()
    time_zone: str = "Asia/Shanghai"
    closing_column: str = ""
    closing_outcome: str = "completed"

    def columns_for(self, headers: Sequence[str]) -> dict[str, str]:
        """按文件的表头确定各列：没有的列略去，由必填检查说明。"""
        present = {h.strip(): h for h in headers}
        chosen = {}
        for name, candidates in self.columns.items():
            header = next((present[c] for c in candidates if c in present), None)
            if header is not None:
                chosen[name] = header
        return chosen

    def require_constants(self, given: Mapping[str, str]) -> None:
        """固定值须齐全：文件里没有的列只能由报送人指明。"""
        missing = [n for n in self.asks if not given.get(n)]
        if missing:
            labels = "、".join(FIELD_LABELS[n] for n in missing)
            raise InvalidInput(
                f"列映射“{self.label}”的文件里没有{labels}，须另行指定",
                hint="命令行请加 --item 事项标识、--body 机构编码；页面上请在预览前填写。",
                code="constants_missing",
            )
