"""S3 operations on buckets, but for CORS and listings.

Layer: services (imports ``errors`` and ``engine.objects``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gt_widgets.errors import ServiceError
from gt_widgets.services.s3.common import owner, page_size, store_of

if TYPE_CHECKING:
    from gt_widgets.services.call import Call

__all__ = [
    "create_bucket",
    "delete_bucket",
    "get_bucket_acl",
    "get_bucket_location",
    "get_bucket_versioning",
    "head_bucket",
    "list_buckets",
]

_FIRST_REGION = "us-east-1"


def list_buckets(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """ListBuckets: by name, one page when ``MaxBuckets`` is given."""
    prefix, region = params.get("Prefix", ""), params.get("BucketRegion")
    after = params.get("ContinuationToken", "")
    found = [
        {"Name": one.name, "CreationDate": one.created, "BucketRegion": one.region}
        for one in store_of(call, params).buckets()
        if one.name.startswith(prefix) and one.name > after and region in {None, one.region}
    ]
    page = found[: page_size(params, "MaxBuckets")] if "MaxBuckets" in params else found
    members: dict[str, Any] = {"Buckets": page, "Owner": owner(call)}
    if prefix:
        members["Prefix"] = prefix
    if page and len(page) < len(found):
        members["ContinuationToken"] = page[-1]["Name"]
    return members


def create_bucket(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """CreateBucket: repeating it is no error in us-east-1, as on S3."""
    store, bucket = store_of(call, params), params["Bucket"]
    region = _region(call, params)
    try:
        store.create_bucket(bucket, region=region)
    except ServiceError as error:
        if error.code != "BucketAlreadyOwnedByYou" or region != _FIRST_REGION:
            raise
        if store.bucket(bucket).region != _FIRST_REGION:
            raise
    return {"Location": f"/{bucket}"}


def _region(call: Call, params: dict[str, Any]) -> str:
    asked: str = params.get("CreateBucketConfiguration", {}).get("LocationConstraint", "")
    if call.region == _FIRST_REGION:
        if asked == _FIRST_REGION:
            raise ServiceError(
                "InvalidLocationConstraint",
                f"The specified location-constraint is not valid: leave it out for {asked}.",
            )
        return asked or _FIRST_REGION
    if asked != call.region:
        raise ServiceError(
            "IllegalLocationConstraintException",
            f"The {asked or 'unspecified'} location constraint is incompatible for the region "
            f"specific endpoint this request was sent to: expected "
            f"CreateBucketConfiguration={{'LocationConstraint': {call.region!r}}}.",
        )
    return asked


def head_bucket(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """HeadBucket."""
    return {"BucketRegion": store_of(call, params).bucket(params["Bucket"]).region}


def delete_bucket(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """DeleteBucket: an empty one."""
    store_of(call, params).delete_bucket(params["Bucket"])
    return {}


def get_bucket_location(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """GetBucketLocation: nothing for us-east-1, which is how S3 says it."""
    region = store_of(call, params).bucket(params["Bucket"]).region
    return {"LocationConstraint": "" if region == _FIRST_REGION else region}


def get_bucket_versioning(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """GetBucketVersioning: never switched on."""
    store_of(call, params).bucket(params["Bucket"])
    return {}


def get_bucket_acl(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """GetBucketAcl: always full control for the one owner."""
    store_of(call, params).bucket(params["Bucket"])
    grantee = {"Type": "CanonicalUser", **owner(call)}
    return {
        "Owner": owner(call),
        "Grants": [{"Grantee": grantee, "Permission": "FULL_CONTROL"}],
    }
