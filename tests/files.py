"""Payment files made for the tests."""

from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

from schwifty import IBAN

from tests.people import CUSTOMER_IBAN

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"


def iban(number: int, country: str = "DE") -> str:
    """The ``number``-th made-up account of a country, with right check digits."""
    bank = "37040044" if country == "DE" else "30006"
    return str(IBAN.generate(country, bank_code=bank, account_code=f"{number:010d}"))


def pain001(
    count: int,
    *,
    debtor: str = CUSTOMER_IBAN,
    message_id: str = "TEST-1",
    execution_date: date = date(2026, 11, 24),
    amounts: list[str] | None = None,
    creditors: int = 200,
    name: str = "Fournitures Industrielles Ouest",
) -> bytes:
    """A pain.001.001.09 of ``count`` SEPA transfers, one PmtInf; amounts run 10.01, 10.02, ... unless given."""
    values = [Decimal(amount) for amount in amounts or []] or [
        Decimal(1000 + 1 + position % 5000) / 100 for position in range(count)
    ]
    ibans = [iban(number) for number in range(1, min(count, creditors) + 1)]
    total = sum(values, Decimal(0))
    rows = "".join(
        f"<CdtTrfTxInf><PmtId><InstrId>{message_id}-{n}</InstrId><EndToEndId>{message_id}-E{n}</EndToEndId></PmtId>"
        f'<Amt><InstdAmt Ccy="EUR">{value:.2f}</InstdAmt></Amt>'
        f"<Cdtr><Nm>Supplier {n % len(ibans) + 1}</Nm><PstlAdr><TwnNm>Köln</TwnNm><Ctry>DE</Ctry></PstlAdr></Cdtr>"
        f"<CdtrAcct><Id><IBAN>{ibans[n % len(ibans)]}</IBAN></Id></CdtrAcct>"
        f"<RmtInf><Ustrd>Invoice {n}</Ustrd></RmtInf></CdtTrfTxInf>"
        for n, value in enumerate(values)
    )
    head = f"<NbOfTxs>{len(values)}</NbOfTxs><CtrlSum>{total:.2f}</CtrlSum>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{NAMESPACE}"><CstmrCdtTrfInitn>'
        f"<GrpHdr><MsgId>{escape(message_id)}</MsgId><CreDtTm>2026-11-23T08:00:00</CreDtTm>{head}"
        f"<InitgPty><Nm>{escape(name)}</Nm></InitgPty></GrpHdr>"
        f"<PmtInf><PmtInfId>{escape(message_id)}-P</PmtInfId><PmtMtd>TRF</PmtMtd>{head}"
        "<PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl></PmtTpInf>"
        f"<ReqdExctnDt><Dt>{execution_date}</Dt></ReqdExctnDt><Dbtr><Nm>{escape(name)}</Nm></Dbtr>"
        f"<DbtrAcct><Id><IBAN>{debtor}</IBAN></Id></DbtrAcct>"
        "<DbtrAgt><FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId></DbtrAgt><ChrgBr>SLEV</ChrgBr>"
        f"{rows}</PmtInf></CstmrCdtTrfInitn></Document>"
    ).encode()


def pain002(
    original: str,
    *,
    group: str = "",
    reason: str = "",
    blocks: dict[str, str] | None = None,
    payments: list[dict[str, str]] | None = None,
    message_id: str = "BANK-1",
    version: str = "03",
    namespace: str = "",
) -> bytes:
    """A pain.002 about the file ``original``. A payment is ``instruction``, ``reference``, ``status`` and what else."""
    bic, at = ("BICOrBEI", "03") if version == "03" else ("AnyBIC", version)
    said = "".join(
        f"<TxInfAndSts>{_leaf('OrgnlInstrId', one.get('instruction'))}"
        f"{_leaf('OrgnlEndToEndId', one.get('reference'))}{_leaf('TxSts', one['status'])}"
        + (_reason(one["reason"], one.get("text", "")) if one.get("reason") else "")
        + (
            "<OrgnlTxRef>"
            + (f'<Amt><InstdAmt Ccy="EUR">{one["amount"]}</InstdAmt></Amt>' if one.get("amount") else "")
            + "</OrgnlTxRef>"
            if one.get("amount")
            else ""
        )
        + "</TxInfAndSts>"
        for one in payments or []
    )
    named = dict(blocks or {})
    if said and not named:
        named = {f"{original}-1": ""}
    last = list(named)[-1] if named else ""
    groups = "".join(
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{escape(block)}</OrgnlPmtInfId>{_leaf('PmtInfSts', status)}"
        f"{said if block == last else ''}</OrgnlPmtInfAndSts>"
        for block, status in named.items()
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>'
        f'<Document xmlns="{namespace or f"urn:iso:std:iso:20022:tech:xsd:pain.002.001.{at}"}"><CstmrPmtStsRpt>'
        f"<GrpHdr><MsgId>{escape(message_id)}</MsgId><CreDtTm>2026-11-24T09:00:00</CreDtTm>"
        f"<InitgPty><Id><OrgId><{bic}>PSSTFRPPXXX</{bic}></OrgId></Id></InitgPty></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{escape(original)}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>"
        f"{_leaf('GrpSts', group)}{_reason(reason, '') if reason else ''}</OrgnlGrpInfAndSts>"
        f"{groups}</CstmrPmtStsRpt></Document>"
    ).encode()


def pacs002(original: str, payments: list[dict[str, str]], *, message_id: str = "CLEARING-1") -> bytes:
    """A pacs.002.001.10 about payments of the message ``original``."""
    said = "".join(
        f"<TxInfAndSts>{_leaf('OrgnlInstrId', one.get('instruction'))}{_leaf('OrgnlEndToEndId', one.get('reference'))}"
        f"{_leaf('OrgnlUETR', one.get('uetr'))}{_leaf('TxSts', one['status'])}"
        + (_reason(one["reason"], one.get("text", "")) if one.get("reason") else "")
        + (f"<FctvIntrBkSttlmDt><Dt>{one['settled_on']}</Dt></FctvIntrBkSttlmDt>" if one.get("settled_on") else "")
        + "</TxInfAndSts>"
        for one in payments
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10">'
        f"<FIToFIPmtStsRpt><GrpHdr><MsgId>{message_id}</MsgId><CreDtTm>2026-11-24T09:00:00</CreDtTm>"
        "<InstgAgt><FinInstnId><BICFI>BNPAFRPPXXX</BICFI></FinInstnId></InstgAgt></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{original}</OrgnlMsgId><OrgnlMsgNmId>pacs.008.001.08</OrgnlMsgNmId>"
        f"</OrgnlGrpInfAndSts>{said}</FIToFIPmtStsRpt></Document>"
    ).encode()


def pacs008(
    transfers: list[dict[str, str]],
    *,
    message_id: str = "IN-1",
    settled_on: date = date(2026, 11, 24),
    version: str = "08",
    head: str | None = None,
) -> bytes:
    """A pacs.008 of transfers to accounts of ours. A transfer is ``amount`` and, unless usual, ``to``, ``name``,
    ``payer``, ``from``, ``reference``, ``number`` (TxId), ``country`` and ``words``; "" leaves the element out."""
    bic = "BICFI" if version >= "04" else "BIC"
    total = sum((Decimal(one["amount"]) for one in transfers), Decimal(0))
    usual = {
        "to": CUSTOMER_IBAN, "name": "Fournitures Industrielles Ouest", "payer": "Claire Abonnée", "from": iban(7),
        "bank": "COBADEFFXXX", "country": "DE", "words": "Facture 17",
    }  # fmt: skip

    def account(element: str, number: str) -> str:
        return f"<{element}><Id><IBAN>{number}</IBAN></Id></{element}>" if number else ""

    def transfer(at: int, one: dict[str, str]) -> str:
        said = {**usual, "reference": f"{message_id}-E{at}", "number": f"{message_id}-T{at}", **one}
        address = f"<PstlAdr><TwnNm>Köln</TwnNm><Ctry>{said['country']}</Ctry></PstlAdr>" if said["country"] else ""
        return (
            f"<CdtTrfTxInf><PmtId><InstrId>{message_id}-I{at}</InstrId>{_leaf('EndToEndId', said['reference'])}"
            f"{_leaf('TxId', said['number'])}</PmtId>"
            f'<IntrBkSttlmAmt Ccy="EUR">{said["amount"]}</IntrBkSttlmAmt><ChrgBr>SLEV</ChrgBr>'
            f"<Dbtr>{_leaf('Nm', said['payer'])}{address}</Dbtr>{account('DbtrAcct', said['from'])}"
            f"<DbtrAgt><FinInstnId>{_leaf(bic, said['bank'])}</FinInstnId></DbtrAgt>"
            f"<CdtrAgt><FinInstnId><{bic}>PSSTFRPPXXX</{bic}></FinInstnId></CdtrAgt>"
            f"<Cdtr>{_leaf('Nm', said['name'])}</Cdtr>{account('CdtrAcct', said['to'])}"
            f"<RmtInf><Ustrd>{said['words']}</Ustrd></RmtInf></CdtTrfTxInf>"
        )

    rows = "".join(transfer(at, one) for at, one in enumerate(transfers, start=1))
    counted = head or (
        f'<NbOfTxs>{len(transfers)}</NbOfTxs><TtlIntrBkSttlmAmt Ccy="EUR">{total:.2f}</TtlIntrBkSttlmAmt>'
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.{version}"><FIToFICstmrCdtTrf><GrpHdr>'
        f"<MsgId>{message_id}</MsgId><CreDtTm>2026-11-24T06:00:00</CreDtTm>{counted}"
        f"<IntrBkSttlmDt>{settled_on}</IntrBkSttlmDt><SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf>"
        f"<InstgAgt><FinInstnId><{bic}>COBADEFFXXX</{bic}></FinInstnId></InstgAgt></GrpHdr>"
        f"{rows}</FIToFICstmrCdtTrf></Document>"
    ).encode()


def _leaf(name: str, text: str | None) -> str:
    return f"<{name}>{escape(text)}</{name}>" if text else ""


def _reason(code: str, text: str) -> str:
    return f"<StsRsnInf><Rsn><Cd>{code}</Cd></Rsn>{_leaf('AddtlInf', text)}</StsRsnInf>"


def pain008(
    debits: list[dict[str, str]],
    *,
    creditor: str = CUSTOMER_IBAN,
    message_id: str = "DD-1",
    collection_date: date = date(2027, 1, 15),
    sequence: str = "RCUR",
    scheme: str = "CORE",
    creditor_id: str = "FR72ZZZ123456",
    version: str = "08",
) -> bytes:
    """A pain.008 of one group. A debit is ``amount``, ``mandate`` and, unless usual, ``signed_on``, ``debtor`` and
    ``name``."""
    bic = "BICFI" if version == "08" else "BIC"
    amounts = [Decimal(one["amount"]) for one in debits]
    head = f"<NbOfTxs>{len(debits)}</NbOfTxs><CtrlSum>{sum(amounts, Decimal(0)):.2f}</CtrlSum>"
    rows = "".join(
        f"<DrctDbtTxInf><PmtId><EndToEndId>{one.get('reference', f'{message_id}-{number}')}</EndToEndId></PmtId>"
        f'<InstdAmt Ccy="EUR">{one["amount"]}</InstdAmt><DrctDbtTx><MndtRltdInf>{_leaf("MndtId", one.get("mandate"))}'
        f"{_leaf('DtOfSgntr', one.get('signed_on', '2026-01-10'))}{one.get('amendment', '')}</MndtRltdInf></DrctDbtTx>"
        f"<DbtrAgt><FinInstnId><{bic}>DEUTDEFFXXX</{bic}></FinInstnId></DbtrAgt>"
        f"<Dbtr>{_leaf('Nm', one.get('name', 'Claire Abonnée'))}</Dbtr>"
        f"<DbtrAcct><Id><IBAN>{one.get('debtor', iban(7))}</IBAN></Id></DbtrAcct>"
        f"<RmtInf><Ustrd>Subscription</Ustrd></RmtInf></DrctDbtTxInf>"
        for number, one in enumerate(debits, start=1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.008.001.{version}">'
        f"<CstmrDrctDbtInitn><GrpHdr><MsgId>{message_id}</MsgId><CreDtTm>2026-11-23T08:00:00</CreDtTm>{head}"
        f"<InitgPty><Nm>Fournitures</Nm></InitgPty></GrpHdr><PmtInf><PmtInfId>{message_id}-P</PmtInfId>"
        f"<PmtMtd>DD</PmtMtd>{head}<PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><LclInstrm><Cd>{scheme}</Cd></LclInstrm>"
        f"<SeqTp>{sequence}</SeqTp></PmtTpInf><ReqdColltnDt>{collection_date}</ReqdColltnDt>"
        f"<Cdtr><Nm>Fournitures Industrielles Ouest</Nm></Cdtr><CdtrAcct><Id><IBAN>{creditor}</IBAN></Id></CdtrAcct>"
        f"<CdtrAgt><FinInstnId><{bic}>PSSTFRPPXXX</{bic}></FinInstnId></CdtrAgt><ChrgBr>SLEV</ChrgBr>"
        f"<CdtrSchmeId><Id><PrvtId><Othr>{_leaf('Id', creditor_id)}<SchmeNm><Prtry>SEPA</Prtry></SchmeNm></Othr>"
        f"</PrvtId></Id></CdtrSchmeId>{rows}</PmtInf></CstmrDrctDbtInitn></Document>"
    ).encode()


def pacs004(original: str, payments: list[dict[str, str]], *, message_id: str = "RETURN-1", count: str = "") -> bytes:
    """A pacs.004.001.09 that returns payments of the message ``original``."""
    said = "".join(
        f"<TxInf><RtrId>R{number}</RtrId>{_leaf('OrgnlInstrId', one.get('instruction'))}"
        f"{_leaf('OrgnlEndToEndId', one.get('reference'))}{_leaf('OrgnlUETR', one.get('uetr'))}"
        + (f'<RtrdIntrBkSttlmAmt Ccy="EUR">{one["amount"]}</RtrdIntrBkSttlmAmt>' if one.get("amount") else "")
        + f"{_leaf('IntrBkSttlmDt', one.get('settled_on'))}<RtrRsnInf><Rsn><Cd>{one.get('reason', 'AC04')}</Cd></Rsn>"
        f"{_leaf('AddtlInf', one.get('text'))}</RtrRsnInf></TxInf>"
        for number, one in enumerate(payments, start=1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.004.001.09">'
        f"<PmtRtr><GrpHdr><MsgId>{message_id}</MsgId><CreDtTm>2026-11-26T09:00:00</CreDtTm>"
        f"<NbOfTxs>{count or len(payments)}</NbOfTxs><IntrBkSttlmDt>2026-11-27</IntrBkSttlmDt>"
        "<SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf>"
        "<InstgAgt><FinInstnId><BICFI>BNPAFRPPXXX</BICFI></FinInstnId></InstgAgt></GrpHdr>"
        f"<OrgnlGrpInf><OrgnlMsgId>{original}</OrgnlMsgId><OrgnlMsgNmId>pacs.008.001.08</OrgnlMsgNmId></OrgnlGrpInf>"
        f"{said}</PmtRtr></Document>"
    ).encode()


def camt029(
    answers: list[dict[str, str]], *, message_id: str = "ANSWER-1", whole: str = "PECR", case: str = ""
) -> bytes:
    """A camt.029.001.09 that answers recalls; ``status`` is ACCR, RJCR or PDCR."""
    said = "".join(
        f"<TxInfAndSts><CxlStsId>S{number}</CxlStsId>"
        + (f"<RslvdCase><Id>{one['case']}</Id><Cretr><Pty><Nm>X</Nm></Pty></Cretr></RslvdCase>"
           if one.get("case") else "")
        + f"<OrgnlGrpInf><OrgnlMsgId>{one.get('message', 'X')}</OrgnlMsgId>"
        "<OrgnlMsgNmId>pacs.008.001.08</OrgnlMsgNmId></OrgnlGrpInf>"
        f"{_leaf('OrgnlInstrId', one.get('instruction'))}{_leaf('OrgnlEndToEndId', one.get('reference'))}"
        f"{_leaf('OrgnlTxId', one.get('transaction'))}{_leaf('OrgnlUETR', one.get('uetr'))}"
        f"{_leaf('TxCxlSts', one.get('status'))}"
        + (f"<CxlStsRsnInf><Rsn><Cd>{one['reason']}</Cd></Rsn>{_leaf('AddtlInf', one.get('text'))}</CxlStsRsnInf>"
           if one.get("reason") else "")
        + (f'<OrgnlIntrBkSttlmAmt Ccy="EUR">{one["amount"]}</OrgnlIntrBkSttlmAmt>' if one.get("amount") else "")
        + "</TxInfAndSts>"
        for number, one in enumerate(answers, start=1)
    )  # fmt: skip
    details = f"<CxlDtls>{said}</CxlDtls>" if said else ""
    resolved = f"<RslvdCase><Id>{case}</Id><Cretr><Pty><Nm>X</Nm></Pty></Cretr></RslvdCase>" if case else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.029.001.09">'
        f"<RsltnOfInvstgtn><Assgnmt><Id>{message_id}</Id><Assgnr><Agt><FinInstnId><BICFI>COBADEFFXXX</BICFI>"
        "</FinInstnId></Agt></Assgnr><Assgne><Agt><FinInstnId><BICFI>PSSTFRPPXXX</BICFI></FinInstnId></Agt></Assgne>"
        f"<CreDtTm>2026-11-26T09:00:00</CreDtTm></Assgnmt>{resolved}<Sts><Conf>{whole}</Conf></Sts>{details}"
        "</RsltnOfInvstgtn></Document>"
    ).encode()


def camt056(asked: list[dict[str, str]], *, message_id: str = "RECALL-1", count: str = "", sender: str = "") -> bytes:
    """A camt.056.001.08 in which another bank asks payments back."""
    said = "".join(
        f"<TxInf>{_leaf('CxlId', one.get('case', f'C{number}'))}"
        f"<OrgnlGrpInf><OrgnlMsgId>{one.get('message', 'THEIRS-1')}</OrgnlMsgId>"
        "<OrgnlMsgNmId>pacs.008.001.08</OrgnlMsgNmId></OrgnlGrpInf>"
        f"{_leaf('OrgnlInstrId', one.get('instruction'))}{_leaf('OrgnlEndToEndId', one.get('reference'))}"
        f"{_leaf('OrgnlTxId', one.get('transaction'))}{_leaf('OrgnlUETR', one.get('uetr'))}"
        + (f'<OrgnlIntrBkSttlmAmt Ccy="{one.get("currency", "EUR")}">{one["amount"]}</OrgnlIntrBkSttlmAmt>'
           if one.get("amount") else "")
        + f"<OrgnlIntrBkSttlmDt>2026-11-20</OrgnlIntrBkSttlmDt><CxlRsnInf><Rsn><Cd>{one.get('reason', 'DUPL')}</Cd>"
        f"</Rsn>{_leaf('AddtlInf', one.get('text'))}</CxlRsnInf><OrgnlTxRef><Dbtr><Pty><Nm>Maison Kerguelen</Nm></Pty>"
        "</Dbtr><DbtrAgt><FinInstnId><BICFI>COBADEFFXXX</BICFI></FinInstnId></DbtrAgt></OrgnlTxRef></TxInf>"
        for number, one in enumerate(asked, start=1)
    )  # fmt: skip
    who = sender or "<Agt><FinInstnId><BICFI>COBADEFFXXX</BICFI></FinInstnId></Agt>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.056.001.08">'
        f"<FIToFIPmtCxlReq><Assgnmt><Id>{message_id}</Id><Assgnr>{who}</Assgnr><Assgne><Agt><FinInstnId>"
        "<BICFI>PSSTFRPPXXX</BICFI></FinInstnId></Agt></Assgne><CreDtTm>2026-11-26T09:00:00</CreDtTm></Assgnmt>"
        f"<CtrlData><NbOfTxs>{count or len(asked)}</NbOfTxs></CtrlData><Undrlyg>{said}</Undrlyg>"
        "</FIToFIPmtCxlReq></Document>"
    ).encode()
