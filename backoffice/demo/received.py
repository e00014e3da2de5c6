"""What comes in: this morning's transfers between banks to customers of the demo's bank, and what the company's card
acquirer reports. Some is credited, some waits in suspense, some is refunded or paid out."""

import random
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from xml.sax.saxutils import escape

from schwifty import IBAN

from backoffice.demo.house import House
from backoffice.people.models import User
from controls import approvals
from transactions import cards, refunds, workflow
from transactions.models import Account, Payment, PaymentBatch, PaymentState

PAYERS = (
    ("Brasserie de Cornouaille", "1480.00", "Facture 2214"),
    ("Mairie de Pont-l'Abbé", "12650.40", "Marche 2026-17, situation 3"),
    ("Océane Le Berre", "86.50", "Commande 5512"),
    ("Transports Kerdraon", "3320.00", "Facture 2219"),
    ("Coopérative de Sizun", "940.00", "Facture 2221"),
)
ORDERS = (("Claire Abgrall", "129.90"), ("Yves Le Floc'h", "54.00"), ("Nolwenn Stephan", "310.00"))
PSP = "PSP"


def file(accounts: Sequence[Account], chance: random.Random, now: datetime, day: date) -> bytes:
    """A pacs.008 of the clearing: one transfer a payer, one to an account that nobody knows, one to another name."""
    rows, total = [], Decimal(0)
    strangers = str(IBAN.random(country_code="FR", random=chance))
    for number, (payer, amount, words) in enumerate(PAYERS, start=1):
        account = accounts[number % len(accounts)]
        holder = account.owner.name if account.owner else account.name
        to, name = (strangers, "Atelier Inconnu") if number == len(PAYERS) else (account.iban, holder)
        if number == len(PAYERS) - 1:
            name = "Global Trade Partners Ltd"
        total += Decimal(amount)
        rows.append(
            f"<CdtTrfTxInf><PmtId><EndToEndId>REC-{now:%y%m%d}-{number}</EndToEndId>"
            f"<TxId>CLR{now:%y%m%d}{number:04d}</TxId></PmtId>"
            f'<IntrBkSttlmAmt Ccy="EUR">{amount}</IntrBkSttlmAmt><ChrgBr>SLEV</ChrgBr>'
            f"<Dbtr><Nm>{escape(payer)}</Nm><PstlAdr><TwnNm>Quimper</TwnNm><Ctry>FR</Ctry></PstlAdr></Dbtr>"
            f"<DbtrAcct><Id><IBAN>{IBAN.random(country_code='FR', random=chance)}</IBAN></Id></DbtrAcct>"
            f"<DbtrAgt><FinInstnId><BICFI>AGRIFRPPXXX</BICFI></FinInstnId></DbtrAgt>"
            f"<CdtrAgt><FinInstnId><BICFI>{account.bic}</BICFI></FinInstnId></CdtrAgt>"
            f"<Cdtr><Nm>{escape(name)}</Nm></Cdtr><CdtrAcct><Id><IBAN>{to}</IBAN></Id></CdtrAcct>"
            f"<RmtInf><Ustrd>{escape(words)}</Ustrd></RmtInf></CdtTrfTxInf>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08">'
        f"<FIToFICstmrCdtTrf><GrpHdr><MsgId>CLR-{now:%Y%m%d}</MsgId><CreDtTm>{now:%Y-%m-%dT%H:%M:%S}</CreDtTm>"
        f'<NbOfTxs>{len(rows)}</NbOfTxs><TtlIntrBkSttlmAmt Ccy="EUR">{total:.2f}</TtlIntrBkSttlmAmt>'
        f"<IntrBkSttlmDt>{day}</IntrBkSttlmDt><SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf>"
        "<InstgAgt><FinInstnId><BICFI>AGRIFRPPXXX</BICFI></FinInstnId></InstgAgt></GrpHdr>"
        f"{''.join(rows)}</FIToFICstmrCdtTrf></Document>"
    ).encode()


def report(now: datetime, day: date) -> bytes:
    """What the acquirer captured: two payouts, the first of which arrived."""
    lines = ["order;transaction id;captured on;gross;fee;net;payout;customer"]
    for number, (buyer, amount) in enumerate((*ORDERS, *ORDERS[:2]), start=1):
        gross = Decimal(amount) + number
        fee = (gross * Decimal("0.014") + Decimal("0.25")).quantize(Decimal("0.01"))
        payout = f"PO-{now:%y%m%d}-{1 if number <= len(ORDERS) else 2}"
        cells = (f"WEB-{now:%m%d}-{number:02d}", f"ch_{now:%m%d}{number:04d}", day.isoformat())
        lines.append(";".join((*cells, f"{gross:.2f}", f"{fee:.2f}", f"{gross - fee:.2f}", payout, buyer)))
    return "\n".join(lines).encode()


def decide(house: House, incoming: PaymentBatch, reported: PaymentBatch, day: date) -> None:
    """What is clean is approved; a customer pays one back in part; the first payout of the acquirer is booked."""
    yann, marc = house.person("yann.kervella"), house.person("marc.lefevre")
    _approve(incoming, yann, marc)
    _approve(reported, house.person("paul.guillou"), house.person("ines.morvan"))
    settled = Payment.objects.filter(batch=incoming, state__status="settled").order_by("-amount").first()
    if settled is not None:
        asked = [refunds.Asked(settled.pk, Decimal("650.40"))]
        refunds.refund(asked=asked, actor=yann, reason_code="AM09", reason="Situation 3 payée en trop.", channel="form")
    acquirer = house.books[house.company.code, PSP]
    for due in cards.expected([house.company.pk], acquirer=acquirer)[:1]:
        cards.receive_payout(
            actor=house.person("ines.morvan"), acquirer_id=acquirer.pk, reference=due.reference, amount=due.total,
            paid_on=day,
        )  # fmt: skip


def _approve(batch: PaymentBatch, operator: User, approver: User) -> None:
    states = PaymentState.objects.filter(payment__batch=batch, status="checked", hold_count=0)
    ids = list(states.order_by("payment_id").values_list("payment_id", flat=True))
    approvals.validate(ids=ids, actor=operator, reason="Contrôlé.")
    workflow.approve(ids=ids, actor=approver)
