"""Where attachments lie: a folder in which a file is whole or not there."""

import secrets
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage


class Folder(FileSystemStorage):
    """A file gets its name when all of its bytes are written. What a process leaves that is killed before lies beside
    under a name that nobody asks for: half a file would be taken for the whole one whenever its bytes came again."""

    def _save(self, name: str, content: Any) -> str:
        beside: str = super()._save(f"{name}.{secrets.token_hex(8)}", content)  # type: ignore[misc]
        Path(self.path(beside)).replace(self.path(name))
        return name
