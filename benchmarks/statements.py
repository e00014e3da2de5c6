"""Reading statements: camt.053 against a bare expat reader, MT940 against the mt-940 library, and memory.

Product of camt.053: the whole reader with its checks (balances, which prove every amount, declared totals, duplicates,
gaps), down to the lines that would be copied; nothing is stored. Limit: expat's own events, the same leaves of each
entry as texts, nothing understood. Product of MT940: the reader, dialects and all, against ``mt940.parse``, which does
not check either. Memory: the greatest resident size of a process that reads and checks 100,000 lines, against one that
reads 1,000 and may use 64 MB more. The ratio told is the least of the three over its goal (0.7, 6 and 1), so 1.0 is
reached when each goal is. Small: 10,000 entries (5,000 of MT940); full: 100,000 (20,000).

    python -m benchmarks.statements --size small|full
"""

import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.parsers import expat

from benchmarks import harness

GOALS = {"camt053": 0.70, "mt940": 6.0, "memory": 1.0}
FEW, MANY, ALLOWED_MB = 1_000, 100_000, 64
CHUNK = 65_536
NOWHERE: dict[str, Any] = {}
SPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
# Where each leaf stands below Ntry.
_PARTY, _ACCOUNT = (lambda n: {"Pty": {"Nm": n}, "Nm": n}), (lambda n: {"Id": {"IBAN": n, "Othr": {"Id": n}}})
PLACES = {
    "NtryRef": 0, "Amt": 1, "CdtDbtInd": 2, "RvslInd": 3, "Sts": {"Cd": 4}, "BookgDt": {"Dt": 5, "DtTm": 5},
    "ValDt": {"Dt": 6, "DtTm": 6}, "AcctSvcrRef": 7,
    "BkTxCd": {"Domn": {"Cd": 8, "Fmly": {"Cd": 9, "SubFmlyCd": 10}}, "Prtry": {"Cd": 11}},
    "NtryDtls": {
        "Btch": {"MsgId": 12, "PmtInfId": 13, "NbOfTxs": 14},
        "TxDtls": {
            "Refs": {"MsgId": 15, "AcctSvcrRef": 16, "PmtInfId": 17, "InstrId": 18, "EndToEndId": 19, "TxId": 20,
                     "MndtId": 21, "UETR": 22},
            "Amt": 23, "CdtDbtInd": 24, "AmtDtls": {"InstdAmt": {"Amt": 25}, "TxAmt": {"Amt": 26}},
            "RltdPties": {"Dbtr": _PARTY(27), "DbtrAcct": _ACCOUNT(28), "Cdtr": _PARTY(29), "CdtrAcct": _ACCOUNT(30)},
            "RltdAgts": {"DbtrAgt": {"FinInstnId": {"BICFI": 31}}, "CdtrAgt": {"FinInstnId": {"BICFI": 32}}},
            "RmtInf": {"Ustrd": 33, "Strd": {"CdtrRefInf": {"Ref": 34}}}, "RtrInf": {"Rsn": {"Cd": 35}},
        },
    },
    "AddtlNtryInf": 36,
}  # fmt: skip
LEAVES = 37
AMOUNTS = frozenset({1, 23, 25, 26})


def amount(number: int) -> Decimal:
    return Decimal(1_000 + number * 37 % 900_000) / 100


def camt053(count: int) -> Iterator[bytes]:
    """One statement of ``count`` entries, credits and debits in turns, in pieces."""
    opening = Decimal("1000.00")
    moved = sum(((1 if n % 2 else -1) * amount(n) for n in range(count)), Decimal(0))
    closing = opening + moved

    def balance(code: str, value: Decimal) -> str:
        return (
            f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{abs(value):.2f}</Amt>'
            f"<CdtDbtInd>{'DBIT' if value < 0 else 'CRDT'}</CdtDbtInd><Dt><Dt>2026-11-24</Dt></Dt></Bal>"
        )

    yield (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{SPACE}"><BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId>'
        "<CreDtTm>2026-11-24T20:00:00Z</CreDtTm></GrpHdr><Stmt><Id>S1</Id><ElctrncSeqNb>1</ElctrncSeqNb>"
        "<CreDtTm>2026-11-24T20:00:00Z</CreDtTm><Acct><Id><IBAN>FR1420041010050500013M02606</IBAN></Id><Ccy>EUR</Ccy>"
        f"</Acct>{balance('OPBD', opening)}{balance('CLBD', closing)}"
    ).encode()
    for n in range(count):
        side, other = ("CRDT", "Dbtr") if n % 2 else ("DBIT", "Cdtr")
        yield (
            f'<Ntry><NtryRef>{n}</NtryRef><Amt Ccy="EUR">{amount(n):.2f}</Amt><CdtDbtInd>{side}</CdtDbtInd>'
            "<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-24</Dt></BookgDt><ValDt><Dt>2026-11-24</Dt></ValDt>"
            f"<AcctSvcrRef>2611240{n:09d}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd>"
            "<SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs><InstrId>"
            f"I{n}</InstrId><EndToEndId>E2E-{n}</EndToEndId><UETR>0b1fa2c4-0000-4000-8000-{n:012d}</UETR></Refs>"
            f'<Amt Ccy="EUR">{amount(n):.2f}</Amt><CdtDbtInd>{side}</CdtDbtInd><RltdPties><{other}><Pty><Nm>'
            f"Partner {n % 977} SARL</Nm></Pty></{other}><{other}Acct><Id><IBAN>DE89370400440532013000"
            f"</IBAN></Id></{other}Acct></RltdPties><RltdAgts><{other}Agt><FinInstnId><BICFI>COBADEFFXXX</BICFI></FinInstnId></{other}Agt>"
            f"</RltdAgts><RmtInf><Ustrd>Invoice {n} of November, customer {n % 977}</Ustrd></RmtInf></TxDtls>"
            "</NtryDtls></Ntry>"
        ).encode()
    yield b"</Stmt></BkToCstmrStmt></Document>"


def mt940(count: int) -> Iterator[bytes]:
    """One statement of ``count`` entries as German banks write them: SEPA keys in fields of 27, lines of 65."""
    moved = sum(((1 if n % 2 else -1) * amount(n) for n in range(count)), Decimal(0))
    closing = Decimal("1000.00") + moved

    def told(value: Decimal) -> str:
        return f"{abs(value):.2f}".replace(".", ",")

    yield b":20:STARTUMS\r\n:25:37040044/0532013000\r\n:28C:1/1\r\n:60F:C261123EUR1000,00\r\n"
    for n in range(count):
        side, code, kind = ("C", "166", "GUTSCHRIFT") if n % 2 else ("D", "105", "BASISLASTSCHRIFT")
        about = f"EREF+E2E-{n:09d}-{n % 977:04d} KREF+2611-{n:012d} "
        if n % 2 == 0:
            about += f"MREF+MANDAT-{n % 977:05d} CRED+DE98ZZZ09999999999 "
        about += f"SVWZ+Rechnung {n:07d} vom 24.11.2026 Kunde {n % 977} Lieferung November"
        fields = "".join(f"?2{at}{about[at * 27 : at * 27 + 27]}" for at in range((len(about) + 26) // 27))
        text = (
            f"{code}?00SEPA {kind}?109310{fields}?30COBADEFFXXX?31DE89370400440532013000"
            f"?32Handelsgesellschaft Nr. {n % 977:03d}?33GmbH & Co. KG?34997"
        )  # fmt: skip
        lines = "\r\n".join(f":86:{text}"[at : at + 65] for at in range(0, len(text) + 4, 65))
        yield f":61:2611241124{side}R{told(amount(n))}NTRFNONREF//261124{n:09d}\r\n{lines}\r\n".encode()
    yield f":62F:{'D' if closing < 0 else 'C'}261124EUR{told(closing)}\r\n-\r\n".encode()


def bare(given: bytes) -> int:
    """How many entries; each as a list of its leaves, handed on one by one."""
    return sum(1 for _leaves in _bare_entries(given))


def _bare_entries(given: bytes) -> Iterator[list[str]]:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    places: Any = None
    above: list[Any] = []
    done: list[list[str]] = []
    values: list[str] = []
    text = ""

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal places, values, text
        text = ""
        if name == "Ntry":
            places, values = PLACES, [""] * (LEAVES + 1)
        elif places is not None:
            above.append(places)
            places = places.get(name, NOWHERE) if places.__class__ is dict else NOWHERE
            if attributes and places in AMOUNTS:
                values[LEAVES] = attributes.get("Ccy", "")

    def end(name: str) -> None:
        nonlocal places
        if places is not None:
            if name == "Ntry":
                done.append(values)
                places = None
            else:
                if places.__class__ is int:
                    values[places] = text
                places = above.pop()

    def characters(content: str) -> None:
        nonlocal text
        text += content

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = characters
    stream = io.BytesIO(given)
    while chunk := stream.read(CHUNK):
        parser.Parse(chunk, False)
        yield from done
        done.clear()
    parser.Parse(b"", True)
    yield from done


def product(given: bytes | Path) -> int:
    """How many lines; refuses to be measured when a file that is right is said to be wrong."""
    from transactions.statements import opening

    problems: list[Any] = []
    count = 0
    with given.open("rb") if isinstance(given, Path) else io.BytesIO(given) as stream:
        for piece in opening.checked(stream, say=problems.append):
            count += len(piece.lines)
    if problems:
        raise RuntimeError(f"an honest file is said to be wrong: {problems[:3]}")
    return count


def reader(given: bytes) -> int:
    """How many lines of an MT940, read and not checked."""
    from transactions.statements.mt940 import Mt940Reader

    return sum(len(piece.lines) for piece in Mt940Reader(io.BytesIO(given), lambda _said: None).statements())


def library(given: bytes) -> int:
    import mt940 as peer  # a library of others with the name of the format

    return len(peer.parse(given.decode("latin-1")))


def peak(folder: Path, kind: str, count: int) -> float:
    """Megabytes of a process of its own that reads a file of ``count`` lines."""
    path = folder / f"{kind}-{count}"
    with path.open("wb") as out:
        for part in (camt053 if kind == "camt053" else mt940)(count):
            out.write(part)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.statements", "--read", str(path)],
        cwd=Path(__file__).resolve().parents[1], capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    told = json.loads(done.stdout.splitlines()[-1])
    if told["lines"] != count:
        raise RuntimeError(f"{told['lines']} of {count} lines were read")
    return float(told["peak_mb"])


def _read(path: Path) -> None:
    from benchmarks.memory import peak_kilobytes

    harness.set_up()
    lines = product(path)
    print(json.dumps({"lines": lines, "peak_mb": peak_kilobytes() / 1024}))


def _memory(detail: dict[str, Any], many: int) -> float:
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("camt053", "mt940"):
            few, large = peak(Path(folder), kind, FEW), peak(Path(folder), kind, many)
            ratios.append((few + ALLOWED_MB) / large)
            detail[f"{kind}_peak_mb"] = [round(few, 1), round(large, 1)]
            harness.say(f"{kind}: peak {few:.1f} MB for {FEW} lines, {large:.1f} MB for {many}")
    detail["memory_lines"], detail["memory"] = [FEW, many], round(min(ratios), 3)
    return min(ratios)


def main() -> None:
    if sys.argv[1:2] == ["--read"]:
        _read(Path(sys.argv[2]))
        return
    options = harness.options(__doc__ or "")
    entries, lines = options.pick(10_000, 100_000), options.pick(5_000, 20_000)
    harness.set_up()
    message, text = b"".join(camt053(entries)), b"".join(mt940(lines))
    if not product(message) == bare(message) == entries or not product(text) == library(text) == lines:
        raise RuntimeError("both sides must read every entry")
    ours, limit = harness.Side("camt.053", product, lambda: message), harness.Side("bare expat", bare, lambda: message)
    camt = harness.compare(ours, limit, rounds=options.pick(9, 7))
    other, peer = harness.Side("MT940", reader, lambda: text), harness.Side("mt-940", library, lambda: text)
    swift = harness.compare(other, peer, rounds=options.pick(5, 3))
    detail: dict[str, Any] = {
        "entries": entries,
        "camt053": round(camt, 3),
        "camt053_per_second": round(entries / ours.median),
        "expat_per_second": round(entries / limit.median),
        "mt940": round(swift, 2),
        "mt940_per_second": round(lines / other.median),
        "library_per_second": round(lines / peer.median),
    }
    memory = _memory(detail, options.pick(20_000, MANY))
    reached = {"camt053": camt, "mt940": swift, "memory": memory}
    harness.report("statements", min(reached[name] / goal for name, goal in GOALS.items()), 1.0, detail)


if __name__ == "__main__":
    main()
