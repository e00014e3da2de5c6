"""Who might take a case: people with the right in its entity, who had no hand in its payments.

The least loaded comes first, by the open cases in their hands; of equals, who closed more cases of the typology in the
last year: skill is what somebody has done, nobody keeps a list of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from backoffice.common import sql
from backoffice.people import access
from backoffice.people.models import User
from controls.cases.table import DECIDE
from controls.models import Case

YEAR = timedelta(days=365)
_FIGURES = """
    select u.id,
           (select count(*) from controls_case c where c.assignee_id = u.id and c.status <> 'closed'),
           (select count(*) from controls_caseverdict v join controls_case c on c.id = v.case_id
            where v.person_id = u.id and c.typology = %(typology)s and v.given_at >= %(since)s),
           exists (select 1 from controls_alert a join transactions_payment p on p.id = a.payment_id
                   where a.case_id = %(case)s and (
                       p.maker_id = u.id
                       or exists (select 1 from transactions_historicalpayment h
                                  where h.id = p.id and h.history_user_id = u.id)
                       or exists (select 1 from transactions_paymentapproval s
                                  where s.payment_id = p.id and s.withdrawn_at is null
                                    and u.id in (s.person_id, s.on_behalf_of_id)))),
           exists (select 1 from controls_caseverdict v where v.case_id = %(case)s and v.round = %(round)s
                   and v.person_id = u.id)
    from unnest(%(people)s::bigint[]) as u(id)
"""


@dataclass(frozen=True)
class Suggestion:
    """``load``: open cases in the person's hands; ``known``: cases of the typology judged in the last year."""

    person: User
    load: int
    known: int


def suggested(case: Case) -> Sequence[Suggestion]:
    """The people who may take the case, the best first. Two queries."""
    people = {person.pk: person for person in access.people_with(DECIDE, case.entity_id)}
    rows = sql.rows(
        _FIGURES,
        {
            "people": sorted(people), "case": case.pk, "round": case.round, "typology": case.typology,
            "since": timezone.now() - YEAR,
        },
    )  # fmt: skip
    told = [
        Suggestion(people[key], load, known)
        for key, load, known, concerned, spoke in rows
        if not concerned and not spoke
    ]
    return sorted(told, key=lambda one: (one.load, -one.known, one.person.full_name))
