"""What every part of the house keeps to, whoever wrote it."""

import ast
import configparser
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from conftest import ROOT

ROOMS = ("backoffice", "transactions", "controls", "documents")
LONGEST_FUNCTION, LONGEST_MODULE, SHORT_TEMPLATE = 70, 500, 20
# Who may write what is guarded: the SQL of the room that owns it, and the demo's past, written as the owner.
WRITERS = {
    r"(?:insert\s+into|update|delete\s+from)\s+transactions_(?:journalentry|posting|accountbalance)\b": (
        "transactions/sql/",
        "backoffice/demo/",
    ),
    r"insert\s+into\s+documents_auditrecord\b": ("documents/", "transactions/", "controls/", "backoffice/demo/"),
    r"(?:update|delete\s+from|truncate)\s+documents_auditrecord\b": ("nowhere",),
}


def sources(*suffixes: str, folders: tuple[str, ...] = ROOMS) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            parts = path.relative_to(ROOT).parts
            if path.suffix in suffixes and not {"migrations", "built", "__pycache__"}.intersection(parts):
                yield path


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def parsed() -> Iterator[tuple[Path, ast.Module]]:
    for path in sources(".py", folders=(*ROOMS, "tests", "benchmarks")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_the_floors_hold(capsys: pytest.CaptureFixture[str]) -> None:
    assert lint_imports(config_filename=str(ROOT / ".importlinter"), no_cache=True) == 0, capsys.readouterr().out


def test_every_module_stands_on_a_floor() -> None:
    """A new part of people, common or documents must be put on one of their floors by hand."""
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    floors = re.split(r"[\s:|]+", contracts["importlinter:contract:floors"]["layers"].strip())
    missing = []
    for folder in ("backoffice/common", "backoffice/people", "documents"):
        for path in sorted((ROOT / folder).iterdir()):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            own = path.suffix == ".py" or (path.is_dir() and (path / "__init__.py").exists())
            if own and path.stem not in {"__init__", "apps", "migrations", "management"} and module not in floors:
                missing.append(module)
    assert missing == [], "name them in .importlinter"


def test_functions_and_modules_are_short() -> None:
    long = []
    for path, tree in parsed():
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > LONGEST_MODULE and name(path).split("/")[0] in ROOMS:
            long.append(f"{name(path)}: {lines} lines")
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno:
                length = node.end_lineno - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    long.append(f"{name(path)}: {node.name} has {length} lines")
    assert long == []


def test_nothing_is_left_to_do() -> None:
    later = re.compile(r"(?:#|--|//|/\*).*\b(?:TODO|FIXME|HACK)\b")
    found = [
        f"{name(path)}:{number}"
        for path in sources(".py", ".sql", ".css", ".js", ".html", ".txt", folders=(*ROOMS, "templates", "benchmarks"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if later.search(line)
    ]
    assert found == []


def test_there_is_no_drawer_for_odds_and_ends() -> None:
    assert [name(path) for path in sources(".py") if path.stem in {"utils", "helpers", "misc", "util"}] == []


def test_no_rule_hides_in_a_signal() -> None:
    """Only what a framework itself announces is listened to: that it migrated, that somebody signed in."""
    announced = {"post_migrate", "user_logged_in", "user_logged_out", "user_login_failed", "worker_ready"}
    listened = [
        (name(path), alias.name)
        for path, tree in parsed()
        if name(path).split("/")[0] in ROOMS
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith(".signals")
        for alias in node.names
    ]
    assert [(where, signal) for where, signal in listened if signal not in announced] == []


@pytest.mark.parametrize("pattern", WRITERS)
def test_guarded_tables_are_written_by_their_owner(pattern: str) -> None:
    wrong = [
        name(path)
        for path in sources(".py", ".sql")
        if re.search(pattern, path.read_text(encoding="utf-8"), re.IGNORECASE)
        and not name(path).startswith(WRITERS[pattern])
    ]
    assert wrong == []


MADE = re.compile(r"(?im)^create (?:or replace )?(?:function (\w+)\(|(?:constraint )?trigger (\w+) [^;]*? on (\w+))")


def test_what_the_database_holds_is_written_once() -> None:
    """A function or trigger that stood in two files would be that of the file which is run last."""
    places: dict[str, list[str]] = {}
    for path in sources(".sql"):
        for function, trigger, table in MADE.findall(path.read_text(encoding="utf-8")):
            places.setdefault(function or f"{trigger} on {table}", []).append(name(path))
    assert (
        places["refuse_unsigned"]
        == places["signed_first on transactions_paymentstate"]
        == ["controls/sql/straight.sql"]
    )
    assert {what: where for what, where in places.items() if len(where) > 1} == {}


def test_no_page_is_reached_by_counting_rows() -> None:
    """OFFSET costs what it skips; lists go by keyset (backoffice/common/pages.py)."""
    found = [
        f"{name(path)}: {match.group()}"
        for path in sources(".py", ".sql")
        for match in re.finditer(r"(?i)\boffset\s+(?:%|\d|\{|:)", path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_services_know_no_requests() -> None:
    """Only screens, endpoints and what stands in the way of requests may name django.http."""
    allowed = re.compile(
        r"backoffice/(web/|common/(api|problems|schema|fields)|people/(tokens|idempotency)|api_)|/api(/|\.py)"
    )
    found = [
        name(path)
        for path, tree in parsed()
        if name(path).split("/")[0] in ROOMS and not allowed.search(name(path))
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("django.http", "django.shortcuts"))
    ]
    assert found == []


INLINE = re.compile(r"""(?i)<script(?![^>]*\bsrc=)|<style\b|\sstyle=["']|\son[a-z]+=["']|\bhx-on|javascript:""")
COMMENT = re.compile(r"(?s){%\s*comment.*?endcomment\s*%}")


def test_templates_hold_no_inline_script_or_style() -> None:
    found = [
        f"{name(path)}: {match.group().strip()}"
        for path in sources(".html", folders=("templates", *ROOMS))
        if "/email/" not in name(path)
        for match in INLINE.finditer(
            re.sub(r"(?s){%\s*comment.*?endcomment\s*%}", "", path.read_text(encoding="utf-8"))
        )
    ]
    assert found == []


def test_templates_extend_first_and_state_their_context() -> None:
    found = []
    for path in sources(".html", folders=("templates",)):
        text = path.read_text(encoding="utf-8").lstrip()
        if "{% extends" in text and not text.startswith("{% extends"):
            found.append(f"{name(path)}: extends is not first")
        if "{% comment" not in text[:400] and len(text.splitlines()) > SHORT_TEMPLATE:
            found.append(f"{name(path)}: says nothing of its blocks and context")
    assert found == []


def direct_dependencies() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [
        *project["project"]["dependencies"],
        *(one for group in project["dependency-groups"].values() for one in group),
    ]
    return {re.split(r"[\[<>=~! ]", one)[0].lower() for one in wanted}


def test_every_dependency_has_its_reason() -> None:
    told = re.findall(r"^\| `([\w.-]+)` \|", (ROOT / "docs" / "dependencies.md").read_text(), re.MULTILINE)
    assert sorted(told) == sorted(direct_dependencies())


def test_every_running_dependency_is_used() -> None:
    """A package that nothing imports, names or reads is taken out."""
    read_as_files = {"sepaxml", "lucide", "fontpkg-inter", "fontpkg-ibm-plex-mono", "gunicorn", "psycopg2-binary"}
    imported_as = {
        "djangorestframework": "rest_framework",
        "python-stdnum": "stdnum",
        "django-allauth": "allauth",
        "django-simple-history": "simple_history",
        "fonttools": "fontTools",
        "django-template-partials": "template_partials",
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources(".py"))
    unused = []
    for one in project["project"]["dependencies"]:
        package = re.split(r"[\[<>=~! ]", one)[0]
        module = imported_as.get(package, package.replace("-", "_"))
        if package not in read_as_files and not re.search(rf"\b{module}\b", code):
            unused.append(package)
    assert unused == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock", "requirements-tools.lock"])
def test_locks_have_hashes_and_no_addresses(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    entries = [line for line in text.splitlines() if re.match(r"^[a-z0-9]", line)]
    assert entries
    assert all(line.endswith("\\") for line in entries), "an entry without a hash"


def test_both_locks_run_the_same_versions() -> None:
    def pins(lock: str) -> dict[str, str]:
        return dict(re.findall(r"^([a-z0-9][\w.-]*)(?:\[[^\]]*\])?==(\S+)", (ROOT / lock).read_text(), re.MULTILINE))

    running, testing = pins("requirements.lock"), pins("requirements-dev.lock")
    assert {
        name: (version, testing.get(name)) for name, version in running.items() if testing.get(name) != version
    } == {}
