"""A supervisor thinks of a lower limit: a draft, back-tested against the version in force, some hits judged by hand."""

from collections.abc import Callable
from datetime import date, timedelta

from backoffice.people.models import User
from controls.backtest import runs
from controls.models import BackTest, RuleVersion
from controls.rules import life

DAYS = 180


def tested(person: Callable[[str], User], day: date) -> None:
    """The version in force by itself, and a draft beside it."""
    sarah = person("sarah.collins")
    present = RuleVersion.objects.select_related("rule").get(rule__code="LIMIT", published_at__isnull=False)
    draft = life.draft_next(
        actor=sarah, code="LIMIT", entity=None, based_on=present.pk,
        values={"parameters": {"threshold": 20_000}, "units": {"threshold": "money"}},
    )  # fmt: skip
    since, until = day - timedelta(days=DAYS), day - timedelta(days=1)
    for version, against in ((present, None), (draft, present.pk)):
        made = runs.ask(actor=sarah, version_id=version.pk, against_id=against, since=since, until=until)
        while BackTest.objects.get(pk=made.pk).open:
            runs.run(made.pk)
    for hit, judgement in zip(runs.sample(made), ("right", "right", "wrong", "right", "unsure", "right"), strict=False):
        runs.judge(actor=sarah, back_test_id=made.pk, payment_id=hit.payment_id, judgement=judgement)
