"""What the bank of the demo tells of its settlement account: a year of statements, and this morning's oddities."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from xml.sax.saxutils import escape

from anyascii import anyascii
from django.utils import timezone

from backoffice.common import calendars, sql
from backoffice.people.models import User
from controls.reconciliation import days
from transactions.models import Account
from transactions.statements import bringing

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
# So many open days are told one by one; what lies before, month by month.
DAILY, SIGNED = 6, 2
_BOOKED = """
    select e.booking_date, t.side = a.normal_side, t.amount, coalesce(p.end_to_end_id, ''),
           coalesce(p.creditor_name, ''), coalesce(p.creditor_number, ''), coalesce(nullif(p.remittance, ''), e.label)
    from transactions_posting t join transactions_journalentry e on e.id = t.entry_id
    join transactions_account a on a.id = t.account_id left join transactions_payment p on p.id = e.payment_id
    where t.account_id = %s and e.booking_date < %s and e.kind <> 'opening' order by e.booking_date, t.id
"""
_BEGUN = """
    select coalesce(sum(case when t.side = a.normal_side then t.amount else -t.amount end), 0)
    from transactions_posting t join transactions_journalentry e on e.id = t.entry_id
    join transactions_account a on a.id = t.account_id where t.account_id = %s and e.kind = 'opening'
"""


@dataclass(frozen=True)
class Line:
    day: date
    credit: bool
    amount: Decimal
    reference: str = ""
    name: str = ""
    number: str = ""
    words: str = ""

    @property
    def signed(self) -> Decimal:
        return self.amount if self.credit else -self.amount


def told(account: Account, operator: User, supervisor: User, today: date) -> None:
    """Bring the statements in up to yesterday; the days before the last are closed by two people."""
    recent = _open_days(today, DAILY)
    lines = [Line(*row) for row in sql.rows(_BOOKED, [account.pk, today])]
    past = [line for line in lines if line.day < recent[0]]
    balance, months = sql.rows(_BEGUN, [account.pk])[0][0], []
    for (year, month), group in groupby(past, key=lambda line: (line.day.year, line.day.month)):
        members = list(group)
        months.append(_statement(account, members, balance, f"{year}-{month:02d}", (members[0].day, members[-1].day)))
        balance += sum((line.signed for line in members), Decimal(0))
    _bring(account, operator, months, f"releves-{today.year}.xml")
    for place, day in enumerate(recent):
        members = [
            line for line in lines if (recent[place - 1] if place else day - timedelta(days=1)) < line.day <= day
        ]
        if day == recent[-1]:
            members = _odd(members, day)
        _bring(account, operator, [_statement(account, members, balance, f"{day:%Y-%m-%d}", (day, day))],
               f"releve-{day:%Y%m%d}.xml")  # fmt: skip
        balance += sum((line.signed for line in members), Decimal(0))
    for day in recent[:SIGNED]:
        prepared = days.prepare(actor=operator, account_id=account.pk, day=day)
        days.sign(actor=supervisor, day_id=prepared.pk, digest=bytes(prepared.digest).hex())


def _open_days(today: date, count: int) -> list[date]:
    """The last days before today on which banks work."""
    found: list[date] = []
    day = today - timedelta(days=1)
    while len(found) < count:
        if calendars.next_open_day(day) == day:
            found.append(day)
        day -= timedelta(days=1)
    return found[::-1]


def _odd(lines: Sequence[Line], day: date) -> list[Line]:
    """The morning's: a booking is missing, a reference has a slip, an amount a fee, another is wrong, and two lines
    nobody knows."""
    kept = sorted(lines, key=lambda line: line.amount)
    out = [line for line in kept if not line.credit and line.reference]
    if len(out) >= 4:
        late, slip, wrong, fee = out[0], out[1], out[-2], out[-1]
        kept.remove(late)
        kept[kept.index(slip)] = replace(slip, reference="", words=f"{slip.name} {slip.reference[:-1]}O")
        kept[kept.index(wrong)] = replace(wrong, amount=wrong.amount + 90)
        kept[kept.index(fee)] = replace(fee, amount=fee.amount + Decimal("4.50"))
    return [
        *kept, Line(day, False, Decimal("12.40"), words="Frais de tenue de compte"),
        Line(day, True, Decimal("1204.16"), name="Garage des Trois Ponts", words="Acompte vehicule 2206"),
    ]  # fmt: skip


def _bring(account: Account, operator: User, statements: Sequence[str], name: str) -> None:
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE}"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>{escape(name[:-4])}</MsgId><CreDtTm>{timezone.now():%Y-%m-%dT%H:%M:%S}</CreDtTm></GrpHdr>"
        f"{''.join(statements)}</BkToCstmrStmt></Document>\n"
    ).encode()
    bringing.bring_in(content=content, name=name, entity=account.entity, actor=operator)


def _statement(
    account: Account, lines: Sequence[Line], opening: Decimal, number: str, days_told: tuple[date, date]
) -> str:
    first, last = days_told
    closing = opening + sum((line.signed for line in lines), Decimal(0))
    return (
        f"<Stmt><Id>RLV-{number}</Id><CreDtTm>{last:%Y-%m-%d}T20:00:00</CreDtTm>"
        f"<FrToDt><FrDtTm>{first:%Y-%m-%d}T00:00:00</FrDtTm><ToDtTm>{last:%Y-%m-%d}T23:59:59</ToDtTm></FrToDt>"
        f"<Acct><Id><IBAN>{account.iban}</IBAN></Id><Ccy>{account.currency}</Ccy></Acct>"
        f"{_balance('OPBD', opening, account, first)}{_balance('CLBD', closing, account, last)}"
        f"{''.join(_entries(account, lines))}</Stmt>"
    )


def _balance(code: str, amount: Decimal, account: Account, day: date) -> str:
    way = "CRDT" if amount >= 0 else "DBIT"
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="{account.currency}">{abs(amount):.2f}</Amt>'
        f"<CdtDbtInd>{way}</CdtDbtInd><Dt><Dt>{day:%Y-%m-%d}</Dt></Dt></Bal>"
    )


def _entries(account: Account, lines: Sequence[Line]) -> Iterator[str]:
    for place, line in enumerate(lines, 1):
        reference = f"<Refs><EndToEndId>{escape(line.reference)}</EndToEndId></Refs>" if line.reference else ""
        party = "Dbtr" if line.credit else "Cdtr"
        name = f"<{party}><Pty><Nm>{escape(anyascii(line.name)[:70])}</Nm></Pty></{party}>" if line.name else ""
        number = f"<{party}Acct><Id><IBAN>{line.number}</IBAN></Id></{party}Acct>" if line.number else ""
        parties = f"<RltdPties>{name}{number}</RltdPties>" if name else ""
        words = f"<RmtInf><Ustrd>{escape(anyascii(line.words)[:140])}</Ustrd></RmtInf>" if line.words else ""
        yield (
            f'<Ntry><Amt Ccy="{account.currency}">{line.amount:.2f}</Amt>'
            f"<CdtDbtInd>{'CRDT' if line.credit else 'DBIT'}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
            f"<BookgDt><Dt>{line.day:%Y-%m-%d}</Dt></BookgDt><ValDt><Dt>{line.day:%Y-%m-%d}</Dt></ValDt>"
            f"<AcctSvcrRef>{line.day:%y%m%d}{place:06d}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly>"
            f"<Cd>{'RCDT' if line.credit else 'ICDT'}</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>"
            f"<NtryDtls><TxDtls>{reference}{parties}{words}</TxDtls></NtryDtls></Ntry>"
        )
