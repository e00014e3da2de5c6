"""Bring a payment file or a message of the bank in from the console."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.common.errors import BusinessError
from backoffice.people.models import Entity, User
from transactions import intake, messages
from transactions.models import IntakeSource, PaymentBatch


class Command(BaseCommand):
    help = (
        "Take a payment file or a message of the bank in: it is kept, and a worker reads it "
        "(or this command, with --now)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--entity", required=True, help="code of the entity that the payments are of")
        parser.add_argument("--source", help="code of the source: how its files are read, and who their maker is")
        parser.add_argument(
            "--as", dest="email", help="e-mail of the person who brings the file in, and is the maker of its payments"
        )
        parser.add_argument("--now", action="store_true", help="read it here instead of leaving it to a worker")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        entity = Entity.objects.filter(code=options["entity"]).first()
        if entity is None:
            raise CommandError(f"There is no entity {options['entity']}.")
        source, actor = self._source(entity, options["source"]), self._actor(options["email"])
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from None
        if messages.recognise(content):
            self._message(path, content, entity, actor, now=options["now"])
            return
        try:
            batch = intake.receive(
                content=content,
                file_name=path.name,
                entity=entity,
                actor=actor,
                channel=PaymentBatch.Channel.COMMAND,
                source=source,
            )
            if options["now"]:
                intake.read_batch(batch.pk)
        except BusinessError as error:
            raise CommandError(str(error)) from None
        state = intake.progress(batch.pk)
        self.stdout.write(
            f"Batch {batch.pk}: {state['status']}, {state['read']} payments read, {state['taken']} taken in, "
            f"{state['problems']} not taken in."
        )

    def _message(self, path: Path, content: bytes, entity: Entity, actor: User | None, *, now: bool) -> None:
        """A message of the bank tells of payments: it has a door of its own."""
        try:
            made = messages.receive(
                content=content, file_name=path.name, entity=entity, actor=actor, channel=PaymentBatch.Channel.COMMAND
            )
            if now:
                messages.read_message(made.pk)
        except BusinessError as error:
            raise CommandError(str(error)) from None
        made.refresh_from_db()
        waiting = made.items.filter(outcome__in=["unknown", "refused"]).count()
        self.stdout.write(f"Message {made.pk}: {made.status}, {made.item_count} statuses, {waiting} to decide on.")

    @staticmethod
    def _source(entity: Entity, code: str | None) -> IntakeSource | None:
        if code is None:
            return None
        source = IntakeSource.objects.filter(entity=entity, code=code).first()
        if source is None:
            raise CommandError(f"There is no source {code} in {entity.code}.")
        return source

    @staticmethod
    def _actor(email: str | None) -> User | None:
        if email is None:
            return None
        actor = User.objects.filter(email=email.lower(), is_active=True).first()
        if actor is None:
            raise CommandError(f"There is no active person {email}.")
        return actor
