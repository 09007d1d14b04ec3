"""Amazon resource names: made and read in one place.

Layer: schema. The forms are those of reference section 1.3.
"""

from __future__ import annotations

import re

from gt_widgets.errors import ValidationError

__all__ = [
    "FUNCTION_ACCOUNTS",
    "algorithm_arn",
    "crowd_of",
    "function_alias",
    "function_arn",
    "function_name",
    "human_task_ui_arn",
    "labeling_job_arn",
    "model_arn",
    "public_crowd_arn",
    "s3_parts",
    "s3_uri",
    "topic_arn",
    "vendor_arn",
    "workforce_arn",
    "workteam_arn",
]

FUNCTION_ACCOUNTS = {
    "us-east-1": "432418664414",
    "us-east-2": "266458841044",
    "us-west-2": "081040173940",
    "ca-central-1": "918755190332",
    "eu-west-1": "568282634449",
    "eu-west-2": "487402164563",
    "eu-central-1": "203001061592",
    "ap-northeast-1": "477331159723",
    "ap-northeast-2": "845288260483",
    "ap-south-1": "565803892007",
    "ap-southeast-1": "377565633583",
    "ap-southeast-2": "454466003867",
}
"""Region to the AWS account that owns the built-in PRE and ACS functions there."""

_PUBLIC_ACCOUNT = "394669845002"
_ALGORITHM_ACCOUNT = "027400017018"
_S3 = re.compile(r"(?:s3://|https://s3[.\w-]*amazonaws\.com/)([^/]+)/?(.*)\Z", re.DOTALL)
_CROWD = re.compile(r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]*:\d{12}:workteam/([a-z]+)-crowd/(.+)\Z")


def labeling_job_arn(region: str, account: str, name: str) -> str:
    """ARN of a labeling job; the name part is in lower case, as AWS writes it."""
    return f"arn:aws:sagemaker:{region}:{account}:labeling-job/{name.lower()}"


def algorithm_arn(region: str, algorithm: str) -> str:
    """ARN of an algorithm of automated labeling, for example ``image-classification``."""
    name = f"labeling-job-algorithm-specification/{algorithm}"
    return f"arn:aws:sagemaker:{region}:{_ALGORITHM_ACCOUNT}:{name}"


def model_arn(region: str, account: str, name: str) -> str:
    """ARN of the model that a labeling job has learned."""
    return f"arn:aws:sagemaker:{region}:{account}:model/{name.lower()}"


def workteam_arn(region: str, account: str, name: str) -> str:
    """ARN of a private work team."""
    return f"arn:aws:sagemaker:{region}:{account}:workteam/private-crowd/{name}"


def vendor_arn(region: str, vendor_account: str, vendor_id: str) -> str:
    """ARN of a vendor's work team, which is in the vendor's account."""
    return f"arn:aws:sagemaker:{region}:{vendor_account}:workteam/vendor-crowd/{vendor_id}"


def public_crowd_arn(region: str) -> str:
    """ARN of the public crowd: the same for every account of a region."""
    return f"arn:aws:sagemaker:{region}:{_PUBLIC_ACCOUNT}:workteam/public-crowd/default"


def human_task_ui_arn(region: str, account: str, name: str) -> str:
    """ARN of a worker task template that CreateHumanTaskUi stored."""
    return f"arn:aws:sagemaker:{region}:{account}:human-task-ui/{name}"


def topic_arn(region: str, account: str, name: str) -> str:
    """ARN of an SNS topic."""
    return f"arn:aws:sns:{region}:{account}:{name}"


def workforce_arn(region: str, account: str, name: str) -> str:
    """ARN of a workforce."""
    return f"arn:aws:sagemaker:{region}:{account}:workforce/{name}"


def function_arn(region: str, name: str, account: str | None = None) -> str:
    """ARN of a function: a built-in one, for example ``PRE-BoundingBox``, or one of ``account``.

    A region where AWS has no built-in functions takes the account of us-east-1.
    """
    owner = account or FUNCTION_ACCOUNTS.get(region, FUNCTION_ACCOUNTS["us-east-1"])
    return f"arn:aws:lambda:{region}:{owner}:function:{name}"


def function_name(arn: str) -> str:
    """Return the function's name of a Lambda ARN, ``""`` if it is not one."""
    head, _, name = arn.partition(":function:")
    return name.split(":")[0] if head.startswith("arn:") else ""


def function_alias(arn: str) -> str:
    """Return the alias at the end of a Lambda ARN; ``""`` for none, a version or ``$LATEST``."""
    alias = arn.partition(":function:")[2].partition(":")[2]
    return "" if alias == "$LATEST" or alias.isdigit() else alias


def crowd_of(arn: str) -> tuple[str, str]:
    """Split a work team ARN into its kind and name.

    Returns
    -------
    tuple of str
        ``("private", "logo-team")``; the kind is ``private``, ``vendor`` or ``public``.

    Raises
    ------
    ValidationError
        If ``arn`` is not a work team ARN.
    """
    found = _CROWD.match(arn)
    if not found:
        raise ValidationError(
            f"WorkteamArn {arn!r} is not a work team: expected "
            "arn:aws:sagemaker:<region>:<account>:workteam/private-crowd/<name>."
        )
    return found[1], found[2]


def s3_parts(uri: str) -> tuple[str, str]:
    """Split ``s3://bucket/key`` into bucket and key; the key may be empty.

    Raises
    ------
    ValidationError
        If ``uri`` does not name an S3 object.
    """
    found = _S3.match(uri)
    if not found:
        raise ValidationError(f"{uri!r} is not an S3 location: expected s3://bucket/key.")
    return found[1], found[2]


def s3_uri(bucket: str, key: str) -> str:
    """Join bucket and key into ``s3://bucket/key``."""
    return f"s3://{bucket}/{key}"
