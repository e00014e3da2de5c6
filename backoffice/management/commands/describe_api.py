"""Write docs/openapi.yaml, the document of the API. A test holds it in step."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

COPY = Path("docs") / "openapi.yaml"


class Command(BaseCommand):
    help = "Write docs/openapi.yaml from the endpoints."

    def handle(self, *args: Any, **options: Any) -> None:
        from backoffice import api_document

        (settings.BASE_DIR / COPY).write_bytes(api_document.document())
        self.stdout.write(str(COPY))
