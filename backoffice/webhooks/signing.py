"""Secrets of endpoints and signatures of what is sent to them.

``Backoffice-Signature: t=1764230400,v1=5257a8…``: HMAC-SHA256 in hex over the moment, a full stop and the body, under
the secret's text. While a secret is rotated there is a ``v1`` for each of the two.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from backoffice.webhooks.models import Endpoint

MARK = "bowh_"


def secret(salt: bytes) -> str:
    """The secret of a salt. Whoever reads the database alone learns nothing; another installation key gives another."""
    made = hmac.new(settings.SECRET_KEY.encode(), b"backoffice.webhooks:" + salt, hashlib.sha256).digest()
    return MARK + urlsafe_b64encode(made).decode().rstrip("=")


def secrets_of(endpoint: Endpoint, now: datetime) -> list[str]:
    """The secret, and the one before while it still counts."""
    salts = [bytes(endpoint.salt)]
    if endpoint.old_salt is not None and endpoint.old_until is not None and endpoint.old_until > now:
        salts.append(bytes(endpoint.old_salt))
    return [secret(salt) for salt in salts]


def signature(keys: Sequence[str], moment: datetime, body: bytes) -> str:
    stamp = str(int(moment.timestamp()))
    signed = [hmac.new(key.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest() for key in keys]
    return ",".join([f"t={stamp}", *(f"v1={one}" for one in signed)])
