"""简明指南的页面：从事项页起草、按行填写、公布；两张表；外机构看不见。"""

import pytest
from django.urls import reverse

from quanze.apps.catalog.models import PlainGuide, PowerItem

pytestmark = pytest.mark.django_db
PERMIT = "水产苗种生产许可证核发"
FORM = {
    "step_title": ["窗口提交申请", "现场核查", ""],
    "step_who": ["申请人", "渔政科", ""],
    "step_limit": ["当场", "5 个工作日", ""],
    "step_text": ["", "查看<b>水源</b>与设施。", ""],
    "material_name": ["申请书", ""],
    "material_form": ["原件 1 份", ""],
    "material_note": ["", ""],
    "hours": "工作日 9:00—17:00",
    "place": "青禾县政务服务中心 12 号窗口",
    "phone": "0000-1234567",
    "note": "",
    "no_flow_reason": "",
    "change_note": "首次编写",
}


@pytest.fixture
def item(county):
    county.publish()
    return PowerItem.objects.get(versions__name=PERMIT)


@pytest.mark.req("H-40")
def test_from_the_item_page_to_the_public_page(item, client_of, text_of, client):
    drafter = client_of("drafter")
    page = text_of(drafter.get(reverse("catalog:item_tab", args=[item.pk, "guide"])))
    assert "还没有简明指南" in page and "起草指南" in page
    answer = drafter.post(reverse("catalog:guide_start", args=[item.pk]))
    assert answer.status_code == 303
    guide = PlainGuide.objects.get()
    assert answer["Location"] == reverse("catalog:guide", args=[guide.pk])
    assert "还没有写运行流程；流程依法不公开的，写明理由" in text_of(drafter.get(answer["Location"]))

    saved = drafter.post(reverse("catalog:guide_save", args=[guide.pk]), FORM | {"seen_version": 1})
    assert saved.status_code == 303
    page = text_of(drafter.get(answer["Location"]))
    assert 'value="现场核查"' in page and "内容已齐，可以公布" in page and "公布指南</button>" not in page

    publisher = client_of("publisher")
    done = publisher.post(reverse("catalog:guide_publish", args=[guide.pk]), {"seen_version": 2})
    assert done.status_code == 303
    assert "现行指南（第 1 版）" in text_of(publisher.get(done["Location"]))

    public = text_of(client.get(f"/public/items/{item.code}/"))
    assert '<a href="#guide" rel="noopener">见下面的简明指南</a>' in public
    assert public.index("不服怎么办") < public.index("运行流程") < public.index("全部内容")
    assert "查看&lt;b&gt;水源&lt;/b&gt;与设施。" in public  # plain text: a tag is a word
    printed = text_of(client.get(f"/public/items/{item.code}/guide/"))
    assert "青禾县政务服务中心 12 号窗口" in printed and guide.content_hash != ""
    body = client.get(f"/public/items/{item.code}/item.json").json()
    assert [step["title"] for step in body["guide"]["steps"]] == ["窗口提交申请", "现场核查"]
    channel = client.get(f"/public/items/{item.code}/item.jsonld").json()["availableChannel"]
    assert channel["servicePhone"]["telephone"] == "0000-1234567"


@pytest.mark.req("H-53")
def test_where_the_flow_may_not_be_published_the_public_page_gives_the_reason(item, client_of, text_of, client):
    publisher = client_of("publisher")
    publisher.post(reverse("catalog:guide_start", args=[item.pk]))
    guide = PlainGuide.objects.get()
    reason = "依照《青禾县渔业管理办法》第四十条，核查流程不公开。"
    given = FORM | {"seen_version": 1, "no_flow_reason": reason}
    given |= {name: [""] for name in ("step_title", "step_who", "step_limit", "step_text")}
    publisher.post(reverse("catalog:guide_save", args=[guide.pk]), given)
    done = publisher.post(reverse("catalog:guide_publish", args=[guide.pk]), {"seen_version": 2})
    assert done.status_code == 303
    for path in ("", "guide/"):
        assert f"运行流程依法不公开：{reason}" in text_of(client.get(f"/public/items/{item.code}/{path}"))


def test_without_a_guide_there_is_nothing_to_print(item, client):
    assert client.get(f"/public/items/{item.code}/guide/").status_code == 404
    assert "#guide" not in client.get(f"/public/items/{item.code}/").content.decode()
    assert "guide" not in client.get(f"/public/items/{item.code}/item.json").json()


def test_a_row_without_its_name_is_said_and_what_was_typed_comes_back(item, client_of, text_of):
    drafter = client_of("drafter")
    drafter.post(reverse("catalog:guide_start", args=[item.pk]))
    guide = PlainGuide.objects.get()
    wrong = FORM | {"seen_version": 1, "step_title": ["窗口提交申请", "", ""]}
    answer = drafter.post(reverse("catalog:guide_save", args=[guide.pk]), wrong)
    assert answer.status_code == 422
    page = text_of(answer)
    assert "运行流程第 2 行没有写这一步做什么" in page and 'value="渔政科"' in page
    assert PlainGuide.objects.get().lock_version == 1


def test_an_incomplete_guide_is_refused_with_every_gap_on_the_page(item, client_of, text_of):
    publisher = client_of("publisher")
    publisher.post(reverse("catalog:guide_start", args=[item.pk]))
    guide = PlainGuide.objects.get()
    answer = publisher.post(reverse("catalog:guide_publish", args=[guide.pk]), {"seen_version": 1})
    assert answer.status_code == 422
    for gap in ("还没有写运行流程", "依申请办理的要写申请材料", "还没有写办理时间", "还没有写咨询电话"):
        assert gap in text_of(answer)
    assert PlainGuide.objects.get().state == "draft"


def test_stopping_and_discarding_from_the_page(item, client_of, text_of):
    publisher = client_of("publisher")
    publisher.post(reverse("catalog:guide_start", args=[item.pk]))
    guide = PlainGuide.objects.get()
    publisher.post(reverse("catalog:guide_save", args=[guide.pk]), FORM | {"seen_version": 1})
    publisher.post(reverse("catalog:guide_publish", args=[guide.pk]), {"seen_version": 2})
    assert "停止公开</button>" in text_of(publisher.get(reverse("catalog:guide", args=[guide.pk])))
    ended = publisher.post(reverse("catalog:guide_end", args=[guide.pk]), {"seen_version": 3, "reason": "窗口撤并"})
    assert ended.status_code == 303
    publisher.post(reverse("catalog:guide_start", args=[item.pk]))
    draft = PlainGuide.objects.get(state="draft")
    gone = publisher.post(reverse("catalog:guide_discard", args=[draft.pk]), {"seen_version": 1})
    assert gone.status_code == 303
    assert not PlainGuide.objects.filter(state="draft").exists()


def test_a_foreign_body_finds_nothing(item, client_of):
    client_of("drafter").post(reverse("catalog:guide_start", args=[item.pk]))
    guide, stranger = PlainGuide.objects.get(), client_of("forestry")
    assert stranger.get(reverse("catalog:guide", args=[guide.pk])).status_code == 404
    for name in ("guide_save", "guide_publish", "guide_discard", "guide_end"):
        data = FORM | {"seen_version": 1, "reason": "试"}
        assert stranger.post(reverse(f"catalog:{name}", args=[guide.pk]), data).status_code == 404
    assert stranger.post(reverse("catalog:guide_start", args=[item.pk])).status_code == 404


@pytest.mark.req("H-39", "J-20")
def test_the_two_lists_show_what_is_missing(item, client_of, text_of, client):
    from django.utils import timezone

    from quanze.apps.catalog import public as catalog

    catalog.report_receive(item_code=item.code, text="不知道到哪里办。", now=timezone.now())
    office = client_of("establishment")
    page = text_of(office.get(reverse("catalog:guides")))
    assert PERMIT in page and "缺指南 1 项" in page and "公众纠错第 1" in page
    assert PERMIT not in text_of(office.get(reverse("catalog:guides"), {"situation": "hall"}))
    assert office.get(reverse("catalog:guides"), {"export": "xlsx"}).status_code == 200
    page = text_of(office.get(reverse("catalog:guides_unguided"), {"q": "苗种"}))
    assert PERMIT in page and "对使用电鱼方法捕捞的处罚" not in page
    assert office.get(reverse("catalog:guides_unguided"), {"export": "xlsx"}).status_code == 200
    assert PERMIT not in text_of(client_of("forestry").get(reverse("catalog:guides_unguided")))
