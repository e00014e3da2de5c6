"""How long decisions of an entity may be taken back: its setting, its history, and changing it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import services
from backoffice.web import acts, lists
from backoffice.web.matrix import entity_of
from documents.models import AuditRecord


class UndoForm(forms.Form):
    seconds = forms.IntegerField(
        label=gettext_lazy("Seconds"), min_value=0, max_value=services.LONGEST_UNDO,
        help_text=gettext_lazy("0: decisions take effect at once and cannot be taken back."),
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500)


@require_http_methods(["GET", "HEAD", "POST"])
def undo_window(request: HttpRequest, entity_pk: int) -> HttpResponse:
    """The setting with who changed it. Two queries beside the entity's."""
    entity = entity_of(request, entity_pk)
    form = UndoForm(request.POST if request.method == "POST" else None, initial={"seconds": entity.undo_seconds})
    if request.method == "POST" and form.is_valid():
        try:
            services.set_undo_window(actor=lists.reader(request), entity_id=entity.pk, **form.cleaned_data)
        except (Denied, NotThere):
            raise
        except BusinessError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The undo window is changed."))
            return redirect("matrix")
    records = AuditRecord.objects.filter(
        subject_type="entity", subject_id=entity.pk, action="entity.undo_window_changed"
    )[:20]
    context: dict[str, Any] = {"form": form, "entity": entity, "acts": acts.told(records)}
    return render(request, "matrix/undo_window.html", context, status=422 if form.is_bound else 200)
