"""Scores and reasons for a file of payments, in order of time as if each had just come; nothing is stored."""

import csv
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.common import errors, formats
from controls.scoring import evidence, reasons, stream

FEW = 500


class Command(BaseCommand):
    help = (
        "Score the payments of a CSV file (columns: " + ", ".join(stream.COLUMNS) + "; id, created_at and amount are "
        "needed). Each is judged by what stands before it in time, without any trained model. Rows that cannot be read "
        "are named on standard error with their line; the rest goes on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--out", type=Path, required=True, help="CSV to write: id, score (0 to 100), reasons")
        parser.add_argument("--language", choices=[code for code, _name in settings.LANGUAGES], default="en")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["language"]):
            payments = self._read(options["file"])
            for problem in payments.problems:
                self.stderr.write(_("Line %(line)s: %(cause)s") % {
                    "line": problem.line, "cause": errors.sentence(problem.code, problem.params)})  # fmt: skip
            try:
                with options["out"].open("w", encoding="utf-8", newline="") as out:
                    writer = csv.writer(out)
                    writer.writerow(("id", "score", "reasons"))
                    writer.writerows(scores(payments))
            except OSError as error:
                raise CommandError(f"{options['out']}: {error.strerror}") from None
            self._end(payments)
        if not payments.ids and payments.problems:
            sys.exit(1)

    @staticmethod
    def _read(path: Path) -> stream.Payments:
        try:
            with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
                return stream.read(lines)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from None
        except stream.BadFile as error:
            raise CommandError(errors.sentence(error.code, error.params)) from None

    def _end(self, payments: stream.Payments) -> None:
        count, bad = len(payments.ids), len(payments.problems)
        self.stdout.write(
            ngettext("%(count)s payment was scored, nothing was stored.",
                     "%(count)s payments were scored, nothing was stored.", count) % {"count": formats.count(count)}
        )  # fmt: skip
        if bad:
            self.stdout.write(
                ngettext("%(count)s row was left out.", "%(count)s rows were left out.", bad)
                % {"count": formats.count(bad)}
            )
        if 0 < count < FEW:
            self.stdout.write(
                _("Little is known of what is usual here: the first scores rest on what is assumed of all payments.")
            )


def scores(payments: stream.Payments) -> Iterator[tuple[str, str, str]]:
    """A row of the answer for each payment, in order of time: its id, its score, its reasons in the active language."""
    pasts, texts = payments.pasts(), payments.texts()
    for part in stream.scored(pasts):
        for place, row in enumerate(part.rows.tolist()):
            case = evidence.Case(pasts, part.table.row(place), row, texts)
            told = evidence.reasons(case, part.risk, place)
            words = " ".join(_with_related(one, payments.ids) for one in told)
            yield payments.ids[row], f"{part.risk.score[place]:.3f}", _cell(words)


def _cell(words: str) -> str:
    """A name at the beginning must not be run by a spreadsheet."""
    return f"'{words}" if words.startswith(("=", "+", "-", "@", "\t", "\r")) else words


def _with_related(reason: reasons.Reason, ids: list[str]) -> str:
    sentence = reasons.sentence(reason.code, reason.params)
    if not reason.related:
        return sentence
    shown = ", ".join(ids[row] for row in reason.related[:3])
    more = len(reason.related) - 3
    return f"{sentence} [{shown}{', …' if more > 0 else ''}]"
