from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def load_shipped_rules(apps: Any, **_context: Any) -> None:
    """Reference data, as Django does for its own content types: in step after every migrate."""
    try:
        apps.get_model("controls", "RuleVersion")
    except LookupError:
        return
    from controls.rules import catalogue

    catalogue.load(apps)


class ControlsConfig(AppConfig):
    name = "controls"

    def ready(self) -> None:
        from controls import errors  # noqa: F401  registers this room's sentences
        from controls.cases import errors as of_cases  # noqa: F401
        from controls.expected import errors as of_expected  # noqa: F401
        from controls.expected import reasons  # noqa: F401
        from controls.reconciliation import errors as of_matching  # noqa: F401
        from controls.reconciliation import errors_of_days  # noqa: F401
        from controls.scoring import sentences  # noqa: F401
        from controls.verification import errors as of_verification  # noqa: F401

        post_migrate.connect(load_shipped_rules, sender=self)
