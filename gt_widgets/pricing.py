"""What a labeling job costs on AWS, tier by tier, in numbers and in words.

Layer: pricing (pure functions; imports only ``errors``). The prices, their date and where they
are from lie in ``pricing_data.json``. Locally a job costs nothing; the estimate says what the
same job would cost on the service.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "Estimate",
    "Vendor",
    "amount_in_usd",
    "base_cost_usd",
    "billed_s",
    "estimate",
    "free_objects_left",
    "prices_as_of",
    "public_task_prices_usd",
    "sample_vendors",
    "suggest_task_price_usd",
    "task_price_amount",
]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one job costs. Prices in US dollars, rounded to a tenth of a cent.

    ``base_usd`` pays for labeled objects, ``work_usd`` the public workforce or the vendor,
    ``compute_usd`` the training and inference of automated labeling. ``explanation`` says it in
    words.
    """

    objects: int
    human_objects: int
    tasks: int
    free_objects: int
    base_usd: float
    work_usd: float
    compute_usd: float
    total_usd: float
    explanation: str

    def __str__(self) -> str:
        return self.explanation


@dataclass(frozen=True, slots=True)
class Vendor:
    """One sample vendor. All of them are fictional and their workers are simulated.

    Attributes
    ----------
    vendor_id, account_id : str
        Last part of the work team's ARN, and the twelve digits of the vendor's account in it.
    title, seller, description, listing_id : str
        As the marketplace shows them.
    hourly_usd : float
        Price of one hour of work.
    """

    vendor_id: str
    account_id: str
    title: str
    seller: str
    description: str
    listing_id: str
    hourly_usd: float


@cache
def _data() -> dict[str, Any]:
    text = files("gt_widgets").joinpath("pricing_data.json").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text)
    return data


def prices_as_of() -> str:
    """Return the day the price table was put together, ``YYYY-MM-DD``."""
    return str(_data()["as_of"])


def base_cost_usd(objects: int, *, labeled_before: int = 0, free_objects: int = 0) -> float:
    """Price of labeled objects, by human or machine, within one month.

    Parameters
    ----------
    objects : int >= 0
        Objects this job labels.
    labeled_before : int >= 0
        Paid objects of the same month, which have used up part of the first tiers.
    free_objects : int >= 0
        Objects of the free tier; these are not paid and do not count towards a tier.

    Returns
    -------
    float
        US dollars. Tiers are marginal: object 50,001 costs 0.04, the 50,000 before 0.08 each.

    Raises
    ------
    ValidationError
        If a number is negative.
    """
    return float(_base(objects, labeled_before=labeled_before, free_objects=free_objects))


def _base(objects: int, *, labeled_before: int, free_objects: int) -> Decimal:
    _at_least(0, objects=objects, labeled_before=labeled_before, free_objects=free_objects)
    first, last = labeled_before, labeled_before + max(objects - free_objects, 0)
    cost, floor = Decimal(0), 0
    for tier in _data()["base_tiers"]:
        ceiling = tier["up_to_objects"] if tier["up_to_objects"] is not None else last
        inside = max(min(last, ceiling) - max(first, floor), 0)
        cost += inside * Decimal(tier["price_usd"])
        floor = ceiling
    return cost


def free_objects_left(*, month: int, labeled_before: int = 0) -> int:
    """Objects of the free tier that are left in a month.

    Parameters
    ----------
    month : int >= 1
        1 is the first month the account uses SageMaker.
    labeled_before : int >= 0
        Objects labeled earlier in that month.
    """
    _at_least(1, month=month)
    _at_least(0, labeled_before=labeled_before)
    free = _data()["free"]
    per_month = int(free["objects_per_month"]) if month <= int(free["months"]) else 0
    return max(per_month - labeled_before, 0)


def estimate(
    objects: int,
    *,
    human_objects: int | None = None,
    workers_per_object: int = 1,
    tasks: int | None = None,
    task_price_usd: float = 0.0,
    hourly_usd: float = 0.0,
    work_s: float = 0.0,
    labeled_before: int = 0,
    free_objects: int = 0,
    compute_usd: float = 0.0,
) -> Estimate:
    """Estimate a job: ``objects x base + human objects x workers x task price + compute``.

    A vendor's work is ``work_s`` at ``hourly_usd`` in place of a price per task.

    Parameters
    ----------
    objects : int >= 0
        Objects that get a label.
    human_objects : int in 0..objects, optional
        Those labeled by people; all of them unless given.
    workers_per_object : int in 1..9
    tasks : int >= 0, optional
        Tasks that workers did; ``human_objects x workers_per_object`` unless given.
    task_price_usd : float >= 0
        Per task and worker: 0 for a private team, one of `public_task_prices_usd` else.
    hourly_usd : float >= 0
        A vendor's price of one hour; 0 where no vendor works.
    work_s : float >= 0
        A vendor's time, as `billed_s` adds it up.
    labeled_before, free_objects : int >= 0
        As in `base_cost_usd`.
    compute_usd : float >= 0
        Training and inference of automated data labeling.

    Returns
    -------
    Estimate

    Raises
    ------
    ValidationError
        If a number lies outside its range.

    Examples
    --------
    >>> estimate(1, workers_per_object=5, task_price_usd=0.036).total_usd
    0.26
    """
    human = objects if human_objects is None else human_objects
    _at_least(0, objects=objects, human_objects=human)
    _at_least(0, task_price_usd=task_price_usd, compute_usd=compute_usd)
    _at_least(0, hourly_usd=hourly_usd, work_s=work_s)
    _at_least(1, workers_per_object=workers_per_object)
    if human > objects:
        raise ValidationError(f"human_objects must be <= objects ({objects}); found {human}")
    tasks = human * workers_per_object if tasks is None else tasks
    _at_least(0, tasks=tasks)
    price, compute = Decimal(str(task_price_usd)), Decimal(str(compute_usd))
    base = _base(objects, labeled_before=labeled_before, free_objects=free_objects)
    work = tasks * price + Decimal(str(work_s)) * Decimal(str(hourly_usd)) / 3600
    total = base + work + compute
    free = min(free_objects, objects)
    parts = [_base_in_words(objects, free, base)]
    if tasks or price or hourly_usd:
        parts.append(_work_in_words(tasks, price, hourly_usd, work_s, work))
    if human < objects:
        parts.append(f"{_count(objects - human, 'object')} by machine, compute {_usd(compute)}")
    return Estimate(
        objects=objects,
        human_objects=human,
        tasks=tasks,
        free_objects=free,
        base_usd=_mills(base),
        work_usd=_mills(work),
        compute_usd=_mills(compute),
        total_usd=_mills(total),
        explanation=f"{_usd(total)} USD: {', '.join(parts)} (prices of {prices_as_of()}).",
    )


def _base_in_words(objects: int, free: int, base: Decimal) -> str:
    said = f"{_count(objects, 'object')} x base price = {_usd(base)}"
    return f"{said} ({free:,} of them free)" if free else said


def _work_in_words(
    tasks: int, price: Decimal, hourly_usd: float, work_s: float, work: Decimal
) -> str:
    """Say who worked for how much: a vendor by the hour, the public by the task, or one's team."""
    if hourly_usd:
        hours = f"{work_s / 3600:,.2f} vendor hours x {_usd(Decimal(str(hourly_usd)))}"
        return f"{_count(tasks, 'task')}, {hours} = {_usd(work)}"
    if price:
        return f"{_count(tasks, 'public task')} x {_usd(price)} = {_usd(work)}"
    return f"{_count(tasks, 'task')} by your own team at no charge"


def sample_vendors() -> tuple[Vendor, ...]:
    """Return the sample vendors, cheapest first; every account is subscribed to them here."""
    rows = _data()["sample_vendors"]
    return tuple(Vendor(**{**row, "hourly_usd": float(row["hourly_usd"])}) for row in rows)


def billed_s(seconds: Iterable[float]) -> float:
    """Add up working times as vendors bill them: each rounded up to 10 seconds.

    Parameters
    ----------
    seconds : iterable of float >= 0
        Active time of each worker on the job.

    Examples
    --------
    >>> billed_s([0.0, 10.0, 10.5])
    30.0
    """
    step = float(_data()["vendor_rounding_s"])
    return sum((step * math.ceil(each / step) for each in seconds), 0.0)


def public_task_prices_usd(task_type: str = "image-classification") -> tuple[float, ...]:
    """Return the prices per task a public workforce job may set, ascending.

    Parameters
    ----------
    task_type : str
        ``"bounding-box"`` and ``"semantic-segmentation"``, and adjusting these, leave out the
        lowest prices; any other task has all 16.
    """
    drawn = task_type.removesuffix("-adjustment")
    least = Decimal(_data()["least_public_price_usd"].get(drawn, "0"))
    prices = (Decimal(row["price_usd"]) for row in _data()["public_task_prices"])
    return tuple(float(price) for price in prices if price >= least)


def suggest_task_price_usd(
    seconds_per_task: float, *, task_type: str = "image-classification"
) -> float:
    """Suggest the price for a task that takes a worker this long.

    Parameters
    ----------
    seconds_per_task : float >= 0
        Between two rows of the table the higher price is taken; beyond five minutes the
        highest there is.
    task_type : str
        As in `public_task_prices_usd`.
    """
    _at_least(0, seconds_per_task=seconds_per_task)
    allowed = public_task_prices_usd(task_type)
    for row in _data()["public_task_prices"]:
        if seconds_per_task <= row["up_to_s"] and float(row["price_usd"]) in allowed:
            return float(row["price_usd"])
    return allowed[-1]


def task_price_amount(price_usd: float) -> dict[str, int]:
    """Write a price as the ``AmountInUsd`` of ``PublicWorkforceTaskPrice``.

    Raises
    ------
    ValidationError
        If the price is negative or finer than a tenth of a cent.

    Examples
    --------
    >>> task_price_amount(0.036)
    {'Dollars': 0, 'Cents': 3, 'TenthFractionsOfACent': 6}
    """
    _at_least(0, price_usd=price_usd)
    mills = Decimal(str(price_usd)) * 1000
    if mills != int(mills):
        raise ValidationError(
            f"a task price has at most three decimals of a dollar; found {price_usd}"
        )
    dollars, rest = divmod(int(mills), 1000)
    return {"Dollars": dollars, "Cents": rest // 10, "TenthFractionsOfACent": rest % 10}


def amount_in_usd(amount: dict[str, int]) -> float:
    """Read an ``AmountInUsd``; members left out are 0."""
    dollars = Decimal(amount.get("Dollars", 0))
    cents = Decimal(amount.get("Cents", 0)) / 100
    return float(dollars + cents + Decimal(amount.get("TenthFractionsOfACent", 0)) / 1000)


def _at_least(least: float, **numbers: float) -> None:
    for name, number in numbers.items():
        if not number >= least:  # written so that NaN is refused too
            raise ValidationError(f"{name} must be >= {least}; found {number}")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _usd(amount: Decimal) -> str:
    """Cents, and a tenth of a cent only where there is one."""
    text = f"{amount:,.3f}"
    return text.removesuffix("0")


def _mills(amount: Decimal) -> float:
    return float(round(amount, 3))
