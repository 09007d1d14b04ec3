"""The training process of an engine: one request after another, at low priority.

Layer: engine. A thread feeds it; the conductor only asks whether a result is there. Results are
files that are read again after a kill. A process that dies is started again with the same request,
a few times.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from gt_widgets.errors import GroundTruthError
from gt_widgets.training.messages import Request, Result, read_result, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO

__all__ = ["Trainer"]

_LOG = logging.getLogger(__name__)
_TRIES = 5
"""A request whose process dies this often is given up."""
_IDLE_S = 120.0
"""The process ends when nothing was asked of it for so long."""
_AGAIN_S = 2.0
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class _NotNowError(Exception):
    """The objects cannot be read for now."""


@dataclass(frozen=True, slots=True)
class _Asked:
    request: Request
    read: Callable[[str, int], bytes] = field(compare=False)  # a new one each time it is asked


@dataclass(frozen=True, slots=True)
class _Look:
    job_id: int
    make: Callable[[], Request]
    read: Callable[[str, int], bytes]


class Trainer:
    """Takes requests of all jobs of one engine.

    Parameters
    ----------
    told : callable
        Called, in a thread of its own, whenever a request is done with.
    """

    def __init__(self, told: Callable[[], None]) -> None:
        self._told = told
        self._changed = threading.Condition()
        self._asked: dict[int, _Asked] = {}
        self._looks: dict[int, _Look] = {}
        self._seen: dict[int, tuple[Request, Result]] = {}
        self._given_up: dict[str, str] = {}
        self._closing = False
        self._under_way: int | None = None
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Process id of the training process; None while there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    @property
    def busy(self) -> bool:
        """Whether a request of a step waits or is under way."""
        with self._changed:
            return bool(self._asked)

    def result(self, request: Request) -> Result | None:
        """Return what came of a request; None if it was not answered yet."""
        gone = self._given_up.get(request.digest)
        return Result(request.digest, error=gone) if gone else read_result(request)

    def ask(self, request: Request, read: Callable[[str, int], bytes]) -> None:
        """Have a request answered; one that is waiting or under way is not asked twice.

        Parameters
        ----------
        request : Request
            The newest of its job replaces an older one that waits.
        read : callable
            Gives the bytes of an object ("want") or of its mask ("mask"); called in the
            trainer's thread, may raise.
        """
        with self._changed:
            if self._closing:
                return
            self._asked[request.job_id] = _Asked(request, read)
            self._begin()

    def look(
        self, job_id: int, make: Callable[[], Request], read: Callable[[str, int], bytes]
    ) -> None:
        """Have the machine look at a job when there is no step to take, once, for whatever it is.

        Parameters
        ----------
        job_id : int
        make : callable
            Makes the request, in the trainer's thread; may raise.
        read : callable
            As in `ask`.
        """
        with self._changed:
            if not self._closing:
                self._looks.setdefault(job_id, _Look(job_id, make, read))
                self._begin()

    def looking(self, job_id: int) -> bool:
        """Whether a look at a job waits or is under way."""
        with self._changed:
            return job_id in self._looks

    def seen(self, job_id: int) -> tuple[Request, Result] | None:
        """Hand over what the last look at a job brought, once."""
        with self._changed:
            return self._seen.pop(job_id, None)

    def wait(self, timeout_s: float | None = None, *, looks: bool = False) -> bool:
        """Wait until no step is asked any more, and no look; False if that took too long."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._asked and not (looks and self._looks), timeout_s
            )

    def forget(self, job_id: int) -> None:
        """Drop what was asked for a job that is over; a training of it is cut short."""
        with self._changed:
            for each in (self._asked, self._looks, self._seen):
                each.pop(job_id, None)
            process = self._process if self._under_way == job_id else None
            self._changed.notify_all()
        if process is not None:
            process.kill()  # its thread sees that, and that nobody wants the result

    def stop_process(self) -> None:
        """End the process; the next request starts another."""
        self._end()

    def close(self) -> None:
        """End the process; what it was doing is asked again after the next start."""
        with self._changed:
            self._closing = True
            self._asked.clear()
            self._looks.clear()
            self._changed.notify_all()
        self._end()
        if self._thread:
            self._thread.join(timeout=30)

    # --- the thread ---------------------------------------------------------------------------

    def _begin(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="trainer", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _work(self) -> None:
        while (asked := self._next()) is not None:
            if isinstance(asked, _Look):
                self._look(asked)
                continue
            problem = self._answered(asked)
            with self._changed:
                self._under_way = None
                if problem:
                    self._given_up[asked.request.digest] = problem
                if self._asked.get(asked.request.job_id) == asked:
                    del self._asked[asked.request.job_id]
                self._changed.notify_all()
                closing = self._closing
            if not closing:
                self._told()

    def _next(self) -> _Asked | _Look | None:
        with self._changed:
            while not self._asked and not self._looks and not self._closing:
                if not self._changed.wait(_IDLE_S):
                    self._end()
            if self._closing:
                return None
            if not self._asked:  # a step is what people wait for
                look = next(iter(self._looks.values()))
                self._under_way = look.job_id
                return look
            asked = next(iter(self._asked.values()))
            self._under_way = asked.request.job_id
            return asked

    def _look(self, look: _Look) -> None:
        """Try once: the next answers ask for another look."""
        found = None
        try:
            request = look.make()
            problem = self._try(_Asked(request, look.read))
            result = read_result(request)
            found = None if problem or result is None else (request, result)
        except Exception as error:  # noqa: BLE001  a look must not keep the next step from coming
            problem = repr(error)
        if problem:
            self._end()
            _LOG.info("look at job %d: %s", look.job_id, problem)
        with self._changed:
            self._under_way = None
            wanted = self._looks.pop(look.job_id, None) is look
            if wanted and found is not None:
                self._seen[look.job_id] = found
            self._changed.notify_all()
            closing = self._closing
        if not closing:
            self._told()

    def _answered(self, asked: _Asked) -> str:
        """Get one request answered; returns why that is hopeless, or nothing."""
        problem, died = "", 0
        while died < _TRIES:
            if not self._wanted(asked) or self.result(asked.request) is not None:
                return ""
            try:
                problem = self._try(asked)
                died += 1
            except _NotNowError as error:
                problem = str(error)
                self._pause()
            except Exception as error:  # noqa: BLE001  this thread must go on for other jobs
                problem = str(error)
                died += 1
            if not problem:
                return ""
            self._end()
            _LOG.info("training of job %d: %s", asked.request.job_id, problem)
        return f"the training process died {died} times; the last time: {problem}"

    def _wanted(self, asked: _Asked) -> bool:
        with self._changed:
            return self._is_wanted(asked)

    def _is_wanted(self, asked: _Asked) -> bool:
        job_id = asked.request.job_id
        there = job_id in self._looks if asked.request.look else self._asked.get(job_id) == asked
        return not self._closing and there

    def _pause(self) -> None:
        """Wait for a disk or an S3 that does not answer: nobody's process died of it."""
        with self._changed:
            self._changed.wait_for(lambda: self._closing, _AGAIN_S)

    def _try(self, asked: _Asked) -> str:
        request = asked.request
        with self._changed:  # not after `forget`, behind which the folder is removed
            if not self._is_wanted(asked):
                return ""
            Path(request.folder).mkdir(parents=True, exist_ok=True)
        write_whole(request.request_path, request.to_json())
        process = self._running()
        if process.stdin is None or process.stdout is None:
            raise OSError("the training process has no pipes")
        _send(process.stdin, f"train {request.request_path}\n".encode())
        for line in process.stdout:
            word, _, number = line.decode().strip().partition(" ")
            if word == "done":
                return "" if self.result(request) else "it left no result"
            _send(process.stdin, _reply(asked.read, word, int(number)))
        self._end()
        return f"it ended with status {process.returncode}"

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = _started()
        return self._process

    def _end(self) -> None:
        process = self._process
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                _close(pipe)
        self._process = None


def _started() -> subprocess.Popen[bytes]:
    """Start a process of the same gt_widgets, with one thread of linear algebra."""
    home = str(Path(__file__).parents[2])
    paths = [home, *filter(None, [os.environ.get("PYTHONPATH")])]
    known = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.Popen(
        # -P: modules that happen to lie in the folder are not the engine's
        [sys.executable, "-P", "-m", "gt_widgets.training"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=known | dict.fromkeys(_ONE_THREAD, "1") | {"PYTHONPATH": os.pathsep.join(paths)},
    )


def _reply(read: Callable[[str, int], bytes], word: str, object_id: int) -> bytes:
    try:
        body = read(word, object_id)
    except OSError as error:
        raise _NotNowError(str(error)) from error
    except GroundTruthError as error:
        _LOG.info("object %d is not shown to the machine: %s", object_id, error)
        return b"none\n"
    return b"bytes %d\n%s" % (len(body), body)


def _send(pipe: IO[bytes], body: bytes) -> None:
    pipe.write(body)
    pipe.flush()


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except OSError:
        _LOG.debug("the training process was gone before its pipe")
