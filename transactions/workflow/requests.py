"""Asking for a document or an answer: of whom, until when, with what came back. See the package."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from backoffice.common import sql
from backoffice.common.errors import BusinessError, NotThere
from backoffice.people import access
from backoffice.people.models import Team, User
from documents.models import Attachment
from transactions.models import InformationRequest
from transactions.workflow.deciding import decide
from transactions.workflow.holds import check_moment, lower, place
from transactions.workflow.table import TOP, TRANSITIONS, UNCLAIMED, Answer, Case, Judge, cases_of, lock, move

R = InformationRequest


def ask(
    *,
    ids: Sequence[int],
    actor: User,
    kind: str,
    question: str,
    addressee: str,
    due_at: datetime,
    addressee_name: str = "",
    team: int | None = None,
    required: bool = True,
    versions: Mapping[int, int] | None = None,
) -> list[Answer]:
    """Ask for a document (``kind``) or an answer. A required one makes the payment wait, and nobody can sign it.

    ``addressee`` is the maker, a ``team`` of the entity, a department or the payee's contact (``addressee_name``). One
    open request of a kind at a time: ``request.asked_already``.
    """
    if not question.strip():
        raise BusinessError("request.question_missing")
    if kind not in R.Kind.values or addressee not in R.Addressee.values:
        raise BusinessError("request.unknown", value=(kind if kind not in R.Kind.values else addressee)[:20])
    check_moment(due_at)
    judge = Judge("ask", actor)
    places = _places(ids, judge.visible)
    if not places:
        return [judge.no(payment_id, "not_there") for payment_id in ids]
    named = _team(team, addressee, places)
    name = named.name if named else " ".join(addressee_name.split())[:140]
    if addressee in {R.Addressee.DEPARTMENT, R.Addressee.PAYEE} and not name:
        raise BusinessError("request.addressee_missing")
    with transaction.atomic():
        lock(ids)
        answers, moved = decide(
            "ask", ids, actor, reason=question.strip(), versions=versions, refusals=_refusals(ids, kind, named),
            data={"kind": kind, "addressee": addressee, "name": name, "due_at": due_at, "required": required},
            more=(", hold_count = hold_count + 1, brought_back = false" if required else "") + UNCLAIMED,
        )  # fmt: skip
        keys = [case.payment_id for case in moved]
        code = "answer" if kind == R.Kind.ANSWER else "document"
        holds = place(keys, actor, code=code, reason=question.strip()) if required else {}
        _write(moved, holds, actor, (kind, question.strip(), addressee, name, named, required, due_at))
    return answers


def _places(ids: Sequence[int], visible: Collection[int]) -> list[int]:
    """The entities of these payments, of those that the person sees. One query."""
    return [
        row[0]
        for row in sql.rows(
            "select distinct entity_id from transactions_paymentstate "
            "where payment_id = any(%s) and entity_id = any(%s)",
            [list(ids), list(visible)],
        )
    ]


def _team(team: int | None, addressee: str, places: Sequence[int]) -> Team | None:
    """The team, of the payments' entities: of others the names are not told."""
    if addressee != R.Addressee.TEAM:
        return None
    found = Team.objects.filter(pk=team, entity__in=places).first() if team else None
    if found is None:
        raise BusinessError("request.addressee_missing")
    return found


def _refusals(ids: Sequence[int], kind: str, team: Team | None) -> dict[int, Answer]:
    open_ones = R.objects.filter(payment_id__in=list(ids), kind=kind, answered_at=None, closed_at=None)
    asked = open_ones.values_list("payment_id", flat=True)
    refused = {key: Answer(key, False, "request.asked_already") for key in asked}
    if team is not None:
        elsewhere = sql.rows(
            "select payment_id from transactions_paymentstate where payment_id = any(%s) and entity_id <> %s",
            [list(ids), team.entity_id],
        )
        refused |= {key: Answer(key, False, "request.other_team", {"team": team.name}) for (key,) in elsewhere}
    return refused


def _write(
    moved: Sequence[Case], holds: Mapping[int, int], actor: User,
    said: tuple[str, str, str, str, Team | None, bool, datetime],
) -> None:  # fmt: skip
    """The requests, each naming its payment's maker when it goes to them. One query."""
    kind, question, addressee, name, team, required, due_at = said
    sql.run(
        """
        insert into transactions_informationrequest (payment_id, entity_id, kind, question, addressee, addressee_name,
            team_id, required, hold_id, asked_by_id, asked_at, due_at, answer, close_reason)
        select p.id, p.entity_id, %(kind)s, %(question)s, %(addressee)s,
               case when %(addressee)s = 'maker' then coalesce(m.full_name, '') else %(name)s end, %(team)s,
               %(required)s, k.hold, %(actor)s, clock_timestamp(), %(due)s, '', ''
        from unnest(%(ids)s::bigint[], %(holds)s::bigint[]) as k(id, hold)
        join transactions_payment p on p.id = k.id left join people_user m on m.id = p.maker_id
        """,
        {
            "ids": [case.payment_id for case in moved], "holds": [holds.get(case.payment_id) for case in moved],
            "kind": kind, "question": question, "addressee": addressee, "name": name,
            "team": team.pk if team else None, "required": required, "actor": actor.pk, "due": due_at,
        },
    )  # fmt: skip


def _locked(request_id: int, verb: str, actor: User) -> tuple[InformationRequest, Case, Answer | None]:
    """The request with its payment locked, and why this verb cannot be done to it."""
    judge = Judge(verb, actor)
    found = R.objects.filter(pk=request_id, entity_id__in=judge.visible).values_list("payment_id", flat=True).first()
    if found is None:
        raise NotThere("not_there")
    case = cases_of([found], actor)[found]
    request = R.objects.select_related("asked_by", "payment").get(pk=request_id)
    no = judge.base(found, case)
    if not no and not request.is_open:
        no = judge.no(found, "request.ended")
    return request, case, no


def answer(*, request_id: int, actor: User, text: str = "", attachment: Attachment | None = None) -> Answer:
    """What came back, once. Its hold is lifted and the payment comes back on top. Anybody who may comment answers.

    Whoever entered or amended the payment answers what was asked of them, not what was asked of another. Where a
    document was asked for, words alone are no answer; who asked may give it up instead.
    """
    if not text.strip() and attachment is None:
        raise BusinessError("request.answer_empty")
    with transaction.atomic():
        request, case, no = _locked(request_id, "answer", actor)
        if no:
            return no
        if case.own_work and not _asked_of(request, actor):
            return Answer(case.payment_id, False, "request.asked_of_another")
        if attachment is None and request.kind != R.Kind.ANSWER:
            return Answer(case.payment_id, False, "request.document_missing")
        if attachment is not None and attachment.entity_id != case.entity_id:
            raise NotThere("not_there")
        sql.run(
            "update transactions_informationrequest set answered_at = clock_timestamp(), answered_by_id = %s, "
            "answer = %s, attachment_id = %s where id = %s",
            [actor.pk, text.strip(), attachment.pk if attachment else None, request.pk],
        )
        data = {"kind": request.kind, "request": request.pk, "name": attachment.name if attachment else ""}
        _end(request, "answer", actor, text.strip(), data)
    return Answer(case.payment_id, True)


def _asked_of(request: InformationRequest, person: User) -> bool:
    """Is this person whom it was asked of: the maker, or a member of the team?"""
    if request.addressee == R.Addressee.MAKER:
        return request.payment.maker_id == person.pk
    team = request.team if request.addressee == R.Addressee.TEAM else None
    return team is not None and team.members.filter(pk=person.pk).exists()


def close(*, request_id: int, actor: User, reason: str) -> Answer:
    """Give a request up, with the reason: whoever asked, or who may lift holds; never the payment's maker."""
    if not reason.strip():
        raise BusinessError("payment.reason_required")
    with transaction.atomic():
        request, case, no = _locked(request_id, "close_request", actor)
        if no:
            return no
        if case.own_work:
            return Answer(case.payment_id, False, "payment.own_work")
        lifts = TRANSITIONS["lift"].right
        if request.asked_by_id != actor.pk and not access.can(actor, lifts, case.entity_id):
            return Answer(case.payment_id, False, "request.close_not_yours", {"person": request.asked_by.full_name})
        sql.run(
            "update transactions_informationrequest set closed_at = clock_timestamp(), closed_by_id = %s, "
            "close_reason = %s where id = %s",
            [actor.pk, reason.strip(), request.pk],
        )
        _end(request, "close_request", actor, reason.strip(), {"kind": request.kind, "request": request.pk})
    return Answer(case.payment_id, True)


def _end(request: InformationRequest, verb: str, actor: User, reason: str, data: Mapping[str, object]) -> None:
    more = f", priority = greatest(priority, {TOP})" if verb == "answer" else ""
    holds = [request.hold_id] if request.hold_id else []
    lower([request.payment_id], holds, verb, actor=actor, reason=reason, data=data, answer=reason, more=more)


def overdue(ids: Iterable[int]) -> int:
    """The due time of requests has passed without an answer: on record once, and back before those who work.

    Read again under lock and safe twice. Returns how many requests became overdue.
    """
    with transaction.atomic():
        keys = list(R.objects.filter(pk__in=list(ids)).values_list("payment_id", flat=True))
        lock(sorted(keys))
        late = sql.rows(
            "update transactions_informationrequest q set overdue_at = clock_timestamp() "
            "from transactions_paymentstate s where q.id = any(%s) and s.payment_id = q.payment_id "
            "and s.status in ('checked', 'validated') and q.due_at <= clock_timestamp() and q.overdue_at is null "
            "and q.answered_at is null and q.closed_at is null returning q.payment_id",
            [list(ids)],
        )
        if late:
            more = f", brought_back = hold_count > 0, priority = greatest(priority, {TOP})"
            move(sorted({row[0] for row in late}), "overdue", actor=None, more=more)
    return len(late)
