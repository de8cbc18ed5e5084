"""在页面上办事：导入、起草、冲突、检查、送审、审查、退回、勘误、纠错。"""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from quanze.apps.catalog.models import (
    ErrorReport,
    FindingWaiver,
    ItemEnding,
    ItemVersion,
    ListImport,
    PowerItem,
    Submission,
)


def text_of(answer):
    return answer.content.decode()


def seen_of(submission_id, county, login):
    from quanze.apps.workflow import public as workflow

    case = workflow.case_by_subject(
        subject_kind="catalog.submission", subject_id=submission_id, actor=county.actor(login)
    )
    return case.lock_version


def form_of(content, **fields):
    """表单送来的字段。"""
    return {
        "name": content.name,
        "power_type": content.power_type,
        "exercising_body": content.exercising_body,
        "responsible_body": content.responsible_body,
        "lead_division": content.lead_division,
        "basis_text": content.basis_text,
        "duty_text": content.duty_text,
        "duty_basis_text": content.duty_basis_text,
        "accountability_text": content.accountability_text,
        "accountability_basis_text": content.accountability_basis_text,
        "exercise_level": content.exercise_level,
        "target": content.target,
        "hotline": content.hotline,
        "basis_law": [b.law for b in content.bases],
        "basis_locator": [b.locator for b in content.bases],
        "basis_quote": [b.quote for b in content.bases],
        "basis_number": [b.document_number for b in content.bases],
        "duty_stage": [d.stage for d in content.duties],
        "duty_row_text": [d.text for d in content.duties],
        "case_text": list(content.accountability_cases),
        **fields,
    }


class TestImporting:
    def test_upload_preview_apply(self, county, client_of, workbook):
        # given
        client, list_id = client_of("drafter"), county.power_list()
        data = workbook(("对使用电鱼方法捕捞的处罚", "行政处罚"), ("水产苗种生产许可证核发", "行政许可"))

        # when
        answer = client.post(
            reverse("catalog:import_upload", args=[list_id]), {"file": SimpleUploadedFile("清单.xlsx", data)}
        )

        # then: read at once, shown beside what the sheet says
        record = ListImport.objects.get()
        assert answer.status_code == 303
        assert answer["Location"] == reverse("catalog:import", args=[record.pk])
        page = text_of(client.get(answer["Location"]))
        assert "待确认" in page and "读到 2 项" in page and "对使用电鱼方法捕捞的处罚" in page

        # when
        answer = client.post(
            reverse("catalog:import_apply", args=[record.pk]),
            {"seen_version": record.lock_version, "exclude": ["行政职权!4"]},
            follow=True,
        )

        # then
        assert "新增 1 项，1 项没有导入。已检查" in text_of(answer)
        assert list(ItemVersion.objects.values_list("name", flat=True)) == ["对使用电鱼方法捕捞的处罚"]

    def test_a_row_over_a_changed_draft_is_shown_apart_with_its_own_tick(self, county, client_of, workbook):
        # given: in force, and being drafted anew
        row = ("对使用电鱼方法捕捞的处罚", "行政处罚")
        client, list_id = client_of("drafter"), county.power_list()

        def upload(data):
            given = {"file": SimpleUploadedFile("清单.xlsx", data)}
            return client.post(reverse("catalog:import_upload", args=[list_id]), given)["Location"]

        def apply(**chosen):
            record = ListImport.objects.latest("id")
            given = {"seen_version": record.lock_version, **chosen}
            return text_of(client.post(reverse("catalog:import_apply", args=[record.pk]), given, follow=True))

        upload(workbook(row))
        apply()
        county.pass_until(county.submit())
        upload(workbook((*row, "《青禾县渔业管理办法》第三十九条")))
        apply()

        # when
        page = text_of(client.get(upload(workbook(row))))

        # then
        key = '<input class="form-check-input" type="checkbox" name="{}" value="行政职权!3"'
        assert "会盖掉在编草稿（1 项）" in page
        assert key.format("include") in page
        assert key.format("exclude") not in page
        assert "没有变化，清单照旧，1 项没有导入" in apply()
        upload(workbook(row))
        assert "变更 1 项" in apply(include=["行政职权!3"])

    def test_a_broken_file_says_what_is_wrong_and_what_to_do(self, county, client_of):
        client, list_id = client_of("drafter"), county.power_list()

        answer = client.post(
            reverse("catalog:import_upload", args=[list_id]),
            {"file": SimpleUploadedFile("清单.xlsx", b"\x89PNG\r\n\x1a\n" + b"0" * 64)},
        )

        assert answer.status_code == 422
        assert "可以上传" in text_of(answer)
        assert not ListImport.objects.exists()

    def test_a_table_that_is_no_list_leaves_the_reason_on_its_page(self, county, client_of, workbook):
        data = workbook(header=("序号",), title="会议签到表")

        answer = client_of("drafter").post(
            reverse("catalog:import_upload", args=[county.power_list()]),
            {"file": SimpleUploadedFile("签到.xlsx", data)},
            follow=True,
        )

        assert "没有读成，清单没有任何改动" in text_of(answer)
        assert "签到.xlsx" in text_of(answer)

    def test_a_large_file_is_read_in_the_background_with_progress(self, county, client_of, workbook, monkeypatch):
        from quanze.apps.catalog.web.views import imports
        from quanze.base.jobs import public as jobs

        # given
        monkeypatch.setattr(imports, "AT_ONCE_BYTES", 10)
        client = client_of("drafter")
        data = workbook(("对使用电鱼方法捕捞的处罚", "行政处罚"))

        # when
        answer = client.post(
            reverse("catalog:import_upload", args=[county.power_list()]), {"file": SimpleUploadedFile("大.xlsx", data)}
        )
        record = ListImport.objects.get()
        progress = reverse("catalog:import_progress", args=[record.pk])

        # then
        assert "正在读取" in text_of(client.get(answer["Location"]))
        assert client.get(progress).status_code == 200

        # when the worker has read it
        jobs.run_now(record.job_id)

        # then the fragment sends the browser to the preview
        finished = client.get(progress)
        assert finished.status_code == 286
        assert finished["HX-Redirect"] == answer["Location"]

    def test_another_body_never_sees_the_import(self, county, client_of, workbook):
        client = client_of("drafter")
        client.post(
            reverse("catalog:import_upload", args=[county.power_list()]),
            {"file": SimpleUploadedFile("清单.xlsx", workbook(("对使用电鱼方法捕捞的处罚", "行政处罚")))},
        )
        record, stranger = ListImport.objects.get(), client_of("other_town")

        assert stranger.get(reverse("catalog:import", args=[record.pk])).status_code == 404
        apply = stranger.post(reverse("catalog:import_apply", args=[record.pk]), {"seen_version": record.lock_version})
        assert apply.status_code == 404
        assert not PowerItem.objects.exists()


class TestDrafting:
    def test_a_new_item_with_its_rows(self, county, client_of):
        client, content = client_of("drafter"), county.content("对擅自养殖的处罚")

        answer = client.post(reverse("catalog:item_create", args=[county.power_list()]), form_of(content))

        draft = ItemVersion.objects.get()
        assert answer.status_code == 303
        assert draft.name == "对擅自养殖的处罚"
        assert [b.law for b in draft.bases.all()] == ["青禾县渔业管理办法"]
        assert draft.duties.count() == 7

    def test_wrong_input_comes_back_with_everything_typed(self, county, client_of):
        answer = client_of("drafter").post(
            reverse("catalog:item_create", args=[county.power_list()]),
            form_of(county.content(""), legal_limit_days="5", promised_limit_days="9", remark="写了很久的备注"),
        )

        assert answer.status_code == 422
        assert "承诺时限不得长于法定时限" in text_of(answer)
        assert "写了很久的备注" in text_of(answer)
        assert "青禾县渔业管理办法" in text_of(answer)
        assert not PowerItem.objects.exists()

    def test_saving_by_itself_answers_the_new_version(self, county, client_of):
        draft_id = county.draft(county.content())[0]

        answer = client_of("drafter").post(
            reverse("catalog:draft_autosave", args=[draft_id]),
            form_of(county.content(), remark="自动保存", seen_version="1"),
            headers={"Accept": "application/json"},
        )

        assert answer.json()["version"] == 2
        assert ItemVersion.objects.get().remark == "自动保存"

    def test_who_saves_second_sees_what_the_other_changed_and_loses_nothing(self, county, client_of):
        # given: two people opened the same draft
        draft_id = county.draft(county.content())[0]
        url = reverse("catalog:draft_save", args=[draft_id])
        client_of("drafter2").post(url, form_of(county.content(), hotline="0000-2222222", seen_version="1"))

        # when
        second = client_of("drafter")
        answer = second.post(url, form_of(county.content(), hotline="0000-3333333", seen_version="1"))

        # then: nothing was overwritten; both texts and both names are on the page
        page = text_of(answer)
        assert answer.status_code == 409
        assert "苗青" in page and "<del>" in page and "<ins>" in page
        assert '<textarea name="hotline" hidden>0000-3333333</textarea>' in page
        assert ItemVersion.objects.get().hotline == "0000-2222222"

        # when: decided for one's own
        answer = second.post(url, form_of(county.content(), hotline="0000-3333333", seen_version="2"))

        # then
        assert answer.status_code == 303
        assert ItemVersion.objects.get().hotline == "0000-3333333"

    def test_several_items_are_assigned_to_a_division(self, county, client_of):
        county.draft()
        ids = list(PowerItem.objects.values_list("id", flat=True))

        client_of("drafter").post(
            reverse("catalog:items_assign", args=[county.power_list()]), {"chosen": ids, "lead_division": "种植业科"}
        )

        assert set(ItemVersion.objects.values_list("lead_division", flat=True)) == {"种植业科"}

    def test_an_item_of_another_list_is_not_assigned(self, county, client_of):
        county.draft(county.content("对毁林的处罚", exercising_body="青禾县林业局"), by="forestry", body_code="QH-LY")
        foreign = PowerItem.objects.get().pk

        answer = client_of("drafter").post(
            reverse("catalog:items_assign", args=[county.power_list()]),
            {"chosen": [foreign], "lead_division": "渔政科"},
        )

        assert answer.status_code == 422
        assert ItemVersion.objects.get().lead_division == "渔政科"
        assert ItemVersion.objects.get().lock_version == 1

    def test_ending_is_marked_and_taken_back(self, county, client_of):
        county.publish()
        client, item = client_of("drafter"), PowerItem.objects.first()

        client.post(
            reverse("catalog:ending_mark", args=[county.power_list()]), {"chosen": [item.pk], "reason": "法律已废止"}
        )
        assert ItemEnding.objects.get().reason == "法律已废止"
        assert "拟取消" in text_of(client.get(reverse("catalog:item", args=[item.pk])))

        client.post(reverse("catalog:ending_clear", args=[item.pk]))
        assert not ItemEnding.objects.exists()


class TestChecking:
    @pytest.fixture
    def flawed(self, county):
        """名称里有换行与空格、没有追责情形的草稿。"""
        county.draft(
            county.content("对使用电鱼\n方法捕捞的处罚"),
            county.permit(basis_text="《青禾县渔业管理办法》：水产苗种的生产由县级渔业部门审批。", bases=()),
        )
        return county.power_list()

    def test_checked_shown_by_rule_and_cleaned_in_one_go(self, flawed, client_of):
        # given
        client = client_of("drafter")
        client.post(reverse("catalog:findings_recheck", args=[flawed]))
        page = text_of(client.get(reverse("catalog:list_check", args=[flawed])))
        assert "一键修正" in page

        # when
        answer = client.post(reverse("catalog:fix_apply", args=[flawed]), follow=True)

        # then
        assert "已修正 1 个单元格，涉及 1 项" in text_of(answer)
        assert ItemVersion.objects.order_by("id").first().name == "对使用电鱼方法捕捞的处罚"

    def test_a_warning_is_explained_by_the_drafter_and_an_error_only_by_the_establishment_office(
        self, flawed, client_of
    ):
        from quanze.apps.catalog.models import StoredFinding

        client = client_of("drafter")
        client.post(reverse("catalog:findings_recheck", args=[flawed]))
        error = StoredFinding.objects.filter(severity="error", version__isnull=False).first()
        warning = StoredFinding.objects.filter(severity="warning", version__isnull=False).first()
        url = reverse("catalog:waiver_grant", args=[flawed])

        def ask(who, finding, reason="情况特殊，附件已说明"):
            given = {"code": finding.code, "item_id": finding.version.item_id, "reason": reason}
            return client_of(who).post(url, given)

        if warning is not None:
            assert ask("drafter", warning, "").status_code == 422
            assert ask("drafter", warning).status_code == 303
        if error is not None:
            assert ask("drafter", error).status_code == 403
            assert ask("establishment", error).status_code == 303
        assert error is not None or warning is not None
        assert FindingWaiver.objects.count() == (error is not None) + (warning is not None)


class TestReviewing:
    def test_submission_is_refused_with_the_findings_listed(self, county, client_of):
        # given: a power without a basis at all
        county.draft(county.content(basis_text="", bases=()))
        client, item_id = client_of("drafter"), PowerItem.objects.get().pk

        # when
        answer = client.post(
            reverse("catalog:submission_submit", args=[county.power_list()]),
            {"title": "第一次送审", "note": "", "chosen": [item_id]},
        )

        # then
        assert answer.status_code == 422
        assert "必须先改的" in text_of(answer)
        assert reverse("catalog:item_tab", args=[item_id, "check"]) in text_of(answer)
        assert not Submission.objects.exists()
        assert ItemVersion.objects.get().state == "draft"

    def test_the_address_of_a_decision_read_again_is_the_submission(self, county, client_of):
        county.draft()
        submission_id = county.submit()

        answer = client_of("legal").get(reverse("catalog:submission_decide", args=[submission_id]))

        assert answer.status_code == 302
        assert answer["Location"] == reverse("catalog:submission", args=[submission_id])

    def test_what_has_errors_is_not_ticked_beforehand(self, county, client_of):
        # given: one sound draft, a licence under another type and a sub-item of that one
        from quanze.apps.catalog import public as catalog

        wrong = county.content("执业医师申请个体行医审批", power_type="other")
        county.draft(county.permit(), wrong)
        sound, faulty = (one.pk for one in PowerItem.objects.order_by("id"))
        catalog.item_create(
            actor=county.actor("drafter"),
            list_id=county.power_list(),
            content=county.content("个体行医变更登记", power_type="other", node_kind="sub"),
            parent_id=faulty,
            now=county.now,
        )
        sub = PowerItem.objects.get(parent_id=faulty).pk
        client, list_id = client_of("drafter"), county.power_list()
        client.post(reverse("catalog:findings_recheck", args=[list_id]))

        # when
        page = text_of(client.get(reverse("catalog:submit", args=[list_id])))

        # then
        box = '<input class="form-check-input" type="checkbox" name="chosen" value="{}"'
        assert "不勾选有错误的事项，其余可先送审" in page
        assert box.format(sound) + " checked" in page
        assert box.format(faulty) in page
        assert box.format(faulty) + " checked" not in page
        assert box.format(sub) + " checked" not in page

        # when: sent as it is ticked
        answer = client.post(
            reverse("catalog:submission_submit", args=[list_id]), {"title": "先送一项", "chosen": [sound]}
        )

        # then
        assert answer.status_code == 303

    def test_only_the_chosen_items_are_sent(self, county, client_of):
        county.draft()
        first, second = PowerItem.objects.order_by("id")

        client_of("drafter").post(
            reverse("catalog:submission_submit", args=[county.power_list()]), {"title": "甲", "chosen": [first.pk]}
        )

        assert first.versions.get().state == "frozen"
        assert second.versions.get().state == "draft"

    def test_the_reviewer_sees_the_change_by_character_and_the_stranger_nothing(self, county, client_of):
        # given
        from dataclasses import replace

        from quanze.apps.catalog import public as catalog
        from quanze.apps.catalog.selectors import lists

        county.publish(county.content())
        drafter = county.actor("drafter")
        draft_id = catalog.draft_start(actor=drafter, item_id=PowerItem.objects.get().pk, now=county.now)
        draft = lists.version(version_id=draft_id, scope=drafter.scope)
        catalog.draft_save(
            actor=drafter,
            version_id=draft_id,
            seen_version=1,
            content=replace(draft.content, basis_text=draft.content.basis_text.replace("五千元", "一万元")),
            now=county.now,
        )
        submission_id = county.submit()
        url = reverse("catalog:submission", args=[submission_id])

        # then
        page = text_of(client_of("legal").get(url))
        assert "<del>五千</del><ins>一万</ins>" in page
        assert 'name="verdict-' in page
        assert 'name="verdict-' not in text_of(client_of("drafter").get(url))
        for stranger in ("justice", "forestry", "other_town"):
            assert client_of(stranger).get(url).status_code == 404

    def test_one_item_is_returned_and_comes_back_alone(self, county, client_of):
        # given
        county.draft()
        submission_id = county.submit()
        url = reverse("catalog:submission_decide", args=[submission_id])
        legal, entry = client_of("legal"), Submission.objects.get().items.order_by("id").first()

        # when: returned without a reason
        refused = legal.post(
            url,
            {
                "verb": "send_back",
                f"verdict-{entry.pk}": "return",
                "opinion": "请改",
                "seen_version": seen_of(submission_id, county, "legal"),
            },
        )

        # then: the page comes back as it was filled
        assert refused.status_code == 422
        assert "退回未写理由" in text_of(refused)
        assert f'name="verdict-{entry.pk}" value="return" data-review-return checked' in text_of(refused)
        assert Submission.objects.get().state == "in_review"

        # when
        answer = legal.post(
            url,
            {
                "verb": "send_back",
                f"verdict-{entry.pk}": "return",
                f"reason-{entry.pk}": "依据请写到款",
                "seen_version": seen_of(submission_id, county, "legal"),
            },
            follow=True,
        )

        # then
        assert "已退回 1 项" in text_of(answer)
        page = text_of(client_of("drafter").get(reverse("catalog:submission", args=[submission_id])))
        assert "退回待改（1 项）" in page and "依据请写到款" in page

        # when: sent again without a change and without a word
        again = client_of("drafter").post(
            reverse("catalog:submission_resubmit", args=[submission_id]),
            {"note": "", "seen_version": seen_of(submission_id, county, "drafter")},
        )
        assert again.status_code == 422
        assert "退回后未修改" in text_of(again)

        # when: with a word
        client_of("drafter").post(
            reverse("catalog:submission_resubmit", args=[submission_id]),
            {"note": "原文即如此", "seen_version": seen_of(submission_id, county, "drafter")},
        )
        page = text_of(legal.get(reverse("catalog:submission", args=[submission_id])))
        assert "第 2 轮" in page and "本轮不再看的 1 项" in page

    def test_items_with_findings_are_not_passed_in_one_batch(self, county, client_of):
        # given: an item with a warning that does not block
        county.draft(county.content(), county.permit())
        submission_id = county.submit()
        entries = Submission.objects.get().items.order_by("id")
        entries.update(finding_count=0)
        entry = entries.first()
        entries.filter(pk=entry.pk).update(finding_count=1)
        legal, url = client_of("legal"), reverse("catalog:submission_decide", args=[submission_id])

        # when
        refused = legal.post(url, {"verb": "pass", "seen_version": seen_of(submission_id, county, "legal")})

        # then
        assert refused.status_code == 422
        assert "有 1 项有检查发现而没有表态" in text_of(refused)

        # when it was looked at
        answer = legal.post(
            url,
            {
                "verb": "pass",
                f"verdict-{entry.pk}": "accept",
                "seen_version": seen_of(submission_id, county, "legal"),
            },
            follow=True,
        )
        assert "已审查通过，已送分管领导签批" in text_of(answer)

    def test_a_paper_decision_is_registered_with_its_scan(self, county, client_of):
        # given
        county.draft()
        submission_id = county.submit()
        county.pass_until(submission_id, stop_before="head")

        # when
        client_of("head").post(
            reverse("catalog:submission_decide", args=[submission_id]),
            {
                "verb": "pass",
                "paper_signed_by": "郑重",
                "paper_signed_on": "2026-11-01",
                "paper_file": SimpleUploadedFile("签批.pdf", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"),
                "seen_version": seen_of(submission_id, county, "head"),
            },
        )

        # then
        page = text_of(client_of("justice").get(reverse("catalog:submission", args=[submission_id])))
        assert "郑重 纸质签批，郑重 登记" in page
        from quanze.apps.workflow.models import CaseStep

        step = CaseStep.objects.get(is_from_paper=True)
        scan = reverse("catalog:paper_scan", args=[submission_id, step.pk])
        assert client_of("justice").get(scan)["Content-Type"] == "application/pdf"
        assert client_of("other_town").get(scan).status_code == 404

    def test_the_whole_way_to_publication_and_its_sheet(self, county, client_of):
        # given
        county.draft()
        submission_id = county.submit()
        county.pass_until(submission_id, stop_before="secretary")
        url = reverse("catalog:submission_decide", args=[submission_id])

        # when: the meeting number is missing
        refused = client_of("secretary").post(
            url, {"verb": "pass", "seen_version": seen_of(submission_id, county, "secretary")}
        )
        assert refused.status_code == 422
        assert "会议号" in text_of(refused)

        # when: paused, resumed, decided
        for name, given in (
            ("step_pause", {"reason": "等待会议"}),
            ("step_resume", {}),
            (
                "submission_decide",
                {"verb": "pass", "detail-meeting_number": "第3次会议", "detail-resolution": "审定通过"},
            ),
        ):
            seen = seen_of(submission_id, county, "secretary")
            answer = client_of("secretary").post(
                reverse(f"catalog:{name}", args=[submission_id]), {**given, "seen_version": seen}, follow=True
            )
            assert answer.status_code == 200
        assert "已审定，已送部门印发公布" in text_of(answer)

        # when
        answer = client_of("publisher").post(
            url,
            {
                "verb": "pass",
                "detail-document_number": "青农发〔2026〕12号",
                "detail-issued_on": "2026-11-02",
                "detail-valid_from": "2026-11-02",
                "seen_version": seen_of(submission_id, county, "publisher"),
            },
            follow=True,
        )

        # then
        assert "已印发公布：青农发〔2026〕12号" in text_of(answer)
        assert set(ItemVersion.objects.values_list("state", flat=True)) == {"published"}
        sheet = text_of(client_of("justice").get(reverse("catalog:opinion_sheet", args=[submission_id])))
        assert "编委会议审定" in sheet and "会议号：第3次会议" in sheet

    def test_withdrawn_before_anybody_acted_and_an_opinion_taken_back(self, county, client_of):
        # given
        county.draft()
        submission_id = county.submit()
        county.decide(submission_id, "legal")

        # when: the reviewer takes the opinion back
        page = text_of(client_of("legal").get(reverse("catalog:submission", args=[submission_id])))
        assert "撤回意见" in page
        client_of("legal").post(
            reverse("catalog:step_recall", args=[submission_id]),
            {"reason": "看漏一处", "seen_version": seen_of(submission_id, county, "legal")},
        )

        # then the drafter may withdraw
        client_of("drafter").post(
            reverse("catalog:submission_withdraw", args=[submission_id]),
            {"reason": "补充材料", "seen_version": seen_of(submission_id, county, "drafter")},
        )
        assert Submission.objects.get().state == "withdrawn"
        assert set(ItemVersion.objects.values_list("state", flat=True)) == {"draft"}

    def test_phrases_of_ones_own(self, county, client_of):
        county.draft()
        submission_id = county.submit()

        answer = client_of("legal").post(
            reverse("catalog:phrase_save", args=[submission_id]),
            {"opinion": "经核对原文，同意。"},
            headers={"HX-Request": "true"},
        )

        assert "经核对原文，同意。" in text_of(answer)

    def test_a_review_page_takes_the_same_queries_for_two_items_and_for_thirty(
        self, county, client_of, django_assert_max_num_queries, django_assert_num_queries
    ):
        county.draft()
        submission_id = county.submit()
        client, url = client_of("legal"), reverse("catalog:submission", args=[submission_id])
        client.get(url)
        with django_assert_max_num_queries(40) as few:
            client.get(url)
        county.decide(submission_id, "legal", "refuse", opinion="重报")
        county.draft(*(county.content(f"对第{number}类违法行为的处罚") for number in range(30)))
        url = reverse("catalog:submission", args=[county.submit()])

        with django_assert_num_queries(len(few)):
            page = client.get(url)

        assert text_of(page).count("正在取内容") == 24

    def test_the_text_of_a_later_item_is_fetched_when_needed(self, county, client_of):
        county.draft()
        submission_id = county.submit()
        entry = Submission.objects.get().items.order_by("id").last()
        url = reverse("catalog:entry", args=[submission_id, entry.pk])

        assert "水产苗种的生产由县级渔业部门审批" in text_of(client_of("legal").get(url))
        assert client_of("other_town").get(url).status_code == 404


class TestAfterPublication:
    def test_a_correction_is_published_by_another_person(self, county, client_of):
        # given
        from dataclasses import replace

        from quanze.apps.catalog import public as catalog
        from quanze.apps.catalog.selectors import lists

        county.publish(county.content(hotline="0000-1234568"))
        drafter = county.actor("drafter")
        draft_id = catalog.draft_start(actor=drafter, item_id=PowerItem.objects.get().pk, now=county.now)
        draft = lists.version(version_id=draft_id, scope=drafter.scope)
        catalog.draft_save(
            actor=drafter,
            version_id=draft_id,
            seen_version=1,
            content=replace(draft.content, hotline="0000-1234567"),
            now=county.now,
        )
        given = {"document_number": "青农发〔2026〕13号", "issued_on": "2026-11-03", "reason": "电话末位有误"}

        # when
        answer = client_of("publisher").post(
            reverse("catalog:correction_publish", args=[draft_id]), {**given, "seen_version": 2}, follow=True
        )

        # then
        assert "勘误已公布为新的版次" in text_of(answer)
        assert "青农发〔2026〕13号" in text_of(answer)
        assert ItemVersion.objects.get(pk=draft_id).number == 2

    def test_a_report_from_outside_is_answered_within_its_scope(self, county, client_of):
        from quanze.apps.catalog import public as catalog

        # given
        county.publish(county.content())
        catalog.report_receive(item_code=PowerItem.objects.get().code, text="监督电话打不通。", now=county.now)
        report = ErrorReport.objects.get()
        page, answer = (reverse(f"catalog:{name}", args=[report.pk]) for name in ("report", "report_answer"))

        # then
        assert client_of("other_town").get(page).status_code == 404
        assert client_of("legal").get(page).status_code == 403
        assert "监督电话打不通。" in text_of(client_of("publisher").get(page))
        assert client_of("publisher").post(answer, {"answer": ""}).status_code == 422

        # when
        client_of("publisher").post(answer, {"answer": "已核实，电话已恢复。"})

        # then
        assert ErrorReport.objects.get().answered_by_name == "何明"
        assert client_of("publisher").post(answer, {"answer": "再答一次"}).status_code == 409
