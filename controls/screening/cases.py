"""The rule against cases whose answer is known: verdicts counted, every miss with what the rule saw.

A case says ``query``, ``candidate`` and ``match`` (true: the same person or organisation). ``screening`` has names that
must be found (``positives``: as listed, and as altered) and names that must not (``negatives``).
"""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from controls.screening import normal, rule
from controls.screening.index import Index, Listed
from controls.screening.rule import Match


@dataclass(frozen=True)
class Verdict:
    """One case: what the source says, and what the rule says with its score."""

    group: str
    query: str
    candidate: str
    truth: bool
    match: Match
    threshold: int

    @property
    def hit(self) -> bool:
        return self.match.score >= self.threshold

    @property
    def right(self) -> bool:
        return self.hit == self.truth

    @property
    def why(self) -> str:
        """What the rule saw of a case that it did not answer as the source does, as a code."""
        match = self.match
        if self.hit:
            if not match.missing and not match.extra:
                return "same_words" if all(pair.kind == "equal" for pair in match.pairs) else "alike_words"
            return "part_of_the_name" if match.way == "words" else "alike_as_a_whole"
        codes = {code for code, _points in match.less}
        if codes & {"one_word", "one_and_initial"}:
            return "one_word"
        if codes & {"initial_given", "initial_listed"}:
            return "initial"
        if "numbers" in codes:
            return "numbers"
        return "no_pair" if match.missing and match.extra else "below"


@dataclass
class Report:
    verdicts: list[Verdict] = field(default_factory=list)
    positives: int = 0
    found_plain: int = 0
    found_altered: int = 0
    missed: list[tuple[str, str, int]] = field(default_factory=list)
    negatives: int = 0
    false_hits: list[tuple[str, str, int]] = field(default_factory=list)

    def table(self) -> list[tuple[str, int, int, int, int, int]]:
        """By group: cases, found rightly, missed, left rightly, found wrongly."""
        counts: dict[str, Counter[tuple[bool, bool]]] = {}
        for one in self.verdicts:
            counts.setdefault(one.group, Counter())[one.truth, one.hit] += 1
        return [
            (group, sum(c.values()), c[True, True], c[True, False], c[False, False], c[False, True])
            for group, c in sorted(counts.items())
        ]


def judge(cases: Mapping[str, Any], *, threshold: int, listed: Iterable[str] = ()) -> Report:
    """Judge the cases of a file. ``listed`` are further names to look for the screening names among."""
    report = Report()
    for case in cases.get("cases", ()):
        if isinstance(case.get("match"), bool):
            report.verdicts.append(_verdict(case, threshold))
    if screening := cases.get("screening"):
        _screening(report, screening, threshold, listed)
    return report


def _verdict(case: Mapping[str, Any], threshold: int) -> Verdict:
    given, other = (rule.measure(normal.name(case[side])) for side in ("query", "candidate"))
    group = " ".join(part for part in (case.get("schema") or case["kind"], case.get("evidence") or "") if part)
    return Verdict(
        group, case["query"], case["candidate"], case["match"], rule.explain(given, other), threshold
    )  # fmt: skip


def _screening(report: Report, told: Mapping[str, Any], threshold: int, listed: Iterable[str]) -> None:
    names = list(dict.fromkeys([*(pair["listed"] for pair in told["positives"]), *listed]))
    index = Index(Listed(name, name, threshold=threshold) for name in names)
    for pair in told["positives"]:
        report.positives += 1
        report.found_plain += _is_found(index, pair["listed"], pair["listed"])
        if _is_found(index, pair["altered"], pair["listed"]):
            report.found_altered += 1
        else:
            measured = [rule.measure(normal.name(pair[side])) for side in ("altered", "listed")]
            report.missed.append((pair["altered"], pair["listed"], rule.score(*measured)))
    for name in told["negatives"]:
        report.negatives += 1
        for one in index.find(name)[:1]:
            report.false_hits.append((name, one.listed.text, one.match.score))


def _is_found(index: Index, name: str, listed: str) -> bool:
    return any(one.listed.entry == listed for one in index.find(name))


BORN = ("born", "born_on", "birth_date", "date_of_birth", "dob")


def names_of(text: str, *, column: str = "name") -> Sequence[tuple[str, str]]:
    """Names of a text file (one a line) or of a CSV with a column ``name``, each once, in order; and when they are said
    to be born, where the CSV has a column of :data:`BORN`, else ""."""
    lines = [line.strip() for line in text.lstrip("\ufeff").splitlines()]
    head = lines[0].lower() if lines else ""
    if "," in head or ";" in head:
        rows = list(csv.reader(lines, delimiter=";" if head.count(";") > head.count(",") else ","))
        header = [name.strip().lower() for name in rows[0]]
        if column in header:
            at = header.index(column)
            born = next((header.index(name) for name in BORN if name in header), len(header))
            found = [(row[at].strip(), "".join(row[born : born + 1]).strip()) for row in rows[1:] if len(row) > at]
            return list(dict.fromkeys((name, when) for name, when in found if name))
    return list(dict.fromkeys((line, "") for line in lines if line))
