"""What was tried against the language of rules: to read, to write, to leave it, to slow the database, to break it.

Each attack is refused with a sentence and a place, or is a harmless rule; nothing of a text reaches the database as
written. Whatever the language accepts runs within the time limit over facts of every kind and says true, false or
unknown: the fuzz at the end makes texts at random, from the language's own words and from trees.
"""

import time
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice.common.errors import BusinessError
from controls.rules import language
from controls.rules.tokens import DEEPEST, FUNCTIONS
from controls.vocabulary import FACTS, Type

PARAMETERS: dict[str, Any] = {"n": 100, "texts": ["a", "b"], "since": "2026-11-15", "word": "x", "half": "0.5"}
LISTS = {"held": (1, "text"), "countries": (2, "country"), "accounts": (3, "account")}
READING = [
    "(select password from people_user limit 1) = 'x'",
    "amount in (select amount from transactions_payment)",
    "exists (select 1 from people_user)",
    "amount > all (select 1)",
    "amount = any (array[1, 2])",
    "amount = 1 union select 1",
    "amount = 1 intersect all select 1",
    "(table people_user) is null",
    "(values (1)) is null",
    "people_user.email = 'x'",
    "f.amount = 1",
    "public.facts.amount = 1",
    "pg_catalog.version() is not null",
    "pg_read_file('/etc/passwd') = ''",
    "pg_ls_dir('.') is null",
    "current_setting('is_superuser') = 'on'",
    "current_user = 'owner'",
    "session_user is null",
    "current_date > :since",
    "now() is null",
    "inet_server_addr() is null",
    "query_to_xml('select 1', true, true, '') is null",
    "database_to_xml(true, true, '') is null",
    "lo_import('/etc/passwd') is null",
    "dblink('host=x', 'select 1') is null",
    "xpath('/a', '<a/>') is null",
    "row_to_json(f) is null",
    "f is null",
    "f.* is null",
    "* is null",
    "ctid is null",
    "xmin is null",
    "tableoid is null",
    "oid is null",
    "password is null",
]
WRITING = [
    "amount = 1; drop table transactions_payment",
    "amount = 1;",
    "; amount = 1",
    "true; commit",
    "true) ; delete from people_user; --",
    "true) or (1=1",
    "1 = 1) from facts f; update people_user set is_active = false where (1 = 1",
    "set_config('role', 'backoffice_owner', false) is null",
    "nextval('people_user_id_seq') > 0",
    "lo_create(0) is null",
    "pg_terminate_backend(1)",
    "pg_notify('x', 'y') is null",
    "pg_advisory_lock(1) is null",
    "amount = 1 into outfile 'x'",
    "insert into people_user default values",
    "update people_user set email = 'x'",
    "copy people_user to program 'sh'",
    "do $$ begin perform 1; end $$",
    "call nothing()",
    "amount := 1",
    "signed_change(1, 'rule', 1) is null",
]
LEAVING = [
    "amount > 1 -- comment",
    "amount > 1 /* comment */",
    "amount /* > 1 */ > 2",
    "/*! amount */ true",
    "amount > 1 --",
    "--\ntrue",
    "amount > 1 # comment",
    "currency = E'\\x41'",
    "currency = e'a'",
    "currency = U&'\\0041'",
    "currency = U&'d!0061' uescape '!'",
    "currency = N'a'",
    "currency = B'1'",
    "currency = X'1F'",
    "currency = $$a$$",
    "currency = $tag$a$tag$",
    "currency = 'a\\'",
    "currency = 'a\\' or true or currency = '",
    "currency = 'a\x00b'",
    'currency = "EUR"',
    '"amount" = 1',
    '"amount""; drop" = 1',
    "`amount` = 1",
    "[amount] = 1",
    "amount::text = '1'",
    "amount::regclass is null",
    "cast(amount as text) = '1'",
    "amount::int4::oid::regproc is null",
    "'now'::timestamp is null",
    "date '2026-01-01' = execution_date",
    "timestamp '2026-01-01' is null",
    "interval '1 day' is null",
    "array[1] is null",
    "array['a'] && array['b']",
    "(array[1,2])[1] = 1",
    "amount[1] = 1",
    "row(1, 2) = row(1, 2)",
    "(amount, amount) = (1, 2)",
    "amount = $1",
    "amount = %s",
    "amount = %(x)s",
    "amount = ?",
    "amount = @x",
    "amount = {amount}",
    "amount = {{amount}}",
    "{fn now()} is null",
    "amount > :n::text",
    "amount > ::n",
    "amount > :",
    "amount > : n :",
    "amount > :none",
    "amount > :__class__",
    "lower(currency) over () = 'x'",
    "lower(distinct currency) = 'x'",
    "lower(currency order by currency) = 'x'",
    "lower(variadic currency) = 'x'",
    "abs(amount) filter (where true) > 1",
    "coalesce() is null",
    "length(currency, 'utf8') > 1",
    "lower(lower) = 'x'",
    "case when true then true end",
    "amount is distinct from 1",
    "amount is true",
    "currency similar to 'a'",
    "currency ilike 'a'",
    "currency like 'a' escape 'b'",
    "currency ~ '(a+)+$'",
    "currency ~* 'a'",
    "currency !~ 'a'",
    "currency like any (array['a'])",
    "currency like currency",
    "currency like lower('A')",
    "currency || currency = 'x'",
    "currency collate \"C\" = 'x'",
    "amount at time zone 'UTC' is null",
    "amount between symmetric 1 and 2",
    "amount ^ 2 > 1",
    "amount % 2 = 1",
    "|/ amount > 1",
    "amount @ 1",
    "amount << 1 > 1",
    "amount & 1 = 1",
    "amount <=> 1",
    "amount === 1",
    "amount !! 1",
    "true && true",
    "true xor true",
    "not",
    "and",
    "()",
    "amount >",
    "amount > 1 amount > 2",
    "amount > 1,",
    "amount in ()",
    "amount in (amount)",
    "amount in (1, 'a')",
    "amount in (abs(1))",
    "currency in list(held)",
    "currency in list('held', 'held')",
    "currency in list()",
    "currency in list('none')",
    "currency in list(lower('held'))",
    "currency in (list('held'))",
    "list('held') is null",
    "list('held') = 'a'",
    "amount in list('held')",
    "creditor_number in list('held')",
    "currency in list('accounts')",
    "currency in list('held\"')",
    "currency in held",
    "amоunt > 1",
    "amount ＞ 1",
    "amount\u00a0> 1",
    "amount\u200b > 1",
    "amount > 1\u2028",
    "ＡＭＯＵＮＴ > 1",
    "AMOUNT > 1",
    "amount > ١",
    "\ufeffamount > 1",
    "\x1b[2Jamount > 1",
]
SLOWING = [
    "pg_sleep(10) is null",
    "pg_sleep_for('5 minutes') is null",
    "generate_series(1, 1000000000) > 1",
    "repeat('a', 1000000000) = 'x'",
    "rpad('a', 1000000000) = 'x'",
    "regexp_replace(currency, '(a+)+', '') = 'x'",
    "currency like '" + "%a" * 30 + "'",
    "currency like '" + "_" * 120 + "'",
    "(" * (DEEPEST + 1) + "true" + ")" * (DEEPEST + 1),
    "(" * 900 + "true" + ")" * 900,
    "(" * 1900,
    "not " * (DEEPEST + 1) + "true",
    "amount > " + "- " * (DEEPEST + 1) + "1",
    "amount > " + "-" * 400 + "1",
    "abs(" * 60 + "amount" + ")" * 60 + " > 1",
    " and ".join(["amount = 1"] * 140),
    "amount in (" + ", ".join(["1"] * 400) + ")",
    "amount > " + " * ".join(["999999999999999"] * 120),
    "amount > 1" + " " * 2_000,
    "x" * 5_000,
    "amount = 1e99",
    "amount = 1e1000000",
    "amount = .5e5",
    "amount = 0x7fffffff",
    "amount = 1_000_000",
    "amount = 'NaN'",
    "amount = 'Infinity'",
    "amount = nan",
    "amount = " + "9" * 400,
    "amount = 0." + "1" * 400,
    "amount = -1234567890123456",
    "case " * 200,
    "'" * 1001,
    "$$" * 500,
    "/*" * 500,
    "[" * 1000,
    "((((((((" * 200 + "amount",
]


@pytest.mark.parametrize("text", [*READING, *WRITING, *LEAVING, *SLOWING], ids=lambda text: text[:60])
def test_an_attack_is_refused_with_its_place_and_soon(text: str) -> None:
    began = time.perf_counter()
    with pytest.raises(BusinessError) as caught:
        language.compile_expression(text, PARAMETERS, lists=LISTS)
    assert time.perf_counter() - began < 2
    assert caught.value.code.startswith("rule.")
    assert str(caught.value) != caught.value.code
    assert 1 <= caught.value.params["position"] <= len(text) + 1


@pytest.mark.parametrize(
    "value",
    ["a\\", "\x00", "x" * 141, 1e-9, float("inf"), float("nan"), 10**20, None, {"a": 1}, object(), b"x", "2026-13-01"],
)
def test_no_parameter_carries_more_than_a_value(value: Any) -> None:
    for text in ("currency = :given", "amount > :given", "execution_date > :given", "currency in (:given)"):
        with pytest.raises(BusinessError):
            language.compile_expression(text, {"given": value})
        with pytest.raises(BusinessError):
            language.compile_expression(text, {"given": [value]})


@pytest.mark.parametrize("value", ["2026-11-15", "2024.11", "12.5"])
def test_a_pattern_is_a_text(value: str) -> None:
    """What PostgreSQL has no operator for would stop the one statement of all rules."""
    with pytest.raises(BusinessError) as caught:
        language.compile_expression("currency like :given", {"given": value})
    assert caught.value.code == "rule.type"


@pytest.mark.parametrize("value", ["\u0663.\u0663", "3.\u0663", "\u0662\u0660\u0662\u0666-11-15", "\uff11.5"])
def test_digits_of_other_scripts_are_text(value: str) -> None:
    assert language.literal(value) == (f"'{value}'", Type.TEXT)
    with pytest.raises(BusinessError):
        language.compile_expression("amount > :given", {"given": value})


@pytest.mark.parametrize("value", ["' or true or '", "'; drop table x; --", "%s", "{}", "$$", "/*", "Ω", "'"])
@pytest.mark.django_db
def test_what_looks_like_more_in_a_value_is_a_text(value: str) -> None:
    compiled = language.compile_expression("currency = :given", {"given": value})
    with connection.cursor() as cursor:
        cursor.execute(f"select {compiled.sql} from (select %s::text as currency) f".replace("%s", "$$%$$"))
        assert cursor.fetchone()[0] is (value == "%")


def test_a_list_in_the_text_is_bounded() -> None:
    many = {"many": list(range(language.MOST_VALUES + 1))}
    with pytest.raises(BusinessError) as caught:
        language.compile_expression("amount in (:many)", many)
    assert caught.value.code == "rule.too_many_values"
    language.compile_expression("amount in (:many)", {"many": many["many"][1:]})


# The fuzz: whatever is accepted runs in time and says true, false or unknown.

SAMPLE = {
    Type.NUMBER: ["0", "1", "-1", "0.00001", "99999999999999999.99999", "null"],
    Type.TEXT: ["''", "'a'", "'%'", "repeat('ab', 70)", "'Ünïcödé'", "null"],
    Type.DATE: ["'2026-11-20'", "'0001-01-01'", "'9999-12-31'", "'2026-02-28'", "'2024-02-29'", "null"],
    Type.BOOLEAN: ["true", "false", "null", "true", "false", "null"],
}
CAST = {Type.NUMBER: "numeric", Type.TEXT: "text", Type.DATE: "date", Type.BOOLEAN: "boolean"}


def facts_of_every_kind() -> str:
    """A small table: six rows in which each fact has a value of its type, the last one knowing nothing."""
    rows = []
    for at in range(6):
        columns = [f'{SAMPLE[fact.type][at]}::{CAST[fact.type]} as "{name}"' for name, fact in FACTS.items()]
        rows.append(f"select now() as received_at, {', '.join(columns)}")
    return " union all ".join(rows)


@pytest.fixture
def small(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"create temporary table facts on commit drop as {facts_of_every_kind()}")
        cursor.execute("set local statement_timeout = '2s'")


def runs(text: str) -> None:
    try:
        compiled = language.compile_expression(text, PARAMETERS, lists=LISTS)
    except BusinessError as wrong:
        refused = wrong
    else:
        refused = None
    if refused is not None:
        assert refused.code.startswith("rule.")
        assert 1 <= refused.params["position"] <= len(text) + 1, refused.params
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"select {compiled.sql} from pg_temp.facts f")
        assert {row[0] for row in cursor.fetchall()} <= {True, False, None}


WORDS = [
    *sorted(FACTS), *FUNCTIONS, *(f":{name}" for name in PARAMETERS), "and", "or", "not", "(", ")", "(", ")", ",", "=",
    "<>", "<", "<=", ">", ">=", "+", "-", "*", "/", "between", "in", "is", "null", "true", "false", "like", "'a'",
    "'%a%'", "'EUR'", "'sepa'", "0", "1", "3.5", "in list('held')", "list", "select", "--", ";", "::", "'", '"', "\\",
]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=24))
@settings(max_examples=400)
@pytest.mark.usefixtures("small")
def test_no_soup_of_words_is_more_than_a_rule(words: list[str]) -> None:
    runs(" ".join(words))


FACTS_OF = {kind: sorted(name for name, fact in FACTS.items() if fact.type is kind and not fact.words) for kind in Type}
numbers = st.recursive(
    st.one_of(
        st.sampled_from(FACTS_OF[Type.NUMBER]),
        st.sampled_from([":n", ":half", "0", "1", "999999999999999", "0.000001"]),
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        inner.map(lambda one: f"abs({one})"),
        inner.map(lambda one: f"(- {one})"),
        st.tuples(st.sampled_from(["greatest", "least", "coalesce"]), inner, inner).map(
            lambda p: f"{p[0]}({p[1]}, {p[2]})"
        ),
    ),
    max_leaves=6,
)
texts = st.recursive(
    st.one_of(st.sampled_from(FACTS_OF[Type.TEXT]), st.sampled_from([":word", "'a'", "'it''s'", "''"])),
    lambda inner: st.tuples(st.sampled_from(["lower", "upper"]), inner).map(lambda p: f"{p[0]}({p[1]})"),
    max_leaves=3,
)
dates = st.one_of(st.sampled_from(FACTS_OF[Type.DATE]), st.just(":since"))
signs = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
conditions = st.one_of(
    st.tuples(numbers, signs, numbers).map(" ".join),
    st.tuples(dates, signs, dates).map(" ".join),
    st.tuples(dates, dates, signs, numbers).map(lambda p: f"{p[0]} - {p[1]} {p[2]} {p[3]}"),
    st.tuples(texts, st.sampled_from(["=", "<>"]), texts).map(" ".join),
    st.tuples(texts, st.sampled_from(["'%a%'", "'a_'", "'%'", "'%%%%%'"])).map(lambda p: f"{p[0]} like {p[1]}"),
    st.tuples(texts, st.sampled_from(["in", "not in"])).map(lambda p: f"{p[0]} {p[1]} (:texts, 'c')"),
    st.tuples(numbers, numbers, numbers).map(lambda p: f"{p[0]} between {p[1]} and {p[2]}"),
    st.tuples(st.one_of(numbers, texts, dates), st.sampled_from(["is null", "is not null"])).map(" ".join),
    st.sampled_from([*FACTS_OF[Type.BOOLEAN], "true", "false", "kind = 'sepa'", "currency in list('held')",
                     "creditor_number not in list('accounts')", "length(creditor_name) > 3"]),
)  # fmt: skip
rules = st.recursive(
    conditions,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        inner.map(lambda one: f"not ({one})"),
    ),
    max_leaves=8,
)


@given(rules)
@settings(max_examples=300)
@pytest.mark.usefixtures("small")
def test_every_tree_of_the_language_runs_and_is_true_false_or_unknown(text: str) -> None:
    runs(text)


@given(st.text(max_size=80))
@settings(max_examples=300)
@pytest.mark.usefixtures("small")
def test_any_text_is_refused_or_a_rule(text: str) -> None:
    runs(text)
