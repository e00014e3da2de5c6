"""Payments that wait for their score. One that fails is set aside, so that those behind it are scored; it is tried
again alone, after two minutes, then four, up to once a day, until it succeeds: nothing that was noted is forgotten.
"""

from backoffice.common import sql

_TAKE = """
    delete from controls_scoredue d using (
        select id from controls_scoredue where {which} limit %s for update skip locked) t
    where d.id = t.id returning d.payment_id
"""
_FRESH = _TAKE.format(which="tries = 0 order by id")
_ASIDE = _TAKE.format(which="tries > 0 and again_at <= clock_timestamp() order by again_at, id")
_SET_ASIDE = """
    update controls_scoredue
    set tries = least(tries + 1, 99), again_at = clock_timestamp() + least(2 ^ (tries + 1), 1440) * interval '1 minute'
    where payment_id = %s
"""


def fresh(most: int) -> list[int]:
    """Take payments that were not tried yet, the first noted first. Inside ``atomic()``: a rollback puts them back."""
    return sorted({row[0] for row in sql.rows(_FRESH, [most])})


def aside(_most: int = 1) -> list[int]:
    """Take one that failed and whose time has come. Inside ``atomic()``."""
    return [row[0] for row in sql.rows(_ASIDE, [1])]


def set_aside(payment_id: int) -> None:
    """Its score failed."""
    sql.run(_SET_ASIDE, [payment_id])
