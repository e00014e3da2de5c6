"""Addresses of the house: screens at the root, the API under /api/v1/."""

from django.urls import include, path

urlpatterns = [
    path("account/", include("backoffice.web.account_urls")),
    path("api/v1/", include("backoffice.api_urls")),
    path("", include("backoffice.web.urls")),
]

handler400 = "backoffice.web.system.bad_request"
handler403 = "backoffice.web.system.forbidden"
handler404 = "backoffice.web.system.not_found"
handler500 = "backoffice.web.system.failed"
