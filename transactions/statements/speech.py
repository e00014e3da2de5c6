"""What a reader says of the places where something is wrong. Bounded: a file of a million slips is told in hundreds."""

from collections import Counter
from typing import Any

from transactions.intake.rows import ERROR, WARNING, Problem
from transactions.statements.read import Say

MOST_OF_ONE = 200


class Speech:
    """Hands problems on to ``say``; of one code the first two hundred, and then that there are more."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self.said: Counter[str] = Counter()

    def error(self, code: str, /, **where: Any) -> None:
        """The line (or, with position 0, the statement) is not as it should be, and is kept out."""
        self._speak(ERROR, code, where)

    def warn(self, code: str, /, **where: Any) -> None:
        self._speak(WARNING, code, where)

    def _speak(self, severity: str, code: str, where: dict[str, Any]) -> None:
        """``where``: statement, place (of the entry in it), line (of the file), field, value; else parameters."""
        self.said[code] += 1
        if self.said[code] > MOST_OF_ONE:
            if self.said[code] == MOST_OF_ONE + 1:
                self._say(Problem(0, "statement.and_more", {"most": MOST_OF_ONE, "of": code}, severity=WARNING))
            return
        statement, place = where.pop("statement", 0), where.pop("place", 0)
        told = "value" in where
        line, field, value = where.pop("line", None), where.pop("field", ""), str(where.pop("value", ""))[:200]
        path = f"statement[{statement}]" + (f"/entry[{place}]" if place else "") if statement else ""
        params = {**where, **({"value": shown(value) or "–"} if told else {})}
        self._say(Problem(place, code, params, field, shown(value), line or None, path, severity))


def shown(text: str) -> str:
    """A text that can be stored and shown: nothing invisible in it."""
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)[:200]
