"""Tests run on PostgreSQL: the embedded one unless DATABASE_URL names another, and as the application's own role."""

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

# How long a machine takes to make an example says nothing of the product.
hypothesis.settings.register_profile("house", suppress_health_check=[hypothesis.HealthCheck.too_slow], deadline=None)
hypothesis.settings.load_profile("house")

ROOT = Path(__file__).parent
SHARED = ROOT.parent / "shared" / "data"
# What only a crash of the machine would need; tests that kill the database start one of their own.
UNSAFE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Start the embedded servers once, before Django reads its settings; the workers of xdist inherit the addresses."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    os.environ.setdefault("BACKOFFICE_EAGER", "1")
    os.environ.setdefault("BACKOFFICE_SECRET_KEY", "tests-" + "k" * 50)
    if "DATABASE_URL" not in os.environ or "REDIS_URL" not in os.environ:
        _start_servers(config)
    import django
    from django.conf import settings

    # Pages name their files as they are; the names with digests need a collected folder (test_shell_build).
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    # Threads of the product do not keep a connection to a database that is about to be removed.
    settings.DATABASES["default"]["CONN_MAX_AGE"] = 0
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        # Numbers are given out per database: files named by them would meet in one folder.
        state = settings.STATE_DIR / worker
        state.mkdir(parents=True, exist_ok=True)
        os.environ["BACKOFFICE_STATE"] = str(state)
        settings.STATE_DIR, settings.MEDIA_ROOT = state, state / "attachments"
        settings.EMAIL_FILE_PATH = state / "mail"
        # A test that empties the cache must not empty that of the next worker: attempts to sign in are counted there.
        cache = settings.CACHES["default"]
        place = f"{cache['LOCATION'].partition('?')[0]}?db={1 + int(worker.removeprefix('gw')) % 15}"
        settings.CACHES = {"default": {**cache, "LOCATION": place}}
    django.setup()
    if "PYTEST_XDIST_WORKER" not in os.environ:
        from backoffice import catalogue
        from backoffice.management.commands import build_static

        catalogue.compile_stale()
        build_static.build()


def _start_servers(config: pytest.Config) -> None:
    from backoffice import local

    state = Path(os.environ.setdefault("BACKOFFICE_STATE", str(ROOT / ".local" / "test"))).absolute()
    postgres = local.Postgres(state, settings={**UNSAFE, "max_connections": "200"})
    if not postgres.running():
        config.add_cleanup(postgres.stop)
    postgres.start()
    valkey = local.Valkey(state)
    valkey.start()
    os.environ["DATABASE_URL"] = local.database_url(state, local.OWNER)
    os.environ["REDIS_URL"] = local.redis_url(state)
    config.add_cleanup(valkey.stop)


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """One database for each worker of xdist."""
    from django.db import connections
    from pytest_django.fixtures import _set_suffix_to_test_databases

    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker:
        _set_suffix_to_test_databases(suffix=worker)
    connections["default"].settings_dict["TEST"]["MIGRATE"] = True


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> Iterator[None]:
    """After the migrations the tests connect as the application's role: it owns nothing, so grants are tested too."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.test import TransactionTestCase

    from tests.database import Cleaner

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        call_command("grant_application")
        connection.close()
        owner = connection.settings_dict["USER"]
        cleaner = Cleaner(owner)
        cleaner.remember()
        TransactionTestCase._fixture_teardown = lambda _case: cleaner.restore()
        connection.settings_dict["USER"] = settings.APPLICATION_ROLE
    yield
    connection.close()
    connection.settings_dict["USER"] = owner


def _name_database(patch: pytest.MonkeyPatch) -> None:
    from django.db import connection

    found = connection.settings_dict
    host = found["HOST"].replace("/", "%2F")
    patch.setenv("DATABASE_URL", f"postgresql://{found['USER']}@/{found['NAME']}?host={host}")
    patch.setenv("DATABASE_OWNER_URL", "")


@pytest.fixture
def fresh_database(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """This worker's test database, named to the processes that a test starts, as the application's role."""
    _name_database(monkeypatch)


@pytest.fixture(scope="session")
def cluster(django_db_setup: None) -> Iterator[object]:
    """A broker and real workers on this session's test database (tests/flows/installation.py)."""
    from tests.flows.installation import Cluster

    with pytest.MonkeyPatch.context() as patch:
        _name_database(patch)
        made = Cluster()
    yield made
    made.stop()


@pytest.fixture(scope="session", autouse=True)
def nobody_is_drawn() -> Iterator[None]:
    """One payment in a thousand is shown to analysts as an alert: not here, where what comes of a payment is counted.

    Tests of the hidden sample draw for themselves.
    """
    from controls.scoring import alerting

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(alerting, "drawn", lambda _payment, _share: False)
        yield
