"""乡镇之间、县之间、与范本之间的比较，用衡水调研的数字。"""

import pytest

from quanze.apps.catalog.domain.items import PeerList, TemplateNode
from quanze.apps.catalog.domain.packs import Thresholds
from quanze.apps.catalog.rules.examples import changed, coded, family


def town(check, count, *peers, **fields):
    return check(*(coded(n) for n in range(1, count + 1)), region="甲县", peers=peers, **fields)


@pytest.mark.req("H-19", "H-21")
def test_the_town_with_190_items_stands_apart_from_226_and_227(check):
    others = (PeerList("龙镇", "甲县", 227, 0), PeerList("凤镇", "甲县", 226, 0))
    (finding,) = town(check, 190, *others).of("X801")
    assert finding.message == "本清单 190 项，比同县 3 份清单的中位数 226 项少 36 项，超过 10%"
    assert finding.evidence == "龙镇 227 项、凤镇 226 项"
    assert town(check, 226, PeerList("龙镇", "甲县", 227, 0), PeerList("小镇", "甲县", 190, 0)).of("X801") == ()


def test_one_neighbour_is_no_yardstick_and_the_tolerance_is_a_parameter(check):
    assert town(check, 10, PeerList("龙镇", "甲县", 20, 0)).of("X801") == ()
    neighbours = (PeerList("龙镇", "甲县", 20, 0), PeerList("凤镇", "甲县", 20, 0))
    assert len(town(check, 10, *neighbours).of("X801")) == 1
    assert town(check, 10, *neighbours, thresholds=Thresholds(town_tolerance_percent=50)).of("X801") == ()


def test_a_bound_template_comes_before_the_neighbours(check):
    nodes = tuple(TemplateNode(f"T{n}", f"事项{n}", "license") for n in range(20))
    (finding,) = town(check, 10, PeerList("龙镇", "甲县", 10, 0), PeerList("凤镇", "甲县", 10, 0), base_nodes=nodes).of(
        "X801"
    )
    assert "比范本 20 项少 10 项" in finding.message


@pytest.mark.req("H-19")
@pytest.mark.parametrize(
    ("own", "others", "found"), [(167, (147, 138), True), (138, (167, 147), True), (147, (167, 138), False)]
)
def test_counties_with_167_147_and_138_items(check, own, others, found):
    peers = (PeerList("北乡", "乙县", others[0], 0), PeerList("南乡", "丙县", others[1], 0))
    findings = town(check, own, *peers).of("X802")
    assert bool(findings) is found
    if own == 167:
        assert findings[0].message == "甲县的清单一般为 167 项，丙县为 138 项，相差 29 项，超过各县中位数 147 项的 15%"


def test_two_counties_are_not_compared(check):
    assert town(check, 10, PeerList("北乡", "乙县", 30, 0)).of("X802") == ()


def test_sub_items_are_counted_against_the_template_only_where_bound(check):
    nodes = (TemplateNode("T1", "户外观景平台搭建许可", "license", subitems=5),)
    subs = [changed(name=f"{n}类平台许可", power_code=f"130700-XK-1{n}").content for n in range(3)]
    bound = family(*subs, main=changed(template_key="T1").content)
    (finding,) = check(*bound, base_nodes=nodes).of("X803")
    assert finding.message == "有 3 个子项，范本“户外观景平台搭建许可”应有 5 个"
    unbound = family(*subs, main=changed(name="水上观景平台搭建许可").content)
    assert check(*unbound, base_nodes=nodes).of("X803") == ()


def test_what_names_no_base_item_is_matched_by_its_code_and_then_by_its_name(check):
    subs = [changed(name=f"{n}类平台许可", power_code=f"130700-XK-1{n}").content for n in range(3)]
    by_name = (TemplateNode("T1", "户外观景平台搭建许可", "license", subitems=5),)
    assert len(check(*family(*subs), base_nodes=by_name).of("X803")) == 1
    by_code = (TemplateNode("T1", "别的名称", "license", subitems=5, power_code="130700-XK-001"),)
    assert {f.code for f in check(*family(*subs), base_nodes=by_code).findings if f.code in ("X803", "N101")} == {
        "X803",
        "N101",
    }
    addition = changed(is_local_addition=True, addition_reason="本镇湖区多").content
    assert check(*family(*subs, main=addition), base_nodes=by_name).of("X803") == ()


def test_streets_are_compared_with_streets_and_count_for_their_county(check):
    street = PeerList("南街道", "甲县", 20, 0, kind="subdistrict")
    towns = (PeerList("东镇", "甲县", 10, 0, kind="town"), PeerList("西镇", "甲县", 10, 0, kind="town"))
    assert town(check, 20, street, *towns, body_kind="subdistrict").of("X801") == ()
    away = (PeerList("北街道", "乙县", 10, 0, kind="subdistrict"), PeerList("南乡", "丙县", 10, 0, kind="town"))
    (finding,) = town(check, 10, PeerList("南街道", "甲县", 18, 0, kind="subdistrict"), *away, body_kind="town").of(
        "X802"
    )
    assert finding.evidence == "丙县 10 项、乙县 10 项、甲县 14 项"


def test_departments_are_not_compared_by_their_number_of_items(check):
    peers = tuple(PeerList(f"{n}局", "示例市", 100, 0, kind="government") for n in "甲乙丙")
    assert town(check, 10, *peers, body_kind="government").of("X801", "X802") == ()
