"""What opens a channel is kept encrypted, under the installation's key and a salt. No screen and no answer shows it."""

import hashlib
import hmac
from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from backoffice.common.errors import BusinessError


def _box(salt: bytes) -> Fernet:
    made = hmac.new(settings.SECRET_KEY.encode(), b"backoffice.channels:" + salt, hashlib.sha256).digest()
    return Fernet(urlsafe_b64encode(made))


def close(salt: bytes, secret: str) -> bytes:
    return _box(salt).encrypt(secret.encode())


def open_secret(salt: bytes | memoryview, kept: bytes | memoryview | None) -> str:
    """The secret, "" when there is none. With another installation key: ``channel.secret_lost``."""
    if kept is None:
        return ""
    try:
        return _box(bytes(salt)).decrypt(bytes(kept)).decode()
    except InvalidToken:
        raise BusinessError("channel.secret_lost") from None
