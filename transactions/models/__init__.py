from transactions.models.accounts import Account, AccountBalance
from transactions.models.decisions import Decision, HandOver, InformationRequest
from transactions.models.intake import IntakeProblem, IntakeSource, PaymentBatch
from transactions.models.ledger import JournalEntry, Posting
from transactions.models.mandates import Collection, Mandate
from transactions.models.messages import BankMessage, MessageItem
from transactions.models.parties import BankDetails, Party, Payee
from transactions.models.payments import Hold, Payment, PaymentApproval, PaymentRequirement, PaymentState
from transactions.models.settlement import OutgoingFile, OutgoingItem

__all__ = [
    "Account",
    "AccountBalance",
    "BankDetails",
    "BankMessage",
    "Collection",
    "Decision",
    "HandOver",
    "Hold",
    "InformationRequest",
    "IntakeProblem",
    "IntakeSource",
    "JournalEntry",
    "Mandate",
    "MessageItem",
    "OutgoingFile",
    "OutgoingItem",
    "Party",
    "Payee",
    "Payment",
    "PaymentApproval",
    "PaymentBatch",
    "PaymentRequirement",
    "PaymentState",
    "Posting",
]
