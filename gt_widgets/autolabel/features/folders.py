"""Whether the folder of a sentence model holds numbers only.

Layer: autolabel (imports only ``errors``). Such a folder may come from a stranger. Its library, in
older versions, imports code that a local folder names, and unpickles weights where it finds nothing
better; so both are refused before it is asked.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import ModelFileError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["check_sentence_folder"]

_OURS = "sentence_transformers."
_PICKLED = {".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt"}
_MAX_CONFIG_BYTES = 10_000_000


def check_sentence_folder(folder: Path) -> None:
    """Refuse a folder that has no safe weights, or could make its library run code.

    Raises
    ------
    ModelFileError
        With the file that is wrong.
    """
    if not any(folder.rglob("*.safetensors")):
        raise ModelFileError(
            f"{folder}: expected a sentence model with .safetensors weights; found none"
        )
    for file in folder.rglob("*"):
        if file.suffix in _PICKLED and not any(file.parent.glob("*.safetensors")):
            raise ModelFileError(f"{file}: weights must be .safetensors; a pickle may run code")
    for file in folder.rglob("config.json"):
        if isinstance(found := _read(file), dict) and "auto_map" in found:
            raise ModelFileError(f"{file}: 'auto_map' names code, which is not run")
    modules = folder / "modules.json"
    found = _read(modules) if modules.exists() else []
    kinds = [part.get("type") for part in found if isinstance(part, dict)]
    foreign = [kind for kind in kinds if not str(kind).startswith(_OURS)]
    if foreign or len(kinds) != len(found):
        raise ModelFileError(
            f"{modules}: expected modules of {_OURS}*; found {foreign or found}, whose code is not "
            "run"
        )


def _read(file: Path) -> Any:
    try:
        if file.stat().st_size > _MAX_CONFIG_BYTES:
            raise ModelFileError(f"{file}: at most {_MAX_CONFIG_BYTES} bytes expected")
        return json.loads(file.read_bytes())
    except (OSError, ValueError) as problem:
        raise ModelFileError(f"{file} cannot be read as JSON: {problem}") from problem
