"""表格：测试自己写的小工作簿。"""

import io
from collections.abc import Callable, Sequence

import pytest

HEADER = ("序号", "职权编码", "事项名称", "职权类型", "实施主体", "承办机构", "实施依据", "责任事项", "追责情形")
BASIS = "《青禾县渔业管理办法》第三十八条：违反禁用方法捕捞的，没收渔获物，处五千元以下罚款。"
DUTY = "1.立案责任：依法立案。\n2.调查责任：依法调查。\n3.审查责任：依法审查。\n4.告知责任：依法告知。\n5.决定责任：依法决定。\n6.送达责任：依法送达。\n7.执行责任：依法执行。"


@pytest.fixture
def workbook() -> Callable[..., bytes]:
    """写一个 xlsx：rows 为各行（名称、类型，可再给依据），sheets 可给多张表。"""
    import xlsxwriter

    def write(*rows: Sequence[str], title: str = "青禾县农业农村局权责清单", header: Sequence[str] = HEADER) -> bytes:
        out = io.BytesIO()
        book = xlsxwriter.Workbook(out, {"in_memory": True})
        sheet = book.add_worksheet("行政职权")
        sheet.write(0, 0, title)
        sheet.write_row(1, 0, header)
        for number, row in enumerate(rows, start=1):
            name, kind, *more = row
            basis = more[0] if more else BASIS
            values = {
                "序号": number,
                "职权编码": more[1] if len(more) > 1 else "",
                "事项名称": name,
                "职权类型": kind,
                "实施主体": "青禾县农业农村局",
                "承办机构": "渔政科",
                "实施依据": basis,
                "责任事项": DUTY,
                "追责情形": "没有事实依据实施处罚的。",
            }
            sheet.write_row(number + 1, 0, [values[label] for label in header])
        book.close()
        return out.getvalue()

    return write
