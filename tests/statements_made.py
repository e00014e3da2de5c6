"""Statements made for the tests, in every format, and the way in that they take."""

import io
from typing import Any

from transactions.intake.rows import Problem
from transactions.statements import opening
from transactions.statements.read import ReadStatement, joined

SPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
OWN = "FR1420041010050500013M02606"
OTHER = "DE89370400440532013000"


def read(content: bytes | str, **options: Any) -> tuple[list[ReadStatement], list[Problem]]:
    """Statements whole, and all that was said of them."""
    said: list[Problem] = []
    given = content.encode() if isinstance(content, str) else content
    return list(joined(opening.checked(io.BytesIO(given), say=said.append, **options))), said


def codes(said: list[Problem]) -> list[str]:
    return [one.code for one in said]


def entry(
    amount: str = "12.50", side: str = "CRDT", *, inside: str = "", currency: str = "EUR", status: str = "BOOK",
    booked: str = "2026-11-24", reference: str = "", details: str | None = None,
) -> str:  # fmt: skip
    """An Ntry; ``inside`` comes before its details, ``details`` are whole TxDtls."""
    end_to_end = f"<Refs><EndToEndId>{reference}</EndToEndId></Refs>" if reference else ""
    told = f"<TxDtls>{end_to_end}</TxDtls>" if details is None else details
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>{inside}<Sts><Cd>{status}</Cd></Sts>'
        f"<BookgDt><Dt>{booked}</Dt></BookgDt><ValDt><Dt>{booked}</Dt></ValDt>"
        "<BkTxCd><Prtry><Cd>166</Cd></Prtry></BkTxCd>"
        f"<NtryDtls>{told}</NtryDtls></Ntry>"
    )


def balance(code: str, amount: str, side: str = "CRDT", on: str = "2026-11-24", currency: str = "EUR") -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{amount}</Amt>'
        f"<CdtDbtInd>{side}</CdtDbtInd><Dt><Dt>{on}</Dt></Dt></Bal>"
    )


def statement(*parts: str, identification: str = "S1", sequence: str = "1", number: str = OWN) -> str:
    return (
        f"<Stmt><Id>{identification}</Id><ElctrncSeqNb>{sequence}</ElctrncSeqNb><CreDtTm>2026-11-24T20:00:00Z</CreDtTm>"
        f"<Acct><Id><IBAN>{number}</IBAN></Id><Ccy>EUR</Ccy></Acct>{''.join(parts)}</Stmt>"
    )


def camt(*statements: str, space: str = SPACE, kind: str = "BkToCstmrStmt") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{space}"><{kind}><GrpHdr><MsgId>M1</MsgId>'
        f"<CreDtTm>2026-11-24T20:00:00Z</CreDtTm></GrpHdr>{''.join(statements)}</{kind}></Document>"
    )


def mt940(
    *entries: str, opening: str = "C261123EUR1000,00", closing: str | None = "C261124EUR1000,00",
    account: str = "37040044/0532013000", sequence: str = "1/1", reference: str = "STARTUMS",
) -> str:  # fmt: skip
    """A message; entries are the texts from ``:61:`` on. No closing balance where it is None."""
    lines = [f":20:{reference}", f":25:{account}", f":28C:{sequence}", f":60F:{opening}", *entries]
    if closing is not None:
        lines.append(f":62F:{closing}")
    return "\r\n".join([*lines, "-", ""])
