"""监督评估的地址。"""

from django.urls import path

from quanze.apps.evaluation.web.views import bodies, conclusions, rounds, schemes

app_name = "evaluation"

_BODY = "rounds/<int:round_id>/bodies/<int:body_id>/"

urlpatterns = [
    path("", rounds.round_list, name="rounds"),
    path("rounds/new/", rounds.round_new, name="round_new"),
    path("rounds/create/", rounds.round_create, name="round_create"),
    path("rounds/<int:round_id>/", rounds.round_page, name="round"),
    path("rounds/<int:round_id>/open/", rounds.round_open, name="round_open"),
    path("rounds/<int:round_id>/withdraw/", rounds.round_withdraw, name="round_withdraw"),
    path("rounds/<int:round_id>/compute/", rounds.round_compute, name="round_compute"),
    path("rounds/<int:round_id>/conclude/", rounds.round_conclude, name="round_conclude"),
    path("rounds/<int:round_id>/correct/", rounds.round_correct, name="round_correct"),
    path("rounds/<int:round_id>/export/", rounds.round_export, name="round_export"),
    path("rounds/<int:round_id>/verify/", rounds.round_verify, name="round_verify"),
    path(_BODY, bodies.body_page, name="body"),
    path(_BODY + "charts/", bodies.body_charts, name="body_charts"),
    path(_BODY + "indicators/<str:code>/", bodies.indicator_page, name="indicator"),
    path(_BODY + "indicators/<str:code>/enter/", bodies.score_enter, name="score_enter"),
    path(_BODY + "conclusion/", conclusions.conclusion_page, name="conclusion"),
    path(_BODY + "conclusion/draft/", conclusions.conclusion_draft, name="conclusion_draft"),
    path(_BODY + "conclusion/edit/", conclusions.conclusion_edit, name="conclusion_edit"),
    path(_BODY + "conclusion/issue/", conclusions.conclusion_issue, name="conclusion_issue"),
    path(_BODY + "conclusion/correct/", conclusions.conclusion_correct, name="conclusion_correct"),
    path(_BODY + "conclusion/<str:kind>/", conclusions.conclusion_file, name="conclusion_file"),
    path("schemes/", schemes.scheme_list, name="schemes"),
    path("schemes/new/", schemes.scheme_new, name="scheme_new"),
    path("schemes/create/<int:pack_id>/", schemes.scheme_create, name="scheme_create"),
    path("schemes/<int:scheme_id>/", schemes.scheme_page, name="scheme"),
    path("schemes/<int:scheme_id>/change/", schemes.scheme_change, name="scheme_change"),
    path("packs/", schemes.pack_list, name="packs"),
    path("packs/<int:pack_id>/", schemes.pack_page, name="pack"),
]
