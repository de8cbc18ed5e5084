"""分类 C201–C206：许可混入他类、名称与类型不符、其他过多、已取消的类别、与范本类型不同。"""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median

from quanze.apps.catalog.domain.items import ItemSnapshot, TemplateNode
from quanze.apps.catalog.rules.base import CatalogItemRule, CatalogRule, percent, quoted
from quanze.apps.catalog.rules.examples import changed, coded, listed
from quanze.apps.catalog.rules.subject import CheckedList
from quanze.core.lint import Example, Hit, Severity


class LicenceUnderAnotherType(CatalogItemRule):
    """许可归入了其他类型。"""

    code = "C201"
    title = "许可归入了其他类型"
    severity = Severity.ERROR
    meaning = "名称与行政许可事项清单中的一项相同，类型却不是行政许可。"
    reason = "许可必须进许可清单、按许可法的程序办；改头换面列作“其他行政权力”，就绕过了法定条件、时限和救济。"
    method = (
        "名称去掉括号说明、“申请”与末尾的“许可、审批、核准、核发”等之后，与资料包 licences.yaml 中某一名称完全相同。"
    )
    remedy = "类型改为行政许可；确认不是许可的，改名称或由编办写明理由豁免。"
    source = "国办发〔2022〕2号：清单之外一律不得违法实施行政许可；衡水调研所见的错类"
    fields = ("power_type", "name")
    bad = Example(
        "执业医师个体行医列为其他行政权力。", listed(changed(power_type="other", name="执业医师申请个体行医审批"))
    )
    good = Example("列为行政许可。", listed(changed(power_type="license", name="执业医师申请个体行医审批")))

    def check_item(self, item: ItemSnapshot, subject: CheckedList) -> Iterable[Hit]:
        code = subject.type_code(item)
        if code in ("", "license"):
            return
        licence = subject.packs.licences.match(item.content.name)
        if licence:
            yield Hit(
                item.key,
                "power_type",
                f"与行政许可事项“{licence}”相同，类型却写成{subject.packs.types.label(code)}",
                evidence=item.content.name,
                suggestion="请把职权类型改为行政许可；若确非许可，请向编办申请豁免并写明理由。",
            )


class TypeContradictsName(CatalogItemRule):
    """类型与名称不符。"""

    code = "C202"
    title = "类型与名称不符"
    severity = Severity.WARNING
    meaning = "名称的结尾已经说明是哪一类职权，所填类型却是另一类。"
    reason = "类型决定程序、时限和救济途径，填错了整项都要重写。"
    method = (
        "只用足以断定的结尾（“的处罚”“行政强制”“监督检查”“的征收”“的奖励”等，见资料包 power_types.yaml），其余不猜。"
    )
    remedy = "改类型；若类型无误，改名称。"
    source = "中办发〔2015〕21号的职权分类"
    fields = ("power_type", "name")
    bad = Example("名为处罚，类型写成行政强制。", listed(changed(power_type="coercion", name="对擅自占用人行道的处罚")))
    good = Example("名称与类型一致。", listed(changed(power_type="penalty", name="对擅自占用人行道的处罚")))

    def check_item(self, item: ItemSnapshot, subject: CheckedList) -> Iterable[Hit]:
        code, decided = subject.type_code(item), subject.decided_type(item)
        if code and decided and decided != code:
            types = subject.packs.types
            yield Hit(
                item.key,
                "power_type",
                f"名称表明是{types.label(decided)}，类型却写成{types.label(code)}",
                evidence=item.content.name,
                suggestion=f"请把类型改为{types.label(decided)}，或改正名称。",
            )


class TooManyOtherPowers(CatalogRule):
    """“其他行政权力”过多。"""

    code = "C203"
    title = "“其他行政权力”占比过高"
    severity = Severity.WARNING
    meaning = "归入“其他行政权力”的事项占全部事项的比例超过界限，或者明显高于同级同类机构。"
    reason = "“其他”是兜底的一类；占比过高，往往是许可、确认、检查归错了类，或者把工作职责当成了职权。"
    method = (
        "主项与单项中“其他行政权力”的占比，四舍五入后大于参数“其他行政权力占比上限”，或者大于同级同类机构占比的中位数加参数"
        "“其他行政权力高于同类的百分点”（连同本清单至少三份）；项数少于参数“不做占比判断的清单规模”的不查，也不作比较对象。"
    )
    remedy = "逐项核对能否归入前九类；不是职权的，移出清单。"
    source = "中办发〔2015〕21号；广东 2017 年省级部门“其他”占 40.3%"
    fields = ("power_type",)
    bad = Example(
        "十项里有八项归入其他。",
        listed(*(coded(n, power_type="other" if n <= 8 else "license") for n in range(1, 11))),
    )
    good = Example(
        "十项里有两项归入其他。", listed(*(coded(n, power_type="other" if n <= 2 else "license") for n in range(1, 11)))
    )

    def check(self, subject: CheckedList) -> Iterable[Hit]:
        mains = [item for item in subject.items if item.parent_key is None]
        if len(mains) < subject.thresholds.small_list:
            return
        others = [item for item in mains if subject.type_code(item) == "other"]
        share = percent(len(others), len(mains))
        limit, against = float(subject.thresholds.other_share_percent), ""
        peers = _other_shares(subject)
        if len(peers) >= _FEWEST_PEERS:
            middle = median(peers)
            relative = middle + subject.thresholds.other_share_gap_points
            if relative < limit:
                limit, against = relative, f"（同类 {len(peers)} 份清单的中位数 {middle:g}%）"
        if share > limit:
            yield Hit(
                "",
                "power_type",
                f"{len(mains)} 项中有 {len(others)} 项归入其他行政权力，占 {share}%，超过 {limit:g}%{against}",
                evidence=quoted((item.content.name for item in others), limit=5),
                suggestion="请逐项核对能否归入前九类；不是职权的，请移出清单。",
                related=tuple(item.key for item in others),
            )


# With fewer others a median says nothing about the kind.
_FEWEST_PEERS = 2


def _other_shares(subject: CheckedList) -> list[int]:
    """同类机构（种类相同）各清单中“其他行政权力”的占比。"""
    own = subject.snapshot
    return [
        percent(peer.types.get("other", 0), peer.items)
        for peer in own.peers
        if peer.kind == own.body_kind
        and peer.body_name != own.body_name
        and peer.types
        and peer.items >= subject.thresholds.small_list
    ]


class AbolishedCategoryWording(CatalogItemRule):
    """使用已取消的类别用语。"""

    code = "C205"
    title = "使用已取消的类别用语"
    severity = Severity.WARNING
    meaning = "名称、备注或类型一栏出现“非行政许可审批”之类的说法。"
    reason = "非行政许可审批这一类别已于 2015 年取消，不得再以此名义审批。"
    method = "在名称、备注、责任事项、公众版说明以及原表的类型一栏中查资料包 naming.yaml 所列用语；依据一栏引用取消文件的标题不算。"
    remedy = "法律法规有依据的，归入相应类型；没有依据的，取消该事项。"
    source = "国发〔2015〕27号"
    fields = ("name", "remark", "duty_text", "plain_summary")
    bad = Example("备注写着非行政许可审批。", listed(changed(remark="原非行政许可审批事项，继续保留")))
    good = Example("没有这类说法。", listed(changed(remark="2019 年由市政公用局划入")))

    def check_item(self, item: ItemSnapshot, subject: CheckedList) -> Iterable[Hit]:
        places = [(field, getattr(item.content, field)) for field in self.fields]
        places += [("power_type", text) for header, text in item.texts.items() if "类型" in header or "类别" in header]
        for field, text in places:
            word = next((one for one in subject.packs.naming.abolished_wording if one in "".join(text.split())), "")
            if word:
                yield Hit(
                    item.key,
                    field,
                    f"出现已取消的类别“{word}”",
                    evidence=text[:60],
                    suggestion="有法律法规依据的，请归入相应类型；没有依据的，请取消该事项。",
                )
                return


class TypeDiffersFromBase(CatalogItemRule):
    """类型与范本不同。"""

    code = "C206"
    title = "类型与范本不同"
    severity = Severity.WARNING
    meaning = "事项绑定了范本的一项，职权类型却与范本不同。"
    reason = "同一权力在县里是确认、在乡镇是给付，程序和统计都接不上。"
    method = "与所绑定范本事项的类型比较；任一方未写的不比。"
    remedy = "改为范本的类型；范本有误的，请编办改范本。"
    source = "中央编办指导意见：同一权力类型基本一致"
    fields = ("power_type", "template_key")
    bad = Example(
        "范本为确认，清单写成给付。",
        listed(
            changed(name="临时困难认定", power_type="benefit", template_key="T1"),
            base_nodes=(TemplateNode("T1", "临时困难认定", "confirmation"),),
        ),
    )
    good = Example(
        "与范本同类。",
        listed(
            changed(name="临时困难认定", power_type="confirmation", template_key="T1"),
            base_nodes=(TemplateNode("T1", "临时困难认定", "confirmation"),),
        ),
    )

    def check_item(self, item: ItemSnapshot, subject: CheckedList) -> Iterable[Hit]:
        node, code = subject.base_node(item), subject.type_code(item)
        if node is not None and node.power_type and code and node.power_type != code:
            types = subject.packs.types
            yield Hit(
                item.key,
                "power_type",
                f"类型为{types.label(code)}，范本“{node.name}”为{types.label(node.power_type)}",
                evidence=item.content.name,
                suggestion=f"请改为{types.label(node.power_type)}；范本有误的，请编办改范本。",
            )
