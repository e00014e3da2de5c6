"""A method for each operation. Generated from docs/openapi.yaml by `make client`; do not edit."""

from collections.abc import Iterator
from typing import Literal

from backoffice_client import models
from backoffice_client.transport import Transport


class Client(Transport):
    """The API of one installation, with one token."""

    def get_index(self) -> models.IndexOut:
        """Where to begin: this document, who you are, and the lists. For everyone signed in."""
        answer: models.IndexOut = self.call("GET", "/api/v1/", {}, {})
        return answer

    def get_accounts(
        self,
        *,
        currency: str | None = None,
        cursor: str | None = None,
        entity: int | None = None,
        kind: Literal["customer", "bank", "transit", "payable", "receivable", "suspense", "expense", "income", "equity"]
        | None = None,
        limit: int | None = None,
        q: str | None = None,
        status: Literal["open", "blocked", "closed"] | None = None,
    ) -> models.AccountOutPage:
        """Accounts by code. Right: `account.view`."""
        answer: models.AccountOutPage = self.call(
            "GET",
            "/api/v1/accounts",
            {},
            {
                "currency": currency,
                "cursor": cursor,
                "entity": entity,
                "kind": kind,
                "limit": limit,
                "q": q,
                "status": status,
            },
        )
        return answer

    def iter_accounts(
        self,
        *,
        currency: str | None = None,
        cursor: str | None = None,
        entity: int | None = None,
        kind: Literal["customer", "bank", "transit", "payable", "receivable", "suspense", "expense", "income", "equity"]
        | None = None,
        limit: int | None = None,
        q: str | None = None,
        status: Literal["open", "blocked", "closed"] | None = None,
    ) -> Iterator[models.AccountOut]:
        """Accounts by code: all of them, page after page. Right: `account.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/accounts",
                {},
                {
                    "currency": currency,
                    "cursor": cursor,
                    "entity": entity,
                    "kind": kind,
                    "limit": limit,
                    "q": q,
                    "status": status,
                },
            )
        )

    def post_accounts(self, body: models.AccountInRequest, *, key: str | None = None) -> models.AccountOut:
        """Open an account; an overdraft waits for a second person. Right: `account.manage`."""
        answer: models.AccountOut = self.call("POST", "/api/v1/accounts", {}, {}, body=body, key=key)
        return answer

    def get_accounts_one(self, account_id: int) -> models.AccountOut:
        """An account with its balance. Right: `account.view`."""
        answer: models.AccountOut = self.call("GET", "/api/v1/accounts/{account_id}", {"account_id": account_id}, {})
        return answer

    def post_accounts_one_block(
        self, account_id: int, body: models.WhyInRequest, *, key: str | None = None
    ) -> models.AccountOut:
        """Let nothing more leave an account. Right: `account.manage`."""
        answer: models.AccountOut = self.call(
            "POST", "/api/v1/accounts/{account_id}/block", {"account_id": account_id}, {}, body=body, key=key
        )
        return answer

    def post_accounts_one_channel(
        self, account_id: int, body: models.TransferFormatInRequest, *, key: str | None = None
    ) -> models.AccountOut:
        """How transfers leave an account: to its bank, or between banks. Right: `account.manage`."""
        answer: models.AccountOut = self.call(
            "POST", "/api/v1/accounts/{account_id}/channel", {"account_id": account_id}, {}, body=body, key=key
        )
        return answer

    def get_accounts_one_instant_limit(self, account_id: int) -> models.InstantLimitOut:
        """What an account's holder allows by instant transfers. Right: `account.view`."""
        answer: models.InstantLimitOut = self.call(
            "GET", "/api/v1/accounts/{account_id}/instant-limit", {"account_id": account_id}, {}
        )
        return answer

    def post_accounts_one_instant_limit(
        self, account_id: int, body: models.InstantLimitInRequest, *, key: str | None = None
    ) -> models.InstantLimitOut:
        """Set what the holder allows; counts at once. Right: `account.manage`."""
        answer: models.InstantLimitOut = self.call(
            "POST", "/api/v1/accounts/{account_id}/instant-limit", {"account_id": account_id}, {}, body=body, key=key
        )
        return answer

    def post_accounts_one_overdraft(
        self, account_id: int, body: models.OverdraftInRequest, *, key: str | None = None
    ) -> models.Asked:
        """How far below zero an account may go: at once when it narrows, else by a second person. Right: `account.manage`."""
        answer: models.Asked = self.call(
            "POST", "/api/v1/accounts/{account_id}/overdraft", {"account_id": account_id}, {}, body=body, key=key
        )
        return answer

    def get_accounts_one_statement(
        self, account_id: int, *, cursor: str | None = None, limit: int | None = None, moment: str | None = None
    ) -> models.StatementOut:
        """The statement of an account as of a moment. Right: `account.view`."""
        answer: models.StatementOut = self.call(
            "GET",
            "/api/v1/accounts/{account_id}/statement",
            {"account_id": account_id},
            {"cursor": cursor, "limit": limit, "moment": moment},
        )
        return answer

    def post_accounts_one_unblock(
        self, account_id: int, body: models.WhyInRequest, *, key: str | None = None
    ) -> models.AccountOut:
        """Let payments leave an account again. Right: `account.manage`."""
        answer: models.AccountOut = self.call(
            "POST", "/api/v1/accounts/{account_id}/unblock", {"account_id": account_id}, {}, body=body, key=key
        )
        return answer

    def get_alert_quality(
        self, *, entity: int | None = None, since: str | None = None, until: str | None = None
    ) -> models.QualityOut:
        """How good the alerts of a period were, by rule. Right: `rule.view`."""
        answer: models.QualityOut = self.call(
            "GET", "/api/v1/alert-quality", {}, {"entity": entity, "since": since, "until": until}
        )
        return answer

    def get_alerts(
        self,
        *,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        payment: int | None = None,
        typology: Literal[
            "duplicate",
            "changed_details",
            "name_unlike",
            "splitting",
            "velocity",
            "sleeping",
            "operator_habits",
            "first_large",
            "unusual_amount",
            "cumulative_cash",
            "high_risk_country",
            "pass_through",
            "circle",
            "fan",
            "statement_gap",
            "order_mismatch",
            "missing",
            "unusual",
        ]
        | None = None,
    ) -> models.AlertOutPage:
        """Alerts, the newest first. Right: `case.view`."""
        answer: models.AlertOutPage = self.call(
            "GET",
            "/api/v1/alerts",
            {},
            {"cursor": cursor, "entity": entity, "limit": limit, "payment": payment, "typology": typology},
        )
        return answer

    def iter_alerts(
        self,
        *,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        payment: int | None = None,
        typology: Literal[
            "duplicate",
            "changed_details",
            "name_unlike",
            "splitting",
            "velocity",
            "sleeping",
            "operator_habits",
            "first_large",
            "unusual_amount",
            "cumulative_cash",
            "high_risk_country",
            "pass_through",
            "circle",
            "fan",
            "statement_gap",
            "order_mismatch",
            "missing",
            "unusual",
        ]
        | None = None,
    ) -> Iterator[models.AlertOut]:
        """Alerts, the newest first: all of them, page after page. Right: `case.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/alerts",
                {},
                {"cursor": cursor, "entity": entity, "limit": limit, "payment": payment, "typology": typology},
            )
        )

    def post_alerts(self, body: models.RaiseInRequest, *, key: str | None = None) -> models.AnswersOut:
        """Raise an alert on payments by hand, with a reason; answers the case of each. Right: `case.raise`."""
        answer: models.AnswersOut = self.call("POST", "/api/v1/alerts", {}, {}, body=body, key=key)
        return answer

    def get_approval_matrix(
        self, *, cursor: str | None = None, entity: int | None = None, limit: int | None = None
    ) -> models.MatrixRowOutPage:
        """Rows of the approval matrix. Right: `matrix.view`."""
        answer: models.MatrixRowOutPage = self.call(
            "GET", "/api/v1/approval-matrix", {}, {"cursor": cursor, "entity": entity, "limit": limit}
        )
        return answer

    def iter_approval_matrix(
        self, *, cursor: str | None = None, entity: int | None = None, limit: int | None = None
    ) -> Iterator[models.MatrixRowOut]:
        """Rows of the approval matrix: all of them, page after page. Right: `matrix.view`."""
        return self.follow(
            self.call("GET", "/api/v1/approval-matrix", {}, {"cursor": cursor, "entity": entity, "limit": limit})
        )

    def post_approval_matrix(self, body: models.MatrixRowInRequest, *, key: str | None = None) -> models.ChangeOut:
        """Ask for a new row. Right: `matrix.manage`."""
        answer: models.ChangeOut = self.call("POST", "/api/v1/approval-matrix", {}, {}, body=body, key=key)
        return answer

    def get_approval_matrix_one(self, row_id: int) -> models.MatrixRowOut:
        """A row of the approval matrix. Right: `matrix.view`."""
        answer: models.MatrixRowOut = self.call("GET", "/api/v1/approval-matrix/{row_id}", {"row_id": row_id}, {})
        return answer

    def post_approval_matrix_one_change(
        self, row_id: int, body: models.MatrixChangeInRequest, *, key: str | None = None
    ) -> models.ChangeOut:
        """Ask for another row in its place. Right: `matrix.manage`."""
        answer: models.ChangeOut = self.call(
            "POST", "/api/v1/approval-matrix/{row_id}/change", {"row_id": row_id}, {}, body=body, key=key
        )
        return answer

    def get_attachments_one(self, attachment_id: int) -> models.AttachmentOut:
        """What a stored file is. Right: `document.view`."""
        answer: models.AttachmentOut = self.call(
            "GET", "/api/v1/attachments/{attachment_id}", {"attachment_id": attachment_id}, {}
        )
        return answer

    def get_attachments_one_content(self, attachment_id: int) -> bytes:
        """The bytes of a stored file, verified; taking them is on record. A file that payments came in by, or to or from the bank, needs the right iban.view too. Right: `document.view`."""
        answer: bytes = self.call(
            "GET", "/api/v1/attachments/{attachment_id}/content", {"attachment_id": attachment_id}, {}, binary=True
        )
        return answer

    def get_audit_records(
        self,
        *,
        subject: int,
        subject_type: Literal[
            "payment", "batch", "account", "payee", "source", "outgoing", "attachment", "user", "token"
        ],
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.AuditOutPage:
        """The acts on one subject, the newest first. Right: `history.view`."""
        answer: models.AuditOutPage = self.call(
            "GET",
            "/api/v1/audit-records",
            {},
            {"cursor": cursor, "limit": limit, "subject": subject, "subject_type": subject_type},
        )
        return answer

    def iter_audit_records(
        self,
        *,
        subject: int,
        subject_type: Literal[
            "payment", "batch", "account", "payee", "source", "outgoing", "attachment", "user", "token"
        ],
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Iterator[models.AuditOut]:
        """The acts on one subject, the newest first: all of them, page after page. Right: `history.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/audit-records",
                {},
                {"cursor": cursor, "limit": limit, "subject": subject, "subject_type": subject_type},
            )
        )

    def get_backtests(self, *, cursor: str | None = None, limit: int | None = None) -> models.BackTestOutPage:
        """Back-tests, the newest first. Right: `rule.view`."""
        answer: models.BackTestOutPage = self.call("GET", "/api/v1/backtests", {}, {"cursor": cursor, "limit": limit})
        return answer

    def iter_backtests(self, *, cursor: str | None = None, limit: int | None = None) -> Iterator[models.BackTestOut]:
        """Back-tests, the newest first: all of them, page after page. Right: `rule.view`."""
        return self.follow(self.call("GET", "/api/v1/backtests", {}, {"cursor": cursor, "limit": limit}))

    def post_backtests(self, body: models.BackTestInRequest, *, key: str | None = None) -> models.BackTestDetailOut:
        """Back-test a version of a rule, and another beside it. Right: `rule.test`."""
        answer: models.BackTestDetailOut = self.call("POST", "/api/v1/backtests", {}, {}, body=body, key=key)
        return answer

    def get_backtests_one(self, backtest_id: int) -> models.BackTestDetailOut:
        """A back-test with its figures. Right: `rule.view`."""
        answer: models.BackTestDetailOut = self.call(
            "GET", "/api/v1/backtests/{backtest_id}", {"backtest_id": backtest_id}, {}
        )
        return answer

    def post_backtests_one_cancel(self, backtest_id: int, *, key: str | None = None) -> models.BackTestDetailOut:
        """Stop a back-test between two parts. Right: `rule.test`."""
        answer: models.BackTestDetailOut = self.call(
            "POST", "/api/v1/backtests/{backtest_id}/cancel", {"backtest_id": backtest_id}, {}, key=key
        )
        return answer

    def get_backtests_one_hits(
        self, backtest_id: int, *, cursor: str | None = None, limit: int | None = None
    ) -> models.BackTestHitOutPage:
        """What a back-test hit, the newest payment first. Right: `rule.view`."""
        answer: models.BackTestHitOutPage = self.call(
            "GET",
            "/api/v1/backtests/{backtest_id}/hits",
            {"backtest_id": backtest_id},
            {"cursor": cursor, "limit": limit},
        )
        return answer

    def iter_backtests_one_hits(
        self, backtest_id: int, *, cursor: str | None = None, limit: int | None = None
    ) -> Iterator[models.BackTestHitOut]:
        """What a back-test hit, the newest payment first: all of them, page after page. Right: `rule.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/backtests/{backtest_id}/hits",
                {"backtest_id": backtest_id},
                {"cursor": cursor, "limit": limit},
            )
        )

    def get_bank_answers_waiting(
        self, *, cursor: str | None = None, entity: int | None = None, limit: int | None = None
    ) -> models.BankAnswerOutPage:
        """Answers that wait for a person. Right: `message.view`."""
        answer: models.BankAnswerOutPage = self.call(
            "GET", "/api/v1/bank-answers/waiting", {}, {"cursor": cursor, "entity": entity, "limit": limit}
        )
        return answer

    def iter_bank_answers_waiting(
        self, *, cursor: str | None = None, entity: int | None = None, limit: int | None = None
    ) -> Iterator[models.BankAnswerOut]:
        """Answers that wait for a person: all of them, page after page. Right: `message.view`."""
        return self.follow(
            self.call("GET", "/api/v1/bank-answers/waiting", {}, {"cursor": cursor, "entity": entity, "limit": limit})
        )

    def post_bank_answers_one_assign(
        self, answer_id: int, body: models.AssignInRequest, *, key: str | None = None
    ) -> models.BankAnswerOut:
        """Say which payment an answer speaks of; what it says is then done. Right: `message.decide`."""
        answer: models.BankAnswerOut = self.call(
            "POST", "/api/v1/bank-answers/{answer_id}/assign", {"answer_id": answer_id}, {}, body=body, key=key
        )
        return answer

    def post_bank_answers_one_dismiss(
        self, answer_id: int, body: models.DismissInRequest, *, key: str | None = None
    ) -> models.BankAnswerOut:
        """Lay an answer aside; nothing moves. Right: `message.decide`."""
        answer: models.BankAnswerOut = self.call(
            "POST", "/api/v1/bank-answers/{answer_id}/dismiss", {"answer_id": answer_id}, {}, body=body, key=key
        )
        return answer

    def get_bank_messages(
        self,
        *,
        cursor: str | None = None,
        entity: int | None = None,
        kind: Literal["pain002", "pacs002", "pacs004", "camt029", "camt056"] | None = None,
        limit: int | None = None,
        status: Literal["received", "applied", "refused"] | None = None,
    ) -> models.MessageOutPage:
        """Messages of the bank, the newest first. Right: `message.view`."""
        answer: models.MessageOutPage = self.call(
            "GET",
            "/api/v1/bank-messages",
            {},
            {"cursor": cursor, "entity": entity, "kind": kind, "limit": limit, "status": status},
        )
        return answer

    def iter_bank_messages(
        self,
        *,
        cursor: str | None = None,
        entity: int | None = None,
        kind: Literal["pain002", "pacs002", "pacs004", "camt029", "camt056"] | None = None,
        limit: int | None = None,
        status: Literal["received", "applied", "refused"] | None = None,
    ) -> Iterator[models.MessageOut]:
        """Messages of the bank, the newest first: all of them, page after page. Right: `message.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/bank-messages",
                {},
                {"cursor": cursor, "entity": entity, "kind": kind, "limit": limit, "status": status},
            )
        )

    def post_bank_messages(
        self, file: bytes, *, entity: int | None = None, file_name: str | None = None, key: str | None = None
    ) -> models.MessageOut:
        """Bring a message of the bank in: pain.002, pacs.002, pacs.004. A worker applies it. Right: `message.import`."""
        answer: models.MessageOut = self.call(
            "POST", "/api/v1/bank-messages", {}, {"entity": entity, "file_name": file_name}, file=file, key=key
        )
        return answer

    def get_bank_messages_one(self, message_id: int) -> models.MessageOut:
        """A message of the bank. Right: `message.view`."""
        answer: models.MessageOut = self.call(
            "GET", "/api/v1/bank-messages/{message_id}", {"message_id": message_id}, {}
        )
        return answer

    def get_bank_messages_one_answers(
        self, message_id: int, *, cursor: str | None = None, limit: int | None = None
    ) -> models.BankAnswerOutPage:
        """The statuses in a message, in its order. Right: `message.view`."""
        answer: models.BankAnswerOutPage = self.call(
            "GET",
            "/api/v1/bank-messages/{message_id}/answers",
            {"message_id": message_id},
            {"cursor": cursor, "limit": limit},
        )
        return answer

    def iter_bank_messages_one_answers(
        self, message_id: int, *, cursor: str | None = None, limit: int | None = None
    ) -> Iterator[models.BankAnswerOut]:
        """The statuses in a message, in its order: all of them, page after page. Right: `message.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/bank-messages/{message_id}/answers",
                {"message_id": message_id},
                {"cursor": cursor, "limit": limit},
            )
        )

    def get_batches(
        self,
        *,
        channel: Literal["file", "api", "form", "command", "standing"] | None = None,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        message_id: str | None = None,
        sha256: str | None = None,
        source: str | None = None,
        status: Literal["received", "reading", "checking", "ready", "refused", "cancelled"] | None = None,
    ) -> models.BatchOutPage:
        """Batches, the newest first. Right: `batch.view`."""
        answer: models.BatchOutPage = self.call(
            "GET",
            "/api/v1/batches",
            {},
            {
                "channel": channel,
                "cursor": cursor,
                "entity": entity,
                "limit": limit,
                "message_id": message_id,
                "sha256": sha256,
                "source": source,
                "status": status,
            },
        )
        return answer

    def iter_batches(
        self,
        *,
        channel: Literal["file", "api", "form", "command", "standing"] | None = None,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        message_id: str | None = None,
        sha256: str | None = None,
        source: str | None = None,
        status: Literal["received", "reading", "checking", "ready", "refused", "cancelled"] | None = None,
    ) -> Iterator[models.BatchOut]:
        """Batches, the newest first: all of them, page after page. Right: `batch.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/batches",
                {},
                {
                    "channel": channel,
                    "cursor": cursor,
                    "entity": entity,
                    "limit": limit,
                    "message_id": message_id,
                    "sha256": sha256,
                    "source": source,
                    "status": status,
                },
            )
        )

    def post_batches(
        self,
        file: bytes,
        *,
        entity: int | None = None,
        source: str | None = None,
        file_name: str | None = None,
        key: str | None = None,
    ) -> models.BatchOut:
        """Bring a file in; it is read and checked by workers. Right: `batch.import`."""
        answer: models.BatchOut = self.call(
            "POST",
            "/api/v1/batches",
            {},
            {"entity": entity, "source": source, "file_name": file_name},
            file=file,
            key=key,
        )
        return answer

    def get_batches_one(self, batch_id: int) -> models.BatchDetailOut:
        """A batch and how far it is. Right: `batch.view`."""
        answer: models.BatchDetailOut = self.call("GET", "/api/v1/batches/{batch_id}", {"batch_id": batch_id}, {})
        return answer

    def get_batches_one_outcome(self, batch_id: int) -> models.BatchOutcomeOut:
        """How the payments of a batch fared in the checks, and what was found by rule. Right: `batch.view`."""
        answer: models.BatchOutcomeOut = self.call(
            "GET", "/api/v1/batches/{batch_id}/outcome", {"batch_id": batch_id}, {}
        )
        return answer

    def get_batches_one_problems(
        self,
        batch_id: int,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        severity: Literal["error", "warning"] | None = None,
    ) -> models.ProblemOutPage:
        """What was wrong in a batch, in its order. Right: `batch.view`."""
        answer: models.ProblemOutPage = self.call(
            "GET",
            "/api/v1/batches/{batch_id}/problems",
            {"batch_id": batch_id},
            {"cursor": cursor, "limit": limit, "severity": severity},
        )
        return answer

    def iter_batches_one_problems(
        self,
        batch_id: int,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        severity: Literal["error", "warning"] | None = None,
    ) -> Iterator[models.ProblemOut]:
        """What was wrong in a batch, in its order: all of them, page after page. Right: `batch.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/batches/{batch_id}/problems",
                {"batch_id": batch_id},
                {"cursor": cursor, "limit": limit, "severity": severity},
            )
        )

    def post_batches_one_verify(self, batch_id: int, *, key: str | None = None) -> models.FileVerifiedOut:
        """Ask again about everything of a file that could not be verified. Right: `payment.validate`."""
        answer: models.FileVerifiedOut = self.call(
            "POST", "/api/v1/batches/{batch_id}/verify", {"batch_id": batch_id}, {}, key=key
        )
        return answer

    def get_breaks(
        self,
        *,
        account: int | None = None,
        age: Literal["0-1", "2-5", "6-30", "30+"] | None = None,
        cause: Literal["amount", "duplicate", "reference", "currency", "none", "several", "late"] | None = None,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        status: Literal["open", "ignored", "closed"] | None = None,
    ) -> models.BreakOutPage:
        """Breaks, the oldest first. Right: `reconciliation.view`."""
        answer: models.BreakOutPage = self.call(
            "GET",
            "/api/v1/breaks",
            {},
            {
                "account": account,
                "age": age,
                "cause": cause,
                "cursor": cursor,
                "entity": entity,
                "limit": limit,
                "status": status,
            },
        )
        return answer

    def iter_breaks(
        self,
        *,
        account: int | None = None,
        age: Literal["0-1", "2-5", "6-30", "30+"] | None = None,
        cause: Literal["amount", "duplicate", "reference", "currency", "none", "several", "late"] | None = None,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        status: Literal["open", "ignored", "closed"] | None = None,
    ) -> Iterator[models.BreakOut]:
        """Breaks, the oldest first: all of them, page after page. Right: `reconciliation.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/breaks",
                {},
                {
                    "account": account,
                    "age": age,
                    "cause": cause,
                    "cursor": cursor,
                    "entity": entity,
                    "limit": limit,
                    "status": status,
                },
            )
        )

    def post_breaks_assign(
        self, body: models.BreakAssignInRequest, *, key: str | None = None
    ) -> models.BreakAnswersOut:
        """Give breaks an owner, and a day until when. Right: `reconciliation.match`."""
        answer: models.BreakAnswersOut = self.call("POST", "/api/v1/breaks/assign", {}, {}, body=body, key=key)
        return answer

    def post_breaks_comment(
        self, body: models.BreakCommentInRequest, *, key: str | None = None
    ) -> models.BreakAnswersOut:
        """Comment on breaks. Right: `reconciliation.match`."""
        answer: models.BreakAnswersOut = self.call("POST", "/api/v1/breaks/comment", {}, {}, body=body, key=key)
        return answer

    def post_breaks_explain(
        self, body: models.BreakExplainInRequest, *, key: str | None = None
    ) -> models.BreakAnswersOut:
        """Say why something is open. Right: `reconciliation.match`."""
        answer: models.BreakAnswersOut = self.call("POST", "/api/v1/breaks/explain", {}, {}, body=body, key=key)
        return answer

    def post_breaks_heed(self, body: models.BreaksInRequest, *, key: str | None = None) -> models.BreakAnswersOut:
        """Take up again what was left out. Right: `reconciliation.match`."""
        answer: models.BreakAnswersOut = self.call("POST", "/api/v1/breaks/heed", {}, {}, body=body, key=key)
        return answer

    def post_breaks_ignore(
        self, body: models.BreakIgnoreInRequest, *, key: str | None = None
    ) -> models.BreakAnswersOut:
        """Leave breaks out, with a remark. Right: `reconciliation.match`."""
        answer: models.BreakAnswersOut = self.call("POST", "/api/v1/breaks/ignore", {}, {}, body=body, key=key)
        return answer

    def get_breaks_one(self, break_id: int) -> models.BreakOut:
        """One break. Right: `reconciliation.view`."""
        answer: models.BreakOut = self.call("GET", "/api/v1/breaks/{break_id}", {"break_id": break_id}, {})
        return answer

    def get_calendars(
        self, *, cursor: str | None = None, entity: int | None = None, limit: int | None = None
    ) -> models.CalendarOutPage:
        """Calendars beside TARGET. Right: `cutoff.view`."""
        answer: models.CalendarOutPage = self.call(
            "GET", "/api/v1/calendars", {}, {"cursor": cursor, "entity": entity, "limit": limit}
        )
        return answer

    def iter_calendars(
        self, *, cursor: str | None = None, entity: int | None = None, limit: int | None = None
    ) -> Iterator[models.CalendarOut]:
        """Calendars beside TARGET: all of them, page after page. Right: `cutoff.view`."""
        return self.follow(
            self.call("GET", "/api/v1/calendars", {}, {"cursor": cursor, "entity": entity, "limit": limit})
        )

    def post_calendars(self, body: models.CalendarInRequest, *, key: str | None = None) -> models.CalendarOut:
        """Add a calendar. Right: `cutoff.manage`."""
        answer: models.CalendarOut = self.call("POST", "/api/v1/calendars", {}, {}, body=body, key=key)
        return answer

    def get_calendars_one(self, calendar_id: int) -> models.CalendarDetailOut:
        """A calendar with its holidays from today on. Right: `cutoff.view`."""
        answer: models.CalendarDetailOut = self.call(
            "GET", "/api/v1/calendars/{calendar_id}", {"calendar_id": calendar_id}, {}
        )
        return answer

    def post_calendars_one_close(
        self, calendar_id: int, body: models.HolidaysInRequest, *, key: str | None = None
    ) -> models.CalendarDetailOut:
        """Close days of a calendar, all of them or none. Right: `cutoff.manage`."""
        answer: models.CalendarDetailOut = self.call(
            "POST", "/api/v1/calendars/{calendar_id}/close", {"calendar_id": calendar_id}, {}, body=body, key=key
        )
        return answer

    def post_card_payments(self, body: models.CardsInRequest, *, key: str | None = None) -> models.PaymentsMade:
        """Enter what an acquirer or marketplace reports. Right: `payment.create`."""
        answer: models.PaymentsMade = self.call("POST", "/api/v1/card-payments", {}, {}, body=body, key=key)
        return answer

    def post_case_links_one_remove(self, link_id: int, *, key: str | None = None) -> models.CaseAnswersOut:
        """Take a link of a case away. Right: `case.decide`."""
        answer: models.CaseAnswersOut = self.call(
            "POST", "/api/v1/case-links/{link_id}/remove", {"link_id": link_id}, {}, key=key
        )
        return answer

    def post_case_requests_one_answer(
        self, case_request_id: int, body: models.CaseAnswerInRequest, *, key: str | None = None
    ) -> models.CaseAnswersOut:
        """Write down what was answered to a request of a case. Right: `case.decide`."""
        answer: models.CaseAnswersOut = self.call(
            "POST",
            "/api/v1/case-requests/{case_request_id}/answer",
            {"case_request_id": case_request_id},
            {},
            body=body,
            key=key,
        )
        return answer

    def get_cases(
        self,
        *,
        cursor: str | None = None,
        entity: int | None = None,
        incident: int | None = None,
        limit: int | None = None,
        payment: int | None = None,
        score: int | None = None,
        status: Literal["open", "working", "waiting", "snoozed", "escalated", "closed"] | None = None,
        typology: Literal[
            "duplicate",
            "changed_details",
            "name_unlike",
            "splitting",
            "velocity",
            "sleeping",
            "operator_habits",
            "first_large",
            "unusual_amount",
            "cumulative_cash",
            "high_risk_country",
            "pass_through",
            "circle",
            "fan",
            "statement_gap",
            "order_mismatch",
            "missing",
            "unusual",
        ]
        | None = None,
        view: Literal["mine", "snoozed", "closed"] | None = None,
    ) -> models.CaseOutPage:
        """Cases: open ones by what presses most, others the newest first. Right: `case.view`."""
        answer: models.CaseOutPage = self.call(
            "GET",
            "/api/v1/cases",
            {},
            {
                "cursor": cursor,
                "entity": entity,
                "incident": incident,
                "limit": limit,
                "payment": payment,
                "score": score,
                "status": status,
                "typology": typology,
                "view": view,
            },
        )
        return answer

    def iter_cases(
        self,
        *,
        cursor: str | None = None,
        entity: int | None = None,
        incident: int | None = None,
        limit: int | None = None,
        payment: int | None = None,
        score: int | None = None,
        status: Literal["open", "working", "waiting", "snoozed", "escalated", "closed"] | None = None,
        typology: Literal[
            "duplicate",
            "changed_details",
            "name_unlike",
            "splitting",
            "velocity",
            "sleeping",
            "operator_habits",
            "first_large",
            "unusual_amount",
            "cumulative_cash",
            "high_risk_country",
            "pass_through",
            "circle",
            "fan",
            "statement_gap",
            "order_mismatch",
            "missing",
            "unusual",
        ]
        | None = None,
        view: Literal["mine", "snoozed", "closed"] | None = None,
    ) -> Iterator[models.CaseOut]:
        """Cases: open ones by what presses most, others the newest first: all of them, page after page. Right: `case.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/cases",
                {},
                {
                    "cursor": cursor,
                    "entity": entity,
                    "incident": incident,
                    "limit": limit,
                    "payment": payment,
                    "score": score,
                    "status": status,
                    "typology": typology,
                    "view": view,
                },
            )
        )

    def post_cases_ask(self, body: models.CaseAskInRequest, *, key: str | None = None) -> models.CaseAnswersOut:
        """Ask somebody; the cases wait for the answer. Right: `case.decide`."""
        answer: models.CaseAnswersOut = self.call("POST", "/api/v1/cases/ask", {}, {}, body=body, key=key)
        return answer

    def post_cases_assign(self, body: models.CaseAssignInRequest, *, key: str | None = None) -> models.CaseAnswersOut:
        """Give cases to somebody. Right: `case.decide`."""
        answer: models.CaseAnswersOut = self.call("POST", "/api/v1/cases/assign", {}, {}, body=body, key=key)
        return answer

    def post_cases_comment(self, body: models.CaseCommentInRequest, *, key: str | None = None) -> models.CaseAnswersOut:
        """Add words to the record of cases. Right: `case.decide`."""
        answer: models.CaseAnswersOut = self.call("POST", "/api/v1/cases/comment", {}, {}, body=body, key=key)
        return answer

    def post_cases_decide(self, body: models.CaseDecideInRequest, *, key: str | None = None) -> models.CaseAnswersOut:
        """Give a verdict: the first, or the second where one is asked. Right: `case.decide`."""
        answer: models.CaseAnswersOut = self.call("POST", "/api/v1/cases/decide", {}, {}, body=body, key=key)
        return answer

    def post_cases_escalate(self, body: models.CaseWhyInRequest, *, key: str | None = None) -> models.CaseAnswersOut:
        """Escalate cases. Right: `case.decide`."""
        answer: models.CaseAnswersOut = self.call("POST", "/api/v1/cases/escalate", {}, {}, body=body, key=key)
        return answer

    def get_cases_figures(self, *, since: str, until: str, entity: int | None = None) -> models.CaseFiguresOut:
        """How the cases closed in a period went, by typology. Right: `case.view`."""
        answer: models.CaseFiguresOut = self.call(
            "GET", "/api/v1/cases/figures", {}, {"entity": entity, "since": since, "until": until}
        )
        return answer

    def post_cases_gather(self, body: models.CaseGatherInRequest, *, key: str | None = None) -> models.CaseAnswersOut:
        """Put cases with one cause into an incident. Right: `case.decide`."""
        answer: models.CaseAnswersOut = self.call("POST", "/api/v1/cases/gather", {}, {}, body=body, key=key)
        return answer

    def post_cases_hold(self, body: models.CaseWhyInRequest, *, key: str | None = None) -> models.CaseAnswersOut:
        """Make the payments of cases wait. Right: `case.decide`."""
        answer: models.CaseAnswersOut = self.call("POST", "/api/v1/cases/hold", {}, {}, body=body, key=key)
        return answer

    def post_cases_lift(self, body: models.CaseWhyInRequest, *, key: str | None = None) -> models.CaseAnswersOut:
        """Let the payments go on that cases hold. Right: `case.decide`."""
        answer: models.CaseAnswersOut = self.call("POST", "/api/v1/cases/lift", {}, {}, body=body, key=key)
        return answer

    def post_cases_link(self, body: models.CaseLinkInRequest, *, key: str | None = None) -> models.CaseAnswersOut:
        """Link cases to a payment, payee, party, account or case. Right: `case.decide`."""
        answer: models.CaseAnswersOut = self.call("POST", "/api/v1/cases/link", {}, {}, body=body, key=key)
        return answer

    def post_cases_release(self, body: models.CaseMayWhyInRequest, *, key: str | None = None) -> models.CaseAnswersOut:
        """Give cases back. Right: `case.decide`."""
        answer: models.CaseAnswersOut = self.call("POST", "/api/v1/cases/release", {}, {}, body=body, key=key)
        return answer

    def post_cases_reopen(self, body: models.CaseWhyInRequest, *, key: str | None = None) -> models.CaseAnswersOut:
        """Open closed cases again. Right: `case.decide`."""
        answer: models.CaseAnswersOut = self.call("POST", "/api/v1/cases/reopen", {}, {}, body=body, key=key)
        return answer

    def post_cases_silence(self, body: models.CaseSilenceInRequest, *, key: str | None = None) -> models.CaseAnswersOut:
        """Silence alerts like those of closed false positives, for 180 days at most. Right: `case.decide`."""
        answer: models.CaseAnswersOut = self.call("POST", "/api/v1/cases/silence", {}, {}, body=body, key=key)
        return answer

    def post_cases_snooze(self, body: models.CaseSnoozeInRequest, *, key: str | None = None) -> models.CaseAnswersOut:
        """Let cases rest until a moment. Right: `case.decide`."""
        answer: models.CaseAnswersOut = self.call("POST", "/api/v1/cases/snooze", {}, {}, body=body, key=key)
        return answer

    def post_cases_take(self, body: models.CasesInRequest, *, key: str | None = None) -> models.CaseAnswersOut:
        """Take cases into one's own hands. Right: `case.decide`."""
        answer: models.CaseAnswersOut = self.call("POST", "/api/v1/cases/take", {}, {}, body=body, key=key)
        return answer

    def post_cases_tick(self, body: models.CaseTickInRequest, *, key: str | None = None) -> models.CaseAnswersOut:
        """Tick an item of the checklist, or take that back. Right: `case.decide`."""
        answer: models.CaseAnswersOut = self.call("POST", "/api/v1/cases/tick", {}, {}, body=body, key=key)
        return answer

    def post_cases_wake(self, body: models.CasesInRequest, *, key: str | None = None) -> models.CaseAnswersOut:
        """Bring snoozed cases back. Right: `case.decide`."""
        answer: models.CaseAnswersOut = self.call("POST", "/api/v1/cases/wake", {}, {}, body=body, key=key)
        return answer

    def get_cases_one(self, case_id: int) -> models.CaseDetailOut:
        """A case with its alerts, the payments around it, verdicts, requests and links. Right: `case.view`."""
        answer: models.CaseDetailOut = self.call("GET", "/api/v1/cases/{case_id}", {"case_id": case_id}, {})
        return answer

    def get_changes(
        self,
        *,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        status: Literal["waiting", "approved", "refused"] | None = None,
        subject: Literal[
            "matrix",
            "limit",
            "standing",
            "straight",
            "account",
            "channel",
            "grant",
            "token",
            "verifier",
            "rule",
            "list",
            "hit",
            "exempt",
            "watch",
            "model",
            "scoring",
        ]
        | None = None,
    ) -> models.ChangeOutPage:
        """Changes that were asked for, the newest first: those of what you may see. For everyone signed in."""
        answer: models.ChangeOutPage = self.call(
            "GET",
            "/api/v1/changes",
            {},
            {"cursor": cursor, "entity": entity, "limit": limit, "status": status, "subject": subject},
        )
        return answer

    def iter_changes(
        self,
        *,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        status: Literal["waiting", "approved", "refused"] | None = None,
        subject: Literal[
            "matrix",
            "limit",
            "standing",
            "straight",
            "account",
            "channel",
            "grant",
            "token",
            "verifier",
            "rule",
            "list",
            "hit",
            "exempt",
            "watch",
            "model",
            "scoring",
        ]
        | None = None,
    ) -> Iterator[models.ChangeOut]:
        """Changes that were asked for, the newest first: those of what you may see: all of them, page after page. For everyone signed in."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/changes",
                {},
                {"cursor": cursor, "entity": entity, "limit": limit, "status": status, "subject": subject},
            )
        )

    def get_changes_one(self, change_id: int) -> models.ChangeOut:
        """A change that was asked for. For everyone signed in."""
        answer: models.ChangeOut = self.call("GET", "/api/v1/changes/{change_id}", {"change_id": change_id}, {})
        return answer

    def post_changes_one_approve(self, change_id: int, *, key: str | None = None) -> models.ChangeOut:
        """Approve what another person asked for; the right is that of asking for it. For everyone signed in."""
        answer: models.ChangeOut = self.call(
            "POST", "/api/v1/changes/{change_id}/approve", {"change_id": change_id}, {}, key=key
        )
        return answer

    def post_changes_one_refuse(
        self, change_id: int, body: models.ChangeReasonInRequest, *, key: str | None = None
    ) -> models.ChangeOut:
        """Refuse what another person asked for. For everyone signed in."""
        answer: models.ChangeOut = self.call(
            "POST", "/api/v1/changes/{change_id}/refuse", {"change_id": change_id}, {}, body=body, key=key
        )
        return answer

    def post_changes_one_withdraw(
        self, change_id: int, body: models.ChangeReasonInRequest, *, key: str | None = None
    ) -> models.ChangeOut:
        """Take back what you asked for. For everyone signed in."""
        answer: models.ChangeOut = self.call(
            "POST", "/api/v1/changes/{change_id}/withdraw", {"change_id": change_id}, {}, body=body, key=key
        )
        return answer

    def get_channels(
        self, *, cursor: str | None = None, entity: int | None = None, limit: int | None = None
    ) -> models.ChannelOutPage:
        """Ways to banks, the newest first. Right: `channel.manage`."""
        answer: models.ChannelOutPage = self.call(
            "GET", "/api/v1/channels", {}, {"cursor": cursor, "entity": entity, "limit": limit}
        )
        return answer

    def iter_channels(
        self, *, cursor: str | None = None, entity: int | None = None, limit: int | None = None
    ) -> Iterator[models.ChannelOut]:
        """Ways to banks, the newest first: all of them, page after page. Right: `channel.manage`."""
        return self.follow(
            self.call("GET", "/api/v1/channels", {}, {"cursor": cursor, "entity": entity, "limit": limit})
        )

    def post_channels(self, body: models.ChannelInRequest, *, key: str | None = None) -> models.ChannelOut:
        """Add a channel; it waits for a second person. Right: `channel.manage`."""
        answer: models.ChannelOut = self.call("POST", "/api/v1/channels", {}, {}, body=body, key=key)
        return answer

    def get_channels_one(self, channel_id: int) -> models.ChannelOut:
        """A channel. Right: `channel.manage`."""
        answer: models.ChannelOut = self.call("GET", "/api/v1/channels/{channel_id}", {"channel_id": channel_id}, {})
        return answer

    def post_channels_one_change(
        self, channel_id: int, body: models.ChannelChangeInRequest | None = None, *, key: str | None = None
    ) -> models.ChannelOut:
        """Change what is named; another server, user or address needs the secret again. Right: `channel.manage`."""
        answer: models.ChannelOut = self.call(
            "POST", "/api/v1/channels/{channel_id}/change", {"channel_id": channel_id}, {}, body=body, key=key
        )
        return answer

    def post_channels_one_switch_off(self, channel_id: int, *, key: str | None = None) -> models.ChannelOut:
        """Let everything of the channel wait. Right: `channel.manage`."""
        answer: models.ChannelOut = self.call(
            "POST", "/api/v1/channels/{channel_id}/switch-off", {"channel_id": channel_id}, {}, key=key
        )
        return answer

    def post_channels_one_switch_on(self, channel_id: int, *, key: str | None = None) -> models.ChannelOut:
        """Use the channel; what waits goes out. Right: `channel.manage`."""
        answer: models.ChannelOut = self.call(
            "POST", "/api/v1/channels/{channel_id}/switch-on", {"channel_id": channel_id}, {}, key=key
        )
        return answer

    def post_channels_one_test(self, channel_id: int, *, key: str | None = None) -> models.ChannelTested:
        """Connect, sign in, look at the folders; nothing is written. Right: `channel.manage`."""
        answer: models.ChannelTested = self.call(
            "POST", "/api/v1/channels/{channel_id}/test", {"channel_id": channel_id}, {}, key=key
        )
        return answer

    def get_corrections(
        self,
        *,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        status: Literal["asked", "booked", "refused"] | None = None,
    ) -> models.CorrectionOutPage:
        """Entries by hand, the newest first. Right: `reconciliation.view`."""
        answer: models.CorrectionOutPage = self.call(
            "GET", "/api/v1/corrections", {}, {"cursor": cursor, "entity": entity, "limit": limit, "status": status}
        )
        return answer

    def iter_corrections(
        self,
        *,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        status: Literal["asked", "booked", "refused"] | None = None,
    ) -> Iterator[models.CorrectionOut]:
        """Entries by hand, the newest first: all of them, page after page. Right: `reconciliation.view`."""
        return self.follow(
            self.call(
                "GET", "/api/v1/corrections", {}, {"cursor": cursor, "entity": entity, "limit": limit, "status": status}
            )
        )

    def post_corrections(self, body: models.CorrectionInRequest, *, key: str | None = None) -> models.CorrectionOut:
        """Ask for a write-off or a missing entry; another agrees, unless the entity lets one person create it. Right: `reconciliation.match`."""
        answer: models.CorrectionOut = self.call("POST", "/api/v1/corrections", {}, {}, body=body, key=key)
        return answer

    def post_corrections_one_agree(self, correction_id: int, *, key: str | None = None) -> models.CorrectionOut:
        """Agree to an entry that another asked for: it is booked and matched. Right: `reconciliation.sign`."""
        answer: models.CorrectionOut = self.call(
            "POST", "/api/v1/corrections/{correction_id}/agree", {"correction_id": correction_id}, {}, key=key
        )
        return answer

    def post_corrections_one_refuse(
        self, correction_id: int, body: models.DeskReasonInRequest, *, key: str | None = None
    ) -> models.CorrectionOut:
        """Refuse an entry, or take back what one asked for. Right: `reconciliation.match`."""
        answer: models.CorrectionOut = self.call(
            "POST",
            "/api/v1/corrections/{correction_id}/refuse",
            {"correction_id": correction_id},
            {},
            body=body,
            key=key,
        )
        return answer

    def get_cut_offs(
        self,
        *,
        account: int | None = None,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        scheme: Literal["sepa", "transfer", "internal", "core", "b2b"] | None = None,
    ) -> models.CutOffOutPage:
        """Cut-off rules, past ones and those to come included. Right: `cutoff.view`."""
        answer: models.CutOffOutPage = self.call(
            "GET",
            "/api/v1/cut-offs",
            {},
            {"account": account, "cursor": cursor, "entity": entity, "limit": limit, "scheme": scheme},
        )
        return answer

    def iter_cut_offs(
        self,
        *,
        account: int | None = None,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        scheme: Literal["sepa", "transfer", "internal", "core", "b2b"] | None = None,
    ) -> Iterator[models.CutOffOut]:
        """Cut-off rules, past ones and those to come included: all of them, page after page. Right: `cutoff.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/cut-offs",
                {},
                {"account": account, "cursor": cursor, "entity": entity, "limit": limit, "scheme": scheme},
            )
        )

    def post_cut_offs(self, body: models.CutOffInRequest, *, key: str | None = None) -> models.CutOffOut:
        """Add a cut-off that counts from a day on. Right: `cutoff.manage`."""
        answer: models.CutOffOut = self.call("POST", "/api/v1/cut-offs", {}, {}, body=body, key=key)
        return answer

    def get_cut_offs_week(self, *, days: int | None = None, entity: int | None = None) -> models.WeekOut:
        """The cut-offs of the next days, by rule. Right: `cutoff.view`."""
        answer: models.WeekOut = self.call("GET", "/api/v1/cut-offs/week", {}, {"days": days, "entity": entity})
        return answer

    def get_cut_offs_one(self, cut_off_id: int) -> models.CutOffDetailOut:
        """A cut-off rule with its versions. Right: `cutoff.view`."""
        answer: models.CutOffDetailOut = self.call(
            "GET", "/api/v1/cut-offs/{cut_off_id}", {"cut_off_id": cut_off_id}, {}
        )
        return answer

    def post_cut_offs_one_change(
        self, cut_off_id: int, body: models.CutOffChangeInRequest, *, key: str | None = None
    ) -> models.CutOffOut:
        """Put a rule right that begins today or later. Right: `cutoff.manage`."""
        answer: models.CutOffOut = self.call(
            "POST", "/api/v1/cut-offs/{cut_off_id}/change", {"cut_off_id": cut_off_id}, {}, body=body, key=key
        )
        return answer

    def post_cut_offs_one_withdraw(
        self, cut_off_id: int, body: models.ReasonInRequest, *, key: str | None = None
    ) -> models.CutOffOut:
        """Take a rule back that begins today or later. Right: `cutoff.manage`."""
        answer: models.CutOffOut = self.call(
            "POST", "/api/v1/cut-offs/{cut_off_id}/withdraw", {"cut_off_id": cut_off_id}, {}, body=body, key=key
        )
        return answer

    def get_delegations(self, *, cursor: str | None = None, limit: int | None = None) -> models.DelegationOutPage:
        """Delegations: your own, and those where you see users; the newest first. For everyone signed in."""
        answer: models.DelegationOutPage = self.call(
            "GET", "/api/v1/delegations", {}, {"cursor": cursor, "limit": limit}
        )
        return answer

    def iter_delegations(
        self, *, cursor: str | None = None, limit: int | None = None
    ) -> Iterator[models.DelegationOut]:
        """Delegations: your own, and those where you see users; the newest first: all of them, page after page. For everyone signed in."""
        return self.follow(self.call("GET", "/api/v1/delegations", {}, {"cursor": cursor, "limit": limit}))

    def post_delegations(self, body: models.DelegationInRequest, *, key: str | None = None) -> models.DelegationOut:
        """Let a deputy sign in your place; asks for the right that is given. For everyone signed in."""
        answer: models.DelegationOut = self.call("POST", "/api/v1/delegations", {}, {}, body=body, key=key)
        return answer

    def get_delegations_one(self, delegation_id: int) -> models.DelegationOut:
        """A delegation. For everyone signed in."""
        answer: models.DelegationOut = self.call(
            "GET", "/api/v1/delegations/{delegation_id}", {"delegation_id": delegation_id}, {}
        )
        return answer

    def post_delegations_one_end(self, delegation_id: int, *, key: str | None = None) -> models.DelegationOut:
        """End a delegation before its time: giver, deputy, or who manages users there. For everyone signed in."""
        answer: models.DelegationOut = self.call(
            "POST", "/api/v1/delegations/{delegation_id}/end", {"delegation_id": delegation_id}, {}, key=key
        )
        return answer

    def get_entities(self, *, cursor: str | None = None, limit: int | None = None) -> models.EntityOutPage:
        """The entities in which you have a role. For everyone signed in."""
        answer: models.EntityOutPage = self.call("GET", "/api/v1/entities", {}, {"cursor": cursor, "limit": limit})
        return answer

    def iter_entities(self, *, cursor: str | None = None, limit: int | None = None) -> Iterator[models.EntityOut]:
        """The entities in which you have a role: all of them, page after page. For everyone signed in."""
        return self.follow(self.call("GET", "/api/v1/entities", {}, {"cursor": cursor, "limit": limit}))

    def get_entities_one(self, entity_id: int) -> models.EntityOut:
        """An entity. For everyone signed in."""
        answer: models.EntityOut = self.call("GET", "/api/v1/entities/{entity_id}", {"entity_id": entity_id}, {})
        return answer

    def post_entities_one_undo_window(
        self, entity_id: int, body: models.UndoWindowInRequest, *, key: str | None = None
    ) -> models.EntityOut:
        """How long decisions of an entity may be taken back. Right: `matrix.manage`."""
        answer: models.EntityOut = self.call(
            "POST", "/api/v1/entities/{entity_id}/undo-window", {"entity_id": entity_id}, {}, body=body, key=key
        )
        return answer

    def get_expectations(
        self,
        *,
        active: bool | None | None = None,
        cursor: str | None = None,
        entity: int | None = None,
        kind: Literal["payee", "payer", "file"] | None = None,
        limit: int | None = None,
    ) -> models.ExpectationOutPage:
        """What is expected, the newest first. Right: `case.view`."""
        answer: models.ExpectationOutPage = self.call(
            "GET",
            "/api/v1/expectations",
            {},
            {"active": active, "cursor": cursor, "entity": entity, "kind": kind, "limit": limit},
        )
        return answer

    def iter_expectations(
        self,
        *,
        active: bool | None | None = None,
        cursor: str | None = None,
        entity: int | None = None,
        kind: Literal["payee", "payer", "file"] | None = None,
        limit: int | None = None,
    ) -> Iterator[models.ExpectationOut]:
        """What is expected, the newest first: all of them, page after page. Right: `case.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/expectations",
                {},
                {"active": active, "cursor": cursor, "entity": entity, "kind": kind, "limit": limit},
            )
        )

    def post_expectations(self, body: models.ExpectationInRequest, *, key: str | None = None) -> models.ExpectationOut:
        """Expect something from a day on. Right: `case.decide`."""
        answer: models.ExpectationOut = self.call("POST", "/api/v1/expectations", {}, {}, body=body, key=key)
        return answer

    def post_expectations_end(
        self, body: models.ExpectedWhyInRequest, *, key: str | None = None
    ) -> models.ExpectedAnswersOut:
        """Expect these no longer, for good. Right: `case.decide`."""
        answer: models.ExpectedAnswersOut = self.call("POST", "/api/v1/expectations/end", {}, {}, body=body, key=key)
        return answer

    def get_expectations_one(self, expectation_id: int) -> models.ExpectationOut:
        """One expectation. Right: `case.view`."""
        answer: models.ExpectationOut = self.call(
            "GET", "/api/v1/expectations/{expectation_id}", {"expectation_id": expectation_id}, {}
        )
        return answer

    def get_fetched_files(
        self,
        *,
        channel: int | None = None,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        status: Literal["seen", "taken", "waiting", "refused", "dismissed"] | None = None,
    ) -> models.FetchedOutPage:
        """Files that banks left for us, the newest first. Right: `message.view`."""
        answer: models.FetchedOutPage = self.call(
            "GET",
            "/api/v1/fetched-files",
            {},
            {"channel": channel, "cursor": cursor, "entity": entity, "limit": limit, "status": status},
        )
        return answer

    def iter_fetched_files(
        self,
        *,
        channel: int | None = None,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        status: Literal["seen", "taken", "waiting", "refused", "dismissed"] | None = None,
    ) -> Iterator[models.FetchedOut]:
        """Files that banks left for us, the newest first: all of them, page after page. Right: `message.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/fetched-files",
                {},
                {"channel": channel, "cursor": cursor, "entity": entity, "limit": limit, "status": status},
            )
        )

    def post_fetched_files_one_dismiss(
        self, fetched_id: int, body: models.FetchedReasonInRequest, *, key: str | None = None
    ) -> models.FetchedOut:
        """Lay a file aside that was not recognised. Right: `message.decide`."""
        answer: models.FetchedOut = self.call(
            "POST", "/api/v1/fetched-files/{fetched_id}/dismiss", {"fetched_id": fetched_id}, {}, body=body, key=key
        )
        return answer

    def post_holidays_one_open(
        self, holiday_id: int, body: models.ReasonInRequest, *, key: str | None = None
    ) -> models.HolidayOut:
        """Take a holiday back: the calendar works on that day. Right: `cutoff.manage`."""
        answer: models.HolidayOut = self.call(
            "POST", "/api/v1/holidays/{holiday_id}/open", {"holiday_id": holiday_id}, {}, body=body, key=key
        )
        return answer

    def get_information_requests(
        self,
        *,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        open: bool | None | None = None,
        payment: int | None = None,
    ) -> models.RequestOutPage:
        """What is asked about payments, the newest first. Right: `payment.view`."""
        answer: models.RequestOutPage = self.call(
            "GET",
            "/api/v1/information-requests",
            {},
            {"cursor": cursor, "entity": entity, "limit": limit, "open": open, "payment": payment},
        )
        return answer

    def iter_information_requests(
        self,
        *,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        open: bool | None | None = None,
        payment: int | None = None,
    ) -> Iterator[models.RequestOut]:
        """What is asked about payments, the newest first: all of them, page after page. Right: `payment.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/information-requests",
                {},
                {"cursor": cursor, "entity": entity, "limit": limit, "open": open, "payment": payment},
            )
        )

    def get_information_requests_one(self, request_id: int) -> models.RequestOut:
        """A request for a document or an answer. Right: `payment.view`."""
        answer: models.RequestOut = self.call(
            "GET", "/api/v1/information-requests/{request_id}", {"request_id": request_id}, {}
        )
        return answer

    def post_information_requests_one_answer(
        self, request_id: int, body: models.AnswerInRequest | None = None, *, key: str | None = None
    ) -> models.RequestOut:
        """Answer a request: a question with words, a document with one added to the payment. Right: `payment.comment`."""
        answer: models.RequestOut = self.call(
            "POST",
            "/api/v1/information-requests/{request_id}/answer",
            {"request_id": request_id},
            {},
            body=body,
            key=key,
        )
        return answer

    def post_information_requests_one_close(
        self, request_id: int, body: models.WhyRequest, *, key: str | None = None
    ) -> models.RequestOut:
        """Give a request up, with the reason. Right: `payment.hold`."""
        answer: models.RequestOut = self.call(
            "POST",
            "/api/v1/information-requests/{request_id}/close",
            {"request_id": request_id},
            {},
            body=body,
            key=key,
        )
        return answer

    def get_instant_transfers(
        self,
        *,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        status: Literal["approved", "sent", "unanswered", "answered"] | None = None,
    ) -> models.InstantOutPage:
        """Instant transfers, the newest first. Right: `outgoing.view`."""
        answer: models.InstantOutPage = self.call(
            "GET",
            "/api/v1/instant-transfers",
            {},
            {"cursor": cursor, "entity": entity, "limit": limit, "status": status},
        )
        return answer

    def iter_instant_transfers(
        self,
        *,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        status: Literal["approved", "sent", "unanswered", "answered"] | None = None,
    ) -> Iterator[models.InstantOut]:
        """Instant transfers, the newest first: all of them, page after page. Right: `outgoing.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/instant-transfers",
                {},
                {"cursor": cursor, "entity": entity, "limit": limit, "status": status},
            )
        )

    def get_journal_entries(
        self,
        *,
        cursor: str | None = None,
        entity: int | None = None,
        kind: Literal["posting", "settlement", "reversal", "opening", "manual", "payout", "chargeback"] | None = None,
        limit: int | None = None,
        payment: int | None = None,
    ) -> models.EntryOutPage:
        """Journal entries, the newest first. Right: `account.view`."""
        answer: models.EntryOutPage = self.call(
            "GET",
            "/api/v1/journal-entries",
            {},
            {"cursor": cursor, "entity": entity, "kind": kind, "limit": limit, "payment": payment},
        )
        return answer

    def iter_journal_entries(
        self,
        *,
        cursor: str | None = None,
        entity: int | None = None,
        kind: Literal["posting", "settlement", "reversal", "opening", "manual", "payout", "chargeback"] | None = None,
        limit: int | None = None,
        payment: int | None = None,
    ) -> Iterator[models.EntryOut]:
        """Journal entries, the newest first: all of them, page after page. Right: `account.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/journal-entries",
                {},
                {"cursor": cursor, "entity": entity, "kind": kind, "limit": limit, "payment": payment},
            )
        )

    def get_journal_entries_one(self, entry_id: int) -> models.EntryOut:
        """A journal entry with its postings. Right: `account.view`."""
        answer: models.EntryOut = self.call("GET", "/api/v1/journal-entries/{entry_id}", {"entry_id": entry_id}, {})
        return answer

    def get_mandates(
        self,
        *,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        reference: str | None = None,
        status: Literal["active", "cancelled"] | None = None,
    ) -> models.MandateOutPage:
        """Mandates, the newest first. Right: `mandate.view`."""
        answer: models.MandateOutPage = self.call(
            "GET",
            "/api/v1/mandates",
            {},
            {"cursor": cursor, "entity": entity, "limit": limit, "reference": reference, "status": status},
        )
        return answer

    def iter_mandates(
        self,
        *,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        reference: str | None = None,
        status: Literal["active", "cancelled"] | None = None,
    ) -> Iterator[models.MandateOut]:
        """Mandates, the newest first: all of them, page after page. Right: `mandate.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/mandates",
                {},
                {"cursor": cursor, "entity": entity, "limit": limit, "reference": reference, "status": status},
            )
        )

    def post_mandates(self, body: models.MandateInRequest, *, key: str | None = None) -> models.MandateOut:
        """Register a signed mandate. Right: `mandate.manage`."""
        answer: models.MandateOut = self.call("POST", "/api/v1/mandates", {}, {}, body=body, key=key)
        return answer

    def get_mandates_one(self, mandate_id: int) -> models.MandateDetailOut:
        """A mandate with its versions. Right: `mandate.view`."""
        answer: models.MandateDetailOut = self.call(
            "GET", "/api/v1/mandates/{mandate_id}", {"mandate_id": mandate_id}, {}
        )
        return answer

    def post_mandates_one_amend(
        self, mandate_id: int, body: models.MandateAmendInRequest, *, key: str | None = None
    ) -> models.MandateOut:
        """The debtor has another name, account or bank. Right: `mandate.manage`."""
        answer: models.MandateOut = self.call(
            "POST", "/api/v1/mandates/{mandate_id}/amend", {"mandate_id": mandate_id}, {}, body=body, key=key
        )
        return answer

    def post_mandates_one_cancel(
        self, mandate_id: int, body: models.MandateCancelInRequest, *, key: str | None = None
    ) -> models.MandateOut:
        """End a mandate. Right: `mandate.manage`."""
        answer: models.MandateOut = self.call(
            "POST", "/api/v1/mandates/{mandate_id}/cancel", {"mandate_id": mandate_id}, {}, body=body, key=key
        )
        return answer

    def get_matches(
        self,
        *,
        account: int | None = None,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
    ) -> models.MatchOutPage:
        """Matches that stand, the newest first. Right: `reconciliation.view`."""
        answer: models.MatchOutPage = self.call(
            "GET", "/api/v1/matches", {}, {"account": account, "cursor": cursor, "entity": entity, "limit": limit}
        )
        return answer

    def iter_matches(
        self,
        *,
        account: int | None = None,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
    ) -> Iterator[models.MatchOut]:
        """Matches that stand, the newest first: all of them, page after page. Right: `reconciliation.view`."""
        return self.follow(
            self.call(
                "GET", "/api/v1/matches", {}, {"account": account, "cursor": cursor, "entity": entity, "limit": limit}
            )
        )

    def post_matches(self, body: models.MatchInRequest | None = None, *, key: str | None = None) -> models.MatchOut:
        """Match open lines with open items by hand. Right: `reconciliation.match`."""
        answer: models.MatchOut = self.call("POST", "/api/v1/matches", {}, {}, body=body, key=key)
        return answer

    def post_matches_suggest(self, body: models.SuggestInRequest, *, key: str | None = None) -> models.SuggestionsOut:
        """What open lines could belong to, the likeliest first; nothing is matched. Right: `reconciliation.view`."""
        answer: models.SuggestionsOut = self.call("POST", "/api/v1/matches/suggest", {}, {}, body=body, key=key)
        return answer

    def post_matches_one_undo(
        self, match_id: int, body: models.UndoInRequest, *, key: str | None = None
    ) -> models.MatchOut:
        """Undo a match: what it took is open again. Right: `reconciliation.match`."""
        answer: models.MatchOut = self.call(
            "POST", "/api/v1/matches/{match_id}/undo", {"match_id": match_id}, {}, body=body, key=key
        )
        return answer

    def get_occurrences(
        self,
        *,
        cursor: str | None = None,
        entity: int | None = None,
        expectation: int | None = None,
        kind: Literal["payee", "payer", "file"] | None = None,
        limit: int | None = None,
        view: Literal["missing", "awaited", "late", "excused", "came"] | None = None,
    ) -> models.ExpectedDayOutPage:
        """Days on which something was due, the latest first. Right: `case.view`."""
        answer: models.ExpectedDayOutPage = self.call(
            "GET",
            "/api/v1/occurrences",
            {},
            {
                "cursor": cursor,
                "entity": entity,
                "expectation": expectation,
                "kind": kind,
                "limit": limit,
                "view": view,
            },
        )
        return answer

    def iter_occurrences(
        self,
        *,
        cursor: str | None = None,
        entity: int | None = None,
        expectation: int | None = None,
        kind: Literal["payee", "payer", "file"] | None = None,
        limit: int | None = None,
        view: Literal["missing", "awaited", "late", "excused", "came"] | None = None,
    ) -> Iterator[models.ExpectedDayOut]:
        """Days on which something was due, the latest first: all of them, page after page. Right: `case.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/occurrences",
                {},
                {
                    "cursor": cursor,
                    "entity": entity,
                    "expectation": expectation,
                    "kind": kind,
                    "limit": limit,
                    "view": view,
                },
            )
        )

    def post_occurrences_excuse(
        self, body: models.ExpectedWhyInRequest, *, key: str | None = None
    ) -> models.ExpectedAnswersOut:
        """Excuse what need not come, awaited or missing. Right: `case.decide`."""
        answer: models.ExpectedAnswersOut = self.call("POST", "/api/v1/occurrences/excuse", {}, {}, body=body, key=key)
        return answer

    def get_open_items(
        self,
        *,
        account: int | None = None,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
    ) -> models.OpenItemOutPage:
        """What is open of the books, the oldest first. Right: `reconciliation.view`."""
        answer: models.OpenItemOutPage = self.call(
            "GET", "/api/v1/open-items", {}, {"account": account, "cursor": cursor, "entity": entity, "limit": limit}
        )
        return answer

    def iter_open_items(
        self,
        *,
        account: int | None = None,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
    ) -> Iterator[models.OpenItemOut]:
        """What is open of the books, the oldest first: all of them, page after page. Right: `reconciliation.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/open-items",
                {},
                {"account": account, "cursor": cursor, "entity": entity, "limit": limit},
            )
        )

    def get_outgoing_files(
        self,
        *,
        account: int | None = None,
        cursor: str | None = None,
        entity: int | None = None,
        execution_date: str | None = None,
        limit: int | None = None,
        status: Literal["prepared", "sent", "settled", "rejected", "void"] | None = None,
    ) -> models.OutgoingOutPage:
        """Files for the bank, the newest first. Right: `outgoing.view`."""
        answer: models.OutgoingOutPage = self.call(
            "GET",
            "/api/v1/outgoing-files",
            {},
            {
                "account": account,
                "cursor": cursor,
                "entity": entity,
                "execution_date": execution_date,
                "limit": limit,
                "status": status,
            },
        )
        return answer

    def iter_outgoing_files(
        self,
        *,
        account: int | None = None,
        cursor: str | None = None,
        entity: int | None = None,
        execution_date: str | None = None,
        limit: int | None = None,
        status: Literal["prepared", "sent", "settled", "rejected", "void"] | None = None,
    ) -> Iterator[models.OutgoingOut]:
        """Files for the bank, the newest first: all of them, page after page. Right: `outgoing.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/outgoing-files",
                {},
                {
                    "account": account,
                    "cursor": cursor,
                    "entity": entity,
                    "execution_date": execution_date,
                    "limit": limit,
                    "status": status,
                },
            )
        )

    def post_outgoing_files(self, body: models.PrepareInRequest, *, key: str | None = None) -> models.PreparedOut:
        """Put what waits of an account in files now, before its cut-off. Right: `outgoing.send`."""
        answer: models.PreparedOut = self.call("POST", "/api/v1/outgoing-files", {}, {}, body=body, key=key)
        return answer

    def get_outgoing_files_waiting(self, *, entity: int | None = None) -> models.WaitingList:
        """What waits to go in a file. Right: `outgoing.view`."""
        answer: models.WaitingList = self.call("GET", "/api/v1/outgoing-files/waiting", {}, {"entity": entity})
        return answer

    def get_outgoing_files_one(self, file_id: int) -> models.OutgoingDetailOut:
        """A file for the bank with its payments. Right: `outgoing.view`."""
        answer: models.OutgoingDetailOut = self.call(
            "GET", "/api/v1/outgoing-files/{file_id}", {"file_id": file_id}, {}
        )
        return answer

    def post_outgoing_files_one_arrived(
        self, file_id: int, body: models.TransmissionReasonInRequest, *, key: str | None = None
    ) -> models.TransmissionOut:
        """Say that the bank has the file, as you learned elsewhere. Right: `outgoing.send`."""
        answer: models.TransmissionOut = self.call(
            "POST", "/api/v1/outgoing-files/{file_id}/arrived", {"file_id": file_id}, {}, body=body, key=key
        )
        return answer

    def post_outgoing_files_one_confirm(
        self, file_id: int, body: models.SettleInRequest, *, key: str | None = None
    ) -> models.OutgoingOut:
        """Confirm that the bank executed a file. Right: `payment.settle`."""
        answer: models.OutgoingOut = self.call(
            "POST", "/api/v1/outgoing-files/{file_id}/confirm", {"file_id": file_id}, {}, body=body, key=key
        )
        return answer

    def get_outgoing_files_one_content(self, file_id: int) -> bytes:
        """The bytes of a file; taking them is on record. Needs the right iban.view too. Right: `outgoing.view`."""
        answer: bytes = self.call(
            "GET", "/api/v1/outgoing-files/{file_id}/content", {"file_id": file_id}, {}, binary=True
        )
        return answer

    def post_outgoing_files_one_look(self, file_id: int, *, key: str | None = None) -> models.LookOut:
        """Look whether the file lies at the bank. Right: `outgoing.send`."""
        answer: models.LookOut = self.call(
            "POST", "/api/v1/outgoing-files/{file_id}/look", {"file_id": file_id}, {}, key=key
        )
        return answer

    def post_outgoing_files_one_send(self, file_id: int, *, key: str | None = None) -> models.OutgoingOut:
        """Send a prepared file to the bank, once. Right: `outgoing.send`."""
        answer: models.OutgoingOut = self.call(
            "POST", "/api/v1/outgoing-files/{file_id}/send", {"file_id": file_id}, {}, key=key
        )
        return answer

    def post_outgoing_files_one_send_again(
        self, file_id: int, body: models.TransmissionReasonInRequest, *, key: str | None = None
    ) -> models.TransmissionOut:
        """Look, and send again what is not there; by another person when the bank may have it. Right: `outgoing.send`."""
        answer: models.TransmissionOut = self.call(
            "POST", "/api/v1/outgoing-files/{file_id}/send-again", {"file_id": file_id}, {}, body=body, key=key
        )
        return answer

    def get_outgoing_files_one_transmission(self, file_id: int) -> models.TransmissionDetailOut:
        """Where a sent file stands on its way, with every attempt. Right: `outgoing.view`."""
        answer: models.TransmissionDetailOut = self.call(
            "GET", "/api/v1/outgoing-files/{file_id}/transmission", {"file_id": file_id}, {}
        )
        return answer

    def post_outgoing_files_one_void(
        self, file_id: int, body: models.VoidInRequest, *, key: str | None = None
    ) -> models.OutgoingOut:
        """Give a prepared file up: it is not sent, and its payments go in the next one. Right: `outgoing.send`."""
        answer: models.OutgoingOut = self.call(
            "POST", "/api/v1/outgoing-files/{file_id}/void", {"file_id": file_id}, {}, body=body, key=key
        )
        return answer

    def get_payees(
        self, *, cursor: str | None = None, entity: int | None = None, limit: int | None = None, q: str | None = None
    ) -> models.PayeeRowPage:
        """Payees, the newest first. Right: `payee.view`."""
        answer: models.PayeeRowPage = self.call(
            "GET", "/api/v1/payees", {}, {"cursor": cursor, "entity": entity, "limit": limit, "q": q}
        )
        return answer

    def iter_payees(
        self, *, cursor: str | None = None, entity: int | None = None, limit: int | None = None, q: str | None = None
    ) -> Iterator[models.PayeeRow]:
        """Payees, the newest first: all of them, page after page. Right: `payee.view`."""
        return self.follow(
            self.call("GET", "/api/v1/payees", {}, {"cursor": cursor, "entity": entity, "limit": limit, "q": q})
        )

    def get_payees_one(self, payee_id: int) -> models.PayeeOut:
        """A payee with the history of its bank details. Right: `payee.view`."""
        answer: models.PayeeOut = self.call("GET", "/api/v1/payees/{payee_id}", {"payee_id": payee_id}, {})
        return answer

    def post_payees_one_bank_details(
        self, payee_id: int, body: models.BankDetailsInRequest, *, key: str | None = None
    ) -> models.PayeeOut:
        """Give a payee another account from now on; unconfirmed until another person confirms it. Right: `payee.manage`."""
        answer: models.PayeeOut = self.call(
            "POST", "/api/v1/payees/{payee_id}/bank-details", {"payee_id": payee_id}, {}, body=body, key=key
        )
        return answer

    def post_payees_one_bank_details_one_confirm(
        self, details_id: int, payee_id: int, body: models.ConfirmInRequest, *, key: str | None = None
    ) -> models.PayeeOut:
        """Confirm bank details that another person gave. Right: `payee.manage`."""
        answer: models.PayeeOut = self.call(
            "POST",
            "/api/v1/payees/{payee_id}/bank-details/{details_id}/confirm",
            {"details_id": details_id, "payee_id": payee_id},
            {},
            body=body,
            key=key,
        )
        return answer

    def get_payments(
        self,
        *,
        account: int | None = None,
        amount_from: str | None = None,
        amount_to: str | None = None,
        batch: int | None = None,
        channel: Literal["file", "api", "form", "command", "standing"] | None = None,
        currency: str | None = None,
        cursor: str | None = None,
        cut_off_from: str | None = None,
        cut_off_to: str | None = None,
        end_to_end_id: str | None = None,
        entity: int | None = None,
        execution_from: str | None = None,
        execution_to: str | None = None,
        held: bool | None = None,
        kind: Literal["sepa", "transfer", "internal", "instant", "supplier", "debit", "incoming", "refund", "card"]
        | None = None,
        limit: int | None = None,
        outcome: Literal["pass", "inform", "warn", "second", "hold", "reject"] | None = None,
        payee: int | None = None,
        q: str | None = None,
        received_from: str | None = None,
        received_to: str | None = None,
        status: Literal[
            "received",
            "checked",
            "validated",
            "approved",
            "posted",
            "sent",
            "settled",
            "rejected",
            "cancelled",
            "returned",
        ]
        | None = None,
        will_miss: bool | None = None,
    ) -> models.PaymentRowPage:
        """Payments, the newest first. Right: `payment.view`."""
        answer: models.PaymentRowPage = self.call(
            "GET",
            "/api/v1/payments",
            {},
            {
                "account": account,
                "amount_from": amount_from,
                "amount_to": amount_to,
                "batch": batch,
                "channel": channel,
                "currency": currency,
                "cursor": cursor,
                "cut_off_from": cut_off_from,
                "cut_off_to": cut_off_to,
                "end_to_end_id": end_to_end_id,
                "entity": entity,
                "execution_from": execution_from,
                "execution_to": execution_to,
                "held": held,
                "kind": kind,
                "limit": limit,
                "outcome": outcome,
                "payee": payee,
                "q": q,
                "received_from": received_from,
                "received_to": received_to,
                "status": status,
                "will_miss": will_miss,
            },
        )
        return answer

    def iter_payments(
        self,
        *,
        account: int | None = None,
        amount_from: str | None = None,
        amount_to: str | None = None,
        batch: int | None = None,
        channel: Literal["file", "api", "form", "command", "standing"] | None = None,
        currency: str | None = None,
        cursor: str | None = None,
        cut_off_from: str | None = None,
        cut_off_to: str | None = None,
        end_to_end_id: str | None = None,
        entity: int | None = None,
        execution_from: str | None = None,
        execution_to: str | None = None,
        held: bool | None = None,
        kind: Literal["sepa", "transfer", "internal", "instant", "supplier", "debit", "incoming", "refund", "card"]
        | None = None,
        limit: int | None = None,
        outcome: Literal["pass", "inform", "warn", "second", "hold", "reject"] | None = None,
        payee: int | None = None,
        q: str | None = None,
        received_from: str | None = None,
        received_to: str | None = None,
        status: Literal[
            "received",
            "checked",
            "validated",
            "approved",
            "posted",
            "sent",
            "settled",
            "rejected",
            "cancelled",
            "returned",
        ]
        | None = None,
        will_miss: bool | None = None,
    ) -> Iterator[models.PaymentRow]:
        """Payments, the newest first: all of them, page after page. Right: `payment.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/payments",
                {},
                {
                    "account": account,
                    "amount_from": amount_from,
                    "amount_to": amount_to,
                    "batch": batch,
                    "channel": channel,
                    "currency": currency,
                    "cursor": cursor,
                    "cut_off_from": cut_off_from,
                    "cut_off_to": cut_off_to,
                    "end_to_end_id": end_to_end_id,
                    "entity": entity,
                    "execution_from": execution_from,
                    "execution_to": execution_to,
                    "held": held,
                    "kind": kind,
                    "limit": limit,
                    "outcome": outcome,
                    "payee": payee,
                    "q": q,
                    "received_from": received_from,
                    "received_to": received_to,
                    "status": status,
                    "will_miss": will_miss,
                },
            )
        )

    def post_payments(self, body: models.PaymentsInRequest, *, key: str | None = None) -> models.PaymentsMade:
        """Enter one payment or many. Right: `payment.create`."""
        answer: models.PaymentsMade = self.call("POST", "/api/v1/payments", {}, {}, body=body, key=key)
        return answer

    def post_payments_apply(self, body: models.ApplyManyInRequest, *, key: str | None = None) -> models.AnswersOut:
        """Apply an incoming payment that waits in suspense to an account (many). Right: `payment.settle`."""
        answer: models.AnswersOut = self.call("POST", "/api/v1/payments/apply", {}, {}, body=body, key=key)
        return answer

    def post_payments_approve(self, body: models.ApproveManyInRequest, *, key: str | None = None) -> models.AnswersOut:
        """Sign as the next person; the last signature sends it on (many). Right: `payment.approve`."""
        answer: models.AnswersOut = self.call("POST", "/api/v1/payments/approve", {}, {}, body=body, key=key)
        return answer

    def post_payments_ask(self, body: models.AskManyInRequest, *, key: str | None = None) -> models.AnswersOut:
        """Ask for a document or an answer (many). Right: `payment.hold`."""
        answer: models.AnswersOut = self.call("POST", "/api/v1/payments/ask", {}, {}, body=body, key=key)
        return answer

    def post_payments_cancel(self, body: models.CancelManyInRequest, *, key: str | None = None) -> models.AnswersOut:
        """Take a payment back before posting (many). Right: `payment.cancel`."""
        answer: models.AnswersOut = self.call("POST", "/api/v1/payments/cancel", {}, {}, body=body, key=key)
        return answer

    def post_payments_chargeback(
        self, body: models.ChargebackManyInRequest, *, key: str | None = None
    ) -> models.AnswersOut:
        """Book that an acquirer took a card payment back (many). Right: `payment.return`."""
        answer: models.AnswersOut = self.call("POST", "/api/v1/payments/chargeback", {}, {}, body=body, key=key)
        return answer

    def post_payments_claim(self, body: models.ClaimManyInRequest, *, key: str | None = None) -> models.AnswersOut:
        """Keep a payment to oneself for five minutes (many). Right: `payment.validate`."""
        answer: models.AnswersOut = self.call("POST", "/api/v1/payments/claim", {}, {}, body=body, key=key)
        return answer

    def post_payments_decline(self, body: models.DeclineManyInRequest, *, key: str | None = None) -> models.AnswersOut:
        """Give back what was handed over (many). Right: `payment.validate`."""
        answer: models.AnswersOut = self.call("POST", "/api/v1/payments/decline", {}, {}, body=body, key=key)
        return answer

    def post_payments_hand_over(
        self, body: models.HandOverManyInRequest, *, key: str | None = None
    ) -> models.AnswersOut:
        """Put a payment into the hands of a person or a team (many). Right: `payment.validate`."""
        answer: models.AnswersOut = self.call("POST", "/api/v1/payments/hand-over", {}, {}, body=body, key=key)
        return answer

    def post_payments_hold(self, body: models.HoldManyInRequest, *, key: str | None = None) -> models.AnswersOut:
        """Make a payment wait (many). Right: `payment.hold`."""
        answer: models.AnswersOut = self.call("POST", "/api/v1/payments/hold", {}, {}, body=body, key=key)
        return answer

    def post_payments_lift(self, body: models.LiftManyInRequest, *, key: str | None = None) -> models.AnswersOut:
        """Lift every hold of a payment (many). Right: `payment.lift`."""
        answer: models.AnswersOut = self.call("POST", "/api/v1/payments/lift", {}, {}, body=body, key=key)
        return answer

    def post_payments_refund(self, body: models.RefundManyInRequest, *, key: str | None = None) -> models.AnswersOut:
        """Pay a settled payment back, in whole or part; answers the refund (many). Right: `payment.create`."""
        answer: models.AnswersOut = self.call("POST", "/api/v1/payments/refund", {}, {}, body=body, key=key)
        return answer

    def post_payments_reject(self, body: models.RejectManyInRequest, *, key: str | None = None) -> models.AnswersOut:
        """Refuse a payment for good (many). Right: `payment.reject`."""
        answer: models.AnswersOut = self.call("POST", "/api/v1/payments/reject", {}, {}, body=body, key=key)
        return answer

    def post_payments_release(self, body: models.ReleaseManyInRequest, *, key: str | None = None) -> models.AnswersOut:
        """Give a claim back (many). Right: `payment.validate`."""
        answer: models.AnswersOut = self.call("POST", "/api/v1/payments/release", {}, {}, body=body, key=key)
        return answer

    def post_payments_reopen(self, body: models.ReopenManyInRequest, *, key: str | None = None) -> models.AnswersOut:
        """Bring a rejected payment back (many). Right: `payment.reopen`."""
        answer: models.AnswersOut = self.call("POST", "/api/v1/payments/reopen", {}, {}, body=body, key=key)
        return answer

    def post_payments_resume(self, body: models.ResumeManyInRequest, *, key: str | None = None) -> models.AnswersOut:
        """Lift the holds that one placed oneself (many). Right: `payment.hold`."""
        answer: models.AnswersOut = self.call("POST", "/api/v1/payments/resume", {}, {}, body=body, key=key)
        return answer

    def post_payments_return(self, body: models.ReturnManyInRequest, *, key: str | None = None) -> models.AnswersOut:
        """Propose that the money came back; another person who says the same books it (many). Right: `payment.return`."""
        answer: models.AnswersOut = self.call("POST", "/api/v1/payments/return", {}, {}, body=body, key=key)
        return answer

    def post_payments_send_back(
        self, body: models.SendBackManyInRequest, *, key: str | None = None
    ) -> models.AnswersOut:
        """Return a validated payment to the first step (many). Right: `payment.approve`."""
        answer: models.AnswersOut = self.call("POST", "/api/v1/payments/send-back", {}, {}, body=body, key=key)
        return answer

    def post_payments_take_next(
        self, body: models.TakeNextInRequest | None = None, *, key: str | None = None
    ) -> models.TakenOut:
        """Claim the best free payment that you may sign. Right: `payment.validate`."""
        answer: models.TakenOut = self.call("POST", "/api/v1/payments/take-next", {}, {}, body=body, key=key)
        return answer

    def post_payments_validate(
        self, body: models.ValidateManyInRequest, *, key: str | None = None
    ) -> models.AnswersOut:
        """Sign first: a checked payment goes on to another person (many). Right: `payment.validate`."""
        answer: models.AnswersOut = self.call("POST", "/api/v1/payments/validate", {}, {}, body=body, key=key)
        return answer

    def post_payments_withdraw(
        self, body: models.WithdrawManyInRequest, *, key: str | None = None
    ) -> models.AnswersOut:
        """Take back one's own last decision, within the entity's window (many). Right: `payment.validate`."""
        answer: models.AnswersOut = self.call("POST", "/api/v1/payments/withdraw", {}, {}, body=body, key=key)
        return answer

    def get_payments_one(self, payment_id: int) -> models.PaymentDetailOut:
        """A payment: state, findings, signatures, holds, entries and timeline. Right: `payment.view`."""
        answer: models.PaymentDetailOut = self.call(
            "GET", "/api/v1/payments/{payment_id}", {"payment_id": payment_id}, {}
        )
        return answer

    def post_payments_one_amend(
        self, payment_id: int, body: models.AmendInRequest, *, key: str | None = None
    ) -> models.PaymentRow:
        """Change what was asked, before anybody signed. Right: `payment.amend`."""
        answer: models.PaymentRow = self.call(
            "POST", "/api/v1/payments/{payment_id}/amend", {"payment_id": payment_id}, {}, body=body, key=key
        )
        return answer

    def post_payments_one_apply(
        self, payment_id: int, body: models.ApplyInRequest, *, key: str | None = None
    ) -> models.PaymentRow:
        """Apply an incoming payment that waits in suspense to an account. Right: `payment.settle`."""
        answer: models.PaymentRow = self.call(
            "POST", "/api/v1/payments/{payment_id}/apply", {"payment_id": payment_id}, {}, body=body, key=key
        )
        return answer

    def post_payments_one_approve(
        self, payment_id: int, body: models.ApproveInRequest | None = None, *, key: str | None = None
    ) -> models.PaymentRow:
        """Sign as the next person; the last signature sends it on. Right: `payment.approve`."""
        answer: models.PaymentRow = self.call(
            "POST", "/api/v1/payments/{payment_id}/approve", {"payment_id": payment_id}, {}, body=body, key=key
        )
        return answer

    def post_payments_one_ask(
        self, payment_id: int, body: models.AskInRequest, *, key: str | None = None
    ) -> models.PaymentRow:
        """Ask for a document or an answer. Right: `payment.hold`."""
        answer: models.PaymentRow = self.call(
            "POST", "/api/v1/payments/{payment_id}/ask", {"payment_id": payment_id}, {}, body=body, key=key
        )
        return answer

    def get_payments_one_assessments(
        self, payment_id: int, *, cursor: str | None = None, limit: int | None = None
    ) -> models.AssessmentOutPage:
        """The runs of the rules on a payment, the last first. Right: `rule.view`."""
        answer: models.AssessmentOutPage = self.call(
            "GET",
            "/api/v1/payments/{payment_id}/assessments",
            {"payment_id": payment_id},
            {"cursor": cursor, "limit": limit},
        )
        return answer

    def iter_payments_one_assessments(
        self, payment_id: int, *, cursor: str | None = None, limit: int | None = None
    ) -> Iterator[models.AssessmentOut]:
        """The runs of the rules on a payment, the last first: all of them, page after page. Right: `rule.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/payments/{payment_id}/assessments",
                {"payment_id": payment_id},
                {"cursor": cursor, "limit": limit},
            )
        )

    def get_payments_one_attachments(self, payment_id: int) -> models.LinkedList:
        """The documents of a payment. Right: `document.view`."""
        answer: models.LinkedList = self.call(
            "GET", "/api/v1/payments/{payment_id}/attachments", {"payment_id": payment_id}, {}
        )
        return answer

    def post_payments_one_attachments(
        self,
        payment_id: int,
        file: bytes,
        *,
        kind: models.DocumentInKindEnum | None = None,
        file_name: str | None = None,
        key: str | None = None,
    ) -> models.LinkedOut:
        """Add a document to a payment. Right: `document.add`."""
        answer: models.LinkedOut = self.call(
            "POST",
            "/api/v1/payments/{payment_id}/attachments",
            {"payment_id": payment_id},
            {"kind": kind, "file_name": file_name},
            file=file,
            key=key,
        )
        return answer

    def post_payments_one_cancel(
        self, payment_id: int, body: models.CancelInRequest | None = None, *, key: str | None = None
    ) -> models.PaymentRow:
        """Take a payment back before posting. Right: `payment.cancel`."""
        answer: models.PaymentRow = self.call(
            "POST", "/api/v1/payments/{payment_id}/cancel", {"payment_id": payment_id}, {}, body=body, key=key
        )
        return answer

    def post_payments_one_chargeback(
        self, payment_id: int, body: models.ChargebackInRequest, *, key: str | None = None
    ) -> models.PaymentRow:
        """Book that an acquirer took a card payment back. Right: `payment.return`."""
        answer: models.PaymentRow = self.call(
            "POST", "/api/v1/payments/{payment_id}/chargeback", {"payment_id": payment_id}, {}, body=body, key=key
        )
        return answer

    def get_payments_one_checks(self, payment_id: int) -> models.ChecksOut:
        """Every check of a payment, passed ones included. Right: `rule.view`."""
        answer: models.ChecksOut = self.call(
            "GET", "/api/v1/payments/{payment_id}/checks", {"payment_id": payment_id}, {}
        )
        return answer

    def post_payments_one_claim(self, payment_id: int, *, key: str | None = None) -> models.PaymentRow:
        """Keep a payment to oneself for five minutes. Right: `payment.validate`."""
        answer: models.PaymentRow = self.call(
            "POST", "/api/v1/payments/{payment_id}/claim", {"payment_id": payment_id}, {}, key=key
        )
        return answer

    def post_payments_one_comment(
        self, payment_id: int, body: models.CommentInRequest, *, key: str | None = None
    ) -> models.PaymentRow:
        """Add words to the record of a payment. Right: `payment.comment`."""
        answer: models.PaymentRow = self.call(
            "POST", "/api/v1/payments/{payment_id}/comment", {"payment_id": payment_id}, {}, body=body, key=key
        )
        return answer

    def post_payments_one_decline(
        self, payment_id: int, body: models.DeclineInRequest, *, key: str | None = None
    ) -> models.PaymentRow:
        """Give back what was handed over. Right: `payment.validate`."""
        answer: models.PaymentRow = self.call(
            "POST", "/api/v1/payments/{payment_id}/decline", {"payment_id": payment_id}, {}, body=body, key=key
        )
        return answer

    def get_payments_one_facts(self, payment_id: int) -> models.FactsOut:
        """The facts of a payment as rules would see them, at its own moment. Right: `rule.view`."""
        answer: models.FactsOut = self.call(
            "GET", "/api/v1/payments/{payment_id}/facts", {"payment_id": payment_id}, {}
        )
        return answer

    def post_payments_one_hand_over(
        self, payment_id: int, body: models.HandOverInRequest, *, key: str | None = None
    ) -> models.PaymentRow:
        """Put a payment into the hands of a person or a team. Right: `payment.validate`."""
        answer: models.PaymentRow = self.call(
            "POST", "/api/v1/payments/{payment_id}/hand-over", {"payment_id": payment_id}, {}, body=body, key=key
        )
        return answer

    def post_payments_one_hold(
        self, payment_id: int, body: models.HoldInRequest, *, key: str | None = None
    ) -> models.PaymentRow:
        """Make a payment wait. Right: `payment.hold`."""
        answer: models.PaymentRow = self.call(
            "POST", "/api/v1/payments/{payment_id}/hold", {"payment_id": payment_id}, {}, body=body, key=key
        )
        return answer

    def post_payments_one_lift(
        self, payment_id: int, body: models.LiftInRequest | None = None, *, key: str | None = None
    ) -> models.PaymentRow:
        """Lift every hold of a payment. Right: `payment.lift`."""
        answer: models.PaymentRow = self.call(
            "POST", "/api/v1/payments/{payment_id}/lift", {"payment_id": payment_id}, {}, body=body, key=key
        )
        return answer

    def post_payments_one_refund(
        self, payment_id: int, body: models.RefundInRequest, *, key: str | None = None
    ) -> models.PaymentRow:
        """Pay a settled payment back, in whole or part; answers the refund. Right: `payment.create`."""
        answer: models.PaymentRow = self.call(
            "POST", "/api/v1/payments/{payment_id}/refund", {"payment_id": payment_id}, {}, body=body, key=key
        )
        return answer

    def post_payments_one_reject(
        self, payment_id: int, body: models.RejectInRequest, *, key: str | None = None
    ) -> models.PaymentRow:
        """Refuse a payment for good. Right: `payment.reject`."""
        answer: models.PaymentRow = self.call(
            "POST", "/api/v1/payments/{payment_id}/reject", {"payment_id": payment_id}, {}, body=body, key=key
        )
        return answer

    def post_payments_one_release(
        self, payment_id: int, body: models.ReleaseInRequest | None = None, *, key: str | None = None
    ) -> models.PaymentRow:
        """Give a claim back. Right: `payment.validate`."""
        answer: models.PaymentRow = self.call(
            "POST", "/api/v1/payments/{payment_id}/release", {"payment_id": payment_id}, {}, body=body, key=key
        )
        return answer

    def post_payments_one_reopen(
        self, payment_id: int, body: models.ReopenInRequest | None = None, *, key: str | None = None
    ) -> models.PaymentRow:
        """Bring a rejected payment back. Right: `payment.reopen`."""
        answer: models.PaymentRow = self.call(
            "POST", "/api/v1/payments/{payment_id}/reopen", {"payment_id": payment_id}, {}, body=body, key=key
        )
        return answer

    def post_payments_one_resume(
        self, payment_id: int, body: models.ResumeInRequest | None = None, *, key: str | None = None
    ) -> models.PaymentRow:
        """Lift the holds that one placed oneself. Right: `payment.hold`."""
        answer: models.PaymentRow = self.call(
            "POST", "/api/v1/payments/{payment_id}/resume", {"payment_id": payment_id}, {}, body=body, key=key
        )
        return answer

    def post_payments_one_return(
        self, payment_id: int, body: models.ReturnInRequest, *, key: str | None = None
    ) -> models.PaymentRow:
        """Propose that the money came back; another person who says the same books it. Right: `payment.return`."""
        answer: models.PaymentRow = self.call(
            "POST", "/api/v1/payments/{payment_id}/return", {"payment_id": payment_id}, {}, body=body, key=key
        )
        return answer

    def get_payments_one_scores(self, payment_id: int) -> models.ScoresOut:
        """How unusual a payment was, by the models that scored it, with reasons. Right: `case.view`."""
        answer: models.ScoresOut = self.call(
            "GET", "/api/v1/payments/{payment_id}/scores", {"payment_id": payment_id}, {}
        )
        return answer

    def get_payments_one_scores_again(self, payment_id: int) -> models.AgainOut:
        """Make the last score of a payment again and compare; null when it was not scored. Right: `case.view`."""
        answer: models.AgainOut = self.call(
            "GET", "/api/v1/payments/{payment_id}/scores/again", {"payment_id": payment_id}, {}
        )
        return answer

    def post_payments_one_send_back(
        self, payment_id: int, body: models.SendBackInRequest, *, key: str | None = None
    ) -> models.PaymentRow:
        """Return a validated payment to the first step. Right: `payment.approve`."""
        answer: models.PaymentRow = self.call(
            "POST", "/api/v1/payments/{payment_id}/send-back", {"payment_id": payment_id}, {}, body=body, key=key
        )
        return answer

    def post_payments_one_validate(
        self, payment_id: int, body: models.ValidateInRequest | None = None, *, key: str | None = None
    ) -> models.PaymentRow:
        """Sign first: a checked payment goes on to another person. Right: `payment.validate`."""
        answer: models.PaymentRow = self.call(
            "POST", "/api/v1/payments/{payment_id}/validate", {"payment_id": payment_id}, {}, body=body, key=key
        )
        return answer

    def post_payments_one_verify(self, payment_id: int, *, key: str | None = None) -> models.VerificationOut:
        """Ask anew whether the creditor's name is the holder's; another answer has the payment checked again. Right: `payment.validate`."""
        answer: models.VerificationOut = self.call(
            "POST", "/api/v1/payments/{payment_id}/verify", {"payment_id": payment_id}, {}, key=key
        )
        return answer

    def post_payments_one_withdraw(
        self, payment_id: int, body: models.WithdrawInRequest | None = None, *, key: str | None = None
    ) -> models.PaymentRow:
        """Take back one's own last decision, within the entity's window. Right: `payment.validate`."""
        answer: models.PaymentRow = self.call(
            "POST", "/api/v1/payments/{payment_id}/withdraw", {"payment_id": payment_id}, {}, body=body, key=key
        )
        return answer

    def get_payouts(
        self,
        *,
        acquirer: int | None = None,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
    ) -> models.PayoutOutPage:
        """Payouts of acquirers, the newest first. Right: `account.view`."""
        answer: models.PayoutOutPage = self.call(
            "GET", "/api/v1/payouts", {}, {"acquirer": acquirer, "cursor": cursor, "entity": entity, "limit": limit}
        )
        return answer

    def iter_payouts(
        self,
        *,
        acquirer: int | None = None,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
    ) -> Iterator[models.PayoutOut]:
        """Payouts of acquirers, the newest first: all of them, page after page. Right: `account.view`."""
        return self.follow(
            self.call(
                "GET", "/api/v1/payouts", {}, {"acquirer": acquirer, "cursor": cursor, "entity": entity, "limit": limit}
            )
        )

    def post_payouts(self, body: models.PayoutInRequest, *, key: str | None = None) -> models.PayoutOut:
        """Book what an acquirer paid: its payments become settled. Right: `payment.settle`."""
        answer: models.PayoutOut = self.call("POST", "/api/v1/payouts", {}, {}, body=body, key=key)
        return answer

    def get_recall_requests(
        self,
        *,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        payment: int | None = None,
        status: Literal["open", "proposed", "accepted", "refused"] | None = None,
    ) -> models.RecallRequestOutPage:
        """Recalls of other banks, the newest first. Right: `recall.view`."""
        answer: models.RecallRequestOutPage = self.call(
            "GET",
            "/api/v1/recall-requests",
            {},
            {"cursor": cursor, "entity": entity, "limit": limit, "payment": payment, "status": status},
        )
        return answer

    def iter_recall_requests(
        self,
        *,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        payment: int | None = None,
        status: Literal["open", "proposed", "accepted", "refused"] | None = None,
    ) -> Iterator[models.RecallRequestOut]:
        """Recalls of other banks, the newest first: all of them, page after page. Right: `recall.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/recall-requests",
                {},
                {"cursor": cursor, "entity": entity, "limit": limit, "payment": payment, "status": status},
            )
        )

    def get_recall_requests_one(self, request_id: int) -> models.RecallRequestOut:
        """A recall of another bank. Right: `recall.view`."""
        answer: models.RecallRequestOut = self.call(
            "GET", "/api/v1/recall-requests/{request_id}", {"request_id": request_id}, {}
        )
        return answer

    def post_recall_requests_one_accept(
        self, request_id: int, body: models.AcceptInRequest | None = None, *, key: str | None = None
    ) -> models.RecallRequestOut:
        """Propose to give the payment back; another person confirms. Right: `recall.ask`."""
        answer: models.RecallRequestOut = self.call(
            "POST", "/api/v1/recall-requests/{request_id}/accept", {"request_id": request_id}, {}, body=body, key=key
        )
        return answer

    def post_recall_requests_one_confirm(self, request_id: int, *, key: str | None = None) -> models.RecallRequestOut:
        """Give the payment back; answer and return are written. Right: `recall.approve`."""
        answer: models.RecallRequestOut = self.call(
            "POST", "/api/v1/recall-requests/{request_id}/confirm", {"request_id": request_id}, {}, key=key
        )
        return answer

    def post_recall_requests_one_refuse(
        self, request_id: int, body: models.RefuseInRequest, *, key: str | None = None
    ) -> models.RecallRequestOut:
        """Refuse with a reason; the answer is written. Right: `recall.ask`."""
        answer: models.RecallRequestOut = self.call(
            "POST", "/api/v1/recall-requests/{request_id}/refuse", {"request_id": request_id}, {}, body=body, key=key
        )
        return answer

    def get_recalls(
        self,
        *,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        payment: int | None = None,
        status: Literal["asked", "approved", "sent", "accepted", "refused", "expired", "withdrawn"] | None = None,
    ) -> models.RecallOutPage:
        """Recalls of ours, the newest first. Right: `recall.view`."""
        answer: models.RecallOutPage = self.call(
            "GET",
            "/api/v1/recalls",
            {},
            {"cursor": cursor, "entity": entity, "limit": limit, "payment": payment, "status": status},
        )
        return answer

    def iter_recalls(
        self,
        *,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        payment: int | None = None,
        status: Literal["asked", "approved", "sent", "accepted", "refused", "expired", "withdrawn"] | None = None,
    ) -> Iterator[models.RecallOut]:
        """Recalls of ours, the newest first: all of them, page after page. Right: `recall.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/recalls",
                {},
                {"cursor": cursor, "entity": entity, "limit": limit, "payment": payment, "status": status},
            )
        )

    def post_recalls(self, body: models.RecallsInRequest, *, key: str | None = None) -> models.RecallAnswersOut:
        """Ask payments back that were sent, each answered on its own. Right: `recall.ask`."""
        answer: models.RecallAnswersOut = self.call("POST", "/api/v1/recalls", {}, {}, body=body, key=key)
        return answer

    def get_recalls_one(self, recall_id: int) -> models.RecallOut:
        """A recall of ours. Right: `recall.view`."""
        answer: models.RecallOut = self.call("GET", "/api/v1/recalls/{recall_id}", {"recall_id": recall_id}, {})
        return answer

    def post_recalls_one_approve(self, recall_id: int, *, key: str | None = None) -> models.RecallOut:
        """Approve a recall; it goes in a file for the bank. Right: `recall.approve`."""
        answer: models.RecallOut = self.call(
            "POST", "/api/v1/recalls/{recall_id}/approve", {"recall_id": recall_id}, {}, key=key
        )
        return answer

    def post_recalls_one_withdraw(
        self, recall_id: int, body: models.RecallWithdrawInRequest, *, key: str | None = None
    ) -> models.RecallOut:
        """Take a recall back before it is approved, or decline it. Right: `recall.ask`."""
        answer: models.RecallOut = self.call(
            "POST", "/api/v1/recalls/{recall_id}/withdraw", {"recall_id": recall_id}, {}, body=body, key=key
        )
        return answer

    def get_reconciliation_days(
        self,
        *,
        account: int | None = None,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        status: Literal["prepared", "signed", "sent_back", "reopened"] | None = None,
    ) -> models.ReconciledDayOutPage:
        """Sign-offs of days of accounts, the latest day first. Right: `reconciliation.view`."""
        answer: models.ReconciledDayOutPage = self.call(
            "GET",
            "/api/v1/reconciliation/days",
            {},
            {"account": account, "cursor": cursor, "entity": entity, "limit": limit, "status": status},
        )
        return answer

    def iter_reconciliation_days(
        self,
        *,
        account: int | None = None,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        status: Literal["prepared", "signed", "sent_back", "reopened"] | None = None,
    ) -> Iterator[models.ReconciledDayOut]:
        """Sign-offs of days of accounts, the latest day first: all of them, page after page. Right: `reconciliation.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/reconciliation/days",
                {},
                {"account": account, "cursor": cursor, "entity": entity, "limit": limit, "status": status},
            )
        )

    def post_reconciliation_days(
        self, body: models.DayPrepareInRequest, *, key: str | None = None
    ) -> models.ReconciledDayOut:
        """Prepare a day: freeze where the account stands, for another to sign. Right: `reconciliation.match`."""
        answer: models.ReconciledDayOut = self.call("POST", "/api/v1/reconciliation/days", {}, {}, body=body, key=key)
        return answer

    def get_reconciliation_days_one(self, day_id: int) -> models.ReconciledDayOut:
        """A sign-off with its proof. Right: `reconciliation.view`."""
        answer: models.ReconciledDayOut = self.call(
            "GET", "/api/v1/reconciliation/days/{day_id}", {"day_id": day_id}, {}
        )
        return answer

    def post_reconciliation_days_one_ask_reopening(
        self, day_id: int, body: models.DeskReasonInRequest, *, key: str | None = None
    ) -> models.ReconciledDayOut:
        """Ask that a signed day be opened again; another agrees. Right: `reconciliation.match`."""
        answer: models.ReconciledDayOut = self.call(
            "POST", "/api/v1/reconciliation/days/{day_id}/ask-reopening", {"day_id": day_id}, {}, body=body, key=key
        )
        return answer

    def post_reconciliation_days_one_keep(
        self, day_id: int, body: models.DeskReasonInRequest, *, key: str | None = None
    ) -> models.ReconciledDayOut:
        """Leave a day signed that somebody asked to reopen. Right: `reconciliation.match`."""
        answer: models.ReconciledDayOut = self.call(
            "POST", "/api/v1/reconciliation/days/{day_id}/keep", {"day_id": day_id}, {}, body=body, key=key
        )
        return answer

    def post_reconciliation_days_one_reopen(self, day_id: int, *, key: str | None = None) -> models.ReconciledDayOut:
        """Agree to open a signed day again. Right: `reconciliation.sign`."""
        answer: models.ReconciledDayOut = self.call(
            "POST", "/api/v1/reconciliation/days/{day_id}/reopen", {"day_id": day_id}, {}, key=key
        )
        return answer

    def post_reconciliation_days_one_send_back(
        self, day_id: int, body: models.DeskReasonInRequest, *, key: str | None = None
    ) -> models.ReconciledDayOut:
        """Send back what was prepared. Right: `reconciliation.match`."""
        answer: models.ReconciledDayOut = self.call(
            "POST", "/api/v1/reconciliation/days/{day_id}/send-back", {"day_id": day_id}, {}, body=body, key=key
        )
        return answer

    def post_reconciliation_days_one_sign(
        self, day_id: int, body: models.SignDayInRequest, *, key: str | None = None
    ) -> models.ReconciledDayOut:
        """Sign a day that another prepared, by the digest that was read. Right: `reconciliation.sign`."""
        answer: models.ReconciledDayOut = self.call(
            "POST", "/api/v1/reconciliation/days/{day_id}/sign", {"day_id": day_id}, {}, body=body, key=key
        )
        return answer

    def get_reconciliation_positions(self, *, day: str | None = None, entity: int | None = None) -> models.PositionsOut:
        """Where accounts stand on a day: bank, books, and what explains the difference. Right: `reconciliation.view`."""
        answer: models.PositionsOut = self.call(
            "GET", "/api/v1/reconciliation/positions", {}, {"day": day, "entity": entity}
        )
        return answer

    def get_rule_drafts_one(self, version_id: int) -> models.DraftOut:
        """A draft of a rule. Right: `rule.view`."""
        answer: models.DraftOut = self.call("GET", "/api/v1/rule-drafts/{version_id}", {"version_id": version_id}, {})
        return answer

    def post_rule_drafts_one_change(
        self, version_id: int, body: models.VersionInRequest | None = None, *, key: str | None = None
    ) -> models.DraftOut:
        """Write a draft anew: what is given takes the place of what it said. Right: `rule.write`."""
        answer: models.DraftOut = self.call(
            "POST", "/api/v1/rule-drafts/{version_id}/change", {"version_id": version_id}, {}, body=body, key=key
        )
        return answer

    def post_rule_drafts_one_discard(
        self, version_id: int, body: models.ChangeReasonInRequest, *, key: str | None = None
    ) -> models.DiscardedOut:
        """Discard a draft. Right: `rule.write`."""
        answer: models.DiscardedOut = self.call(
            "POST", "/api/v1/rule-drafts/{version_id}/discard", {"version_id": version_id}, {}, body=body, key=key
        )
        return answer

    def post_rule_drafts_one_submit(
        self, version_id: int, body: models.SubmitInRequest, *, key: str | None = None
    ) -> models.ChangeOut:
        """Hand a draft in; it is published when a second person approves the change. Right: `rule.write`."""
        answer: models.ChangeOut = self.call(
            "POST", "/api/v1/rule-drafts/{version_id}/submit", {"version_id": version_id}, {}, body=body, key=key
        )
        return answer

    def get_rule_lists(self, *, cursor: str | None = None, limit: int | None = None) -> models.RuleListOutPage:
        """Named lists that rules may ask. Right: `rule.view`."""
        answer: models.RuleListOutPage = self.call("GET", "/api/v1/rule-lists", {}, {"cursor": cursor, "limit": limit})
        return answer

    def iter_rule_lists(self, *, cursor: str | None = None, limit: int | None = None) -> Iterator[models.RuleListOut]:
        """Named lists that rules may ask: all of them, page after page. Right: `rule.view`."""
        return self.follow(self.call("GET", "/api/v1/rule-lists", {}, {"cursor": cursor, "limit": limit}))

    def post_rule_lists(self, body: models.RuleListInRequest, *, key: str | None = None) -> models.RuleListOut:
        """Make a list; it begins empty. Right: `rule.write`."""
        answer: models.RuleListOut = self.call("POST", "/api/v1/rule-lists", {}, {}, body=body, key=key)
        return answer

    def get_rule_lists_one(self, code: str) -> models.RuleListOut:
        """A named list. Right: `rule.view`."""
        answer: models.RuleListOut = self.call("GET", "/api/v1/rule-lists/{code}", {"code": code}, {})
        return answer

    def post_rule_lists_one_change(
        self, code: str, body: models.RuleListChangeInRequest, *, key: str | None = None
    ) -> models.ChangeOut:
        """Ask for values to come and to go; they do when a second person approves the change. Right: `rule.write`."""
        answer: models.ChangeOut = self.call(
            "POST", "/api/v1/rule-lists/{code}/change", {"code": code}, {}, body=body, key=key
        )
        return answer

    def get_rule_lists_one_entries(
        self, code: str, *, cursor: str | None = None, limit: int | None = None
    ) -> models.RuleListEntryOutPage:
        """What a list holds and held, the newest first. Right: `rule.view`."""
        answer: models.RuleListEntryOutPage = self.call(
            "GET", "/api/v1/rule-lists/{code}/entries", {"code": code}, {"cursor": cursor, "limit": limit}
        )
        return answer

    def iter_rule_lists_one_entries(
        self, code: str, *, cursor: str | None = None, limit: int | None = None
    ) -> Iterator[models.RuleListEntryOut]:
        """What a list holds and held, the newest first: all of them, page after page. Right: `rule.view`."""
        return self.follow(
            self.call("GET", "/api/v1/rule-lists/{code}/entries", {"code": code}, {"cursor": cursor, "limit": limit})
        )

    def get_rules(self, *, cursor: str | None = None, limit: int | None = None) -> models.RuleOutPage:
        """Rules with the version that counts now. Right: `rule.view`."""
        answer: models.RuleOutPage = self.call("GET", "/api/v1/rules", {}, {"cursor": cursor, "limit": limit})
        return answer

    def iter_rules(self, *, cursor: str | None = None, limit: int | None = None) -> Iterator[models.RuleOut]:
        """Rules with the version that counts now: all of them, page after page. Right: `rule.view`."""
        return self.follow(self.call("GET", "/api/v1/rules", {}, {"cursor": cursor, "limit": limit}))

    def post_rules(self, body: models.RuleInRequest, *, key: str | None = None) -> models.DraftOut:
        """Write a rule of the house, as a draft. Right: `rule.write`."""
        answer: models.DraftOut = self.call("POST", "/api/v1/rules", {}, {}, body=body, key=key)
        return answer

    def post_rules_check(self, body: models.CheckInRequest, *, key: str | None = None) -> models.CheckOut:
        """Check an expression: its fault with the place, or what it names. Right: `rule.write`."""
        answer: models.CheckOut = self.call("POST", "/api/v1/rules/check", {}, {}, body=body, key=key)
        return answer

    def get_rules_one(self, code: str) -> models.RuleDetailOut:
        """A rule with its published versions. Right: `rule.view`."""
        answer: models.RuleDetailOut = self.call("GET", "/api/v1/rules/{code}", {"code": code}, {})
        return answer

    def post_rules_one_mode(self, code: str, body: models.ModeInRequest, *, key: str | None = None) -> models.ChangeOut:
        """Ask for another mode of a published version. Right: `rule.write`."""
        answer: models.ChangeOut = self.call(
            "POST", "/api/v1/rules/{code}/mode", {"code": code}, {}, body=body, key=key
        )
        return answer

    def post_rules_one_next(self, code: str, body: models.NextInRequest, *, key: str | None = None) -> models.DraftOut:
        """Write the next version of a rule, as a draft. Right: `rule.write`."""
        answer: models.DraftOut = self.call("POST", "/api/v1/rules/{code}/next", {"code": code}, {}, body=body, key=key)
        return answer

    def get_rules_one_versions(
        self, code: str, *, cursor: str | None = None, limit: int | None = None
    ) -> models.RuleHistoryOutPage:
        """Every version of a rule, drafts included, the newest first. Right: `rule.view`."""
        answer: models.RuleHistoryOutPage = self.call(
            "GET", "/api/v1/rules/{code}/versions", {"code": code}, {"cursor": cursor, "limit": limit}
        )
        return answer

    def iter_rules_one_versions(
        self, code: str, *, cursor: str | None = None, limit: int | None = None
    ) -> Iterator[models.RuleHistoryOut]:
        """Every version of a rule, drafts included, the newest first: all of them, page after page. Right: `rule.view`."""
        return self.follow(
            self.call("GET", "/api/v1/rules/{code}/versions", {"code": code}, {"cursor": cursor, "limit": limit})
        )

    def get_rules_one_versions_one_payments_one(self, code: str, payment_id: int, version: int) -> models.TrialOut:
        """A version of a rule, draft or published, tried on one payment; nothing is kept. Right: `rule.view`."""
        answer: models.TrialOut = self.call(
            "GET",
            "/api/v1/rules/{code}/versions/{version}/payments/{payment_id}",
            {"code": code, "payment_id": payment_id, "version": version},
            {},
        )
        return answer

    def get_schema(self) -> bytes:
        """This document. For everyone signed in."""
        answer: bytes = self.call("GET", "/api/v1/schema", {}, {}, binary=True)
        return answer

    def get_scoring_figures(self, *, entity: int | None = None) -> models.ScoringFiguresOut:
        """What alerts from scores were worth, and what is missed. Right: `model.view`."""
        answer: models.ScoringFiguresOut = self.call("GET", "/api/v1/scoring-figures", {}, {"entity": entity})
        return answer

    def get_scoring_models(self, *, cursor: str | None = None, limit: int | None = None) -> models.ModelOutPage:
        """Models of scoring, the newest first. Right: `model.view`."""
        answer: models.ModelOutPage = self.call("GET", "/api/v1/scoring-models", {}, {"cursor": cursor, "limit": limit})
        return answer

    def iter_scoring_models(self, *, cursor: str | None = None, limit: int | None = None) -> Iterator[models.ModelOut]:
        """Models of scoring, the newest first: all of them, page after page. Right: `model.view`."""
        return self.follow(self.call("GET", "/api/v1/scoring-models", {}, {"cursor": cursor, "limit": limit}))

    def get_scoring_models_one(self, number: int) -> models.ModelDetailOut:
        """A model with what it learnt from and its figures. Right: `model.view`."""
        answer: models.ModelDetailOut = self.call("GET", "/api/v1/scoring-models/{number}", {"number": number}, {})
        return answer

    def post_scoring_models_one_challenge(self, number: int, *, key: str | None = None) -> models.ModelDetailOut:
        """Let a candidate score along as the challenger; it raises nothing. Right: `model.manage`."""
        answer: models.ModelDetailOut = self.call(
            "POST", "/api/v1/scoring-models/{number}/challenge", {"number": number}, {}, key=key
        )
        return answer

    def post_scoring_models_one_promotion(
        self, number: int, body: models.PromotionInRequest | None = None, *, key: str | None = None
    ) -> models.ChangeOut:
        """Ask for a model to become the champion; it does when a second person approves the change. Right: `model.manage`."""
        answer: models.ChangeOut = self.call(
            "POST", "/api/v1/scoring-models/{number}/promotion", {"number": number}, {}, body=body, key=key
        )
        return answer

    def post_scoring_models_one_retire(
        self, number: int, body: models.ChangeReasonInRequest, *, key: str | None = None
    ) -> models.ModelDetailOut:
        """Put a candidate or the challenger away; it stays on record. Right: `model.manage`."""
        answer: models.ModelDetailOut = self.call(
            "POST", "/api/v1/scoring-models/{number}/retire", {"number": number}, {}, body=body, key=key
        )
        return answer

    def get_scoring_policies(
        self, *, cursor: str | None = None, limit: int | None = None
    ) -> models.ScoringPolicyOutPage:
        """From which score on each entity raises alerts. Right: `model.view`."""
        answer: models.ScoringPolicyOutPage = self.call(
            "GET", "/api/v1/scoring-policies", {}, {"cursor": cursor, "limit": limit}
        )
        return answer

    def iter_scoring_policies(
        self, *, cursor: str | None = None, limit: int | None = None
    ) -> Iterator[models.ScoringPolicyOut]:
        """From which score on each entity raises alerts: all of them, page after page. Right: `model.view`."""
        return self.follow(self.call("GET", "/api/v1/scoring-policies", {}, {"cursor": cursor, "limit": limit}))

    def get_scoring_policies_one(self, entity_id: int) -> models.ScoringPolicyDetailOut:
        """The threshold of an entity, and what others would bring. Right: `model.view`."""
        answer: models.ScoringPolicyDetailOut = self.call(
            "GET", "/api/v1/scoring-policies/{entity_id}", {"entity_id": entity_id}, {}
        )
        return answer

    def post_scoring_policies_one_change(
        self, entity_id: int, body: models.ScoringPolicyInRequest, *, key: str | None = None
    ) -> models.ChangeOut:
        """Ask for another threshold; it counts when a second person approves the change. Right: `model.manage`."""
        answer: models.ChangeOut = self.call(
            "POST", "/api/v1/scoring-policies/{entity_id}/change", {"entity_id": entity_id}, {}, body=body, key=key
        )
        return answer

    def get_scoring_trainings(self, *, cursor: str | None = None, limit: int | None = None) -> models.TrainingOutPage:
        """Trainings, the newest first. Right: `model.view`."""
        answer: models.TrainingOutPage = self.call(
            "GET", "/api/v1/scoring-trainings", {}, {"cursor": cursor, "limit": limit}
        )
        return answer

    def iter_scoring_trainings(
        self, *, cursor: str | None = None, limit: int | None = None
    ) -> Iterator[models.TrainingOut]:
        """Trainings, the newest first: all of them, page after page. Right: `model.view`."""
        return self.follow(self.call("GET", "/api/v1/scoring-trainings", {}, {"cursor": cursor, "limit": limit}))

    def post_scoring_trainings(self, body: models.TrainingInRequest, *, key: str | None = None) -> models.TrainingOut:
        """Train a model from the payments of some days; it becomes a candidate. Right: `model.manage`."""
        answer: models.TrainingOut = self.call("POST", "/api/v1/scoring-trainings", {}, {}, body=body, key=key)
        return answer

    def get_scoring_trainings_one(self, training_id: int) -> models.TrainingOut:
        """A training: whether it is done, and with what. Right: `model.view`."""
        answer: models.TrainingOut = self.call(
            "GET", "/api/v1/scoring-trainings/{training_id}", {"training_id": training_id}, {}
        )
        return answer

    def get_screening_exemptions(
        self, *, cursor: str | None = None, entity: int | None = None, limit: int | None = None
    ) -> models.ExemptionOutPage:
        """Names that are let pass, the newest first. Right: `screening.view`."""
        answer: models.ExemptionOutPage = self.call(
            "GET", "/api/v1/screening/exemptions", {}, {"cursor": cursor, "entity": entity, "limit": limit}
        )
        return answer

    def iter_screening_exemptions(
        self, *, cursor: str | None = None, entity: int | None = None, limit: int | None = None
    ) -> Iterator[models.ExemptionOut]:
        """Names that are let pass, the newest first: all of them, page after page. Right: `screening.view`."""
        return self.follow(
            self.call("GET", "/api/v1/screening/exemptions", {}, {"cursor": cursor, "entity": entity, "limit": limit})
        )

    def post_screening_exemptions_one_end(
        self, exemption_id: int, body: models.HitWhyInRequest, *, key: str | None = None
    ) -> models.ExemptionOut:
        """End an exemption at once. Right: `screening.decide`."""
        answer: models.ExemptionOut = self.call(
            "POST",
            "/api/v1/screening/exemptions/{exemption_id}/end",
            {"exemption_id": exemption_id},
            {},
            body=body,
            key=key,
        )
        return answer

    def get_screening_hits(
        self,
        *,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        payment: int | None = None,
        status: Literal["open", "false", "true", "exempt"] | None = None,
    ) -> models.HitOutPage:
        """Screening hits, the newest first. Right: `screening.view`."""
        answer: models.HitOutPage = self.call(
            "GET",
            "/api/v1/screening/hits",
            {},
            {"cursor": cursor, "entity": entity, "limit": limit, "payment": payment, "status": status},
        )
        return answer

    def iter_screening_hits(
        self,
        *,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        payment: int | None = None,
        status: Literal["open", "false", "true", "exempt"] | None = None,
    ) -> Iterator[models.HitOut]:
        """Screening hits, the newest first: all of them, page after page. Right: `screening.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/screening/hits",
                {},
                {"cursor": cursor, "entity": entity, "limit": limit, "payment": payment, "status": status},
            )
        )

    def get_screening_hits_one(self, hit_id: int) -> models.HitOut:
        """A screening hit. Right: `screening.view`."""
        answer: models.HitOut = self.call("GET", "/api/v1/screening/hits/{hit_id}", {"hit_id": hit_id}, {})
        return answer

    def post_screening_hits_one_exempt(
        self, hit_id: int, body: models.ExemptInRequest, *, key: str | None = None
    ) -> models.ChangeOut:
        """Ask to let the name of a hit pass against its entry until a day. Right: `screening.decide`."""
        answer: models.ChangeOut = self.call(
            "POST", "/api/v1/screening/hits/{hit_id}/exempt", {"hit_id": hit_id}, {}, body=body, key=key
        )
        return answer

    def post_screening_hits_one_release(
        self, hit_id: int, body: models.HitWhyInRequest, *, key: str | None = None
    ) -> models.ChangeOut:
        """Propose that a hit is somebody else; another person approves the change. Right: `screening.decide`."""
        answer: models.ChangeOut = self.call(
            "POST", "/api/v1/screening/hits/{hit_id}/release", {"hit_id": hit_id}, {}, body=body, key=key
        )
        return answer

    def post_screening_hits_one_true(
        self, hit_id: int, body: models.HitWhyInRequest, *, key: str | None = None
    ) -> models.HitOut:
        """Record a true match, at once: the hold stays. Right: `screening.decide`."""
        answer: models.HitOut = self.call(
            "POST", "/api/v1/screening/hits/{hit_id}/true", {"hit_id": hit_id}, {}, body=body, key=key
        )
        return answer

    def get_screening_lists(self, *, cursor: str | None = None, limit: int | None = None) -> models.WatchListOutPage:
        """Lists to screen against, by their codes. Right: `screening.view`."""
        answer: models.WatchListOutPage = self.call(
            "GET", "/api/v1/screening/lists", {}, {"cursor": cursor, "limit": limit}
        )
        return answer

    def iter_screening_lists(
        self, *, cursor: str | None = None, limit: int | None = None
    ) -> Iterator[models.WatchListOut]:
        """Lists to screen against, by their codes: all of them, page after page. Right: `screening.view`."""
        return self.follow(self.call("GET", "/api/v1/screening/lists", {}, {"cursor": cursor, "limit": limit}))

    def post_screening_lists(self, body: models.WatchListInRequest, *, key: str | None = None) -> models.WatchListOut:
        """Make a list, empty. Right: `watchlist.manage`."""
        answer: models.WatchListOut = self.call("POST", "/api/v1/screening/lists", {}, {}, body=body, key=key)
        return answer

    def get_screening_lists_one(self, list_id: int) -> models.WatchListOut:
        """A list to screen against. Right: `screening.view`."""
        answer: models.WatchListOut = self.call("GET", "/api/v1/screening/lists/{list_id}", {"list_id": list_id}, {})
        return answer

    def post_screening_lists_one_change(
        self, list_id: int, body: models.SettingsInRequest | None = None, *, key: str | None = None
    ) -> models.SettingsAsked:
        """Change a list: at once when it stops more, else by a second person. Right: `watchlist.manage`."""
        answer: models.SettingsAsked = self.call(
            "POST", "/api/v1/screening/lists/{list_id}/change", {"list_id": list_id}, {}, body=body, key=key
        )
        return answer

    def post_screening_lists_one_fetch(self, list_id: int, *, key: str | None = None) -> models.WatchVersionOut:
        """Load a list from its address now: in force at once, or waiting when it lost much. Right: `watchlist.manage`."""
        answer: models.WatchVersionOut = self.call(
            "POST", "/api/v1/screening/lists/{list_id}/fetch", {"list_id": list_id}, {}, key=key
        )
        return answer

    def get_screening_lists_one_versions(
        self, list_id: int, *, cursor: str | None = None, limit: int | None = None
    ) -> models.WatchVersionOutPage:
        """Versions of a list, the newest first. Right: `screening.view`."""
        answer: models.WatchVersionOutPage = self.call(
            "GET",
            "/api/v1/screening/lists/{list_id}/versions",
            {"list_id": list_id},
            {"cursor": cursor, "limit": limit},
        )
        return answer

    def iter_screening_lists_one_versions(
        self, list_id: int, *, cursor: str | None = None, limit: int | None = None
    ) -> Iterator[models.WatchVersionOut]:
        """Versions of a list, the newest first: all of them, page after page. Right: `screening.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/screening/lists/{list_id}/versions",
                {"list_id": list_id},
                {"cursor": cursor, "limit": limit},
            )
        )

    def post_screening_lists_one_versions(
        self,
        list_id: int,
        file: bytes,
        *,
        file_name: str | None = None,
        reason: str | None = None,
        key: str | None = None,
    ) -> models.WatchVersionOut:
        """Load a file: in force at once, or waiting when it lost many entries. Right: `watchlist.manage`."""
        answer: models.WatchVersionOut = self.call(
            "POST",
            "/api/v1/screening/lists/{list_id}/versions",
            {"list_id": list_id},
            {"file_name": file_name, "reason": reason},
            file=file,
            key=key,
        )
        return answer

    def get_screening_lists_one_versions_one_changes(
        self,
        list_id: int,
        number: int,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        part: Literal["added", "changed", "removed"] | None = None,
    ) -> models.ListedOutPage:
        """What a version that took effect added, changed or removed. Right: `screening.view`."""
        answer: models.ListedOutPage = self.call(
            "GET",
            "/api/v1/screening/lists/{list_id}/versions/{number}/changes",
            {"list_id": list_id, "number": number},
            {"cursor": cursor, "limit": limit, "part": part},
        )
        return answer

    def iter_screening_lists_one_versions_one_changes(
        self,
        list_id: int,
        number: int,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        part: Literal["added", "changed", "removed"] | None = None,
    ) -> Iterator[models.ListedOut]:
        """What a version that took effect added, changed or removed: all of them, page after page. Right: `screening.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/screening/lists/{list_id}/versions/{number}/changes",
                {"list_id": list_id, "number": number},
                {"cursor": cursor, "limit": limit, "part": part},
            )
        )

    def post_screening_names(self, body: models.NameInRequest, *, key: str | None = None) -> models.NameOut:
        """Screen a name against the lists in force; nothing is kept. Right: `screening.view`."""
        answer: models.NameOut = self.call("POST", "/api/v1/screening/names", {}, {}, body=body, key=key)
        return answer

    def get_silences(self, *, cursor: str | None = None, limit: int | None = None) -> models.SilenceOutPage:
        """Alerts that are not raised for a while, the newest first. Right: `case.view`."""
        answer: models.SilenceOutPage = self.call("GET", "/api/v1/silences", {}, {"cursor": cursor, "limit": limit})
        return answer

    def iter_silences(self, *, cursor: str | None = None, limit: int | None = None) -> Iterator[models.SilenceOut]:
        """Alerts that are not raised for a while, the newest first: all of them, page after page. Right: `case.view`."""
        return self.follow(self.call("GET", "/api/v1/silences", {}, {"cursor": cursor, "limit": limit}))

    def post_silences_one_end(self, silence_id: int, *, key: str | None = None) -> models.SilenceOut:
        """End a silence at once. Right: `case.decide`."""
        answer: models.SilenceOut = self.call(
            "POST", "/api/v1/silences/{silence_id}/end", {"silence_id": silence_id}, {}, key=key
        )
        return answer

    def get_sources(
        self, *, cursor: str | None = None, entity: int | None = None, limit: int | None = None
    ) -> models.SourceOutPage:
        """Sources of files. Right: `batch.view`."""
        answer: models.SourceOutPage = self.call(
            "GET", "/api/v1/sources", {}, {"cursor": cursor, "entity": entity, "limit": limit}
        )
        return answer

    def iter_sources(
        self, *, cursor: str | None = None, entity: int | None = None, limit: int | None = None
    ) -> Iterator[models.SourceOut]:
        """Sources of files: all of them, page after page. Right: `batch.view`."""
        return self.follow(
            self.call("GET", "/api/v1/sources", {}, {"cursor": cursor, "entity": entity, "limit": limit})
        )

    def post_sources(self, body: models.SourceInRequest, *, key: str | None = None) -> models.SourceOut:
        """Add a source. Right: `source.manage`."""
        answer: models.SourceOut = self.call("POST", "/api/v1/sources", {}, {}, body=body, key=key)
        return answer

    def get_sources_one(self, source_id: int) -> models.SourceOut:
        """A source with its saved mapping. Right: `batch.view`."""
        answer: models.SourceOut = self.call("GET", "/api/v1/sources/{source_id}", {"source_id": source_id}, {})
        return answer

    def post_sources_one_change(
        self, source_id: int, body: models.SourceChangeInRequest | None = None, *, key: str | None = None
    ) -> models.SourceOut:
        """Change how a source is treated from the next file on. Right: `source.manage`."""
        answer: models.SourceOut = self.call(
            "POST", "/api/v1/sources/{source_id}/change", {"source_id": source_id}, {}, body=body, key=key
        )
        return answer

    def get_standing_orders(
        self,
        *,
        account: int | None = None,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        status: Literal["waiting", "active", "refused", "completed", "ended"] | None = None,
    ) -> models.StandingOutPage:
        """Standing orders, the newest first. Right: `standing.view`."""
        answer: models.StandingOutPage = self.call(
            "GET",
            "/api/v1/standing-orders",
            {},
            {"account": account, "cursor": cursor, "entity": entity, "limit": limit, "status": status},
        )
        return answer

    def iter_standing_orders(
        self,
        *,
        account: int | None = None,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        status: Literal["waiting", "active", "refused", "completed", "ended"] | None = None,
    ) -> Iterator[models.StandingOut]:
        """Standing orders, the newest first: all of them, page after page. Right: `standing.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/standing-orders",
                {},
                {"account": account, "cursor": cursor, "entity": entity, "limit": limit, "status": status},
            )
        )

    def post_standing_orders(
        self, body: models.StandingInRequest, *, key: str | None = None
    ) -> models.StandingDetailOut:
        """Ask for a standing order; a second person approves it. Right: `standing.manage`."""
        answer: models.StandingDetailOut = self.call("POST", "/api/v1/standing-orders", {}, {}, body=body, key=key)
        return answer

    def get_standing_orders_one(self, standing_id: int) -> models.StandingDetailOut:
        """A standing order with its coming dates and what waits. Right: `standing.view`."""
        answer: models.StandingDetailOut = self.call(
            "GET", "/api/v1/standing-orders/{standing_id}", {"standing_id": standing_id}, {}
        )
        return answer

    def post_standing_orders_one_approve(self, standing_id: int, *, key: str | None = None) -> models.StandingDetailOut:
        """Approve what somebody else asked for. Right: `standing.manage`."""
        answer: models.StandingDetailOut = self.call(
            "POST", "/api/v1/standing-orders/{standing_id}/approve", {"standing_id": standing_id}, {}, key=key
        )
        return answer

    def post_standing_orders_one_change(
        self, standing_id: int, body: models.StandingChangeInRequest, *, key: str | None = None
    ) -> models.StandingDetailOut:
        """Ask for other terms; a second person approves them. Right: `standing.manage`."""
        answer: models.StandingDetailOut = self.call(
            "POST", "/api/v1/standing-orders/{standing_id}/change", {"standing_id": standing_id}, {}, body=body, key=key
        )
        return answer

    def get_standing_orders_one_dates(
        self, standing_id: int, *, cursor: str | None = None, limit: int | None = None
    ) -> models.DueOutPage:
        """The dates that payments were made for, the last first. Right: `standing.view`."""
        answer: models.DueOutPage = self.call(
            "GET",
            "/api/v1/standing-orders/{standing_id}/dates",
            {"standing_id": standing_id},
            {"cursor": cursor, "limit": limit},
        )
        return answer

    def iter_standing_orders_one_dates(
        self, standing_id: int, *, cursor: str | None = None, limit: int | None = None
    ) -> Iterator[models.DueOut]:
        """The dates that payments were made for, the last first: all of them, page after page. Right: `standing.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/standing-orders/{standing_id}/dates",
                {"standing_id": standing_id},
                {"cursor": cursor, "limit": limit},
            )
        )

    def post_standing_orders_one_end(
        self, standing_id: int, body: models.StandingReasonInRequest, *, key: str | None = None
    ) -> models.StandingDetailOut:
        """End it for good; takes effect at once. Right: `standing.manage`."""
        answer: models.StandingDetailOut = self.call(
            "POST", "/api/v1/standing-orders/{standing_id}/end", {"standing_id": standing_id}, {}, body=body, key=key
        )
        return answer

    def post_standing_orders_one_refuse(
        self, standing_id: int, body: models.StandingReasonInRequest, *, key: str | None = None
    ) -> models.StandingDetailOut:
        """Refuse what was asked for, or take one's own back. Right: `standing.manage`."""
        answer: models.StandingDetailOut = self.call(
            "POST", "/api/v1/standing-orders/{standing_id}/refuse", {"standing_id": standing_id}, {}, body=body, key=key
        )
        return answer

    def post_standing_orders_one_resume(
        self, standing_id: int, body: models.StandingReasonInRequest, *, key: str | None = None
    ) -> models.StandingDetailOut:
        """End the suspension; takes effect at once. Right: `standing.manage`."""
        answer: models.StandingDetailOut = self.call(
            "POST", "/api/v1/standing-orders/{standing_id}/resume", {"standing_id": standing_id}, {}, body=body, key=key
        )
        return answer

    def post_standing_orders_one_suspend(
        self, standing_id: int, body: models.SuspendInRequest, *, key: str | None = None
    ) -> models.StandingDetailOut:
        """Pay nothing for a time; takes effect at once. Right: `standing.manage`."""
        answer: models.StandingDetailOut = self.call(
            "POST",
            "/api/v1/standing-orders/{standing_id}/suspend",
            {"standing_id": standing_id},
            {},
            body=body,
            key=key,
        )
        return answer

    def get_statement_lines(
        self,
        *,
        account: int | None = None,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        open: bool | None | None = None,
        statement: int | None = None,
    ) -> models.StatementLineOutPage:
        """Lines of statements, the newest first. Right: `statement.view`."""
        answer: models.StatementLineOutPage = self.call(
            "GET",
            "/api/v1/statement-lines",
            {},
            {
                "account": account,
                "cursor": cursor,
                "entity": entity,
                "limit": limit,
                "open": open,
                "statement": statement,
            },
        )
        return answer

    def iter_statement_lines(
        self,
        *,
        account: int | None = None,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        open: bool | None | None = None,
        statement: int | None = None,
    ) -> Iterator[models.StatementLineOut]:
        """Lines of statements, the newest first: all of them, page after page. Right: `statement.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/statement-lines",
                {},
                {
                    "account": account,
                    "cursor": cursor,
                    "entity": entity,
                    "limit": limit,
                    "open": open,
                    "statement": statement,
                },
            )
        )

    def get_statements(
        self,
        *,
        account: int | None = None,
        cursor: str | None = None,
        entity: int | None = None,
        kind: Literal["camt053", "camt052", "camt054", "mt940", "mt942", "cfonb120", "ofx", "bai2", "bank_csv"]
        | None = None,
        limit: int | None = None,
        status: Literal["taken", "superseded", "parallel"] | None = None,
    ) -> models.BankStatementOutPage:
        """Statements, the newest first. Right: `statement.view`."""
        answer: models.BankStatementOutPage = self.call(
            "GET",
            "/api/v1/statements",
            {},
            {"account": account, "cursor": cursor, "entity": entity, "kind": kind, "limit": limit, "status": status},
        )
        return answer

    def iter_statements(
        self,
        *,
        account: int | None = None,
        cursor: str | None = None,
        entity: int | None = None,
        kind: Literal["camt053", "camt052", "camt054", "mt940", "mt942", "cfonb120", "ofx", "bai2", "bank_csv"]
        | None = None,
        limit: int | None = None,
        status: Literal["taken", "superseded", "parallel"] | None = None,
    ) -> Iterator[models.BankStatementOut]:
        """Statements, the newest first: all of them, page after page. Right: `statement.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/statements",
                {},
                {
                    "account": account,
                    "cursor": cursor,
                    "entity": entity,
                    "kind": kind,
                    "limit": limit,
                    "status": status,
                },
            )
        )

    def post_statements(
        self, file: bytes, *, entity: int | None = None, file_name: str | None = None, key: str | None = None
    ) -> models.BroughtOut:
        """Bring a file of statements in. The same again changes nothing. Right: `statement.import`."""
        answer: models.BroughtOut = self.call(
            "POST", "/api/v1/statements", {}, {"entity": entity, "file_name": file_name}, file=file, key=key
        )
        return answer

    def get_statements_one(self, statement_id: int) -> models.BankStatementOut:
        """A statement. Right: `statement.view`."""
        answer: models.BankStatementOut = self.call(
            "GET", "/api/v1/statements/{statement_id}", {"statement_id": statement_id}, {}
        )
        return answer

    def get_straight_policies(
        self, *, cursor: str | None = None, entity: int | None = None, limit: int | None = None
    ) -> models.PolicyOutPage:
        """Policies of straight-through processing, the newest first. Right: `matrix.view`."""
        answer: models.PolicyOutPage = self.call(
            "GET", "/api/v1/straight-policies", {}, {"cursor": cursor, "entity": entity, "limit": limit}
        )
        return answer

    def iter_straight_policies(
        self, *, cursor: str | None = None, entity: int | None = None, limit: int | None = None
    ) -> Iterator[models.PolicyOut]:
        """Policies of straight-through processing, the newest first: all of them, page after page. Right: `matrix.view`."""
        return self.follow(
            self.call("GET", "/api/v1/straight-policies", {}, {"cursor": cursor, "entity": entity, "limit": limit})
        )

    def post_straight_policies(self, body: models.PolicyInRequest, *, key: str | None = None) -> models.ChangeOut:
        """Ask for a policy. Right: `matrix.manage`."""
        answer: models.ChangeOut = self.call("POST", "/api/v1/straight-policies", {}, {}, body=body, key=key)
        return answer

    def get_straight_policies_one(self, policy_id: int) -> models.PolicyOut:
        """A policy of straight-through processing. Right: `matrix.view`."""
        answer: models.PolicyOut = self.call(
            "GET", "/api/v1/straight-policies/{policy_id}", {"policy_id": policy_id}, {}
        )
        return answer

    def post_straight_policies_one_change(
        self, policy_id: int, body: models.PolicyChangeInRequest, *, key: str | None = None
    ) -> models.ChangeOut:
        """Ask for the next number of a policy. Right: `matrix.manage`."""
        answer: models.ChangeOut = self.call(
            "POST", "/api/v1/straight-policies/{policy_id}/change", {"policy_id": policy_id}, {}, body=body, key=key
        )
        return answer

    def post_straight_policies_one_stop(
        self, policy_id: int, body: models.ChangeReasonInRequest, *, key: str | None = None
    ) -> models.PolicyOut:
        """Stop a policy at once; asks for payment.hold or matrix.manage. Right: `matrix.view`."""
        answer: models.PolicyOut = self.call(
            "POST", "/api/v1/straight-policies/{policy_id}/stop", {"policy_id": policy_id}, {}, body=body, key=key
        )
        return answer

    def get_supplier_invoices(
        self,
        *,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        number: str | None = None,
        status: Literal["registered", "cancelled"] | None = None,
        supplier: int | None = None,
    ) -> models.InvoiceOutPage:
        """Supplier invoices, the newest first. Right: `invoice.view`."""
        answer: models.InvoiceOutPage = self.call(
            "GET",
            "/api/v1/supplier-invoices",
            {},
            {
                "cursor": cursor,
                "entity": entity,
                "limit": limit,
                "number": number,
                "status": status,
                "supplier": supplier,
            },
        )
        return answer

    def iter_supplier_invoices(
        self,
        *,
        cursor: str | None = None,
        entity: int | None = None,
        limit: int | None = None,
        number: str | None = None,
        status: Literal["registered", "cancelled"] | None = None,
        supplier: int | None = None,
    ) -> Iterator[models.InvoiceOut]:
        """Supplier invoices, the newest first: all of them, page after page. Right: `invoice.view`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/supplier-invoices",
                {},
                {
                    "cursor": cursor,
                    "entity": entity,
                    "limit": limit,
                    "number": number,
                    "status": status,
                    "supplier": supplier,
                },
            )
        )

    def post_supplier_invoices(
        self, body: models.InvoiceInRequest, *, key: str | None = None
    ) -> models.InvoiceDetailOut:
        """Register an invoice or a credit note. Right: `invoice.manage`."""
        answer: models.InvoiceDetailOut = self.call("POST", "/api/v1/supplier-invoices", {}, {}, body=body, key=key)
        return answer

    def post_supplier_invoices_pay(
        self, body: models.InvoicePayInRequest, *, key: str | None = None
    ) -> models.BatchOut:
        """Make the payments of invoices, one for each supplier. Right: `payment.create`."""
        answer: models.BatchOut = self.call("POST", "/api/v1/supplier-invoices/pay", {}, {}, body=body, key=key)
        return answer

    def get_supplier_invoices_one(self, invoice_id: int) -> models.InvoiceDetailOut:
        """A supplier invoice with what paid it. Right: `invoice.view`."""
        answer: models.InvoiceDetailOut = self.call(
            "GET", "/api/v1/supplier-invoices/{invoice_id}", {"invoice_id": invoice_id}, {}
        )
        return answer

    def post_supplier_invoices_one_cancel(
        self, invoice_id: int, body: models.InvoiceCancelInRequest, *, key: str | None = None
    ) -> models.InvoiceDetailOut:
        """Cancel an invoice of which nothing is paid. Right: `invoice.manage`."""
        answer: models.InvoiceDetailOut = self.call(
            "POST", "/api/v1/supplier-invoices/{invoice_id}/cancel", {"invoice_id": invoice_id}, {}, body=body, key=key
        )
        return answer

    def get_tokens(self, *, cursor: str | None = None, limit: int | None = None) -> models.TokenOutPage:
        """Your tokens, and those that you manage. For everyone signed in."""
        answer: models.TokenOutPage = self.call("GET", "/api/v1/tokens", {}, {"cursor": cursor, "limit": limit})
        return answer

    def iter_tokens(self, *, cursor: str | None = None, limit: int | None = None) -> Iterator[models.TokenOut]:
        """Your tokens, and those that you manage: all of them, page after page. For everyone signed in."""
        return self.follow(self.call("GET", "/api/v1/tokens", {}, {"cursor": cursor, "limit": limit}))

    def post_tokens(self, body: models.TokenInRequest, *, key: str | None = None) -> models.TokenMade:
        """Make a token: for yourself, or for a machine with the right token.manage. For everyone signed in."""
        answer: models.TokenMade = self.call("POST", "/api/v1/tokens", {}, {}, body=body, key=key)
        return answer

    def get_tokens_one(self, token_id: int) -> models.TokenOut:
        """A token. For everyone signed in."""
        answer: models.TokenOut = self.call("GET", "/api/v1/tokens/{token_id}", {"token_id": token_id}, {})
        return answer

    def post_tokens_one_revoke(self, token_id: int, *, key: str | None = None) -> models.TokenOut:
        """Stop a token: your own, or one that you manage. For everyone signed in."""
        answer: models.TokenOut = self.call(
            "POST", "/api/v1/tokens/{token_id}/revoke", {"token_id": token_id}, {}, key=key
        )
        return answer

    def get_trial_balance(self, *, entity: int | None = None, moment: str | None = None) -> models.TrialBalanceOut:
        """The trial balance, now or as of a moment. Right: `account.view`."""
        answer: models.TrialBalanceOut = self.call(
            "GET", "/api/v1/trial-balance", {}, {"entity": entity, "moment": moment}
        )
        return answer

    def get_users(
        self,
        *,
        active: bool | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        machine: bool | None = None,
    ) -> models.UserOutPage:
        """People and machines. Right: `user.view`."""
        answer: models.UserOutPage = self.call(
            "GET", "/api/v1/users", {}, {"active": active, "cursor": cursor, "limit": limit, "machine": machine}
        )
        return answer

    def iter_users(
        self,
        *,
        active: bool | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        machine: bool | None = None,
    ) -> Iterator[models.UserOut]:
        """People and machines: all of them, page after page. Right: `user.view`."""
        return self.follow(
            self.call(
                "GET", "/api/v1/users", {}, {"active": active, "cursor": cursor, "limit": limit, "machine": machine}
            )
        )

    def get_users_me(self) -> models.MeOut:
        """Who you are, and what you may do. For everyone signed in."""
        answer: models.MeOut = self.call("GET", "/api/v1/users/me", {}, {})
        return answer

    def get_users_one(self, user_id: int) -> models.UserOut:
        """A person or machine. Right: `user.view`."""
        answer: models.UserOut = self.call("GET", "/api/v1/users/{user_id}", {"user_id": user_id}, {})
        return answer

    def post_users_one_limits(
        self, user_id: int, body: models.LimitInRequest, *, key: str | None = None
    ) -> models.LimitAsked:
        """Change a person's limit: at once when it narrows, else by a second person. Right: `user.manage`."""
        answer: models.LimitAsked = self.call(
            "POST", "/api/v1/users/{user_id}/limits", {"user_id": user_id}, {}, body=body, key=key
        )
        return answer

    def get_verification_services(
        self, *, cursor: str | None = None, limit: int | None = None
    ) -> models.ServiceOutPage:
        """Verification services of entities. Right: `channel.manage`."""
        answer: models.ServiceOutPage = self.call(
            "GET", "/api/v1/verification-services", {}, {"cursor": cursor, "limit": limit}
        )
        return answer

    def iter_verification_services(
        self, *, cursor: str | None = None, limit: int | None = None
    ) -> Iterator[models.ServiceOut]:
        """Verification services of entities: all of them, page after page. Right: `channel.manage`."""
        return self.follow(self.call("GET", "/api/v1/verification-services", {}, {"cursor": cursor, "limit": limit}))

    def post_verification_services(self, body: models.ServiceInRequest, *, key: str | None = None) -> models.ServiceOut:
        """Set the entity's service up or change it; nobody is asked until a second person has signed it. Right: `channel.manage`."""
        answer: models.ServiceOut = self.call("POST", "/api/v1/verification-services", {}, {}, body=body, key=key)
        return answer

    def post_verification_services_one_off(self, service_id: int, *, key: str | None = None) -> models.ServiceOut:
        """Ask nobody. Right: `channel.manage`."""
        answer: models.ServiceOut = self.call(
            "POST", "/api/v1/verification-services/{service_id}/off", {"service_id": service_id}, {}, key=key
        )
        return answer

    def post_verification_services_one_on(self, service_id: int, *, key: str | None = None) -> models.ServiceOut:
        """Ask the service. Right: `channel.manage`."""
        answer: models.ServiceOut = self.call(
            "POST", "/api/v1/verification-services/{service_id}/on", {"service_id": service_id}, {}, key=key
        )
        return answer

    def post_verifications(
        self, body: models.VerificationInRequest, *, key: str | None = None
    ) -> models.NameVerifiedOut:
        """Verify one name and number before a payment is made of them. Right: `payment.create`."""
        answer: models.NameVerifiedOut = self.call("POST", "/api/v1/verifications", {}, {}, body=body, key=key)
        return answer

    def get_webhooks(
        self, *, cursor: str | None = None, entity: int | None = None, limit: int | None = None
    ) -> models.WebhookOutPage:
        """Who is told of what happens. Right: `webhook.manage`."""
        answer: models.WebhookOutPage = self.call(
            "GET", "/api/v1/webhooks", {}, {"cursor": cursor, "entity": entity, "limit": limit}
        )
        return answer

    def iter_webhooks(
        self, *, cursor: str | None = None, entity: int | None = None, limit: int | None = None
    ) -> Iterator[models.WebhookOut]:
        """Who is told of what happens: all of them, page after page. Right: `webhook.manage`."""
        return self.follow(
            self.call("GET", "/api/v1/webhooks", {}, {"cursor": cursor, "entity": entity, "limit": limit})
        )

    def post_webhooks(self, body: models.WebhookInRequest, *, key: str | None = None) -> models.WebhookSecret:
        """Register an address; its secret is shown once. Right: `webhook.manage`."""
        answer: models.WebhookSecret = self.call("POST", "/api/v1/webhooks", {}, {}, body=body, key=key)
        return answer

    def get_webhooks_one(self, webhook_id: int) -> models.WebhookOut:
        """An address. Right: `webhook.manage`."""
        answer: models.WebhookOut = self.call("GET", "/api/v1/webhooks/{webhook_id}", {"webhook_id": webhook_id}, {})
        return answer

    def post_webhooks_one_change(
        self, webhook_id: int, body: models.WebhookChangeInRequest | None = None, *, key: str | None = None
    ) -> models.WebhookOut:
        """Change name, address or events. Right: `webhook.manage`."""
        answer: models.WebhookOut = self.call(
            "POST", "/api/v1/webhooks/{webhook_id}/change", {"webhook_id": webhook_id}, {}, body=body, key=key
        )
        return answer

    def get_webhooks_one_deliveries(
        self,
        webhook_id: int,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        status: Literal["pending", "done", "given_up"] | None = None,
    ) -> models.DeliveryOutPage:
        """What was sent to an address, the newest first. Right: `webhook.manage`."""
        answer: models.DeliveryOutPage = self.call(
            "GET",
            "/api/v1/webhooks/{webhook_id}/deliveries",
            {"webhook_id": webhook_id},
            {"cursor": cursor, "limit": limit, "status": status},
        )
        return answer

    def iter_webhooks_one_deliveries(
        self,
        webhook_id: int,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        status: Literal["pending", "done", "given_up"] | None = None,
    ) -> Iterator[models.DeliveryOut]:
        """What was sent to an address, the newest first: all of them, page after page. Right: `webhook.manage`."""
        return self.follow(
            self.call(
                "GET",
                "/api/v1/webhooks/{webhook_id}/deliveries",
                {"webhook_id": webhook_id},
                {"cursor": cursor, "limit": limit, "status": status},
            )
        )

    def get_webhooks_one_deliveries_one(self, delivery_id: int, webhook_id: int) -> models.DeliveryDetailOut:
        """One delivery with its body and every call. Right: `webhook.manage`."""
        answer: models.DeliveryDetailOut = self.call(
            "GET",
            "/api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}",
            {"delivery_id": delivery_id, "webhook_id": webhook_id},
            {},
        )
        return answer

    def post_webhooks_one_pause(self, webhook_id: int, *, key: str | None = None) -> models.WebhookOut:
        """Send nothing for now; events wait. Right: `webhook.manage`."""
        answer: models.WebhookOut = self.call(
            "POST", "/api/v1/webhooks/{webhook_id}/pause", {"webhook_id": webhook_id}, {}, key=key
        )
        return answer

    def post_webhooks_one_replay(
        self, webhook_id: int, body: models.ReplayInRequest | None = None, *, key: str | None = None
    ) -> models.ReplayOut:
        """Send deliveries again: chosen ones, or those of a span. Right: `webhook.manage`."""
        answer: models.ReplayOut = self.call(
            "POST", "/api/v1/webhooks/{webhook_id}/replay", {"webhook_id": webhook_id}, {}, body=body, key=key
        )
        return answer

    def post_webhooks_one_resume(self, webhook_id: int, *, key: str | None = None) -> models.WebhookOut:
        """Send again, what waits first. Right: `webhook.manage`."""
        answer: models.WebhookOut = self.call(
            "POST", "/api/v1/webhooks/{webhook_id}/resume", {"webhook_id": webhook_id}, {}, key=key
        )
        return answer

    def post_webhooks_one_retire(self, webhook_id: int, *, key: str | None = None) -> models.WebhookOut:
        """Never send again; the log stays. Right: `webhook.manage`."""
        answer: models.WebhookOut = self.call(
            "POST", "/api/v1/webhooks/{webhook_id}/retire", {"webhook_id": webhook_id}, {}, key=key
        )
        return answer

    def post_webhooks_one_rotate(self, webhook_id: int, *, key: str | None = None) -> models.WebhookSecret:
        """A new secret; for a day both sign. Right: `webhook.manage`."""
        answer: models.WebhookSecret = self.call(
            "POST", "/api/v1/webhooks/{webhook_id}/rotate", {"webhook_id": webhook_id}, {}, key=key
        )
        return answer
