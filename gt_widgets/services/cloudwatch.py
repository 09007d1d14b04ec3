"""Amazon CloudWatch: the metrics of jobs and work teams.

Layer: services (imports ``errors`` and ``engine.metrics``).

There is nothing to put here: values are read off what is stored when they are asked for. Metric
math and alarms are not here; what is asked of them is refused.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from gt_widgets.engine.metrics import Metric
from gt_widgets.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gt_widgets.services.call import Call

__all__ = ["get_metric_data", "get_metric_statistics", "list_metrics"]

_PAGE = 500
_STATISTICS: dict[str, Callable[[Sequence[float]], float]] = {
    "SampleCount": lambda values: float(len(values)),
    "Average": lambda values: sum(values) / len(values),
    "Sum": sum,
    "Minimum": min,
    "Maximum": max,
}
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?|100)\Z")


def list_metrics(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Answer ListMetrics: by namespace, name and dimensions."""
    found = [metric for metric in call.engine.metrics.all() if _is_asked_for(metric, params)]
    begin = _place(params.get("NextToken"))
    more = begin + _PAGE < len(found)
    return {
        "Metrics": [_described(metric) for metric in found[begin : begin + _PAGE]],
        "NextToken": str(begin + _PAGE) if more else None,
    }


def get_metric_data(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Answer GetMetricData: one result per query of a metric, newest first unless asked for.

    Raises
    ------
    ServiceError
        If a query is an expression, which is not run here.
    """
    newest_first = params.get("ScanBy", "TimestampDescending") == "TimestampDescending"
    results = []
    for query in params["MetricDataQueries"]:
        stat = query.get("MetricStat")
        if stat is None:
            raise _invalid(
                f"MetricDataQueries {query['Id']!r}: Expression is not run here. Ask for the "
                "metric itself (MetricStat) and compute with its values."
            )
        metric = _metric(stat["Metric"])
        points = _points(call, metric, params, stat["Period"])
        rows = sorted(points.items(), reverse=newest_first)
        if query.get("ReturnData", True):
            results.append(
                {
                    "Id": query["Id"],
                    "Label": query.get("Label") or metric.name,
                    "Timestamps": [_moment(at) for at, _ in rows],
                    "Values": [_statistic(stat["Stat"], values) for _, values in rows],
                    "StatusCode": "Complete",
                }
            )
    return {"MetricDataResults": results, "Messages": []}


def get_metric_statistics(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Answer GetMetricStatistics: one datapoint per period in which there was something.

    Raises
    ------
    ServiceError
        ``MissingParameter``, or if the times lie the wrong way round.
    """
    metric = _metric(params)
    asked = params.get("Statistics", [])
    extended = params.get("ExtendedStatistics", [])
    if not asked and not extended:
        raise ServiceError(
            "MissingParameter", "Statistics or ExtendedStatistics must be given, for example Sum."
        )
    datapoints = []
    for at, values in sorted(_points(call, metric, params, params["Period"]).items()):
        found: dict[str, Any] = {"Timestamp": _moment(at), "Unit": _unit(metric)}
        found |= {name: _statistic(name, values) for name in asked}
        if extended:
            found["ExtendedStatistics"] = {name: _statistic(name, values) for name in extended}
        datapoints.append(found)
    return {"Label": metric.name, "Datapoints": datapoints}


def _points(
    call: Call, metric: Metric, params: Mapping[str, Any], period_s: int
) -> dict[float, list[float]]:
    """Values by the beginning of their period, epoch seconds."""
    start, end = params["StartTime"].timestamp(), params["EndTime"].timestamp()
    if start >= end:
        raise _invalid("StartTime must be less than EndTime.")
    found: defaultdict[float, list[float]] = defaultdict(list)
    for at, value in call.engine.metrics.series(metric, start, end):
        found[at // period_s * period_s].append(value)
    return found


def _metric(asked: Mapping[str, Any]) -> Metric:
    """Read a metric; ours have one dimension or none, so one with more has no values."""
    given = [(each["Name"], each["Value"]) for each in asked.get("Dimensions", [])]
    dimension = given[0] if len(given) == 1 else ("", "") if given else None
    return Metric(asked["Namespace"], asked["MetricName"], dimension)


def _is_asked_for(metric: Metric, params: Mapping[str, Any]) -> bool:
    wanted = [(each["Name"], each.get("Value")) for each in params.get("Dimensions", [])]
    name, value = metric.dimension or ("", "")
    return (
        params.get("Namespace", metric.namespace) == metric.namespace
        and params.get("MetricName", metric.name) == metric.name
        and all(key == name and (of is None or of == value) for key, of in wanted)
    )


def _described(metric: Metric) -> dict[str, Any]:
    name, value = metric.dimension or ("", "")
    return {
        "Namespace": metric.namespace,
        "MetricName": metric.name,
        "Dimensions": [{"Name": name, "Value": value}] if metric.dimension else [],
    }


def _statistic(name: str, values: Sequence[float]) -> float:
    if name in _STATISTICS:
        return float(_STATISTICS[name](values))
    found = _PERCENTILE.match(name)
    if not found:
        raise _invalid(
            f"The statistic {name!r} is not computed here; there are {', '.join(_STATISTICS)} and "
            "percentiles like p90."
        )
    return float(np.percentile(values, float(found[1])))


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _unit(metric: Metric) -> str:
    return "Seconds" if metric.name == "TimeSpent" else "Count"


def _place(token: str | None) -> int:
    if token is None or token.isdecimal():
        return int(token or 0)
    raise _invalid(f"NextToken {token[:40]!r} is not one that ListMetrics gave.")


def _invalid(message: str) -> ServiceError:
    return ServiceError("InvalidParameterValue", message)
