"""The building: its ground (common), its people, and its roof (web)."""

from backoffice.celery import app as celery_app

__all__ = ["celery_app"]
