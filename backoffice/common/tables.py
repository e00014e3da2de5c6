"""Many models made by one migration, and databases that stopped among those that one replaces."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.db.migrations.loader import MigrationLoader
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


def stopped(loader: MigrationLoader) -> str:
    """What to say of a database with some of the migrations that one replaces now, or "".

    Django leaves the one and all its models out then, and would say that nothing waits.
    """
    nodes = loader.graph.nodes
    apps = {
        key[0] for key, one in loader.replacements.items() if key not in nodes and not nodes.keys() & {*one.replaces}
    }
    names = ", ".join(sorted(apps))
    return f"the database stopped among the former migrations of {names}: operations.md, Upgrading" if names else ""


@register(Tags.database)
def check_former(databases: Sequence[str] | None = None, **_context: Any) -> list[CheckMessage]:
    """Asked by ``manage.py migrate`` before it does anything."""
    said = [stopped(MigrationLoader(connections[name])) for name in databases or ()]
    return [Error(text, id="backoffice.E001") for text in said if text]
