"""A file of a publisher into a list, from the console."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.common.errors import BusinessError
from backoffice.people.models import User
from controls.models import WatchList, WatchListVersion
from controls.screening import asking, watchlists
from controls.screening.formats import reading


class Command(BaseCommand):
    help = (
        "Load a file into a list, by its code. In force at once; what lost entries or names waits for a second person "
        "when --by names who loads it, and is refused otherwise. Without FILE: from the list's address."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", help="the code of the list")
        parser.add_argument("file", type=Path, nargs="*", help="several for a list that is published so (OFAC in CSV)")
        parser.add_argument("--by", metavar="EMAIL", help="who loads it")

    def handle(self, *args: Any, **options: Any) -> None:
        of = WatchList.objects.filter(code=options["code"].upper()).first()
        if of is None:
            raise CommandError(f"there is no list with the code {options['code']}")
        actor = self._person(options["by"])
        try:
            made = self._load(of, options["file"], actor)
        except BusinessError as refused:
            raise CommandError(str(refused)) from None
        told = f"{of.code} version {made.number}: {made.entry_count} entries, {made.added_count} added, "
        told += f"{made.changed_count} changed ({made.weakened_count} weakened), {made.removed_count} removed"
        if made.status == WatchListVersion.Status.REFUSED:
            raise CommandError(f"{told}. Refused: it lost entries or names")
        if made.missing:
            told += f". Read without {', '.join(made.missing)}: aliases or addresses are not in it"
        self.stdout.write(f"{told}. {made.get_status_display()}")

    @staticmethod
    def _person(email: str | None) -> User | None:
        if not email:
            return None
        found = User.objects.filter(email=email, is_active=True).first()
        if found is None:
            raise CommandError(f"nobody has the address {email}")
        return found

    @staticmethod
    def _load(of: WatchList, paths: list[Path], actor: User | None) -> WatchListVersion:
        if not paths:
            return asking.fetch(actor=actor, list_id=of.pk)[0] if actor else watchlists.fetch(list_id=of.pk)
        try:
            content, name = reading.packed([(path.name, path.read_bytes()) for path in paths])
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from None
        if actor is not None:
            return asking.load(actor=actor, list_id=of.pk, content=content, file_name=name, origin="command")[0]
        return watchlists.take_in(actor=None, list_id=of.pk, content=content, file_name=name, origin="command")
