"""Names against lists, from the console: those in force, or those of files, without storing anything."""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from backoffice.common.errors import BusinessError
from controls.screening import births, cases, listsets, verdicts, words
from controls.screening.cases import Report
from controls.screening.formats import reading
from controls.screening.formats.entry import Entry
from controls.screening.index import Found, Index, Listed


class Command(BaseCommand):
    help = (
        "Screen the names of a file (one a line, a CSV with a column name and perhaps one birth_date, or cases in "
        "JSON) against the lists in force, or against files of publishers (--list, several times). Stores nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--list", type=Path, action="append", default=[], help="a file of a publisher")
        parser.add_argument("--threshold", type=int, default=82, help="the score that makes a hit, of --list (82)")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of words")
        parser.add_argument("--cases", action="store_true", help="judge the cases of the file and explain every miss")
        parser.add_argument("--language", choices=[code for code, _name in settings.LANGUAGES], default="en")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 70 <= options["threshold"] <= 100:
            raise CommandError("--threshold is from 70 to 100")
        with translation.override(options["language"]):
            text = _text(options["file"])
            told = _json(text)
            if options["cases"]:
                if told is None:
                    raise CommandError(f"{options['file']}: no cases in JSON")
                listed = [one.text for one in _listed(_read(options["list"]), options["threshold"])]
                self._cases(cases.judge(told, threshold=options["threshold"], listed=listed), options["json"])
                return
            names = cases.names_of(text) if told is None else [(name, "") for name in _names_in(told)]
            if wrong := next((born for _name, born in names if born and births.days(born) is None), ""):
                raise CommandError(f"{wrong!r} is no date of birth: 1961-04-09, 1961-04, 1961 or 1960/1962")
            self._names(options["file"].name, names, options)

    def _names(self, file_name: str, names: Any, options: dict[str, Any]) -> None:
        if options["list"]:
            entries = _read(options["list"])
            listed = {one.code: one.births for one in entries}
            index = Index(_listed(entries, options["threshold"]))
            lists = [path.name for path in options["list"]]
            results = [
                (name, born, [
                    (one, "", str(one.listed.entry), listed[str(one.listed.entry)]) for one in index.find(name)
                ])
                for name, born in names
            ]  # fmt: skip
        else:
            current = listsets.current()
            if current is None:
                raise CommandError("no list is in force: load one, or name files with --list")
            loaded, lists = current.loaded(), [one.code for one in current.members]
            results = []
            for name, born in names:
                pairs = [(one, loaded.meant[int(str(one.listed.entry))]) for one in loaded.index.find(name)]
                known = verdicts.births_of(pairs)
                results.append((name, born, [
                    (one, meant.member.code, meant.code, known[int(str(one.listed.entry))]) for one, meant in pairs
                ]))  # fmt: skip
        hit = sum(bool(found) for _name, _born, found in results)
        if options["json"]:
            told = {
                "file": file_name, "lists": lists, "names": len(results), "names_with_hits": hit,
                "results": [
                    {"name": name, **({"born": born} if born else {}), "hits": [_hit(*one, born) for one in found]}
                    for name, born, found in results
                ],
            }  # fmt: skip
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
            return
        self.stdout.write(_("%(names)s names, %(hit)s with a hit") % {"names": len(results), "hit": hit})
        for name, born, found in results:
            for one, code, entry, theirs in found:
                said = " · ".join([words.sentence(_match(one), one.match.score), *_born(born, theirs)])
                self.stdout.write(f"{name} = {one.listed.text} [{code or '–'} {entry}] {said}")

    def _cases(self, report: Report, as_json: bool) -> None:
        wrong = [one for one in report.verdicts if not one.right]
        if as_json:
            told = {
                "table": [dict(zip(_HEADS, row, strict=True)) for row in report.table()],
                "misses": [
                    {"query": one.query, "candidate": one.candidate, "match": one.truth, "score": one.match.score,
                     "why": one.why, "explanation": words.sentence(_of(one.match), one.match.score)}
                    for one in wrong
                ],
                "screening": {
                    "positives": report.positives, "found_as_listed": report.found_plain,
                    "found_altered": report.found_altered, "missed": report.missed, "negatives": report.negatives,
                    "false_hits": report.false_hits,
                },
            }  # fmt: skip
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
            return
        self.stdout.write("  ".join(_HEADS))
        for row in report.table():
            self.stdout.write("  ".join(str(value) for value in row))
        for one in wrong:
            kind = _("missed") if one.truth else _("found wrongly")
            said = words.sentence(_of(one.match), one.match.score)
            self.stdout.write(f"{kind} [{one.why}]: {one.query} / {one.candidate}: {said}")
        counts = {
            "positives": report.positives, "plain": report.found_plain, "altered": report.found_altered,
            "negatives": report.negatives, "hits": len(report.false_hits),
        }  # fmt: skip
        self.stdout.write(
            _(
                "Of %(positives)s listed names %(plain)s are found as listed and %(altered)s as altered; of "
                "%(negatives)s others %(hits)s are hits."
            )
            % counts
        )
        for given, listed, score in (*report.missed, *report.false_hits):
            self.stdout.write(f"  {given} / {listed}: {score}")


_HEADS = ("group", "cases", "found", "missed", "left", "found_wrongly")


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from None
    return content.decode("utf-8", "replace")


def _json(text: str) -> dict[str, Any] | None:
    try:
        read = json.loads(text)
    except ValueError:
        return None
    return read if isinstance(read, dict) else None


def _names_in(told: dict[str, Any]) -> list[str]:
    """The names that a file of cases asks about, each once."""
    asked = [case["query"] for case in told.get("cases", ())]
    screening = told.get("screening", {})
    asked += [pair["altered"] for pair in screening.get("positives", ())]
    return list(dict.fromkeys([*asked, *screening.get("negatives", ())]))


def _read(paths: list[Path]) -> list[Entry]:
    found: list[Entry] = []
    for path in paths:
        try:
            found += reading.read(path.read_bytes()).entries
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from None
        except BusinessError as refused:
            raise CommandError(f"{path}: {refused}") from None
    return found


def _listed(entries: list[Entry], threshold: int) -> list[Listed]:
    return [Listed(one.code, text, quality, threshold) for one in entries for text, quality in one.names]


def _match(found: Found) -> dict[str, Any]:
    return {**verdicts.match(found), "name": found.listed.text, "quality": found.listed.quality}


def _of(match: Any) -> dict[str, Any]:
    pairs = [[pair.given, pair.listed, pair.likeness, pair.kind] for pair in match.pairs]
    return {"way": match.way, "pairs": pairs, "missing": match.missing, "extra": match.extra, "less": match.less}


def _born(born: str, listed: Sequence[str]) -> list[str]:
    """The dates of birth of both sides in words, where one is asked about and one is listed."""
    if not born or not listed:
        return []
    row = words.birth_row(born, listed, _("Born"))
    return [f"{row.label} {row.ours} / {row.theirs} ({words.VERDICTS[row.verdict]})"]


def _hit(found: Found, list_code: str, entry: str, listed: Sequence[str], born: str) -> dict[str, Any]:
    match = _match(found)
    return {
        "births": list(listed), "birth_agrees": births.agree(born, listed),
        "list": list_code, "entry": entry, "listed": found.listed.text, "quality": found.listed.quality,
        "score": found.match.score, "explanation": words.sentence(match, found.match.score), "match": match,
    }  # fmt: skip
