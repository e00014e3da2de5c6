"""Webhooks: the list, registering one (its secret is shown once), its page with the log, and sending again."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backoffice.common import errors, formats, pages
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import Entity
from backoffice.web import acts, lists
from backoffice.webhooks import events, services
from backoffice.webhooks.models import Attempt, Delivery, Endpoint
from documents import trail


def authorised(request: HttpRequest, pk: int) -> Endpoint:
    """The webhook when the reader manages it; else not there."""
    access.demand(request.user, services.MANAGE)
    found = services.visible(lists.reader(request)).filter(pk=pk).first()
    if found is None:
        raise NotThere("not_there")
    return found


class WebhookForm(forms.Form):
    """Which events: none chosen means all."""

    name = forms.CharField(max_length=80, label=gettext_lazy("Name"), help_text=gettext_lazy("Who listens."))
    url = forms.CharField(
        max_length=500,
        label=gettext_lazy("Address"),
        help_text=gettext_lazy("https, and outside the house."),
        widget=forms.URLInput,
    )
    events = forms.MultipleChoiceField(
        choices=[(name, name) for name in events.NAMES],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Events"),
        help_text=gettext_lazy("None chosen: all of them."),
    )


class NewForm(WebhookForm):
    entity = forms.ModelChoiceField(
        Entity.objects.none(), to_field_name="code", empty_label=None, label=gettext_lazy("Entity")
    )
    field_order = ("entity", "name", "url", "events")

    def __init__(self, *arguments: Any, places: Sequence[int], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["entity"].queryset = Entity.objects.filter(pk__in=places)  # type: ignore[attr-defined]


class SpanForm(forms.Form):
    """A span of time, in the reader's time zone."""

    since = forms.DateTimeField(
        label=gettext_lazy("From"), widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M")
    )
    until = forms.DateTimeField(
        label=gettext_lazy("Until"), widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M")
    )
    failed_only = forms.BooleanField(
        required=False, initial=True, label=gettext_lazy("Only what was given up")
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
def webhook_list(request: HttpRequest) -> HttpResponse:
    """The page answers the form that registers one with the secret, once; it is never in an address or a list."""
    access.demand(request.user, services.MANAGE)
    actor, places = lists.reader(request), access.entity_ids(request.user, services.MANAGE)
    form = NewForm(request.POST or None, places=places)
    secret = ""
    if request.method == "POST" and form.is_valid():
        try:
            _made, secret = services.register(actor=actor, **form.cleaned_data)
        except (Denied, NotThere):
            raise
        except BusinessError as refused:
            form.add_error("url" if refused.code.startswith("webhook.address") else None, str(refused))
    return render(
        request,
        "webhooks/list.html",
        {
            "page": pages.page(services.visible(actor), key=("id",), cursor=lists.cursor(request), salt="webhooks"),
            "secret": secret,
            "form": NewForm(places=places) if secret else form,
            "several_entities": len(places) > 1,
        },
        status=422 if form.is_bound and not secret else 200,
    )


@never_cache
@require_http_methods(["GET", "POST"])
def webhook_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What was sent and how it was answered; the form changes name, address and events."""
    endpoint = authorised(request, pk)
    if request.method == "GET":
        return _show(request, endpoint)
    form = WebhookForm(request.POST)
    if form.is_valid():
        try:
            services.change(actor=lists.reader(request), endpoint_id=pk, **form.cleaned_data)
        except (Denied, NotThere):
            raise
        except BusinessError as refused:
            form.add_error("url" if refused.code.startswith("webhook.address") else None, str(refused))
        else:
            messages.success(request, _("Webhook saved. It counts from the next event on."))
            return redirect("webhook", pk)
    return _show(request, endpoint, form=form)


def _show(
    request: HttpRequest, endpoint: Endpoint, *, form: WebhookForm | None = None, secret: str = "",
    span: SpanForm | None = None,
) -> HttpResponse:  # fmt: skip
    states = [("", _("All")), *Delivery.Status.choices]
    state = lists.choice(request, "status", states)
    last = Attempt.objects.filter(delivery=OuterRef("pk")).order_by("-pk")
    sent = services.deliveries(endpoint).annotate(
        last_status=Subquery(last.values("status")[:1]),
        last_ms=Subquery(last.values("duration_ms")[:1]),
    )
    if state:
        sent = sent.filter(status=state)
    now = timezone.localtime()
    begun = {"name": endpoint.name, "url": endpoint.url, "events": endpoint.events}
    return render(
        request,
        "webhooks/webhook.html",
        {
            "endpoint": endpoint,
            "page": pages.page(sent, key=("id",), cursor=lists.cursor(request), salt=f"webhook:{endpoint.pk}"),
            "tabs": lists.tabs(request, "status", states),
            "form": form or WebhookForm(initial=begun),
            "span": span or SpanForm(initial={"since": now - timedelta(days=1), "until": now}),
            "secret": secret,
            "both_until": endpoint.old_until if endpoint.old_until and endpoint.old_until > timezone.now() else None,
            "acts": acts.told(trail.of("webhook", endpoint.pk)[:20]),
        },
        status=422 if (form and form.errors) or (span and span.errors) else 200,
    )


@require_GET
def webhook_delivery(request: HttpRequest, pk: int, delivery_pk: int) -> HttpResponse:
    """One delivery: what was sent, and every call with its answer."""
    endpoint = authorised(request, pk)
    delivery = services.deliveries(endpoint).filter(pk=delivery_pk).first()
    if delivery is None:
        raise NotThere("not_there")
    calls = list(delivery.log.order_by("-pk")[:200])
    told = [(call, errors.sentence(call.code, call.params) if call.code else "") for call in calls]
    return render(
        request, "webhooks/delivery.html", {"endpoint": endpoint, "delivery": delivery, "calls": told}
    )  # fmt: skip


@never_cache
@require_POST
def webhook_rotate(request: HttpRequest, pk: int) -> HttpResponse:
    endpoint = authorised(request, pk)
    _endpoint, secret = services.rotate(actor=lists.reader(request), endpoint_id=endpoint.pk)
    return _show(request, authorised(request, pk), secret=secret)


@require_POST
def webhook_pause(request: HttpRequest, pk: int) -> HttpResponse:
    services.pause(actor=lists.reader(request), endpoint_id=authorised(request, pk).pk)
    messages.success(request, _("Paused. Events wait until it is resumed."))
    return redirect("webhook", pk)


@require_POST
def webhook_resume(request: HttpRequest, pk: int) -> HttpResponse:
    services.resume(actor=lists.reader(request), endpoint_id=authorised(request, pk).pk)
    messages.success(request, _("Resumed. What waits is sent first."))
    return redirect("webhook", pk)


@require_POST
def webhook_retire(request: HttpRequest, pk: int) -> HttpResponse:
    services.retire(actor=lists.reader(request), endpoint_id=authorised(request, pk).pk)
    messages.success(request, _("Retired. Nothing is sent there any more."))
    return redirect("webhook", pk)


@require_POST
def webhook_replay(request: HttpRequest, pk: int) -> HttpResponse:
    """Chosen deliveries (field ``delivery``), or a span."""
    endpoint, actor = authorised(request, pk), lists.reader(request)
    chosen = [key for key in map(lists.number, request.POST.getlist("delivery")) if key is not None]
    form = SpanForm(request.POST)
    try:
        if chosen:
            count = services.replay(actor=actor, endpoint_id=pk, ids=chosen)
        elif form.is_valid():
            count = services.replay_span(actor=actor, endpoint_id=pk, **form.cleaned_data)
        else:
            return _show(request, endpoint, span=form)
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        messages.error(request, str(refused))
    else:
        said = ngettext("%(n)s event is sent again.", "%(n)s events are sent again.", count)
        messages.success(request, said % {"n": formats.count(count)})
    return redirect("webhook", pk)
