from django.apps import AppConfig


class TransactionsConfig(AppConfig):
    name = "transactions"

    def ready(self) -> None:
        from transactions import errors, errors_of_kinds, errors_of_statements  # noqa: F401  registers this room's sentences
        from transactions.channels import errors as _of_channels  # noqa: F401
        from transactions.statements import errors as _of_statements  # noqa: F401
