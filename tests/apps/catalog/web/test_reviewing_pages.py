"""在页面上送审与审查：提交、逐项意见、退回、印发、撤回。"""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from quanze.apps.catalog.models import ItemVersion, PowerItem, Submission
from quanze.apps.workflow import public as workflow
from quanze.apps.workflow.models import OpinionDraft
from quanze.base.audit.models import FactRecord


def current_step_id(county, submission_id):
    actor = county.actor("legal")
    return workflow.current_step(subject_kind="catalog.submission", subject_id=submission_id, actor=actor).id


class TestReviewing:
    def test_submission_is_refused_with_the_findings_listed(self, county, client_of, text_of):
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

    def test_what_has_errors_is_not_ticked_beforehand(self, county, client_of, text_of):
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

    def test_the_reviewer_sees_the_change_by_character_and_the_stranger_nothing(self, county, client_of, text_of):
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

    def test_one_item_is_returned_and_comes_back_alone(self, county, client_of, text_of, seen_of):
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

    def test_items_with_findings_are_not_passed_in_one_batch(self, county, client_of, text_of, seen_of):
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

    def test_a_paper_decision_is_registered_with_its_scan(self, county, client_of, text_of, seen_of):
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

    def test_a_paper_decision_without_its_scan_is_refused(self, county, client_of, text_of, seen_of):
        # given
        county.draft()
        submission_id = county.submit()
        county.pass_until(submission_id, stop_before="head")

        # when
        answer = client_of("head").post(
            reverse("catalog:submission_decide", args=[submission_id]),
            {
                "verb": "pass",
                "paper_signed_by": "郑重",
                "paper_signed_on": "2026-11-01",
                "seen_version": seen_of(submission_id, county, "head"),
            },
        )

        # then the step is still to be done, and the page says what is lacking
        assert answer.status_code == 422
        assert "须写明签批人、签批日期，并附签批的扫描件或照片" in text_of(answer)
        from quanze.apps.workflow.models import CaseStep

        assert not CaseStep.objects.filter(is_from_paper=True).exists()

    def test_the_whole_way_to_publication_and_its_sheet(self, county, client_of, text_of, seen_of):
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

    def test_withdrawn_before_anybody_acted_and_an_opinion_taken_back(self, county, client_of, text_of, seen_of):
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

    def test_phrases_of_ones_own(self, county, client_of, text_of):
        county.draft()
        submission_id = county.submit()

        answer = client_of("legal").post(
            reverse("catalog:phrase_save", args=[submission_id]),
            {"opinion": "经核对原文，同意。"},
            headers={"HX-Request": "true"},
        )

        assert "经核对原文，同意。" in text_of(answer)

    def test_a_review_page_takes_the_same_queries_for_two_items_and_for_thirty(
        self, county, client_of, django_assert_max_num_queries, django_assert_num_queries, text_of
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

    def test_the_text_of_a_later_item_is_fetched_when_needed(self, county, client_of, text_of):
        county.draft()
        submission_id = county.submit()
        entry = Submission.objects.get().items.order_by("id").last()
        url = reverse("catalog:entry", args=[submission_id, entry.pk])

        assert "水产苗种的生产由县级渔业部门审批" in text_of(client_of("legal").get(url))
        assert client_of("other_town").get(url).status_code == 404

    def test_what_was_typed_comes_back_to_its_writer_and_to_nobody_else(self, county, client_of, text_of, seen_of):
        # given: a submission at its first step
        county.draft()
        submission_id = county.submit()
        entry = Submission.objects.get().items.order_by("id").first()
        client = client_of("legal")
        step_id = current_step_id(county, submission_id)
        url = reverse("catalog:opinion_autosave", args=[submission_id])
        page = reverse("catalog:submission", args=[submission_id])

        # when: the reviewer writes and leaves without deciding
        typed = {
            "step_id": step_id,
            "opinion": "依据第三十八条请核对",
            f"verdict-{entry.pk}": "return",
            f"reason-{entry.pk}": "引文与原文不符",
        }
        answer = client.post(url, typed, headers={"accept": "application/json"})

        # then: it is there on return, nobody else sees it, and nothing was decided or recorded
        assert answer.status_code == 200, answer.content
        back = text_of(client.get(page))
        assert "依据第三十八条请核对" in back
        assert "引文与原文不符" in back
        for other in ("drafter", "establishment", "justice"):
            assert "依据第三十八条请核对" not in client_of(other).get(page).content.decode()
        assert client_of("drafter").post(url, typed).status_code in (403, 422)
        assert Submission.objects.get().state == "in_review"
        assert not FactRecord.objects.filter(after__icontains="第三十八条请核对").exists()

        # and after the decision it is gone
        county.decide(submission_id, "legal")
        assert OpinionDraft.objects.count() == 0
        late = client.post(url, typed, headers={"accept": "application/json"})
        assert late.status_code in (403, 422)
