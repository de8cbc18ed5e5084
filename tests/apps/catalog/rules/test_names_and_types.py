"""名称与分类。"""

from dataclasses import replace

import pytest

from quanze.apps.catalog.domain.items import PeerList, TemplateNode
from quanze.apps.catalog.domain.packs import Thresholds
from quanze.apps.catalog.rules.examples import PENALTY, changed, coded, family, snapshot


def codes(report, *wanted):
    return [f.code for f in report.findings if f.code in wanted]


@pytest.mark.parametrize(
    ("power_type", "name"),
    [
        ("license", "农业植物检疫证书签发（两项：证书核发、合格证签发）"),
        ("license", "公众聚集场所投入使用、营业前消防安全检查"),
        ("coercion", "查封、扣押不符合标准的粮食；查封违法经营场所"),
        ("inspection", "对城镇燃气使用的安全状况监督检查(包括天然气、液化气)"),
        ("reward", "对做出显著成绩的单位的表彰、奖励"),
        ("confirmation", "技术合同认定登记"),
        ("benefit", "对困难老年人发放高龄津贴"),
        ("other", "随便什么名称"),
    ],
)
def test_names_with_the_act_word_of_their_type_pass(check, power_type, name):
    assert codes(check(changed("a", power_type=power_type, name=name)), "N102") == []


@pytest.mark.parametrize(
    ("power_type", "name"),
    [
        ("penalty", "对投标人的违法行为进行监督管理"),
        ("adjudication", "农村土地承包经营纠纷仲裁"),
        ("confirmation", "科技企业孵化器初审"),
    ],
)
def test_names_without_it_are_questioned(check, power_type, name):
    assert codes(check(changed("a", power_type=power_type, name=name)), "N102", "N103") == ["N102"]


def test_a_sub_item_is_judged_by_the_type_of_its_main_item(check):
    sub = changed(name="观景平台搭建备案表的管理", power_type="").content
    assert [f.key for f in check(*family(sub)).of("N102")] == ["sub1"]


@pytest.mark.parametrize(
    ("power_type", "name", "verb"),
    [
        ("inspection", "加强地理标志管理，对标志使用情况监督检查", "加强"),
        ("other", "对从事档案中介服务人员的监督管理", "监督管理"),
        ("other", "组织推进秸秆禁烧", "组织"),
    ],
)
def test_vague_verbs_that_stand_for_the_act_are_named(check, power_type, name, verb):
    (finding,) = check(changed("a", power_type=power_type, name=name)).of("N103")
    assert finding.message == f"名称以含糊动词“{verb}”表示行为"


@pytest.mark.parametrize(
    ("power_type", "name"),
    [
        ("penalty", "对违反城市绿化管理规定的处罚"),
        ("penalty", "组织未成年人从事危险表演的处罚"),
        ("other", "自治区科学技术奖组织提名"),
        ("other", "组织机构代码赋码备案"),
        ("other", "物业管理区域备案"),
        ("coercion", "强制拆除乡村违法建设"),
    ],
)
def test_the_same_words_inside_a_name_are_no_fault(check, power_type, name):
    assert check(changed("a", power_type=power_type, name=name)).of("N103") == ()


@pytest.mark.parametrize("name", ["对罚款的处罚", "占道处罚", "户外广告违法违规行为处罚"])
def test_a_penalty_says_what_is_punished(check, name):
    assert codes(check(changed("a", PENALTY, name=name)), "N104") == ["N104"]


@pytest.mark.parametrize(
    "name",
    [
        "除科研需要外在市区饲养家禽影响环境卫生的处罚",
        "对占道经营的行政处罚",
        "对乱倒垃圾的处罚",
        "对盗伐林木的处罚",
        "对滥伐林木的处罚",
    ],
)
def test_penalties_with_or_without_the_opening_word_pass(check, name):
    assert check(changed("a", PENALTY, name=name)).of("N104") == ()


def test_trailing_marks_are_fixed_by_machine_and_lengths_are_not(check):
    (finding,) = check(changed("a", name="户外观景平台搭建许可。、")).of("N105")
    assert finding.fix == {"name": "户外观景平台搭建许可"}
    long = "户外" * 60 + "许可"
    (finding,) = check(changed("a", name=long)).of("N105")
    assert (finding.message, finding.fix) == ("名称过长：122 字，应为 4 至 120 字", None)
    assert check(changed("a", name="许可")).of("N105")[0].message.startswith("名称过短：2 字")


@pytest.mark.req("H-34")
@pytest.mark.parametrize(
    "name", ["执业医师申请个体行医审批", "食品经营许可证核发", "渔业捕捞许可（内陆）", "农村宅基地审批"]
)
def test_a_licence_filed_as_other_power_is_an_error(check, name):
    report = check(changed("a", power_type="other", name=name))
    assert codes(report, "C201") == ["C201"]
    assert report.of("C201")[0].field == "power_type"


@pytest.mark.parametrize(
    ("power_type", "name"),
    [
        ("other", "建设工程消防备案"),
        ("other", "商品房预售合同备案"),
        ("penalty", "对未取得食品经营许可从事经营的处罚"),
        ("inspection", "对食品经营许可的监督检查"),
        ("", "食品经营许可"),
    ],
)
def test_names_that_only_mention_a_licence_are_left_alone(check, power_type, name):
    assert check(changed("a", power_type=power_type, name=name)).of("C201") == ()


@pytest.mark.req("H-34")
def test_a_name_that_settles_the_type_is_believed_before_the_type(check):
    report = check(changed("a", power_type="coercion", name="对擅自占用人行道的处罚"))
    assert codes(report, "C202", "N102") == ["C202"]
    assert report.of("C202")[0].message == "名称表明是行政处罚，类型却写成行政强制"


def test_the_share_of_other_powers_counts_main_items_only(check):
    items = [coded(n, power_type="other" if n <= 5 else "license") for n in range(1, 11)]
    (finding,) = check(*items).of("C203")
    assert finding.message == "10 项中有 5 项归入其他行政权力，占 50%，超过 45%"
    assert len(finding.related) == 5
    assert check(*items, thresholds=Thresholds(other_share_percent=50)).of("C203") == ()
    assert check(*items[:9]).of("C203") == ()


def test_an_abolished_category_is_found_in_the_raw_type_column_but_not_in_a_cited_title(check):
    raw = snapshot("a", changed().content, texts={"权力类型": "非行政\n许可审批"})
    assert codes(check(raw), "C205") == ["C205"]
    cited = changed("a", basis_text="《关于取消非行政许可审批事项的决定》第一条")
    assert check(cited).of("C205") == ()


def test_names_and_types_are_compared_with_the_template_they_are_bound_to(check):
    nodes = (TemplateNode("T1", "农村宅基地审批", "license"),)
    reworded = changed("a", name="宅基地用地审批", power_type="confirmation", template_key="T1")
    report = check(reworded, base_nodes=nodes)
    assert codes(report, "N101", "C206") == ["N101", "C206"]
    assert report.of("N101")[0].fix is None
    explained = changed("a", name="宅基地用地审批", template_key="T1", addition_reason="县政府令第3号用此名称")
    assert check(explained, base_nodes=nodes).of("N101") == ()
    unbound = changed("a", name="宅基地用地审批")
    assert check(unbound, base_nodes=nodes).of("N101", "C206") == ()


def departments(*shares):
    """同类各局：每局十项，其中几项归入其他。"""
    return tuple(
        PeerList(f"{n}局", "示例市", 10, 0, kind="government", types={"other": share, "penalty": 10 - share})
        for n, share in enumerate(shares)
    )


def with_others(check, number, *peers, **fields):
    items = (coded(n, power_type="other" if n <= number else "license") for n in range(1, 11))
    return check(*items, peers=peers, body_kind="government", **fields).of("C203")


def test_other_powers_are_too_many_when_well_above_those_of_the_same_kind(check):
    (finding,) = with_others(check, 4, *departments(1, 2, 3))
    assert finding.message == "10 项中有 4 项归入其他行政权力，占 40%，超过 35%（同类 3 份清单的中位数 20%）"
    assert with_others(check, 3, *departments(1, 2, 3)) == ()
    assert with_others(check, 4, *departments(1, 2, 3), thresholds=Thresholds(other_share_gap_points=20)) == ()


def test_the_upper_limit_holds_whatever_the_others_do(check):
    (finding,) = with_others(check, 5, *departments(8, 8, 8))
    assert finding.message == "10 项中有 5 项归入其他行政权力，占 50%，超过 45%"


def test_one_other_list_or_lists_of_another_kind_are_no_yardstick(check):
    assert with_others(check, 4, *departments(1)) == ()
    assert with_others(check, 4, *(replace(peer, kind="town") for peer in departments(1, 1, 1))) == ()
