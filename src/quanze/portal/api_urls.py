"""接口根：各能力的接口装在 /api/v1/ 下，说明见 /api/v1/openapi.json。The interactive page of the library is left out: it loads scripts from elsewhere."""

from django.urls import path
from ninja import NinjaAPI

from quanze.apps.catalog.api import router as catalog_router

api = NinjaAPI(title="权责清单公开接口", version="1.0.0", docs_url=None, urls_namespace="api")
api.add_router("", catalog_router)

urlpatterns = [path("v1/", api.urls)]
