"""数据项：每个来源一个模块，只经各能力的公开接口取数。"""

from quanze.apps.evaluation.metrics import catalog, pending, performance
from quanze.apps.evaluation.metrics.registry import all_metrics

__all__ = ["all_metrics", "catalog", "pending", "performance"]
