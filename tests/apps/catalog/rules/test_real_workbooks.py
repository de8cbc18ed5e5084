"""真实公开的十份清单：规则不出错、够快，所报的都经人眼看过，没有成片的误报。"""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest

from quanze.apps.catalog.services.file_checking import check_reading
from quanze.apps.catalog.services.reading import read_list_file

# Errors that stand in the published files, each looked at: a penalty without accountability, two codes used twice.
ERRORS = {
    "2024年市农业农村局权责清单.xls": {"R402": 1},
    "克拉玛依市2025年消防监督执法权责清单.xlsx": {"S002": 2},
}


@pytest.fixture(scope="module")
def readings(shared_data: Path):
    return [read_list_file(path=path) for path in sorted((shared_data / "lists").iterdir())]


@pytest.fixture(scope="module")
def reports(readings):
    return {reading.file: check_reading(reading) for reading in readings}


def only(report, *codes):
    return [(f.code, report.names.get(f.key, ""), f.evidence) for f in report.findings if f.code in codes]


def test_a_published_list_can_be_submitted_but_for_real_errors(reports):
    found = {
        name: dict(Counter(f.code for f in report.findings if f.severity == "error"))
        for name, report in reports.items()
    }
    assert {name: codes for name, codes in found.items() if codes} == ERRORS


def test_the_penalty_without_accountability_is_found_with_its_place(reports):
    report = reports["2024年市农业农村局权责清单.xls"]
    (finding,) = [f for f in report.findings if f.severity == "error"]
    assert report.names[finding.key] == "对未经定点从事畜禽屠宰活动的处罚"
    assert report.places[finding.key] == "工作表“行政处罚（254项）”第 155 行"


def test_near_duplicates_are_the_two_that_are_there(reports):
    found = {name: len(only(report, "S007", "S008")) for name, report in reports.items()}
    assert {name: count for name, count in found.items() if count} == {
        "克拉玛依市住房和城乡建设局2024年权责清单.xls": 2
    }


def test_no_licence_is_found_under_another_type_and_no_type_contradicts_its_name(reports):
    assert [line for report in reports.values() for line in only(report, "C201", "C202", "N104", "N105")] == []


def test_names_that_are_questioned_are_questionable(reports):
    names = sorted(name for report in reports.values() for _, name, _ in only(report, "N102", "N103"))
    assert names == sorted(
        [
            "农村土地承包经营纠纷仲裁",
            "加强农产品地理标志监督管理，对登记的地理标志农产品的地域范围、标志使用等监督检查",
            "对纳入基本医疗保险基金支付范围的医疗服务行为和医疗费用加强监督管理",
            "对参加药品采购投标的投标人的违法行为进行监督管理",
            "建立医疗卫生机构、人员等信用记录制度，纳入全国信用信息共享平台，按照国家规定实施联合惩戒",
            "对药品价格进行监测和成本调查",
            "自治区级科技企业孵化器初审",
            "对重大活动和突发事件档案工作的统筹协调和监督指导",
            "对从事档案中介服务人员的监督管理",
        ]
    )


def test_citations_without_article_stay_few(reports):
    found = {name: len(only(report, "B307")) for name, report in reports.items()}
    assert sum(found.values()) <= 12
    assert found["2024年市农业农村局权责清单.xls"] == 1


def test_missing_columns_are_said_once_per_list(reports):
    for name, report in reports.items():
        missing = [f for f in report.findings if f.field == "accountability_basis_text"]
        assert [(f.key, f.severity) for f in missing] == [("", "warning")], name


def test_a_clerk_can_read_the_whole_report(reports):
    """一份报告按（规则、说明）归并之后的行数。"""
    for name, report in reports.items():
        groups = {(f.code, f.message) for f in report.findings if f.severity != "info"}
        assert len(groups) <= 20, name


def test_four_hundred_items_take_less_than_two_seconds(readings):
    largest = max(readings, key=lambda reading: reading.item_count)
    check_reading(largest)
    began = time.process_time()
    report = check_reading(largest)
    spent = time.process_time() - began
    assert report.items + report.subitems >= 320
    assert spent * 400 / (report.items + report.subitems) < 2.0


def test_the_full_template_is_stricter_on_the_same_file(readings):
    reading = next(one for one in readings if "档案局" in one.file)
    published, full = check_reading(reading), check_reading(reading, template="full-2024")
    assert not published.has_errors
    assert {f.code for f in full.findings if f.severity == "error"} == {"R402", "R403", "S001"}
