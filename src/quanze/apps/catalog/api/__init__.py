"""权责清单的接口：公开读取（不需登录），编制与审查（凭登录或接口密钥）。"""

from quanze.apps.catalog.api.derived import router as derived_router
from quanze.apps.catalog.api.disclosure import router
from quanze.apps.catalog.api.drafting import router as drafting_router
from quanze.apps.catalog.api.reviewing import router as reviewing_router

__all__ = ["derived_router", "drafting_router", "reviewing_router", "router"]
