"""政策参数的公共入口。"""

from quanze.base.parameters.definitions import ParameterDefinition, definition, definitions, register_pack
from quanze.base.parameters.selectors import (
    ParameterHistoryRow,
    history,
    source_of,
    value_decimal,
    value_int,
    value_list,
    value_text,
    values_on,
    versions_on,
)
from quanze.base.parameters.services import parameter_set

__all__ = [
    "ParameterDefinition",
    "ParameterHistoryRow",
    "definition",
    "definitions",
    "history",
    "parameter_set",
    "register_pack",
    "source_of",
    "value_decimal",
    "value_int",
    "value_list",
    "value_text",
    "values_on",
    "versions_on",
]
