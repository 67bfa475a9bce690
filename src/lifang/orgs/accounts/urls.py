"""Only those of allauth's routes that we use, under our own paths."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from lifang.orgs.accounts import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("login", views.login, name="account_login"),
    path("logout", views.logout, name="account_logout"),
    path("account", views.index, name="account_index"),
    path("account/password", views.change_password, name="account_change_password"),
    path("account/sessions/<int:session_id>/end", views.end_session, name="account_end_session"),
    path("account/again", views.Reauthenticate.as_view(), name="account_reauthenticate"),
    path("account/mfa/again", views.MfaReauthenticate.as_view(), name="mfa_reauthenticate"),
    path("account/mfa", RedirectView.as_view(pattern_name="account_index"), name="mfa_index"),
    path("account/mfa/on", views.ActivateTotp.as_view(), name="mfa_activate_totp"),
    path("account/mfa/off", views.DeactivateTotp.as_view(), name="mfa_deactivate_totp"),
    path("account/mfa/codes", views.RecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    path(
        "account/mfa/codes/new",
        views.NewRecoveryCodes.as_view(),
        name="mfa_generate_recovery_codes",
    ),
    path("login/code", views.Authenticate.as_view(), name="mfa_authenticate"),
]

_refused = RedirectView.as_view(pattern_name="account_login")
#: only where a single sign-on is set
sso: list[URLPattern | URLResolver] = [
    path("login/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("login/cancelled", _refused, name="socialaccount_login_cancelled"),
    path("login/error", _refused, name="socialaccount_login_error"),
    path("account/connections", _refused, name="socialaccount_connections"),
]
if settings.SOCIALACCOUNT_PROVIDERS:
    urlpatterns += sso
