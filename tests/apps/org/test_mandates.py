"""三定规定的各版：录入、核对、与上一版对照、启用；某日有效的是哪一版；别处的看不见。"""

from __future__ import annotations

import io
from datetime import date, timedelta

import docx
import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from quanze.apps.org import public as org
from quanze.apps.org.domain.mandate_versions import Change, Piece, carry
from quanze.apps.org.models import DivisionDuty, MandateClause, MandateVersion
from quanze.apps.org.selectors import mandates as selectors
from quanze.apps.org.services import mandates
from quanze.base.audit import public as audit
from quanze.core.actor import EVERYTHING
from quanze.core.errors import InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState

FIRST = """青禾县农业农村局职能配置、内设机构和人员编制规定
第一条 根据《青禾县机构改革方案》，制定本规定。
第二条 青禾县农业农村局的主要职责是：
（一）负责农药经营许可；监督检查农药使用。
（二）指导农村宅基地管理。
（三）负责渔政监督管理，查处违法捕捞。
第三条 青禾县农业农村局设下列内设机构：
（一）办公室。负责机关日常运转。
（二）执法监督科。承担行政处罚；组织执法检查。
第四条 机关行政编制23名。
"""
SECOND = FIRST.replace("（二）指导农村宅基地管理。", "（二）指导农村宅基地管理和改革。").replace(
    "（三）负责渔政监督管理，查处违法捕捞。", "（三）承担乡村建设评价。"
)


@pytest.fixture
def text_of():
    return lambda response: response.content.decode()


@pytest.fixture
def write(county):
    """录入并启用一版；返回编号。"""

    def written(text: str, *, starts: date, adopt: bool = True, by: str = "establishment", **source) -> int:
        version_id = mandates.mandate_draft(
            actor=county.actor(by),
            body_id=county.bodies["QH-NY"],
            head=mandates.MandateHead(f"青办发〔{starts.year}〕5号", starts, starts),
            source=mandates.MandateSource(text, **source),
            now=county.now,
        )
        if adopt:
            mandates.mandate_adopt(actor=county.actor(by), version_id=version_id, seen_version=1, now=county.now)
        return version_id

    return written


@pytest.mark.django_db
@pytest.mark.postgres
@pytest.mark.req("J-16")
class TestVersions:
    def test_a_clause_keeps_its_identity_as_long_as_it_says_the_same(self, county, write):
        # Given
        write(FIRST, starts=date(2024, 1, 1))
        body = county.bodies["QH-NY"]
        old = org.mandate_on(body_id=body, scope=EVERYTHING, on=date(2024, 6, 1))
        assert [one.label for one in old.duties] == ["第二条（一）", "第二条（二）", "第二条（三）"]
        assert [(one.label, one.text) for one in old.division_duties] == [
            ("办公室", "负责机关日常运转"),
            ("执法监督科", "承担行政处罚"),
            ("执法监督科", "组织执法检查"),
        ]

        # When a new version keeps one duty, rewords one and replaces one
        second = write(SECOND, starts=date(2026, 3, 1), adopt=False)

        # Then the draft says so and changes nothing yet
        rows = {one.path: one for one in MandateClause.objects.filter(version_id=second, is_duty=True)}
        assert [(rows[f"第二条（{n}）"].change, rows[f"第二条（{n}）"].similarity) for n in "一二三"] == [
            ("same", 100),
            ("reworded", 86),
            ("new", 0),
        ]
        assert [rows["第二条（一）"].key, rows["第二条（二）"].key] == [one.key for one in old.duties[:2]]
        dropped = MandateVersion.objects.get(pk=second).dropped
        assert [(one["kind"], one["label"], one["key"]) for one in dropped] == [
            ("clause", "第二条（三）", old.duties[2].key)
        ]
        assert org.mandate_on(body_id=body, scope=EVERYTHING, on=date(2026, 6, 1)).number == 1

        # When adopted, each day has its version, as known then too
        mandates.mandate_adopt(
            actor=county.actor("establishment"), version_id=second, seen_version=1, now=county.later(days=1)
        )
        numbers = [
            found and found.number
            for on, known in (
                (date(2023, 1, 1), None),
                (date(2026, 2, 28), None),
                (date(2026, 3, 1), None),
                (date(2026, 3, 1), county.now),
            )
            for found in [org.mandate_on(body_id=body, scope=EVERYTHING, on=on, known_at=known)]
        ]
        assert numbers == [None, 1, 2, 1]
        facts = [one.action for one in audit.history_of("org.mandate", second, scope=EVERYTHING)]
        assert sorted(facts) == ["org.mandate.adopted", "org.mandate.drafted"]

    def test_a_person_may_say_that_a_rewording_is_another_clause(self, county, write):
        write(FIRST, starts=date(2024, 1, 1))
        second = write(SECOND, starts=date(2026, 3, 1), adopt=False)
        row = MandateClause.objects.get(version_id=second, path="第二条（二）")
        office = county.actor("establishment")
        mandates.mandate_part(
            actor=office, version_id=second, seen_version=1, kind="clause", key=row.key, now=county.now
        )
        parted = MandateClause.objects.get(pk=row.pk)
        assert (parted.change, parted.before, parted.key != row.key) == ("new", "", True)
        assert [one["label"] for one in MandateVersion.objects.get(pk=second).dropped] == [
            "第二条（三）",
            "第二条（二）",
        ]
        with pytest.raises(WrongState):
            mandates.mandate_part(
                actor=office, version_id=second, seen_version=2, kind="clause", key=parted.key, now=county.now
            )

    def test_what_cannot_be_is_refused_and_nothing_is_kept(self, county, write):
        write(FIRST, starts=date(2024, 1, 1))
        with pytest.raises(RulesNotMet):
            write(SECOND, starts=date(2023, 1, 1))
        with pytest.raises(RulesNotMet):
            write("没有编号的一段话", starts=date(2026, 1, 1))
        with pytest.raises(NotPermitted):
            write(SECOND, starts=date(2026, 1, 1), by="drafter")
        with pytest.raises(NotFound):
            write(SECOND, starts=date(2026, 1, 1), by="town_drafter")
        with pytest.raises(InvalidInput):
            write("", starts=date(2026, 1, 1), name="三定.pdf", data=b"%PDF-1.4")
        write(SECOND, starts=date(2026, 1, 1), adopt=False)
        with pytest.raises(WrongState):
            write(SECOND, starts=date(2026, 1, 1))
        assert MandateVersion.objects.count() == 2

    def test_a_word_file_with_automatic_numbers_reads_like_its_text(self, county, write):
        word = docx.Document()
        for line in FIRST.splitlines():
            word.add_paragraph(line)
        data = io.BytesIO()
        word.save(data)
        version_id = write("", starts=date(2024, 1, 1), name="三定.docx", data=data.getvalue())
        row = MandateVersion.objects.get(pk=version_id)
        assert (row.text, row.source_name, row.file_id is not None) == (FIRST.strip(), "三定.docx", True)
        assert DivisionDuty.objects.filter(clause__version=row).count() == 3


@pytest.mark.django_db
class TestPages:
    def test_the_office_writes_checks_and_adopts_and_others_read(self, county, client_of, text_of):
        office, drafter = client_of("establishment"), client_of("drafter")
        assert "还没有三定规定" in text_of(drafter.get(reverse("mandates:list")))
        given = {
            "body": county.bodies["QH-NY"],
            "document_number": "青办发〔2024〕5号",
            "issued_on": "2024-01-01",
            "valid_from": "2024-01-01",
        }
        create = reverse("mandates:create")
        assert drafter.post(create, {**given, "text": FIRST}).status_code == 403
        assert "请选择文件，或粘贴正文" in text_of(office.post(create, given))
        assert office.post(create, {**given, "text": FIRST.replace("（二）", "（五）", 1)}).status_code == 303
        row = MandateVersion.objects.get()
        page = reverse("mandates:version", args=[row.pk])
        shown = text_of(office.get(page))
        assert "读不通之处" in shown and "不连续" in shown and "执法监督科" in shown
        assert office.post(reverse("mandates:discard", args=[row.pk]), {"seen_version": 1}).status_code == 303
        assert office.post(create, {**given, "text": FIRST}).status_code == 303
        row = MandateVersion.objects.get(state="draft")
        page = reverse("mandates:version", args=[row.pk])
        assert "核对无误，启用" not in text_of(drafter.get(page))
        assert client_of("town_drafter").get(page).status_code == 404
        assert office.post(reverse("mandates:adopt", args=[row.pk]), {"seen_version": 9}).status_code == 409
        assert office.post(reverse("mandates:adopt", args=[row.pk]), {"seen_version": 1}).status_code == 303
        listed = text_of(drafter.get(reverse("mandates:list")))
        assert "青办发〔2024〕5号" in listed and "已启用" in listed
        assert "没有符合条件" in text_of(drafter.get(reverse("mandates:list") + "?q=林业"))

    def test_pages_ask_a_fixed_number_of_queries(self, county, client_of, write, django_assert_max_num_queries):
        first = write(FIRST, starts=date(2024, 1, 1))
        client = client_of("establishment")
        client.get(reverse("mandates:list"))
        with django_assert_max_num_queries(20):
            client.get(reverse("mandates:list"))
        with django_assert_max_num_queries(20):
            client.get(reverse("mandates:version", args=[first]))
        longer = FIRST.replace(
            "第四条",
            "\n".join(f"（{'三四五六七八九'[n]}）第{n}科。负责第{n}项工作；组织第{n}项检查。" for n in range(7))
            + "\n第四条",
        )
        second = write(longer, starts=date(2025, 1, 1))
        with django_assert_max_num_queries(20):
            client.get(reverse("mandates:version", args=[second]))


class TestCarrying:
    @given(st.lists(st.text("职责监督管理检查许可", min_size=4, max_size=12), max_size=8), st.randoms())
    def test_the_same_clauses_in_another_order_keep_their_keys(self, texts, chance):
        old = [Piece(f"k{n}", "duties", text) for n, text in enumerate(texts)]
        new = list(old)
        chance.shuffle(new)
        carried, gone = carry(old, [Piece("", one.group, one.text) for one in new])
        assert gone == []
        assert sorted(one.key for one in carried) == sorted(one.key for one in old)
        assert all(one.change is Change.SAME for one in carried)

    @given(
        st.lists(st.text("职责监督管理检查许可", min_size=1, max_size=12), max_size=8),
        st.lists(st.text("职责监督管理检查许可", min_size=1, max_size=12), max_size=8),
    )
    def test_no_key_is_given_twice_and_none_is_lost(self, before, after):
        old = [Piece(f"k{n}", "duties", text) for n, text in enumerate(before)]
        carried, gone = carry(old, [Piece("", "duties", text) for text in after])
        keys = [one.key for one in carried if one.key]
        assert len(keys) == len(set(keys)) and len(carried) == len(after)
        assert set(keys) | {one.key for one in gone} == {one.key for one in old}
        assert all((one.key == "") == (one.change is Change.NEW) for one in carried)

    def test_a_clause_does_not_become_a_duty_of_another_division(self):
        carried, gone = carry(
            [Piece("a", "办公室", "负责机关文电工作")], [Piece("", "人事科", "负责机关文电和会务工作")]
        )
        assert (carried[0].change, [one.key for one in gone]) == (Change.NEW, ["a"])


@pytest.mark.django_db
def test_from_the_command_line_a_mandate_is_checked_and_written(county, tmp_path):
    from typer.testing import CliRunner

    from quanze.apps.org.cli.directory import app

    path = tmp_path / "三定.txt"
    path.write_text(FIRST, encoding="utf-8")
    told = CliRunner().invoke(app, ["mandate", str(path)])
    assert told.exit_code == 0 and "共 9 条，7 句职责，0 处读不通。" in told.output
    assert not MandateVersion.objects.exists()
    given = ["--body", "QH-NY", "--number", "青办发〔2024〕5号", "--issued", "2024-01-01", "--from", "2024-01-05"]
    made = CliRunner().invoke(app, ["mandate", str(path), *given, "--as", "establishment"])
    assert made.exit_code == 0, made.output
    row = MandateVersion.objects.get()
    assert (row.document_number, row.valid_from - row.issued_on, row.state) == (
        "青办发〔2024〕5号",
        timedelta(days=4),
        "draft",
    )
    assert selectors.in_force_row(row.body_id) is None
