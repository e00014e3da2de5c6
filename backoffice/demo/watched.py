"""An invented list of the demo, so that screening has something to show: a hit to decide, and one that was released."""

from backoffice.people.models import Entity, User
from controls import changes
from controls.models import ScreeningHit
from controls.screening import asking, rescreen, watchlists

# Nobody of that name is on any list; the second is alike to a supplier of the day's files.
CONTENT = """id,schema,name,aliases,birth_date,countries,addresses,program_ids,notes
DEMO-1,Organization,Rosmadec Toiture et Bardage,Rosmadec Toitures,,FR,"Zone des Embruns, Port-Louarn",FICTIF,Inventée
DEMO-2,Organization,Global Trade Partner Company,G.T. Partner,,AE,"Tour Sept, Sable-Blanc",FICTIF,Inventée
DEMO-3,Person,Anatolij Vremensky,Anatole Vremenski,1958-02-03,XX,"Rue du Phare, Sable-Blanc",FICTIF,Inventé
DEMO-4,Vessel,Étoile de Sable,Sand Star,,XX,,FICTIF,Inventé
"""


def load(actor: User, entity: Entity) -> None:
    """The list in force before the day's files come in."""
    made = watchlists.create(
        actor=actor, code="DEMO-FICTIF", name="Liste fictive de démonstration", publisher="Inventée", kind="own",
        entity=entity, threshold=82,
    )  # fmt: skip
    version = watchlists.take_in(
        actor=actor, list_id=made.pk, content=CONTENT.encode(), file_name="liste-fictive.csv"
    )  # fmt: skip
    rescreen.version(version.pk)


def decide(entity_id: int, asker: User, approver: User) -> None:
    """One hit is released by two people; the others are left to decide."""
    rows = ScreeningHit.objects.filter(entity=entity_id, status="open", entry__code="DEMO-2").order_by("pk")
    for hit in rows[:1]:
        asked = asking.release(actor=asker, hit_id=hit.pk, reason="Autre société : SIREN et adresse différents.")
        changes.sign(actor=approver, request_id=asked.pk)
