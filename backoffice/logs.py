"""What may stand in the log: what went wrong and where, never the rows that PostgreSQL quotes with its errors."""

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

# The parts of an error that quote values or statements, as text and inside a repr.
_QUOTED = re.compile(r"\n(?:DETAIL|CONTEXT|QUERY|HINT|LINE \d+):.*?(?=\n\n|\Z)", re.DOTALL)
_QUOTED_IN_REPR = re.compile(r"\\n(?:DETAIL|CONTEXT|QUERY|HINT|LINE \d+):.*?(?=\\n['\"]|['\"]\)|\n|\Z)")


def without_rows(_logger: Any, _method: str, told: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor: exceptions as text, without what the database quotes."""
    told = structlog.processors.format_exc_info(_logger, _method, told)
    for name, value in told.items():
        if isinstance(value, str) and ("DETAIL:" in value or "CONTEXT:" in value or "LINE " in value):
            told[name] = _QUOTED_IN_REPR.sub("", _QUOTED.sub("", value))
    return told
