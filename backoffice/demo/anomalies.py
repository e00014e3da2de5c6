"""What became of the morning's anomalies in the demo: the checks raised the alerts, people took some of them up."""

from collections.abc import Callable
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from backoffice.common import sql
from backoffice.people.models import Entity, User
from controls import cases
from controls.cases import reports
from controls.models import Alert, Case
from controls.scoring import champions, scores, training
from transactions.models import Payment

Person = Callable[[str], User]


def learnt(first: date, last: date) -> None:
    """What came in the year is scored, and the calendar has made a model of it that scores along."""
    sql.run("insert into controls_scoredue (payment_id) select id from transactions_payment order by received_at, id")
    scores.score_due()
    with transaction.atomic():
        champions.challenge_by_calendar(training.train(from_on=first, to_on=last, actor=None))


def _free(bank: Entity, typology: str, *people: User) -> Case | None:
    """The gravest open case of a typology that these people may judge."""
    concerned = {person.pk for person in people}
    for case in Case.objects.filter(entity=bank, typology=typology, status="open").order_by("-score", "pk"):
        makers = set(Alert.objects.filter(case=case).values_list("payment__maker", flat=True))
        if not makers & concerned:
            return case
    return None


def worked_on(bank: Entity, person: Person) -> None:
    """One waits for its second person, one for an answer, one rests, two are closed, one is raised by hand."""
    marc, sarah, anne = person("marc.lefevre"), person("sarah.collins"), person("anne.le-goff")
    soon = timezone.now() + timedelta(days=1)
    _by_hand(bank, anne)
    if case := _free(bank, "changed_details", marc, sarah):
        cases.take(ids=[case.pk], actor=marc)
        cases.tick(ids=[case.pk], actor=marc, item="called")
        cases.comment(ids=[case.pk], actor=marc, words="Le fournisseur n’a annoncé aucun changement de compte.")
        cases.decide(
            ids=[case.pk], actor=marc, disposition="confirmed_risk", cause="account_taken_over", actions=["reject"],
            reason="Rappelé au numéro du contrat : le compte n’est pas le sien.",
        )  # fmt: skip
        reports.prepare(actor=person("helene.caradec"), case_id=case.pk)
    if case := _free(bank, "splitting", marc, sarah):
        cases.take(ids=[case.pk], actor=sarah)
        cases.ask(
            ids=[case.pk], actor=sarah, addressee="Service achats", due_at=soon,
            question="Pourquoi trois termes le même jour, et qui l’a décidé ?",
        )  # fmt: skip
    if case := _free(bank, "unusual_amount", marc, sarah):
        cases.snooze(ids=[case.pk], actor=sarah, until=soon, reason="Le client rappelle demain matin.")
    if case := _free(bank, "duplicate", marc, sarah):
        cases.take(ids=[case.pk], actor=marc)
        cases.decide(
            ids=[case.pk], actor=marc, disposition="valuable_alert", cause="error_caught",
            reason="Saisi deux fois par le client ; le second est annulé.",
        )  # fmt: skip
    if case := _free(bank, "unusual_amount", marc, sarah):
        cases.decide(
            ids=[case.pk], actor=sarah, disposition="false_positive", cause="one_off",
            reason="Révision annuelle des machines, devis signé à l’appui.",
        )  # fmt: skip
        cases.silence(ids=[case.pk], actor=sarah, days=30, reason="Deux situations suivent ce mois-ci.")


def _by_hand(bank: Entity, operator: User) -> None:
    """An operator who does not sign it has seen something."""
    seen = Payment.objects.filter(entity=bank, state__status="checked", state__outcome="pass", alerts=None)
    key = seen.order_by("-amount", "pk").values_list("pk", flat=True).first()
    if key is not None:
        cases.raise_by_hand(
            payment_ids=[key], typology="changed_details", actor=operator,
            reason="Le courriel qui annonce le compte vient d’une adresse inconnue.",
        )  # fmt: skip
