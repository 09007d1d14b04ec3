"""Addresses that may be read for a while by whoever has them.

Layer: services (imports nothing of ours).
"""

from __future__ import annotations

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

__all__ = ["LIFETIME_S", "presigned_url"]

LIFETIME_S = 3600


def presigned_url(
    url: str, *, access_key: str, secret_key: str, region: str, lifetime_s: int = LIFETIME_S
) -> str:
    """Sign the address of an S3 object for reading, by Signature Version 4.

    Parameters
    ----------
    url : str
        ``<endpoint>/<bucket>/<key>``, percent-encoded.
    access_key, secret_key, region : str
        Whose signature.
    lifetime_s : int in 1..604800
        Seconds from now.
    """
    request = AWSRequest("GET", url)
    credentials = Credentials(access_key, secret_key)
    S3SigV4QueryAuth(credentials, "s3", region, expires=lifetime_s).add_auth(request)
    return str(request.url)
