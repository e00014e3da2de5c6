"""What is said first of a payment that waits, came back or was handed over."""

from django.utils.translation import gettext as _

from backoffice.common import formats
from backoffice.people.models import User
from transactions.queries import Note


def told(note: Note, reader: User) -> str:
    """One line: who did what, in their words."""
    own = note.person_id == reader.pk
    said = {"name": note.person, "words": note.words, "when": formats.when(note.due_at) if note.due_at else ""}
    if note.kind == "handed":
        return _("%(name)s handed it over: %(words)s") % said
    if note.kind == "due":
        return (_("You asked: %(words)s") if own else _("%(name)s asked: %(words)s")) % said
    if note.kind == "overdue":
        return _("No answer by %(when)s: %(words)s") % said
    if note.kind == "answered":
        return _("%(name)s answered: %(words)s") % said
    return _("Asked, due %(when)s: %(words)s") % said
