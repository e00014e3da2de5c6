"""A pain.001 file from the door to checked: the product against the bare path of the same file.

Product: the file is received and kept, read, validated against its schema, understood, stored as payments with states
and audit records, and judged by every rule, with facts and results on record. Limit: parse it, COPY it to a stage, and
ask the database about duplicates, accounts and currencies; nothing is kept. Small: 10,000 payments; full: 100,000.
"""

import io
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from benchmarks import harness

NAME, GOAL = "intake", 0.25
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
PREFIX = f"{{{NAMESPACE}}}"
CREDITORS = 2_000
_number = itertools.count(1)


# The files


def content(count: int, debtor: str, creditors: list[tuple[str, str]]) -> bytes:
    """A new file of ``count`` payments: what a treasurer's system writes, each payment some 500 bytes."""
    number = next(_number)
    total = sum((amount(n) for n in range(count)), Decimal(0))
    execution = datetime.now(UTC).date() + timedelta(days=1)
    out = io.StringIO()
    write = out.write
    head = f"<NbOfTxs>{count}</NbOfTxs><CtrlSum>{total}</CtrlSum>"
    write(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE}"><CstmrCdtTrfInitn>'
        f"<GrpHdr><MsgId>BENCH-{number}</MsgId><CreDtTm>2026-11-23T08:00:00</CreDtTm>{head}"
        f"<InitgPty><Nm>Benchmark</Nm></InitgPty></GrpHdr>\n<PmtInf><PmtInfId>BENCH-{number}</PmtInfId>"
        f"<PmtMtd>TRF</PmtMtd>{head}<PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl></PmtTpInf><ReqdExctnDt><Dt>{execution}</Dt>"
        f"</ReqdExctnDt><Dbtr><Nm>Benchmark</Nm></Dbtr><DbtrAcct><Id><IBAN>{debtor}</IBAN></Id></DbtrAcct>"
        "<DbtrAgt><FinInstnId><BICFI>PSSTFRPPXXX</BICFI></FinInstnId></DbtrAgt><ChrgBr>SLEV</ChrgBr>\n"
    )
    for n in range(count):
        name, iban = creditors[n % len(creditors)]
        write(
            f"<CdtTrfTxInf>\n<PmtId><InstrId>B{number}-{n}</InstrId><EndToEndId>B{number}-E{n}</EndToEndId></PmtId>\n"
            f'<Amt><InstdAmt Ccy="EUR">{amount(n)}</InstdAmt></Amt>\n'
            "<CdtrAgt><FinInstnId><BICFI>COBADEFFXXX</BICFI></FinInstnId></CdtrAgt>\n"
            f"<Cdtr><Nm>{name}</Nm><PstlAdr><StrtNm>Hauptstraße</StrtNm><BldgNb>{n % 97 + 1}</BldgNb>"
            "<PstCd>50667</PstCd><TwnNm>Köln</TwnNm><Ctry>DE</Ctry></PstlAdr></Cdtr>\n"
            f"<CdtrAcct><Id><IBAN>{iban}</IBAN></Id></CdtrAcct>\n"
            f"<RmtInf><Ustrd>Invoice {number}/{n}</Ustrd></RmtInf>\n</CdtTrfTxInf>\n"
        )
    write("</PmtInf></CstmrCdtTrfInitn></Document>")
    return out.getvalue().encode()


def amount(n: int) -> Decimal:
    return Decimal(1_000 + (n * 7919) % 90_000) / 100


# The limit

STAGE = """
    drop table if exists pg_temp.bare;
    create temporary table bare (
        position int, instruction_id text, end_to_end_id text, amount numeric(18, 5), currency text, creditor_bic text,
        creditor_name text, street text, building text, post_code text, town text, country text, creditor_number text,
        remittance text
    ) on commit drop
"""
CHECKS = (
    "select count(*) from (select 1 from bare group by creditor_number, amount, end_to_end_id having count(*) > 1) d",
    "select count(*) from bare b join transactions_payment p using (end_to_end_id) where p.amount = b.amount",
    "select count(*) from bare b where not exists (select 1 from transactions_account a where a.iban = %(debtor)s)",
    "select count(*) from bare b join transactions_account a on a.iban = b.creditor_number and a.iban <> ''",
    "select count(*) from bare where currency <> 'EUR' or amount <= 0 or amount > 999999999.99",
)
LEAVES = (
    "InstrId",
    "EndToEndId",
    "InstdAmt",
    "BICFI",
    "Nm",
    "StrtNm",
    "BldgNb",
    "PstCd",
    "TwnNm",
    "Ctry",
    "IBAN",
    "Ustrd",
)


def leaves(given: bytes) -> Iterator[str]:
    """The leaves of each payment as a line for COPY: one walk, cleared as it goes."""
    from lxml import etree

    places = {PREFIX + name: index for index, name in enumerate(LEAVES)}
    look = places.get
    payment = f"{PREFIX}CdtTrfTxInf"
    for position, (_event, element) in enumerate(etree.iterparse(io.BytesIO(given), tag=payment)):
        texts: list[str] = [""] * len(LEAVES)
        currency = ""
        for leaf in element.iter():
            index = look(leaf.tag)
            if index is not None:
                texts[index] = leaf.text or ""
                if index == 2:
                    currency = leaf.get("Ccy") or ""
        texts.insert(3, currency)
        yield f"{position}\t" + "\t".join(texts)
        element.clear()
        before = element.getprevious()
        if before is not None and before.tag == payment:
            element.getparent().remove(before)


def bare(given: tuple[bytes, str]) -> None:
    from django.db import connection, transaction

    from backoffice.common import sql

    file, debtor = given
    with transaction.atomic():
        sql.run(STAGE)
        lines = leaves(file)
        with connection.cursor() as cursor:
            while chunk := list(itertools.islice(lines, 10_000)):
                cursor.copy_expert("copy bare from stdin", io.StringIO("\n".join(chunk) + "\n"))
        sql.run("analyze bare")
        for check in CHECKS:
            sql.rows(check, {"debtor": debtor})


# The product


def found() -> dict[str, Any]:
    """An entity with its account and rules, and the creditors of the files."""
    from django.core.management import call_command
    from schwifty import IBAN

    from backoffice.common import sql
    from backoffice.people.models import Entity
    from transactions.models import Account, AccountBalance, IntakeSource

    call_command("load_rules", verbosity=0)
    entity = Entity.objects.create(code="BENCH", name="Benchmark", profile="company", bic="PSSTFRPPXXX")
    accounts = {}
    for code, kind, side in (("BANK", "bank", "D"), ("PAYABLE", "payable", "C"), ("TRANSIT", "transit", "C")):
        accounts[code] = Account.objects.create(
            entity=entity, code=code, name=code.title(), kind=kind, normal_side=side, currency="EUR"
        )
        AccountBalance.objects.create(account=accounts[code], balance=0, floor=None)
    debtor = str(IBAN.generate("FR", bank_code="20041", account_code="0500013M026", branch_code="01005"))
    Account.objects.filter(pk=accounts["BANK"].pk).update(
        iban=debtor, bic="PSSTFRPPXXX", counterpart=accounts["PAYABLE"], transit=accounts["TRANSIT"]
    )
    source = IntakeSource.objects.create(entity=entity, code="bench", name="Benchmark", maker="sender")
    creditors = [
        (f"Lieferant {n} GmbH", str(IBAN.generate("DE", bank_code="37040044", account_code=f"{n:010d}")))
        for n in range(1, CREDITORS + 1)
    ]
    sql.run("analyze")
    return {"entity": entity, "source": source, "debtor": debtor, "creditors": creditors}


EMPTIED = (
    "transactions_payment", "transactions_paymentstate", "transactions_paymentbatch", "transactions_intakeproblem",
    "transactions_hold", "documents_auditrecord", "controls_assessment", "controls_ruleresult",
)  # fmt: skip


def emptied() -> None:
    """Every round meets the same tables: what the former ones left is taken away."""
    harness.as_owner(f"set session_replication_role = replica; truncate {', '.join(EMPTIED)} cascade")


def product(given: tuple[dict[str, Any], bytes, int]) -> None:
    from transactions import intake
    from transactions.models import PaymentBatch

    place, file, count = given
    batch = intake.receive(
        content=file,
        file_name="bench.xml",
        entity=place["entity"],
        actor=None,
        channel="command",
        source=place["source"],
    )
    # Tasks run in place: the door has woken the reader, and the reader the controls.
    batch = PaymentBatch.objects.get(pk=batch.pk)
    if (batch.status, batch.taken_count, batch.checked_count) != ("ready", count, count):
        raise RuntimeError(
            f"batch {batch.pk} is {batch.status}: {batch.taken_count} taken, {batch.checked_count} checked"
        )


def main() -> None:
    options = harness.options(__doc__ or NAME)
    count, rounds = options.pick(10_000, 100_000), options.pick(3, 5)
    with harness.database(valkey=True):
        with harness.owner():
            place = found()

        def fresh() -> bytes:
            emptied()
            return content(count, place["debtor"], place["creditors"])

        sides = (
            harness.Side("product", product, lambda: (place, fresh(), count)),
            harness.Side("limit", bare, lambda: (fresh(), place["debtor"])),
        )
        ratio = harness.compare(*sides, rounds=rounds, warm_up=1)
    detail = {
        "payments": count,
        "product_seconds": round(sides[0].median, 3),
        "limit_seconds": round(sides[1].median, 3),
        "product_per_second": round(count / sides[0].median),
        "limit_per_second": round(count / sides[1].median),
    }
    harness.report(NAME, ratio, GOAL, detail)


if __name__ == "__main__":
    main()
