"""What the environment may say. A name that is not listed here, or a value of the wrong kind, stops the start."""

import ipaddress
import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

KNOWN = {
    "BACKOFFICE_SECRET_KEY": "signing key of sessions and cursors; at least 40 characters in production",
    "BACKOFFICE_DEBUG": "1 shows errors in the browser; never in production",
    "BACKOFFICE_HOSTS": "host names that the web server answers, separated by commas",
    "BACKOFFICE_ORIGINS": "https origins that may post forms, separated by commas",
    "BACKOFFICE_RIBBON": "words of the ribbon under the top bar, e.g. Test data; empty in production",
    "BACKOFFICE_STATE": "folder of the embedded servers, attachments and keys",
    "BACKOFFICE_HTTPS": "1 when served over TLS: secure cookies, HSTS and redirect",
    "BACKOFFICE_EAGER": "1 runs tasks in the process that asks for them (tests and checks only)",
    "BACKOFFICE_PORT": "port of `make run`",
    "BACKOFFICE_OIDC_ISSUER": "OpenID Connect issuer for single sign-on",
    "BACKOFFICE_OIDC_CLIENT_ID": "OpenID Connect client",
    "BACKOFFICE_OIDC_CLIENT_SECRET": "OpenID Connect secret",
    "BACKOFFICE_MAIL_URL": "smtp://user:password@host:port; without it mail is written to the state folder",
    "BACKOFFICE_WORKERS": "processes of the Celery worker started by `make run`",
    "BACKOFFICE_WEBHOOKS_LOOPBACK": "1 lets webhooks go to this machine, by http too (tests and demo only)",
    "BACKOFFICE_CHANNEL_NETWORKS": "inside networks that channels to banks may call, separated by commas: 10.20.0.0/16",
    "BACKOFFICE_VERIFICATION_SIMULATOR": "1 lets an entity verify payees with the simulator (trials and demo only)",
    "BACKOFFICE_API_RATE": "points a minute that a token may spend on calls of the API; 0 does not count",
    "BACKOFFICE_API_RATE_PERSON": "points a minute of a person with all their tokens; 0 does not count",
    "BACKOFFICE_ANALYST_MINUTES": "minutes a day that each person who validates has for alerts (300)",
    "BACKOFFICE_LOG": "level of the log: DEBUG, INFO, WARNING or ERROR",
}


class EnvironmentMistake(SystemExit):
    """A setting that cannot be used; the message names it."""


def refuse_unknown() -> None:
    unknown = sorted(name for name in os.environ if name.startswith("BACKOFFICE_") and name not in KNOWN)
    if unknown:
        raise EnvironmentMistake(f"Unknown setting {', '.join(unknown)}. Known: {', '.join(sorted(KNOWN))}.")


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name)
    if value is None:
        return default
    if value not in {"0", "1"}:
        raise EnvironmentMistake(f"{name} must be 0 or 1, not {value!r}.")
    return value == "1"


def number(name: str, default: int) -> int:
    value = os.environ.get(name, str(default))
    if not (value.isascii() and value.isdecimal()):
        raise EnvironmentMistake(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def names(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def networks(name: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    try:
        return [ipaddress.ip_network(part) for part in names(name, "")]
    except ValueError as error:
        raise EnvironmentMistake(f"{name} must list networks such as 10.20.0.0/16: {error}.") from None


def folder(name: str, default: Path) -> Path:
    return Path(os.environ.get(name) or default).absolute()


def broker(url: str) -> None:
    """Refuse a broker on the network without a password: tasks are given there, and sign-ins are counted there."""
    parts = urlsplit(url)
    if parts.scheme not in {"redis", "rediss", "redis+socket"}:
        raise EnvironmentMistake("REDIS_URL must read redis://:password@host:port/0, rediss:// or redis+socket://path.")
    on_this_machine = parts.scheme == "redis+socket" or parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if not (on_this_machine or parts.password or "ssl_certfile" in parse_qs(parts.query)):
        raise EnvironmentMistake("REDIS_URL must hold the broker's password: redis://:password@host:port/0.")


def database(url: str) -> dict[str, object]:
    """Django's settings for ``postgresql://user:password@host:port/name?sslmode=require``.

    A ``host`` in the query may be the folder of a unix socket.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or len(parts.path) < 2:
        raise EnvironmentMistake("DATABASE_URL must read postgresql://user:password@host:port/name.")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or query.pop("port", "")),
        "OPTIONS": query,
    }
