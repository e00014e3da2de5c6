"""Addresses of screening: hits, names that are let pass, lists."""

from django.urls import path

from backoffice.web import screening, watchlists

urlpatterns = [
    path("screening/", screening.queue, name="screening"),
    path("screening/hits/<int:pk>/", screening.hit_page, name="screening_hit"),
    path("screening/hits/<int:pk>/release/", screening.hit_release, name="screening_release"),
    path("screening/hits/<int:pk>/true/", screening.hit_true, name="screening_true"),
    path("screening/hits/<int:pk>/exempt/", screening.hit_exempt, name="screening_exempt"),
    path("screening/try/", screening.try_name, name="screening_try"),
    path("screening/exemptions/", screening.exemption_list, name="exemptions"),
    path("screening/exemptions/<int:pk>/end/", screening.exemption_end, name="exemption_end"),
    path("screening/lists/", watchlists.list_page, name="watchlists"),
    path("screening/lists/new/", watchlists.list_new, name="watchlist_new"),
    path("screening/lists/<int:pk>/", watchlists.watchlist_page, name="watchlist"),
    path("screening/lists/<int:pk>/load/", watchlists.watchlist_load, name="watchlist_load"),
    path("screening/lists/<int:pk>/fetch/", watchlists.watchlist_fetch, name="watchlist_fetch"),
    path("screening/lists/<int:pk>/change/", watchlists.watchlist_change, name="watchlist_change"),
    path("screening/lists/<int:pk>/versions/<int:number>/", watchlists.version_page, name="watchlist_version"),
    path("screening/lists/<int:pk>/versions/<int:number>/file/", watchlists.version_file, name="watchlist_file"),
]
