"""Calls the API of backoffice. See README.md."""

from backoffice_client import models
from backoffice_client.errors import (
    Conflict,
    Forbidden,
    Invalid,
    MediaType,
    NoAnswer,
    NotThere,
    Problem,
    Refused,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from backoffice_client.operations import Client
from backoffice_client.webhooks import BadSignature, verify

__all__ = [
    "BadSignature",
    "Client",
    "Conflict",
    "Forbidden",
    "Invalid",
    "MediaType",
    "NoAnswer",
    "NotThere",
    "Problem",
    "Refused",
    "TooLarge",
    "TooMany",
    "Unauthenticated",
    "Unavailable",
    "models",
    "verify",
]
