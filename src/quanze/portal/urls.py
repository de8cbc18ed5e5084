"""根地址。Each capability mounts its pages here, one line each; the public site and the API root come last."""

from django.conf import settings
from django.urls import include, path

from quanze.base.iam.web import urls as second_factor
from quanze.base.iam.web.entrance import SignOutView
from quanze.base.operation import views as operation
from quanze.portal.web import (
    account,
    accounts,
    api_keys,
    desk,
    guide,
    inbox,
    item_timeline,
    opening,
    passwords,
    progress,
    search,
)

handler400 = "quanze.base.web.errors.bad_request"
handler403 = "quanze.base.web.errors.permission_denied"
handler404 = "quanze.base.web.errors.page_not_found"
handler500 = "quanze.base.web.errors.server_error"

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("done/", desk.desk_done, name="desk_done"),
    path("opened/", desk.desk_opened, name="desk_opened"),
    path("login/", accounts.LoginView.as_view(), name="login"),
    path("login/", include(second_factor.login_urlpatterns)),
    path("logout/", SignOutView.as_view(), name="logout"),
    path("account/", include(second_factor.account_urlpatterns)),
    path("account/", account.account, name="account"),
    path("account/sessions/others/end/", account.sessions_revoke_others, name="sessions_revoke_others"),
    path("account/sessions/<str:handle>/end/", account.session_revoke, name="session_revoke"),
    path("account/token/", account.fresh_token, name="fresh_token"),
    path("account/resume/", account.resume, name="resume"),
    path("account/resume/drop/", account.resume_drop, name="resume_drop"),
    path("account/keys/", api_keys.key_list, name="api_keys"),
    path("account/keys/create/", api_keys.key_create, name="api_key_create"),
    path("account/keys/<int:key_id>/revoke/", api_keys.key_revoke, name="api_key_revoke"),
    path("account/keys/accounts/create/", api_keys.system_account_create, name="system_account_create"),
    path("account/password/", passwords.password, name="password_change"),
    path("account/setup/", passwords.setup, name="account_setup"),
    path("account/setup/<str:token>/", passwords.setup_link, name="account_setup_link"),
    path("account/appointment/", accounts.appointment_switch, name="appointment_switch"),
    path("messages/", inbox.inbox, name="messages"),
    path("messages/read/", inbox.inbox_read, name="messages_read"),
    path("jobs/", progress.job_list, name="jobs"),
    path("jobs/<int:job_id>/", progress.job_page, name="job"),
    path("jobs/<int:job_id>/progress/", progress.job_fragment, name="job_progress"),
    path("jobs/<int:job_id>/cancel/", progress.job_cancel, name="job_cancel"),
    path("open/<str:kind>/<int:id>/", opening.open_subject, name="open_subject"),
    path("search/", search.search, name="search"),
    path("help/", guide.guide, name="help"),
    path("lists/items/<int:item_id>/timeline/", item_timeline.item_timeline, name="item_timeline"),
    path("lists/", include("quanze.apps.catalog.web.urls")),
    path("mandates/", include("quanze.apps.org.web.mandate_urls")),
    path("rules/", include("quanze.apps.catalog.web.rule_urls")),
    path("adjustments/", include("quanze.apps.adjustment.web.urls")),
    path("runs/", include("quanze.apps.performance.web.urls")),
    path("evaluations/", include("quanze.apps.evaluation.web.urls")),
    path("record/", include("quanze.portal.record.urls")),
    path("staff/", include("quanze.apps.org.web.urls")),
    path("setup/", include("quanze.apps.org.web.setup_urls")),
    path("public/", include("quanze.portal.public_site.urls")),
    path("healthz", operation.healthz, name="healthz"),
    path("readyz", operation.readyz, name="readyz"),
    path("metrics", operation.metrics, name="metrics"),
    path("api/", include("quanze.portal.api_urls")),
]

if settings.QUANZE_IS_DEMO or settings.DEBUG or getattr(settings, "QUANZE_SHOW_STYLEGUIDE", False):
    from quanze.portal.web import styleguide

    urlpatterns += [
        path("styleguide/", styleguide.styleguide, name="styleguide"),
        path("styleguide/errors/<int:status>/", styleguide.error_example, name="styleguide_error"),
    ]
