"""What is asked of a training process, and what it answers: two JSON files.

Layer: training (plain data).
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from gt_widgets.errors import ValidationError

__all__ = ["Request", "Result", "read_result", "write_whole"]


@dataclass(frozen=True, slots=True)
class Request:
    """One step of one job's loop.

    Attributes
    ----------
    job_id, step : int
        Which job, and how many trainings it has had before.
    media : {"image", "text"}
    categories : tuple of str
        In ``class_id`` order.
    state : dict
        ``LoopState.to_dict()`` with nothing waiting; it names the task.
    answers : dict
        What people drew, by object: a manifest's ``annotations``; for boxes only.
    stop : bool
        Commit now, whatever could still be gained.
    folder : str
        Where the job's features are kept from step to step, and where the result goes.
    earlier_model : str
        File of the model that the job starts from; empty for none.
    watched : bool
        The moment of a ``stop`` was chosen by somebody who had seen forecasts.
    look : bool
        No step: say what a stop would bring, and change nothing.
    """

    job_id: int
    step: int
    media: Literal["image", "text"]
    categories: tuple[str, ...]
    state: dict[str, Any]
    stop: bool
    folder: str
    earlier_model: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    watched: bool = False
    look: bool = False

    @property
    def digest(self) -> str:
        """What tells this request from any other, wherever its folder lies."""
        said = asdict(self) | {"folder": "", "earlier_model": bool(self.earlier_model)}
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

    @property
    def request_path(self) -> Path:
        """Where the request lies."""
        return Path(self.folder) / f"{'look' if self.look else 'request'}-{self.step}.json"

    @property
    def result_path(self) -> Path:
        """Where the answer goes."""
        return Path(self.folder) / f"{'looked' if self.look else 'result'}-{self.step}.json"

    @property
    def model_path(self) -> Path:
        """Where the model goes that was learned in this step."""
        return Path(self.folder) / f"model-{self.step}.gtm"

    def to_json(self) -> bytes:
        """Write it as JSON."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Request:
        """Read what `to_json` wrote."""
        values = json.loads(data)
        return cls(**{**values, "categories": tuple(values["categories"])})


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a request.

    Attributes
    ----------
    state : dict
        The loop's next state.
    report : dict or None
        Numbers for the charts; None where there was nothing to look at.
    log : list of dict
        What the training said, for its log stream.
    model : bool
        Whether a model was written.
    error : str
        Why the step cannot be taken, whoever repeats it; empty if it was.
    forecast : dict or None
        Of a look: the ``certificate`` that a stop would bring, and the CPU ``seconds`` it took.
    """

    digest: str
    state: dict[str, Any] = field(default_factory=dict)
    report: dict[str, Any] | None = None
    log: list[dict[str, Any]] = field(default_factory=list)
    model: bool = False
    error: str = ""
    forecast: dict[str, Any] | None = None

    def to_json(self) -> bytes:
        """Write it as JSON."""
        return json.dumps(asdict(self)).encode()


def read_result(request: Request) -> Result | None:
    """Read the result of a request; None if there is none yet."""
    try:
        found = Result(**json.loads(request.result_path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
    return found if found.digest == request.digest else None


def write_whole(path: Path, body: bytes) -> None:
    """Write a file whole or not at all, also if the power fails.

    Raises
    ------
    ValidationError
        If the folder is missing.
    """
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with partial.open("wb") as out:
            out.write(body)
            out.flush()
            os.fsync(out.fileno())
    except FileNotFoundError as error:
        raise ValidationError(f"{path.parent} is gone; the step cannot be written.") from error
    partial.replace(path)
