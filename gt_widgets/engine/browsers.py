"""Whether browsers may read the buckets of a job's pictures, as AWS's worker pages need to.

Layer: engine. The pages of this engine read pictures through it and need no CORS rule; on AWS every
task of such a job fails (reference section 12), so it is reported before the job goes there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gt_widgets.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gt_widgets.engine.objects import Objects

__all__ = ["buckets_closed_to_pages", "lets_pages_read", "words_about_closed"]


def lets_pages_read(rules: Sequence[Mapping[str, Any]] | None) -> bool:
    """Tell whether a CORS rule lets a page of another site GET objects.

    Parameters
    ----------
    rules : sequence of CORSRule, optional
        In AWS's keys; None for a bucket without any. Which origin a rule names is not looked at:
        the workers' portal has an address of its own per workforce.
    """
    return any("GET" in rule.get("AllowedMethods", ()) for rule in rules or ())


def buckets_closed_to_pages(objects: Objects, buckets: Iterable[str]) -> list[str]:
    """Return those of the buckets that have no such rule; a bucket that is not there has none."""
    return [name for name in sorted(set(buckets)) if not _open(objects, name)]


def _open(objects: Objects, bucket: str) -> bool:
    try:
        return lets_pages_read(objects.cors(bucket))
    except ServiceError:
        return False


def words_about_closed(buckets: Sequence[str]) -> str:
    """Say what is missing and what to do; ``""`` if nothing is."""
    if not buckets:
        return ""
    return (
        f"Bucket {', '.join(map(repr, buckets))} has no CORS rule that lets a page GET: here "
        "workers see the pictures all the same, on AWS every task would fail. Set the rule: "
        "session.create_bucket(name), or put_bucket_cors with AllowedMethods ['GET']."
    )
