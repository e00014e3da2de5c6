"""Addresses of models of scoring, thresholds, and what alerts were worth."""

from django.urls import path

from backoffice.web import scoring

urlpatterns = [
    path("scoring/", scoring.model_list, name="models"),
    path("scoring/train/", scoring.model_train, name="model_train"),
    path("scoring/thresholds/", scoring.scoring_thresholds, name="scoring_thresholds"),
    path("scoring/figures/", scoring.scoring_figures, name="scoring_figures"),
    path("scoring/models/<int:number>/", scoring.model_page, name="model"),
    path("scoring/models/<int:number>/challenge/", scoring.model_challenge, name="model_challenge"),
    path("scoring/models/<int:number>/retire/", scoring.model_retire, name="model_retire"),
    path("scoring/models/<int:number>/promote/", scoring.model_promote, name="model_promote"),
]
