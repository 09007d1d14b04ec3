"""What a machine may learn with, as the owner of an engine names it: files on this disk, and code.

Layer: training (plain data). A `Source` is made where the owner is, in the notebook or at the
command line, and used in the training process. Nothing is opened or imported here.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import sys
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from gt_widgets.autolabel.detectors.onnx import read_detector_sidecar
from gt_widgets.autolabel.features.folders import check_sentence_folder
from gt_widgets.autolabel.features.onnx import read_sidecar
from gt_widgets.autolabel.learners.archive import MAX_MODEL_BYTES
from gt_widgets.errors import ModelFileError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Kind", "Source", "check_unchanged", "digest_of", "source_of"]

Kind = Literal["onnx-features", "onnx-detector", "sentences", "timm", "torchvision", "python"]

_TORCH = re.compile(r"(timm|torchvision):([\w.\-/]+)(?:@(.+))?")
_CODE = re.compile(r"(.+\.py|[A-Za-z_][\w.]*):([A-Za-z_]\w*)")
_FORMS = (
    "an .onnx file with its .json beside it, the folder of a sentence model, 'timm:NAME', "
    "'torchvision:NAME' (with '@FILE' for weights elsewhere), 'file.py:Name' or "
    "'package.module:Name'"
)
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """One thing to learn with.

    Attributes
    ----------
    kind : str
    what : str
        A network's name, or ``module:Name`` of code; else empty.
    path : str
        Absolute: the file or folder; of code the folder that it is imported from, empty where
        Python finds it by itself.
    sha256 : str
        Of the files, so that a job does not change under way; empty for installed code.
    """

    kind: Kind
    what: str = ""
    path: str = ""
    sha256: str = ""

    @property
    def file(self) -> Path | None:
        """What must be there; None for code that Python finds by itself."""
        if self.kind != "python":
            return Path(self.path)
        if self.sha256:
            return Path(self.path) / f"{self.what.partition(':')[0]}.py"
        return Path(self.path) if self.path else None

    def __str__(self) -> str:
        named = f"{self.kind} {self.what}".strip()
        return f"{named} of {self.file}" if self.file else named

    def to_dict(self) -> dict[str, str]:
        """Plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Source:
        """Read what `to_dict` wrote.

        Raises
        ------
        ValidationError
            If it is something else.
        """
        try:
            found = cls(**{name: str(value) for name, value in values.items()})  # type: ignore[arg-type]
        except (AttributeError, TypeError) as problem:
            raise ValidationError(f"expected kind, what, path and sha256; {problem}") from problem
        if found.kind not in get_args(Kind):
            raise ValidationError(f"a learner is one of {get_args(Kind)}; found {found.kind!r}")
        return found


def source_of(given: Any, *, base: Path | None = None) -> Source:
    """Understand what the owner gives.

    Parameters
    ----------
    given : str, Path, class or function
        An ONNX file, a sentence model's folder, a network's name, or code.
    base : Path, optional
        Where relative paths begin; the current folder by default.

    Raises
    ------
    ValidationError
        If it is none of these.
    ModelFileError
        If a file is missing or not what it should be.
    """
    if callable(given):
        given = _name_of(given)
    text, here = str(given), base or Path.cwd()
    if torch := _TORCH.fullmatch(text):
        return _torch_source(torch, here)
    if code := _CODE.fullmatch(text):
        return _code_source(code[1], code[2], here)
    path = (here / Path(text).expanduser()).resolve()
    if path.suffix == ".onnx":
        return _onnx_source(path)
    if path.is_dir():
        return _sentence_source(path)
    if not path.exists() and (path.suffix or "/" in text):
        raise ModelFileError(f"{path} is not there. A learner is {_FORMS}.")
    raise ValidationError(f"{text!r} is no learner. It is {_FORMS}.")


def check_unchanged(source: Source) -> None:
    """Refuse files that are not those that the owner named.

    Raises
    ------
    ModelFileError
        If they are gone, or hold something else now.
    """
    file = source.file
    if file is None or not source.sha256:
        return
    if digest_of(source.kind, file) != source.sha256:
        raise ModelFileError(
            f"{file} has changed since it was named (sha256 {source.sha256[:12]}...); name it again"
        )


def digest_of(kind: Kind, path: Path) -> str:
    """SHA-256 of all files that a source is read from.

    Raises
    ------
    ModelFileError
        If one cannot be read.
    """
    files = [path]
    if kind in {"onnx-features", "onnx-detector"}:
        files.append(path.with_name(path.name + ".json"))
    elif kind == "sentences":
        kept = {".safetensors", ".json", ".txt", ".model"}
        files = sorted(file for file in path.rglob("*") if file.suffix in kept)
    digest = hashlib.sha256()
    try:
        for file in files:
            digest.update(file.name.encode() + b"\0")
            with file.open("rb") as body:
                while block := body.read(_BLOCK):
                    digest.update(block)
    except OSError as problem:
        raise ModelFileError(f"{problem.filename} cannot be read: {problem.strerror}") from problem
    return digest.hexdigest()


def _kept(kind: Kind, path: Path, what: str = "") -> Source:
    return Source(kind, what, str(path), digest_of(kind, path))


def _torch_source(found: re.Match[str], base: Path) -> Source:
    from gt_widgets.autolabel.features.torch_models import cached_weights

    library: Literal["timm", "torchvision"] = "timm" if found[1] == "timm" else "torchvision"
    if found[3]:
        return _kept(library, (base / Path(found[3]).expanduser()).resolve(), found[2])
    return _kept(library, cached_weights(library, found[2]).resolve(), found[2])


def _onnx_source(path: Path) -> Source:
    beside = path.with_name(path.name + ".json")
    try:
        boxes = "boxes" in json.loads(beside.read_bytes())
    except (OSError, ValueError, TypeError):
        boxes = False  # what is wrong with it, its reader says
    if boxes:
        read_detector_sidecar(beside)
        _check_size(path)
        return _kept("onnx-detector", path)
    read_sidecar(beside)
    return _kept("onnx-features", path)


def _check_size(path: Path) -> None:
    size = path.stat().st_size if path.exists() else 0
    if size > MAX_MODEL_BYTES:  # the model that a job leaves behind holds the whole detector
        raise ModelFileError(f"{path}: at most {MAX_MODEL_BYTES} bytes expected; found {size}")


def _sentence_source(path: Path) -> Source:
    check_sentence_folder(path)
    return _kept("sentences", path)


def _code_source(module: str, name: str, base: Path) -> Source:
    if module.endswith(".py"):
        file = (base / Path(module).expanduser()).resolve()
        _check_defined(file, name)
        return Source("python", f"{file.stem}:{name}", str(file.parent), digest_of("python", file))
    top = module.partition(".")[0]
    known = sys.modules.get(top)
    found = getattr(known, "__spec__", None) if known else find_spec(top)
    if found is None or not (found.origin or found.submodule_search_locations):
        raise ValidationError(
            f"there is no module {top!r} here. Give the file instead: 'folder/{top}.py:{name}'."
        )
    places = list(found.submodule_search_locations or [])
    folder = Path(places[0] if places else str(found.origin)).resolve().parent
    installed = "site-packages" in folder.parts or folder.is_relative_to(sys.base_prefix)
    return Source("python", f"{module}:{name}", "" if installed else str(folder))


def _check_defined(file: Path, name: str) -> None:
    """Read, not run, the file."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError) as problem:
        raise ModelFileError(f"{file} cannot be read as Python: {problem}") from problem
    defined = [node.name for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    for node in tree.body:
        if isinstance(node, ast.Assign):
            defined += [target.id for target in node.targets if isinstance(target, ast.Name)]
    if name not in defined:
        raise ValidationError(f"{file} defines no {name}; it has {', '.join(defined) or 'nothing'}")


def _name_of(given: Any) -> str:
    module = getattr(given, "__module__", "__main__")
    name = getattr(given, "__qualname__", type(given).__qualname__)
    if module == "__main__" or "." in name:
        raise ValidationError(
            f"{name} lives in this notebook only; the machine trains in a process of its own. "
            "Write it to a file (%%writefile learner.py) and give 'learner.py:"
            f"{name.rsplit('.', 1)[-1]}'."
        )
    file = getattr(sys.modules.get(module), "__file__", None)
    if file and "." not in module and "site-packages" not in file:
        return f"{file}:{name}"
    return f"{module}:{name}"
