"""What is told to the outside: acts of the audit trail, by the names that webhooks know them by."""

EVENTS: dict[str, str] = {
    **{
        f"payment.{act}": f"payment.{act}"
        for act in (
            "received", "checked", "amended", "validated", "approved", "posted", "sent", "settled", "rejected",
            "cancelled", "returned", "sent_back", "reopened", "held", "lifted",
            "withdrawn", "handed_over", "hand_over_declined", "asked", "request_answered", "request_closed",
            "request_overdue", "hold_due",
        )
    },
    "batch.ready": "batch.ready",
    "batch.refused": "batch.refused",
    "outgoing.prepared": "file.prepared",
    "outgoing.sent": "file.sent",
    "outgoing.confirmed": "file.settled",
}  # fmt: skip
NAMES = tuple(sorted(set(EVENTS.values())))
