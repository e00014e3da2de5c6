"""What a rule needs of the fact table: which of its tables must be filled, and what of it can be replayed exactly."""

from collections.abc import Iterable
from dataclasses import dataclass

from controls import tables

_SCREENING = (
    "screening_score", "screening_list", "screening_name", "screening_field", "screening_given", "screening_count",
    "pep_score", "pep_list", "pep_name", "pep_given",
)  # fmt: skip
# The temporary tables, beside fact_subject, that ``facts`` takes each fact from. A fact that is not named here comes
# from the payment itself, its account or its batch, or from the files of its kind, which are always run.
_FROM: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("creditor_iban_valid", "creditor_iban_fault", "creditor_country", "debtor_iban_valid", "debtor_iban_fault",
         "payer_fault"),
        ("fact_number",),
    ),
    **dict.fromkeys(("creditor_bic_valid", "debtor_bic_valid", "creditor_bic_country"), ("fact_bic",)),
    "creditor_reference_valid": ("fact_reference",),
    **dict.fromkeys(("odd_characters", "odd_characters_sent"), ("fact_odd",)),
    **dict.fromkeys(("execution_open", "execution_next"), ("fact_day",)),
    **dict.fromkeys(("account_last_on", "account_idle_days"), ("fact_account",)),
    "funds_after": ("fact_funds",),
    **dict.fromkeys(("payee_known", "payee_name", "known_number", "number_changed_days"), ("fact_payee",)),
    **dict.fromkeys(("number_known", "number_from", "number_confirmed"), ("fact_party",)),
    "name_similarity": ("fact_payee", "fact_name"),
    "holder_similarity": ("fact_name",),
    "number_paid": ("fact_usual", "fact_number_paid"),
    **dict.fromkeys(
        ("last_paid_on", "last_paid_days", "usual_count", "usual_amount", "usual_highest", "usual_ratio"),
        ("fact_usual",),
    ),
    **dict.fromkeys(
        ("file_duplicate", "file_duplicate_position", "repeat_reference", "repeat_on", "repeat_days",
         "same_amount_reference", "same_amount_on", "same_amount_days"),
        ("fact_same", "fact_shown"),
    ),
    **dict.fromkeys(("close_reference", "close_amount", "close_on", "close_gap"), ("fact_close", "fact_shown")),
    **dict.fromkeys(("next_threshold", "near_threshold"), ("fact_band",)),
    **dict.fromkeys(("near_threshold_count", "near_threshold_sum"), ("fact_split",)),
    "ceiling": ("fact_ceiling",),
    **dict.fromkeys(("ceiling_count", "ceiling_sum"), ("fact_split",)),
    **dict.fromkeys(("typed_count", "typed_payees", "typed_sum"), ("fact_typed",)),
    **dict.fromkeys(("cash_debt_count", "cash_debt_sum"), ("fact_debt",)),
    "cash_month_sum": ("fact_cash_month",),
    **dict.fromkeys(("day_count", "day_sum"), ("fact_today",)),
    **dict.fromkeys(("received_clock", "habit_count", "habit_near"), ("fact_hour",)),
    **dict.fromkeys(
        ("verification_outcome", "verification_name", "verification_source", "verification_fault", "verification_on"),
        ("fact_verification",),
    ),
    "bank_risk_since": ("fact_risk", "fact_bic"),
    "address_risk_since": ("fact_risk",),
    "account_risk_since": ("fact_risk", "fact_number"),
    **dict.fromkeys(_SCREENING, ("screened",)),
    **dict.fromkeys(
        ("maker_name", "account_count", "maker_count", "maker_usual_amount", "maker_usual_ratio"), ("fact_maker",)
    ),
}  # fmt: skip
# Python's judgements read these before they judge names.
_JUDGED_FROM = {"fact_name": ("fact_party", "fact_payee")}

# Facts that are read as they stand now, by what would have to be known of the past. A source that keeps versions is
# looked at (controls/backtest/replay.py): nothing is said when nothing of it changed since.
PRESENT: dict[str, frozenset[str]] = {
    "funds": frozenset({"funds_available", "funds_after"}),
    "bands": frozenset(
        {"next_threshold", "near_threshold", "near_threshold_count", "near_threshold_sum", "typed_count",
         "typed_payees", "typed_sum"}
    ),
    "limits": frozenset({"ceiling", "ceiling_count", "ceiling_sum"}),
    "payees": frozenset({"payee_name", "name_similarity"}),
    "mandates": frozenset(
        {"mandate_known", "mandate_status", "mandate_signed_on", "mandate_idle_months", "mandate_debtor_same",
         "mandate_scheme_same", "sequence_fault"}
    ),
    "invoices": frozenset({"invoice_account_known", "invoice_alike", "invoice_due_on", "invoice_days_late"}),
    "parties": frozenset({"payer_address", "holder_name", "holder_similarity"}),
    "accounts": frozenset({"incoming_fault", "card_fault"}),
    "screening": frozenset(_SCREENING),
}  # fmt: skip
# What is kept without versions: of these it is always said.
ALWAYS = frozenset({"funds", "invoices", "screening"})

# Tables that ask what became of earlier payments: of the same creditor's account, or at each moment.
OF_ACCOUNT = frozenset({"fact_recent"})
OF_MOMENT = frozenset({"fact_usual", "fact_number_paid", "fact_maker", "fact_debt", "fact_cash_month", "fact_typed"})
# What may be asked of incoming payments, cards and debits is asked of these facts alone.
OF_KINDS = frozenset({"received_repeat", "received_repeat_on", "order_repeat", "mandate_repeat", "mandate_last_on",
                      "mandate_idle_months", "sequence_fault"})  # fmt: skip


@dataclass(frozen=True)
class Needs:
    """``tables`` to fill, whether earlier payments' fate counts and by what, and what of it is as it stands now."""

    tables: frozenset[str]
    of_account: bool
    of_moment: bool
    present: tuple[str, ...]


def of(names: Iterable[str]) -> Needs:
    """What these facts need."""
    facts = frozenset(names)
    wanted = {"fact_subject"}
    todo = [table for name in facts for table in _FROM.get(name, ())]
    while todo:
        table = todo.pop()
        if table not in wanted:
            wanted.add(table)
            todo += [*tables.reads().get(table, ()), *_JUDGED_FROM.get(table, ())]
    found = frozenset(wanted)
    return Needs(
        tables=found,
        of_account=bool(found & OF_ACCOUNT or facts & OF_KINDS),
        of_moment=bool(found & OF_MOMENT),
        present=tuple(code for code, some in PRESENT.items() if some & facts),
    )
