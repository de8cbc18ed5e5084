"""公开站点的地址。Mounted at ``public/``; item and body codes are the lasting names of things."""

from django.urls import path

from quanze.portal.public_site import anchors, derived, downloads, pages, printing, reporting

app_name = "public"

urlpatterns = [
    path("", pages.home, name="home"),
    path("search/", pages.search, name="search"),
    path("bodies/", pages.bodies, name="bodies"),
    path("bodies/<str:body_code>/", pages.body_list, name="body"),
    path("bodies/<str:body_code>/print/", pages.body_print, name="body_print"),
    path("bodies/<str:body_code>/list.xlsx", downloads.list_xlsx, name="body_xlsx"),
    path("bodies/<str:body_code>/list.json", downloads.list_json, name="body_json"),
    path("bodies/<str:body_code>/poster.pdf", printing.poster_pdf, name="poster"),
    path("bodies/<str:body_code>/handbook.pdf", printing.handbook, {"extension": "pdf"}, name="handbook_pdf"),
    path("bodies/<str:body_code>/handbook.docx", printing.handbook, {"extension": "docx"}, name="handbook_docx"),
    path("bodies/<str:body_code>/embed/", printing.embed, name="embed"),
    path("items/<str:item_code>/", pages.item, name="item"),
    path("items/<str:item_code>/v<int:number>/", pages.item_version, name="item_version"),
    path("items/<str:item_code>/guide/", pages.item_guide, name="item_guide"),
    path("items/<str:item_code>/item.json", downloads.item_json, name="item_json"),
    path("items/<str:item_code>/item.jsonld", downloads.item_jsonld, name="item_jsonld"),
    path("lists/", derived.derived_index, name="derived_index"),
    path("lists/<slug:list_code>/<str:body_code>/", derived.derived_list, name="derived"),
    path("lists/<slug:list_code>/<str:body_code>/list.xlsx", derived.derived_xlsx, name="derived_xlsx"),
    path("lists/<slug:list_code>/<str:body_code>/list.json", derived.derived_json, name="derived_json"),
    path("changes/", pages.changes, name="changes"),
    path("changes/<int:edition_id>/", pages.edition, name="edition"),
    path("changes/<int:edition_id>/article.txt", printing.article, name="article"),
    path("changes/feed.json", downloads.changes_feed, name="changes_feed"),
    path("record/", anchors.anchors, name="anchors"),
    path("record/anchors.jsonl", anchors.anchors_file, name="anchors_file"),
    path("report/", reporting.report, name="report"),
    path("report/status/", reporting.status, name="report_status"),
]
