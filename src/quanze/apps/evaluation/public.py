"""监督评估的公开接口：其他能力只从这里进入。"""

from quanze.apps.evaluation.domain.conclusions import Sentence
from quanze.apps.evaluation.domain.lifecycles import CONCLUSION_FLOW, ROUND_FLOW
from quanze.apps.evaluation.metrics import all_metrics
from quanze.apps.evaluation.selectors.conclusions import ConclusionView, conclusion
from quanze.apps.evaluation.selectors.packs import PackView, packs
from quanze.apps.evaluation.selectors.reference import reference_text
from quanze.apps.evaluation.selectors.results import BodyResult, Verification, body_result, round_verify
from quanze.apps.evaluation.selectors.rounds import (
    BodyRow,
    RoundView,
    UnexplainedBody,
    body_rows,
    round_unexplained,
    round_view,
    rounds,
)
from quanze.apps.evaluation.selectors.schemes import SchemeRow, SchemeView, scheme_view, schemes
from quanze.apps.evaluation.services.conclusions import (
    conclusion_correct,
    conclusion_draft,
    conclusion_edit,
    conclusion_issue,
)
from quanze.apps.evaluation.services.packs import packs_install
from quanze.apps.evaluation.services.rounds import (
    round_conclude,
    round_correct,
    round_create,
    round_open,
    round_withdraw,
)
from quanze.apps.evaluation.services.schemes import scheme_change, scheme_create
from quanze.apps.evaluation.services.scoring import round_compute, round_compute_request, score_enter

LIFECYCLES = (ROUND_FLOW, CONCLUSION_FLOW)


def indicator_reference() -> str:
    """指标参考页（Markdown），供 ``make docs`` 写入 docs/reference/indicators.md。"""
    return reference_text(all_metrics())


__all__ = [
    "LIFECYCLES",
    "BodyResult",
    "BodyRow",
    "ConclusionView",
    "PackView",
    "RoundView",
    "SchemeRow",
    "SchemeView",
    "Sentence",
    "UnexplainedBody",
    "Verification",
    "all_metrics",
    "body_result",
    "body_rows",
    "conclusion",
    "conclusion_correct",
    "conclusion_draft",
    "conclusion_edit",
    "conclusion_issue",
    "indicator_reference",
    "packs",
    "packs_install",
    "round_compute",
    "round_compute_request",
    "round_conclude",
    "round_correct",
    "round_create",
    "round_open",
    "round_unexplained",
    "round_verify",
    "round_view",
    "round_withdraw",
    "rounds",
    "scheme_change",
    "scheme_create",
    "scheme_view",
    "schemes",
    "score_enter",
]
