"""Channels to banks: the list, adding one, its page with settings, test, switch, and what went over it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backoffice.common import errors, pages
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import Entity
from backoffice.web import acts, change_words, lists
from backoffice.web.transmissions import pill
from controls import widenings
from controls.models import ChangeRequest
from documents import trail
from transactions.channels import registry
from transactions.channels.registry import Wanted
from transactions.channels.ways import Fault
from transactions.models import Account, BankChannel, IntakeSource, OutgoingFile, Transmission

MOST_LISTED = 100
# Which field shows a refusal.
_PLACES = {
    "channel.name_missing": "name", "channel.name_used": "name", "channel.pattern_not_unique": "file_name",
    "channel.pattern_place": "file_name", "channel.pattern_bad": "file_name", "channel.host_bad": "host",
    "channel.user_missing": "user", "channel.host_key_bad": "host_keys", "channel.folder_bad": "out_folder",
    "channel.folders_same": "in_folder", "channel.no_folder": "out_folder", "channel.account_taken": "accounts",
    "channel.account_unknown": "accounts",
    "channel.all_taken": "all_accounts", "channel.key_short": "password", "channel.key_unreadable": "private_key",
    "channel.secret_again": "password", "channel.ack_minutes": "ack_minutes",
}  # fmt: skip
_OF_KIND = {
    "folder": (),
    "sftp": ("host", "port", "user", "host_keys", "password", "private_key"),
    "adapter": ("url", "password", "fetches"),
}


def authorised(request: HttpRequest, pk: int) -> BankChannel:
    """The channel when the reader manages it; else not there."""
    access.demand(request.user, registry.MANAGE)
    found = registry.visible(lists.reader(request)).filter(pk=pk).first()
    if found is None:
        raise NotThere("not_there")
    return found


class ChannelForm(forms.Form):
    """One form for the three kinds; what a kind has not is left out. A secret is never shown again."""

    name = forms.CharField(max_length=80, label=gettext_lazy("Name"))
    host = forms.CharField(max_length=255, label=gettext_lazy("Server"))
    port = forms.IntegerField(min_value=1, max_value=65_535, initial=22, label=gettext_lazy("Port"))
    user = forms.CharField(max_length=80, label=gettext_lazy("User there"))
    url = forms.CharField(
        max_length=400, label=gettext_lazy("Address of the gateway"), widget=forms.URLInput,
        help_text=gettext_lazy("https://host/path; the contract is in docs/api.md."),
    )  # fmt: skip
    host_keys = forms.CharField(
        required=False, max_length=5_000, widget=forms.Textarea({"rows": 2}), label=gettext_lazy("Keys of the server"),
        help_text=gettext_lazy(
            "One a line, as the bank published them: a line of known_hosts, or SHA256:… A server that shows another is "
            "refused. Left empty, the test shows the key without signing in."
        ),
    )  # fmt: skip
    password = forms.CharField(
        required=False, max_length=registry.LONGEST_SECRET, strip=False,
        widget=forms.PasswordInput({"autocomplete": "off"}),
    )  # fmt: skip
    private_key = forms.CharField(
        required=False, max_length=registry.LONGEST_SECRET, label=gettext_lazy("Or a private key"),
        widget=forms.Textarea({"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("OpenSSH or PEM, without a passphrase. Kept encrypted and never shown again."),
    )  # fmt: skip
    out_folder = forms.CharField(required=False, max_length=200, label=gettext_lazy("Folder for what we send"))
    in_folder = forms.CharField(required=False, max_length=200, label=gettext_lazy("Folder of what the bank leaves"))
    fetches = forms.BooleanField(required=False, label=gettext_lazy("Fetch what the gateway has for us"))
    after_fetch = forms.ChoiceField(choices=BankChannel.After.choices, label=gettext_lazy("With a fetched file"))
    file_name = forms.CharField(
        max_length=80, initial="{message_id}.xml", label=gettext_lazy("Names of files"),
        help_text=gettext_lazy("With the places {message_id} (needed), {kind} and {date}."),
    )  # fmt: skip
    kinds = forms.MultipleChoiceField(
        choices=OutgoingFile.Kind.choices, required=False, initial=OutgoingFile.Kind.values,
        widget=forms.CheckboxSelectMultiple, label=gettext_lazy("Kinds of files"),
        help_text=gettext_lazy("Which files of the accounts go by this channel."),
    )  # fmt: skip
    all_accounts = forms.BooleanField(
        required=False, label=gettext_lazy("All accounts that have no channel of their own")
    )  # fmt: skip
    accounts = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, label=gettext_lazy("Accounts"),
        help_text=gettext_lazy("Whose files go by this channel, from the next one on."),
    )  # fmt: skip
    source = forms.ChoiceField(
        required=False, label=gettext_lazy("Source of payment files that are fetched"),
        help_text=gettext_lazy("Without one, payment files wait for a person."),
    )  # fmt: skip
    ack_minutes = forms.IntegerField(
        required=False, min_value=1, max_value=registry.MOST_ACK_MINUTES,
        label=gettext_lazy("Minutes to the acknowledgement"),
        help_text=gettext_lazy("After the delivery; empty when the bank sends none."),
    )  # fmt: skip

    def __init__(self, *arguments: Any, kind: str, entity: Entity, secret_set: bool = False, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.kind = kind
        for other, names in _OF_KIND.items():
            for name in names:
                if other != kind and name not in _OF_KIND[kind]:
                    self.fields.pop(name, None)
        if kind == "adapter":
            for name in ("out_folder", "in_folder", "after_fetch"):
                del self.fields[name]
        if "password" in self.fields:
            field = self.fields["password"]
            field.label = _("Shared key") if kind == "adapter" else _("Password")
            field.help_text = (
                _("Kept encrypted and never shown again. Left empty, the one that was entered stays.")
                if secret_set
                else _("Kept encrypted and never shown again.")
            )
        # A long list is nothing to tick: what was chosen stays in it, the rest is named by the API or by "all".
        chosen = [int(key) for key in (options.get("initial") or {}).get("accounts", ())]
        own = Account.objects.filter(entity=entity, kind__in=["customer", "bank"]).order_by("code")
        listed = {one.pk: one for one in [*own.filter(pk__in=chosen), *own[:MOST_LISTED]]}
        self.fields["accounts"].choices = [(str(key), str(one)) for key, one in listed.items()]  # type: ignore[attr-defined]
        sources = IntakeSource.objects.filter(entity=entity, is_active=True).order_by("code")
        self.fields["source"].choices = [("", _("none")), *((str(one.pk), one.name) for one in sources)]  # type: ignore[attr-defined]

    def wanted(self) -> tuple[Wanted, str]:
        """What was asked for, and the secret."""
        said = dict(self.cleaned_data)
        secret = said.pop("private_key", "") or said.pop("password", "")
        said.pop("password", None)
        if said.pop("fetches", False):
            said["in_folder"] = "inbox"
        said["source"] = int(said["source"]) if said["source"] else None
        said["accounts"] = [int(key) for key in said["accounts"]]
        return Wanted(**said), secret


@require_GET
def channel_list(request: HttpRequest) -> HttpResponse:
    """Queries: grants, entities, one page."""
    access.demand(request.user, registry.MANAGE)
    places = lists.entities(request, registry.MANAGE)
    rows = registry.visible(lists.reader(request))
    return render(
        request,
        "channels/list.html",
        {
            "page": pages.page(rows, key=("id",), cursor=lists.cursor(request), salt="channels"),
            "several_entities": len(places) > 1,
            "places": places,
            "kinds": BankChannel.Kind.choices,
        },
    )


@never_cache
@sensitive_post_parameters("password", "private_key")
@require_http_methods(["GET", "POST"])
def channel_new(request: HttpRequest) -> HttpResponse:
    """Of the entity and kind that the address names, and the form again."""
    access.demand(request.user, registry.MANAGE)
    places = lists.entities(request, registry.MANAGE)
    asked = request.POST or request.GET
    entity = next((place for place in places if asked.get("entity", places[0].code) == place.code), None)
    if entity is None:
        raise NotThere("not_there")
    kind = asked.get("kind", "")
    kind = kind if kind in BankChannel.Kind.values else "sftp"
    form = ChannelForm(request.POST or None, kind=kind, entity=entity)
    if request.method == "POST" and form.is_valid():
        wanted, secret = form.wanted()
        try:
            made, _asked = widenings.add_channel(
                actor=lists.reader(request), entity=entity, kind=kind, wanted=wanted, secret=secret
            )
        except (Denied, NotThere):
            raise
        except BusinessError as refused:
            _say(form, refused)
        else:
            messages.success(
                request, _("Channel added. Test the connection; files go by it when a second person has signed it.")
            )
            return redirect("channel", made.pk)
    return render(
        request,
        "channels/new.html",
        {"form": form, "entity": entity, "kind": BankChannel.Kind(kind)},
        status=422 if form.is_bound else 200,
    )


@never_cache
@sensitive_post_parameters("password", "private_key")
@require_http_methods(["GET", "POST"])
def channel_page(request: HttpRequest, pk: int) -> HttpResponse:
    channel = authorised(request, pk)
    if request.method == "GET":
        return _show(request, channel)
    form = _form(channel, request.POST)
    if form.is_valid():
        wanted, secret = form.wanted()
        try:
            _channel, waits = widenings.change_channel(
                actor=lists.reader(request), channel_id=pk, wanted=wanted, secret=secret
            )
        except (Denied, NotThere):
            raise
        except BusinessError as refused:
            _say(form, refused)
        else:
            said = _("Channel saved. Nothing goes by it until a second person has signed it.")
            messages.success(request, said if waits else _("Channel saved. It counts from the next call on."))
            return redirect("channel", pk)
    return _show(request, authorised(request, pk), form)


def _form(channel: BankChannel, posted: Any = None) -> ChannelForm:
    routes = list(channel.routes.all())
    begun = {
        name: getattr(channel, name)
        for name in ("name", "host", "port", "user", "url", "host_keys", "out_folder", "in_folder", "after_fetch",
                     "file_name", "ack_minutes")
    }  # fmt: skip
    begun |= {
        "fetches": bool(channel.in_folder), "source": channel.source_id or "",
        "accounts": sorted({str(route.account_id) for route in routes if route.account_id is not None}),
        "all_accounts": any(route.account_id is None for route in routes),
        "kinds": sorted({route.kind for route in routes}) or list(OutgoingFile.Kind.values),
    }  # fmt: skip
    return ChannelForm(
        posted, kind=channel.kind, entity=channel.entity, secret_set=channel.secret is not None, initial=begun
    )


def _show(request: HttpRequest, channel: BankChannel, form: ChannelForm | None = None) -> HttpResponse:
    sent = Transmission.objects.filter(channel=channel).select_related("file").order_by("-pk")[:20]
    return render(
        request,
        "channels/channel.html",
        {
            "channel": channel,
            "form": form or _form(channel),
            "why": errors.sentence(channel.last_code, channel.last_params) if channel.last_code else "",
            "sent": [(one, pill(one)) for one in sent],
            "may_see_files": access.can(request.user, "outgoing.view", channel.entity_id),
            "asked": change_words.cards(lists.reader(request), [ChangeRequest.Subject.CHANNEL], channel.pk),
            "acts": acts.told(trail.of("channel", channel.pk)[:20]),
        },
        status=422 if form and form.errors else 200,
    )


def _say(form: ChannelForm, refused: BusinessError) -> None:
    place = _PLACES.get(refused.code)
    if place is None and refused.code.startswith("channel.address"):
        place = "url" if "url" in form.fields else "host"
    form.add_error(place if place in form.fields else None, str(refused))


@require_POST
def channel_test(request: HttpRequest, pk: int) -> HttpResponse:
    channel = authorised(request, pk)
    try:
        registry.test(actor=lists.reader(request), channel_id=channel.pk)
    except Fault as fault:
        messages.error(request, str(fault))
    else:
        messages.success(request, _("It works: connected, signed in, the folders are there. Nothing was written."))
    return redirect("channel", pk)


@require_POST
def channel_switch(request: HttpRequest, pk: int) -> HttpResponse:
    on = request.POST.get("on") == "1"
    channel = authorised(request, pk)
    try:
        registry.switch(actor=lists.reader(request), channel_id=channel.pk, on=on)
        messages.success(request, _("Switched on. What waits goes out.") if on else _("Switched off. Files wait."))
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        messages.error(request, str(refused))
    return redirect("channel", pk)
