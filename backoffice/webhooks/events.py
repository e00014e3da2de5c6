"""What is told to the outside: acts of the audit trail, by the names that webhooks know them by."""

EVENTS: dict[str, str] = {
    **{
        f"payment.{act}": f"payment.{act}"
        for act in (
            "received", "checked", "amended", "validated", "approved", "posted", "sent", "settled", "rejected",
            "cancelled", "returned", "sent_back", "passed_straight", "reopened", "held", "lifted",
            "withdrawn", "handed_over", "hand_over_declined", "asked", "request_answered", "request_closed",
            "request_overdue", "hold_due", "return_proposed", "left_out",
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
    "outgoing.voided": "file.voided",
    "outgoing.confirmed": "file.settled",
    "outgoing.delivered": "file.delivered",
    "outgoing.acknowledged": "file.acknowledged",
    "outgoing.unacknowledged": "file.unacknowledged",
    "outgoing.undelivered": "file.undelivered",
    "outgoing.unsure": "file.unsure",
    "outgoing.sent_again": "file.sent_again",
    **{f"message.{act}": f"message.{act}" for act in ("received", "applied", "refused", "assigned", "dismissed")},
    **{f"mandate.{act}": f"mandate.{act}" for act in ("registered", "amended", "cancelled")},
    **{f"model.{act}": f"model.{act}" for act in ("trained", "challenged", "promoted", "drifted")},
    "channel.failing": "channel.failing",
    "channel.recovered": "channel.recovered",
}  # fmt: skip
NAMES = tuple(sorted(set(EVENTS.values())))
