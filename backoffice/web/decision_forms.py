"""The forms of decisions: each asks for what its act needs on record, no more."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.common import calendars
from backoffice.common.errors import BusinessError
from backoffice.people import access
from backoffice.people.models import Team, User
from backoffice.web import typed
from transactions import reasons, workflow
from transactions.models import Account, InformationRequest, Payment

LONGEST = 2000


def _words(label: Any, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=LONGEST, help_text=help_text, widget=forms.Textarea({"rows": 3})
    )


class Decision(forms.Form):
    """Every decision says which version of the payment it was read at."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, required=False)

    def __init__(self, *args: Any, recent: Sequence[str] = (), **kwargs: Any) -> None:
        self.recent = recent
        super().__init__(*args, **kwargs)

    @property
    def given(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class Ticks(forms.CheckboxSelectMultiple):
    """Checkboxes that must all be ticked."""


class Approve(Decision):
    """What approving asks: nothing, every warning ticked, or a reason code and words (ux 4.4)."""

    def __init__(
        self,
        *args: Any,
        warnings: Sequence[tuple[str, str]] = (),
        failed: bool = False,
        givers: Sequence[tuple[int, str]] = (),
        oneself: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.warnings = warnings
        if givers:
            own = [("", _("in my own name"))] if oneself else []
            self.fields["on_behalf_of"] = forms.TypedChoiceField(
                label=_("You sign"),
                choices=[*own, *((key, _("in the place of %(name)s") % {"name": name}) for key, name in givers)],
                coerce=int,
                empty_value=None,
                required=not oneself,
            )
        if warnings:
            self.fields["seen"] = forms.MultipleChoiceField(
                label=_("I have seen each warning"),
                choices=warnings,
                widget=Ticks,
                error_messages={"required": _("Tick each warning as seen.")},
            )
        if failed:
            self.fields["reason_code"] = forms.ChoiceField(
                label=_("Why it can go on"),
                choices=[
                    ("", _("Choose a reason")),
                    *reasons.choices(list(reasons.APPROVE), reasons.APPROVE, self.recent),
                ],
            )
        self.fields["reason"] = _words(
            _("What you checked, in words") if failed else _("Note"),
            required=failed,
            help_text=_("Kept with the payment and shown to the second person.") if failed else "",
        )

    def clean_seen(self) -> list[str]:
        seen: list[str] = self.cleaned_data["seen"]
        if len(seen) < len(self.warnings):
            raise forms.ValidationError(_("Tick each warning as seen."))
        return seen

    @property
    def given(self) -> dict[str, Any]:
        return {
            **{name: self.cleaned_data.get(name, "") for name in ("reason_code", "reason")},
            "on_behalf_of": self.cleaned_data.get("on_behalf_of"),
        }


class Reject(Decision):
    def __init__(self, *args: Any, words_required: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason_code"] = forms.ChoiceField(
            label=_("Reason"),
            choices=[("", _("Choose a reason")), *reasons.choices(reasons.REJECT, reasons.ISO, self.recent)],
        )
        self.fields["reason"] = _words(_("In words"), required=words_required)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("reason_code") == "NARR" and not cleaned.get("reason"):
            self.add_error("reason", _("Say the reason in words."))
        return cleaned


class Return(Reject):
    def __init__(self, *args: Any, collected: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = reasons.RETURN_COLLECTED if collected else reasons.RETURN
        self.fields["reason_code"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose a reason")), *reasons.choices(codes, reasons.ISO, self.recent)
        ]  # fmt: skip
        self.fields["value_date"] = forms.DateField(
            label=_("Value date of the bank"), required=False, help_text=_("Today when it is left empty."),
            widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        )  # fmt: skip

    def clean_value_date(self) -> date | None:
        on: date | None = self.cleaned_data["value_date"]
        if on and on > timezone.localdate():
            raise forms.ValidationError(_("The value date of a return is today or earlier."))
        return on


def _moment(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label, required=required, help_text=help_text,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )  # fmt: skip


def _future(moment: datetime | None) -> datetime | None:
    if moment:
        try:
            workflow.check_moment(moment)
        except BusinessError as no:
            raise forms.ValidationError(str(no)) from None
    return moment


class HoldForm(Decision):
    """A hold; with a moment it comes back then, with the question, or lifts by itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = forms.ChoiceField(
            label=_("What is waited for"), choices=reasons.choices(list(reasons.HOLD), reasons.HOLD, self.recent)
        )
        self.fields["reason"] = _words(_("Reason"))
        self.fields["until"] = _moment(_("Look again on"), required=False)
        self.fields["question"] = _words(
            _("Question for that moment"), required=False, help_text=_("It comes back on top with this question.")
        )
        self.fields["lifts_itself"] = forms.BooleanField(label=_("It lifts by itself then"), required=False)

    def clean_until(self) -> datetime | None:
        return _future(self.cleaned_data["until"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if (cleaned.get("lifts_itself") or cleaned.get("question")) and "until" not in self.errors:
            if not cleaned.get("until"):
                self.add_error("until", _("Say when."))
            elif cleaned.get("lifts_itself") and cleaned.get("question"):
                self.add_error("question", _("A hold asks or lifts by itself, not both."))
        return cleaned


class Lift(Decision):
    """Answering the question of a hold and lifting it, in one gesture."""

    def __init__(self, *args: Any, question: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = question
        self.fields["reason"] = _words(_("Answer") if question else _("Reason"), help_text=question)

    @property
    def given(self) -> dict[str, Any]:
        return {
            "reason": self.cleaned_data["reason"],
            **({"answer": self.cleaned_data["reason"]} if self.asked else {}),
        }


class Coded(Decision):
    """A reason from a list, and words where the list does not say it."""

    table: Mapping[str, reasons.Words] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason_code"] = forms.ChoiceField(
            label=_("Reason"),
            choices=[("", _("Choose a reason")), *reasons.choices(list(self.table), self.table, self.recent)],
        )
        self.fields["reason"] = _words(_("In words"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("reason_code") == "other" and not cleaned.get("reason"):
            self.add_error("reason", _("Say the reason in words."))
        return cleaned


class Cancel(Coded):
    table = reasons.CANCEL


class Reopen(Coded):
    table = reasons.REOPEN


class Ask(Decision):
    """A document or an answer, of whom, and until when."""

    def __init__(self, *args: Any, entity_ids: Sequence[int] = (), user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = Team.objects.filter(entity_id__in=entity_ids).order_by("name").values_list("pk", "name")
        known = InformationRequest.Addressee
        to: list[tuple[str, Any]] = [(f"team:{key}", _("Team %(name)s") % {"name": name}) for key, name in teams]
        rest = (known.MAKER, known.DEPARTMENT, known.PAYEE)
        self.fields["kind"] = forms.ChoiceField(
            label=_("What is asked for"), choices=[("", _("Choose")), *InformationRequest.Kind.choices]
        )
        self.fields["question"] = _words(_("Question or explanation"))
        self.fields["to"] = forms.ChoiceField(
            label=_("Asked of"), choices=[("", _("Choose")), *((str(one), one.label) for one in rest), *to]
        )
        self.fields["addressee_name"] = forms.CharField(
            label=_("Name"), required=False, max_length=140, help_text=_("Of the department or the payee's contact.")
        )
        self.fields["due_at"] = _moment(_("Due"))
        self.fields["required"] = forms.BooleanField(
            label=_("The payment waits until it is answered"), required=False, initial=True
        )
        if not self.is_bound:
            now = timezone.localtime().replace(second=0)
            self.initial["due_at"] = datetime.combine(calendars.add_open_days(now.date(), 1), now.timetz())

    def clean_due_at(self) -> datetime | None:
        return _future(self.cleaned_data["due_at"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("to") in {"department", "payee"} and not cleaned.get("addressee_name"):
            self.add_error("addressee_name", _("Say whom it is asked of."))
        return cleaned

    @property
    def given(self) -> dict[str, Any]:
        to, _colon, team = self.cleaned_data["to"].partition(":")
        names = ("kind", "question", "addressee_name", "due_at", "required")
        given = {name: self.cleaned_data[name] for name in names}
        return {**given, "addressee": to, "team": int(team) if team else None}


class HandOver(Decision):
    """To a colleague or a team that may decide in the entity, and why."""

    def __init__(self, *args: Any, entity_ids: Sequence[int] = (), user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = {
            one.pk: one.full_name for entity in entity_ids for one in access.people_with("payment.validate", entity)
        }
        people.pop(user.pk if user else 0, None)
        teams = Team.objects.filter(entity_id__in=entity_ids).order_by("name").values_list("pk", "name")
        named = sorted(people.items(), key=lambda pair: pair[1])
        self.fields["to"] = forms.ChoiceField(
            label=_("To"),
            choices=[
                ("", _("Choose")),
                (_("People"), [(f"person:{key}", name) for key, name in named]),
                (_("Teams"), [(f"team:{key}", name) for key, name in teams]),
            ],
        )
        self.fields["reason"] = _words(_("Reason"), help_text=_("The receiver reads it first."))

    @property
    def given(self) -> dict[str, Any]:
        kind, _colon, key = self.cleaned_data["to"].partition(":")
        return {kind: int(key), "reason": self.cleaned_data["reason"]}


class Decline(Decision):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"] = _words(_("Reason"))
        self.fields["to_queue"] = forms.BooleanField(
            label=_("Back to the queue, for anybody, not to the giver"), required=False
        )


class RequestAnswer(Decision):
    """What came back: words, a document, or both."""

    text = _words(gettext_lazy("Answer"), required=False)
    file = forms.FileField(label=gettext_lazy("Document"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("text") and not cleaned.get("file") and not self.errors:
            raise forms.ValidationError(_("Write an answer or attach a document."))
        return cleaned


class Apply(Decision):
    """Which account of the entity takes what waits in suspense."""

    account = forms.ModelChoiceField(
        Account.objects.none(), label=gettext_lazy("To the account"), empty_label=gettext_lazy("Choose an account")
    )
    reason = _words(gettext_lazy("How it is known whose the money is"))

    def __init__(self, *args: Any, payment: Payment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = Account.objects.filter(  # type: ignore[attr-defined]
            entity=payment.entity_id, currency=payment.currency, status=Account.Status.OPEN,
            kind__in=[Account.Kind.CUSTOMER, Account.Kind.BANK],
        ).order_by("code")  # fmt: skip


class Refund(Decision):
    """How much goes back, why, and where to if not to the payer. ``left`` is what was left when the form was shown."""

    left = forms.DecimalField(widget=forms.HiddenInput, max_digits=18, decimal_places=5)
    amount = forms.CharField(
        label=gettext_lazy("Amount"), max_length=24,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip
    reason_code = forms.ChoiceField(label=gettext_lazy("Reason"))
    reason = _words(gettext_lazy("In words"), required=False)
    remittance = forms.CharField(
        label=gettext_lazy("Remittance"), max_length=140, required=False,
        help_text=gettext_lazy("What the payer reads."),
    )  # fmt: skip
    account = forms.CharField(
        label=gettext_lazy("To another account"), max_length=42, required=False,
        help_text=gettext_lazy("Empty: back to where the payment came from. Another account is held by a check."),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    name = forms.CharField(label=gettext_lazy("Whose account it is"), max_length=140, required=False)

    def __init__(self, *args: Any, payment: Payment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.payment = payment
        self.fields["reason_code"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose a reason")), *reasons.choices(list(reasons.REFUND), reasons.REFUND, self.recent)
        ]  # fmt: skip

    def clean_amount(self) -> Any:
        return typed.amount_in(self.cleaned_data["amount"], self.payment.currency)

    def clean_account(self) -> str:
        return typed.number(self.cleaned_data["account"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("reason_code") == "NARR" and not cleaned.get("reason"):
            self.add_error("reason", _("Say the reason in words."))
        if cleaned.get("account") and not cleaned.get("name"):
            self.add_error("name", _("Say whose account it is."))
        return cleaned


class Chargeback(Decision):
    """Why the acquirer took a payment back, and what it takes for that."""

    fee = forms.CharField(
        label=gettext_lazy("Fee of the acquirer"), max_length=24, required=False,
        help_text=gettext_lazy("What it takes beside the amount itself."),
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip
    reason_code = forms.ChoiceField(label=gettext_lazy("Reason"))
    reason = _words(gettext_lazy("In words"), required=False)

    def __init__(self, *args: Any, payment: Payment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.payment = payment
        self.fields["reason_code"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose a reason")), *reasons.choices(list(reasons.CHARGEBACK), reasons.CHARGEBACK, self.recent)
        ]  # fmt: skip

    def clean_fee(self) -> Any:
        given = self.cleaned_data["fee"].strip()
        nothing = not given.strip("0.,")
        return "0" if nothing else typed.amount_in(given, self.payment.currency)


class Why(Decision):
    """A reason in words, and nothing else."""

    reason = _words(gettext_lazy("Reason"))


class Comment(Decision):
    text = _words(gettext_lazy("Comment"))


class Plain(Decision):
    """Nothing but the confirmation."""
