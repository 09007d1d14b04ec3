"""The engine process of a state folder: one, found by all, healed when killed, private, ended."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import asdict
from functools import partial
from types import SimpleNamespace

import numpy as np
import psutil
import pytest

from gt_widgets.errors import EngineUnreachableError, StoreError
from gt_widgets.services import serve
from gt_widgets.services.daemon import ensure, new_endpoint, read_endpoint, stop
from gt_widgets.services.portal_client import PortalClient
from gt_widgets.services.profile import local_session
from gt_widgets.testing import Workbench, box_answer, eventually
from gt_widgets.testing.processes import (
    children,
    engines_ended,
    engines_of,
    has_ended,
    kill_engine,
)
from gt_widgets.testing.remote import RemoteBench

CONNECT = """
import sys
from functools import partial
from pathlib import Path
from gt_widgets.services.daemon import ensure
from gt_widgets.services.portal_client import PortalClient
from gt_widgets.services.profile import local_session
heal = partial(ensure, Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
sts = local_session(heal(), heal=heal).client("sts")
portal = PortalClient(heal)
while True:
    account = sts.get_caller_identity()["Account"]
    store = portal.requester("hello", {})["store_id"]
    print(account, store, heal().pid, flush=True)
    if not sys.stdin.readline():
        break
"""
HOLD = """
import fcntl, sys
lock = open(sys.argv[1])
fcntl.flock(lock, fcntl.LOCK_EX)
print("held", flush=True)
input()
"""
COMPUTE = """
print("busy", flush=True)
while True:
    sum(range(10**6))
"""


@pytest.fixture(autouse=True)
def _own_registry(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "registry"))


@pytest.fixture
def root(tmp_path):
    with engines_ended(tmp_path / "store") as root:
        yield root


def run(root, *options, **keywords):
    """Start ``gt-widgets serve`` as a user does."""
    command = [sys.executable, "-m", "gt_widgets", "serve", "--root", str(root), *options]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **keywords
    )


# --- one engine, found by all -----------------------------------------------------------------


def test_eight_processes_at_a_cold_folder_start_one_engine_and_are_served(root):
    with children(8, CONNECT, str(root)) as eight:
        assert [child.hear() for child in eight] == ["ready"] * 8
        for child in eight:
            child.tell()
        heard = {child.hear() for child in eight}
    endpoint = read_endpoint(root)
    assert heard == {f"111122223333 {endpoint.store_id} {endpoint.pid}"}
    assert engines_of(root) == [endpoint.pid]
    assert (root / "engine.log").read_text().count("Ground Truth endpoint:") == 1


def test_six_processes_that_lose_their_engine_at_once_get_one_new_one(root):
    with children(6, CONNECT, str(root)) as six:
        for child in six:
            child.hear()
            child.tell()
        before = {child.hear() for child in six}
        killed = kill_engine(root)
        for child in six:
            child.tell()
        after = {child.hear() for child in six}
    assert len(before) == len(after) == 1
    [account, store, pid] = after.pop().split()
    assert before.pop() == f"{account} {store} {killed}"
    assert engines_of(root) == [int(pid)] != [killed]


def test_a_killed_engine_is_healed_by_the_next_boto3_call(root):
    bench = RemoteBench(root)
    sagemaker = bench.client("sagemaker")
    sagemaker.list_labeling_jobs()
    kill_engine(root)
    assert sagemaker.list_labeling_jobs()["LabelingJobSummaryList"] == []
    assert one_like(bench.endpoint, root)


def test_a_client_that_has_no_connection_yet_heals_the_engine_too(root):
    bench = RemoteBench(root)
    kill_engine(root)
    assert bench.client("sts").get_caller_identity()["Account"] == "111122223333"
    assert one_like(bench.endpoint, root)


def test_a_killed_engine_is_healed_by_the_next_call_of_a_worker(root):
    bench = RemoteBench(root)
    bench.portal.requester("hello", {})
    kill_engine(root)
    assert bench.portal.requester("hello", {})["store_id"] == bench.endpoint.store_id
    assert one_like(bench.endpoint, root)


def one_like(before, root):
    """Another process, with the port and the keys of before."""
    now = read_endpoint(root)
    assert engines_of(root) == [now.pid] != [before.pid]
    return (now.url, now.token, now.access_key, now.secret_key, now.store_id) == (
        before.url, before.token, before.access_key, before.secret_key, before.store_id,
    )  # fmt: skip


def test_an_upload_that_loses_its_engine_arrives_whole(root):
    bench = RemoteBench(root)
    s3 = bench.client("s3")
    s3.create_bucket(Bucket="demo-gt")
    body = os.urandom(3_000_000)
    kill_engine(root)
    s3.put_object(Bucket="demo-gt", Key="a", Body=body)
    kill_engine(root)
    assert s3.get_object(Bucket="demo-gt", Key="a")["Body"].read() == body


def test_a_decoder_does_not_outlive_a_killed_engine(root):
    bench = RemoteBench(root)
    bench.open(1)
    bench.job()
    bench.portal.requester("thumbnail", {"job_name": "logos", "object_id": "0"})
    helpers = psutil.Process(engines_of(root)[0]).children(recursive=True)
    kill_engine(root)
    assert helpers
    eventually(lambda: all(map(has_ended, helpers)), what="helpers end")


# --- its end ----------------------------------------------------------------------------------


def test_an_idle_engine_ends_and_the_next_call_starts_another(root):
    first = ensure(root, idle_exit_s=0.2)
    eventually(lambda: not engines_of(root), what="the idle engine ends")
    assert "idle for" in (root / "engine.log").read_text()
    second = ensure(root)
    assert (second.url, second.token) == (first.url, first.token)


class Ticks(threading.Event):
    """Lets a loop turn a number of times and then tells it to end."""

    def __init__(self, turns):
        super().__init__()
        self.turns = turns

    def wait(self, timeout=None):
        self.turns -= 1
        return self.turns < 0


@pytest.mark.parametrize(("active", "turns_left"), [(True, -1), (False, 4)])
def test_an_engine_with_an_active_job_is_not_idle(tmp_path, active, turns_left):
    bench = Workbench(tmp_path)
    bench.team("ana")
    bench.bucket(1)
    (tmp_path / "endpoint.json").touch()
    if active:
        bench.job()
    server = SimpleNamespace(last_request_at=bench.clock() - 3600)
    ticks = Ticks(5)
    serve._wait(tmp_path, ticks, bench.engine, server, 60.0)
    assert ticks.turns == turns_left
    bench.engine.close()


def test_stop_ends_the_engine_and_says_whether_one_ran(root):
    assert not stop(root)
    ensure(root)
    assert stop(root)
    eventually(lambda: not engines_of(root))
    assert not stop(root)


def test_stop_never_signals_a_process_that_is_not_the_engine(root):
    """Between a kill and the next start ``endpoint.json`` names a process that may be anybody."""
    ensure(root)
    kill_engine(root)
    bystander = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    endpoint = json.loads((root / "endpoint.json").read_text())
    (root / "endpoint.json").write_text(json.dumps(endpoint | {"pid": bystander.pid}))
    with children(1, HOLD, str(root / "owner.lock")) as [starting]:
        starting.hear()
        with pytest.raises(EngineUnreachableError, match="does not answer"):
            stop(root, timeout_s=0.3)
        assert bystander.poll() is None
    bystander.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_served_folder_ends_in_order_when_told(root, number):
    process = run(root, "--port", "0")
    assert process.stdout.readline().startswith("Ground Truth endpoint: http://127.0.0.1:")
    process.send_signal(number)
    assert process.wait(90) == 0


def test_an_engine_whose_folder_is_removed_ends(root):
    ensure(root)
    shutil.rmtree(root)
    eventually(lambda: not engines_of(root), what="the engine of a removed folder ends")


# --- refusals ---------------------------------------------------------------------------------


def test_a_second_serve_of_a_folder_is_refused_in_a_sentence(root):
    url = ensure(root).url
    process = run(root, "--port", "0")
    said, complaint = process.communicate(timeout=90)
    assert (process.returncode, said) == (2, "")
    assert complaint == (
        f"gt-widgets: {root} is owned by another engine ({url}). Use that one, or stop it: "
        f"gt-widgets stop --root {root}\n"
    )


@pytest.fixture
def taken():
    """A loopback port that another program has."""
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_taken_port_is_refused_in_a_sentence(root, taken):
    process = run(root, "--port", str(taken))
    said, complaint = process.communicate(timeout=90)
    assert (process.returncode, said) == (2, "")
    assert f"port {taken} cannot be bound" in complaint.splitlines()[-1]
    assert "Use --port 0." in complaint


def test_a_folder_whose_port_was_taken_meanwhile_gets_another(root, taken):
    first = ensure(root)
    assert stop(root)
    endpoint = json.loads((root / "endpoint.json").read_text())
    moved = endpoint | {"url": f"http://127.0.0.1:{taken}"}
    (root / "endpoint.json").write_text(json.dumps(moved))
    found = ensure(root)
    assert found.port != taken
    assert (found.access_key, found.token) == (first.access_key, first.token)
    assert local_session(found).client("sts").get_caller_identity()["Account"] == "111122223333"


def test_a_network_file_system_is_refused_in_a_sentence(root):
    script = (
        "import sys, gt_widgets.engine.sqlite as store; "
        "store.is_network_file_system = lambda folder: True; "
        "from gt_widgets.cli import main; main(['serve', '--root', sys.argv[1]])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(root)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 2
    assert f"gt-widgets: {root} is on a network file system" in done.stderr


def test_a_folder_that_cannot_be_made_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    process = run(tmp_path / "file" / "store")
    said, complaint = process.communicate(timeout=90)
    assert (process.returncode, said) == (2, "")
    assert "Traceback" not in complaint
    assert str(tmp_path / "file" / "store") in complaint


@pytest.mark.parametrize("lock", ["owner.lock", "spawn.lock"])
def test_a_folder_whose_locks_cannot_be_opened_is_refused_in_a_sentence(root, lock):
    root.mkdir()
    (root / "endpoint.json").write_text(
        json.dumps(asdict(new_endpoint(region="us-east-1", account_id="1" * 12)))
    )
    (root / "owner.lock").touch()
    (root / lock).unlink(missing_ok=True)
    (root / lock).mkdir()  # root may open any file, but no folder
    with pytest.raises(StoreError, match=lock):
        ensure(root)


def test_an_engine_starts_where_the_home_cannot_be_written(root, monkeypatch, tmp_path):
    home = tmp_path / "a-file"
    home.write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(home))
    client = PortalClient(partial(ensure, root))
    assert client.requester("hello", {})["version"] == "1"
    assert "XDG_STATE_HOME" in (root / "engine.log").read_text()


def test_modules_that_lie_in_the_folder_are_not_taken_for_the_engines(root):
    root.mkdir()
    (root / "json.py").write_text("raise SystemExit('not this one')")
    assert PortalClient(partial(ensure, root)).requester("hello", {})["version"] == "1"


# --- private ----------------------------------------------------------------------------------


@pytest.mark.parametrize("existing", [False, True])
def test_nobody_else_can_read_a_state_folder(root, existing):
    if existing:
        root.mkdir(mode=0o755)
        root.chmod(0o755)
    bench = RemoteBench(root)
    bench.open(1)
    bench.job()
    if not existing:
        assert stat.S_IMODE(root.stat().st_mode) == 0o700
    open_to_others = {
        str(path.relative_to(root)): oct(stat.S_IMODE(path.stat().st_mode))
        for path in root.rglob("*")
        if path.exists() and path.stat().st_mode & 0o077
    }
    assert open_to_others == {}
    assert stat.S_IMODE((root / "endpoint.json").stat().st_mode) == 0o600


# T08 trust 2.3
def test_the_log_holds_no_secret(root):
    bench = RemoteBench(root)
    bench.open(1)
    bench.job()
    idp, s3 = bench.client("cognito-idp"), bench.client("s3")
    pool = idp.list_user_pools(MaxResults=1)["UserPools"][0]["Id"]
    idp.admin_create_user(
        UserPoolId=pool,
        Username="dora",
        UserAttributes=[{"Name": "email", "Value": "d@example.org"}],
    )
    mail = bench.portal.requester("outbox", {})["mails"][0]
    password = mail["temporary_password"]
    challenge = bench.portal.worker("sign_in", {"user_name": "dora", "password": password})
    session = bench.worker("ana").session
    url = s3.generate_presigned_url("get_object", {"Bucket": "demo-gt", "Key": "labels.json"})
    with pytest.raises(s3.exceptions.ClientError):
        s3.get_object(Bucket="demo-gt", Key="gone")
    log = (root / "engine.log").read_text()
    secrets = [password, session, challenge["challenge_session"], url.partition("Signature=")[2]]
    secrets += [bench.endpoint.token, bench.endpoint.secret_key]
    assert all(len(secret) >= 8 for secret in secrets)
    assert [secret for secret in secrets if secret in log] == []


# --- a busy neighbour -------------------------------------------------------------------------


def test_a_notebook_that_computes_does_not_hold_up_labeling_in_another(root, capsys):
    bench = RemoteBench(root)
    bench.open(20)
    bench.job()
    busy = CONNECT.partition("while True:")[0] + COMPUTE
    with children(1, busy, str(root)) as [notebook]:
        notebook.hear()
        notebook.tell()
        assert notebook.hear() == "busy"
        worker = bench.worker("ana")
        assert worker.work(lambda _task: box_answer()) == 20
        assert notebook.process.poll() is None
    assert bench.ended()["LabelingJobStatus"] == "Completed"
    p50, p99 = np.percentile(np.array(worker.claimed_s + worker.submitted_s) * 1000, [50, 99])
    with capsys.disabled():
        print(f"\nlabeling beside a computing notebook: p50 {p50:.1f} ms, p99 {p99:.1f} ms")
