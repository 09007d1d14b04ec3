"""Splits into training, validation and test sets: exact, stratified, grouped, repeatable.

Layer: query.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    import random
    from collections.abc import Hashable, Iterable, Mapping, Sequence

__all__ = ["rarest_labels", "split"]

_TOLERANCE = 1e-9


def split(
    objects: int,
    shares: Mapping[str, float],
    *,
    rng: random.Random,
    strata: Sequence[Hashable] | None = None,
    groups: Sequence[Hashable] | None = None,
) -> list[str]:
    """Give every object to one set.

    Parameters
    ----------
    objects : int
        How many there are.
    shares : mapping of set name to float > 0
        They add up to 1, for example ``{"train": 0.8, "validation": 0.1, "test": 0.1}``.
    rng : random.Random
    strata : sequence, optional
        Objects of one stratum are shared out alike, for example by label: the number in a set
        differs from the exact share by less than 2.
    groups : sequence, optional
        Objects of one group stay together, for example pictures of one video. The sizes are
        then as near to the shares as whole groups allow; they are exact otherwise.

    Returns
    -------
    list of str
        The set of each object. Without groups a set has exactly ``share * objects`` members,
        what is left over going to the largest remainders.

    Raises
    ------
    ValidationError
        If the shares do not add up to 1, or a sequence has another length.
    """
    _check(objects, shares, strata, groups)
    if groups is not None:
        return _grouped(shares, rng, strata or [None] * objects, groups)
    order = _shuffled_by_stratum(objects, rng, strata)
    names = list(shares)
    sizes = _sizes(objects, shares)
    given = dict.fromkeys(names, 0)
    found = [""] * objects
    for place, number in enumerate(order, 1):
        # the set that is furthest behind its even pace; no run of places then misses a set by
        # much, and a stratum is a run of places
        name = max(names, key=lambda each: sizes[each] * place / objects - given[each])
        given[name] += 1
        found[number] = name
    return found


def _check(
    objects: int,
    shares: Mapping[str, float],
    strata: Sequence[Hashable] | None,
    groups: Sequence[Hashable] | None,
) -> None:
    total = sum(shares.values())
    if not shares or min(shares.values()) <= 0 or not abs(total - 1.0) <= _TOLERANCE:
        raise ValidationError(
            f"shares must be above 0 and add up to 1; {dict(shares)} give {total}."
        )
    for name, given in (("strata", strata), ("groups", groups)):
        if given is not None and len(given) != objects:
            raise ValidationError(f"{name} has {len(given)} entries for {objects} objects.")


def _sizes(objects: int, shares: Mapping[str, float]) -> dict[str, int]:
    """Share out whole objects by largest remainder."""
    exact = {name: share * objects for name, share in shares.items()}
    sizes = {name: int(value + _TOLERANCE) for name, value in exact.items()}
    left = objects - sum(sizes.values())
    for name in sorted(exact, key=lambda each: sizes[each] - exact[each])[:left]:
        sizes[name] += 1
    return sizes


def _shuffled_by_stratum(
    objects: int, rng: random.Random, strata: Sequence[Hashable] | None
) -> list[int]:
    order = list(range(objects))
    rng.shuffle(order)
    if strata is None:
        return order
    members: defaultdict[Hashable, list[int]] = defaultdict(list)
    for number in order:
        members[strata[number]].append(number)
    return [number for stratum in members.values() for number in stratum]


def _grouped(
    shares: Mapping[str, float],
    rng: random.Random,
    strata: Sequence[Hashable],
    groups: Sequence[Hashable],
) -> list[str]:
    """Place whole groups, the largest first, where they bring the sets nearest to their shares."""
    contents: defaultdict[Hashable, Counter[Hashable]] = defaultdict(Counter)
    for group, stratum in zip(groups, strata, strict=True):
        contents[group][stratum] += 1
    order = list(contents)
    rng.shuffle(order)
    order.sort(key=lambda group: -contents[group].total())
    wanted = Counter(strata)
    given: dict[str, Counter[Hashable]] = {name: Counter() for name in shares}

    def worse(name: str, content: Counter[Hashable]) -> tuple[float, float]:
        strain = sum(
            ((given[name][s] + n) / (shares[name] * wanted[s])) ** 2
            - (given[name][s] / (shares[name] * wanted[s])) ** 2
            for s, n in content.items()
        )
        fill = (given[name].total() + content.total()) / (shares[name] * wanted.total())
        return strain * shares[name], fill

    place = {}
    for group in order:
        content = contents[group]
        place[group] = min(shares, key=lambda name: worse(name, content))
        given[place[group]].update(content)
    return [place[group] for group in groups]


def rarest_labels(labels: Iterable[Sequence[Any]]) -> list[Any]:
    """Name a stratum for objects with several labels: the rarest of each object's labels.

    Parameters
    ----------
    labels : iterable of sequences
        Column ``labels`` of `objects_frame`.

    Returns
    -------
    list
        None for an object without labels; ties go to the first in sorted order.
    """
    found = [tuple(names) for names in labels]
    counts = Counter(name for names in found for name in set(names))
    return [min(names, key=lambda n: (counts[n], str(n))) if names else None for names in found]
