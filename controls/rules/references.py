"""Legal references in the reader's language.

A rule keeps its reference as one text, its parts joined by "; ": it is quoted in exports and by programs. Parts that
hold words have a translation; those of the house's own rules are shown as they were written.
"""

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

PARTS = (
    _("AML-01: Reg. (EU) 2023/1113 art. 4(1)"),
    _("AML-01: Reg. (EU) 2023/1113 art. 4(2)"),
    _("AML-01: Reg. (EU) 2023/1113 art. 7-8"),
    _("AML-02: CMF L112-6, D112-3"),
    _("AML-03: Reg. (EU) 2024/1624 art. 80"),
    _("AML-04: CMF L561-15-1, R561-31-2, R561-31-3"),
    _("AML-05: Reg. (EU) 2024/1624 art. 80(1)"),
    _("AML-06: CMF L561-10"),
    _("AML-06: CMF L561-10-2 (unusually large operations)"),
    _("AML-09: CMF L562-4, L562-5"),
    _("AML-09: CMF L562-4 where the account is frozen"),
    _("AML-09: CMF L562-5 where the account is frozen"),
    _("COM-01: C. com. L441-10 I and II, D441-5"),
    _("CLI-01: Delegated Dir. (EU) 2017/593 art. 2(1)"),
    _("CTL-03: house rule under COSO principle 10"),
    _("CTL-03: house rule under COSO principle 10 (novelty of the payee)"),
    _("CTL-03: house rule under COSO principle 10 (summed over one payee and one day)"),
    _("CTL-05: house rule under COSO principle 10"),
    _("Delegated Reg. (EU) 2016/1675"),
    _("ECB calendar of TARGET closing days"),
    _("EPC address guidance v2.1, section 7.4"),
    _("House rule"),
    _("House rule (a typing error in the year)"),
    _("House rule (a payment to a supplier rests on an invoice)"),
    _("House rule (cash is kept until it is due)"),
    _("House rule (invoice fraud: a call back to a known number before the first payment)"),
    _("House rule (no exchange is made here)"),
    _("House rule under COSO principle 10"),
    _("Reg. (EU) 260/2012 art. 5(1)(c)"),
    _("Reg. (EU) 2023/1113 art. 5-6 (linked operations)"),
    _("SEP-01: EPC SCT rulebook 2025 v1.1"),
    _("SEP-02: EPC list of SEPA scheme countries"),
    _("SEP-02: ISO 9362"),
    _("SEP-02: Reg. (EU) 260/2012 art. 5(1)(a)"),
    _("SEP-04: EPC Customer-to-PSP guidelines (pain.001)"),
    _("SEP-04: ISO 11649"),
    _("SEP-06: EPC SDD Core and B2B rulebooks"),
    _("SEP-06: EPC262-08, creditor identifier overview"),
    _("SEP-05: EPC 2025 rulebooks v1.1"),
    _("TIM-02: CMF L133-9 (PSD2 art. 78)"),
    _("TIM-03: Reg. (EU) 260/2012 art. 5a"),
    _("TIM-04: Reg. (EU) 260/2012 art. 5c"),
    _("TIM-04: Reg. (EU) 260/2012 art. 5c, inserted by Reg. (EU) 2024/886"),
    _("decided again at approval (ISO 20022 AM04)"),
)
# Names of texts that are the same in every language.
NAMES = ("EPC217-08", "ISO 20022 AM05")


def said(reference: str) -> str:
    """The reference in the active language, part by part."""
    return gettext("; ").join(gettext(part) if part else part for part in reference.split("; "))
