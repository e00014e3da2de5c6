"""Addresses of the house: screens at the root, the API under /api/v1/."""

from django.urls import include, path

urlpatterns = [
    path("account/", include("allauth.urls")),
    path("api/v1/", include("backoffice.api_urls")),
    path("", include("backoffice.web.urls")),
]
