"""Build what the pages load from our sources and from packages: style, scripts, icons, fonts, htmx.

Everything is written to backoffice/static/built/, which is not kept in version control. A part is made again only when
what it is made of changed; an up-to-date build takes a few milliseconds.
"""

import argparse
import hashlib
import importlib.metadata
import importlib.util
import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from backoffice.common.icons import ICONS

STATIC = Path(__file__).resolve().parents[2] / "static"
BUILT = STATIC / "built"
UNICODES = (
    "U+0020-007E,U+00A0-017F,U+0192,U+02C6,U+02DA,U+02DC,U+2002-200A,U+2010-2015,U+2018-201E,U+2020-2022,U+2026,"
    "U+202F,U+2030,U+2032,U+2033,U+2039,U+203A,U+20AC,U+2116,U+2122,U+2190-2193,U+2212,U+2248,U+2260,U+2264,U+2265,"
    "U+0218-021B,U+1E9E"
)
FEATURES = "kern,mark,mkmk,ccmp,locl,calt,case,tnum,lnum,cv05,cv08,zero"
FACE = (
    '@font-face { font-family: "%s"; src: url("fonts/%s.woff2") format("woff2"); font-weight: %s; '
    "font-display: swap; }\n"
)
FACES = FACE % ("UI Sans", "sans", "400 700") + FACE % ("UI Mono", "mono", "400")
MARK = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0a5566"/>'
    '<path d="M8 9h9v6H8zM20 9h4M20 15h4M15 18h9v6h-9zM8 18h4M8 24h4" fill="none" stroke="#fff" stroke-width="2.2" '
    'stroke-linecap="round" stroke-linejoin="round"/></svg>\n'
)


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"The package {name} is missing: install the requirements first.")
    return Path(next(iter(spec.submodule_search_locations)))


def _version(*names: str) -> str:
    return " ".join(f"{name} {importlib.metadata.version(name)}" for name in names)


def _join(pattern: str, head: str = "") -> str:
    return head + "".join(f"/* {path.name} */\n{path.read_text()}" for path in sorted(STATIC.glob(pattern)))


def style() -> dict[str, bytes]:
    """One style sheet of the files of css/, in the order of their names, with the faces."""
    layers, _newline, rest = _join("css/*.css").partition("@layer reset {")
    sheet = re.sub(r"/\*.*?\*/", "", f"{layers}{FACES}@layer reset {{{rest}", flags=re.DOTALL)
    return {"app.css": re.sub(r"\s*([{};])\s*", r"\1", sheet).strip().encode()}


def scripts() -> dict[str, bytes]:
    """One script of the files of js/, each in a scope of its own; comments stay in the sources."""
    script = re.sub(r"^\s*/\*.*?\*/", "", _join("js/*.js"), flags=re.DOTALL | re.MULTILINE)
    return {"app.js": ('"use strict";\n' + re.sub(r"\s*\n\s*", "\n", script).strip() + "\n").encode()}


def htmx() -> dict[str, bytes]:
    return {"htmx.js": (_package("django_htmx") / "static" / "django_htmx" / "htmx-2.min.js").read_bytes()}


def icons() -> dict[str, bytes]:
    """One sprite; each symbol is the drawing of the package without its size and colours, which are the style's."""
    symbols = []
    with zipfile.ZipFile(_package("lucide") / "lucide.zip") as drawings:
        for name, drawn in sorted(ICONS.items()):
            found = re.search(r"<svg[^>]*>(.*)</svg>", drawings.read(f"{drawn}.svg").decode(), re.DOTALL)
            if found is None:
                raise SystemExit(f"The icon {drawn} cannot be read.")
            shape = re.sub(r"\s*\n\s*", "", found[1]).replace(" />", "/>")
            symbols.append(f'<symbol id="i-{name}" viewBox="0 0 24 24">{shape}</symbol>')
    sprite = f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>\n'
    return {"icons.svg": sprite.encode(), "mark.svg": MARK.encode()}


def fonts() -> dict[str, bytes]:
    """Latin subsets in woff2: the sans with its weights from 400 to 700, the mono in one."""
    inter = next((_package("fontpkg_inter") / "files").glob("Inter[[]*.ttf"))
    mono = _package("fontpkg_ibm_plex_mono") / "files" / "IBMPlexMono-Regular.ttf"
    return {
        "fonts/sans.woff2": _subset(inter, {"opsz": 14, "wght": (400, 700)}),
        "fonts/mono.woff2": _subset(mono, {}),
        "fonts/LICENSE-sans.txt": (_package("fontpkg_inter") / "LICENSE").read_bytes(),
        "fonts/LICENSE-mono.txt": (_package("fontpkg_ibm_plex_mono") / "LICENSE").read_bytes(),
    }


def _subset(source: Path, axes: dict[str, Any]) -> bytes:
    from fontTools import subset, ttLib
    from fontTools.varLib import instancer

    options = subset.Options()
    options.layout_features = FEATURES.split(",")
    options.flavor = "woff2"
    options.drop_tables += ["MVAR"]
    face = ttLib.TTFont(source, recalcTimestamp=False)
    work = subset.Subsetter(options)
    work.populate(unicodes=subset.parse_unicodes(UNICODES.replace("U+", "")))
    work.subset(face)
    if axes:
        face = instancer.instantiateVariableFont(face, axes)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "face.woff2"
        subset.save_font(face, str(out), options)
        return out.read_bytes()


def _sources(pattern: str) -> str:
    """The sources of a part and the way it is made."""
    return _join(pattern) + Path(__file__).read_text()


# Part -> (what it is made of, how it is made).
PARTS: dict[str, tuple[Callable[[], str], Callable[[], dict[str, bytes]]]] = {
    "style": (lambda: _sources("css/*.css") + FACES, style),
    "scripts": (lambda: _sources("js/*.js"), scripts),
    "htmx": (lambda: _version("django-htmx"), htmx),
    "icons": (lambda: _version("lucide") + json.dumps(ICONS, sort_keys=True) + MARK, icons),
    "fonts": (lambda: _version("fontpkg-inter", "fontpkg-ibm-plex-mono", "fonttools") + UNICODES + FEATURES, fonts),
}


def build(*, force: bool = False) -> list[str]:
    """Make the parts that are out of date; the names of those made. Safe to run at the same time twice."""
    BUILT.mkdir(parents=True, exist_ok=True)
    stamps = BUILT / ".stamps.json"
    known: dict[str, Any] = json.loads(stamps.read_text()) if stamps.exists() and not force else {}
    made = []
    for name, (state, make) in PARTS.items():
        stamp = hashlib.sha256(state().encode()).hexdigest()
        kept = known.get(name, {})
        if kept.get("stamp") == stamp and all((BUILT / path).exists() for path in kept["files"]):
            continue
        files = make()
        for path, content in files.items():
            _write(BUILT / path, content)
        known[name] = {"stamp": stamp, "files": sorted(files)}
        made.append(name)
    if made:
        _write(stamps, json.dumps(known, indent=1).encode())
    return made


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as out:
        out.write(content)
    Path(out.name).chmod(0o644)
    shutil.move(out.name, path)


class Command(BaseCommand):
    help = "Build style, scripts, icons and fonts into backoffice/static/built/."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--force", action="store_true", help="make every part again")

    def handle(self, *args: Any, **options: Any) -> None:
        made = build(force=options["force"])
        self.stdout.write(f"built {', '.join(made)}" if made else "static files are up to date")
