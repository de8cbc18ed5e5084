"""评估的页面：能打开、点得到行、该拒绝的拒绝。"""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from quanze.apps.evaluation import public as evaluation
from quanze.apps.evaluation.services.scoring import COMPUTE_JOB
from quanze.base.jobs import public as jobs
from quanze.core.actor import EVERYTHING

pytestmark = pytest.mark.django_db


@pytest.fixture
def view(office, forty_items) -> evaluation.RoundView:
    return office.computed("QH-NY", "QH-LY")


def address(name: str, view, office, *more: str) -> str:
    return reverse(f"evaluation:{name}", args=[view.id, office.county.bodies["QH-NY"], *more])


def text_of(response) -> str:
    assert response.status_code == 200, response.content.decode()[:2000]
    return response.content.decode()


@pytest.mark.req("W-50")
def test_the_round_page_shows_matrix_rank_and_automatic_share(client_of, office, view) -> None:
    page = text_of(client_of("establishment").get(reverse("evaluation:round", args=[view.id])))
    assert "青禾县农业农村局" in page and "青禾县林业局" in page
    assert "2 / 5" in page
    assert "自动取数指标" in page
    assert address("body", view, office) in page


@pytest.mark.req("W-58")
def test_a_figure_leads_to_its_rows(client_of, office, view) -> None:
    client = client_of("establishment")
    body = text_of(client.get(address("body", view, office)))
    assert "40 项中 38 项已分解到内设机构" in body
    assert address("indicator", view, office, "1.6") in body
    page = text_of(client.get(address("indicator", view, office, "1.6")))
    for expected in ("对第39种禁用渔具捕捞的处罚", "对第40种禁用渔具捕捞的处罚", "组合计分", "38 / 40（95%）"):
        assert expected in page
    assert "wuxi-6x30@2026.r1/1.6v1+catalog.division_assignedv1" in page
    assert re.search(r'href="/lists/[^"]+">对第39种', page), "each row opens its item"


def test_base_indicators_without_data_and_bonus_ones_without_rating_add_up_to_all(client_of, office, view) -> None:
    answer = client_of("establishment").get(address("body", view, office))
    page = text_of(answer)
    missing = int(re.search(r"(\d+) 项指标没有数据", page)[1])
    assert "另有加分项 1 项未申报或未评定" in page
    assert missing + 1 + answer.context["with_data"] == len(answer.context["result"].lines) == 5


def test_the_reason_of_missing_data_is_on_the_page(client_of, office, view) -> None:
    page = text_of(client_of("establishment").get(address("indicator", view, office, "2.3")))
    assert "尚未接入“双公示”系统的决定与公示记录" in page


def test_no_page_carries_an_inline_script(client_of, office, view) -> None:
    client = client_of("establishment")
    pages = [
        reverse("evaluation:rounds"),
        reverse("evaluation:round_new"),
        reverse("evaluation:round", args=[view.id]),
        reverse("evaluation:round_verify", args=[view.id]),
        address("body", view, office),
        address("body_charts", view, office),
        address("indicator", view, office, "4.6"),
        address("conclusion", view, office),
        reverse("evaluation:schemes"),
        reverse("evaluation:scheme_new"),
        reverse("evaluation:scheme", args=[view.scheme_id]),
        reverse("evaluation:packs"),
        reverse("evaluation:pack", args=[evaluation.packs()[0].id]),
    ]
    for url in pages:
        page = text_of(client.get(url))
        for tag in re.findall(r"<script\b[^>]*>", page):
            assert "src=" in tag or 'type="application/json"' in tag, (url, tag)
        assert " onclick=" not in page and "javascript:" not in page


@pytest.mark.req("W-48")
def test_the_charts_page_draws_lists_and_says_what_is_missing(client_of, office, view) -> None:
    page = text_of(client_of("establishment").get(address("body_charts", view, office)))
    assert "40 项有效事项中行政处罚最多，40 项" in page
    assert "承办事项最多的内设机构是渔政科，38 项" in page
    assert "按月办件量：评估期间没有行权数据" in page


@pytest.mark.req("W-51")
def test_a_scheme_of_98_comes_back_with_what_was_typed(client_of, office) -> None:
    pack = office.pack()
    client = client_of("establishment")
    typed = {"name": "专项", "focus": "公示", "chosen": ["1.2", "1.6"], "weight-1.2": "58", "weight-1.6": "40"}
    response = client.post(reverse("evaluation:scheme_create", args=[pack.id]), typed)
    assert response.status_code == 422
    page = response.content.decode()
    assert "所选指标权重合计 98 分，应为 100 分" in page
    assert 'value="58"' in page
    assert evaluation.schemes() == []
    response = client.post(reverse("evaluation:scheme_create", args=[pack.id]), typed | {"weight-1.2": "60"})
    assert response.status_code == 303
    assert [row.name for row in evaluation.schemes()] == ["专项"]


def test_a_round_is_made_opened_and_computed_from_the_pages(client_of, office, forty_items) -> None:
    scheme = office.scheme()
    client = client_of("establishment")
    chosen = text_of(client.get(reverse("evaluation:round_new") + f"?scheme={scheme.id}"))
    assert f'<option value="{scheme.id}" selected>' in chosen
    values = {
        "name": "页面轮次",
        "scheme": scheme.id,
        "period_start": "2026-01-01",
        "period_last": "2026-12-31",
        "as_of": "2026-11-02",
        "regulation": "评估办法（2025年版）",
        "organisation": "县委编办",
        "result_use": "绩效考核",
        "bodies": [office.county.bodies["QH-NY"]],
    }
    page = client.post(reverse("evaluation:round_create"), values | {"organisation": ""})
    assert page.status_code == 422
    assert client.post(reverse("evaluation:round_create"), values).status_code == 303
    view = evaluation.rounds(scope=EVERYTHING)[0]
    assert (view.period_start, view.period_end) == (date(2026, 1, 1), date(2027, 1, 1))
    for verb in ("round_open", "round_compute"):
        seen = evaluation.round_view(view.id, scope=EVERYTHING).lock_version
        response = client.post(reverse(f"evaluation:{verb}", args=[view.id]), {"seen_version": seen})
        assert response.status_code == 303, response.content.decode()
    job = jobs.jobs_of(actor=office.actor)[0]
    assert (job.kind, job.state) == (COMPUTE_JOB, "queued")
    jobs.run_now(job.id)
    assert evaluation.round_view(view.id, scope=EVERYTHING).state == "computed"
    assert jobs.job_view(job_id=job.id, actor=office.actor).state == "done"


@pytest.mark.req("W-59")
def test_an_entry_is_made_on_the_page_and_not_for_the_own_body(client_of, office, view) -> None:
    client = client_of("establishment")
    target = address("score_enter", view, office, "4.6")
    wrong = client.post(target, {"numerator": "3", "denominator": "", "reason": "抽查"})
    assert wrong.status_code == 422
    done = client.post(target, {"numerator": "9", "denominator": "12", "reason": "抽查"})
    assert done.status_code == 303
    assert "抽查 12 项中 9 项合格" in text_of(client.get(address("indicator", view, office, "4.6")))
    own = client_of("drafter").post(target, {"numerator": "9", "denominator": "9", "reason": "自己"})
    assert own.status_code == 403


def test_a_conclusion_goes_from_draft_to_download(client_of, office, view) -> None:
    office.concluded(view.id)
    client, body = client_of("establishment"), office.county.bodies["QH-NY"]
    assert client.post(address("conclusion_draft", view, office)).status_code == 303
    conclusion = evaluation.conclusion(view.id, body, scope=EVERYTHING)
    edited = {"seen_version": conclusion.lock_version, "sentence-total": "总分见附表。"}
    assert client.post(address("conclusion_edit", view, office), edited).status_code == 303
    assert "系统原文：总分" in text_of(client.get(address("conclusion", view, office)))
    seen = evaluation.conclusion(view.id, body, scope=EVERYTHING).lock_version
    number = {"document_number": "青编办评〔2026〕3号", "issued_on": "2026-11-20", "seen_version": seen}
    missing = client.post(address("conclusion_issue", view, office), number | {"document_number": ""})
    assert missing.status_code == 422
    assert client.post(address("conclusion_issue", view, office), number).status_code == 303
    own = client_of("drafter")
    assert "青编办评〔2026〕3号" in text_of(own.get(address("conclusion", view, office)))
    for kind, magic in (("docx", b"PK"), ("pdf", b"%PDF-")):
        response = own.get(address("conclusion_file", view, office, kind))
        assert response.status_code == 200
        assert b"".join(response.streaming_content).startswith(magic)
    other = client_of("forestry").get(address("conclusion_file", view, office, "pdf"))
    assert other.status_code == 404


def test_another_bodys_result_does_not_exist_for_a_body(client_of, office, view) -> None:
    client = client_of("forestry")
    assert client.get(address("body", view, office)).status_code == 404
    page = text_of(client.get(reverse("evaluation:round", args=[view.id])))
    assert "青禾县农业农村局" not in page
    assert client.get(reverse("evaluation:scheme_new")).status_code == 403


@pytest.mark.req("W-08")
def test_the_exported_table_has_one_row_per_body(client_of, office, view) -> None:
    response = client_of("establishment").get(reverse("evaluation:round_export", args=[view.id]))
    assert response.status_code == 200
    assert response["Content-Type"].startswith("application/vnd.openxmlformats")


def test_the_number_of_queries_of_the_round_page_does_not_grow_with_the_bodies(client_of, office) -> None:
    scheme = office.scheme()
    few = office.computed("QH-NY", scheme=scheme)
    many = office.computed("QH-NY", "QH-LY", "QH-SF", "QH-SW", "QH-HX", "QH-XH", scheme=scheme, name="另一轮")
    client = client_of("establishment")
    client.get(reverse("evaluation:round", args=[few.id]))
    counts = []
    for round_id in (few.id, many.id):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("evaluation:round", args=[round_id])).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[1] <= 26  # one for each kind of matter that may wait on the desk among them
