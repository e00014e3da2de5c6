"""Addresses of alerts, cases, what is expected, and reports of suspicion."""

from django.urls import path

from backoffice.web import case, case_acts, cases, expected, score, suspicions

urlpatterns = [
    path("cases/", cases.case_list, name="cases"),
    path("cases/together/", cases.together, name="cases_together"),
    path("cases/figures/", cases.case_figures, name="case_figures"),
    path("cases/<int:pk>/", case.case_page, name="case"),
    *(path(f"cases/acts/{verb}/", case_acts.case_act, {"verb": verb}, name=f"case_{verb}") for verb in case_acts.ACTS),
    path("cases/silences/", cases.silence_list, name="silences"),
    path("cases/silences/<int:pk>/end/", cases.silence_end, name="silence_end"),
    path("cases/requests/<int:pk>/answer/", case_acts.request_answered, name="case_answer"),
    path("cases/links/<int:pk>/unlink/", case_acts.unlinked, name="case_unlink"),
    path("cases/<int:pk>/suspicion/", suspicions.report_prepare, name="suspicion_prepare"),
    path("expected/", expected.expected_list, name="expected"),
    path("expected/new/", expected.expected_new, name="expected_new"),
    path("expected/<int:pk>/", expected.expected_page, name="expectation"),
    path("expected/<int:pk>/end/", expected.expected_end, name="expectation_end"),
    path("expected/<int:pk>/excuse/", expected.expected_excuse, name="expectation_excuse"),
    path("payments/<int:pk>/alert/", case_acts.raise_alert, name="payment_alert"),
    path("payments/<int:pk>/score/", score.score_page, name="payment_score"),
    path("suspicions/", suspicions.report_list, name="suspicions"),
    path("suspicions/<int:pk>/", suspicions.report_page, name="suspicion"),
    path("suspicions/<int:pk>/write/", suspicions.report_write, name="suspicion_write"),
    path("suspicions/<int:pk>/file/", suspicions.report_file, name="suspicion_file"),
    path("suspicions/<int:pk>/drop/", suspicions.report_drop, name="suspicion_drop"),
]
