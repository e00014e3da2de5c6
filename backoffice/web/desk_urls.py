"""Addresses of statements and reconciliation."""

from django.urls import path

from backoffice.web import breaks, reconciled_days, reconciliation, statements, workbench

urlpatterns = [
    path("statements/", statements.statement_list, name="statements"),
    path("statements/bring-in/", statements.statement_new, name="statement_new"),
    path("statements/<int:pk>/", statements.statement_page, name="statement"),
    path("statements/<int:pk>/file/", statements.statement_file, name="statement_file"),
    path("reconciliation/", reconciliation.start, name="reconciliation"),
    path("reconciliation/positions/", reconciliation.position_report, name="positions"),
    path("reconciliation/month/", reconciliation.month_end, name="month_end"),
    path("reconciliation/month.csv", reconciliation.month_csv, name="month_csv"),
    path("reconciliation/limits/", reconciliation.limits, name="reconciliation_limits"),
    path("reconciliation/limits/<int:pk>/agree/", reconciliation.limits_agree, name="limits_agree"),
    path("reconciliation/accounts/<int:pk>/", workbench.workbench, name="workbench"),
    path("reconciliation/accounts/<int:pk>/accept/", workbench.accept, name="suggestions_accept"),
    path("reconciliation/accounts/<int:pk>/certain/", workbench.certain, name="suggestions_certain"),
    path("reconciliation/accounts/<int:pk>/match/", workbench.match, name="workbench_match"),
    path("reconciliation/accounts/<int:pk>/undo/", workbench.undo, name="workbench_undo"),
    path("reconciliation/accounts/<int:pk>/correct/", breaks.correction_new, name="correction_new"),
    path("reconciliation/accounts/<int:pk>/days/<str:day>/", reconciled_days.day_page, name="day"),
    path("reconciliation/accounts/<int:pk>/days/<str:day>/prepare/", reconciled_days.day_prepare, name="day_prepare"),
    path("reconciliation/days/<int:pk>/", reconciled_days.sign_off_page, name="sign_off"),
    *(
        path(
            f"reconciliation/days/<int:pk>/{verb.replace('_', '-')}/",
            reconciled_days.day_act,
            {"verb": verb},
            name=f"day_{verb}",
        )
        for verb in reconciled_days.VERBS
    ),
    path("reconciliation/breaks/", breaks.break_list, name="breaks"),
    path("reconciliation/breaks/<int:pk>/", breaks.break_page, name="break"),
    *(
        path(f"reconciliation/breaks/acts/{verb}/", breaks.break_act, {"verb": verb}, name=f"break_{verb}")
        for verb in breaks.VERBS
    ),
    path("reconciliation/corrections/<int:pk>/agree/", breaks.correction_agree, name="correction_agree"),
    path("reconciliation/corrections/<int:pk>/refuse/", breaks.correction_refuse, name="correction_refuse"),
]
