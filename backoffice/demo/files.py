"""Payment files as customers and programs send them: pain.001.001.09 and CSV."""

import csv
import io
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from xml.sax.saxutils import escape

from anyascii import anyascii

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"


def plain(text: str) -> str:
    """The text in the letters that every bank takes."""
    return anyascii(text)


@dataclass
class Transfer:
    """One payment of a file. ``address``: town, post_code, country, or lines for an unstructured one."""

    reference: str
    amount: Decimal
    name: str
    number: str
    words: str
    address: dict[str, object] = field(default_factory=dict)
    bic: str = ""
    purpose: str = ""


def _address(address: dict[str, object]) -> str:
    if not address:
        return ""
    parts = [
        f"<{tag}>{escape(str(address[key]))}</{tag}>"
        for key, tag in (("street", "StrtNm"), ("post_code", "PstCd"), ("town", "TwnNm"), ("country", "Ctry"))
        if address.get(key)
    ]
    lines = address.get("lines")
    parts += [f"<AdrLine>{escape(str(line))}</AdrLine>" for line in lines] if isinstance(lines, list) else []
    return f"<PstlAdr>{''.join(parts)}</PstlAdr>"


def _transfer(transfer: Transfer) -> str:
    agent = f"<CdtrAgt><FinInstnId><BICFI>{transfer.bic}</BICFI></FinInstnId></CdtrAgt>" if transfer.bic else ""
    purpose = f"<Purp><Cd>{transfer.purpose}</Cd></Purp>" if transfer.purpose else ""
    return (
        f"<CdtTrfTxInf><PmtId><EndToEndId>{escape(transfer.reference)}</EndToEndId></PmtId>"
        f'<Amt><InstdAmt Ccy="EUR">{transfer.amount:.2f}</InstdAmt></Amt>{agent}'
        f"<Cdtr><Nm>{escape(transfer.name)}</Nm>{_address(transfer.address)}</Cdtr>"
        f"<CdtrAcct><Id><IBAN>{transfer.number}</IBAN></Id></CdtrAcct>{purpose}"
        f"<RmtInf><Ustrd>{escape(transfer.words)}</Ustrd></RmtInf></CdtTrfTxInf>\n"
    )


def pain001(
    transfers: list[Transfer],
    *,
    message_id: str,
    debtor: str,
    debtor_number: str,
    debtor_bic: str,
    execution_date: date,
    created_at: datetime,
) -> bytes:
    """A pain.001.001.09 with one payment information block."""
    total = sum((transfer.amount for transfer in transfers), Decimal(0))
    counted = f"<NbOfTxs>{len(transfers)}</NbOfTxs><CtrlSum>{total:.2f}</CtrlSum>"
    name = escape(debtor)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE}"><CstmrCdtTrfInitn>\n'
        f"<GrpHdr><MsgId>{message_id}</MsgId><CreDtTm>{created_at:%Y-%m-%dT%H:%M:%S}</CreDtTm>{counted}"
        f"<InitgPty><Nm>{name}</Nm></InitgPty></GrpHdr>\n"
        f"<PmtInf><PmtInfId>{message_id}-1</PmtInfId><PmtMtd>TRF</PmtMtd>{counted}"
        f"<PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl></PmtTpInf><ReqdExctnDt><Dt>{execution_date}</Dt></ReqdExctnDt>"
        f"<Dbtr><Nm>{name}</Nm></Dbtr><DbtrAcct><Id><IBAN>{debtor_number}</IBAN></Id></DbtrAcct>"
        f"<DbtrAgt><FinInstnId><BICFI>{debtor_bic}</BICFI></FinInstnId></DbtrAgt><ChrgBr>SLEV</ChrgBr>\n"
        f"{''.join(map(_transfer, transfers))}</PmtInf></CstmrCdtTrfInitn></Document>\n"
    ).encode()


def csv_file(transfers: list[Transfer], *, debtor_number: str, execution_date: date) -> bytes:
    """An accounting program's export: semicolons, decimal commas, French headings."""
    out = io.StringIO()
    heads = ["Compte débiteur", "Bénéficiaire", "IBAN", "BIC", "Montant", "Devise", "Date d'exécution", "Référence"]
    rows = csv.writer(out, delimiter=";", lineterminator="\r\n")
    rows.writerow([*heads, "Libellé"])
    for transfer in transfers:
        amount = f"{transfer.amount:.2f}".replace(".", ",")
        rows.writerow(
            [
                debtor_number,
                transfer.name,
                transfer.number,
                transfer.bic,
                amount,
                "EUR",
                execution_date.isoformat(),  # 01/12 alone could be January, and the demo is made on any day
                transfer.reference,
                transfer.words,
            ]
        )
    return out.getvalue().encode("utf-8-sig")
