"""Messages of a streaming job's input topic: which data objects they bring, and which they repeat.

Layer: schema (pure). Reference section 1.14. A message is one manifest line, or a notification of
S3 that objects were created.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from gt_widgets.errors import ValidationError
from gt_widgets.schema.manifest import compact, parse_line, splice

__all__ = ["ATTRIBUTE_NAME_KEY", "Arrival", "arrivals", "object_id_key"]

ATTRIBUTE_NAME_KEY = "dataset-objectid-attribute-name"
_KEY = re.compile(r"[$a-zA-Z0-9](-*[a-zA-Z0-9])*")
_MAX_KEY, _MAX_ID = 140, 1024


@dataclass(frozen=True, slots=True)
class Arrival:
    """One data object that arrived: its manifest line, and the id that tells repetitions."""

    line: bytes
    dedup_id: str


def object_id_key(label_attribute: str) -> str:
    """Key under which a job writes the id of an object whose message named none."""
    return f"${label_attribute}-object-id"


def arrivals(text: str, *, message_id: str, label_attribute: str) -> list[Arrival]:
    """Read one message of the input topic.

    Parameters
    ----------
    text : str
        The message.
    message_id : str
        Tells repetitions where the message names no attribute that does.
    label_attribute : str
        Of the job.

    Returns
    -------
    list of Arrival
        Empty for the test event that S3 sends when a notification is set up, which would
        otherwise be mistaken for data.

    Raises
    ------
    ValidationError
        If it is neither a manifest line nor a notification of S3, or its id is none.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValidationError(f"the message is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise ValidationError("the message is not one JSON object: a line of a manifest")
    if found.get("Event") == "s3:TestEvent":
        return []
    if "Records" in found:
        return [_created(record, label_attribute) for record in found["Records"]]
    line = text.replace("\r", " ").replace("\n", " ").strip().encode()
    parse_line("the message", 0, line)
    name = found.get(ATTRIBUTE_NAME_KEY)
    if name is not None:
        return [Arrival(line, _named_id(found, name))]
    key = object_id_key(label_attribute)
    return [Arrival(splice(line, {ATTRIBUTE_NAME_KEY: key, key: message_id}), message_id)]


def _named_id(found: dict[str, Any], name: Any) -> str:
    if not isinstance(name, str) or len(name) > _MAX_KEY or not _KEY.fullmatch(name):
        raise ValidationError(
            f"{ATTRIBUTE_NAME_KEY!r} is {name!r}; it must be the name of a key of the message, at "
            f"most {_MAX_KEY} letters, digits and hyphens"
        )
    value = found.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_ID:
        raise ValidationError(
            f"{name!r} is {value!r}; {ATTRIBUTE_NAME_KEY!r} says that it holds the object's id, a "
            f"text of 1 to {_MAX_ID} characters"
        )
    return value


def _created(record: Any, label_attribute: str) -> Arrival:
    """Make a data object of one record of an S3 notification; its key is URL-encoded."""
    try:
        bucket, created = record["s3"]["bucket"]["name"], record["s3"]["object"]
        uri, sequencer = f"s3://{bucket}/{unquote_plus(created['key'])}", created["sequencer"]
    except (KeyError, TypeError) as error:
        raise ValidationError(f"a record of the notification lacks {error}") from error
    key = object_id_key(label_attribute)
    line = {
        "source-ref": uri,
        ATTRIBUTE_NAME_KEY: key,
        key: uri,
        "$sequencer": sequencer,
    }
    return Arrival(compact(line), f"{uri} {sequencer}")
