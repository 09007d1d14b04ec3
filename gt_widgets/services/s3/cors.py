"""Which web pages may read a bucket: CORS rules, and the headers that follow from them.

Layer: services (imports ``errors`` and ``engine.objects``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import ServiceError
from gt_widgets.services.s3.common import store_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gt_widgets.services.call import Call

    Rule = dict[str, Any]

__all__ = [
    "cors_headers",
    "cors_preflight",
    "delete_bucket_cors",
    "get_bucket_cors",
    "put_bucket_cors",
]

_METHODS = {"GET", "PUT", "POST", "DELETE", "HEAD"}
_MAX_RULES = 100
_VARY = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"


def put_bucket_cors(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """PutBucketCors: replaces all rules.

    Raises
    ------
    ServiceError
        ``MalformedXML`` or ``InvalidRequest``, with the rule.
    """
    rules = params["CORSConfiguration"].get("CORSRules", [])
    if not 1 <= len(rules) <= _MAX_RULES:
        raise ServiceError(
            "MalformedXML",
            f"A CORS configuration has 1 to {_MAX_RULES} rules; found {len(rules)}.",
        )
    for rule in rules:
        _check(rule)
    store_of(call, params).set_cors(params["Bucket"], rules)
    return {}


def _check(rule: Rule) -> None:
    origins, methods = rule.get("AllowedOrigins", []), rule.get("AllowedMethods", [])
    if not origins or not methods:
        raise ServiceError(
            "MalformedXML",
            f"A CORS rule needs AllowedOrigins and AllowedMethods; found {sorted(rule)}.",
        )
    if strange := [method for method in methods if method not in _METHODS]:
        raise ServiceError(
            "InvalidRequest",
            f"Found unsupported HTTP method in CORS config. Unsupported method is {strange[0]}; "
            f"use some of {sorted(_METHODS)}.",
        )
    for name in ("AllowedOrigins", "AllowedHeaders"):
        if twice := [text for text in rule.get(name, []) if text.count("*") > 1]:
            raise ServiceError(
                "InvalidRequest", f'{name} "{twice[0]}" can not have more than one wildcard.'
            )


def get_bucket_cors(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """GetBucketCors.

    Raises
    ------
    ServiceError
        ``NoSuchCORSConfiguration``.
    """
    rules = store_of(call, params).cors(params["Bucket"])
    if rules is None:
        raise ServiceError(
            "NoSuchCORSConfiguration",
            f"The CORS configuration does not exist: {params['Bucket']}. Workers' browsers "
            f"can read no image of it; set one with put_bucket_cors.",
            404,
            BucketName=params["Bucket"],
        )
    return {"CORSRules": rules}


def delete_bucket_cors(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """DeleteBucketCors."""
    store_of(call, params).set_cors(params["Bucket"], None)
    return {}


def cors_headers(engine: Any, bucket: str, origin: str, method: str) -> dict[str, str]:
    """Return the headers a response to a page of this origin gets; none if no rule fits.

    Parameters
    ----------
    engine : Any
        Has ``objects``, the store.
    bucket : str
        Need not exist.
    origin : str
        The ``Origin`` header.
    method : str
        The request's, or ``Access-Control-Request-Method``.
    """
    rule = _rule(_rules(engine, bucket), origin, method, ())
    return {} if rule is None else _headers(rule, origin, ())


def cors_preflight(
    engine: Any, bucket: str, origin: str, method: str, request_headers: Sequence[str] = ()
) -> dict[str, str]:
    """Return the headers that answer an OPTIONS request.

    Parameters
    ----------
    engine, bucket, origin, method
        As in `cors_headers`.
    request_headers : sequence of str
        The names in ``Access-Control-Request-Headers``.

    Raises
    ------
    ServiceError
        ``AccessForbidden``, 403, when no rule allows it.
    """
    rules, names = _rules(engine, bucket), list(request_headers)
    rule = _rule(rules, origin, method, names)
    if rule is None:
        why = (
            "This CORS request is not allowed: no rule of the bucket has this origin, method "
            "and headers."
            if rules
            else "CORS is not enabled for this bucket."
        )
        raise ServiceError(
            "AccessForbidden",
            f"CORSResponse: {why}",
            403,
            Method=method,
            ResourceType="OBJECT",
        )
    return _headers(rule, origin, names)


def _rules(engine: Any, bucket: str) -> list[Rule]:
    try:
        rules: list[Rule] | None = engine.objects.cors(bucket)
    except ServiceError:
        return []
    return rules or []


def _rule(rules: Sequence[Rule], origin: str, method: str, names: Sequence[str]) -> Rule | None:
    for rule in rules:
        allowed = rule.get("AllowedHeaders", [])
        if (
            method in rule["AllowedMethods"]
            and any(_fits(one, origin) for one in rule["AllowedOrigins"])
            and all(any(_fits(one.lower(), n.lower()) for one in allowed) for n in names)
        ):
            return rule
    return None


def _fits(pattern: str, text: str) -> bool:
    start, star, end = pattern.partition("*")
    return (
        re.fullmatch(re.escape(start) + (".*" if star else "") + re.escape(end), text) is not None
    )


def _headers(rule: Rule, origin: str, names: Sequence[str]) -> dict[str, str]:
    anyone = "*" in rule["AllowedOrigins"]
    headers = {
        "Access-Control-Allow-Origin": "*" if anyone else origin,
        "Access-Control-Allow-Methods": ", ".join(rule["AllowedMethods"]),
        "Vary": _VARY,
    }
    if not anyone:
        headers["Access-Control-Allow-Credentials"] = "true"
    if names:
        headers["Access-Control-Allow-Headers"] = ", ".join(name.lower() for name in names)
    if exposed := rule.get("ExposeHeaders"):
        headers["Access-Control-Expose-Headers"] = ", ".join(exposed)
    if (seconds := rule.get("MaxAgeSeconds")) is not None:
        headers["Access-Control-Max-Age"] = str(seconds)
    return headers
