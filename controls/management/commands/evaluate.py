"""Facts and results of the rules for each payment of a file; nothing is stored."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.common import formats
from backoffice.common.errors import BusinessError
from backoffice.people.models import Entity
from controls import evaluation
from controls.models import RuleVersion
from controls.rules import sentences
from transactions.models import IntakeSource


class Command(BaseCommand):
    help = (
        "Tell the facts of each payment of a file and what each rule in force would find, as of now. Reads the history "
        "of the entity; stores nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--entity", help="code of the entity; else the one whose accounts the file names")
        parser.add_argument("--source", help="code of the source whose mapping and maker count")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of words")
        parser.add_argument("--facts", action="store_true", help="every fact that is known, in words too")
        parser.add_argument("--language", choices=[code for code, _name in settings.LANGUAGES], default="en")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from None
        entity = self._entity(options["entity"], content)
        source = None
        if options["source"]:
            source = IntakeSource.objects.filter(entity=entity, code=options["source"]).first()
            if source is None:
                raise CommandError(f"There is no source {options['source']} in {entity.code}.")
        self.count, self.facts = 0, options["facts"]
        with translation.override(options["language"]):
            try:
                told = evaluation.evaluate(
                    content=content, file_name=path.name, entity=entity, source=source,
                    say=self._item if options["json"] else self._words,
                )  # fmt: skip
            except BusinessError as refused:
                raise CommandError(str(refused)) from None
            if options["json"]:
                rest = json.dumps(told, ensure_ascii=False, indent=1)[1:]
                self.stdout.write(("]," if self.count else '{"payments": [],') + rest)
            else:
                self._end(told)
        if told["status"] == "refused":
            sys.exit(1)

    @staticmethod
    def _entity(code: str | None, content: bytes) -> Entity:
        if code:
            found = Entity.objects.filter(code=code).first()
            if found is None:
                raise CommandError(f"There is no entity {code}.")
            return found
        found = evaluation.entity_of(content)
        if found is None:
            raise CommandError("The file names no account of an entity: say which with --entity CODE.")
        return found

    def _item(self, told: dict[str, Any]) -> None:
        """One payment at a time: a file may hold a hundred thousand."""
        self.stdout.write("," if self.count else '{"payments": [', ending="\n")
        self.stdout.write(json.dumps(told, ensure_ascii=False), ending="")
        self.count += 1

    def _words(self, told: dict[str, Any]) -> None:
        facts = told["facts"]
        self.stdout.write(f"{told['position']}. {told['end_to_end_id']} {facts['amount']} {facts['currency']}")
        sentence = "sentence_fr" if formats.locale_name().startswith("fr") else "sentence_en"
        for one in told["results"]:
            shadow = f" ({_('Shadow')})" if one["shadow"] else ""
            action = RuleVersion.Action(one["action"]).label
            self.stdout.write(f"   {one['rule']} {one['version']} · {action}{shadow} · {one[sentence]}")
        if not told["results"]:
            self.stdout.write(f"   {_('Passes every rule.')}")
        if self.facts:
            for name, value in facts.items():
                self.stdout.write(f"     {name} {sentences.write(name, value, facts['currency'])}")

    def _end(self, told: dict[str, Any]) -> None:
        taken = told["taken"]
        self.stdout.write(
            ngettext("%(count)s payment was checked, nothing was stored.",
                     "%(count)s payments were checked, nothing was stored.", taken) % {"count": formats.count(taken)}
        )  # fmt: skip
        for one in told["problems"]:
            self.stdout.write(f"   {one['position'] or ''} {one['message']}")
