"""规则引擎：登记、定级、次序、豁免。"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from quanze.core.lint import Example, Hit, ItemRule, Registry, Rule, Severity, Waiver, blocking, judge, run
from quanze.core.sealing import content_digest


@dataclass(frozen=True)
class Leaf:
    key: str
    text: str


@dataclass(frozen=True)
class Tree:
    items: tuple[Leaf, ...]


def digest(leaf: Leaf) -> str:
    return content_digest(leaf.text)


class Declared(Rule[Any]):
    title = "题"
    severity = Severity.ERROR
    meaning = "义"
    reason = "由"
    method = "法"
    remedy = "改"
    source = "据"
    fields = ("text",)
    bad = Example("坏", Tree((Leaf("a", ""),)))
    good = Example("好", Tree((Leaf("a", "字"),)))


class EmptyText(Declared, ItemRule[Tree, Leaf]):
    code = "Z001"

    def check_item(self, item: Leaf, subject: Tree) -> Iterable[Hit]:
        if not item.text:
            yield Hit(item.key, "text", "没有文字")


class TooManyLeaves(Declared):
    code = "A900"
    severity = Severity.WARNING

    def check(self, subject: Tree) -> Iterable[Hit]:
        if len(subject.items) > 2:
            yield Hit("", "items", "叶太多", evidence=f"{len(subject.items)} 片")


class TwinText(Declared):
    code = "B100"
    severity = Severity.INFO

    def check(self, subject: Tree) -> Iterable[Hit]:
        for index, one in enumerate(subject.items):
            for other in subject.items[index + 1 :]:
                if one.text and one.text == other.text:
                    yield Hit(one.key, "text", "同文", related=(other.key,))


RULES = Registry([EmptyText(), TooManyLeaves(), TwinText()], redirects={"Z000": "Z001"})
TREE = Tree((Leaf("k1", "同"), Leaf("k2", ""), Leaf("k3", "同"), Leaf("k0", "")))


def test_findings_come_in_a_fixed_order_heavy_first_then_code_then_item_order() -> None:
    report = run(TREE, rules=RULES, digest=digest)
    assert [(f.severity.letter, f.code, f.key) for f in report.findings] == [
        ("E", "Z001", "k2"),
        ("E", "Z001", "k0"),
        ("W", "A900", ""),
        ("I", "B100", "k1"),
    ]
    assert report.counts == {"error": 2, "warning": 1, "info": 1}
    assert report.items == 4
    assert report.codes == ("A900", "B100", "Z001")


def test_order_of_rules_does_not_change_the_report() -> None:
    backwards = list(RULES)[::-1]
    assert run(TREE, rules=backwards, digest=digest) == run(TREE, rules=RULES, digest=digest)


def test_the_narrowest_severity_setting_wins_and_none_silences() -> None:
    by_rule = run(TREE, rules=RULES, digest=digest, severities={"Z001": Severity.INFO})
    assert {f.severity for f in by_rule.of("Z001")} == {Severity.INFO}
    by_field = run(TREE, rules=RULES, digest=digest, severities={"Z001": None, "Z001.text": Severity.WARNING})
    assert {f.severity for f in by_field.of("Z001")} == {Severity.WARNING}
    silent = run(TREE, rules=RULES, digest=digest, severities={"Z001": None})
    assert silent.of("Z001") == ()
    assert "Z001" not in silent.codes


def test_two_items_with_one_key_are_refused() -> None:
    with pytest.raises(ValueError, match="唯一"):
        run(Tree((Leaf("a", "x"), Leaf("a", "y"))), rules=RULES, digest=digest)


def test_a_rule_that_breaks_names_itself() -> None:
    class Broken(EmptyText):
        code = "Z009"

        def check_item(self, item: Leaf, subject: Tree) -> Iterable[Hit]:
            raise RuntimeError("坏了")

    with pytest.raises(RuntimeError) as caught:
        run(TREE, rules=[Broken()], digest=digest)
    assert caught.value.__notes__ == ["规则 Z009（Broken）运行出错"]


def test_registry_refuses_duplicates_reused_codes_and_incomplete_declarations() -> None:
    with pytest.raises(ValueError, match="Z001 重复"):
        Registry([EmptyText(), EmptyText()])
    with pytest.raises(ValueError, match="停用"):
        Registry([EmptyText()], redirects={"Z001": "Z001"})
    with pytest.raises(ValueError, match="不存在"):
        Registry([EmptyText()], redirects={"Z000": "Z404"})

    class Nameless(EmptyText):
        code = "zz1"

    class Untold(EmptyText):
        code = "Z010"
        reason = " "

    with pytest.raises(ValueError, match="大写字母"):
        Registry([Nameless()])
    with pytest.raises(ValueError, match="没有写明：reason"):
        Registry([Untold()])


def test_a_retired_code_finds_its_successor_and_an_unknown_one_says_what_exists() -> None:
    assert RULES.get("Z000").name == "EmptyText"
    assert "Z000" in RULES
    assert "Z404" not in RULES
    with pytest.raises(KeyError, match="A900、B100、Z001"):
        RULES.get("Z404")


def test_a_waiver_holds_until_the_content_changes() -> None:
    report = run(Tree((Leaf("k2", ""),)), rules=RULES, digest=digest)
    (finding,) = report.findings
    waiver = Waiver("Z001", "k2", finding.content_hash, "历史遗留，另行清理")
    (judged,) = judge(report.findings, [waiver])
    assert judged.waiver == waiver
    assert blocking([judged]) == ()

    other = Waiver("Z001", "k2", content_digest("从前的内容"), "旧理由")
    (again,) = judge(report.findings, [other])
    assert (again.waiver, again.lapsed) == (None, other)
    assert blocking([again]) == (finding,)


def test_a_waiver_under_a_retired_code_still_counts() -> None:
    report = run(Tree((Leaf("k2", ""),)), rules=RULES, digest=digest)
    waiver = Waiver("Z000", "k2", report.findings[0].content_hash, "理由")
    assert judge(report.findings, [waiver], redirects=RULES.redirects)[0].waiver == waiver


def test_a_waiver_of_a_pair_ends_when_the_twin_changes() -> None:
    @dataclass(frozen=True)
    class Noted(Leaf):
        note: str = ""

    def digest_all(leaf: Noted) -> str:
        return content_digest([leaf.text, leaf.note])

    before = run(Tree((Noted("a", "同"), Noted("b", "同"))), rules=RULES, digest=digest_all).of("B100")[0]
    after = run(Tree((Noted("a", "同"), Noted("b", "同", "改"))), rules=RULES, digest=digest_all).of("B100")[0]
    assert before.content_hash != after.content_hash


def test_a_list_finding_is_waived_for_its_stated_evidence() -> None:
    three = Tree((Leaf("a", "甲"), Leaf("b", "乙"), Leaf("c", "丙")))
    same_size = Tree((Leaf("a", "丁"), Leaf("b", "戊"), Leaf("c", "己")))
    four = Tree((*three.items, Leaf("d", "庚")))
    hashes = [run(tree, rules=RULES, digest=digest).of("A900")[0].content_hash for tree in (three, same_size, four)]
    assert hashes[0] == hashes[1]
    assert hashes[0] != hashes[2]


def test_a_finding_as_json_names_fixable_fields_but_not_their_values() -> None:
    class Fixable(EmptyText):
        code = "Z011"

        def check_item(self, item: Leaf, subject: Tree) -> Iterable[Hit]:
            yield Hit(item.key, "text", "可修", fix={"text": "好"})

    (finding,) = run(Tree((Leaf("a", ""),)), rules=[Fixable()], digest=digest).findings
    assert finding.as_dict()["fixable"] == ["text"]
    assert "fix" not in finding.as_dict()
