"""The language of rules: what it accepts means what it says, and nothing else gets through."""

import contextlib
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from backoffice.common.errors import BusinessError
from controls.rules import language
from controls.rules.catalogue import CATALOGUE
from controls.vocabulary import FACTS, Kind

PARAMETERS: dict[str, Any] = {"threshold": 100, "kinds": ["sepa", "transfer"], "since": "2026-11-15", "word": "x"}


def refusal(text: str, parameters: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
    with pytest.raises(BusinessError) as caught:
        language.compile_expression(text, PARAMETERS if parameters is None else parameters)
    assert str(caught.value) != caught.value.code, "the code has no sentence"
    assert "%(" not in str(caught.value)
    return caught.value.code, caught.value.params


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("amount > :threshold", '(f."amount" > (100)::numeric)'),
        ("not account_known", '(not f."account_known")'),
        ("kind in (:kinds)", "(f.\"kind\" in ('sepa', 'transfer'))"),
        ("kind not in ('sepa')", "(not (f.\"kind\" in ('sepa')))"),
        ("currency = 'it''s'", "(f.\"currency\" = 'it''s')"),
        ("amount / usual_amount > 1.5", '((f."amount" / nullif(f."usual_amount", 0)) > 1.5::numeric)'),
        ("execution_date >= :since", "(f.\"execution_date\" >= '2026-11-15'::date)"),
        ("execution_date >= '2026-11-15'", "(f.\"execution_date\" >= '2026-11-15'::date)"),
        ("execution_date in ('2026-11-15')", "(f.\"execution_date\" in ('2026-11-15'::date))"),
        (
            "execution_date between '2026-11-01' and :since",
            "(f.\"execution_date\" between '2026-11-01'::date and '2026-11-15'::date)",
        ),
        ("coalesce(last_paid_on, '2026-01-01') < :since", "coalesce(f.\"last_paid_on\", '2026-01-01'::date)"),
        ("currency = '2026-11-15'", "(f.\"currency\" = '2026-11-15')"),
        ("execution_date - received_on > 3", '(((f."execution_date" - f."received_on")::numeric) > 3::numeric)'),
        ("amount between 1 and :threshold", '(f."amount" between 1::numeric and (100)::numeric)'),
        ("last_paid_on is not null", '(f."last_paid_on" is not null)'),
        ("length(creditor_name) > 70", 'length(f."creditor_name")::numeric > 70::numeric'),
        ("coalesce(usual_count, 0) = -1", '(coalesce(f."usual_count", 0::numeric) = (- 1::numeric))'),
        ("creditor_number like 'DE%'", "(f.\"creditor_number\" like 'DE%')"),
    ],
)
def test_expressions_become_sql_over_the_fact_table(text: str, sql: str) -> None:
    assert sql in language.compile_expression(text, PARAMETERS).sql


def test_a_compiled_expression_names_its_facts_and_parameters() -> None:
    compiled = language.compile_expression("amount > :threshold and kind in (:kinds)", PARAMETERS)
    assert compiled.facts == {"amount", "kind"}
    assert compiled.parameters == {"threshold", "kinds"}


@pytest.mark.parametrize(
    ("text", "code", "position"),
    [
        ("amount >= 1; drop table transactions_payment", "rule.not_allowed", 12),
        ("pg_sleep(10) is null", "rule.unknown_function", 1),
        ("amount > 1 or pg_read_file('/etc/passwd') = ''", "rule.unknown_function", 15),
        ("now() is null", "rule.unknown_function", 1),
        ("count(*) > 1", "rule.unknown_function", 1),
        ("(select 1) = 1", "rule.not_allowed", 2),
        ("amount in (select 1)", "rule.not_allowed", 12),
        ("exists(select 1)", "rule.not_allowed", 1),
        ("amount = 1 union select 1", "rule.not_allowed", 12),
        ("amount::text = '1'", "rule.not_allowed", 7),
        ("cast(amount as text) = '1'", "rule.unknown_function", 1),
        ("execution_date = date '2026-01-01'", "rule.not_allowed", 18),
        ("amount > 1 -- a comment", "rule.not_allowed", 10),
        ("amount > 1 /* a comment */", "rule.not_allowed", 10),
        ("current_user = 'x'", "rule.not_allowed", 1),
        ("currency = E'\\x41'", "rule.not_allowed", 12),
        ("currency = U&'\\0041'", "rule.not_allowed", 12),
        ("currency = $$x$$", "rule.not_allowed", 12),
        ("$1 = 1", "rule.not_allowed", 1),
        ("amount = ?", "rule.not_allowed", 10),
        ("amount > %s", "rule.not_allowed", 10),
        ('"amount" = 1', "rule.not_allowed", 1),
        ("f.amount = 1", "rule.unknown_fact", 1),
        ("currency ~ '(a+)+$'", "rule.not_allowed", 10),
        ("currency ilike 'x'", "rule.not_allowed", 10),
        ("currency like 'x' escape 'y'", "rule.not_allowed", 19),
        ("currency || currency = 'x'", "rule.not_allowed", 10),
        ("currency collate \"C\" = 'x'", "rule.not_allowed", 10),
        ("lower(currency) over () = 'x'", "rule.not_allowed", 17),
        ("amount > all(amount)", "rule.not_allowed", 10),
        ("case when account_known then true end", "rule.not_allowed", 1),
        ("interval '1 day' > 1", "rule.not_allowed", 1),
        ("amount % 2 = 0", "rule.not_allowed", 8),
        ("(amount, amount) = (1, 2)", "rule.not_allowed", 2),
        ("amount = null", "rule.null", 10),
        ("amount > 1 and execution_date > '2026-13-01'", "rule.date_form", 33),
        ("execution_date in ('2026-11-15', 'soon')", "rule.date_form", 34),
        ("*", "rule.not_allowed", 1),
        ("creditor = 'x'", "rule.unknown_fact", 1),
        ("amount > 1 and\n  creditor = 'x'", "rule.unknown_fact", 18),
        ("amount > :limit", "rule.not_allowed", 11),
        ("amount > :treshold", "rule.unknown_parameter", 11),
        ("amount and", "rule.syntax", 10),
        ("", "rule.syntax", 1),
        ("amount > 'x'", "rule.type", 1),
        ("currency > 'x'", "rule.type", 1),
        ("account_known + 1 > 2", "rule.type", 1),
        ("amount - received_on > 3", "rule.type", 1),
        ("account_known and amount > 'x'", "rule.type", 19),
        ("kind = 'sepaa'", "rule.unknown_code", 1),
    ],
)
def test_what_is_not_the_language_is_refused_with_its_place(text: str, code: str, position: int) -> None:
    found, params = refusal(text)
    assert found == code
    assert params["position"] == position


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("amount", "rule.not_boolean"),
        ("amount = 1e99", "rule.number_form"),
        ("amount = 1234567890123456", "rule.number_form"),
        ("amount = :kinds", "rule.list_outside_in"),
        ("(" * 900 + "true" + ")" * 900, "rule.too_deep"),
        (" and ".join(["amount = 1"] * 140), "rule.too_long"),
        ("x" * 2001, "rule.too_long"),
    ],
)
def test_other_refusals(text: str, code: str) -> None:
    assert refusal(text)[0] == code


@pytest.mark.parametrize("value", ["a\\'; drop table x; --", "nul\x00", None, {"a": 1}, "2026-02-30", 1e-9, 10**20])
def test_parameters_that_are_no_plain_values_are_refused(value: Any) -> None:
    with pytest.raises(BusinessError):
        language.compile_expression("currency = :value_given", {"value_given": value})


@given(st.text(alphabet=st.characters(exclude_characters="\\\x00", exclude_categories=["Cs"]), max_size=30))
def test_any_text_stays_one_literal(value: str) -> None:
    sql, _type = language.literal(value if not value[:1].isdigit() else f"a{value}")
    if sql.startswith("'"):
        assert sql[1:-1].replace("''", "").count("'") == 0


@given(st.text(max_size=60))
def test_no_text_breaks_the_compiler(text: str) -> None:
    with contextlib.suppress(BusinessError):
        language.compile_expression(text, PARAMETERS)


@pytest.mark.django_db
def test_quotes_and_percent_signs_reach_the_database_as_written() -> None:
    sql, _type = language.literal("100% l'été '' %s")
    with connection.cursor() as cursor:
        cursor.execute(f"select {sql}")
        assert cursor.fetchone()[0] == "100% l'été '' %s"


@pytest.mark.django_db
def test_a_division_by_zero_is_unknown_and_not_an_error() -> None:
    compiled = language.compile_expression("amount / usual_count > 1", {})
    with connection.cursor() as cursor:
        cursor.execute(f"select {compiled.sql} from (select 5::numeric as amount, 0::numeric as usual_count) f")
        assert cursor.fetchone()[0] is None


def test_every_fact_can_be_named_and_every_shipped_rule_compiles() -> None:
    for name in FACTS:
        assert language.compile_expression(f"{name} is null", {}).facts == {name}
    for rule in CATALOGUE:
        assert language.compile_expression(rule.expression, rule.parameters).facts


def test_codes_have_words_in_both_languages() -> None:
    for name, fact in FACTS.items():
        assert bool(fact.words) == (fact.kind is Kind.CODE), name
        assert all(english and french for english, french in fact.words.values()), name
