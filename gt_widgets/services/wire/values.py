"""Scalars on the wire: times, numbers and booleans as AWS writes and reads them.

Layer: services (imports only ``errors``).
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.model import Shape

__all__ = ["format_time", "parse_time", "scalar_from_text", "scalar_to_text"]


def _aware(value: datetime | float) -> datetime:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime.fromtimestamp(value, UTC)


def format_time(value: datetime | float, form: str) -> str | float:
    """Write a time in one of the three forms of AWS's models.

    Parameters
    ----------
    value : datetime or float
        Aware, or naive and then UTC, or epoch seconds.
    form : str
        ``"unixTimestamp"`` (a number, to the millisecond), ``"iso8601"`` or ``"rfc822"``.
    """
    moment = _aware(value)
    if form == "unixTimestamp":
        return round(moment.timestamp(), 3)
    if form == "rfc822":
        return format_datetime(moment.astimezone(UTC), usegmt=True)
    utc = moment.astimezone(UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}Z"


def parse_time(value: str | float) -> datetime:
    """Read a time in any of the three forms; numbers may come as text.

    Raises
    ------
    ValueError
        If it is none of them, or outside the years 1-9999.
    """
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except (OverflowError, OSError) as error:
        raise ValueError(f"{value!r} is outside the years 1-9999") from error
    except ValueError:
        text = str(value)
    try:
        return _aware(datetime.fromisoformat(text))
    except ValueError:
        return _aware(parsedate_to_datetime(text))


def _boolean(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered not in {"true", "false"}:
        raise ValueError(f"expected true or false, found {text!r}")
    return lowered == "true"


def _blob(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


_READERS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "char": str,
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
    "boolean": _boolean,
    "timestamp": parse_time,
    "blob": _blob,
}


def scalar_from_text(text: str, shape: Shape, where: str) -> Any:
    """Read a header, a query parameter or an XML text as the shape's Python value.

    Raises
    ------
    ServiceError
        ``SerializationException`` naming the place, if the text does not fit the shape.
    """
    try:
        return _READERS[shape.type_name](text)
    except (ValueError, TypeError, binascii.Error) as error:
        raise ServiceError(
            "SerializationException",
            f"{where}: expected a value of type {shape.type_name}, found {text!r}.",
            400,
        ) from error


def scalar_to_text(value: Any, shape: Shape, *, time_form: str) -> str:
    """Write a value as a header or an XML text.

    Parameters
    ----------
    value : Any
        Of the shape's type.
    shape : botocore shape
        Its own ``timestampFormat`` goes before ``time_form``.
    time_form : str
        As in `format_time`.
    """
    if shape.type_name == "timestamp":
        form = shape.serialization.get("timestampFormat", time_form)
        return str(format_time(value, form))
    if shape.type_name == "boolean":
        return "true" if value else "false"
    if shape.type_name == "blob":
        data = value.encode() if isinstance(value, str) else bytes(value)
        return base64.b64encode(data).decode("ascii")
    return str(value)
