"""Invented names and every kind of error that names come with: for the recall of screening, also in benchmarks."""

import random
from collections.abc import Callable, Iterator, Sequence

GIVEN = (
    "Anatol", "Branimir", "Casimir", "Dragan", "Emerick", "Farouk", "Gulnara", "Hakim", "Ilyas", "Jamshid", "Karima",
    "Leonid", "Mahmud", "Nadezhda", "Ousmane", "Pavel", "Qasim", "Rashid", "Svetlana", "Tariq", "Umar", "Valentin",
    "Wassim", "Xenia", "Yevgeny", "Zoran", "Ahmad", "Mohammed", "Ibrahim", "Sergei", "Jean", "Marie", "Carlos", "Li",
)  # fmt: skip
STEMS = (
    "kor",
    "bal",
    "mir",
    "zan",
    "tov",
    "hal",
    "ras",
    "dun",
    "vel",
    "gar",
    "shir",
    "pek",
    "lom",
    "nas",
    "qur",
    "brod",
)
ENDS = ("ov", "ski", "adze", "zadeh", "ani", "evich", "oglu", "son", "ez", "ier", "auer", "man", "ura", "akis")
TRADES = ("Trading", "Shipping", "Petroleum", "Industries", "Aviation", "Holdings", "Metals", "Logistics", "Bank")
FORMS = ("LLC", "Ltd", "GmbH", "S.A.R.L.", "OOO", "Co.", "JSC")
LOOKS = {"a": "á", "e": "é", "i": "ı", "o": "ö", "u": "ü", "c": "ç", "s": "š", "n": "ñ", "z": "ž"}
CYRILLIC = dict(zip("abvgdezijklmnoprstufh", "абвгдезийклмнопрстуфх", strict=True))


def invented(number: int, seed: int = 7) -> list[str]:
    """So many different names: persons of two to four words, every fourth an organisation."""
    chance = random.Random(seed)
    made: dict[str, None] = {}
    while len(made) < number:
        surname = (chance.choice(STEMS) + chance.choice(STEMS) * chance.randrange(2) + chance.choice(ENDS)).title()
        if len(made) % 4 == 3:
            name = f"{surname} {chance.choice(STEMS).title()}{chance.choice(ENDS)} {chance.choice(TRADES)}"
        else:
            first = " ".join(chance.sample(GIVEN, chance.choice((1, 1, 2, 3))))
            name = f"{first} {surname}"
        made[name] = None
    return list(made)


Error = Callable[[str, random.Random], str]


def _letter(name: str, chance: random.Random, change: Callable[[str], str]) -> str:
    places = [at for at, letter in enumerate(name) if letter.isalpha()]
    at = chance.choice(places)
    return name[:at] + change(name[at]) + name[at + 1 :]


def swapped(name: str, chance: random.Random) -> str:
    at = chance.randrange(len(name) - 1)
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def shuffled(name: str, chance: random.Random) -> str:
    words = name.split()
    chance.shuffle(words)
    return " ".join(words)


def comma(name: str, _chance: random.Random) -> str:
    first, _blank, last = name.rpartition(" ")
    return f"{last.upper()}, {first}"


def initial(name: str, chance: random.Random) -> str:
    words = name.split()
    at = chance.randrange(len(words) - 1)
    return " ".join([*words[:at], f"{words[at][0]}.", *words[at + 1 :]])


def joined(name: str, chance: random.Random) -> str:
    words = name.split()
    at = chance.randrange(len(words) - 1)
    return " ".join([*words[:at], words[at] + words[at + 1].lower(), *words[at + 2 :]])


def split(name: str, chance: random.Random) -> str:
    words = name.split()
    longest = max(range(len(words)), key=lambda place: len(words[place]))
    at = chance.randrange(2, len(words[longest]) - 1)
    words[longest] = f"{words[longest][:at]} {words[longest][at:]}"
    return " ".join(words)


def left_out(name: str, chance: random.Random) -> str:
    words = name.split()
    if len(words) > 2:
        del words[chance.randrange(1, len(words) - 1)]
    return " ".join(words)


ERRORS: dict[str, Error] = {
    "case": lambda name, _chance: name.upper(),
    "titled": lambda name, _chance: f"Sheikh Dr. {name}",
    "legal_form": lambda name, chance: f"{name} {chance.choice(FORMS)}",
    "accents": lambda name, _chance: "".join(LOOKS.get(letter, letter) for letter in name),
    "punctuation": lambda name, _chance: name.replace(" ", " - "),
    "cyrillic": lambda name, _chance: "".join(CYRILLIC.get(letter, letter) for letter in name.lower()),
    "substituted": lambda name, chance: _letter(name, chance, lambda _letter: chance.choice("aeiourstln")),
    "deleted": lambda name, chance: _letter(name, chance, lambda _letter: ""),
    "inserted": lambda name, chance: _letter(name, chance, lambda letter: letter + chance.choice("aeiourstln")),
    "doubled": lambda name, chance: _letter(name, chance, lambda letter: letter * 2),
    "swapped": swapped,
    "order": shuffled,
    "comma": comma,
    "initial": initial,
    "joined": joined,
    "split": split,
    "left_out": left_out,
    "added": lambda name, chance: f"{name} {chance.choice(STEMS).title()}a",
}  # fmt: skip


def with_errors(names: Sequence[str], seed: int = 11) -> Iterator[tuple[str, str, str]]:
    """(kind of error, wrong name, right name): the kinds in turn, each with every so many-th name."""
    chance = random.Random(seed)
    kinds = list(ERRORS)
    for at, name in enumerate(names):
        kind = kinds[at % len(kinds)]
        yield kind, ERRORS[kind](name, chance), name
