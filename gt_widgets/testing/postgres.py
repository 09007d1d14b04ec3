"""A PostgreSQL of one's own for tests and benchmarks: made, used over a socket, thrown away.

Layer: testing. PostgreSQL refuses to run as root, so root starts it as another user. It ends with
the process that started it, however that ends.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from gt_widgets.engine.postgres import PostgresStore
from gt_widgets.testing.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Cluster", "cluster", "find_binaries"]

# read returns when the pipe to it closes, so also when its other end was killed
_UNTIL_STDIN_CLOSES = '"$@" & server=$!; read -r _; kill -INT $server; wait $server'
_FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "listen_addresses": "",
    "max_connections": "200",
    "autovacuum": "off",
}
_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")


def find_binaries() -> Path | None:
    """Folder of ``initdb`` and ``postgres``, the newest if there are several; None without."""
    found = [Path(folder) for folder in (os.environ.get("PGBIN"),) if folder]
    on_path = shutil.which("postgres")
    found += [Path(on_path).resolve().parent] if on_path else []
    for pattern in _FOLDERS:
        found += sorted(Path("/").glob(pattern[1:]), reverse=True)
    whole = (each for each in found if all((each / name).exists() for name in _NEEDED))
    return next(whole, None)


_NEEDED = ("initdb", "postgres")


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server, reached by its socket in ``folder``."""

    folder: Path

    def url(self, database: str) -> str:
        """Return the address of one of its databases, as ``--store`` takes it."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def run(self, statement: str, database: str = "postgres") -> None:
        """Run one statement outside of any transaction."""
        engine = self._engine(database)
        with engine.connect() as connection:
            connection.execute(sa.text(statement))
        engine.dispose()

    def database(self, name: str) -> str:
        """Create an empty database and return its address."""
        self.run(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def empty(self, database: str) -> str:
        """Return the address of a database whose store is as new, made if it is not there.

        Emptying the tables costs a twentieth of making them.
        """
        try:
            self.run(_EMPTY, database)
        except sa.exc.OperationalError:
            url = self.database(database)
            PostgresStore(url).close()
        return self.url(database)

    def _engine(self, database: str) -> sa.Engine:
        url = sa.make_url(self.url(database)).set(drivername="postgresql+psycopg")
        return sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)


_EMPTY = """DO $$ DECLARE each record; BEGIN
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid();
    SET LOCAL session_replication_role = replica;
    FOR each IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('DELETE FROM %I', each.tablename);
    END LOOP;
    FOR each IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' LOOP
        EXECUTE format('ALTER SEQUENCE %I RESTART', each.sequencename);
    END LOOP;
END $$"""


@contextmanager
def cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """Make and start a server; it and its folder are gone at the end.

    Parameters
    ----------
    durable : bool
        Flush to disk as a server in earnest does: for benchmarks.

    Raises
    ------
    FileNotFoundError
        If PostgreSQL is not installed.
    """
    binaries = find_binaries()
    if binaries is None:
        raise FileNotFoundError("PostgreSQL is not installed: make system")
    # not pytest's folder: it is root's alone, and too deep for the path of a socket
    folder = Path(tempfile.mkdtemp(prefix="gt-pg-"))
    user = _owner(folder)
    try:
        subprocess.run(
            [binaries / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-N",
             "-E", "UTF8", "--no-locale"],
            check=True, capture_output=True, user=user, cwd=folder,
        )  # fmt: skip
        with _served(binaries, folder, user, {} if durable else _FAST):
            yield Cluster(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _owner(folder: Path) -> str | None:
    """Give the folder to the user the server runs as; None: ourselves."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in known else "nobody"
    os.chown(folder, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
    return user


@contextmanager
def _served(
    binaries: Path, folder: Path, user: str | None, settings: dict[str, str]
) -> Iterator[None]:
    given = {"listen_addresses": "", "max_connections": "200"} | settings
    options = [word for name, value in given.items() for word in ("-c", f"{name}={value}")]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            ["sh", "-c", _UNTIL_STDIN_CLOSES, "sh", binaries / "postgres",
             "-D", folder / "data", "-k", folder, *options],
            stdin=subprocess.PIPE, stdout=log, stderr=log, user=user, cwd=folder,
        )  # fmt: skip
    assert process.stdin is not None
    try:
        eventually(lambda: _answers(folder, process), what="PostgreSQL starts")
        yield
    finally:
        process.stdin.close()
        process.wait(30)


def _answers(folder: Path, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, (folder / "server.log").read_text()
    ready = "database system is ready to accept connections"
    return ready in (folder / "server.log").read_text()
