"""图表：图与表同源，最多五个序列。"""

import json

import pytest

from quanze.base.web import charts


def test_the_table_shows_what_the_chart_shows_with_units_and_links():
    chart = charts.bar(
        "a",
        "超期集中在甲局",
        ["甲局", "乙局"],
        {"超期": [42, None]},
        unit="件",
        links=["/x", "/y"],
        category_label="部门",
    )
    assert chart.header == ("部门", "超期（件）")
    assert chart.rows == [
        {"name": "甲局", "href": "/x", "values": [42]},
        {"name": "乙局", "href": "/y", "values": [None]},
    ]
    assert chart.option["series"][0]["data"] == [{"value": 42, "href": "/x"}, {"value": None, "href": "/y"}]


def test_options_are_plain_data_for_a_strict_page():
    for chart in (
        charts.line("l", "t", ["1月"], {"今年": [1.5], "去年": [None]}, unit="件"),
        charts.pie("p", "t", {"许可": 3, "处罚": 5}, unit="项"),
        charts.hbar("h", "t", ["甲"], {"x": [1]}, unit="项"),
    ):
        assert json.loads(json.dumps(chart.option)) == chart.option


def test_no_data_is_said_instead_of_drawn():
    assert charts.bar("a", "t", ["甲"], {"x": [0]}, unit="件").is_empty
    assert charts.bar("a", "t", [], {"x": []}, unit="件").is_empty


def test_more_than_five_series_or_unequal_lengths_are_refused():
    with pytest.raises(ValueError, match="1 to 5 series"):
        charts.bar("a", "t", ["甲"], {str(n): [1] for n in range(6)}, unit="件")
    with pytest.raises(ValueError, match="2 values for 1 categories"):
        charts.bar("a", "t", ["甲"], {"x": [1, 2]}, unit="件")
