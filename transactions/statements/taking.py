"""Statements that were read are kept: each finds its account, its place in the chain of balances, and what it repeats.

The same again changes nothing. A statement that says something else than a former one of the same identity replaces it;
lines that both tell stay the same booking. What does not add up is said on the statement, by codes (errors.py): it is
kept all the same, for it is what the bank said.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count, islice
from typing import Any

from django.db import transaction

from backoffice.common import money, sql
from backoffice.common.errors import BusinessError, sentence
from backoffice.common.tasks import enqueue
from backoffice.people import access
from backoffice.people.models import Entity, User
from documents import trail
from documents.models import Attachment
from transactions.models import Account, Statement
from transactions.statements import numbers
from transactions.statements.read import BOOKED, CLOSING, FORWARD, OPENING, ReadBalance, ReadLine, ReadStatement

RIGHT, SUBJECT = "statement.import", "statement"
# So many statements, or those with so many lines, go by one round of questions.
STATEMENTS, LINES = 500, 50_000
_UNIT = "\x1f"
TAKEN, REPLACED, KNOWN, PARALLEL, REFUSED = "taken", "replaced", "known", "parallel", "refused"

_TOLD = (
    "end_to_end_id", "instruction_id", "transaction_id", "mandate_id", "payment_info_id", "message_id",
    "counterparty_name", "counterparty_number", "counterparty_bic", "creditor_reference", "remittance", "return_code",
    "original_amount", "original_currency", "exchange_rate", "charges", "charges_currency",
)  # fmt: skip
# The longest that is kept of each text; the rest stands in the file.
_LONGEST = {
    "counterparty_name": 140, "counterparty_bic": 11, "remittance": 4000, "return_code": 35, "original_currency": 3,
    "charges_currency": 3, "code": 50, "information": 4000, "identification": 70, "sequence": 35, "page": 10,
}  # fmt: skip
_LINE = (
    "id", "statement_id", "entity_id", "account_id", "place", "file_line", "status", "credit", "amount", "currency",
    "booking_on", "value_on", "reversal", "code", "bank_reference", "customer_reference", "batch_count", "information",
    "detail_count", "fingerprint", "occurrence", "origin_id", *_TOLD,
)  # fmt: skip
_DETAIL = ("line_id", "place", "amount", "currency", "credit", "bank_reference", *_TOLD)
_STATEMENT = (
    "id", "entity_id", "account_id", "kind", "identification", "sequence", "page", "number", "currency", "issued_at",
    "from_on", "to_on", "opening", "closing", "line_count", "credit_sum", "debit_sum", "status", "supersedes_id",
    "findings", "fingerprint", "attachment_id", "sha256", "file_name", "taken_by_id", "taken_at",
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """The file that statements came in; its bytes are kept as an attachment before."""

    entity: Entity
    attachment: Attachment | None = None
    sha256: str = ""
    file_name: str = ""


@dataclass(frozen=True)
class Taken:
    """What became of the statement at ``position`` (from 1). ``code`` and ``params`` say why it was refused."""

    position: int
    outcome: str
    statement_id: int | None = None
    lines: int = 0
    code: str = ""
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return sentence(self.code, self.params) if self.code else ""


@dataclass
class _Coming:
    """A statement on its way in."""

    position: int
    read: ReadStatement
    account: Account
    lines: list[ReadLine]
    prints: list[bytes]
    opening: Decimal | None
    closing: Decimal | None
    credit: Decimal
    debit: Decimal
    fingerprint: bytes
    findings: list[dict[str, Any]]
    key: int = 0
    status: str = TAKEN
    supersedes: int | None = None

    @property
    def to_on(self) -> date | None:
        return self.read.to_on or max((line.booking_on for line in self.lines if line.booking_on), default=None)

    @property
    def from_on(self) -> date | None:
        first = self.read.from_on or min((line.booking_on for line in self.lines if line.booking_on), default=None)
        return first if first is None or self.to_on is None else min(first, self.to_on)


def take(statements: Iterable[ReadStatement], *, source: Source, actor: User | None) -> list[Taken]:
    """Keep statements, each by itself: one that is refused (unknown account, amounts that are none) stops no other.

    Needs statement.import in the entity (``actor`` None: the console or a channel). Wakes ``controls.match`` on commit
    for the accounts of what was new. All in one transaction; a dozen queries for 500 statements or 50,000 lines.
    """
    if actor is not None:
        access.demand(actor, RIGHT, source.entity.pk)
    answers: list[Taken] = []
    touched: set[int] = set()
    with transaction.atomic():
        book = numbers.Book.of(source.entity)
        for part in _parts(statements):
            answers += _take(part, book, source, actor, touched)
        if touched:
            enqueue("controls.match", sorted(touched))
    return answers


def _parts(statements: Iterable[ReadStatement]) -> Iterator[list[tuple[int, ReadStatement]]]:
    numbered = zip(count(1), statements, strict=False)
    while part := list(islice(numbered, 1)):
        lines = len(part[0][1].lines)
        for position, one in numbered:
            part.append((position, one))
            lines += len(one.lines)
            if len(part) >= STATEMENTS or lines >= LINES:
                break
        yield part


def _take(
    part: Sequence[tuple[int, ReadStatement]], book: numbers.Book, source: Source, actor: User | None, touched: set[int]
) -> list[Taken]:
    answers, coming = [], []
    for position, read in part:
        try:
            coming.append(_understood(position, read, book.find(read.number, read.currency)))
        except BusinessError as error:
            answers.append(Taken(position, REFUSED, code=error.code, params=error.params))
    # Two imports of one account take turns, so that the second sees what the first kept.
    ids = sorted({one.account.pk for one in coming})
    sql.run("select 1 from transactions_account where id = any(%s) order by id for no key update", [ids])
    fresh = _new(coming, answers)
    # Corrections of one file follow each other: each sees what came before it.
    seen: set[tuple[Any, ...]] = set()
    wave: list[_Coming] = []
    for one in fresh:
        identity = (one.account.pk, *_identity(one))
        if identity in seen:
            _keep(wave, source, actor)
            wave, seen = [], set()
        seen.add(identity)
        wave.append(one)
    _keep(wave, source, actor)
    for one in fresh:
        outcome = REPLACED if one.supersedes else one.status
        answers.append(Taken(one.position, outcome, one.key, len(one.lines)))
        touched.add(one.account.pk)
    return sorted(answers, key=lambda answer: answer.position)


def _understood(position: int, read: ReadStatement, account: Account) -> _Coming:
    """What is kept of a statement, with what does not add up in it. Refuses what cannot be kept."""
    decimals = money.exponent(read.currency)
    if read.kind not in Statement.Kind.values:
        raise BusinessError("statement.kind_unknown", kind=read.kind[:20])
    lines = [line for line in read.lines if line.amount]
    for line in lines:
        if line.currency and line.currency != read.currency:
            raise BusinessError("statement.line_currency", place=line.place, currency=line.currency)
        if line.amount < 0 or line.amount > money.LARGEST or line.amount != round(line.amount, decimals):
            raise BusinessError("statement.line_amount", place=line.place, amount=str(line.amount)[:40])
    booked = [line for line in lines if line.status == BOOKED]
    opening, closing = _balances(read)
    credit = sum((line.amount for line in booked if line.credit), Decimal(0))
    debit = sum((line.amount for line in booked if not line.credit), Decimal(0))
    findings: list[dict[str, Any]] = []
    if read.kind not in Statement.INTERIM:
        if opening is not None and closing is not None and opening.amount + credit - debit != closing.amount:
            computed = opening.amount + credit - debit
            findings.append(_finding(
                "statement.sums_wrong", currency=read.currency, closing=str(closing.amount), computed=str(computed),
                difference=str(closing.amount - computed),
            ))  # fmt: skip
        if (opening is None or closing is None) and read.kind not in Statement.DOWNLOADS:
            findings.append(_finding("statement.no_balances"))
    if len(lines) < len(read.lines):
        findings.append(_finding("statement.zero_lines", count=len(read.lines) - len(lines)))
    prints = [_line_print(line) for line in lines]
    ends = [None if one is None else one.amount for one in (opening, closing)]
    whole = hashlib.sha256(_UNIT.join(map(str, (
        read.kind, read.currency, read.identification, read.sequence, read.page, read.from_on, read.to_on,
        *(None if end is None else end.normalize() for end in ends),
    ))).encode())  # fmt: skip
    for number in prints:
        whole.update(number)
    return _Coming(position, read, account, lines, prints, ends[0], ends[1], credit, debit, whole.digest(), findings)


def _finding(code: str, **params: Any) -> dict[str, Any]:
    return {"code": code, "params": params}


def _balances(read: ReadStatement) -> tuple[ReadBalance | None, ReadBalance | None]:
    """Opening and closing; a page in the middle begins and ends with what it carries over."""
    carried = [one for one in read.balances if one.kind == FORWARD]
    opening, closing = read.balance(OPENING), read.balance(CLOSING)
    if opening is None and carried:
        opening = carried.pop(0)
    if closing is None and carried:
        closing = carried[-1]
    return opening, closing


def _line_print(line: ReadLine) -> bytes:
    first = line.details[0] if len(line.details) == 1 else None
    said = [
        line.credit, line.amount.normalize(), line.booking_on, line.value_on, line.status, line.reversal,
        line.bank_reference, line.customer_reference, line.information, len(line.details),
    ]  # fmt: skip
    if first is not None:
        said += [first.end_to_end_id, first.transaction_id, first.counterparty_number, first.counterparty_name,
                 first.creditor_reference, first.remittance]  # fmt: skip
    return hashlib.sha256(_UNIT.join(map(str, said)).encode()).digest()


def _new(coming: list[_Coming], answers: list[Taken]) -> list[_Coming]:
    """Without what is kept already, and what the same file says twice."""
    known = {
        (account, bytes(fingerprint)): key
        for key, account, fingerprint in sql.rows(
            "select s.id, s.account_id, s.fingerprint from transactions_statement s "
            "join unnest(%s::bigint[], %s::text[]) as k (account, fingerprint) "
            "on s.account_id = k.account and s.fingerprint = decode(k.fingerprint, 'hex')",
            [[one.account.pk for one in coming], [one.fingerprint.hex() for one in coming]],
        )
    }
    fresh = []
    for one in coming:
        place = (one.account.pk, one.fingerprint)
        if place in known:
            answers.append(Taken(one.position, KNOWN, known[place]))
            continue
        known[place] = None
        fresh.append(one)
    return fresh


def _identity(one: _Coming) -> tuple[Any, ...]:
    """What a correction has in common with its forerunner."""
    read = one.read
    if read.kind in Statement.DOWNLOADS:
        return (read.kind, "", "", "", one.fingerprint)
    if read.sequence:
        return (read.kind, "", read.sequence, read.page, one.to_on)
    if read.identification:
        return (read.kind, read.identification, "", read.page, None)
    return (read.kind, "", "", read.page, (one.from_on, one.to_on))


def _keep(wave: list[_Coming], source: Source, actor: User | None) -> None:
    if not wave:
        return
    keys = sql.rows("select nextval('transactions_statement_id_seq') from generate_series(1, %s)", [len(wave)])
    for one, (key,) in zip(wave, keys, strict=True):
        one.key = key
    _place(wave)
    replaced = [one.supersedes for one in wave if one.supersedes]
    if replaced:
        sql.run("update transactions_statement set status = 'superseded' where id = any(%s)", [replaced])
    moment = datetime.now(UTC)
    sql.copy("transactions_statement", _STATEMENT, [_statement_row(one, source, actor, moment) for one in wave])
    _keep_lines(wave, moment.date())
    _chain([one.account.pk for one in wave])
    for action, taken in (("statement.taken", False), ("statement.replaced", True)):
        trail.record_many(
            action, subject_type=SUBJECT, actor=actor,
            subjects=[
                (one.key, source.entity.pk, {
                    "account": one.account.code, "lines": len(one.lines), "file_name": source.file_name,
                    "sha256": source.sha256, **({"supersedes": one.supersedes} if taken else {}),
                })
                for one in wave if bool(one.supersedes) == taken
            ],
        )  # fmt: skip


_FORMER = """
    select s.id, s.account_id, s.kind, s.identification, s.sequence, s.page, s.from_on, s.to_on, s.opening, s.closing,
           s.supersedes_id
    from transactions_statement s
    where s.account_id = any(%s) and s.status = 'taken' and (s.to_on is null or s.to_on >= %s)
    order by s.id
"""


def _place(wave: list[_Coming]) -> None:
    """Which former statement each replaces, and which tell what another kind of file told."""
    accounts = sorted({one.account.pk for one in wave})
    earliest = min((one.from_on for one in wave if one.from_on), default=date(1, 1, 1))
    identities: dict[tuple[Any, ...], int] = {}
    periods: dict[tuple[Any, ...], str] = {}
    for key, account, kind, identification, sequence, page, from_on, to_on, opening, closing, _ in sql.rows(
        _FORMER, [accounts, earliest]
    ):
        identities[account, kind, "", sequence, page, to_on if sequence else (from_on, to_on)] = key
        if identification and not sequence:
            identities[account, kind, identification, "", page, None] = key
        if kind not in Statement.INTERIM and opening is not None and closing is not None:
            periods[account, to_on, opening, closing] = kind
    for one in wave:
        one.supersedes = identities.get((one.account.pk, *_identity(one)))
        told = periods.get((one.account.pk, one.to_on, one.opening, one.closing))
        if told and told != one.read.kind and one.read.kind not in Statement.INTERIM and one.lines:
            one.status = PARALLEL
            one.findings.append(_finding("statement.told_before", kind=told))


def _statement_row(one: _Coming, source: Source, actor: User | None, moment: datetime) -> tuple[Any, ...]:
    read = one.read
    return (
        one.key, source.entity.pk, one.account.pk, read.kind, _cut("identification", read.identification),
        _cut("sequence", read.sequence), _cut("page", read.page), read.number[:70], read.currency, read.created_at,
        one.from_on, one.to_on, one.opening, one.closing, len(one.lines), one.credit, one.debit, one.status,
        one.supersedes, _json(one.findings), one.fingerprint,
        source.attachment.pk if source.attachment else None, source.sha256, source.file_name[:200],
        actor.pk if actor else None, moment,
    )  # fmt: skip


def _cut(name: str, text: str) -> str:
    return text[: _LONGEST.get(name, 70)]


# Roots of the lines that a former statement tells: by their fingerprints, of statements that are replaced, and of
# downloads that overlap.
_ROOTS = """
    select s.account_id, s.id, l.fingerprint, l.occurrence, coalesce(l.origin_id, l.id)
    from transactions_statement s join transactions_statementline l on l.statement_id = s.id
    where s.id = any(%(replaced)s)
       or (s.account_id = any(%(downloads)s) and s.status = 'taken' and s.kind in ('ofx', 'bank_csv')
           and l.booking_on between %(first)s and %(last)s)
"""


def _roots(wave: list[_Coming]) -> tuple[dict[tuple[Any, ...], int], dict[tuple[Any, ...], int]]:
    downloads = [one for one in wave if one.read.kind in Statement.DOWNLOADS]
    days = [line.booking_on for one in downloads for line in one.lines if line.booking_on]
    replaced = [one.supersedes for one in wave if one.supersedes]
    if not replaced and not days:
        return {}, {}
    params = {
        "replaced": replaced, "downloads": [one.account.pk for one in downloads],
        "first": min(days, default=None), "last": max(days, default=None),
    }  # fmt: skip
    by_statement, by_account = {}, {}
    for account, statement, fingerprint, occurrence, root in sql.rows(_ROOTS, params):
        by_statement[statement, bytes(fingerprint), occurrence] = root
        by_account[account, bytes(fingerprint), occurrence] = root
    return by_statement, by_account


def _keep_lines(wave: list[_Coming], today: date) -> None:
    total = sum(len(one.lines) for one in wave)
    if not total:
        return
    keys = iter(
        sql.rows("select nextval('transactions_statementline_id_seq') from generate_series(1, %s)", [total])
    )  # fmt: skip
    of_statement, of_account = _roots(wave)
    rows: list[tuple[Any, ...]] = []
    details: list[tuple[Any, ...]] = []
    told_again: dict[tuple[Any, ...], int] = {}
    for one in wave:
        seen: Counter[bytes] = Counter()
        for place, (line, fingerprint) in enumerate(zip(one.lines, one.prints, strict=True), start=1):
            seen[fingerprint] += 1
            key, mark = next(keys)[0], (fingerprint, seen[fingerprint])
            root = of_statement.get((one.supersedes, *mark)) if one.supersedes else None
            if one.read.kind in Statement.DOWNLOADS:
                root = root or of_account.get((one.account.pk, *mark)) or told_again.get((one.account.pk, *mark))
                told_again.setdefault((one.account.pk, *mark), key)
            rows.append(_line_row(one, line, place, key=key, mark=mark, root=root, today=today))
            if len(line.details) > 1:
                details += [_detail_row(key, number, told) for number, told in enumerate(line.details, start=1)]
    sql.copy("transactions_statementline", _LINE, rows)
    if details:
        sql.copy("transactions_statementdetail", _DETAIL, details)


def _line_row(
    one: _Coming, line: ReadLine, place: int, *, key: int, mark: tuple[bytes, int], root: int | None, today: date
) -> tuple[Any, ...]:
    booking = line.booking_on or line.value_on or one.to_on or today
    told = line.details[0] if len(line.details) == 1 else None
    return (
        key, one.key, one.account.entity_id, one.account.pk, place, line.line, line.status, line.credit, line.amount,
        one.read.currency, booking, line.value_on or booking, line.reversal, _cut("code", line.code),
        _cut("bank_reference", line.bank_reference), _cut("customer_reference", line.customer_reference),
        line.batch_count, _cut("information", line.information), len(line.details), mark[0], mark[1], root,
        *_told(told),
    )  # fmt: skip


def _told(told: Any) -> tuple[Any, ...]:
    if told is None:
        return tuple(None if name in {"original_amount", "exchange_rate", "charges"} else "" for name in _TOLD)
    values = (getattr(told, name) for name in _TOLD)
    return tuple(
        _cut(name, value) if isinstance(value, str) else value for name, value in zip(_TOLD, values, strict=True)
    )


def _detail_row(line: int, place: int, told: Any) -> tuple[Any, ...]:
    return (line, place, told.amount, told.currency[:3], told.credit, told.bank_reference[:70], *_told(told))


# The chain of an account: each statement of the day with the one before it, and what it said of that so far.
_CHAIN = """
    with chain as (
        select s.id, s.opening, s.from_on, s.to_on, s.sequence, s.findings, s.currency,
               lag(s.id) over w as before, lag(s.closing) over w as closed, lag(s.to_on) over w as ended,
               lag(s.sequence) over w as numbered
        from transactions_statement s
        where s.account_id = any(%s) and s.status = 'taken' and s.opening is not null and s.closing is not null
          and s.kind not in ('camt052', 'camt054', 'mt942')
        window w as (partition by s.account_id
                     order by coalesce(s.to_on, s.from_on), lpad(s.sequence, 35, '0'), lpad(s.page, 10, '0'), s.id))
    select id, opening, from_on, to_on, sequence, findings, currency, before, closed, ended, numbered from chain
    where (opening <> closed or findings::text like '%%statement.chain%%') order by id
"""


def _chain(accounts: Iterable[int]) -> None:
    """Say of each statement whether it begins where the one before it ended; of those after a new one anew."""
    for key, opening, from_on, _to, sequence, findings, currency, before, closed, ended, numbered in sql.rows(
        _CHAIN, [sorted(set(accounts))]
    ):
        told = json.loads(findings)
        kept = [one for one in told if not one["code"].startswith("statement.chain")]
        if before is not None and opening != closed:
            kept.append(_finding(
                _kind_of_break(from_on, ended, sequence, numbered), before=before, currency=currency,
                closed=str(closed), opening=str(opening), difference=str(opening - closed),
                missing=_missing(sequence, numbered),
            ))  # fmt: skip
        if kept != told:
            sql.run("update transactions_statement set findings = %s where id = %s", [_json(kept), key])


def _json(findings: list[dict[str, Any]]) -> str:
    return json.dumps(findings, sort_keys=True, separators=(",", ":"))


def _missing(sequence: str, before: str) -> int:
    """How many statements lie between two numbers of the bank; 0 when it cannot be said."""
    if not (sequence.isdecimal() and before.isdecimal()):
        return 0
    return max(int(sequence) - int(before) - 1, 0)


def _kind_of_break(from_on: date | None, ended: date | None, sequence: str, before: str) -> str:
    if _missing(sequence, before) or (from_on and ended and from_on > ended and (from_on - ended).days > 1):
        return "statement.chain_gap"
    if from_on and ended and from_on < ended:
        return "statement.chain_overlap"
    return "statement.chain_broken"
