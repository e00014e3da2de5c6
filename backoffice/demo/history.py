"""A year that has been: batches, payments, signatures, files for the bank, and their records, by COPY.

The rows are those that the services would have written, with the moments of then. Only the owner of the tables can
write them so, and only into an installation without payments; see the command ``seed_demo``.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from backoffice.common import sql
from backoffice.demo import files
from backoffice.demo.agenda import Asked, Run
from backoffice.demo.house import House
from backoffice.demo.payees import Habit
from backoffice.people.models import User
from controls.rules import rulesets
from documents import attachments, trail
from transactions.intake import names

SIX_EYES = {"ODET": Decimal(50_000), "BREIZH": Decimal(20_000)}
OPERATOR_APPROVES = Decimal(10_000)
REJECTED_BECAUSE = "AC04"

# Moment, then the columns of trail.COLUMNS.
Act = tuple[Any, ...]


class Past:
    """Collects the rows of all tables, then writes each table by one COPY."""

    def __init__(self, house: House, runs: Sequence[Run]) -> None:
        self.house = house
        self.runs = runs
        self.codes = {house.bank.pk: "ODET", house.company.pk: "BREIZH"}
        self.acts: list[Act] = []

    def write(self) -> None:
        self._number()
        sql.copy("documents_attachment", _ATTACHMENT, list(self._attachments()))
        sql.copy("transactions_paymentbatch", _BATCH, list(self._batches()))
        sql.copy("transactions_payment", _PAYMENT, self._payments())
        sql.copy("transactions_paymentstate", _STATE, self._states())
        sql.copy("transactions_paymentapproval", _APPROVAL, self._signatures())
        sql.copy("controls_assessment", _ASSESSMENT, self._assessments())
        sql.copy("transactions_outgoingfile", _FILE, list(self._outgoing()))
        sql.copy(
            "transactions_outgoingitem",
            ("payment_id", "file_id"),
            ((payment.id, run.file_id) for run in self.runs for payment in run.going),
        )

    def record(self, others: Iterable[Act]) -> None:
        """Write what happened, in the order of time: the acts collected here and those of the other steps."""
        acts = sorted([*others, *self.acts], key=lambda act: act[0])
        sql.copy("documents_auditrecord", ("occurred_at", *trail.COLUMNS), acts)

    def _number(self) -> None:
        payments = _reserve("transactions_payment", sum(len(run.payments) for run in self.runs))
        batches = _reserve("transactions_paymentbatch", len(self.runs))
        stored = _reserve("documents_attachment", 2 * len(self.runs))
        sent = _reserve("transactions_outgoingfile", len(self.runs))
        for run in self.runs:
            run.batch_id, run.attachment_id, run.file_id = next(batches), next(stored), next(sent)
            for payment in run.payments:
                payment.id = next(payments)
        self.sent_attachments = list(stored)

    # Who did what

    def _of_bank(self, run: Run) -> bool:
        return run.account.entity_id == self.house.bank.pk

    def _maker(self, run: Run) -> User | None:
        return None if self._of_bank(run) else self.house.person("emily.carter")

    def signers(self, run: Run, payment: Asked) -> list[User]:
        """Who validated and who approved: never the maker, never the same person."""
        person = self.house.person
        if self._of_bank(run):
            operators = [person("anne.le-goff"), person("yann.kervella")][:: 1 if run.number % 2 else -1]
            supervisors = [person("sarah.collins"), person("marc.lefevre")][:: 1 if run.number % 3 else -1]
        else:
            operators = [person("paul.guillou")]
            supervisors = [person("ines.morvan"), person("sarah.collins")]
        if payment.amount >= SIX_EYES[self.codes[run.account.entity_id]]:
            return [operators[0], *supervisors]
        if payment.amount < OPERATOR_APPROVES and len(operators) > 1:
            return operators
        return [operators[0], supervisors[0]]

    def act(
        self, run: Run, subject: tuple[str, int], action: str, *, at: datetime, by: User | None = None, **data: Any
    ) -> None:
        self.acts.append((at, run.account.entity_id, *subject, action, _pk(by), "", trail.encode(data)))

    # Rows

    def _attachments(self) -> Iterator[tuple[Any, ...]]:
        for run, sent_id in zip(self.runs, self.sent_attachments, strict=True):
            maker = self._maker(run)
            incoming = _file(
                run, f"{run.account.code}-{run.day:%Y%m%d}-{run.number:04d}", run.received_at, run.payments
            )
            outgoing = _file(run, _message_id(run), run.sent_at, run.going)
            for key, content, name, person, moment in (
                (run.attachment_id, incoming, _name(run), maker, run.received_at),
                (sent_id, outgoing, f"{_message_id(run)}.xml", None, run.sent_at),
            ):
                sha256, size = _store(content)
                yield (key, run.account.entity_id, sha256, size, name, "application/xml", _pk(person), moment)

    def _batches(self) -> Iterator[tuple[Any, ...]]:
        digests = dict(
            sql.rows(
                "select id, sha256 from documents_attachment where id = any(%s)",
                [[run.attachment_id for run in self.runs]],
            )
        )
        for run in self.runs:
            source = "customers" if self._of_bank(run) else "payroll" if "CORN" in run.account.code else "erp"
            count, maker = len(run.payments), self._maker(run)
            subject = ("batch", run.batch_id)
            self.act(run, subject, "batch.received", at=run.received_at, by=maker, name=_name(run))
            self.act(run, subject, "batch.read", at=run.received_at, taken=count, problems=0)
            self.act(run, subject, "batch.ready", at=run.received_at, checked=count)
            yield (
                run.batch_id, run.account.entity_id, self.house.sources[source].pk, "file", run.attachment_id,
                digests[run.attachment_id], _name(run), "pain.001.001.09", _their_id(run), self._debtor(run), "ready",
                count, run.total, count, run.total, json.dumps({"EUR": str(run.total)}), count, 0, count, 1, "", "{}",
                # The treasury's program delivers; whoever released it there is the maker of its payments.
                None, run.received_at, run.received_at, run.received_at,
            )  # fmt: skip

    def _debtor(self, run: Run) -> str:
        return run.account.name if self._of_bank(run) else self.house.company.name

    def _payments(self) -> Iterator[tuple[Any, ...]]:
        for run in self.runs:
            maker, debtor = self._maker(run), self._debtor(run)
            for position, payment in enumerate(run.payments, 1):
                habit, details = payment.habit, payment.details
                address = _address(habit)
                subject = ("payment", payment.id)
                self.act(run, subject, "payment.received", at=run.received_at, by=maker)
                self.act(run, subject, "payment.checked", at=run.received_at, outcome="pass", risk=0)
                yield (
                    payment.id, run.account.entity_id, run.batch_id, position, "sepa", "file", run.received_at,
                    _pk(maker), payment.amount, "EUR", run.day, debtor, run.account.iban, run.account.bic,
                    run.account.pk, "", files.plain(habit.payee.name), details.account_number, details.bic,
                    trail.encode(address), None, "", habit.payee.pk, f"{run.account.code}-{run.day:%Y%m%d}-1", "",
                    payment.reference, "", payment.words, "", habit.purpose, "", "SEPA", "", "SLEV",
                    _fingerprint(run, payment), 1,
                )  # fmt: skip

    def _states(self) -> Iterator[tuple[Any, ...]]:
        for run in self.runs:
            for payment in run.payments:
                needed = len(self.signers(run, payment)) - 1
                given = 0 if payment.status == "rejected" else needed
                changed = {"rejected": run.validated_at, "sent": run.sent_at}.get(payment.status, run.settled_at)
                due = run.received_at.replace(hour=14, minute=0, second=0)
                yield (
                    payment.id, run.account.entity_id, payment.status, 2 if payment.status == "rejected" else 7, 0, due,
                    "pass", 0, 0, needed, given, None, None, changed, False,
                )  # fmt: skip

    def _assessments(self) -> Iterator[tuple[Any, ...]]:
        rule_set = rulesets.current().rule_set_id
        return ((payment.id, rule_set, run.received_at, "pass", 0, 0) for run in self.runs for payment in run.payments)

    def _signatures(self) -> Iterator[tuple[Any, ...]]:
        for run in self.runs:
            moments = (run.validated_at, run.approved_at, run.second_at)
            for payment in run.payments:
                signers, subject = self.signers(run, payment), ("payment", payment.id)
                if payment.status == "rejected":
                    moment, person = run.validated_at, signers[0]
                    self.act(run, subject, "payment.rejected", at=moment, by=person, reason_code=REJECTED_BECAUSE)
                    continue
                for stage, (person, moment) in enumerate(zip(signers, moments, strict=False)):
                    action = "payment.approved" if stage else "payment.validated"
                    self.act(run, subject, action, at=moment, by=person, stage=stage)
                    yield (payment.id, stage, person.pk, "", "", moment, None)

    def _outgoing(self) -> Iterator[tuple[Any, ...]]:
        for run, attachment in zip(self.runs, self.sent_attachments, strict=True):
            total = sum((payment.amount for payment in run.going), Decimal(0))
            subject, sender, name = ("outgoing", run.file_id), self._sender(run), _message_id(run)
            self.act(run, subject, "outgoing.prepared", at=run.sent_at, count=len(run.going), sum=total)
            self.act(run, subject, "outgoing.sent", at=run.sent_at, by=sender, message_id=name)
            for payment in run.going:
                self.act(run, ("payment", payment.id), "payment.sent", at=run.sent_at, by=sender, file=run.file_id)
            if run.settled:
                self.act(run, subject, "outgoing.confirmed", at=run.settled_at, by=sender, value_date=run.settled_on)
            yield (
                run.file_id, run.account.entity_id, run.account.pk, name, run.day,
                "settled" if run.settled else "sent", len(run.going), total, "EUR", attachment, run.sent_at,
                run.sent_at, sender.pk,
            )  # fmt: skip

    def _sender(self, run: Run) -> User:
        return self.house.person("marc.lefevre" if self._of_bank(run) else "ines.morvan")


def _reserve(table: str, count: int) -> Iterator[int]:
    found = sql.rows("select nextval(pg_get_serial_sequence(%s, 'id')) from generate_series(1, %s)", [table, count])
    return iter([int(row[0]) for row in found])


def _pk(person: User | None) -> int | None:
    return person.pk if person else None


def _name(run: Run) -> str:
    return f"VIR-{run.account.code}-{run.day:%Y%m%d}.xml"


def _their_id(run: Run) -> str:
    return f"{run.account.code}-{run.day:%Y%m%d}-{run.number:04d}"


def _message_id(run: Run) -> str:
    return f"BO-{run.account.code}-{run.day:%Y%m%d}-{run.number:04d}"


def _file(run: Run, message_id: str, moment: datetime, payments: list[Asked]) -> bytes:
    transfers = [
        files.Transfer(
            payment.reference, payment.amount, files.plain(payment.habit.payee.name), payment.details.account_number,
            payment.words, _address(payment.habit),
            payment.details.bic, payment.habit.purpose,
        )
        for payment in payments
    ]  # fmt: skip
    return files.pain001(
        transfers, message_id=message_id, debtor=run.account.name, debtor_number=run.account.iban,
        debtor_bic=run.account.bic, execution_date=run.day, created_at=moment,
    )  # fmt: skip


def _address(habit: Habit) -> dict[str, object]:
    return {"post_code": habit.post_code, "town": files.plain(habit.town), "country": habit.payee.country}


def _store(content: bytes) -> tuple[str, int]:
    sha256 = hashlib.sha256(content).hexdigest()
    path = attachments.path(sha256)
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(content))
    return sha256, len(content)


def _fingerprint(run: Run, payment: Asked) -> bytes:
    """As transactions/intake/fields.py makes it, so that a payment of the past is known when it comes again."""
    parts = (
        str(run.account.entity_id), run.account.iban, payment.details.account_number,
        names.key(payment.habit.payee.name), f"{payment.amount:.2f}", "EUR", run.day.isoformat(), payment.reference, "",
        payment.words,
    )  # fmt: skip
    return hashlib.sha256("\x1f".join(parts).encode()).digest()


_ATTACHMENT = ("id", "entity_id", "sha256", "size", "name", "content_type", "created_by_id", "created_at")
_BATCH = (
    "id", "entity_id", "source_id", "channel", "attachment_id", "sha256", "file_name", "format", "message_id",
    "initiating_party", "status", "declared_count", "declared_sum", "read_count", "read_sum", "read_sums",
    "taken_count", "problem_count", "checked_count", "batch_count", "refusal_code", "refusal_params",
    "imported_by_id", "created_at", "read_at", "ready_at",
)  # fmt: skip
_PAYMENT = (
    "id", "entity_id", "batch_id", "position", "kind", "channel", "received_at", "maker_id", "amount", "currency",
    "requested_execution_date", "debtor_name", "debtor_number", "debtor_bic", "debtor_account_id", "ultimate_debtor",
    "creditor_name", "creditor_number", "creditor_bic", "creditor_address", "creditor_account_id", "ultimate_creditor",
    "payee_id", "payment_info_id", "instruction_id", "end_to_end_id", "uetr", "remittance", "creditor_reference",
    "purpose", "category_purpose", "service_level", "local_instrument", "charge_bearer", "fingerprint", "occurrence",
)  # fmt: skip
_STATE = (
    "payment_id", "entity_id", "status", "version", "priority", "due_at", "outcome", "risk", "hold_count",
    "approvals_required", "approvals_given", "claimed_by_id", "claimed_until", "changed_at", "funds_held",
)  # fmt: skip
_ASSESSMENT = ("payment_id", "rule_set_id", "ran_at", "outcome", "risk", "finding_count")
_APPROVAL = ("payment_id", "stage", "person_id", "reason_code", "reason", "given_at", "withdrawn_at")
_FILE = (
    "id", "entity_id", "account_id", "message_id", "execution_date", "status", "payment_count", "control_sum",
    "currency", "attachment_id", "prepared_at", "sent_at", "sent_by_id",
)  # fmt: skip
