"""The parts of the screens: how values read in both languages, and what each part is made of."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.utils import timezone, translation

from backoffice.common import formats
from backoffice.common.templatetags import charts, ui
from backoffice.people import roles
from tests import people

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NNBSP, NBSP, MINUS = "\u202f", "\u00a0", "\u2212"


def drawn(text: str, **context: object) -> str:
    return Template("{% load ui charts %}" + text).render(Context(context))


@pytest.mark.parametrize(
    ("value", "currency", "english", "french"),
    [
        ("48250", "EUR", "€48,250.00", f"48{NNBSP}250,00{NBSP}€"),
        ("48250.00000", "EUR", "€48,250.00", f"48{NNBSP}250,00{NBSP}€"),
        ("-1234.5", "EUR", f"{MINUS}€1,234.50", f"{MINUS}1{NNBSP}234,50{NBSP}€"),
        ("1500", "JPY", "JP¥1,500", f"1{NNBSP}500{NBSP}JPY"),
        ("1.5", "TND", f"TND{NBSP}1.500", f"1,500{NBSP}TND"),
        ("12345.67", "ISK", f"ISK{NBSP}12,346", f"12{NNBSP}346{NBSP}ISK"),
        ("9999999999999.99", "EUR", "€9,999,999,999,999.99", f"9{NNBSP}999{NNBSP}999{NNBSP}999{NNBSP}999,99{NBSP}€"),
    ],
)
def test_amounts(value: str, currency: str, english: str, french: str) -> None:
    for language, said in (("en", english), ("fr", french)):
        with translation.override(language):
            assert formats.amount(Decimal(value), currency) == said


def test_decimals_are_those_of_iso_4217_where_the_customs_of_a_country_leave_them_out() -> None:
    with translation.override("en"):
        assert formats.amount(Decimal("1234.56"), "LBP") == f"LBP{NBSP}1,234.56"


def test_numbers_counts_shares_and_sizes() -> None:
    with translation.override("fr"):
        assert formats.number(Decimal("-1234.5"), "EUR") == f"{MINUS}1{NNBSP}234,50"
        assert formats.number(Decimal("3"), "EUR", signed=True) == "+3,00"
        assert formats.count(10_000, 10_000) == f"10{NNBSP}000"
        assert formats.count(10_001, 10_000) == f"10{NNBSP}000+"
        assert formats.percent(Decimal("0.941")) == f"94,1{NBSP}%"
    with translation.override("en"):
        assert formats.percent(0.5) == "50%"
        assert formats.decimal(Decimal("5.12"), 1) == "5.1"
        assert formats.size(1) == "1 byte"
        assert formats.size(999) == "999 bytes"
        assert formats.size(184_200) == f"184{NBSP}kB"
        assert formats.size(1_500_000) == f"1.5{NBSP}MB"


def test_days_and_moments() -> None:
    with timezone.override("Europe/Paris"):
        with translation.override("fr"):
            assert formats.day(date(2026, 11, 23)) == f"23{NBSP}nov.{NBSP}2026"
            assert (formats.day(date(2026, 12, 1)), formats.short_day(date(2026, 12, 11))) == (
                f"1er{NBSP}déc.{NBSP}2026", f"11{NBSP}déc.",
            )  # fmt: skip
        with translation.override("en"):
            assert formats.day(datetime(2026, 11, 23, 23, 30, tzinfo=UTC)) == f"24{NBSP}Nov{NBSP}2026", "in Paris"
            assert formats.when(NOW) == f"23{NBSP}Nov{NBSP}2026, 13:00"
            assert formats.clock(NOW, seconds=True) == "13:00:00"


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=4), "4 s"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=1, minutes=4), "1 h 04"),
        (timedelta(hours=23, minutes=59), "23 h 59"),
        (timedelta(days=3, hours=5), "3 d"),
    ],
)
def test_durations(span: timedelta, said: str) -> None:
    with translation.override("en"):
        assert formats.duration(span) == said
        assert formats.until(NOW + span, NOW) == said
        assert formats.until(NOW - span, NOW) == f"{MINUS}{said}"


def test_relative_within_a_day_and_absolute_beyond() -> None:
    with translation.override("en"), timezone.override("Europe/Paris"):
        assert formats.ago(NOW - timedelta(minutes=12), NOW) == "12 min ago"
        assert formats.ago(NOW + timedelta(minutes=12), NOW) == "in 12 min"
        assert formats.ago(NOW - timedelta(days=2), NOW) == f"21{NBSP}Nov{NBSP}2026"


@pytest.mark.parametrize(
    ("number", "clear", "hidden"),
    [
        ("FR7616958000013077142209345", "FR76 1695 8000 0130 7714 2209 345", "FR76 •••• 9345"),
        ("DE89370400440532013000", "DE89 3704 0044 0532 0130 00", "DE89 •••• 3000"),
        ("000123456789", "000123456789", "•••• 6789"),
        ("12345678", "12345678", "••••"),
    ],
)
@pytest.mark.django_db
def test_account_numbers_are_clear_for_those_with_the_right_in_the_entity(number: str, clear: str, hidden: str) -> None:
    stage, other = people.bank_branch(), people.bank_branch("OTHER", iban="")
    operator = people.person(roles.OPERATOR, entity=stage.entity)
    asked = "{% iban number entity %}"
    assert drawn(asked, number=number, entity=stage.entity.pk, user=operator) == f'<span class="iban">{clear}</span>'
    for entity, user in ((other.entity.pk, operator), (None, people.person(roles.LOGISTICS)), (None, None)):
        assert drawn(asked, number=number, entity=entity, user=user) == f'<span class="iban">{hidden}</span>'


def test_due_says_late_soon_and_paused() -> None:
    now = timezone.now()
    with translation.override("en"):
        late = ui.due(now - timedelta(minutes=4, seconds=30), now - timedelta(hours=4))
        soon = ui.due(now + timedelta(minutes=6, seconds=30), now - timedelta(minutes=53, seconds=30))
        later = ui.due(now + timedelta(hours=1, minutes=4, seconds=30), now - timedelta(hours=2))
        rests = ui.due(now, now, "paused")
    assert 'class="sla late"' in late
    assert f"{MINUS}4 min</time>" in late
    assert 'value="100"' in late
    assert "> late</span>" in late
    assert 'class="sla soon"' in soon
    assert ">6 min</time>" in soon
    assert 'value="11"' in soon
    assert "> soon due</span>" in soon
    assert 'class="sla "' in later
    assert ">1 h 04</time>" in later
    assert rests.startswith('<span class="sla paused"')
    assert "progress" not in rests


def test_checks_strip_says_what_its_marks_show() -> None:
    with translation.override("en"):
        strip = ui.checks([("iban", "pass"), ("bic", "pass"), ("dup", "warn"), ("name", "fail"), ("list", "none")])
    assert 'aria-label="2 passed, 1 warning, 1 failed, 1 not run"' in strip
    assert strip.count("<i ") == 5
    assert '<i class="w"></i><i class="f"></i><i class="s"></i>' in strip


@pytest.mark.parametrize(("value", "css"), [(100, "hi"), (60, "hi"), (59, "mid"), (40, "mid"), (39, ""), (0, "")])
def test_score_bands(value: int, css: str) -> None:
    assert ui.score(value) == f'<span class="score {css}">{value}</span>'


def test_people_are_named_and_the_reader_is_you() -> None:
    sarah = SimpleNamespace(pk=1, full_name="Sarah <Cohen>", initials="SC")
    with translation.override("en"):
        assert "Sarah &lt;Cohen&gt;" in drawn("{% person who %}", who=sarah, user=SimpleNamespace(pk=2))
        assert ">You</span>" in drawn("{% person who short=True %}", who=sarah, user=sarah)
        assert ">System</span>" in drawn("{% person who %}", who=None, user=sarah)


def test_icons_are_of_the_sprite_and_an_unknown_one_fails_loudly() -> None:
    assert drawn('{% icon "check" %}') == (
        '<svg class="ico " aria-hidden="true"><use href="/static/built/icons.svg#i-check"/></svg>'
    )
    assert 'role="img" aria-label="Close"' in drawn('{% icon "cross" "Close" %}')
    with pytest.raises(TemplateSyntaxError, match="no icon named 'nope'"):
        drawn('{% icon "nope" %}')


def test_every_state_has_a_tone_and_an_icon_of_the_sprite() -> None:
    from transactions.models import OutgoingFile, PaymentBatch, PaymentState

    for model in (PaymentState, PaymentBatch, OutgoingFile):
        assert set(model.Status.values) <= set(ui.TONES)
    for tone, icon in ui.TONES.values():
        assert tone in {"", "ok", "warn", "stop", "pair"}
        assert ui.icon(icon)


class Form(forms.Form):
    name = forms.CharField(label="Name", help_text="As on the invoice")
    note = forms.CharField(label="Note", required=False)
    agree = forms.BooleanField(label="Agree")
    side = forms.ChoiceField(label="Side", choices=[("d", "Debit")], widget=forms.RadioSelect)


def test_a_field_ties_label_help_and_fault_together() -> None:
    with translation.override("en"):
        page = drawn(
            "{% form_errors form %}{% for part in form %}{% field part %}{% endfor %}", form=Form({"note": ""})
        )
    assert '<label for="id_name">Name</label>' in page
    assert 'aria-describedby="id_name_helptext id_name_error"' in page
    assert '<p class="help" id="id_name_helptext">As on the invoice</p>' in page
    assert 'id="id_name_error"' in page
    assert '<label for="id_note">Note <span class="sub">optional</span></label>' in page
    assert "<legend>Side</legend>" in page
    assert '<a href="#id_name">Name</a>: This field is required.' in page
    assert 'role="alert" tabindex="-1" data-focus' in page
    assert "alert" not in drawn("{% form_errors form %}", form=Form())


def test_charts_carry_their_values() -> None:
    small = charts.spark([Decimal(10), Decimal(20), Decimal(40)], label="From 10 to 40", titles=["a", "b", "<c>"])
    assert 'role="img" aria-label="From 10 to 40"' in small
    assert small.count("<rect") == 3
    assert small.count('class="now stop"') == 1
    assert "<title>&lt;c&gt;</title>" in small
    assert charts.spark([], label="nothing") == ""
    assert 'height="1.0"' in charts.spark([0, 5], label="zero keeps a line")
    page = drawn("{% columns rows 'Received' %}", rows=[("9h", 1, "1"), ("10h", 4, "4")])
    assert 'y="75.00"' in page
    assert '<th scope="row">10h</th><td class="num">4</td>' in page
    assert "style=" not in page
