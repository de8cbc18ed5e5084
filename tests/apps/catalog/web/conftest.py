"""页面测试共用的小件：正文、所见版本、表单字段。"""

import pytest


@pytest.fixture
def text_of():
    """回应的正文。"""
    return lambda answer: answer.content.decode()


@pytest.fixture
def seen_of():
    """某人所见的案卷版本。"""
    return _seen_of


@pytest.fixture
def form_of():
    """表单送来的字段。"""
    return _form_of


def _seen_of(submission_id, county, login):
    from quanze.apps.workflow import public as workflow

    case = workflow.case_by_subject(
        subject_kind="catalog.submission", subject_id=submission_id, actor=county.actor(login)
    )
    return case.lock_version


def _form_of(content, **fields):
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
