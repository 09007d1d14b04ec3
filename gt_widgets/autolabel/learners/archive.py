"""Model files: numbers in an npz, everything else as JSON inside it; nothing is ever unpickled.

Layer: autolabel (imports only ``errors``). A model file may come from a stranger: names, sizes
and kinds are checked before an array is read.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gt_widgets.errors import ModelFileError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["MAX_MODEL_BYTES", "kind_of", "pack_model", "read_model", "unpack_model", "write_model"]

MAX_MODEL_BYTES = 512 * 1024 * 1024
"""Largest model, unpacked."""

_MAX_ARRAYS = 256
_HEADER = "header.json"


def pack_model(kind: str, settings: Mapping[str, Any], **arrays: NDArray[Any]) -> bytes:
    """Pack a model into bytes; equal models give equal bytes.

    Parameters
    ----------
    kind : str
        Name of the learner, checked when it is read.
    settings : mapping
        JSON values.
    **arrays : ndarray
        Of numbers.

    Returns
    -------
    bytes
        A zip of ``header.json`` and one ``.npy`` per array.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as file:
        header = json.dumps({"kind": kind, "settings": dict(settings)}, sort_keys=True)
        file.writestr(zipfile.ZipInfo(_HEADER), header)
        for name in sorted(arrays):
            body = io.BytesIO()
            np.save(body, np.ascontiguousarray(arrays[name]), allow_pickle=False)
            file.writestr(zipfile.ZipInfo(f"{name}.npy"), body.getvalue())
    return out.getvalue()


def unpack_model(body: bytes, kind: str) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Read what `pack_model` wrote.

    Returns
    -------
    (dict, dict of name to ndarray)
        Settings and arrays.

    Raises
    ------
    ModelFileError
        If the bytes are no model of this kind, are too large or damaged, or hold objects.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as file:
            _check_sizes(file)
            header = json.loads(file.read(_HEADER))
            names = [name for name in file.namelist() if name.endswith(".npy")]
            arrays = {name[:-4]: _array(file.read(name)) for name in names}
        found, settings = header["kind"], dict(header["settings"])
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, EOFError) as problem:
        raise ModelFileError(
            f"expected a model file of kind {kind!r}; it cannot be read: {problem}"
        ) from problem
    if found != kind:
        raise ModelFileError(f"expected a model file of kind {kind!r}; found {found!r}")
    return settings, arrays


def kind_of(body: bytes) -> str:
    """Which learner wrote these bytes; empty when it does not say.

    Raises
    ------
    ModelFileError
        If they are no model file.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as file:
            _check_sizes(file)
            return str(json.loads(file.read(_HEADER)).get("kind", ""))
    except (zipfile.BadZipFile, AttributeError, KeyError, ValueError) as problem:
        raise ModelFileError(f"expected a model file; it cannot be read: {problem}") from problem


def write_model(path: str | Path, body: bytes) -> None:
    """Write packed bytes to a file, whole or not at all."""
    target = Path(path)
    part = target.with_name(target.name + ".part")
    part.write_bytes(body)
    part.replace(target)


def read_model(path: str | Path) -> bytes:
    """Read packed bytes, up to `MAX_MODEL_BYTES`.

    Raises
    ------
    ModelFileError
        If the file is missing or too large.
    """
    target = Path(path)
    try:
        size = target.stat().st_size
    except OSError as problem:
        raise ModelFileError(f"{target}: the model file cannot be read: {problem}") from problem
    if size > MAX_MODEL_BYTES:
        raise ModelFileError(f"{target}: at most {MAX_MODEL_BYTES} bytes expected; found {size}")
    return target.read_bytes()


def _check_sizes(file: zipfile.ZipFile) -> None:
    infos = file.infolist()
    total = sum(info.file_size for info in infos)
    if len(infos) > _MAX_ARRAYS or total > MAX_MODEL_BYTES:
        raise ModelFileError(
            f"a model file holds at most {_MAX_ARRAYS} arrays and {MAX_MODEL_BYTES} bytes; "
            f"found {len(infos)} and {total}"
        )


def _array(body: bytes) -> NDArray[Any]:
    array: NDArray[Any] = np.load(io.BytesIO(body), allow_pickle=False)
    if array.dtype.kind not in "biufU":
        raise ModelFileError(f"a model file holds numbers and text only; found {array.dtype}")
    return array
