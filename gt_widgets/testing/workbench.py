"""A whole small Ground Truth in a folder, for tests: team, pictures, jobs, scripted workers.

Layer: testing.
"""

from __future__ import annotations

import io
import json
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PIL import Image

from gt_widgets.engine import Engine
from gt_widgets.engine.clock import random_id
from gt_widgets.schema.arns import function_arn, s3_parts
from gt_widgets.schema.labels import label_file
from gt_widgets.schema.tasks import TASK_TYPES
from gt_widgets.testing.clocks import FakeClock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from gt_widgets.engine.clock import Clock
    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.objects import Objects
    from gt_widgets.engine.store import Store

__all__ = [
    "BRANDS",
    "ScriptedWorker",
    "Workbench",
    "box_answer",
    "class_answer",
    "job_request",
    "picture",
]

BRANDS = ("Norda", "Kivi", "Halo")
ACCOUNT, REGION = "111122223333", "us-east-1"


def picture(width: int = 64, height: int = 48, *, shade: int = 128, kind: str = "JPEG") -> bytes:
    """Encode one plain picture."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), (shade, shade, 255 - shade)).save(out, kind)
    return out.getvalue()


def box_answer(*boxes: tuple[str, int, int, int, int]) -> dict[str, Any]:
    """Build a bounding-box answer of ``(label, left, top, width, height)``."""
    names = ("label", "left", "top", "width", "height")
    return {
        "boundingBox": {
            "boundingBoxes": [dict(zip(names, box, strict=True)) for box in boxes],
            "inputImageProperties": {"width": 64, "height": 48},
        }
    }


def class_answer(label: str) -> dict[str, Any]:
    """Build an image classification answer."""
    return {"crowd-image-classifier": {"label": label}}


def job_request(
    name: str = "logos",
    *,
    team: str = "loggers",
    task: str = "BoundingBox",
    bucket: str = "demo-gt",
    workers: int = 1,
    **human: Any,
) -> dict[str, Any]:
    """Build a CreateLabelingJob request of the workshop's shape.

    ``task`` is the suffix of both function names, as in ``PRE-BoundingBox``.
    """
    known = next((each for each in TASK_TYPES if each.function == task), None)
    names = known.function_names() if known else (f"PRE-{task}", f"ACS-{task}")
    owner = ACCOUNT if known and known.local else None
    return {
        "LabelingJobName": name,
        "LabelAttributeName": "logos",
        "InputConfig": {
            "DataSource": {"S3DataSource": {"ManifestS3Uri": f"s3://{bucket}/input.manifest"}}
        },
        "OutputConfig": {"S3OutputPath": f"s3://{bucket}/output/"},
        "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/gt-demo",
        "LabelCategoryConfigS3Uri": f"s3://{bucket}/labels.json",
        "HumanTaskConfig": {
            "WorkteamArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:workteam/private-crowd/{team}",
            "UiConfig": {"UiTemplateS3Uri": f"s3://{bucket}/page.template"},
            "PreHumanTaskLambdaArn": function_arn(REGION, names[0], owner),
            "AnnotationConsolidationConfig": {
                "AnnotationConsolidationLambdaArn": function_arn(REGION, names[1], owner)
            },
            "TaskTitle": "Draw a box around each logo",
            "TaskDescription": "Box every brand logo you can see",
            "NumberOfHumanWorkersPerDataObject": workers,
            "TaskTimeLimitInSeconds": 300,
            **human,
        },
    }


@dataclass
class ScriptedWorker:
    """One worker's hands on the worker protocol."""

    engine: Engine
    user_name: str
    sub: str
    session: str
    keys: Callable[[], str] = field(default=random_id)

    def call(self, operation: str, **args: Any) -> Any:
        """Make one worker call."""
        return self.engine.worker.call(operation, args, self.session)

    def act(self, operation: str, task: dict[str, Any], **args: Any) -> Any:
        """Make one worker call about a claimed task."""
        return self.call(operation, task_id=task["task_id"], lease=task["lease"], **args)

    def claim(self, job_name: str = "logos", **args: Any) -> list[dict[str, Any]]:
        """Claim tasks."""
        found: list[dict[str, Any]] = self.call("claim", job_name=job_name, **args)["tasks"]
        return found

    def submit(self, task: dict[str, Any], content: dict[str, Any], **args: Any) -> dict[str, Any]:
        """Submit one answer."""
        sent = {"time_spent_s": 5.0, "key": self.keys(), **args}
        found: dict[str, Any] = self.act("submit", task, content=content, **sent)
        return found

    def work(
        self,
        answer: Callable[[dict[str, Any]], dict[str, Any]],
        *,
        job_name: str = "logos",
        most: int = 10_000,
    ) -> int:
        """Claim and submit until nothing is offered; returns the number of answers."""
        for done in range(most):
            tasks = self.claim(job_name)
            if not tasks:
                return done
            self.submit(tasks[0], answer(tasks[0]))
        return most


class Workbench:
    """An engine in ``folder`` with a bucket, a team and scripted workers.

    Parameters
    ----------
    folder : Path
    clock : FakeClock, optional
    store_url : str, optional
        A PostgreSQL store (``testing.postgres``); SQLite in the folder if absent.
    objects : Objects, optional
        Of another bench, to be a second server of its store; or what opens them.
    """

    def __init__(
        self,
        folder: Path,
        clock: FakeClock | None = None,
        *,
        store_url: str | None = None,
        objects: Objects | Callable[[Store, Clock], Objects] | None = None,
    ) -> None:
        self.folder, self.store_url, self.objects = folder, store_url, objects
        self.clock = clock or FakeClock()
        self.workers: list[ScriptedWorker] = []
        self.engine = self._engine()

    def _engine(self) -> Engine:
        kept = self.objects
        opened = kept if kept is None or callable(kept) else lambda _store, _clock: kept
        return Engine(
            self.folder,
            clock=self.clock,
            rng=random.Random(7),
            store_url=self.store_url,
            objects=opened,
        )

    def reopen(self) -> None:
        """Close the engine and open it again, as after a restart."""
        self.engine.close()
        self.engine = self._engine()
        for worker in self.workers:
            worker.engine = self.engine

    def team(self, *user_names: str, name: str = "loggers") -> list[ScriptedWorker]:
        """Create a private team whose workers need no password."""
        identity = self.engine.identity
        pool_id, client_id = self._pool()
        identity.groups.create(pool_id, name)
        workers = [self.worker(pool_id, name, user_name) for user_name in user_names]
        self.engine.workforce.teams.create(
            name,
            Description="People who know the brands",
            members=[
                {
                    "CognitoMemberDefinition": {
                        "UserPool": pool_id,
                        "UserGroup": name,
                        "ClientId": client_id,
                    }
                }
            ],
        )
        return workers

    def _pool(self) -> tuple[str, str]:
        pools = self.engine.identity.pools
        known = pools.all()
        pool = known[0] if known else pools.create("labelers", {})
        client = pools.create_client(pool.pool_id, "portal", settings={})
        return pool.pool_id, client.client_id

    def worker(self, pool_id: str, team: str, user_name: str) -> ScriptedWorker:
        """Create one worker of a team."""
        found = self.engine.identity.simulated_worker(pool_id, team, user_name)
        session = self.engine.identity.session_for(found.sub)
        worker = ScriptedWorker(self.engine, user_name, found.sub, session)
        self.workers.append(worker)
        return worker

    def bucket(
        self,
        objects: int = 3,
        *,
        labels: Sequence[str] = BRANDS,
        lines: Sequence[str] | None = None,
        bucket: str = "demo-gt",
    ) -> None:
        """Create a bucket with pictures, manifest, label file and template."""
        store = self.engine.objects
        store.create_bucket(bucket, region=REGION)
        store.set_cors(bucket, [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}])
        for index in range(objects):
            store.put(bucket, f"images/{index}.jpg", picture(shade=index % 256))
        listed = lines or [
            json.dumps({"source-ref": f"s3://{bucket}/images/{index}.jpg"})
            for index in range(objects)
        ]
        store.put(bucket, "input.manifest", ("\n".join(listed) + "\n").encode())
        store.put(bucket, "labels.json", label_file(labels))
        store.put(bucket, "page.template", b"<crowd-form></crowd-form>")

    def job(self, name: str = "logos", **request: Any) -> Job:
        """Create a job and let the conductor read its manifest and offer its first batch."""
        self.engine.jobs.create(job_request(name, **request))
        self.engine.step()
        return self.engine.jobs.get(name)

    def settle(self, seconds: float = 3.0) -> None:
        """Let time pass and the conductor do what is due."""
        self.clock.advance(seconds)
        self.engine.step()

    def finish(
        self, answer: Callable[[dict[str, Any]], dict[str, Any]], *, name: str = "logos"
    ) -> Job:
        """Let all workers label until nobody is offered anything any more."""
        while sum(worker.work(answer, job_name=name) for worker in self.workers):
            self.settle()
        self.settle()
        return self.engine.jobs.get(name)

    def output(self, name: str = "logos") -> list[dict[str, Any]]:
        """Read the output manifest."""
        uri = self.engine.jobs.get(name).manifest_uri
        data = self.engine.objects.read(*s3_parts(uri))
        return [json.loads(line) for line in data.decode().splitlines()]

    def keys(self, prefix: str = "output/", bucket: str = "demo-gt") -> list[str]:
        """Keys below a prefix."""
        page = self.engine.objects.list_page(bucket, prefix=prefix)
        return [found.key for found in page.objects]
