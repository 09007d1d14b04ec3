"""Amazon CloudWatch Logs: reading what jobs and workers have logged.

Layer: services (imports ``errors``; ``call.engine.logs`` holds the records).

Tokens hold the sequence number of an event: ``f/12`` goes on after it, ``b/12`` before it.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gt_widgets.services.call import Call

    Event = tuple[int, int, str]

__all__ = [
    "describe_log_groups",
    "describe_log_streams",
    "filter_log_events",
    "get_log_events",
]

_PAGE = 10_000
_DESCRIBED = 50


def describe_log_groups(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Answer DescribeLogGroups: by prefix or by a part of the name."""
    prefix = params.get("logGroupNamePrefix", "")
    part = params.get("logGroupNamePattern", "").lower()
    names = [
        name
        for name in sorted(call.engine.logs.groups())
        if name.startswith(prefix) and part in name.lower()
    ]
    page, token = _page(names, params)
    return {"logGroups": [_group(call, name) for name in page], "nextToken": token}


def describe_log_streams(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Answer DescribeLogStreams: by name or by the time of the last event.

    Raises
    ------
    ServiceError
        ``InvalidParameterException``.
    """
    group = _group_name(call, params)
    prefix = params.get("logStreamNamePrefix", "")
    by_time = params.get("orderBy") == "LastEventTime"
    if by_time and prefix:
        raise _invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
    names = [name for name in call.engine.logs.streams(group) if name.startswith(prefix)]
    streams = {name: _stream(call, group, name) for name in names}
    names.sort(
        key=lambda name: (streams[name]["lastEventTimestamp"] if by_time else 0, name),
        reverse=params.get("descending", False),
    )
    page, token = _page(names, params)
    return {"logStreams": [streams[name] for name in page], "nextToken": token}


def get_log_events(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Answer GetLogEvents: one stream, from its head or its end, in both directions."""
    group = _group_name(call, params)
    stream = _known_stream(call, group, params["logStreamName"])
    limit = params.get("limit", _PAGE)
    direction, position = _token(params.get("nextToken"))
    events = list(_events(call, group, stream, params, position if direction == "f" else 0))
    if direction == "b":
        events = [event for event in events if event[0] < position]
    from_head = direction == "f" or (direction == "" and params.get("startFromHead", False))
    page = events[:limit] if from_head else events[-limit:]
    first, last = (page[0][0], page[-1][0]) if page else (position, position)
    return {
        "events": [{**_event(event), "ingestionTime": event[1]} for event in page],
        "nextForwardToken": f"f/{last}",
        "nextBackwardToken": f"b/{first}",
    }


def filter_log_events(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Answer FilterLogEvents: all streams of a group, in the order of time."""
    group = _group_name(call, params)
    streams = _searched(call, group, params)
    accepts = _pattern(params.get("filterPattern", ""))
    after = _time_token(params.get("nextToken"))
    found = sorted(
        (moment, sequence, stream, message)
        for stream in streams
        for sequence, moment, message in _events(call, group, stream, params, 0)
        if (moment, sequence) > after and accepts(message)
    )
    limit = params.get("limit", _PAGE)
    page = found[:limit]
    return {
        "events": [
            {
                "logStreamName": stream,
                **_event((sequence, moment, message)),
                "ingestionTime": moment,
                "eventId": f"{moment:028d}{sequence:028d}",
            }
            for moment, sequence, stream, message in page
        ],
        "searchedLogStreams": [],
        "nextToken": f"{page[-1][0]}/{page[-1][1]}" if len(found) > limit else None,
    }


def _searched(call: Call, group: str, params: dict[str, Any]) -> list[str]:
    prefix, names = params.get("logStreamNamePrefix"), params.get("logStreamNames")
    if prefix is not None and names is not None:
        raise _invalid("Give logStreamNames or logStreamNamePrefix, not both.")
    if names is not None:
        return [_known_stream(call, group, name) for name in names]
    streams = call.engine.logs.streams(group)
    return [name for name in streams if name.startswith(prefix or "")]


def _events(
    call: Call, group: str, stream: str, params: dict[str, Any], after: int
) -> Iterator[Event]:
    """Yield all events of a stream in the request's window of time, page by page."""
    while True:
        page = call.engine.logs.events(
            group,
            stream,
            start_ms=params.get("startTime"),
            end_ms=params.get("endTime"),
            after=after,
            limit=_PAGE,
        )
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1][0]


def _event(event: Event) -> dict[str, Any]:
    return {"timestamp": event[1], "message": event[2]}


# --- filter patterns -------------------------------------------------------------------


def _pattern(text: str) -> Callable[[str], bool]:
    """Read a filter pattern of terms: all of them, ``?`` any of these, ``-`` none of these."""
    if text.lstrip()[:1] in {"{", "[", "%"}:
        raise _invalid(
            f"The local engine reads filter patterns made of terms, found {text!r}. Filter "
            'without a pattern, or by a term such as "COMPLETED".'
        )
    try:
        terms = shlex.split(text)
    except ValueError as error:
        raise _invalid(f"The filter pattern {text!r} cannot be read: {error}.") from error
    needed = [term for term in terms if term[:1] not in {"?", "-"}]
    optional = [term[1:] for term in terms if term.startswith("?")]
    refused = [term[1:] for term in terms if term.startswith("-")]

    def accepts(message: str) -> bool:
        return (
            all(term in message for term in needed)
            and (not optional or any(term in message for term in optional))
            and not any(term in message for term in refused)
        )

    return accepts


# --- names and tokens ------------------------------------------------------------------


def _invalid(problem: str) -> ServiceError:
    return ServiceError("InvalidParameterException", problem)


def _group_name(call: Call, params: dict[str, Any]) -> str:
    name, identifier = params.get("logGroupName"), params.get("logGroupIdentifier")
    if (name is None) == (identifier is None):
        raise _invalid("Give one of logGroupName and logGroupIdentifier.")
    group = str(name if identifier is None else identifier.partition(":log-group:")[2])
    group = group or str(identifier)
    if group not in call.engine.logs.groups():
        raise ServiceError(
            "ResourceNotFoundException", f"The specified log group does not exist: {group}"
        )
    return group


def _known_stream(call: Call, group: str, stream: str) -> str:
    if stream not in call.engine.logs.streams(group):
        raise ServiceError(
            "ResourceNotFoundException", f"The specified log stream does not exist: {stream}"
        )
    return stream


def _token(text: str | None) -> tuple[str, int]:
    if text is None:
        return "", 0
    direction, _, number = text.partition("/")
    if direction not in {"f", "b"} or not number.isdecimal():
        raise _invalid(f"The specified nextToken is invalid: {text!r}")
    return direction, int(number)


def _time_token(text: str | None) -> tuple[int, int]:
    if text is None:
        return (-1, -1)
    moment, _, sequence = text.partition("/")
    if not (moment.isdecimal() and sequence.isdecimal()):
        raise _invalid(f"The specified nextToken is invalid: {text!r}")
    return int(moment), int(sequence)


def _page(names: list[str], params: dict[str, Any]) -> tuple[list[str], str | None]:
    """Cut one page out of sorted names; the token is the last name of the page before."""
    token = params.get("nextToken")
    if token is not None and token not in names:
        raise _invalid(f"The specified nextToken is invalid: {token!r}")
    start = names.index(token) + 1 if token is not None else 0
    page = names[start : start + params.get("limit", _DESCRIBED)]
    more = start + len(page) < len(names)
    return page, page[-1] if page and more else None


def _arn(call: Call, group: str) -> str:
    return f"arn:aws:logs:{call.region}:{call.account_id}:log-group:{group}"


def _group(call: Call, group: str) -> dict[str, Any]:
    streams = call.engine.logs.streams(group)
    firsts = [e[1] for s in streams for e in call.engine.logs.events(group, s, limit=1)]
    return {
        "logGroupName": group,
        "creationTime": min(firsts, default=0),
        "metricFilterCount": 0,
        "arn": f"{_arn(call, group)}:*",
        "logGroupArn": _arn(call, group),
        "logGroupClass": "STANDARD",
    }


def _stream(call: Call, group: str, stream: str) -> dict[str, Any]:
    moments = [event[1] for event in _events(call, group, stream, {}, 0)]
    first, last = min(moments, default=0), max(moments, default=0)
    return {
        "logStreamName": stream,
        "creationTime": first,
        "firstEventTimestamp": first,
        "lastEventTimestamp": last,
        "lastIngestionTime": last,
        "arn": f"{_arn(call, group)}:log-stream:{stream}",
        "storedBytes": 0,
    }
