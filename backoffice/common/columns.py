"""Many rows of numbers from and to the database at once: COPY in its binary form, as arrays by column.

No value may be NULL. Whole numbers are ``smallint``, ``integer`` or ``bigint`` as the array's column is, floating ones
``double precision``, moments (``datetime64``) ``timestamptz``.
"""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from backoffice.common import sql

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
# PostgreSQL counts microseconds from here.
_EPOCH = np.datetime64("2000-01-01T00:00:00", "us")


def _wire(shape: np.dtype[Any]) -> np.dtype[Any]:
    """A row on the wire: how many fields, then each with its length before it, the highest byte first."""
    parts: list[tuple[str, Any]] = [("count of fields", ">i2")]
    for name in shape.names or ():
        kind = shape[name]
        told = np.dtype(">i8") if kind.kind == "M" else kind.newbyteorder(">")
        parts += [(f"length of {name}", ">i4"), (name, told)]
    return np.dtype(parts)


def read(query: str, params: Sequence[Any], shape: np.dtype[Any]) -> NDArray[np.void]:
    """The rows of a query whose columns are those of ``shape``, in their order and with their types."""
    buffer = io.BytesIO()
    with connection.cursor() as cursor:
        text = cursor.cursor.mogrify(query, [sql.bound(param) for param in params])
        cursor.copy_expert(b"COPY (" + text + b") TO STDOUT (FORMAT binary)", buffer)
    told, wire = buffer.getbuffer(), _wire(shape)
    size = len(told) - len(_HEADER) - len(_END)
    if size % wire.itemsize:
        raise ValueError("the query's columns are not those that were told")
    raw = np.frombuffer(told, dtype=wire, offset=len(_HEADER), count=size // wire.itemsize)
    made = np.empty(len(raw), dtype=shape)
    for name in shape.names or ():
        made[name] = _EPOCH + raw[name].astype("m8[us]") if shape[name].kind == "M" else raw[name]
    return made


def write(table: str, rows: NDArray[np.void]) -> None:
    """COPY rows into the columns of ``table`` that are named as theirs. Names come from code, never from a request."""
    names = rows.dtype.names or ()
    wire = _wire(rows.dtype)
    raw = np.empty(len(rows), dtype=wire)
    raw["count of fields"] = len(names)
    for name in names:
        raw[f"length of {name}"] = wire[name].itemsize
        moment = rows.dtype[name].kind == "M"
        raw[name] = (rows[name].astype("M8[us]") - _EPOCH).astype(np.int64) if moment else rows[name]
    buffer = io.BytesIO(_HEADER + raw.tobytes() + _END)
    with connection.cursor() as cursor:
        columns = ", ".join(f'"{name}"' for name in names)
        cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN (FORMAT binary)", buffer)
