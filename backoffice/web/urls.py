"""Addresses of the screens, one module a screen."""

from django.urls import URLPattern, URLResolver, include, path

from backoffice.web import preferences, start

urlpatterns: list[URLPattern | URLResolver] = [
    path("", start.start, name="start"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("preferences/tokens/", preferences.token_make, name="own_token_make"),
    path("preferences/tokens/<int:pk>/revoke/", preferences.token_revoke, name="own_token_revoke"),
    path("preferences/language/", preferences.language, name="language"),
    path("", include("backoffice.web.office_urls")),
    path("", include("backoffice.web.case_urls")),
    path("", include("backoffice.web.desk_urls")),
    path("", include("backoffice.web.payment_urls")),
    path("", include("backoffice.web.rule_urls")),
    path("", include("backoffice.web.scoring_urls")),
    path("", include("backoffice.web.screening_urls")),
]
