"""规则引擎：规则、发现、严重程度、登记与豁免。

The engine knows no business type: a subject is anything with ``items`` that carry a ``key``. Read in this order:
``findings`` (what a rule says), ``rules`` (what a rule is), ``registry`` (which exist), ``running`` (how they run),
``waivers`` (when one may stand although the rule says no).
"""

from quanze.core.lint.findings import SEVERITY_LABELS, Finding, Hit, Severity
from quanze.core.lint.registry import Registry
from quanze.core.lint.rules import Example, ItemRule, Rule, RuleScope
from quanze.core.lint.running import Report, run
from quanze.core.lint.waivers import Judged, Waiver, blocking, judge

__all__ = [
    "SEVERITY_LABELS",
    "Example",
    "Finding",
    "Hit",
    "ItemRule",
    "Judged",
    "Registry",
    "Report",
    "Rule",
    "RuleScope",
    "Severity",
    "Waiver",
    "blocking",
    "judge",
    "run",
]
