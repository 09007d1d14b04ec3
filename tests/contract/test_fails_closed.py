"""Local mode reaches nothing but the engine, whatever AWS set-up the user has."""

from __future__ import annotations

import json

import psutil
import pytest

from gt_widgets.services.profile import environment, profile_text
from gt_widgets.testing.processes import children, engines_ended
from gt_widgets.testing.remote import RemoteBench

SPY = """
import json, os, socket, sys
places, sent, names = set(), [], set()
_connect, _send, _look_up = socket.socket.connect, socket.socket.sendall, socket.getaddrinfo
def spied_connect(self, address):
    places.add(address[0] if isinstance(address, tuple) else str(address))
    return _connect(self, address)
def spied_sendall(self, data, *rest):
    sent.append(bytes(data))
    return _send(self, data, *rest)
def spied_look_up(host, *rest, **options):
    names.add(str(host))
    return _look_up(host, *rest, **options)
socket.socket.connect, socket.socket.sendall = spied_connect, spied_sendall
socket.getaddrinfo = spied_look_up
"""
CALLS = """
import boto3
from pathlib import Path
from botocore.config import Config
from botocore.exceptions import ClientError
from gt_widgets.notebook import connect
session = connect(root=sys.argv[1]).boto_session
real = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "wJalrXUtnFEMI"}
said = {}
def ask(name, call):
    try:
        call()
        said[name] = "answered"
    except ClientError as error:
        said[name] = error.response["Error"]["Code"]
    except Exception as error:
        said[name] = type(error).__name__
for service, operation, arguments in json.loads(sys.argv[2]):
    ask(service, lambda: getattr(session.client(service), operation)(**arguments))
account = "111122223333"
point = f"arn:aws:s3:us-east-1:{account}:accesspoint/logos"
ask("other region", session.client("sagemaker", region_name="eu-west-1").list_labeling_jobs)
ask("aws's endpoint", session.client("sts", endpoint_url="https://sts.amazonaws.com").get_caller_identity)
ask("real keys", session.client("sts", **real, aws_session_token="t").get_caller_identity)
ask("own config", session.client("s3", config=Config(proxies={"http": "http://10.1.1.1:3128"})).list_buckets)
ask("access point", lambda: session.client("s3").get_object(Bucket=point, Key="a"))
ask("resource", lambda: list(session.resource("s3").buckets.all()))
ask("host prefix", lambda: session.client("s3control").list_jobs(AccountId=account))
keys = session.get_credentials().access_key
print(json.dumps({"said": said, "places": sorted(places), "names": sorted(names),
    "keys": keys, "sent": b"".join(sent).decode("latin-1")}), flush=True)
"""
FOREIGN = [
    ["dynamodb", "list_tables", {}],
    ["ec2", "describe_instances", {}],
    ["lambda", "list_functions", {}],
    ["sqs", "list_queues", {}],
    ["bedrock-runtime", "converse", {"modelId": "m", "messages": []}],
    ["mturk", "get_account_balance", {}],
]


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "registry"))
    with engines_ended(tmp_path / "store") as root:
        yield root


@pytest.fixture
def aws_user(tmp_path, monkeypatch):
    """A user whose environment and files are all set up for real AWS."""
    config = tmp_path / "config"
    config.write_text(
        "[profile prod]\nregion = eu-west-1\nendpoint_url = http://10.1.1.2:9\n"
        "aws_access_key_id = AKIAI44QH8DHBEXAMPLE\naws_secret_access_key = je7MtGbClwBF\n"
        "use_fips_endpoint = true\nuse_dualstack_endpoint = true\nretry_mode = adaptive\n"
        "services = prod\n\n[services prod]\nsagemaker =\n  endpoint_url = http://10.1.1.3:9\n"
    )
    settings = {
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI",
        "AWS_SESSION_TOKEN": "FwoGZXIvYXdzEXAMPLETOKEN",
        "AWS_PROFILE": "prod",
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": str(config),
        "AWS_ENDPOINT_URL": "http://10.1.1.1:9",
        "AWS_ENDPOINT_URL_SAGEMAKER": "http://10.1.1.1:9",
        "AWS_REGION": "ap-south-1",
        "AWS_DEFAULT_REGION": "ap-south-1",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_USE_DUALSTACK_ENDPOINT": "true",
        "AWS_CA_BUNDLE": "/nowhere.pem",
        "HTTP_PROXY": "http://10.1.1.4:3128",
        "HTTPS_PROXY": "http://10.1.1.4:3128",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("aws_user")
def test_nothing_leaves_the_machine_and_no_real_key_is_used(root):
    with children(1, SPY + CALLS, str(root), json.dumps(FOREIGN)) as [notebook]:
        heard = json.loads(notebook.hear())
    assert heard["places"] == ["127.0.0.1"]
    assert [name for name in heard["names"] if name != "127.0.0.1"] == []
    assert heard["keys"].startswith("GTLOCAL")
    for real in ("AKIA", "wJalr", "je7Mt", "FwoGZX", "ap-south-1"):
        assert real not in heard["sent"]
    assert {heard["said"][service] for service, *_ in FOREIGN} == {"NotImplemented"}
    assert heard["said"] | {service: "" for service, *_ in FOREIGN} == {
        **{service: "" for service, *_ in FOREIGN},
        "other region": "answered",
        "aws's endpoint": "answered",
        "real keys": "answered",
        "own config": "answered",
        "access point": "AccessDeniedError",
        "resource": "answered",
        "host prefix": "AccessDeniedError",
    }


@pytest.mark.usefixtures("aws_user")
def test_the_engine_process_does_not_even_have_the_users_aws_settings(root):
    bench = RemoteBench(root)
    environment = psutil.Process(bench.endpoint.pid).environ()
    assert not [name for name in environment if name.startswith("AWS_")]


def test_a_presigned_url_is_of_the_fourth_version_and_ours(root):
    bench = RemoteBench(root)
    url = bench.client("s3").generate_presigned_url("get_object", {"Bucket": "b-1", "Key": "k"})
    assert url.startswith(f"{bench.endpoint.url}/b-1/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&")


WITH_SETTINGS = """
import boto3
clients = [boto3.client(name) for name in ("sagemaker", "dynamodb")]
said = []
clients[0].list_labeling_jobs()
try:
    clients[1].list_tables()
except Exception as error:
    said.append(error.response["Error"]["Code"])
boto3.client("s3").list_buckets()
print(json.dumps({"places": sorted(places), "said": said}), flush=True)
"""


@pytest.mark.parametrize("by", ["environment", "profile"])
def test_settings_for_other_programs_are_closed_too(root, tmp_path, by):
    endpoint = RemoteBench(root).endpoint
    (tmp_path / "config").write_text(profile_text(endpoint))
    chosen = {"AWS_PROFILE": "gt-local", "AWS_CONFIG_FILE": str(tmp_path / "config")}
    settings = environment(endpoint) if by == "environment" else chosen
    settings = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), **settings}
    with children(1, SPY + WITH_SETTINGS, environment=settings) as [program]:
        heard = json.loads(program.hear())
    assert heard == {"places": ["127.0.0.1"], "said": ["NotImplemented"]}
