import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backoffice.common.errors import BusinessError
from backoffice.people import access
from backoffice.people.models import User
from controls.backtest import capacity, figures, runs
from controls.models import BackTest, RuleVersion


class Command(BaseCommand):
    help = "Back-test a version of a rule over a period, here and now: the newest, or CODE@NUMBER; drafts too."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("rule", metavar="RULE[@VERSION]")
        parser.add_argument("--from", dest="since", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
        parser.add_argument("--to", dest="until", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
        parser.add_argument(
            "--against", type=int, metavar="VERSION", help="another version of the rule to compare with"
        )
        parser.add_argument("--as", dest="person", metavar="EMAIL", help="in whose name and scope; needed with several")
        parser.add_argument("--json", action="store_true", help="the figures as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            actor = _person(options["person"])
            made = runs.ask(
                actor=actor, version_id=_version(options["rule"]), since=options["since"], until=options["until"],
                against_id=_against(options["rule"], options["against"]),
            )  # fmt: skip
        except BusinessError as refused:
            raise CommandError(str(refused)) from None
        while BackTest.objects.get(pk=made.pk).open:
            runs.run(made.pk)
        done = BackTest.objects.select_related("version__rule").get(pk=made.pk)
        if done.state != BackTest.State.DONE:
            raise CommandError(f"The back-test is {done.state}: {done.failure}")
        told = _told(done)
        self.stdout.write(json.dumps(told, default=str) if options["json"] else _lines(told))


def _person(email: str | None) -> User:
    if email:
        found = User.objects.filter(email=email, is_active=True).first()
    else:
        able = [user for user in User.objects.filter(is_active=True, is_machine=False)[:1_000]
                if access.can(user, runs.RUN)]  # fmt: skip
        found = able[0] if len(able) == 1 else None
    if found is None:
        raise CommandError("Say with --as in whose name: a person who may back-test rules.")
    return found


def _version(text: str) -> int:
    code, _at, number = text.partition("@")
    found = RuleVersion.objects.filter(rule__code=code)
    if number:
        found = found.filter(number=int(number) if number.isdecimal() else -1)
    key = found.order_by("-number").values_list("pk", flat=True).first()
    if key is None:
        raise BusinessError("backtest.rule_unknown", rule=text[:40])
    return int(key)


def _against(text: str, number: int | None) -> int | None:
    return None if number is None else _version(f"{text.partition('@')[0]}@{number}")


def _told(done: BackTest) -> dict[str, Any]:
    given = done.figures
    seconds = (done.finished_at - done.started_at).total_seconds() if done.finished_at and done.started_at else None
    fates = given.get("fates", {})

    def precise(by: str) -> dict[str, Any]:
        found = figures.precision(fates, by)
        return {"share": found.share, "bounds": found.bounds, "confirmed": found.right, "known": found.known}

    loads = capacity.loads(given, action=done.said[0]["action"], since=done.since_on, until=done.until_on)
    return {
        "back_test": done.pk, "rule": done.version.rule.code, "version": done.said[0]["number"],
        "against": done.said[1]["number"] if len(done.said) > 1 else None, "from": done.since_on, "to": done.until_on,
        "seconds": seconds, **{what: figures.total(given, what) for what in ("judged", "new", "former", "both")},
        "days": given.get("days", {}), "fates": fates, "precision": precise("new"), "rules": given.get("rules", {}),
        "alone": given.get("alone", 0), "added": given.get("added", {}), "open": given["open"],
        "inexact": given["inexact"], "minutes": given["minutes"],
        "loads": [{"entity": load.code, "added": load.added, "present": load.present, "capacity": load.capacity,
                   "over": load.over} for load in loads],
    }  # fmt: skip


def _lines(told: dict[str, Any]) -> str:
    share = told["precision"]["share"]
    lines = [
        f"{told['rule']} version {told['version']}, {told['from']} to {told['to']}: {told['judged']} payments judged, "
        f"{told['new']} hit, in {told['seconds']:.1f} s.",
    ]
    if told["against"] is not None:
        newly, gone = told["new"] - told["both"], told["former"] - told["both"]
        lines.append(
            f"Against version {told['against']}: {newly} newly caught, {gone} no longer, {told['both']} by both."
        )
    lines.append(f"Precision: {'unknown' if share is None else f'{share:.1%}'} of {told['precision']['known']} known.")
    if told["inexact"]:
        lines.append(f"Judged as it stands now: {', '.join(told['inexact'])}.")
    return "\n".join(lines)
