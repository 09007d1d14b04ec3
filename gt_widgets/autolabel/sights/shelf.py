"""Fold models on a shelf: what was trained before a kill is not trained again.

Layer: autolabel (imports only ``errors``).
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

from gt_widgets.errors import ModelFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Shelf"]


class _Kept(Protocol):
    def save(self, path: str | Path) -> None: ...
    @classmethod
    def load(cls, path: str | Path) -> Self: ...


M = TypeVar("M", bound=_Kept)


class Shelf:
    """A folder of models, by what they were trained on.

    Parameters
    ----------
    folder : str or Path, optional
        One job's own; nothing is kept when None.
    """

    def __init__(self, folder: str | Path | None) -> None:
        self.folder = None if folder is None else Path(folder)

    def trained(self, untrained: M, key: Iterable[bytes], train: Callable[[M], M]) -> M:
        """Read the model of this key, or train and keep it.

        Parameters
        ----------
        untrained : model
            Says which class reads the file.
        key : iterable of bytes
            Everything the training depends on.
        train : callable
            Trains ``untrained``.
        """
        if self.folder is None:
            return train(untrained)
        kind = f"{type(untrained).__qualname__} {getattr(untrained, 'id', '')}"
        digest = hashlib.sha256(kind.encode())
        for part in key:
            digest.update(hashlib.sha256(part).digest())
        path = self.folder / f"{digest.hexdigest()[:32]}.model"
        if path.exists():
            try:
                return untrained.load(path)
            except ModelFileError:
                path.unlink()
        model = train(untrained)
        self.folder.mkdir(parents=True, exist_ok=True)
        model.save(path)
        return model
