"""Many models made by one migration."""

from collections.abc import Sequence
from typing import Any

from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation, OperationCategory


class CreateModels(Operation):
    """Create models that name each other, in any order.

    After each operation Django renders every model anew that hangs together with what it touched, which here are all.
    Made one by one, the models of the house took most of a minute to migrate; together they are rendered once. Foreign
    keys are added when the migration ends: SQL that runs in it before is not held by them. Cannot be taken back.
    """

    category = OperationCategory.ADDITION
    reversible = False

    def __init__(self, models: Sequence[CreateModel]) -> None:
        self.models = models

    def state_forwards(self, app_label: str, state: Any) -> None:
        state.__dict__.pop("apps", None)  # rendered again by whoever asks for it next
        for model in self.models:
            model.state_forwards(app_label, state)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for model in self.models:
            model.database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Create {len(self.models)} models"
