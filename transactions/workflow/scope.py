"""Which payments a person may book by hand, for the verbs that move the books. See the package."""

from collections.abc import Mapping, Sequence

from backoffice.people import access
from backoffice.people.models import User
from transactions.models import PaymentState
from transactions.workflow.table import TRANSITIONS, Answer, cases_of


def in_scope(ids: Sequence[int], actor: User, verb: str) -> tuple[list[int], list[Answer]]:
    """Those of the person's entities, and the answers for the others. One query."""
    right = TRANSITIONS[verb].right
    access.demand(actor, right)
    mine = set(
        PaymentState.objects.filter(pk__in=list(ids), entity_id__in=access.entity_ids(actor, right)).values_list(
            "pk", flat=True
        )
    )
    return [key for key in ids if key in mine], [Answer(key, False, "not_there") for key in ids if key not in mine]


def not_ones_own(ids: Sequence[int], actor: User) -> tuple[list[int], list[Answer]]:
    """Those that the actor neither made nor amended, none for a program, and the answers for the others. Locks them."""
    if actor.is_machine:
        return [], [Answer(key, False, "payment.by_machine") for key in ids]
    own = {key for key, case in cases_of(ids, actor).items() if case.own_work}
    return [key for key in ids if key not in own], [Answer(key, False, "payment.own_work") for key in ids if key in own]


def ledger_answers(ids: Sequence[int], refused: Mapping[int, str]) -> list[Answer]:
    return [Answer(key, False, f"payment.{refused[key]}") if key in refused else Answer(key, True) for key in ids]
