"""公文样式：上传时字段逐个核对，套用后格式不变，会前请示、会后纪要都填得出。"""

import io
from pathlib import Path

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from docx.shared import Pt, RGBColor

from quanze.apps.adjustment.domain.determining import Decision
from quanze.apps.adjustment.domain.office_fields import FIELDS
from quanze.apps.adjustment.models import CommitteeMeeting, MeetingDocument, MeetingEntry, OfficeTemplate
from quanze.apps.adjustment.services import convening, templating
from quanze.apps.adjustment.services.determining import meeting_decide
from quanze.base.audit import public as audit
from quanze.base.files import public as files
from quanze.base.files.models import StoredFile
from quanze.core.actor import EVERYTHING
from quanze.core.errors import InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState

pytestmark = pytest.mark.django_db
NAMES = ("对使用电鱼方法捕捞的处罚", "对使用毒鱼方法捕捞的处罚")
HOW_TO = Path(__file__).parents[3] / "docs" / "how-to" / "prepare-a-committee-meeting.md"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.QUANZE_FILES_DIR = tmp_path


@pytest.fixture
def meeting_id(county):
    county.draft(*(county.content(name) for name in NAMES))
    submission_id = county.submit()
    county.pass_until(submission_id, stop_before="secretary")
    return convening.meeting_convene(
        actor=county.actor("secretary"),
        number="县编委〔2026〕第4次会议",
        title="青禾县编委第4次会议",
        held_on=county.today,
        place="三楼",
        submission_ids=[submission_id],
        now=county.now,
    )


def minutes() -> bytes:
    """办公室的纪要样式：红头、页眉、逐项一行的表格。"""
    word = docx.Document()
    head = word.add_paragraph().add_run("{{筹备机构}}文件")
    head.font.size, head.font.color.rgb = Pt(26), RGBColor(0xC0, 0, 0)
    word.sections[0].header.paragraphs[0].text = "{{会议号}}"
    word.add_paragraph("{{会议日期}}，共议 {{事项数}} 项。决议：{{决议}}")
    table = word.add_table(rows=2, cols=3, style="Table Grid")
    for cell, text in zip(table.rows[0].cells, ("事项", "决定", "意见"), strict=True):
        cell.text = text
    for cell, text in zip(table.rows[1].cells, ("{{事项.名称}}", "{{事项.决定}}", "{{事项.会议意见}}"), strict=True):
        cell.text = text
    target = io.BytesIO()
    word.save(target)
    return target.getvalue()


def upload(county, data, login="secretary", title="会议纪要", name="纪要.docx"):
    return templating.template_upload(actor=county.actor(login), title=title, name=name, data=data, now=county.now)


def fill(county, meeting_id, template_id):
    seen = CommitteeMeeting.objects.get(pk=meeting_id).lock_version
    document_id = templating.template_fill(
        actor=county.actor("secretary"),
        meeting_id=meeting_id,
        seen_version=seen,
        template_id=template_id,
        now=county.now,
    )
    row = MeetingDocument.objects.get(pk=document_id)
    with files.open_file(row.docx_file_id, scope=EVERYTHING).stream as stream:
        return docx.Document(io.BytesIO(stream.read()))


@pytest.mark.postgres
def test_the_offices_own_minutes_are_filled_after_the_meeting_and_keep_their_look(county, meeting_id):
    template_id = upload(county, minutes())
    assert OfficeTemplate.objects.get().fields == [
        "会议号", "会议日期", "筹备机构", "决议", "事项数", "事项.名称", "事项.决定", "事项.会议意见",
    ]  # fmt: skip
    before = fill(county, meeting_id, template_id)
    assert before.tables[0].rows[1].cells[1].text == ""

    secretary = county.actor("secretary")
    given = {"actor": secretary, "meeting_id": meeting_id, "now": county.now}
    convening.material_make(seen_version=2, **given)
    entries = {entry.name: entry.pk for entry in MeetingEntry.objects.all()}
    meeting_decide(
        seen_version=3,
        decisions={entries[NAMES[0]]: Decision("approve"), entries[NAMES[1]]: Decision("amend", "写明科室")},
        resolution="原则同意",
        **given,
    )
    made = fill(county, meeting_id, template_id)
    head = made.paragraphs[0].runs[0]
    assert head.text == "中共青禾县委机构编制委员会办公室文件"
    assert (head.font.size, head.font.color.rgb) == (Pt(26), RGBColor(0xC0, 0, 0))
    assert made.sections[0].header.paragraphs[0].text == "县编委〔2026〕第4次会议"
    assert made.paragraphs[1].text == "2026年11月2日，共议 2 项。决议：原则同意"
    assert made.tables[0].style.name == "Table Grid"
    assert [[cell.text for cell in row.cells] for row in made.tables[0].rows] == [
        ["事项", "决定", "意见"],
        [NAMES[0], "审定", ""],
        [NAMES[1], "修改后审定", "写明科室"],
    ]
    # Filled again it stands once among the papers, beside the three.
    assert sorted(MeetingDocument.objects.values_list("title", flat=True)) == [
        "三栏对照表",
        "会议纪要",
        "汇报稿",
        "议题表",
    ]


def test_the_sample_can_be_uploaded_as_it_is_and_knows_every_topic_and_item(county, meeting_id):
    made = fill(county, meeting_id, upload(county, templating.sample(county.now), title="请示"))
    assert made.paragraphs[0].text == "关于提请青禾县编委第4次会议审定权责清单的请示"
    assert "{{" not in "".join(paragraph.text for paragraph in made.paragraphs)
    topics, items = made.tables
    assert len(topics.rows) == 2 and len(items.rows) == 3
    assert items.rows[1].cells[1].text == "（新增，无原内容）"
    assert items.rows[1].cells[2].text.startswith("事项名称：对使用")


def test_every_field_that_is_offered_is_filled_and_stands_in_the_guide(county, meeting_id):
    word = docx.Document()
    for name in FIELDS:
        word.add_paragraph(f"{name}＝{{{{{name}}}}}")
    target = io.BytesIO()
    word.save(target)
    made = fill(county, meeting_id, upload(county, target.getvalue(), title="全部字段"))
    text = "\n".join(paragraph.text for paragraph in made.paragraphs)
    assert "{{" not in text
    empty = {line.partition("＝")[0] for line in text.splitlines() if line.endswith("＝")}
    assert empty == {"决议", "议题.结果", "事项.决定", "事项.会议意见"}
    guide = HOW_TO.read_text(encoding="utf-8")
    assert [name for name in FIELDS if f"`{{{{{name}}}}}`" not in guide] == []


@pytest.mark.postgres
def test_what_is_wrong_in_a_template_is_named_and_nothing_stays(county):
    word = docx.Document()
    word.add_paragraph("{{会义号}}")
    target = io.BytesIO()
    word.save(target)
    with pytest.raises(RulesNotMet) as refused:
        upload(county, target.getvalue())
    assert "“会义号”没有这个名称，是不是“会议号”" in refused.value.message
    plain = io.BytesIO()
    docx.Document().save(plain)
    with pytest.raises(InvalidInput, match="没有一个"):
        upload(county, plain.getvalue())
    with pytest.raises(InvalidInput) as refused:
        upload(county, b"%PDF-1.7 no", name="纪要.docx")
    assert refused.value.code == "FILE_TYPE_MISMATCH"
    with pytest.raises(InvalidInput, match="名称没有填写"):
        upload(county, minutes(), title=" ")
    with pytest.raises(NotPermitted):
        upload(county, minutes(), login="drafter")
    assert not OfficeTemplate.objects.exists() and not StoredFile.objects.filter(purpose="adjustment.template").exists()


def test_the_same_name_replaces_and_a_retired_one_is_filled_no_more(county, meeting_id):
    first, second = upload(county, minutes()), upload(county, templating.sample(county.now))
    assert [row.pk for row in OfficeTemplate.objects.filter(is_retired=False)] == [second]
    with pytest.raises(WrongState, match="已经停用"):
        fill(county, meeting_id, first)
    templating.template_retire(actor=county.actor("secretary"), template_id=second, seen_version=1, now=county.now)
    with pytest.raises(WrongState):
        templating.template_retire(actor=county.actor("secretary"), template_id=second, seen_version=2, now=county.now)
    with pytest.raises(NotFound):
        templating.template_retire(actor=county.actor("drafter"), template_id=first, seen_version=1, now=county.now)
    actions = [fact.action for fact in audit.history_of("adjustment.template", second, scope=EVERYTHING)]
    assert sorted(actions) == ["adjustment.template.retired", "adjustment.template.uploaded"]


def test_the_pages_upload_check_fill_and_download(county, meeting_id, client_of):
    client = client_of("secretary")
    page = client.get(reverse("adjustment:office_templates")).content.decode()
    assert "{{会议号}}" in page and "{{事项.理由与依据}}" in page
    sample = b"".join(client.get(reverse("adjustment:template_sample")))
    address = reverse("adjustment:template_upload")
    wrong = client.post(address, {"title": "请示", "file": SimpleUploadedFile("请示.docx", b"no document")})
    assert wrong.status_code == 422
    done = client.post(address, {"title": "请示", "file": SimpleUploadedFile("请示.docx", sample)})
    assert done.status_code == 303
    row = OfficeTemplate.objects.get()
    assert "请示" in client.get(reverse("adjustment:meeting", args=[meeting_id])).content.decode()
    filled = client.post(
        reverse("adjustment:template_fill", args=[meeting_id]), {"seen_version": 1, "template_id": row.pk}
    )
    assert filled.status_code == 303
    document = MeetingDocument.objects.get()
    assert client.get(reverse("adjustment:meeting_document", args=[document.pk, "docx"])).status_code == 200
    assert client.get(reverse("adjustment:meeting_document", args=[document.pk, "pdf"])).status_code == 404
    file = reverse("adjustment:template_file", args=[row.pk])
    assert client.get(file).status_code == 200
    assert client_of("forestry").get(file).status_code in (403, 404)
    assert client.post(reverse("adjustment:template_retire", args=[row.pk]), {"seen_version": 1}).status_code == 303
    assert "还没有公文样式" in client.get(reverse("adjustment:office_templates")).content.decode()
