"""A model of scoring from the payments of some days, made here and now; its figures in words."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from backoffice.common.errors import BusinessError
from backoffice.people.models import User
from controls.models import ScoringModel
from controls.scoring import model_words, training


class Command(BaseCommand):
    help = (
        "Train a model of scoring from the payments of these days (of UTC, both included) and what people made of "
        "their alerts. It is stored as a candidate: nothing is scored with it until somebody sets it as challenger or "
        "two people promote it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True, metavar="DAY")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True, metavar="DAY")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--by", metavar="EMAIL", help="who trains it; else the console")
        parser.add_argument("--language", choices=[code for code, _name in settings.LANGUAGES], default="en")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = None
        if options["by"]:
            actor = User.objects.filter(email=options["by"], is_active=True).first()
            if actor is None:
                raise CommandError(f"nobody has the address {options['by']}")
        with translation.override(options["language"]):
            try:
                model = training.train(
                    from_on=options["first"], to_on=options["last"], seed=options["seed"], actor=actor
                )
            except BusinessError as refused:
                raise CommandError(str(refused)) from None
            for line in self._told(model):
                self.stdout.write(line)

    @staticmethod
    def _told(model: ScoringModel) -> list[str]:
        lines = [
            _("Model %(number)s (%(status)s), %(digest)s")
            % {"number": model.number, "status": model.get_status_display(), "digest": model.digest}
        ]
        lines += [*model_words.learnt(model), model_words.tested(model.figures)]
        if model.figures["own"]:
            champion = model.figures["champion"]["number"]
            lines += [
                _("%(name)s: %(own)s (champion, model %(number)s: %(champion)s)")
                % {"name": one.name, "own": one.own, "champion": one.champion, "number": champion}
                for one in model_words.compared(model.figures)
            ]
        return lines
