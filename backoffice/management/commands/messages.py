"""Bring the catalogues into step with code and templates, and compile them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice import catalogue


class Command(BaseCommand):
    help = "Gather messages from code and templates, merge them into the catalogues and compile (make messages)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail when something is out of step")
        parser.add_argument("--compile", action="store_true", help="compile only")
        parser.add_argument("--missing", action="store_true", help="list the messages without a translation")

    def handle(self, *args: Any, **options: Any) -> None:
        for language in catalogue.LANGUAGES:
            if options["missing"]:
                for message in catalogue.untranslated(language):
                    self.stdout.write(repr(message))
            elif options["check"]:
                self._check(language)
            elif not options["compile"]:
                changed = catalogue.merge(language)
                missing = len(catalogue.untranslated(language))
                self.stdout.write(f"{language}: {'changed' if changed else 'in step'}, {missing} without translation")
        if not options["check"] and not options["missing"]:
            for language in catalogue.compile_stale():
                self.stdout.write(f"{language}: compiled")

    def _check(self, language: str) -> None:
        po = catalogue.path(language)
        if not po.exists() or po.read_bytes() != catalogue.merged(language):
            raise CommandError(f"{po.relative_to(catalogue.ROOT)} is out of step with the code: run make messages.")
        missing = catalogue.untranslated(language)
        if missing:
            raise CommandError(f"{language}: {len(missing)} without translation, the first is {missing[0]!r}.")
