"""Drafts of rules: written with a builder or as text, looked at, handed in for a second person, discarded."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from backoffice.common.errors import BusinessError, Conflict, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import User
from backoffice.web import lists, rule_form, rule_words, rules
from backoffice.web.rule_form import NamingForm, VersionForm, Written
from backoffice.web.rules import ModeForm, entity_of, scopes
from controls.models import RuleVersion
from controls.rules import builder, life, reach, rule_lists
from controls.vocabulary import FACTS


@require_http_methods(["GET", "HEAD", "POST"])
def rule_new(request: HttpRequest) -> HttpResponse:
    """A rule of the house. Saved, it is a draft."""
    access.demand(request.user, reach.WRITE)
    reader = lists.reader(request)
    places = scopes(reader, reach.WRITE)
    data = request.POST if request.method == "POST" else None
    saving = data is not None and data.get("do") == "save"
    naming = NamingForm(data, places=places) if saving else NamingForm(places=places, initial=_typed(data))
    form = VersionForm(data) if saving else VersionForm(initial=_typed(data))
    said = rule_form.written(data) if data is not None else Written(
        True, "", rule_form.Line("b", True, items=[rule_form.Line("b.0")]), [])  # fmt: skip
    entity = entity_of(reader, data.get("entity", "")) if data is not None else None
    if data is not None:
        # Before anything of it is told: a named entity is one where the person may write.
        reach.demand(reader, reach.WRITE, entity.pk if entity else None)
    if data is not None and saving and naming.is_valid() and form.is_valid() and _whole(said):
        try:
            made = life.draft_new(
                actor=reader, entity=entity, values=_values(form, said),
                **{name: naming.cleaned_data[name] for name in ("code", "family", "name_en", "name_fr")},
            )  # fmt: skip
        except BusinessError as refused:
            _refused(refused, said, form, naming)
        else:
            messages.success(request, _("The draft is saved."))
            return redirect("rule_draft", made.pk)
    elif data is not None and not saving:
        rule_form.change(data, said, entity.pk if entity else None)
    context = {"naming": naming, "form": form, "draft": None, **_context(reader, said)}
    return render(request, "rules/draft.html", context, status=422 if saving else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def rule_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft: shown in its form, written anew, or one of its buttons pressed."""
    draft = authorised(request, pk)
    reader = lists.reader(request)
    data = request.POST if request.method == "POST" else None
    saving = data is not None and data.get("do") == "save"
    named = {"family": draft.rule.family, "name_en": draft.rule.name_en, "name_fr": draft.rule.name_fr}
    naming = None
    if not draft.rule.shipped and not draft.rule.versions.exclude(published_at=None).exists():
        naming = NamingForm(data if saving else None, places=[], fixed=True, initial=_typed(data) or named)
    form = VersionForm(data) if saving else VersionForm(initial=_typed(data) or rule_form.initial(draft))
    said = rule_form.written(data) if data is not None else rule_form.of_version(draft)
    if data is not None and saving and form.is_valid() and (naming is None or naming.is_valid()) and _whole(said):
        try:
            life.change(
                actor=reader, version_id=draft.pk, values=_values(form, said),
                naming=naming.cleaned_data if naming else None, read_at=data.get("read_at", ""),
            )  # fmt: skip
        except (Denied, NotThere, Conflict):
            raise
        except BusinessError as refused:
            _refused(refused, said, form, naming)
        else:
            messages.success(request, _("The draft is saved."))
            return redirect("rule_draft", draft.pk)
    elif data is not None and not saving:
        rule_form.change(data, said, draft.entity_id)
    context = {
        "naming": naming, "form": form, "draft": draft, "hand_in": ModeForm(auto_id="hand-in-%s"),
        "read_at": draft.written_at.isoformat() if draft.written_at else "",
        "waits": life.waiting([draft.pk]).get(draft.pk), **_context(reader, said),
    }  # fmt: skip
    return render(request, "rules/draft.html", context, status=422 if saving else 200)


def authorised(request: HttpRequest, pk: int) -> RuleVersion:
    """The draft when the person may write it; of another entity it is not there. Two queries."""
    access.demand(request.user, reach.WRITE)
    reader = lists.reader(request)
    found = life.draft(reader, pk)
    reach.demand(reader, reach.WRITE, found.entity_id)
    return found


def _typed(data: Any) -> dict[str, Any]:
    """What a form that is not saved yet holds, to be shown again."""
    if data is None:
        return {}
    several = {"kinds", "channels", "profiles"}
    return {name: data.getlist(name) if name in several else data.get(name, "") for name in (
        *VersionForm.base_fields, *NamingForm.base_fields)}  # fmt: skip


def _whole(said: Written) -> bool:
    """The text of what is built, when it is built."""
    if not said.built:
        return True
    whole = rule_form.to_text(said)
    said.built = True
    return whole


def _values(form: VersionForm, said: Written) -> dict[str, Any]:
    values, units = rule_form.parameters(said.rows)
    return {**form.cleaned_data, "expression": said.text, "parameters": values, "units": units}


def _refused(refused: BusinessError, said: Written, form: VersionForm, naming: NamingForm | None) -> None:
    """The sentence where it belongs: under the text with a caret, at its field, or above the form."""
    if isinstance(refused, (Denied, NotThere, Conflict)):
        raise refused
    place = refused.params.get("field", "")
    if "position" in refused.params or place == "expression" or refused.code.startswith("rule.builder"):
        said.fault = rule_words.fault(said.text, refused)
    elif naming is not None and place in naming.fields:
        naming.add_error(place, str(refused))
    else:
        form.add_error(place if place in form.fields else None, str(refused))


def _context(reader: User, said: Written) -> dict[str, Any]:
    return {
        "said": said, "facts": [(name, _(fact.meaning)) for name, fact in FACTS.items()],
        "named_lists": list(rule_lists.visible(reader).values_list("code", "name")),
        "units": RuleVersion.Unit.choices, "operators": list(rule_words.OPERATORS.items()),
        "groups": rule_form.OF_CHOICES, "may_try": access.can(reader, "payment.view"),
        "may_test": access.can(reader, "rule.test"),
        "rows": [*said.rows, *(rule_form.Row() for _number in range(rule_form.BLANK_PARAMETERS))],
        "written": _written(said),
    }  # fmt: skip


def _written(said: Written) -> str:
    """The text of what is built, shown beside it; empty while it says nothing."""
    if not said.built:
        return ""
    try:
        return builder.to_text(rule_form.tree(said.lines))
    except BusinessError:
        return ""


@require_POST
def rule_check(request: HttpRequest) -> HttpResponse:
    """A part of the page: what is wrong with the text and where, or what it asks in words. Nothing is kept."""
    access.demand(request.user, reach.WRITE)
    entity = entity_of(lists.reader(request), request.POST.get("entity", ""))
    said = rule_form.written(request.POST)
    looked: Any = None
    try:
        values, units = rule_form.parameters(said.rows)
        looked = rule_words.looked_at(said.text, values, units, entity.pk if entity else None)
    except BusinessError as wrong:
        looked = rule_words.fault(said.text, wrong)
    fault = looked if isinstance(looked, rule_words.Fault) else None
    return render(request, "rules/check.html", {"fault": fault, "looked": None if fault else looked, "checked": True})


@require_POST
def rule_submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand a draft in: it waits for a second person."""
    draft = authorised(request, pk)
    form, actor = ModeForm(request.POST, auto_id="hand-in-%s"), lists.reader(request)
    if not rules.asked(form, lambda said: life.submit(actor=actor, version_id=draft.pk, **said)):
        return rules.page(request, draft.rule.code, str(draft.number), form)
    messages.success(request, _("It waits for a second person."))
    return redirect("rules")


@require_POST
def rule_discard(request: HttpRequest, pk: int) -> HttpResponse:
    draft = authorised(request, pk)
    try:
        life.discard(actor=lists.reader(request), version_id=draft.pk, reason=lists.said(request))
    except (Denied, NotThere, Conflict):
        raise
    except BusinessError as refused:
        raise Conflict(refused.code, **refused.params) from None
    messages.success(request, _("The draft is discarded."))
    return redirect("rules")
