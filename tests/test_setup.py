"""What a newcomer and an installation rely on: the environment, the Makefile, the containers, the first acts."""

import gc
import importlib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command, get_commands

from backoffice import environment
from backoffice.people import services
from backoffice.people.models import Entity, Grant, User
from conftest import ROOT
from controls import changes, widenings
from documents.models import AuditRecord
from tests import database

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
OURS = {name: part for name, part in COMPOSE["services"].items() if "build" in part}
# Read from the environment by settings.py, manage.py and preparation.py.
ADDRESSES = {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"}


def run(code: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    words = {**os.environ, **variables}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=words, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("BACKOFFICE_HTTP", "1", "Unknown setting BACKOFFICE_HTTP"),
        ("BACKOFFICE_HTTPS", "yes", "BACKOFFICE_HTTPS must be 0 or 1"),
        ("DATABASE_URL", "mysql://db/backoffice", "DATABASE_URL must read postgresql://"),
        ("REDIS_URL", "redis://broker:6379/0", "REDIS_URL must hold the broker's password"),
        ("REDIS_URL", "rediss://:@broker/0", "REDIS_URL must hold the broker's password"),
        ("REDIS_URL", "memory://", "REDIS_URL must read redis://:password@host:port/0"),
    ],
)
def test_a_typing_error_in_the_environment_stops_the_start(variable: str, value: str, said: str) -> None:
    ended = run("import backoffice.settings", **{variable: value})
    assert ended.returncode != 0
    assert said in ended.stderr


def test_a_database_address_is_read_whole() -> None:
    read = environment.database("postgresql://bo%40:p%2Fw@db.example:6432/house?sslmode=require")
    assert read == {
        "ENGINE": "django.db.backends.postgresql", "NAME": "house", "USER": "bo@", "PASSWORD": "p/w",
        "HOST": "db.example", "PORT": "6432", "OPTIONS": {"sslmode": "require"},
    }  # fmt: skip
    socket = environment.database("postgresql://backoffice@/backoffice?host=%2Fvar%2Frun%2Fpg")
    assert (socket["HOST"], socket["PORT"], socket["OPTIONS"]) == ("/var/run/pg", "", {})


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("smtp://ada:p%40ss@mail.example:587", "587 ada p@ss True False"),
        ("smtps://ada:secret@mail.example", "465 ada secret False True"),
        ("smtp://localhost", "25   False False"),
    ],
)
def test_a_password_for_mail_never_travels_in_clear(tmp_path: Path, address: str, found: str) -> None:
    code = (
        "import backoffice.settings as s; print(s.EMAIL_PORT, s.EMAIL_HOST_USER, s.EMAIL_HOST_PASSWORD, "
        "s.EMAIL_USE_TLS, s.EMAIL_USE_SSL)"
    )
    assert run(code, BACKOFFICE_MAIL_URL=address, BACKOFFICE_STATE=str(tmp_path)).stdout.strip() == found


def test_the_log_quotes_no_row_of_the_database(tmp_path: Path) -> None:
    """By every way in which an error is told: with its traceback, as words, by the web server and by a worker."""
    code = """
import logging, sys, structlog
from django.conf import settings
logging.config.dictConfig(settings.LOGGING)
said = 'duplicate key "iban_once"\\nDETAIL:  Key (iban)=(FR14SECRET) exists.\\nCONTEXT:  COPY t, line 2: SECRET\\n'
try:
    try:
        raise ValueError(said)
    except ValueError as inner:
        raise RuntimeError(said) from inner
except RuntimeError as error:
    logging.getLogger("django.request").error("Internal Server Error: %s", "/x", exc_info=sys.exc_info())
    logging.getLogger("celery.app.trace").error("Task raised unexpected: %r", error, exc_info=sys.exc_info())
    structlog.get_logger("a").error("page.failed", exc_info=error)
    structlog.get_logger("b").error("page.failed", why=str(error))
"""
    told = run(
        f"import logging.config{code}", BACKOFFICE_STATE=str(tmp_path), DJANGO_SETTINGS_MODULE="backoffice.settings"
    )
    assert "SECRET" not in told.stderr
    assert told.stderr.count("iban_once") >= 4
    assert [json.loads(line)["level"] for line in told.stderr.splitlines()] == ["error"] * 4


def test_every_setting_is_documented() -> None:
    told = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "operations.md").read_text(), re.MULTILINE))
    assert told == set(environment.KNOWN) | ADDRESSES


@pytest.mark.slow
def test_running_needs_the_running_lock_alone(tmp_path: Path) -> None:
    """An environment of requirements.lock and nothing else: what the tests bring along must not be missed."""
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv is None:
        pytest.skip("uv, which makes environments in seconds, is not to be had here")
    made = subprocess.run([uv, "venv", "--quiet", tmp_path / "env"], capture_output=True, text=True, check=False)
    python = tmp_path / "env" / "bin" / "python"
    installed = made.returncode or subprocess.run(
        [uv, "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", ROOT / "requirements.lock"],
        capture_output=True, text=True, check=False,
    ).returncode  # fmt: skip
    if installed:
        pytest.skip("no package index answers")
    needed = "import django, kombu.transport.redis, gunicorn.app.wsgiapp; django.setup(); import backoffice.wsgi"
    for words in (["-c", needed], ["manage.py", "check"], ["-m", "celery", "-A", "backoffice", "report"]):
        words_of = {**os.environ, "DJANGO_SETTINGS_MODULE": "backoffice.settings"}
        ran = subprocess.run([python, *words], cwd=ROOT, env=words_of, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr


# The Makefile


def targets() -> dict[str, str]:
    return dict(re.findall(r"^([a-z-]+):.*?## (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_make_help_lists_what_there_is() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S607
    for target, text in targets().items():
        assert re.search(rf"^\s*make {target}\s+{re.escape(text)}$", shown, re.MULTILINE)
    promised = {"run", "test", "test-fast", "lint", "fix", "bench", "messages", "gallery", "reset", "help"}
    assert promised <= targets().keys()


def test_every_word_of_the_readme_about_make_is_true() -> None:
    text = (ROOT / "README.md").read_text() + (ROOT / "CONTRIBUTING.md").read_text()
    assert set(re.findall(r"`make ([a-z-]+)", text)) <= targets().keys()


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", document.read_text()):
            if not (document.parent / link).exists():
                broken.append(f"{document.name}: {link}")
    assert broken == []


# The containers


def test_compose_has_the_parts_of_an_installation() -> None:
    assert set(COMPOSE["services"]) == {"postgres", "redis", "prepare", "web", "worker", "beat"}
    assert set(OURS) == {"prepare", "web", "worker", "beat"}


def test_compose_lets_nobody_reach_the_broker_without_its_password() -> None:
    """``:?`` stops compose when the word is missing or empty in the environment."""
    words = COMPOSE["services"]["redis"]["command"]
    assert words[words.index("--requirepass") + 1] == "${BROKER_PASSWORD:?}"
    for part in OURS.values():
        assert part["environment"]["REDIS_URL"] == "redis://:${BROKER_PASSWORD:?}@redis:6379/0"
    assert "ports" not in COMPOSE["services"]["redis"]


def dockerfile_command() -> list[str]:
    found = re.search(r"^CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert found
    command: list[str] = yaml.safe_load(found[1])
    return command


@pytest.mark.parametrize("name", sorted(OURS))
def test_compose_commands_exist(name: str) -> None:
    command = OURS[name].get("command") or dockerfile_command()
    program, *words = command
    if program == "python":
        assert (ROOT / words[0]).exists()
        assert words[1] in get_commands()
        return
    assert (Path(sys.executable).parent / program).exists()
    if program == "gunicorn":
        module, attribute = words[0].split(":")
        assert callable(getattr(importlib.import_module(module), attribute))
        checked = subprocess.run(
            [sys.executable, "-m", "gunicorn", "--check-config", *words], cwd=ROOT, capture_output=True, text=True,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "backoffice.settings"}, check=False,
        )  # fmt: skip
        assert checked.returncode == 0, checked.stderr
    else:
        assert program == "celery"
        assert importlib.import_module(words[words.index("-A") + 1]).celery_app
        told = subprocess.run(
            [sys.executable, "-m", "celery", *words[:3], "--help"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        for option in (word.split("=")[0] for word in words if word.startswith("--")):
            assert option in told, option


def test_compose_variables_are_known() -> None:
    for name, part in OURS.items():
        unknown = set(part["environment"]) - environment.KNOWN.keys() - ADDRESSES
        assert not unknown, name
    assert "DATABASE_OWNER_URL" not in OURS["web"]["environment"]
    text = (ROOT / "docker-compose.yml").read_text()
    head = text.split("name: backoffice")[0]
    for variable in re.findall(r"\$\{(\w+):\?\}", text):
        assert f"{variable}=" in head, f"{variable} must be given and is not explained"


def test_compose_is_whole() -> None:
    for name, part in COMPOSE["services"].items():
        for other, wait in (part.get("depends_on") or {}).items():
            assert other in COMPOSE["services"], name
            if wait["condition"] == "service_healthy":
                assert "healthcheck" in COMPOSE["services"][other]
        for volume in part.get("volumes", []):
            assert volume.split(":")[0] in COMPOSE["volumes"], name
        for port in part.get("ports", []):
            assert port.startswith("127.0.0.1:"), "nothing listens beyond the machine until a TLS server is before it"


def test_the_image_copies_what_it_needs() -> None:
    ignored = {line.strip("/") for line in (ROOT / ".dockerignore").read_text().splitlines()}
    for needed in (
        "manage.py",
        "requirements.lock",
        "requirements-tools.lock",
        "backoffice",
        "templates",
        "transactions",
    ):
        assert (ROOT / needed).exists()
        assert needed not in ignored


# The first acts


def set_up(*words: str, password: str = "") -> str:
    out = io.StringIO()
    stdin, sys.stdin = sys.stdin, io.StringIO(password + "\n")
    try:
        call_command("set_up", *words, stdout=out)
    finally:
        sys.stdin = stdin
    return out.getvalue()


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the server, where the owner's address is known."""
    monkeypatch.setattr("backoffice.preparation.owner", database.the_owner)


@pytest.mark.usefixtures("console")
@pytest.mark.django_db(transaction=True)
def test_an_installation_is_founded(client: Any) -> None:
    assert "ODET" in set_up("--entity", "odet", "--entity-name", "Banque  de l'Odet", "--profile", "bank")
    assert Entity.objects.get().name == "Banque de l'Odet"
    words = ("--administrator", "Ada@Example.org", "--name", "Ada Lovelace", "--password-stdin")
    set_up(*words, password="a long enough sentence")
    ada = User.objects.get()
    assert ada.email == "ada@example.org"
    assert list(Grant.objects.values_list("user", "role", "entity")) == [(ada.pk, "administrator", None)]
    assert client.login(email="ada@example.org", password="a long enough sentence") is True
    assert sorted(AuditRecord.objects.values_list("action", flat=True)) >= ["entity.added", "user.created"]


@pytest.mark.usefixtures("console")
@pytest.mark.django_db(transaction=True)
def test_the_first_administrator_is_the_first_only() -> None:
    words = ("--administrator", "ada@example.org", "--name", "Ada Lovelace", "--password-stdin")
    set_up(*words, password="a long enough sentence")
    with pytest.raises(CommandError, match="An administrator is there already"):
        set_up("--administrator", "eve@example.org", "--name", "Eve", "--password-stdin", password="another sentence")
    assert User.objects.count() == 1


@pytest.mark.usefixtures("console")
@pytest.mark.django_db(transaction=True)
def test_the_console_names_the_second_administrator_who_is_a_person_of_its_own() -> None:
    set_up(
        "--administrator", "ada@example.org", "--name", "Ada Lovelace", "--password-stdin", password="a long sentence"
    )
    ada = User.objects.get()
    eve = services.create_user(actor=ada, email="eve@example.org", full_name="Eve")
    asked = widenings.ask_grant(actor=ada, user_id=eve.pk, role="administrator", entity=None)
    assert asked is not None
    out = io.StringIO()
    call_command("give_role", "Eve@Example.org", "administrator", stdout=out)
    assert out.getvalue() == "Eve has the role administrator in all entities.\n"
    eve = User.objects.get(pk=eve.pk)
    assert (eve.created_by, eve.grants.get().granted_by) == (None, None)
    someone = services.create_user(actor=ada, email="bob@example.org", full_name="Bob")
    asked = widenings.ask_grant(actor=ada, user_id=someone.pk, role="operator", entity=None)
    assert asked is not None
    changes.sign(actor=eve, request_id=asked.pk)
    assert someone.grants.get().role == "operator"
    with pytest.raises(CommandError, match="Nobody does both"):
        call_command("give_role", "eve@example.org", "operator")
    with pytest.raises(CommandError):
        call_command("give_role", "nobody@example.org", "operator")


@pytest.mark.usefixtures("console")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("words", "password", "said"),
    [
        (("--administrator", "ada@example.org", "--name", "Ada", "--password-stdin"), "short", "at least 12"),
        (("--administrator", "no address", "--name", "Ada", "--password-stdin"), "a long sentence", "valid email"),
        (("--entity", "two words", "--entity-name", "X"), "", "cannot be an entity"),
        ((), "", "Say what"),
    ],
)
def test_a_wrong_first_act_is_refused(words: tuple[str, ...], password: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        set_up(*words, password=password)
    assert not User.objects.exists()
    assert not Entity.objects.exists()


@pytest.mark.django_db
def test_check_house_names_what_is_wrong() -> None:
    out = io.StringIO()
    with pytest.raises(CommandError, match="points need somebody"):
        call_command("check_house", "--books", stdout=out)
    told = out.getvalue().splitlines()
    assert "ok  the application owns nothing" in told
    assert "ok  books and audit trail are out of its reach" in told
    assert "ok  schema in step" in told
    assert "ok  debits equal credits" in told
    assert any(line.startswith("not workers answer: none does") for line in told)
    assert any(line.startswith("not an administrator can sign in") for line in told)


def test_ci_runs_the_tests_and_the_checks() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert "make test" in script
    assert "make lint" in script
    for line in script.splitlines():
        shlex.split(line, comments=True)


def test_the_web_server_logs_no_words_that_people_search_for() -> None:
    from gunicorn.config import Config
    from gunicorn.glogging import Logger, SafeAtoms

    config = Config()
    read: dict[str, str] = {}
    exec((ROOT / "gunicorn.conf.py").read_text(), read)  # noqa: S102 - as gunicorn reads it
    config.set("access_log_format", read["access_log_format"])
    answer = SimpleNamespace(status="200 OK", sent=12, headers=[])
    request = SimpleNamespace(headers=[("referer", "http://here/payments/?q=DE89370400440532013000")])
    asked = {
        "REQUEST_METHOD": "GET", "PATH_INFO": "/payments/", "QUERY_STRING": "q=Kervella",
        "RAW_URI": "/payments/?q=Kervella",
        "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "HTTP_REFERER": request.headers[0][1],
    }  # fmt: skip
    atoms = Logger(config).atoms(answer, request, asked, timedelta(milliseconds=7))
    line = config.access_log_format % SafeAtoms(atoms)
    assert line.startswith("127.0.0.1 [")
    assert line.endswith('] "GET /payments/" 200 12 bytes 7 ms')


def test_what_a_web_server_loaded_is_no_garbage_to_look_for() -> None:
    read: dict[str, Any] = {}
    exec((ROOT / "gunicorn.conf.py").read_text(), read)  # noqa: S102 - as gunicorn reads it
    try:
        read["post_worker_init"](None)
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()
