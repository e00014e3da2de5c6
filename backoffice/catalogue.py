"""The French catalogue: gather messages from code and templates, merge them, compile. Babel does it, no system gettext.

``.po`` files are kept in version control and hold no line numbers and no dates, so that they change only with words.
``.mo`` files are built: by `make messages`, at the start of `make run`, and at the start of the tests when stale.
"""

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("backoffice", "transactions", "controls", "documents")
LOCALE = ROOT / "backoffice" / "locale"
LANGUAGES = ("fr",)
LEFT_OUT = {"migrations", "locale", "static", "__pycache__"}
KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
    "Fact": (2,),  # what a fact of the rules means (controls/vocabulary.py)
}
COMMENT_TAGS = ("Translators:",)


def path(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def _sources() -> Iterator[Path]:
    for room in ROOMS:
        yield from (ROOT / room).rglob("*.py")
        yield from (ROOT / room).rglob("templates/**/*.html")
    for suffix in ("html", "txt", "svg"):
        yield from (ROOT / "templates").rglob(f"*.{suffix}")


def _python(source: Path) -> io.BytesIO:
    """The source itself, or a template turned into calls of gettext, one message a line, without indentation."""
    text = source.read_text(encoding="utf-8")
    if source.suffix != ".py":
        text = "\n".join(line.lstrip() for line in templatize(text, origin=str(source)).split("\n"))
    return io.BytesIO(text.encode())


def gather() -> Catalog:
    """Every message of the code and the templates, in a fixed order."""
    catalog = Catalog(project="backoffice", charset="utf-8")
    found = sorted(source for source in _sources() if not LEFT_OUT.intersection(source.relative_to(ROOT).parts))
    for source in found:
        name = source.relative_to(ROOT).as_posix()
        for line, message, comments, context in extract(
            "python", _python(source), KEYWORDS, COMMENT_TAGS, {"encoding": "utf-8"}, strip_comment_tags=True
        ):
            catalog.add(message, None, [(name, line)], auto_comments=comments, context=context)
    return catalog


def read(language: str) -> Catalog:
    po = path(language)
    if not po.exists():
        return Catalog(locale=language, charset="utf-8", fuzzy=False)
    with po.open("rb") as stored:
        return read_po(stored, locale=language, charset="utf-8")


def _header(language: str, plural: str) -> bytes:
    return (
        f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"MIME-Version: 1.0\\n"\n'
        f'"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {plural}\\n"\n\n'
    ).encode()


def _text(catalog: Catalog, language: str) -> bytes:
    out = io.BytesIO()
    # Babel writes a template's missing translations as empty strings; obsolete ones are dropped: history has them.
    write_po(out, catalog, width=120, omit_header=True, sort_output=True, ignore_obsolete=True, include_lineno=False)
    return _header(language, catalog.plural_forms.rstrip(";") + ";") + out.getvalue().lstrip(b"\n")


def merged(language: str) -> bytes:
    """The text of the ``.po`` file as it should be: today's messages with the translations that exist.

    A translation follows its message alone; no guess is taken from a similar one.
    """
    catalog = read(language)
    catalog.update(gather(), no_fuzzy_matching=True)
    return _text(catalog, language)


def merge(language: str) -> bool:
    """Bring the ``.po`` file into step with the code. Says whether it changed."""
    text, po = merged(language), path(language)
    if po.exists() and po.read_bytes() == text:
        return False
    po.parent.mkdir(parents=True, exist_ok=True)
    po.write_bytes(text)
    return True


def untranslated(language: str) -> list[str]:
    """Messages of today's code without a translation."""
    catalog = read(language)
    missing = []
    for message in gather():
        if message.id:
            known = catalog.get(message.id, message.context)
            if known is None or known.fuzzy or not all(_strings(known.string)):
                missing.append(message.id if isinstance(message.id, str) else message.id[0])
    return missing


def _strings(value: Any) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)


def compile_stale() -> list[str]:
    """Build every ``.mo`` that is missing or older than its ``.po``; returns the languages built.

    Written aside and renamed, so that processes that start together never read half a file.
    """
    built = []
    for language in LANGUAGES:
        po = path(language)
        mo = po.with_suffix(".mo")
        if not po.exists() or (mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime):
            continue
        fresh = mo.with_name(f".django.{os.getpid()}.mo")
        with fresh.open("wb") as out:
            write_mo(out, read(language))
        fresh.replace(mo)
        built.append(language)
    return built
