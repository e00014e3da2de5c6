"""What a hit shows beside the names: countries as publishers write them, and only what is known of whom it is about."""

from typing import Any

import pytest

from controls.models import ScreeningHit
from controls.screening import countries, words
from tests.controls import listed
from tests.controls.scene import Scene, judge, scene
from tests.people import person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Korea, North", "KP"), ("Democratic People's Republic of Korea", "KP"), ("Korea, South", "KR"),
        ("Iran (Islamic Republic of)", "IR"), ("Congo, Democratic Republic of the", "CD"),
        ("Democratic Republic of the Congo", "CD"), ("Congo, Republic of the", "CG"), ("Burma", "MM"),
        ("Myanmar", "MM"), ("Bahamas, The", "BS"), ("Turkey", "TR"), ("TÜRKİYE", "TR"), ("Cote d Ivoire", "CI"),
        ("West Bank", "PS"), ("possibly Palestinian", "PS"), ("Region: Gaza", "PS"),
        ("of Registration Korea, North", "KP"), ("Russian Federation", "RU"), ("ru", "RU"), ("RUS", "RU"),
        ("Bosnia and Herzegovina", "BA"), ("Allemagne", "DE"), ("SYRIAN ARAB REPUBLIC", "SY"), ("Kosovo", "XK"),
        ("undetermined", ""), ("(" * 131_000, ""), ("The " * 30_000 + "Iran", ""),
        ("former Soviet Union", ""), ("", ""), ("ZZ", ""),
    ],
)  # fmt: skip
def test_countries_are_recognised_as_publishers_write_them(text: str, code: str) -> None:
    assert countries.code_of(text) == code


@pytest.mark.parametrize(
    ("ours", "theirs", "outcome"),
    [
        ("KP", ["Korea, North"], True), ("FR", ["Korea, North"], False), ("FR", ["Cuba", "France"], True),
        ("FR", ["Cuba", "undetermined"], None), ("", ["Cuba"], None), ("FR", [], None), ("cu", ["Cuba"], True),
    ],
)  # fmt: skip
def test_what_is_not_known_is_not_said_to_differ(ours: str, theirs: list[str], outcome: bool | None) -> None:
    assert countries.agree(ours, theirs) is outcome


def hit_of(made: Scene, **fields: Any) -> dict[str, tuple[str, str]]:
    judge(made.payment(**fields))
    return {str(row.label): (row.ours, row.verdict) for row in words.compared(ScreeningHit.objects.latest("pk"))}


def test_the_country_of_an_account_speaks_for_a_hit_and_never_against_it() -> None:
    made = scene()
    listed.loaded(person("supervisor", entity=made.stage.entity), entity=made.stage.entity)
    bulgarian, french = "BG80BNBG96611020345678", "FR7630006000011234567890189"
    # The listed one lives in Bulgaria.
    known = {"creditor_name": "Vasil Korbalski", "payee": None}
    assert hit_of(made, **known, creditor_number=french)["Country of the account"] == ("France (FR)", "unknown")
    assert hit_of(made, **known, creditor_number=bulgarian)["Country of the account"] == ("Bulgaria (BG)", "agrees")
    lives = hit_of(made, **known, creditor_number=bulgarian, creditor_address={"country": "FR", "town": "Brest"})
    assert (lives["Country"], lives["Town"]) == (("France (FR)", "differs"), ("Brest", "differs"))
    ultimate = hit_of(made, creditor_number=french, ultimate_creditor="Vasil Korbalski")
    assert ultimate["Country"] == ("", "unknown")
