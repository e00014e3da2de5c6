"""The messages of recalls: what the writers take is gathered here by sets, and each file is kept once."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from backoffice.common import sql
from backoffice.people.models import User
from transactions import outgoing
from transactions.models import Account, OutgoingFile, RecallRequest
from transactions.writers import camt029, camt056, pacs004
from transactions.writers.interbank import Head, Original, Side

K = OutgoingFile.Kind
INTERBANK = Account.Format.PACS008
# How the message that brought a payment is named when its sender did not say.
USUAL_NAME = "pacs.008.001.08"
BY_CUSTOMER = frozenset({"CUST", "AC03", "AM09"})

_RECALLED = """
    select r.id, r.reason_code, r.reason, p.debtor_account_id as account, a.message_format, a.bic as own_bic,
           f.message_id, case f.kind when 'pacs008' then 'pacs.008.001.08' else 'pain.001.001.09' end as message_name,
           f.execution_date as settled_on, p.id as payment, f.kind = 'pacs008' as interbank, p.end_to_end_id,
           p.amount, p.currency, p.uetr, p.debtor_name, p.debtor_number, p.creditor_name, p.creditor_number,
           p.creditor_bic, p.remittance
    from transactions_recall r
    join transactions_payment p on p.id = r.payment_id
    join transactions_account a on a.id = p.debtor_account_id
    join transactions_outgoingitem i on i.payment_id = p.id
    join transactions_outgoingfile f on f.id = i.file_id
    where r.id = any(%s) order by r.id
"""


def recalls(ids: Sequence[int], actor: User) -> dict[int, int]:
    """Write the approved recalls: a file for each account and receiver. Returns recall -> file. Inside ``atomic()``.

    A recall of an order to our bank goes to that bank; of a transfer between banks, to the creditor's bank.
    """
    groups: dict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
    for row in sql.dicts(_RECALLED, [list(ids)]):
        groups[row["account"], row["creditor_bic"] if row["interbank"] else row["own_bic"]].append(row)
    accounts = _accounts([account for account, _receiver in groups])
    placed: dict[int, int] = {}
    for (account_id, receiver), rows in groups.items():
        account = accounts[account_id]
        interbank = rows[0]["interbank"]
        at = outgoing.moment(account)
        total = sum((row["amount"] for row in rows), Decimal(0))
        file = outgoing.begin(account=account, kind=K.RECALLS, at=at, day=at.today, count=len(rows), total=total)
        head = Head(
            file.message_id, at.written, Side(account.bic if interbank else "", _holder(account)), Side(receiver)
        )
        outgoing.keep(file, camt056.write(head, [_request(row) for row in rows]), actor)
        outgoing.record_prepared(file, actor)
        placed |= {row["id"]: file.pk for row in rows}
    return placed


def _request(row: dict[str, Any]) -> camt056.Request:
    own = f"P{row['payment']}"
    original = Original(
        message_id=row["message_id"], message_name=row["message_name"], instruction_id=own,
        transaction_id=own if row["interbank"] else "", end_to_end_id=row["end_to_end_id"], amount=row["amount"],
        currency=row["currency"], uetr=row["uetr"], settled_on=row["settled_on"], debtor_name=row["debtor_name"],
        debtor_number=row["debtor_number"], debtor_bic=row["own_bic"], creditor_name=row["creditor_name"],
        creditor_number=row["creditor_number"], creditor_bic=row["creditor_bic"], remittance=row["remittance"],
    )  # fmt: skip
    originator = row["debtor_name"] if row["reason_code"] in BY_CUSTOMER else ""
    return camt056.Request(f"R{row['id']}", original, row["reason_code"], row["reason"], originator)


def answers(requests: Sequence[RecallRequest], status: str, actor: User) -> dict[int, OutgoingFile]:
    """Write the answers to these requests: a camt.029 for each account and asker. Returns request -> file."""
    placed: dict[int, OutgoingFile] = {}
    for (account, asker), rows in _by_account(requests).items():
        at = outgoing.moment(account)
        total = sum((row.item.amount or Decimal(0) for row in rows), Decimal(0))
        file = outgoing.begin(account=account, kind=K.ANSWERS, at=at, day=at.today, count=len(rows), total=total)
        head = Head(file.message_id, at.written, _sender(account), Side.of(asker))
        resolved = [
            camt029.Resolution(
                answer_id=row.answer_id, status=status, original=_asked(row, account), case_id=row.case_id,
                reason_code=row.answer_code if status == camt029.REFUSED else "", reason=row.answer_text,
                originator=row.creditor_name if row.answer_code in {"CUST", "NOAS"} else "",
            )
            for row in rows
        ]  # fmt: skip
        outgoing.keep(file, camt029.write(head, resolved), actor)
        outgoing.record_prepared(file, actor)
        placed |= {row.pk: file for row in rows}
    return placed


def returns(requests: Sequence[RecallRequest], actor: User) -> dict[int, OutgoingFile]:
    """Write the returns of what was given back: a pacs.004 for each account and asker. Returns request -> file."""
    placed: dict[int, OutgoingFile] = {}
    for (account, asker), rows in _by_account(requests).items():
        at = outgoing.moment(account)
        paid = [row.payment for row in rows if row.payment is not None]
        total = sum((payment.amount for payment in paid), Decimal(0))
        file = outgoing.begin(account=account, kind=K.RETURNS, at=at, day=at.today, count=len(rows), total=total)
        head = Head(file.message_id, at.written, _sender(account), Side.of(asker))
        settlement = pacs004.Settlement(account.settlement_method, file.execution_date, account.clearing_system)
        back = [pacs004.Return(row.answer_id, _asked(row, account), "FOCR", row.answer_text) for row in rows]
        outgoing.keep(file, pacs004.write(head, settlement, back), actor)
        outgoing.record_prepared(file, actor)
        placed |= {row.pk: file for row in rows}
    return placed


def _asked(row: RecallRequest, account: Account) -> Original:
    """The payment as the asker named it, so that it knows it again; amounts are those of our books where we have it."""
    item, payment = row.item, row.payment
    amount = payment.amount if payment else item.amount or Decimal(0)
    return Original(
        message_id=row.original_message_id, message_name=row.original_message_name or USUAL_NAME,
        end_to_end_id=item.end_to_end_id, amount=amount, currency=payment.currency if payment else item.currency,
        instruction_id=item.instruction_id, transaction_id=row.transaction_id, uetr=item.uetr,
        settled_on=item.effective_on, debtor_name=row.debtor_name, debtor_number=row.debtor_number,
        debtor_bic=row.debtor_bic, creditor_name=row.creditor_name, creditor_number=row.creditor_number,
        creditor_bic=account.bic,
    )  # fmt: skip


def _sender(account: Account) -> Side:
    return Side(account.bic, _holder(account))


def _holder(account: Account) -> str:
    return account.owner.name if account.owner else account.entity.name


def _accounts(ids: Sequence[int]) -> dict[int, Account]:
    return Account.objects.select_related("entity", "owner").in_bulk(ids)


_CHANNEL = """
    select distinct on (q.id) q.id, a.id
    from transactions_recallrequest q
    left join transactions_payment p on p.id = q.payment_id
    join transactions_messageitem m on m.id = q.item_id
    join transactions_account a on a.entity_id = q.entity_id and a.status <> 'closed'
        and (a.id = p.creditor_account_id
             or (p.id is null and a.kind in ('customer', 'bank') and (m.currency = '' or a.currency = m.currency)))
    where q.id = any(%s)
    order by q.id, (a.id = p.creditor_account_id) desc nulls last,
             (q.creditor_number <> '' and a.iban = q.creditor_number) desc, (a.bic <> '') desc, a.id
"""


def channels(ids: Sequence[int]) -> dict[int, Account]:
    """Request -> the account through whose bank it is answered: the credited one, else the one that was named, else
    the first of the entity. One that is left out has none."""
    chosen = dict(sql.rows(_CHANNEL, [list(ids)]))
    accounts = _accounts(list(set(chosen.values())))
    return {key: accounts[account] for key, account in chosen.items()}


def _by_account(requests: Sequence[RecallRequest]) -> dict[tuple[Account, str], list[RecallRequest]]:
    chosen = channels([row.pk for row in requests])
    groups: dict[tuple[Account, str], list[RecallRequest]] = defaultdict(list)
    for row in requests:
        groups[chosen[row.pk], row.sender].append(row)
    return groups
