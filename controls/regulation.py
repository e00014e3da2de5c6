"""The regulation map: each duty of the product's reference, where it stands, since when, and what carries it.

Which rules carry a duty is read from the catalogue: those whose legal reference begins a part with its mark. What else
does is named here (``parts``, dotted names of the code), and what nothing carries yet says so, with the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from controls.rules.catalogue import CATALOGUE
from controls.rules.shipped import Shipped

# The day of the reference that the map was made from: what is in force is said as of it.
STATED_ON = date(2026, 11, 23)
Both = tuple[str, str]
CHAPTERS: dict[str, Both] = {
    "CTL": ("Internal control", "Contrôle interne"),
    "SEP": ("SEPA formats", "Formats SEPA"),
    "TIM": ("Time, execution, instant payments", "Délais, exécution, virements instantanés"),
    "AML": ("Payer and payee information, cash, money laundering", "Informations, espèces, blanchiment"),
    "DIS": ("Refunds, authentication, disputes", "Remboursements, authentification, contestations"),
    "COM": ("Invoices and consumer orders", "Factures et commandes de consommateurs"),
    "PAR": ("Parcels and customs", "Colis et douane"),
    "ACC": ("Accounting", "Comptabilité"),
    "GDP": ("Data protection", "Protection des données"),
    "RES": ("Resilience", "Résilience"),
    "CLI": ("Client assets", "Avoirs des clients"),
}
_SHOP: Both = (
    "with sales orders, in a later part of the product",
    "avec les commandes de vente, dans une partie ultérieure du produit",
)
_PARCELS: Both = (
    "with shipments, in a later part of the product",
    "avec les expéditions, dans une partie ultérieure du produit",
)
_CASES: Both = (
    "with claims, in a later part of the product",
    "avec les réclamations, dans une partie ultérieure du produit",
)
_PROOF: Both = (
    "with retention and evidence, in a later part of the product",
    "avec la conservation et la preuve, dans une partie ultérieure du produit",
)


# Names of acts, the longer ones first.
_ACTS: tuple[Both, ...] = (
    ("Delegated Reg. (EU)", "règl. délégué (UE)"), ("Delegated Dir. (EU)", "dir. déléguée (UE)"),
    ("Reg. (EU)", "règl. (UE)"), ("Dir. 2006", "dir. 2006"), ("GDPR", "RGPD"), ("PSD2", "DSP2"), ("ECB", "BCE"),
    ("EPC Customer-to-PSP guidelines", "guide EPC client-banque"),
    ("EPC SCT rulebook", "rulebook SCT de l’EPC"), ("EPC 2025 rulebooks", "rulebooks EPC 2025"),
    ("EPC SDD Core and SCT rulebooks", "recueils EPC SDD Core et SCT"), ("address guidance", "guide des adresses"),
    ("UPU Convention regulations", "règlements de la Convention de l’UPU"), (" and ", " et "), (" to ", " à "),
    ("; ", "\u202f; "),
)  # fmt: skip


@dataclass(frozen=True)
class Duty:
    """One duty. ``later``: what of it is not carried yet, and why; without rules and parts, all of it."""

    mark: str
    title_en: str
    title_fr: str
    source: str
    certainty: str
    since: date | None = None
    until: date | None = None
    parts: tuple[str, ...] = ()
    later: Both | None = None

    @property
    def chapter(self) -> Both:
        return CHAPTERS[self.mark[:3]]

    def source_in(self, at: int) -> str:
        """The source in English (0) or French (1)."""
        said = self.source
        for english, french in _ACTS if at else ():
            said = said.replace(english, french)
        return said

    @property
    def rules(self) -> Sequence[Shipped]:
        return [
            rule for rule in CATALOGUE
            if any(part.startswith(f"{self.mark}:") for part in rule.legal_reference.split("; "))
        ]  # fmt: skip

    @property
    def carried(self) -> bool:
        return bool(self.rules or self.parts)

    def in_force(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


def _d(mark: str, titles: Both, source: str, certainty: str, *parts: str, since: date | None = None,
       until: date | None = None, later: Both | None = None) -> Duty:  # fmt: skip
    return Duty(mark, *titles, source, certainty, since, until, parts, later)


DUTIES: tuple[Duty, ...] = (
    _d("CTL-01", ("Who commits an operation does not settle it", "Qui engage une opération ne la règle pas"),
       "Arrêté du 3 novembre 2014 art. 14; COSO 10-11", "K",
       "backoffice.people.signing", "transactions.workflow.verbs", "controls.changes"),
    _d("CTL-02", ("Three levels of control", "Trois niveaux de contrôle"),
       "Arrêté du 3 novembre 2014 art. 12", "V~", "controls.models.RuleVersion", "backoffice.people.roles",
       since=date(2021, 6, 28)),
    _d("CTL-03", ("Large operations need more approvals", "Les grosses opérations demandent plus d’accords"),
       "COSO 10", "K", "controls.models.ApprovalPolicy", "backoffice.people.models.Limit"),
    _d("CTL-04", ("An audit trail rebuilds every operation", "Une piste d’audit reconstitue chaque opération"),
       "Arrêté du 3 novembre 2014 art. 85", "K", "documents.trail", "documents.attachments",
       later=("sealing of the trail: a later part of the product",
              "le scellement de la piste\u00a0: une partie ultérieure du produit")),
    _d("CTL-05", ("Changed bank details are confirmed by another person",
                  "Des coordonnées changées sont confirmées par une autre personne"),
       "COSO 10", "K", "transactions.payees"),
    _d("SEP-01", ("Euro, within the amounts of the scheme", "En euros, dans les montants du schéma"),
       "EPC SCT rulebook 2025 v1.1", "V~", "backoffice.common.money"),
    _d("SEP-02", ("IBAN suffices", "L’IBAN suffit"), "Reg. (EU) 260/2012 art. 5(1)(a), (c)", "V",
       "transactions.intake.account_numbers", since=date(2016, 2, 1)),
    _d("SEP-03", ("No SEPA IBAN is refused for its country", "Aucun IBAN SEPA n’est refusé pour son pays"),
       "Reg. (EU) 260/2012 art. 9", "K", "transactions.intake.account_numbers"),
    _d("SEP-04", ("Latin set, capped lengths", "Jeu latin, longueurs bornées"),
       "EPC Customer-to-PSP guidelines (pain.001)", "V", "transactions.writers.characters"),
    _d("SEP-05", ("Structured or hybrid addresses alone", "Adresses structurées ou hybrides seulement"),
       "EPC 2025 rulebooks v1.1, address guidance v2.1", "V", since=date(2026, 11, 15)),
    _d("SEP-06", ("Live mandates; windows of returns and recalls",
                  "Mandats vivants\u202f; délais des retours et rappels"),
       "EPC SDD Core and SCT rulebooks", "K", "transactions.mandates", "transactions.recalls.deadlines"),
    _d("TIM-01", ("Credited by the next business day", "Crédité le jour ouvrable suivant"),
       "CMF L133-13 I (PSD2 art. 83)", "V", "transactions.cut_offs", "transactions.queries.forecast"),
    _d("TIM-02", ("Cut-offs and TARGET days", "Heures limites et jours TARGET"),
       "CMF L133-9 (PSD2 art. 78); ECB", "V~", "backoffice.common.calendars", "transactions.cut_offs"),
    _d("TIM-03", ("Instant transfers in ten seconds", "Virements instantanés en dix secondes"),
       "Reg. (EU) 260/2012 art. 5a", "V", "transactions.instant", since=date(2025, 10, 9)),
    _d("TIM-04", ("Verification of payee", "Vérification du bénéficiaire"),
       "Reg. (EU) 260/2012 art. 5c", "V~", "controls.verification.asking", "controls.verification.service",
       since=date(2025, 10, 9)),
    _d("AML-01", ("What accompanies a transfer", "Ce qui accompagne un virement"),
       "Reg. (EU) 2023/1113 art. 4-8", "V", since=date(2024, 12, 30)),
    _d("AML-02", ("Ceiling of cash in France", "Plafond des espèces en France"), "CMF L112-6; D112-3", "V"),
    _d("AML-03", ("Ceiling of cash in the EU", "Plafond des espèces dans l’UE"),
       "Reg. (EU) 2024/1624 art. 80", "V", since=date(2027, 7, 10)),
    _d("AML-04", ("Cash listed to Tracfin each month", "Espèces déclarées chaque mois à Tracfin"),
       "CMF L561-15-1; R561-31-1 to -3", "V",
       later=("the list itself: with reports, in a later part of the product",
              "la liste elle-même\u00a0: avec les états, dans une partie ultérieure du produit")),
    _d("AML-05", ("Splitting under a threshold", "Fractionnement sous un seuil"),
       "Reg. (EU) 2024/1624 art. 80(1)", "K"),
    _d("AML-06", ("High-risk countries, unusual operations", "Pays à haut risque, opérations inhabituelles"),
       "CMF L561-10, L561-10-2; Delegated Reg. (EU) 2016/1675", "V~", "controls.rules.high_risk",
       "controls.screening.rule"),
    _d("AML-07", ("A suspicion is reported first and not told", "Un soupçon est déclaré d’abord et n’est pas dit"),
       "CMF L561-15, L561-16, L561-18", "K", "controls.cases.reports",
       later=("the sending of the report, which people do themselves on the authority's own site",
              "l’envoi de la déclaration, que les personnes font elles-mêmes sur le site de l’autorité")),
    _d("AML-08", ("Records kept for five years", "Données conservées cinq ans"), "CMF L561-12", "V", later=_PROOF),
    _d("AML-09", ("No funds for listed persons", "Aucun fonds pour les personnes désignées"),
       "CMF L562-4, L562-4-1, L562-5, R562-3; Reg. (EU) 260/2012 art. 5d", "V",
       "controls.screening.rule", "controls.screening.rescreen",
       later=("the declaration to the Direction générale du Trésor, which people write themselves",
              "la déclaration à la Direction générale du Trésor, que les personnes écrivent elles-mêmes")),
    _d("DIS-01", ("Thirteen months to report", "Treize mois pour signaler"), "CMF L133-24", "V", later=_CASES),
    _d("DIS-02", ("Unauthorised: refunded at once", "Non autorisé\u00a0: remboursé sans délai"), "CMF L133-18", "V",
       later=_CASES),
    _d("DIS-03", ("Eight weeks to ask a debit back", "Huit semaines pour contester un prélèvement"),
       "CMF L133-25 III", "V", later=_CASES),
    _d("DIS-04", ("Approval is linked to amount and payee", "L’accord est lié au montant et au bénéficiaire"),
       "CMF L133-44; Delegated Reg. (EU) 2018/389 art. 5", "K", "controls.cards", "transactions.workflow.amendments",
       later=("strong authentication of each approval: in a later part of the product",
              "l’authentification forte de chaque accord\u00a0: dans une partie ultérieure du produit")),
    _d("COM-01", ("Payment terms are capped", "Les délais de paiement sont bornés"),
       "C. com. L441-10 I and II", "V", "transactions.invoices"),
    _d("COM-02", ("E-invoices through a platform", "Factures électroniques par une plateforme"),
       "CGI art. 289 bis, 290", "V", since=date(2026, 9, 1),
       later=("invoices registered here carry no platform yet: in a later part of the product",
              "les factures inscrites ici sont sans plateforme\u00a0: dans une partie ultérieure du produit")),
    _d("COM-03", ("Delivery within thirty days", "Livraison sous trente jours"),
       "C. conso. L216-1, L216-6, L216-7", "V",
       later=_SHOP),
    _d("COM-04", ("Fourteen days to withdraw", "Quatorze jours pour se rétracter"),
       "C. conso. L221-18, L221-23, L221-24", "V~", later=_SHOP),
    _d("COM-05", ("A function to withdraw online", "Une fonction de rétractation en ligne"),
       "C. conso. L221-21, D221-5", "V~", since=date(2026, 6, 19), later=_SHOP),
    _d("PAR-01", ("Duty on low-value consignments", "Droit sur les envois de faible valeur"), "Reg. (EU) 2026/382", "V",
       since=date(2026, 7, 1), until=date(2028, 7, 1), later=_PARCELS),
    _d("PAR-02", ("French small-parcel tax", "Taxe française sur les petits colis"),
       "Loi de finances 2026 art. 82", "V",
       since=date(2026, 3, 1), until=date(2026, 12, 31), later=_PARCELS),
    _d("PAR-03", ("IOSS up to 150 EUR", "IOSS jusqu’à 150 EUR"), "Dir. 2006/112/EC art. 369l", "V~", later=_PARCELS),
    _d("PAR-04", ("Goods described with an HS code", "Marchandises décrites par un code SH"),
       "Reg. (EU) 952/2013", "V~",
       since=date(2023, 3, 1), later=_PARCELS),
    _d("PAR-05", ("CN22 and CN23", "CN22 et CN23"), "UPU Convention regulations", "V~", later=_PARCELS),
    _d("ACC-01", ("Books kept for ten years", "Comptes conservés dix ans"), "C. com. L123-22", "V", later=_PROOF),
    _d("ACC-02", ("An entry is never changed", "Une écriture n’est jamais modifiée"), "PCG art. 921-3, 921-4", "V~",
       "transactions.ledger",
       later=("closing of a period: in a later part of the product",
              "la clôture d’une période\u00a0: dans une partie ultérieure du produit")),
    _d("ACC-03", ("The file of accounting entries", "Le fichier des écritures comptables"), "LPF L47 A I, A47 A-1", "V",
       later=_PROOF),
    _d("GDP-01", ("Only the data that are needed", "Seulement les données nécessaires"),
       "GDPR art. 5(1)(c), (e), 25", "K",
       "backoffice.common.formats", "backoffice.people.roles",
       later=("classes of retention: in a later part of the product",
              "les classes de conservation\u00a0: dans une partie ultérieure du produit")),
    _d("GDP-02", ("Erasure and what law keeps", "L’effacement et ce que la loi conserve"),
       "GDPR art. 17(3)(b), 18", "K",
       later=_PROOF),
    _d("RES-01", ("Incidents are classified and reported", "Les incidents sont classés et déclarés"),
       "Reg. (EU) 2022/2554 art. 17-19; GDPR art. 33", "V", later=_CASES),
    _d("CLI-01", ("Client assets apart and reconciled", "Avoirs des clients séparés et rapprochés"),
       "Delegated Dir. (EU) 2017/593 art. 2(1)", "V~",
       later=("the reconciliation: in a later part of the product",
              "le rapprochement\u00a0: dans une partie ultérieure du produit")),
)  # fmt: skip


def not_in_force(day: date) -> list[Shipped]:
    """The rules of the catalogue that are there and off on a day, because theirs has not come or is over."""
    return [
        rule for rule in CATALOGUE
        if (rule.valid_from is not None and day < rule.valid_from)
        or (rule.valid_to is not None and rule.valid_to < day)
    ]  # fmt: skip
