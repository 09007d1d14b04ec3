"""What the owner of a state folder has named for machines to learn with, and the owner's cluster.

Layer: engine. ``learners.json`` in the folder, mode 0600. A request names a learner, never a file
or code: whoever holds the engine's AWS keys may ask for what is named here and for nothing else,
and only who may write the folder names anything.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gt_widgets.engine.learner_rules import Named, check_named
from gt_widgets.errors import (
    AccessDeniedError,
    GroundTruthError,
    LearnerError,
    StoreError,
    ValidationError,
)
from gt_widgets.training.choices import BUILT_IN
from gt_widgets.training.sources import Source, source_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gt_widgets.engine.jobs import Job
    from gt_widgets.schema.tasks import TaskType

__all__ = ["Learners"]

_LOG = logging.getLogger(__name__)
_FILE, _LOCK = "learners.json", "learners.lock"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{0,99}")
_ADDRESS = re.compile(r"(tcp|tls|ucx)://[^\s/]+:\d+")


class Learners:
    """The register of one state folder; read anew each time, so that no engine need restart.

    Parameters
    ----------
    folder : Path
        The state folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    # --- the owner ------------------------------------------------------------------------------

    def name(self, name: str, given: Any, *, base: Path | None = None) -> Source:
        """Give a name to a file or to code; an earlier meaning of the name is gone.

        Parameters
        ----------
        name : str
            1-100 letters, digits, dots, hyphens and underscores.
        given : Source, str, Path, class or function
            As in `gt_widgets.training.sources.source_of`.
        base : Path, optional
            Where relative paths begin.

        Raises
        ------
        ValidationError
            If the name is ours or no name, or there is nothing that it could mean.
        ModelFileError
            If a file is missing or not what it should be.
        AccessDeniedError
            If the folder is somebody else's.
        """
        ours = {known for names in BUILT_IN.values() for known in names}
        if not _NAME.fullmatch(name) or name in ours:
            raise ValidationError(
                f"a learner's name has 1-100 letters, digits, '.', '-' and '_', and is none of "
                f"{', '.join(sorted(ours))}; found {name!r}"
            )
        source = given if isinstance(given, Source) else source_of(given, base=base)
        with self._changing() as found:
            found["learners"][name] = source.to_dict()
        return source

    def forget(self, name: str) -> None:
        """Take a name back; jobs that name it go on without a machine."""
        with self._changing() as found:
            found["learners"].pop(name, None)

    def set_dask(self, address: str) -> None:
        """Have features and predictions made by a dask cluster; empty: by this machine again.

        Raises
        ------
        ValidationError
            If it is no address of a scheduler.
        """
        if address and not _ADDRESS.fullmatch(address):
            raise ValidationError(
                f"a scheduler's address is tcp://host:port; found {address!r}. Empty: none."
            )
        with self._changing() as found:
            found["dask"] = address

    def change(
        self, learners: Mapping[str, Any], dask: str | None = None, *, base: Path | None = None
    ) -> None:
        """Name several things, or take names back (by nothing), and set the scheduler if given."""
        for name, given in learners.items():
            if given is None or given == "":
                self.forget(name)
            else:
                self.name(name, given, base=base)
        if dask is not None:
            self.set_dask(dask)

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Any]]:
        """Read, change and write, one after the other, readable by the owner only."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise AccessDeniedError(
                f"{self.folder} cannot be written ({error.strerror}): only its owner says what "
                "machines learn with."
            ) from error
        with os.fdopen(lock, "w"):
            fcntl.flock(lock, fcntl.LOCK_EX)
            found = self._read()
            yield found
            partial = self.folder / f"{_FILE}.{os.getpid()}.partial"
            with os.fdopen(
                os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w"
            ) as f:
                json.dump(found, f, indent=1)
            partial.replace(self.folder / _FILE)

    # --- jobs -----------------------------------------------------------------------------------

    @property
    def known(self) -> dict[str, Source]:
        """Everything that is named."""
        return {
            name: Source.from_dict(told) for name, told in sorted(self._read()["learners"].items())
        }

    @property
    def dask(self) -> str:
        """Address of the owner's scheduler; empty for none."""
        return str(self._read()["dask"])

    def _read(self) -> dict[str, Any]:
        path = self.folder / _FILE
        try:
            with path.open() as file:
                stat = os.fstat(file.fileno())
                found = json.load(file)
        except FileNotFoundError:
            return {"learners": {}, "dask": ""}
        except (OSError, ValueError) as error:
            raise StoreError(f"{path} cannot be read: {error}.") from error
        if stat.st_uid != os.geteuid() or stat.st_mode & 0o022:
            raise AccessDeniedError(
                f"{path} names code that this engine would run: it must belong to the engine's "
                "user, and nobody else may write it (chmod 600)."
            )
        if not isinstance(found, dict) or not isinstance(found.get("learners"), dict):
            raise StoreError(f'{path}: expected {{"learners": {{...}}, "dask": ""}}.')
        return {"learners": found["learners"], "dask": str(found.get("dask", ""))}

    def asked(self, job: Job) -> dict[str, Any]:
        """Members of a training request: what the job names, and what is named here.

        Raises
        ------
        LearnerError
            If the register cannot be read, and the job names something in it.
        """
        named = Named(job.request)
        try:
            known, dask = self.known, self.dask
        except GroundTruthError as error:
            if named.features or named.learners:
                raise LearnerError(str(error)) from error
            _LOG.exception("the job %r goes on with what is ours", job.name)
            known, dask = {}, ""
        return {
            "features": named.features,
            "learners": named.learners,
            "known": {name: source.to_dict() for name, source in known.items()},
            "dask": dask,
        }

    def check(self, request: Mapping[str, Any], task_type: TaskType) -> None:
        """Refuse a request whose machine could not learn with what it names.

        Raises
        ------
        ValidationError
            With what would do.
        """
        named = Named(request)
        if not (named.features or named.learners):
            return
        try:
            known = self.known
        except GroundTruthError as error:
            raise ValidationError(f"Nothing can be learned with by name: {error}") from error
        check_named(request, task_type, known)
