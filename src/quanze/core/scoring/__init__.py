"""计分：指标树、计分函数、读数与得分树。"""

from quanze.core.scoring.functions import ScoreFunction
from quanze.core.scoring.numbers import decimal, rounded, show, show_in
from quanze.core.scoring.parsing import function_from, indicator_set_from
from quanze.core.scoring.readings import Reading
from quanze.core.scoring.scores import NOT_READ, GroupScore, IndicatorScore, SetScore, score_set
from quanze.core.scoring.tree import Group, GroupRole, Indicator, IndicatorSet, SourceKind, Weighting, rescale, select

__all__ = [
    "NOT_READ",
    "Group",
    "GroupRole",
    "GroupScore",
    "Indicator",
    "IndicatorScore",
    "IndicatorSet",
    "Reading",
    "ScoreFunction",
    "SetScore",
    "SourceKind",
    "Weighting",
    "decimal",
    "function_from",
    "indicator_set_from",
    "rescale",
    "rounded",
    "score_set",
    "select",
    "show",
    "show_in",
]
