"""行权运行的地址。"""

from django.urls import path

from quanze.apps.performance.web.views import bodies, counts, explaining, imports, items, verifying, warning

app_name = "performance"
urlpatterns = [
    path("", bodies.overview, name="overview"),
    path("bodies/<int:body_id>/", bodies.body_page, name="body"),
    path("bodies/<int:body_id>/charts/<str:key>.csv", bodies.chart_csv, name="chart_csv"),
    path("bodies/<int:body_id>/items/", bodies.item_table, name="items"),
    path("bodies/<int:body_id>/items/<str:code>/", items.item_page, name="item"),
    path("bodies/<int:body_id>/items/<str:code>/fragment/", items.item_fragment, name="item_fragment"),
    path("bodies/<int:body_id>/counts/", counts.counts_page, name="counts"),
    path("bodies/<int:body_id>/counts/save/", counts.counts_save, name="counts_save"),
    path("imports/", imports.import_list, name="imports"),
    path("imports/upload/", imports.file_upload, name="file_upload"),
    path("imports/files/<int:file_id>/", imports.import_preview, name="import_preview"),
    path("imports/files/<int:file_id>/confirm/", imports.import_confirm, name="import_confirm"),
    path("imports/<int:import_id>/", imports.import_report, name="import_report"),
    path("quarantine/", verifying.quarantine_list, name="quarantine"),
    path("quarantine/recheck/", verifying.quarantine_recheck, name="quarantine_recheck"),
    path("quarantine/<int:group_id>/", verifying.quarantine_group, name="quarantine_group"),
    path("quarantine/<int:group_id>/decide/", verifying.quarantine_decide, name="quarantine_decide"),
    path("warnings/", warning.warning_list, name="warnings"),
    path("warnings/read/", warning.warnings_read, name="warnings_read"),
    path("warnings/<int:warning_id>/", warning.warning_page, name="warning"),
    path("warnings/<int:warning_id>/decide/", warning.warning_decide, name="warning_decide"),
    path("explanations/", explaining.explanation_list, name="explanations"),
    path("explanations/open/", explaining.explanations_open, name="explanations_open"),
    path("explanations/<int:explanation_id>/", explaining.explanation_page, name="explanation"),
    path("explanations/<int:explanation_id>/decide/", explaining.explanation_decide, name="explanation_decide"),
]
