"""What is told to the outside: acts of the audit trail, by the names that webhooks know them by."""

EVENTS: dict[str, str] = {
    **{
        f"payment.{act}": f"payment.{act}"
        for act in (
            "received", "checked", "amended", "validated", "approved", "posted", "sent", "settled", "rejected",
            "cancelled", "returned", "sent_back", "passed_straight", "reopened", "held", "lifted",
        )
    },
    "straight.began": "policy.began",
    "straight.stopped": "policy.stopped",
    "change.asked": "change.asked",
    "change.approved": "change.approved",
    "change.refused": "change.refused",
    "delegation.given": "delegation.given",
    "delegation.ended": "delegation.ended",
    "batch.ready": "batch.ready",
    "batch.refused": "batch.refused",
    "outgoing.prepared": "file.prepared",
    "outgoing.sent": "file.sent",
    "outgoing.confirmed": "file.settled",
}  # fmt: skip
NAMES = tuple(sorted(set(EVENTS.values())))
