"""What the bytes of a stored file may show, whoever hands them out."""

from backoffice.common import sql
from backoffice.people import access
from backoffice.people.models import User
from documents.models import Attachment

# Files that payments came in by, that go to the bank or came from it hold account numbers in clear; what people added
# to a payment, payee or invoice does not by itself. What nothing names counts as the former.
_HOLDS = """
    select exists (select 1 from transactions_paymentbatch where attachment_id = %(id)s)
        or exists (select 1 from transactions_outgoingfile where attachment_id = %(id)s)
        or exists (select 1 from transactions_bankmessage where attachment_id = %(id)s)
        or exists (select 1 from transactions_fetchedfile where attachment_id = %(id)s)
        or exists (select 1 from documents_attachmentlink where attachment_id = %(id)s and kind = 'source')
        or not exists (select 1 from documents_attachmentlink where attachment_id = %(id)s)
"""


def holds_accounts(attachment: Attachment) -> bool:
    """Do the bytes hold account numbers in clear: a file in, to or from the bank? One query."""
    return bool(sql.rows(_HOLDS, {"id": attachment.pk})[0][0])


def demand(user: User, attachment: Attachment) -> None:
    """Refuse with ``Denied`` unless the person may have the bytes: documents, and account numbers where it holds them.

    That the person may see the row is asked before. One query.
    """
    access.demand(user, "document.view", attachment.entity_id)
    if holds_accounts(attachment):
        access.demand(user, "iban.view", attachment.entity_id)
