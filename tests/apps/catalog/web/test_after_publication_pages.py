"""公布之后：勘误、公众纠错。"""

from django.urls import reverse

from quanze.apps.catalog.models import ErrorReport, ItemVersion, PowerItem


class TestAfterPublication:
    def test_a_correction_is_published_by_another_person(self, county, client_of, text_of):
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

    def test_a_report_from_outside_is_answered_within_its_scope(self, county, client_of, text_of):
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
