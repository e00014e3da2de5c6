"""Puts cases where the engine finds them: lines in statements that wait to be drawn in, postings as open items."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from backoffice.common import sql
from benchmarks.matching_cases import Cases

RAW_TABLES = """
    drop table if exists raw_items, raw_lines;
    create table raw_items (id bigint, account_id bigint, credit boolean, amount numeric(18, 5),
        booked_on date, reference text, document text, file text, block integer, number text,
        name text, reversal boolean);
    create table raw_lines (id bigint, account_id bigint, credit boolean, amount numeric(18, 5),
        booking_on date, reference text, name text, number text, said text, batch_id text, batch_count integer,
        charges numeric(18, 5), return_code text, place bigint generated always as identity)
"""
_ITEMS = """
    insert into controls_openitem (id, entity_id, account_id, entry_id, posting_line, credit, amount, open, currency,
        booked_on, exact_key, amount_key, reference, document, file, block, number, name, reversal, is_new)
    select r.id, a.entity_id, r.account_id, r.id, 1, r.credit, r.amount, r.amount, 'EUR', r.booked_on,
           match_exact_key(r.account_id, r.credit, r.amount, match_key(r.reference)),
           match_amount_key(r.account_id, r.credit, r.amount), match_key(r.reference), match_document(r.document),
           match_key(r.file), r.block, r.number, r.name, r.reversal, true
    from raw_items r join transactions_account a on a.id = r.account_id order by r.id
"""
_STATEMENTS = """
    insert into transactions_statement (entity_id, account_id, kind, identification, sequence, page, number, currency,
        line_count, credit_sum, debit_sum, status, findings, fingerprint, sha256, file_name, taken_at)
    select a.entity_id, a.id, 'camt053', 'BENCH', '', '', a.code, 'EUR', count(*), 0, 0, 'taken', '[]',
           sha256((a.id || ' ' || min(r.id))::bytea), '', '', now()
    from raw_lines r join transactions_account a on a.id = r.account_id group by a.id
"""
_LINES = """
    insert into transactions_statementline (id, statement_id, entity_id, account_id, place, file_line, status, credit,
        amount, currency, booking_on, value_on, reversal, code, bank_reference, customer_reference, batch_count,
        information, detail_count, fingerprint, occurrence, end_to_end_id, instruction_id, transaction_id, mandate_id,
        payment_info_id, message_id, counterparty_name, counterparty_number, counterparty_bic, creditor_reference,
        remittance, return_code, original_currency, charges, charges_currency)
    select r.id, s.id, s.entity_id, s.account_id, r.place, 0, 'booked', r.credit, r.amount, 'EUR', r.booking_on,
           r.booking_on, false, '', '', '', r.batch_count, '', 1, '', 1, r.reference, '', '', '', r.batch_id, '',
           r.name, r.number, '', '', r.said, r.return_code, '', r.charges, ''
    from raw_lines r
    join transactions_statement s on s.account_id = r.account_id and s.matched_at is null order by r.id
"""

STATEMENTS = (_ITEMS, _STATEMENTS, _LINES)


def load(cases: Cases, as_owner: Callable[[str], Any] = sql.run) -> None:
    """Copy the cases in. ``as_owner`` runs what the application's role may not."""
    sql.run(RAW_TABLES.replace("create table", "create temporary table"))
    sql.copy(
        "raw_items",
        ("id", "account_id", "credit", "amount", "booked_on", "reference", "document", "file", "block", "number",
         "name", "reversal"),
        ((one.id, one.account, one.credit, one.amount, one.on, one.reference, one.document, one.file, one.block,
          one.payer.number, one.payer.name, one.reversal) for one in cases.items),
    )  # fmt: skip
    sql.copy(
        "raw_lines",
        ("id", "account_id", "credit", "amount", "booking_on", "reference", "name", "number", "said", "batch_id",
         "batch_count", "charges", "return_code"),
        ((one.id, one.account, one.credit, one.amount, one.on, one.reference, one.name, one.number, one.text,
          one.batch_id, one.batch_count, one.charges, one.return_code) for one in cases.lines),
    )  # fmt: skip
    for statement in STATEMENTS:
        as_owner(statement)


def open_lines() -> list[int]:
    return [row[0] for row in sql.rows("select line_id from controls_openline order by 1")]


@dataclass
class Judgement:
    """Of the lines: how many belong to something, were matched rightly, wrongly; what is left by kind."""

    lines: int
    matchable: int
    right: int
    wrong: list[tuple[int, str]]
    left: dict[str, int]

    @property
    def share(self) -> float:
        return self.right / self.matchable


def judge(cases: Cases, ambiguous: frozenset[str]) -> Judgement:
    """Every match against the truth: it is right when it holds exactly the lines and postings of one group."""
    truth_lines, truth_items = cases.members()
    lines = {line.id: line for line in cases.lines}
    group_of_item = {item.id: item.group for item in cases.items}
    found = sql.rows(
        "select m.code, (select array_agg(l.line_id) from controls_matchline l where l.match_id = m.id), "
        "(select array_agg(p.item) from controls_matchposting p where p.match_id = m.id) "
        "from controls_match m where m.undone_at is null"
    )
    right, wrong, matched = 0, [], set()
    for code, of_lines, of_items in found:
        for line in of_lines or ():
            matched.add(line)
        groups = {lines[line].group for line in of_lines or () if line in lines}
        groups |= {group_of_item[item] for item in of_items or () if item in group_of_item}
        group = groups.pop() if len(groups) == 1 else 0
        if group and set(of_lines or ()) == truth_lines.get(group) and set(of_items or ()) == truth_items.get(group):
            right += len(of_lines)
        else:
            wrong += [(line, f"{code} {lines[line].kind}") for line in of_lines or () if line in lines]
    matchable = sum(1 for line in cases.lines if line.group and line.kind not in ambiguous)
    left: dict[str, int] = {}
    for line in cases.lines:
        if line.id not in matched and line.group and line.kind not in ambiguous:
            left[line.kind] = left.get(line.kind, 0) + 1
    return Judgement(len(cases.lines), matchable, right, wrong, left)
