"""在页面上导入：上传、预览、对照、导入为草稿。"""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from quanze.apps.catalog import public as catalog
from quanze.apps.catalog.models import ItemVersion, ListImport, PowerItem
from quanze.apps.catalog.services.reading import read_list_file


class TestImporting:
    def test_upload_preview_apply(self, county, client_of, workbook, text_of):
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

    def test_a_row_over_a_changed_draft_is_shown_apart_with_its_own_tick(self, county, client_of, workbook, text_of):
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

    def test_a_broken_file_says_what_is_wrong_and_what_to_do(self, county, client_of, text_of):
        client, list_id = client_of("drafter"), county.power_list()

        answer = client.post(
            reverse("catalog:import_upload", args=[list_id]),
            {"file": SimpleUploadedFile("清单.xlsx", b"\x89PNG\r\n\x1a\n" + b"0" * 64)},
        )

        assert answer.status_code == 422
        assert "这是图片" in text_of(answer)
        assert "另存为“Excel 工作簿(*.xlsx)”后再传" in text_of(answer)
        assert not ListImport.objects.exists()

    def test_a_table_that_is_no_list_leaves_the_reason_on_its_page(self, county, client_of, workbook, text_of):
        data = workbook(header=("序号",), title="会议签到表")

        answer = client_of("drafter").post(
            reverse("catalog:import_upload", args=[county.power_list()]),
            {"file": SimpleUploadedFile("签到.xlsx", data)},
            follow=True,
        )

        assert "没有读成，清单没有任何改动" in text_of(answer)
        assert "签到.xlsx" in text_of(answer)

    def test_a_large_file_is_read_in_the_background_with_progress(
        self, county, client_of, workbook, monkeypatch, text_of
    ):
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


class TestProgramsThatImport:
    """程序上传：拒绝与读取结果都是 JSON，读取结果有地址可反复问。"""

    JSON = {"Accept": "application/json"}

    def test_a_program_polls_the_result_of_the_reading(self, county, client_of, workbook):
        client, list_id = client_of("drafter"), county.power_list()
        data = workbook(("对使用电鱼方法捕捞的处罚", "行政处罚"))
        answer = client.post(
            reverse("catalog:import_upload", args=[list_id]),
            {"file": SimpleUploadedFile("清单.xlsx", data)},
            headers=self.JSON,
        )
        assert answer.status_code == 200
        told = client.get(answer.json()["status_url"], headers=self.JSON).json()
        assert (told["state"], told["items"], told["counts"]["new"]) == ("previewed", 1, 1)

    def test_a_reading_that_failed_says_its_code_place_and_remedy(self, county, client_of):
        client, list_id = client_of("drafter"), county.power_list()
        answer = client.post(
            reverse("catalog:import_upload", args=[list_id]),
            {"file": SimpleUploadedFile("清单.csv", "甲,乙\n1,2\n".encode())},
            headers=self.JSON,
        )
        told = client.get(answer.json()["status_url"], headers=self.JSON).json()
        assert (told["state"], told["code"]) == ("failed", "HEADER_INVALID")
        assert "事项名称" in told["message"] and "清单.csv" in told["place"] and told["hint"]

    def test_a_file_that_is_not_taken_at_all_is_refused_with_its_code(self, county, client_of):
        client, list_id = client_of("drafter"), county.power_list()
        answer = client.post(
            reverse("catalog:import_upload", args=[list_id]),
            {"file": SimpleUploadedFile("清单.xlsx", b"MZ" + bytes(600))},
            headers=self.JSON,
        )
        assert answer.status_code == 422
        told = answer.json()
        assert told["code"] == "FILE_TYPE_MISMATCH" and told["hint"] and "清单.xlsx" in told["place"]
        assert not ListImport.objects.exists()


class TestReport:
    def _report(self, county, client_of, data):
        client, list_id = client_of("drafter"), county.power_list()
        client.post(reverse("catalog:import_upload", args=[list_id]), {"file": SimpleUploadedFile("清单.xlsx", data)})
        return client.get(reverse("catalog:import_report", args=[ListImport.objects.latest("id").pk]))

    def test_every_row_is_told_its_outcome_and_its_findings_beside_what_was_uploaded(self, county, client_of, workbook):
        # given: one item as it is already drafted, one that is new and has no basis
        row = ("对使用电鱼方法捕捞的处罚", "行政处罚")
        client, list_id = client_of("drafter"), county.power_list()
        client.post(
            reverse("catalog:import_upload", args=[list_id]), {"file": SimpleUploadedFile("甲.xlsx", workbook(row))}
        )
        record = ListImport.objects.get()
        client.post(reverse("catalog:import_apply", args=[record.pk]), {"seen_version": record.lock_version})

        # when
        answer = self._report(county, client_of, workbook(row, ("水产苗种生产许可证核发", "行政许可", "")))

        # then
        first, second = (item.raw for item in read_list_file(data=answer.content, name="报告.xlsx").items)
        assert (first["导入结果"], second["导入结果"]) == ("无变化", "新增")
        assert "错误 S001：未填“实施依据”，本模板规定必填" in second["问题与提示"].splitlines()

    def test_the_report_can_be_mended_and_uploaded_as_it_is(self, county, client_of, workbook):
        data = workbook(("对使用电鱼方法捕捞的处罚", "行政处罚"), ("水产苗种生产许可证核发", "行政许可"))

        answer = self._report(county, client_of, data)

        was, now = read_list_file(data=data, name="a.xlsx"), read_list_file(data=answer.content, name="b.xlsx")
        assert [(one.name, one.power_type, one.fields) for one in now.items] == [
            (one.name, one.power_type, one.fields) for one in was.items
        ]

    def test_a_file_that_was_not_read_has_no_report(self, county, client_of, workbook):
        assert self._report(county, client_of, workbook()).status_code == 409


def test_the_list_being_drafted_is_downloaded_mended_and_uploaded_again(county, client_of):
    # given a main item with a sub-item drafted after a single item, and every short field filled
    client, list_id = client_of("drafter"), county.power_list()
    full = {
        "power_code": "0200001",
        "level_split": "县级负责本行政区域",
        "limit_note": "不含检测",
        "legal_limit_days": 20,
        "promised_limit_days": 8,
        "has_fee": False,
        "remedy": "行政复议或行政诉讼",
        "plain_summary": "写给公众的话",
        "remark": "备注一句",
    }
    county.draft(county.content("对违法经营农药的处罚", node_kind="main"), county.permit(**full))
    parent = PowerItem.objects.order_by("ordinal").first()
    catalog.item_create(
        actor=county.actor("drafter"),
        list_id=list_id,
        content=county.content("经营假农药的处罚"),
        parent_id=parent.pk,
        now=county.now,
    )

    def compared(data):
        given = {"file": SimpleUploadedFile("编制稿.xlsx", data)}
        client.post(reverse("catalog:import_upload", args=[list_id]), given)
        return ListImport.objects.latest("id").difference["counts"]

    # when it is downloaded and uploaded as it is
    book = client.get(reverse("catalog:list_workbook", args=[list_id])).content

    # then nothing would change
    counts = compared(book)
    assert (counts["unchanged"], counts["new"], counts["changed"], counts["missing"]) == (3, 0, 0, 0)

    # and what differs from the list is a change of that item only
    version = ItemVersion.objects.get(remark="备注一句")
    ItemVersion.objects.filter(pk=version.pk).update(remark="改过的备注")
    counts = compared(book)
    assert (counts["unchanged"], counts["new"], counts["changed"], counts["missing"]) == (2, 0, 1, 0)


def test_the_list_of_another_body_is_not_downloaded(county, client_of):
    county.draft()
    assert client_of("forestry").get(reverse("catalog:list_workbook", args=[county.power_list()])).status_code == 404


def test_marks_and_the_reason_of_an_addition_survive_the_workbook(county, client_of):
    # given one item marked as added here and set by the city, and one without marks
    client, list_id = client_of("drafter"), county.power_list()
    marked = {"is_local_addition": True, "addition_reason": "本县渔政执法的需要", "is_city_set": True}
    county.draft(county.content("对使用电鱼方法捕捞的处罚", **marked), county.permit())
    book = client.get(reverse("catalog:list_workbook", args=[list_id])).content

    def upload():
        given = {"file": SimpleUploadedFile("编制稿.xlsx", book)}
        client.post(reverse("catalog:import_upload", args=[list_id]), given)
        return ListImport.objects.latest("id")

    # when it comes back as it is, then nothing would change
    counts = upload().difference["counts"]
    assert (counts["unchanged"], counts["new"], counts["changed"], counts["missing"]) == (2, 0, 0, 0)

    # when the marks were lost meanwhile, then importing the workbook writes them again and only there
    ItemVersion.objects.update(is_local_addition=False, addition_reason="", is_city_set=False)
    record = upload()
    assert (record.difference["counts"]["unchanged"], record.difference["counts"]["changed"]) == (1, 1)
    client.post(reverse("catalog:import_apply", args=[record.pk]), {"seen_version": record.lock_version})
    kept = ItemVersion.objects.filter(is_local_addition=True)
    assert list(kept.values_list("name", "addition_reason", "is_city_set")) == [
        ("对使用电鱼方法捕捞的处罚", "本县渔政执法的需要", True)
    ]
    counts = upload().difference["counts"]
    assert (counts["unchanged"], counts["changed"]) == (2, 0)
