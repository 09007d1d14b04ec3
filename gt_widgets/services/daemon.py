"""One engine process per state folder: found again, started on demand, healed when killed.

Layer: services. An ``flock`` on ``owner.lock`` is the liveness test (the system releases it on any
death), a second lock elects who starts the process, and ``endpoint.json`` (mode 0600) says where
it listens and with which keys. Port and keys stay the same across restarts, so that the retries
of AWS clients hide one.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import secrets
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.error import URLError
from urllib.request import ProxyHandler, Request, build_opener

from gt_widgets.errors import EngineUnreachableError, StoreError
from gt_widgets.services.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Endpoint",
    "default_root",
    "ensure",
    "find_root",
    "keys_of",
    "new_endpoint",
    "own",
    "publish",
    "read_endpoint",
    "register",
    "stop",
    "write_endpoint",
]

_LOG = logging.getLogger(__name__)
_OPENER = build_opener(ProxyHandler({}))  # loopback never goes through a proxy
_START_S = 60.0
_POLL_S = 0.02
_PATIENCE_S = 1.0
_OWN_ATTEMPTS = 25
_LOG_BYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the engine of a folder listens, and the keys it takes.

    ``token`` opens the worker and requester protocols; ``access_key`` and ``secret_key`` sign AWS
    calls. ``store_id`` names the folder's store for the browser's handshake.
    """

    url: str
    token: str
    access_key: str
    secret_key: str
    store_id: str
    region: str
    account_id: str
    pid: int
    version: str = "1"

    @property
    def port(self) -> int:
        """Port of ``url``."""
        return int(self.url.rsplit(":", 1)[1])


def default_root() -> Path:
    """``GT_WIDGETS_ROOT``, or ``~/.local/share/gt-widgets``."""
    given = os.environ.get("GT_WIDGETS_ROOT")
    return Path(given) if given else Path.home() / ".local" / "share" / "gt-widgets"


def new_endpoint(*, region: str, account_id: str) -> Endpoint:
    """Fresh keys for a folder that has none; the port is chosen when the server binds.

    The access key does not look like one of AWS's (``AKIA...``, ``ASIA...``), so that nobody
    takes it for a real one.
    """
    return Endpoint(
        url="http://127.0.0.1:0",
        token=secrets.token_urlsafe(32),
        access_key="GTLOCAL" + secrets.token_hex(6).upper(),
        secret_key=secrets.token_urlsafe(30),
        store_id="",
        region=region,
        account_id=account_id,
        pid=0,
    )


def read_endpoint(root: Path) -> Endpoint | None:
    """Read ``endpoint.json``; None if there is none or it is not whole."""
    try:
        return Endpoint(**json.loads((root / "endpoint.json").read_text()))
    except (OSError, ValueError, TypeError):
        return None


def write_endpoint(root: Path, endpoint: Endpoint) -> None:
    """Write ``endpoint.json``, whole or not at all, readable by the owner only."""
    partial = root / f"endpoint.{os.getpid()}.partial"
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        json.dump(asdict(endpoint), out)
        out.flush()
        os.fsync(out.fileno())
    partial.replace(root / "endpoint.json")


@contextmanager
def own(root: Path) -> Iterator[None]:
    """Be the one process that owns a state folder.

    Raises
    ------
    StoreError
        If another process owns it.
    """
    _make(root)
    with _private(root / "owner.lock") as lock:
        # somebody's liveness test holds the lock for an instant: that is not an owner
        if not any(_locked(lock) for _ in range(_OWN_ATTEMPTS)):
            found = read_endpoint(root)
            raise StoreError(
                f"{root} is owned by another engine ({found.url if found else 'starting'}). Use "
                f"that one, or stop it: gt-widgets stop --root {root}"
            )
        yield


def _make(root: Path) -> None:
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreError(
            f"{root} cannot be used as a state folder: {error}. Choose another: "
            "connect(root=...), --root or the environment variable GT_WIDGETS_ROOT."
        ) from error


def _private(path: Path) -> IO[bytes]:
    """Open a file to append to, readable by the owner only, whatever its folder allows."""
    try:
        return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "ab")
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error}.") from error


def _locked(lock: IO[bytes]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        time.sleep(_POLL_S)
        return False
    return True


def ensure(root: Path, *, idle_exit_s: float | None = None) -> Endpoint:
    """Find the engine of a folder, or start one, and return where it listens.

    Parameters
    ----------
    root : Path
        The state folder; made (mode 0700) if it is not there.
    idle_exit_s : float, optional
        A started engine ends itself after this long without a call and without an active job.

    Raises
    ------
    EngineUnreachableError
        If none answers and none could be started; the message gives the end of its log.
    StoreError
        If the folder cannot be made or written.
    """
    root = root.expanduser().absolute()
    _make(root)
    alive = _alive(root)
    if alive:
        return alive
    with _private(root / "spawn.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        alive = _alive(root)
        return alive or _spawn(root, idle_exit_s)


def stop(root: Path, *, timeout_s: float = 15.0) -> bool:
    """End the engine of a folder; True if one ran.

    Raises
    ------
    EngineUnreachableError
        If it does not end in time.
    """
    root = root.expanduser().absolute()
    deadline = time.monotonic() + timeout_s
    told = None
    while _owned(root):
        # a pid is believed only while its engine answers: after a kill it may be anybody's
        found = None if told else _alive(root)
        if found:
            told = found
            os.kill(found.pid, signal.SIGTERM)
        if time.monotonic() > deadline:
            what = (
                f"engine {told.pid} of {root} does not end"
                if told
                else (f"the engine of {root} does not answer")
            )
            raise EngineUnreachableError(f"{what}; engine.log there may say why.")
        time.sleep(_POLL_S)
    return told is not None


def _alive(root: Path, *, timeout_s: float = 10.0) -> Endpoint | None:
    """Return the endpoint if a process owns the folder and answers for its store."""
    endpoint = read_endpoint(root)
    if endpoint is None or not _owned(root):
        return None
    request = Request(  # noqa: S310  (the URL is our own, on loopback)
        f"{endpoint.url}/_gt/hello", headers={"Authorization": f"Bearer {endpoint.token}"}
    )
    try:
        with _OPENER.open(request, timeout=timeout_s) as answer:
            found = json.load(answer).get("ok", {})
    except (URLError, OSError, ValueError):
        return None
    return endpoint if found.get("store_id") == endpoint.store_id else None


def _owned(root: Path) -> bool:
    try:
        with (root / "owner.lock").open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    except OSError as error:
        raise StoreError(
            f"{root} cannot be used as a state folder: {error}. If it is another user's, choose "
            "one of your own: connect(root=...), --root or the environment variable "
            "GT_WIDGETS_ROOT."
        ) from error
    return False


def _spawn(root: Path, idle_exit_s: float | None) -> Endpoint:
    log_path = root / "engine.log"
    if log_path.exists() and log_path.stat().st_size > _LOG_BYTES:
        log_path.replace(root / "engine.log.1")
    # -P: modules that happen to lie in the folder are not the engine's
    command = [sys.executable, "-P", "-m", "gt_widgets", "serve", "--root", str(root), "--daemon"]
    if idle_exit_s is not None:
        command += ["--idle-exit", str(idle_exit_s)]
    with _private(log_path) as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd=root,
            env=_environment(root),
        )
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        # another program may have the port of last time, and say nothing
        alive = _alive(root, timeout_s=_PATIENCE_S)
        if alive:
            return alive
        if process.poll() is not None and not _owned(root):
            break
        time.sleep(_POLL_S)
    raise EngineUnreachableError(
        f"the engine of {root} did not start. The end of its log:\n{_tail(log_path)}"
    )


def _environment(root: Path) -> dict[str, str]:
    """Leave out the caller's AWS settings: the engine has no business with real keys.

    Unless its objects lie on an S3 of the caller's own.
    """
    if read_settings(root).s3_url:
        return dict(os.environ)
    return {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}


def _tail(path: Path) -> str:
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - 2000))
        return log.read().decode(errors="replace")


# --- finding a folder by its store id ---


def _registry() -> Path:
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "gt-widgets" / "stores"


def register(root: Path, store_id: str) -> None:
    """Note where a store lies, so that the Jupyter server finds it by its id."""
    folder = _registry()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = folder / f"{store_id}.{os.getpid()}"
    partial.write_text(str(root))
    partial.replace(folder / store_id)


def find_root(store_id: str) -> Path | None:
    """Return the state folder of a store id; None if this user has none of that id."""
    if not store_id.isalnum():
        return None
    try:
        root = Path((_registry() / store_id).read_text())
    except OSError:
        return None
    found = read_endpoint(root)
    return root if found and found.store_id == store_id else None


def keys_of(root: Path, *, region: str, account_id: str) -> Endpoint:
    """Return the folder's endpoint of last time, or fresh keys if it has none."""
    known = read_endpoint(root) or new_endpoint(region=region, account_id=account_id)
    return replace(known, region=region, account_id=account_id)


def publish(root: Path, keys: Endpoint, *, url: str, store_id: str) -> Endpoint:
    """Write and return the endpoint of a server that has just bound its port."""
    endpoint = replace(keys, url=url, store_id=store_id, pid=os.getpid())
    write_endpoint(root, endpoint)
    try:
        register(root, store_id)
    except OSError as error:  # containers have homes that nobody can write
        _LOG.warning(
            "%s cannot be noted among this user's stores (%s): pages in JupyterLab reach it "
            "through the kernel only. Set XDG_STATE_HOME to a folder that can be written.",
            root,
            error,
        )
    return endpoint
