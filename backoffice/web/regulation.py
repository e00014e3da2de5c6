"""The regulation map: each duty with its source, its days and what carries it here."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from backoffice.people import access
from controls import regulation
from controls.models import RuleVersion
from controls.rules import rulesets


@require_safe
def duties(request: HttpRequest) -> HttpResponse:
    """By chapter. Whether a rule runs is what the house published, not what was shipped. One query for the rules."""
    access.demand(request.user, "rule.view")
    at = 1 if (get_language() or "en").startswith("fr") else 0
    today = timezone.localdate()
    running = {
        version.rule.code for version in rulesets.in_force() if version.mode == RuleVersion.Mode.ACTIVE
    }  # fmt: skip
    chapters: dict[str, list[dict[str, Any]]] = {}
    for duty in regulation.DUTIES:
        chapters.setdefault(duty.chapter[at], []).append(
            {
                "duty": duty, "title": (duty.title_en, duty.title_fr)[at], "in_force": duty.in_force(today),
                "over": duty.until is not None and duty.until < today,
                "source": duty.source_in(at),
                "later": duty.later[at] if duty.later else "",
                "rules": [
                    {
                        "code": rule.code, "name": (rule.name_en, rule.name_fr)[at], "runs": rule.code in running,
                        "not_yet": rule.valid_from if rule.valid_from and rule.valid_from > today else None,
                    }
                    for rule in duty.rules
                ],
            }
        )  # fmt: skip
    carried = sum(duty.carried for duty in regulation.DUTIES)
    return render(
        request,
        "regulation.html",
        {
            "chapters": chapters, "stated_on": regulation.STATED_ON, "carried": carried,
            "total": len(regulation.DUTIES), "certainties": RuleVersion.Certainty.choices[1:],
        },
    )  # fmt: skip
