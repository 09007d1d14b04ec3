"""``connect``: where everything is put together for a notebook.

Layer: notebook (the top; it alone knows both the controller and the widgets).
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gt_widgets.controller import AwsPlace, LocalPlace, Session
from gt_widgets.errors import AccessDeniedError, ValidationError
from gt_widgets.widgets import NotebookViews

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["connect"]


def connect(
    place: str = "local",
    *,
    root: str | Path | None = None,
    profile: str | None = None,
    region: str | None = None,
    role: str | None = None,
    kms_key_id: str | None = None,
    max_objects: int | None = None,
    min_automated_objects: int | None = None,
    learners: Mapping[str, Any] | None = None,
    dask: str | None = None,
) -> Session:
    """Open a session on the local engine, or on AWS.

    Parameters
    ----------
    place : {"local", "aws"}
    root : path, optional
        State folder of the local engine; ``GT_WIDGETS_ROOT`` or
        ``~/.local/share/gt-widgets`` unless given. Its engine is started if it does not run.
    profile, region : str, optional
        For AWS, as boto3 has them.
    role : str, optional
        ARN of the role that jobs on AWS run with.
    kms_key_id : str, optional
        KMS key that everything the session and its jobs write to S3 is encrypted with. The local
        engine notes it and encrypts nothing.
    max_objects : int, optional
        Let jobs of the local engine have so many objects, from now on, instead of the service's
        100,000; 0 brings that limit back.
    min_automated_objects : int, optional
        Local only: let automated jobs have so few objects, from now on, instead of the service's
        1,250; 0 brings that limit back.
    learners : mapping of name to str, Path or class, optional
        Local only: names, from now on, for what machines of automated jobs may learn with: an
        ``.onnx`` file with its ``.json``, a sentence model's folder, ``"timm:NAME"``,
        ``"torchvision:NAME"``, or code of yours as ``"file.py:Name"``. None takes a name back.
    dask : str, optional
        Local only: address of a scheduler of yours, ``"tcp://host:8786"``, whose workers make
        features and look at pictures, from now on; empty: this machine again.

    Raises
    ------
    ValidationError
        If ``place`` is neither, or AWS needs a region.
    AccessDeniedError
        If AWS does not take the credentials.
    EngineUnreachableError
        If the local engine cannot be started.

    Examples
    --------
    >>> session = connect()  # doctest: +SKIP
    >>> session  # doctest: +SKIP
    Ground Truth LOCAL, engine http://127.0.0.1:40123, folder /home/ana/.local/share/gt-widgets
    """
    if place == "local":
        session = _connect_local(root, max_objects, kms_key_id)
        _learn_with(session, learners, dask)
        if min_automated_objects is not None:
            least = {"least": min_automated_objects}
            session.place.only_here("This").portal.requester("set_min_automated_objects", least)
        return session
    if place == "aws":
        return _connect_aws(profile, region, role, kms_key_id)
    raise ValidationError(f"place must be 'local' or 'aws', not {place!r}.")


def _learn_with(session: Session, learners: Mapping[str, Any] | None, dask: str | None) -> None:
    if learners or dask is not None:
        from gt_widgets.engine.learners import Learners

        Learners(session.place.only_here("This").root).change(learners or {}, dask)


def _connect_local(
    root: str | Path | None, max_objects: int | None, kms_key_id: str | None
) -> Session:
    from gt_widgets.services.daemon import default_root, ensure
    from gt_widgets.services.portal_client import PortalClient
    from gt_widgets.services.profile import local_session

    folder = (Path(root) if root else default_root()).expanduser().absolute()
    heal = partial(ensure, folder)
    endpoint = heal()
    place = LocalPlace(endpoint, folder, PortalClient(heal))
    if max_objects is not None:
        place.portal.requester("set_max_objects", {"most": max_objects})
    boto_session = local_session(endpoint, heal=heal)
    return Session(boto_session, place, NotebookViews(), kms_key_id=kms_key_id)


def _connect_aws(
    profile: str | None, region: str | None, role: str | None, kms_key_id: str | None
) -> Session:
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        session = boto3.Session(profile_name=profile, region_name=region)
        if not session.region_name:
            raise ValidationError(
                "AWS needs a region: gt.connect('aws', region='us-east-1'), or set one in the "
                "profile."
            )
        account = session.client("sts").get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise AccessDeniedError(
            f"AWS did not take the credentials: {error}. Sign in (aws configure, aws sso login), "
            "or work without AWS: gt.connect()."
        ) from error
    place = AwsPlace(str(session.region_name), str(account))
    return Session(session, place, NotebookViews(), role=role, kms_key_id=kms_key_id)
