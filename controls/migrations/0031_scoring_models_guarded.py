"""Models that stay as they were made, promoted by two people; and the first one, which knows nothing yet."""

from typing import Any

from django.db import migrations

from backoffice.common import sql
from controls.scoring import artefacts, unsupervised

UNDO = """
    drop trigger signed_by_two on controls_scoringpolicy;
    drop trigger promoted_by_two on controls_scoringmodel;
    drop trigger is_what_it_was on controls_scoringmodel;
    drop trigger stays on controls_scoringmodel;
    drop trigger begins_candidate on controls_scoringmodel;
    drop function refuse_unsigned_threshold();
    drop function refuse_model_moved();
    drop function refuse_model_rewritten();
    drop function refuse_begun_model();
    drop function model_needs_reason(jsonb, integer);
"""


def begin(apps: Any, schema_editor: Any) -> None:
    """From assumptions alone: until the first training the house's scores rest on what is usual everywhere."""
    models = apps.get_model("controls", "ScoringModel").objects
    if not models.exists():
        models.create(
            number=1, status="champion", measures=artefacts.FIRST.measures, names=list(unsupervised.TAILS),
            parameters={}, learnt={"payments": 0, "trees": False}, artefact=artefacts.FIRST.content,
            digest=artefacts.FIRST.digest,
        )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("controls", "0030_scoring_models_live")]
    operations = [
        sql.install("controls", "scoring_models", UNDO),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
