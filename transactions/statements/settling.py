"""What a matched line does to payments: those that were sent are settled, those that came back are returned."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from backoffice.people.models import User
from transactions import instant, ledger, outgoing
from transactions.recalls import returned


def settle(value_dates: Mapping[int, date], actor: User | None = None) -> dict[int, str]:
    """sent -> settled, each payment with the value date of its line; what could not be is answered with a code.

    Inside ``atomic()``. Locks: states, balances, then files, each by ascending key.
    """
    if not value_dates:
        return {}
    ledger.lock(sorted(value_dates))
    by_day: dict[date, list[int]] = defaultdict(list)
    for key, day in value_dates.items():
        by_day[day].append(key)
    refused: dict[int, str] = {}
    for day, ids in sorted(by_day.items()):
        refused |= ledger.settle(ids, actor, day)
    instant.answered([key for key in value_dates if key not in refused])
    outgoing.close_files(sorted(value_dates), actor, by="statement")
    return {key: code for key, code in refused.items() if code != "already_settled"}


def bring_back(reasons: Mapping[int, tuple[str, str, date]], actor: User | None = None) -> dict[int, str]:
    """settled -> returned, each with a reason code, words and the value date of its line. As :func:`settle`."""
    if not reasons:
        return {}
    ledger.lock(sorted(reasons))
    by_day: dict[date, dict[int, tuple[str, str]]] = defaultdict(dict)
    for key, (code, words, day) in reasons.items():
        by_day[day][key] = (code, words)
    refused: dict[int, str] = {}
    for day, said in sorted(by_day.items()):
        refused |= ledger.reverse_each(said, actor, day)
    returned.note([key for key in reasons if key not in refused], actor)
    outgoing.close_files(sorted(reasons), actor, by="statement")
    return {key: code for key, code in refused.items() if code != "already_returned"}
