"""A supervisor thinks of a lower limit: a draft, back-tested against the version in force, some hits judged by hand."""

from collections.abc import Callable
from datetime import date, timedelta

from backoffice.people.models import User
from controls.backtest import runs
from controls.models import BackTest, RuleVersion

DAYS = 180


def tested(person: Callable[[str], User], day: date) -> None:
    """The version in force by itself, and a draft beside it."""
    marc = person("marc.lefevre")
    present = RuleVersion.objects.select_related("rule").get(rule__code="LIMIT", published_at__isnull=False)
    kept = ("rule", "expression", "action", "weight", "sentence_en", "sentence_fr", "legal_reference", "level")
    draft = RuleVersion.objects.create(
        **{name: getattr(present, name) for name in kept}, number=present.number + 1, parameters={"threshold": 20_000},
        written_by=marc,
    )  # fmt: skip
    since, until = day - timedelta(days=DAYS), day - timedelta(days=1)
    for version, against in ((present, None), (draft, present.pk)):
        made = runs.ask(actor=marc, version_id=version.pk, against_id=against, since=since, until=until)
        while BackTest.objects.get(pk=made.pk).open:
            runs.run(made.pk)
    for hit, judgement in zip(runs.sample(made), ("right", "right", "wrong", "right", "unsure", "right"), strict=False):
        runs.judge(actor=marc, back_test_id=made.pk, payment_id=hit.payment_id, judgement=judgement)
