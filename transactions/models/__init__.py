from transactions.models.accounts import Account, AccountBalance
from transactions.models.births import PaymentBirth
from transactions.models.cards import CardPayment, Chargeback, Payout
from transactions.models.channels import BankChannel, ChannelRoute, FetchedFile, Transmission, TransmissionAttempt
from transactions.models.cut_offs import Calendar, CutOff, Holiday
from transactions.models.decisions import Decision, HandOver, InformationRequest
from transactions.models.instant import InstantLimit, InstantTransfer
from transactions.models.intake import IntakeProblem, IntakeSource, PaymentBatch
from transactions.models.invoices import InvoiceShare, SupplierInvoice
from transactions.models.ledger import JournalEntry, Posting
from transactions.models.mandates import Collection, Mandate
from transactions.models.messages import BankMessage, MessageItem
from transactions.models.parties import BankDetails, Party, Payee
from transactions.models.payments import Hold, Payment, PaymentApproval, PaymentRequirement, PaymentState
from transactions.models.recalls import Recall, RecallRequest
from transactions.models.refunds import Refund
from transactions.models.returns import ReturnProposal
from transactions.models.settlement import OutgoingFault, OutgoingFile, OutgoingItem
from transactions.models.standing import StandingDue, StandingOrder
from transactions.models.statements import Statement, StatementDetail, StatementLine

__all__ = [
    "Account",
    "AccountBalance",
    "BankChannel",
    "BankDetails",
    "BankMessage",
    "Calendar",
    "CardPayment",
    "ChannelRoute",
    "Chargeback",
    "Collection",
    "CutOff",
    "Decision",
    "FetchedFile",
    "HandOver",
    "Hold",
    "Holiday",
    "InformationRequest",
    "InstantLimit",
    "InstantTransfer",
    "IntakeProblem",
    "IntakeSource",
    "InvoiceShare",
    "JournalEntry",
    "Mandate",
    "MessageItem",
    "OutgoingFault",
    "OutgoingFile",
    "OutgoingItem",
    "Party",
    "Payee",
    "Payment",
    "PaymentApproval",
    "PaymentBatch",
    "PaymentBirth",
    "PaymentRequirement",
    "PaymentState",
    "Payout",
    "Posting",
    "Recall",
    "RecallRequest",
    "Refund",
    "ReturnProposal",
    "StandingDue",
    "StandingOrder",
    "Statement",
    "StatementDetail",
    "StatementLine",
    "SupplierInvoice",
    "Transmission",
    "TransmissionAttempt",
]
