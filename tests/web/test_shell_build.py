"""What pages load: built from sources and packages, small enough, complete, and named by its content in production."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from fontTools.ttLib import TTFont

from backoffice.common.icons import ICONS
from backoffice.management.commands import build_static

TEMPLATES = sorted((Path(settings.BASE_DIR) / "templates").rglob("*.html"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    kept = build_static.BUILT
    build_static.BUILT = folder
    assert build_static.build() == ["style", "scripts", "htmx", "icons", "fonts"]
    yield folder
    build_static.BUILT = kept


def test_only_what_changed_is_made_again(built: Path) -> None:
    assert build_static.build() == []
    (built / "icons.svg").unlink()
    assert build_static.build() == ["icons"]
    stamps = json.loads((built / ".stamps.json").read_text())
    stamps["style"]["stamp"] = "other sources"
    (built / ".stamps.json").write_text(json.dumps(stamps))
    assert build_static.build() == ["style"]


def test_the_sprite_has_every_icon_and_no_colour_of_its_own(built: Path) -> None:
    sprite = (built / "icons.svg").read_text()
    assert set(re.findall(r'<symbol id="i-([^"]+)"', sprite)) == set(ICONS)
    assert "stroke=" not in sprite
    assert len(sprite) < 25_000


def test_the_fonts_write_both_languages_in_a_hundred_kilobytes(built: Path) -> None:
    faces = [built / "fonts" / name for name in ("sans.woff2", "mono.woff2")]
    for face in faces:
        written = TTFont(face).getBestCmap()
        for letter in "éèêëàâçîïôûùüÿœæÉÀÇŒ«»’“”…€−–•1lI0O\u00a0":
            assert ord(letter) in written, f"{face.name} cannot write {letter!r}"
    assert 0x202F in TTFont(faces[0]).getBestCmap(), "between thousands"
    assert sum(face.stat().st_size for face in faces) < 100_000


def test_the_first_page_is_small(built: Path) -> None:
    assert (built / "app.css").stat().st_size < 50_000
    assert (built / "app.js").stat().st_size + (built / "htmx.js").stat().st_size < 90_000


def test_layers_come_first_and_once(built: Path) -> None:
    sheet = (built / "app.css").read_text()
    assert sheet.startswith("@layer reset, tokens, base, layout, components, utilities, print;@font-face")
    assert "/*" not in sheet
    assert sheet.count("{") == sheet.count("}")


def test_collected_files_are_named_by_their_content(settings: object, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path  # type: ignore[attr-defined]
    settings.STORAGES = {  # type: ignore[attr-defined]
        **settings.STORAGES,  # type: ignore[attr-defined]
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    names = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    for template in TEMPLATES:
        for name in re.findall(r'{% static "([^"]+)" %}', template.read_text()):
            assert (tmp_path / names[name]).exists(), f"{template.name} loads {name}"
    assert names["built/fonts/sans.woff2"].split("/")[-1] in (tmp_path / names["built/app.css"]).read_text()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.relative_to(settings.BASE_DIR).as_posix())
def test_no_inline_style_or_script_in_a_template(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"""\sstyle\s*=|<style|\son[a-z]+\s*=\s*["']|javascript:""", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    first = next(line for line in text.splitlines() if line.strip())
    if "{% extends" in text:
        assert first.startswith("{% extends")
