"""Rules: the list, what one says now with its versions, a trial on one payment, the facts; asking for another mode."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from backoffice.common import formats
from backoffice.common.errors import BusinessError, Conflict, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import Entity, User
from backoffice.web import lists, rule_words
from controls import changes
from controls.models import ChangeRequest, Rule, RuleVersion
from controls.rules import differences, life, reach, references, rulesets, scope, sentences, trial
from controls.vocabulary import FACTS

MODES = [("active", RuleVersion.Mode.ACTIVE.label), ("shadow", RuleVersion.Mode.SHADOW.label),
         ("off", RuleVersion.Mode.OFF.label)]  # fmt: skip
PAST = 20


class ModeForm(forms.Form):
    """When a version runs and why; the moment is the reader's."""

    mode = forms.ChoiceField(label=gettext_lazy("Publish as"), choices=[MODES[1], MODES[0], MODES[2]])
    starts_at = forms.DateTimeField(
        label=gettext_lazy("Runs from"), required=False, help_text=gettext_lazy("Empty: as soon as it is published."),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500)
    overload_reason = forms.CharField(
        label=gettext_lazy("Why it is worth more work than the team has time for"), required=False, max_length=500,
        help_text=gettext_lazy("Only where its back-test says so."),
    )  # fmt: skip


def name_of(rule: Rule) -> str:
    return rule.name_fr if formats.locale_name().startswith("fr") else rule.name_en


def scopes(reader: User, right: str) -> list[tuple[str, str]]:
    """The entities in which the person may do this, as choices; all of them first, where it is in all."""
    places = access.entity_ids(reader, right)
    named = [(row.code, row.name) for row in Entity.objects.filter(pk__in=places).order_by("code")]
    return [*([("*", _("All entities"))] if reach.may(reader, right, None) else []), *named]


def current(versions: list[RuleVersion], now: datetime) -> dict[int | None, RuleVersion]:
    """Of each entity (None: all) the version that counts now, among the published ones of one rule."""
    found: dict[int | None, RuleVersion] = {}
    for version in sorted(versions, key=lambda one: one.number):
        if version.published_at and (version.starts_at is None or version.starts_at <= now):
            found[version.entity_id] = version
    return found


@require_safe
def rule_list(request: HttpRequest) -> HttpResponse:
    """Queries: grants, entities, rules in force, drafts, requests, lists."""
    access.demand(request.user, reach.VIEW)
    reader = lists.reader(request)
    places = access.entity_ids(reader, reach.VIEW)
    shown = [one for one in rulesets.in_force() if one.entity_id is None or one.entity_id in places]
    names = dict(Entity.objects.filter(pk__in=places).values_list("pk", "name"))
    drafts = list(life.visible(reader).filter(published_at=None).order_by("rule__code", "number"))
    waiting = life.waiting([one.pk for one in drafts])
    today = timezone.localdate()
    bar = lists.bar(request, [
        lists.select(request, "family", _("Family"), _("all"), Rule.Family.choices),
        lists.select(request, "mode", _("Mode"), _("all"), [*MODES, (scope.NOT_YET, _("Not yet"))]),
        lists.select(request, "action", _("Action"), _("all"), RuleVersion.Action.choices),
        lists.select(request, "scope", _("Entity"), _("all"), [("general", _("All entities")), *(
            (str(key), name) for key, name in names.items())]),
    ], _("Code or name"))  # fmt: skip
    values = {select.name: select.value for select in bar.selects}
    rows = [
        {"version": one, "name": name_of(one.rule), "scope": names.get(one.entity_id or 0, ""),
         "state": _now(one, today)}
        for one in shown
        if _wanted(one, values, bar.words, _now(one, today))
    ]  # fmt: skip
    asked = changes.visible(reader, ChangeRequest.Subject.LIST).filter(status="waiting")
    return render(request, "rules/list.html", {
        "bar": bar, "rows": rows, "total": sum(1 for one in shown if not scope.state_on(one, today)),
        "may_write": access.can(reader, reach.WRITE),
        "waiting": [(one, name_of(one.rule), waiting[one.pk]) for one in drafts if one.pk in waiting],
        "drafts": [(one, name_of(one.rule)) for one in drafts if one.pk not in waiting],
        "lists_waiting": list(asked[:PAST]),
    })  # fmt: skip


def _now(version: RuleVersion, today: date) -> str:
    """What a version that counts does today: its mode, unless its days have not come or are over."""
    if version.mode == RuleVersion.Mode.OFF:
        return version.mode
    return scope.state_on(version, today) or version.mode


def _wanted(one: RuleVersion, values: dict[str, str], words: str, state: str) -> bool:
    place = {"": True, "general": one.entity_id is None}.get(values["scope"], str(one.entity_id) == values["scope"])
    text = f"{one.rule.code} {one.rule.name_en} {one.rule.name_fr}".lower()
    return (
        values["family"] in {"", one.rule.family} and values["mode"] in {"", state}
        and values["action"] in {"", one.action} and place and words.lower() in text
    )  # fmt: skip


@require_safe
def rule_page(request: HttpRequest, code: str) -> HttpResponse:
    """One version of a rule, the one that counts unless ``?version=`` says which, beside all others. ``?with=``: what
    it says otherwise than another; ``?payment=``: tried on a payment (about forty statements more)."""
    access.demand(request.user, reach.VIEW)
    return page(request, code, request.GET.get("version", ""))


def page(request: HttpRequest, code: str, number: str, form: ModeForm | None = None) -> HttpResponse:
    """The page of a rule with one version (empty: the one that counts). ``form``: what was asked of it and refused."""
    reader = lists.reader(request)
    found = life.rule(reader, code)
    versions = list(life.visible(reader).filter(rule=found).order_by("-number"))
    now = timezone.now()
    counting = current(versions, now)
    version = _chosen(number, versions, counting)
    waiting = life.waiting([one.pk for one in versions if one.published_at is None])
    tried, fault = _tried(request, reader, version)
    request_of = waiting.get(version.pk)
    before = _before(request, versions, version)
    context = {
        "rule": found, "name": name_of(found), "version": version, "said": rule_words.conditions(version),
        "parameters": rule_words.parameters(version), "examples": rule_words.examples(version),
        "reference": references.said(version.legal_reference), "scope": _scope(version),
        "state": _state(version, counting, waiting, now),
        "versions": [(one, _state(one, counting, waiting, now)) for one in versions],
        "before": before, "differences": differences.between(before, version) if before else [],
        "request_of": request_of, "own": bool(request_of and request_of.asked_by_id == reader.pk),
        "hand": reader.pk in {version.written_by_id, *version.editors},
        "may_write": reach.may(reader, reach.WRITE, version.entity_id), "may_test": access.can(reader, "rule.test"),
        "may_decide": reach.may(reader, reach.PUBLISH, version.entity_id),
        "open_draft": next((one for one in versions if one.published_at is None
                            and one.entity_id == version.entity_id and one.written_by_id), None),
        "places": scopes(reader, reach.WRITE), "form": form or ModeForm(auto_id="mode-%s"),
        "tried": tried, "fault": fault,
        "asked": request.GET.get("payment", "")[:140], "may_try": access.can(reader, "payment.view"),
        "mode_choices": [(value, label) for value, label in MODES if value != version.mode],
    }  # fmt: skip
    return render(request, "rules/rule.html", context, status=422 if form else 200)


def _chosen(asked: str, versions: list[RuleVersion], counting: dict[int | None, RuleVersion]) -> RuleVersion:
    if asked:
        for one in versions:
            if one.number == lists.number(asked):
                return one
        raise NotThere("not_there")
    return counting.get(None) or next(iter(counting.values()), None) or versions[0]


def _before(request: HttpRequest, versions: list[RuleVersion], version: RuleVersion) -> RuleVersion | None:
    """What it is compared with: the one asked for, else the published one before it, of its entity or of all."""
    asked = lists.number(request.GET.get("with", ""))
    if asked is not None:
        return next((one for one in versions if one.number == asked and one.pk != version.pk), None)
    earlier = [one for one in versions if one.number < version.number and one.published_at]
    own = [one for one in earlier if one.entity_id == version.entity_id]
    return next(iter(own or [one for one in earlier if one.entity_id is None]), None)


def _tried(request: HttpRequest, reader: User, version: RuleVersion) -> tuple[trial.Trial | None, str]:
    text = request.GET.get("payment", "").strip()
    if not text:
        return None, ""
    try:
        return trial.on(trial.payment_of(reader, text), version), ""
    except NotThere:
        return None, _("There is no payment “%(text)s” that you can see.") % {"text": text[:140]}
    except BusinessError as wrong:
        return None, str(wrong)


def _state(
    version: RuleVersion, counting: dict[int | None, RuleVersion], waiting: dict[int, ChangeRequest], now: datetime
) -> str:  # fmt: skip
    """A code of what a version is: waiting, draft, offered, later, not_yet, over, active, shadow, off, past."""
    if version.published_at is None:
        return "waiting" if version.pk in waiting else "draft" if version.written_by_id else "offered"
    counts = counting.get(version.entity_id)
    if counts is not None and counts.pk == version.pk:
        return _now(version, timezone.localdate(now))
    later = version.starts_at is not None and version.starts_at > now
    return "later" if later and (counts is None or version.number > counts.number) else "past"


def _scope(version: RuleVersion) -> list[tuple[str, str]]:
    fields = ("entity", "kinds", "channels", "profiles", "valid_from", "valid_to", "dated_by", "level", "certainty")
    told = [(str(differences.NAMES[name]), differences.told(version, name)) for name in fields]
    if not version.entity_id:
        told[0] = (told[0][0], _("All entities"))
    return [(name, said) for name, said in told if said]


@require_POST
def rule_next(request: HttpRequest, code: str) -> HttpResponse:
    """The next version as a draft, from the version named: also the way back to an earlier one."""
    reader = lists.reader(request)
    access.demand(reader, reach.VIEW)
    found = life.rule(reader, code)
    place = entity_of(reader, request.POST.get("entity", ""))
    base = lists.number(request.POST.get("version", "")) or 0
    try:
        made = life.draft_next(actor=reader, code=found.code, entity=place, based_on=base)
    except (Denied, NotThere, Conflict):
        raise
    except BusinessError as refused:
        raise Conflict(refused.code, **refused.params) from None
    messages.success(request, _("A draft of version %(n)s is made.") % {"n": made.number})
    return redirect("rule_draft", made.pk)


@require_POST
def rule_mode(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for another mode of a published version; a second person decides."""
    reader = lists.reader(request)
    access.demand(reader, reach.VIEW)
    found = life.rule(reader, code)
    form = ModeForm(request.POST, auto_id="mode-%s")
    base = life.visible(reader).filter(rule=found, pk=lists.number(request.POST.get("version", "")) or 0).first()
    if base is None:
        raise NotThere("not_there")
    if not asked(form, lambda said: life.ask_mode(actor=reader, version_id=base.pk, **said)):
        return page(request, found.code, str(base.number), form)
    messages.success(request, _("It waits for a second person."))
    return redirect("rules")


def asked(form: ModeForm, ask: Callable[[dict[str, Any]], ChangeRequest]) -> bool:
    """Ask with what the form says; False when it says too little or is refused, with the sentence at its field."""
    if not form.is_valid():
        return False
    try:
        ask(form.cleaned_data)
    except (Denied, NotThere, Conflict):
        raise
    except BusinessError as refused:
        form.add_error(_AT.get(refused.code), str(refused))
    return not form.errors


_AT = {"rule.overloads": "overload_reason", "rule.start": "starts_at", "payment.reason_required": "reason"}


def entity_of(reader: User, code: str) -> Entity | None:
    """The entity that a form names, in sight of the reader; ``*`` or nothing: all entities."""
    if code in {"", "*"}:
        return None
    places = Entity.objects.filter(pk__in=access.entity_ids(reader, reach.VIEW))
    found = next((one for one in places if one.code == code), None)
    if found is None:
        raise NotThere("not_there")
    return found


@require_safe
def rule_facts(request: HttpRequest) -> HttpResponse:
    """The facts as the code documents them; ``?payment=``: with their values for it (about forty statements)."""
    access.demand(request.user, reach.VIEW)
    reader = lists.reader(request)
    text = request.GET.get("payment", "").strip()
    payment, values, fault = None, {}, ""
    if text:
        try:
            payment = trial.payment_of(reader, text)
            values = trial.facts_of(payment)
        except BusinessError:
            fault = _("There is no payment “%(text)s” that you can see.") % {"text": text[:140]}
    french = formats.locale_name().startswith("fr")
    currency = str(values.get("currency") or "EUR")
    words = lists.words(request).lower()
    rows = [
        {
            "name": name, "kind": KINDS[fact.kind.value], "meaning": _(fact.meaning),
            "codes": [(code, pair[1 if french else 0]) for code, pair in fact.words.items()],
            "value": sentences.write(name, values.get(name), currency) if payment else "",
        }
        for name, fact in FACTS.items()
        if words in f"{name} {fact.meaning} {_(fact.meaning)}".lower()
    ]  # fmt: skip
    bar = lists.bar(request, [], _("Name or meaning"))
    context = {"rows": rows, "bar": bar, "payment": payment, "asked": text[:140], "fault": fault,
               "may_try": access.can(reader, "payment.view")}  # fmt: skip
    return render(request, "rules/facts.html", context)


KINDS = {
    "text": gettext_lazy("text"), "code": gettext_lazy("word of a set"), "account": gettext_lazy("account number"),
    "number": gettext_lazy("number"), "money": gettext_lazy("amount"), "percent": gettext_lazy("percent"),
    "date": gettext_lazy("date"), "boolean": gettext_lazy("true or false"),
}  # fmt: skip
