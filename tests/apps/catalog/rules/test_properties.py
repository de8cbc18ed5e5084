"""规则引擎在任意清单上的性质：同样的清单得同样的报告，逐项规则与次序无关，整理一次便稳定。"""

from __future__ import annotations

import random
import time
from dataclasses import replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from quanze.apps.catalog.domain.items import AssistContent, ItemContent, ItemSnapshot, NodeKind
from quanze.apps.catalog.rules import REGISTRY, check_list
from quanze.apps.catalog.rules.examples import COMPLETE, PENALTY, listed
from quanze.apps.catalog.rules.tidying import tidied_fields, tidy_long, tidy_short
from quanze.apps.catalog.services.packs import shipped_packs
from quanze.core.lint import RuleScope

PACKS = shipped_packs()
TEXT = st.text("户外平台（的) 处罚许可\n。。，、.：；第一条12《法》ＡA\u200b-/无管理", max_size=24)
NAMES = st.one_of(TEXT, st.sampled_from([COMPLETE.name, PENALTY.name, "食品经营许可", "组织推进治理"]))
CONTENTS = st.builds(
    ItemContent,
    name=NAMES,
    power_type=st.sampled_from(["", "license", "penalty", "coercion", "other", "nonsense"]),
    power_code=st.sampled_from(["", "/", "X-1", "X-2", "编码"]),
    node_kind=st.sampled_from(list(NodeKind)),
    exercising_body=TEXT,
    responsible_body=TEXT,
    lead_division=TEXT,
    assists=st.lists(st.builds(AssistContent, division=TEXT, duty=TEXT), max_size=2).map(tuple),
    basis_text=TEXT,
    duty_text=TEXT,
    accountability_text=TEXT,
    remark=TEXT,
)


@st.composite
def lists(draw):
    contents = draw(st.lists(CONTENTS, max_size=8))
    keys = [f"k{n}" for n in range(len(contents))]
    parents = [draw(st.sampled_from([None, "gone", *keys])) for _ in keys]
    return [
        ItemSnapshot(key, content, parent_key=parent if parent != key else None)
        for key, content, parent in zip(keys, contents, parents, strict=True)
    ]


@settings(max_examples=60, deadline=None)
@given(lists(), st.randoms(use_true_random=False))
def test_any_list_is_checked_without_failing_and_item_rules_do_not_depend_on_order(items, rng: random.Random):
    shuffled = list(items)
    rng.shuffle(shuffled)
    report = check_list(listed(*items, divisions=frozenset({"平台科"})), PACKS)
    assert report == check_list(listed(*items, divisions=frozenset({"平台科"})), PACKS)

    # Which of two items with one code is "the second" is a matter of order.
    single = {rule.code for rule in REGISTRY if rule.scope is RuleScope.ITEM} - {"S002"}

    def said(one):
        return sorted((f.code, f.key, f.field, f.message, f.content_hash) for f in one.findings if f.code in single)

    assert said(report) == said(check_list(listed(*shuffled, divisions=frozenset({"平台科"})), PACKS))


@settings(max_examples=200, deadline=None)
@given(TEXT)
@example("（。 )")
@example("（1 )")
def test_tidying_twice_changes_nothing_more(text):
    assert tidy_short(tidy_short(text)) == tidy_short(text)
    assert tidy_long(tidy_long(text)) == tidy_long(text)


@settings(max_examples=100, deadline=None)
@given(CONTENTS)
def test_a_fix_only_moves_blanks_widths_and_repeated_marks(content):
    def essence(text):
        wide = text.translate(str.maketrans("(),;:Ａ", "（），；：A"))
        kept = [char for char in wide if not char.isspace() and char.isprintable()]
        return [char for n, char in enumerate(kept) if n == 0 or char != kept[n - 1] or char not in "。，；、"]

    for tidied in tidied_fields(content):
        assert essence(tidied.fix[tidied.field]) == essence(getattr(content, tidied.field))


def test_hostile_cells_take_no_more_time_than_their_length_asks():
    """一格三万字的怪文：未闭合的括号、书名号、成串的标点。"""
    monsters = [
        "(" + "户" * 30_000,
        "《" + "〈〉" * 15_000,
        "（(" * 15_000,
        "。" * 30_000,
        "户 外\n" * 10_000,
        "第" * 30_000,
    ]
    items = [
        ItemSnapshot(
            f"k{n}", replace(PENALTY, name=text, basis_text=text, bases=(), duty_text=text, lead_division=text)
        )
        for n, text in enumerate(monsters)
    ]
    began = time.process_time()
    check_list(listed(*items, divisions=frozenset({"平台科"})), PACKS)
    assert time.process_time() - began < 5
