"""表格：测试自己写的小工作簿。"""

import io
from collections.abc import Callable, Sequence
from typing import Any

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


@pytest.fixture
def base_content(county):
    """范本的一项：不写主体、科室与编码。"""
    bare = {"exercising_body": "", "responsible_body": "", "lead_division": "", "power_code": "", "hotline": ""}
    return lambda name, **fields: county.content(name, **bare, **fields)


@pytest.fixture
def base_made(county, base_content):
    """公布一份目录范本，返回清单编号；不给事项则为三项，第三项分两个子项。

    Made by the tax office: its head also publishes, which is the shortest way to a published base.
    """
    from quanze.apps.catalog import public as catalog
    from quanze.core.actor import SYSTEM

    def make(*items: Any) -> int:
        wanted = items or (
            catalog.NewItem(base_content("对露天焚烧秸秆的处罚")),
            catalog.NewItem(base_content("对盗伐林木的处罚")),
            catalog.NewItem(base_content("对乱倒垃圾的处罚", node_kind="main")),
            catalog.NewItem(base_content("对乱倒建筑垃圾的处罚"), parent_index=2),
            catalog.NewItem(base_content("对乱倒生活垃圾的处罚"), parent_index=2),
        )
        list_id = catalog.list_create(
            actor=SYSTEM,
            body_id=county.bodies["QH-SW"],
            list_type=catalog.BASE_LIST,
            template="base-2024",
            procedure="publish-only",
            now=county.now,
        )
        drafter = county.actor("tax_drafter")
        catalog.items_create(actor=drafter, list_id=list_id, items=wanted, now=county.now)
        submission_id = catalog.submission_submit(actor=drafter, list_id=list_id, title="目录范本", now=county.now)
        county.decide(submission_id, "tax_head")
        issue = {"document_number": "青税发〔2026〕1号", "issued_on": "2026-11-02", "valid_from": "2026-11-02"}
        county.decide(submission_id, "tax_head", details=issue)
        return list_id

    return make
