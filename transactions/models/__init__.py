from transactions.models.accounts import Account, AccountBalance
from transactions.models.cards import CardPayment, Chargeback, Payout
from transactions.models.intake import IntakeProblem, IntakeSource, PaymentBatch
from transactions.models.ledger import JournalEntry, Posting
from transactions.models.mandates import Collection, Mandate
from transactions.models.messages import BankMessage, MessageItem
from transactions.models.parties import BankDetails, Party, Payee
from transactions.models.payments import Hold, Payment, PaymentApproval, PaymentRequirement, PaymentState
from transactions.models.refunds import Refund
from transactions.models.settlement import OutgoingFile, OutgoingItem

__all__ = [
    "Account",
    "AccountBalance",
    "BankDetails",
    "BankMessage",
    "CardPayment",
    "Chargeback",
    "Collection",
    "Hold",
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
    "Payout",
    "Posting",
    "Refund",
]
