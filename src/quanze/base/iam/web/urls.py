"""第二因素、二次验证与单点登录的地址。Mounted by the portal; none of allauth's own addresses is."""

from django.urls import path

from quanze.base.iam.web import entrance, second_factor, step_up

login_urlpatterns = [
    path("second-factor/", entrance.login_second_factor, name="login_second_factor"),
    path("single-sign-on/", entrance.single_sign_on_begin, name="single_sign_on"),
    path("single-sign-on/callback/", entrance.single_sign_on_callback, name="single_sign_on_callback"),
    path("single-sign-on/ended/", entrance.single_sign_on_ended, name="single_sign_on_ended"),
    path("single-sign-on/end/", entrance.single_sign_on_end, name="single_sign_on_end"),
]

account_urlpatterns = [
    path("second-factor/", second_factor.overview, name="second_factor"),
    path("second-factor/app/", second_factor.totp_add, name="totp_add"),
    path("second-factor/key/", second_factor.key_add, name="security_key_add"),
    path("second-factor/<int:factor_id>/remove/", second_factor.factor_remove, name="factor_remove"),
    path("second-factor/recovery-codes/", second_factor.recovery_codes_renew, name="recovery_codes_renew"),
    path("second-factor/reset/", second_factor.reset_page, name="factor_reset"),
    path("second-factor/reset/do/", second_factor.factor_reset, name="factor_reset_do"),
    path("step-up/", step_up.step_up_page, name="step_up"),
]
