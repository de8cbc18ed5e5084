"""导入：上传、预览、整批导入为草稿、再导入不变、过时的对照被拒、放弃。"""

import time

import pytest
from django.db import connection

from quanze.apps.catalog.domain.difference import Choices
from quanze.apps.catalog.models import ItemEnding, ItemVersion, ListImport, PowerItem, SourceCell
from quanze.apps.catalog.selectors import imports as selectors
from quanze.apps.catalog.services import importing
from quanze.base.audit.models import FactRecord
from quanze.base.jobs import public as jobs
from quanze.core.errors import Conflict, InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState

PENALTIES = [("对使用电鱼方法捕捞的处罚", "行政处罚"), ("对使用毒鱼方法捕捞的处罚", "行政处罚")]


@pytest.fixture
def preview(county):
    """上传并读完一个文件，返回导入编号。"""

    def run(data, name="清单.xlsx", by="drafter"):
        import_id = importing.import_upload(
            actor=county.actor(by), list_id=county.power_list(), data=data, name=name, now=county.now
        )
        jobs.run_now(ListImport.objects.get(pk=import_id).job_id)
        return import_id

    return run


@pytest.fixture
def apply(county):
    """导入一次预览。"""

    def run(import_id, by="drafter", **choices):
        seen = ListImport.objects.get(pk=import_id).lock_version
        return importing.import_apply(
            actor=county.actor(by), import_id=import_id, seen_version=seen, choices=Choices(**choices), now=county.now
        )

    return run


def counts(import_id):
    return ListImport.objects.get(pk=import_id).difference["counts"]


def test_a_workbook_becomes_drafts_with_its_raw_cells_and_one_record(county, workbook, preview, apply):
    # when
    import_id = preview(workbook(*PENALTIES))
    done = apply(import_id)

    # then
    assert done == {"new": 2, "changed": 0, "endings": 0, "skipped": 0}
    drafts = list(ItemVersion.objects.order_by("item__ordinal"))
    assert [(one.name, one.power_type, one.state, one.author_name) for one in drafts] == [
        ("对使用电鱼方法捕捞的处罚", "penalty", "draft", "陈耕"),
        ("对使用毒鱼方法捕捞的处罚", "penalty", "draft", "陈耕"),
    ]
    assert [one.item.code for one in drafts] == ["QH-NY-00001", "QH-NY-00002"]
    assert [(b.law, b.locator) for b in drafts[0].bases.all()] == [("青禾县渔业管理办法", "第三十八条")]
    cell = SourceCell.objects.get(version=drafts[1])
    assert (cell.file_name, cell.sheet, cell.row) == ("清单.xlsx", "行政职权", 4)
    assert cell.cells["事项名称"] == "对使用毒鱼方法捕捞的处罚"
    facts = FactRecord.objects.filter(action__startswith="catalog.import").order_by("id")
    assert [fact.action for fact in facts] == ["catalog.import.uploaded", "catalog.import.applied"]
    assert facts[1].after_data["new"] == 2
    assert facts[1].after_data["versions"] == [[one.item.code, one.content_hash] for one in drafts]


def test_nothing_is_written_before_it_is_applied(county, workbook, preview):
    import_id = preview(workbook(*PENALTIES))

    none = {"changed": 0, "unchanged": 0, "missing": 0, "questioned": 0, "blocked": 0, "overwriting": 0}
    assert counts(import_id) == {"new": 2, **none}
    assert not PowerItem.objects.exists()


def test_the_same_workbook_again_changes_nothing(county, workbook, preview, apply):
    # given
    data = workbook(*PENALTIES)
    apply(preview(data))
    before = list(ItemVersion.objects.order_by("id").values_list("id", "content_hash", "lock_version"))

    # when
    again = preview(data)

    # then
    assert counts(again)["unchanged"] == 2
    assert apply(again) == {"new": 0, "changed": 0, "endings": 0, "skipped": 0}
    assert list(ItemVersion.objects.order_by("id").values_list("id", "content_hash", "lock_version")) == before


def test_a_published_item_gets_a_draft_and_stays_in_force(county, workbook, preview, apply):
    # given: one item in force, drafted from the same table
    apply(preview(workbook(PENALTIES[0])))
    county.pass_until(county.submit())

    # when: the table says something else now
    import_id = preview(workbook((*PENALTIES[0], "《青禾县渔业管理办法》第三十九条")))
    done = apply(import_id)

    # then
    assert done["changed"] == 1
    states = list(ItemVersion.objects.order_by("id").values_list("state", "number", "basis_text"))
    assert [state for state, *_ in states] == ["published", "draft"]
    assert states[1][2] == "《青禾县渔业管理办法》第三十九条"
    assert ItemVersion.objects.get(state="published").valid_to is None


def test_a_draft_is_rewritten_in_place_with_its_new_source(county, workbook, preview, apply):
    # given
    apply(preview(workbook(*PENALTIES)))

    # when
    done = apply(preview(workbook((*PENALTIES[0], "《青禾县渔业管理办法》第四十条"), PENALTIES[1]), "新清单.xlsx"))

    # then
    draft = ItemVersion.objects.get(item__ordinal=1)
    assert done["changed"] == 1
    assert ItemVersion.objects.count() == 2
    assert [b.locator for b in draft.bases.all()] == ["第四十条"]
    assert draft.lock_version == 2
    assert draft.source.file_name == "新清单.xlsx"
    assert ItemVersion.objects.get(item__ordinal=2).source.file_name == "清单.xlsx"


def test_the_published_workbook_again_reverts_no_draft_unless_ticked(
    county, workbook, preview, apply, tmp_path, capsys
):
    from quanze.portal.cli import main

    # given: in force from a workbook, then drafted anew by another one
    published = workbook(*PENALTIES)
    apply(preview(published))
    county.pass_until(county.submit())
    apply(preview(workbook((*PENALTIES[0], "《青禾县渔业管理办法》第三十九条"), PENALTIES[1])))
    path = tmp_path / "清单.xlsx"
    path.write_bytes(published)

    def drafted():
        return list(ItemVersion.objects.filter(state="draft").values_list("basis_text", flat=True))

    # when: the published workbook again, as it is
    again = preview(published)
    done = apply(again)

    # then: named, left out, the draft kept
    entry = ListImport.objects.get(pk=again).difference["entries"][0]
    assert counts(again)["overwriting"] == 1
    assert (entry["kind"], entry["overwrites_draft"], entry["doubts"]) == ("changed", True, [])
    assert done == {"new": 0, "changed": 0, "endings": 0, "skipped": 1}
    assert drafted() == ["《青禾县渔业管理办法》第三十九条"]

    # when: by the command, where questioned rows alone are let in
    command = ["lists", "import", str(path), "--body", "QH-NY", "--apply", "--as", "drafter", "--with-questioned"]
    assert main(command) == 0
    said = capsys.readouterr().out

    # then
    assert "会盖掉在编草稿 1" in said
    assert "--overwrite-drafts" in said
    assert drafted() == ["《青禾县渔业管理办法》第三十九条"]

    # when: ticked
    done = apply(preview(published), include=frozenset({entry["key"]}))

    # then
    assert done["changed"] == 1
    assert drafted() == [ItemVersion.objects.filter(state="published").earliest("id").basis_text]


def test_the_command_overwrites_a_draft_when_told(county, workbook, preview, apply, tmp_path):
    from quanze.portal.cli import main

    # given
    apply(preview(workbook(PENALTIES[0])))
    county.pass_until(county.submit())
    apply(preview(workbook((*PENALTIES[0], "《青禾县渔业管理办法》第三十九条"))))
    path = tmp_path / "清单.xlsx"
    path.write_bytes(workbook((*PENALTIES[0], "《青禾县渔业管理办法》第四十条")))

    # when
    command = ["lists", "import", str(path), "--body", "QH-NY", "--apply", "--as", "drafter", "--overwrite-drafts"]
    assert main(command) == 0

    # then
    assert ItemVersion.objects.get(state="draft").basis_text == "《青禾县渔业管理办法》第四十条"


def test_what_the_table_lacks_is_offered_as_ending_and_never_done_by_itself(county, workbook, preview, apply):
    # given: two items in force, the table holds one
    apply(preview(workbook(*PENALTIES)))
    county.pass_until(county.submit())
    data = workbook(PENALTIES[0])

    # when: applied as it is
    import_id = preview(data)
    gone = ListImport.objects.get(pk=import_id).difference["missing"]
    apply(import_id)

    # then
    assert [(one["name"], one["is_in_force"]) for one in gone] == [("对使用毒鱼方法捕捞的处罚", True)]
    assert not ItemEnding.objects.exists()

    # when: ticked, but without a reason
    again = preview(data)
    with pytest.raises(RulesNotMet):
        apply(again, endings=frozenset({gone[0]["item_id"]}))
    assert ListImport.objects.get(pk=again).state == "previewed"

    # when: with a reason
    done = apply(again, endings=frozenset({gone[0]["item_id"]}), ending_reason="法律已修订")
    assert done["endings"] == 1
    assert ItemEnding.objects.get().reason == "法律已修订"


def test_an_ending_that_was_not_offered_is_refused(county, workbook, preview, apply):
    apply(preview(workbook(*PENALTIES)))
    import_id = preview(workbook(*PENALTIES))

    with pytest.raises(InvalidInput) as refused:
        apply(import_id, endings=frozenset({PowerItem.objects.first().pk}), ending_reason="理由")

    assert refused.value.code == "ending_not_offered"
    assert not ItemEnding.objects.exists()


def test_a_list_that_changed_after_the_preview_is_compared_anew(county, workbook, preview, apply):
    # given
    import_id = preview(workbook(*PENALTIES))
    county.draft(county.content("对使用毒鱼方法捕捞的处罚"))
    facts = FactRecord.objects.count()

    # when
    with pytest.raises(Conflict) as refused:
        apply(import_id)

    # then: nothing changed and nothing was recorded
    assert refused.value.code == "difference_stale"
    assert PowerItem.objects.count() == 1
    assert FactRecord.objects.count() == facts

    # when
    importing.import_compare(actor=county.actor("drafter"), import_id=import_id)

    # then
    assert counts(import_id)["new"] == 1
    assert counts(import_id)["changed"] == 1
    assert apply(import_id) == {"new": 1, "changed": 1, "endings": 0, "skipped": 0}


def test_items_in_review_are_left_alone(county, workbook, preview, apply):
    # given
    apply(preview(workbook(*PENALTIES)))
    county.submit()

    # when
    import_id = preview(workbook((*PENALTIES[0], "《青禾县渔业管理办法》第四十条"), PENALTIES[1]))
    done = apply(import_id, include=frozenset({"行政职权!3"}))

    # then
    assert counts(import_id)["blocked"] == 1
    assert done == {"new": 0, "changed": 0, "endings": 0, "skipped": 1}
    assert set(ItemVersion.objects.values_list("state", flat=True)) == {"frozen"}


def test_a_file_that_is_no_list_fails_with_its_place_and_leaves_nothing(county, preview, workbook):
    # given: a workbook without a header
    data = workbook(header=("序号",), title="会议签到表")

    # when
    import_id = preview(data, "签到.xlsx")

    # then
    record = ListImport.objects.get(pk=import_id)
    assert record.state == "failed"
    assert "签到.xlsx" in record.error
    assert jobs.job_view(job_id=record.job_id, actor=county.actor("drafter")).state == "failed"
    assert not PowerItem.objects.exists()


def test_a_file_of_another_kind_is_refused_at_the_door(county):
    with pytest.raises(InvalidInput) as refused:
        importing.import_upload(
            actor=county.actor("drafter"),
            list_id=county.power_list(),
            data=b"%PDF-1.7 x",
            name="清单.xls",
            now=county.now,
        )

    assert refused.value.code == "FILE_TYPE_MISMATCH"
    assert not ListImport.objects.exists()


def test_only_the_drafters_of_the_body_import(county, workbook, preview):
    data = workbook(*PENALTIES)
    upload = {"list_id": county.power_list(), "data": data, "name": "清单.xlsx", "now": county.now}

    with pytest.raises(NotFound):
        importing.import_upload(actor=county.actor("other_town"), **upload)
    with pytest.raises(NotPermitted):
        importing.import_upload(actor=county.actor("establishment"), **upload)
    with pytest.raises(NotPermitted):
        importing.import_upload(actor=county.actor("legal"), **upload)
    import_id = preview(data)
    for login, error in (("other_town", NotFound), ("establishment", NotPermitted)):
        with pytest.raises(error):
            importing.import_apply(actor=county.actor(login), import_id=import_id, seen_version=2, now=county.now)
    assert not PowerItem.objects.exists()


def test_an_import_is_applied_once(county, workbook, preview, apply):
    import_id = preview(workbook(*PENALTIES))
    apply(import_id)

    with pytest.raises(WrongState):
        apply(import_id)

    assert PowerItem.objects.count() == 2


def test_an_import_seen_before_it_moved_is_a_conflict(county, workbook, preview):
    import_id = preview(workbook(*PENALTIES))

    with pytest.raises(Conflict):
        importing.import_apply(actor=county.actor("drafter"), import_id=import_id, seen_version=1, now=county.now)


def test_giving_up_leaves_the_list_as_it_was(county, workbook, preview, apply):
    import_id = preview(workbook(*PENALTIES))
    seen = ListImport.objects.get(pk=import_id).lock_version

    importing.import_cancel(actor=county.actor("drafter"), import_id=import_id, seen_version=seen, now=county.now)

    assert ListImport.objects.get(pk=import_id).state == "cancelled"
    assert not PowerItem.objects.exists()
    with pytest.raises(WrongState):
        apply(import_id)


@pytest.mark.req("W-10")
def test_four_hundred_items_are_read_checked_compared_and_applied_in_five_seconds(
    county, workbook, preview, apply, django_assert_max_num_queries
):
    data = workbook(*((f"对违反第{number}号渔业管理规定的处罚", "行政处罚") for number in range(400)))
    # Processor time of this process, so that a busy machine does not decide; the parser's child adds about 0.2 s.
    started = time.process_time()

    import_id = preview(data)
    with django_assert_max_num_queries(62, connection=connection):
        done = apply(import_id)

    took = time.process_time() - started
    assert done["new"] == 400
    assert took < 5, f"{took:.1f} s"


@pytest.mark.req("W-10", "W-11")
def test_the_agriculture_workbook_is_read_beside_what_it_says_of_itself(county, shared_data, preview, apply):
    # given: nine sheets, three hundred-odd rows
    data = (shared_data / "lists" / "2024年市农业农村局权责清单.xls").read_bytes()

    # when
    import_id = preview(data, "2024年市农业农村局权责清单.xls")

    # then: what was read stands beside what the file says, and the doubtful rows are named with their place
    view = selectors.import_view(import_id=import_id, scope=county.actor("drafter").scope)
    summary = view.reading["summary"]
    assert summary["stated"] == 311
    assert 309 <= summary["items"] <= 311
    assert sum(sheet["items"] > 0 for sheet in summary["sheets"]) == 9
    questioned = [entry for entry in view.difference["entries"] if entry["doubts"]]
    assert len(questioned) == 2
    assert all(entry["place"].startswith("工作表“") for entry in questioned)

    # when: applied, the doubtful ones ticked
    done = apply(import_id, include=frozenset(entry["key"] for entry in questioned))

    # then
    assert done["new"] == summary["items"] + summary["subitems"]
    assert counts(preview(data, "再一次.xls"))["unchanged"] == done["new"]


def test_the_command_previews_without_writing_and_applies_in_somebodys_name(county, workbook, tmp_path, capsys):
    from quanze.portal.cli import main

    # given
    path = tmp_path / "清单.xlsx"
    path.write_bytes(workbook(*PENALTIES))
    facts = FactRecord.objects.count()

    # when: only looked at
    assert main(["lists", "import", str(path), "--body", "县农业农村局"]) == 0

    # then
    assert "新增 2、变更 0、未变 0、缺少 0" in capsys.readouterr().out
    assert not PowerItem.objects.exists()
    assert FactRecord.objects.count() == facts

    # when: applied
    assert main(["lists", "import", str(path), "--body", "QH-NY", "--apply", "--as", "drafter"]) == 0

    # then
    assert "新增 2 项、变更 0 项，0 项没有导入" in capsys.readouterr().out
    assert set(ItemVersion.objects.values_list("state", "author_name")) == {("draft", "陈耕")}


@pytest.mark.parametrize("who", [[], ["--as", "nobody"], ["--as", "legal"], ["--as", "other_town"]])
def test_the_command_applies_in_nobody_elses_name(county, workbook, tmp_path, who):
    from quanze.portal.cli import main

    path = tmp_path / "清单.xlsx"
    path.write_bytes(workbook(*PENALTIES))
    county.power_list()

    assert main(["lists", "import", str(path), "--body", "QH-NY", "--apply", *who]) == 2
    assert not PowerItem.objects.exists()
