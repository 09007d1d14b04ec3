"""The small Ground Truth of ``Workbench``, in an engine process, through real clients.

Layer: testing.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from gt_widgets.engine.clock import random_id
from gt_widgets.errors import EngineUnreachableError
from gt_widgets.schema.jobs import FINAL
from gt_widgets.schema.labels import label_file
from gt_widgets.services.daemon import ensure
from gt_widgets.services.portal_client import PortalClient
from gt_widgets.services.profile import local_session
from gt_widgets.testing.waiting import eventually
from gt_widgets.testing.workbench import BRANDS, job_request, picture

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gt_widgets.services.daemon import Endpoint

__all__ = ["RemoteBench", "RemoteWorker", "team_of"]

_PAUSE_S = 0.1


@dataclass
class RemoteWorker:
    """One worker's hands on the worker protocol over HTTP.

    Attributes
    ----------
    claimed_s, submitted_s : list of float
        How long each call took, in seconds.
    """

    portal: PortalClient
    user_name: str
    session: str
    claimed_s: list[float] = field(default_factory=list)
    submitted_s: list[float] = field(default_factory=list)

    def claim(self, job_name: str = "logos", **args: Any) -> dict[str, Any]:
        """Claim tasks; the answer says why there are none."""
        began = time.perf_counter()
        found: dict[str, Any] = self.portal.worker(
            "claim", {"job_name": job_name, **args}, self.session
        )
        self.claimed_s.append(time.perf_counter() - began)
        return found

    def submit(self, task: dict[str, Any], content: dict[str, Any], *, key: str) -> dict[str, Any]:
        """Submit one answer."""
        args = {"task_id": task["task_id"], "lease": task["lease"], "content": content}
        began = time.perf_counter()
        found: dict[str, Any] = self.portal.worker(
            "submit", {**args, "time_spent_s": 5.0, "key": key}, self.session
        )
        self.submitted_s.append(time.perf_counter() - began)
        return found

    def work(
        self,
        answer: Callable[[dict[str, Any]], dict[str, Any]],
        *,
        job_name: str = "logos",
        acknowledged: Callable[[dict[str, Any], dict[str, Any]], None] | None = None,
    ) -> int:
        """Claim and submit until the job is finished; returns the number of answers.

        An engine that cannot be reached is asked again, with the same key.
        """
        done, pause = 0, threading.Event()
        while True:
            found = _patiently(partial(self.claim, job_name))
            if found["state"] == "finished":
                return done
            for task in found["tasks"]:
                content = answer(task)
                _patiently(partial(self.submit, task, content, key=random_id()))
                done += 1
                if acknowledged:
                    acknowledged(task, content)
            if not found["tasks"]:
                pause.wait(_PAUSE_S)


def _patiently(call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    def asked() -> dict[str, Any] | None:
        try:
            return call()
        except EngineUnreachableError:
            return None

    found = eventually(asked, 90.0, what="the engine answers")
    assert found is not None
    return found


def team_of(idp: Any, sagemaker: Any, name: str = "loggers") -> str:
    """Create a private team by the calls that replace the console (9.2); returns its ARN."""
    pool = idp.create_user_pool(PoolName="labelers")["UserPool"]["Id"]
    made = idp.create_user_pool_client(UserPoolId=pool, ClientName="portal", GenerateSecret=True)
    idp.create_group(UserPoolId=pool, GroupName=name)
    group = {
        "UserPool": pool,
        "UserGroup": name,
        "ClientId": made["UserPoolClient"]["ClientId"],
    }
    team = sagemaker.create_workteam(
        WorkteamName=name,
        Description="People who know the brands",
        MemberDefinitions=[{"CognitoMemberDefinition": group}],
    )
    return str(team["WorkteamArn"])


class RemoteBench:
    """Clients of the engine of ``root``, which is started if it does not run.

    Parameters
    ----------
    root : Path
        The state folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.heal: Callable[[], Endpoint] = partial(ensure, root)
        self.endpoint = self.heal()
        self.portal = PortalClient(self.heal)
        self.session = local_session(self.endpoint, heal=self.heal)
        self.client = cache(self.session.client)

    def open(self, objects: int = 3) -> None:
        """Create the bucket with pictures, manifest, label file and template, and the team."""
        s3 = self.client("s3")
        s3.create_bucket(Bucket="demo-gt")
        lines = [json.dumps({"source-ref": f"s3://demo-gt/images/{n}.jpg"}) for n in range(objects)]
        files = {
            "input.manifest": "\n".join(lines).encode(),
            "labels.json": label_file(BRANDS),
            "page.template": b"<crowd-form></crowd-form>",
            **{f"images/{n}.jpg": picture() for n in range(objects)},
        }
        for key, body in files.items():
            s3.put_object(Bucket="demo-gt", Key=key, Body=body)
        team_of(self.client("cognito-idp"), self.client("sagemaker"))

    def job(self, name: str = "logos", **request: Any) -> None:
        """Create a job and wait until its first tasks can be claimed."""
        self.client("sagemaker").create_labeling_job(**job_request(name, **request))
        eventually(lambda: self.card(name)["batch"]["tasks_total"], what=f"{name} offers tasks")

    def worker(self, user_name: str, *, own_connection: bool = False) -> RemoteWorker:
        """Open a session of a simulated worker of the team."""
        arn = job_request()["HumanTaskConfig"]["WorkteamArn"]
        found = self.portal.requester(
            "simulated_worker", {"workteam_arn": arn, "user_name": user_name}
        )
        portal = PortalClient(self.heal) if own_connection else self.portal
        return RemoteWorker(portal, user_name, found["session"])

    def card(self, name: str = "logos") -> dict[str, Any]:
        """Sum up a job."""
        found: dict[str, Any] = self.portal.requester("card", {"job_name": name})
        return found

    def describe(self, name: str = "logos") -> dict[str, Any]:
        """Describe a job."""
        found: dict[str, Any] = self.client("sagemaker").describe_labeling_job(LabelingJobName=name)
        return found

    def ended(self, name: str = "logos", timeout_s: float = 90.0) -> dict[str, Any]:
        """Wait until a job is final and describe it."""
        eventually(lambda: self.describe(name)["LabelingJobStatus"] in FINAL, timeout_s)
        return self.describe(name)

    def responses(self, name: str = "logos") -> list[dict[str, Any]]:
        """Read all worker responses of a job from the output folder, with ``datasetObjectId``."""
        s3 = self.client("s3")
        prefix = f"output/{name}/annotations/worker-response/"
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket="demo-gt", Prefix=prefix)
        found = []
        for page in pages:
            for key in [each["Key"] for each in page.get("Contents", [])]:
                document = json.loads(s3.get_object(Bucket="demo-gt", Key=key)["Body"].read())
                found += [
                    {"datasetObjectId": key.split("/")[-2], **answer}
                    for answer in document["answers"]
                ]
        return found
