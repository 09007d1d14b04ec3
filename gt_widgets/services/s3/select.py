"""SelectObjectContent over JSON Lines: what dataset selection used before S3 Select closed.

Layer: services (imports ``errors``, ``manifests`` and ``engine.objects``). The answer is made in
a temporary file before the first byte leaves, so that an error is an error and not half an answer.
"""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import ManifestLineError, OperationNotImplementedError, ServiceError
from gt_widgets.manifests import select_lines
from gt_widgets.services.s3.common import store_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gt_widgets.services.call import Call

__all__ = ["select_object_content"]

_IN_MEMORY = 1 << 22
_RECORDS = 1 << 17
"""Bytes of one Records event."""
_LONGEST_DELIMITER = 2


def select_object_content(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """SelectObjectContent: ``SELECT * FROM S3Object s WHERE ...`` over JSON Lines.

    Raises
    ------
    OperationNotImplementedError
        For other input than uncompressed JSON Lines, other output than JSON, and scan ranges.
    """
    delimiter = _delimiter(params)
    _, body = store_of(call, params).open(params["Bucket"], params["Key"])
    # closed by the last event, or with the garbage if the client goes away
    answer = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
    returned = scanned = 0
    uri = f"s3://{params['Bucket']}/{params['Key']}"
    try:
        with body:
            for line in select_lines(body, params["Expression"], uri=uri):
                returned += answer.write(line.strip() + delimiter)
            scanned = body.tell()
    except ManifestLineError as error:
        raise ServiceError("JSONParsingError", str(error)) from error
    details = {"BytesScanned": scanned, "BytesProcessed": scanned, "BytesReturned": returned}
    return {"Payload": _events(answer, details)}


def _events(answer: Any, details: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    with answer:
        answer.seek(0)
        while payload := answer.read(_RECORDS):
            yield {"Records": {"Payload": payload}}
    yield {"Stats": {"Details": dict(details)}}
    yield {"End": {}}


def _delimiter(params: Mapping[str, Any]) -> bytes:
    source, target = params["InputSerialization"], params["OutputSerialization"]
    lines = source.get("JSON", {}).get("Type") == "LINES"
    if not lines or source.get("CompressionType", "NONE") != "NONE" or "JSON" not in target:
        raise OperationNotImplementedError(
            'The local S3 selects from JSON Lines only: InputSerialization={"JSON": {"Type": '
            '"LINES"}}, OutputSerialization={"JSON": {}}.'
        )
    if "ScanRange" in params or params.get("ExpressionType") != "SQL":
        raise OperationNotImplementedError(
            "The local S3 knows ExpressionType SQL over whole objects; leave ScanRange out."
        )
    delimiter = str(target["JSON"].get("RecordDelimiter", "\n")).encode()
    if not 1 <= len(delimiter) <= _LONGEST_DELIMITER:
        raise ServiceError("InvalidRequestParameter", "RecordDelimiter must be 1 or 2 characters.")
    return delimiter
