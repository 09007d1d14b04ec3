"""Reading, sampling, filtering and writing manifests of any length in little memory.

Layer: manifests. What takes a manifest more than once takes an *opener*: a function that opens it
anew as a binary file. Data objects are counted from zero over the lines that are not blank.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from gt_widgets.errors import ManifestLineError, ValidationError
from gt_widgets.schema.limits import OBJECTS_PER_JOB
from gt_widgets.schema.manifest import parse_line

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable, Iterator, Mapping

    Opener = Callable[[], BinaryIO]

__all__ = [
    "LONGEST_LINE",
    "Census",
    "count_objects",
    "data_lines",
    "filter_lines",
    "numbered_lines",
    "pick_lines",
    "placed_lines",
    "sample_lines",
    "validate",
    "write_lines",
]

LONGEST_LINE = 1 << 20
"""In bytes, far above the service's 100,000 characters; a longer line is not read to its end."""

_decode = msgspec.json.Decoder().decode


@dataclass(frozen=True, slots=True)
class Census:
    """What a valid manifest holds.

    Attributes
    ----------
    objects : int
        Data objects, one per line.
    texts : int
        Those whose line has ``source``; the others have ``source-ref``.
    attributes : mapping of str to int
        On how many lines each other attribute stands.
    """

    objects: int
    texts: int
    attributes: Mapping[str, int] = field(default_factory=dict)


def placed_lines(file: BinaryIO, uri: str = "manifest") -> Iterator[tuple[int, int, bytes]]:
    """Read the lines that are not blank: line number from one, offset in bytes, and the line.

    Raises
    ------
    ManifestLineError
        If a line is longer than ``LONGEST_LINE`` bytes.
    """
    offset = 0
    for number, line in enumerate(iter(partial(file.readline, LONGEST_LINE + 1), b""), 1):
        if len(line) > LONGEST_LINE:
            raise ManifestLineError(
                uri, number, f"the line has more than {LONGEST_LINE} bytes; is this JSON Lines?"
            )
        if not line.isspace():
            yield number, offset, line
        offset += len(line)


def numbered_lines(file: BinaryIO, uri: str = "manifest") -> Iterator[tuple[int, bytes]]:
    """Read the lines that are not blank, with their line numbers; see `placed_lines`."""
    return ((number, line) for number, _, line in placed_lines(file, uri))


def data_lines(file: BinaryIO, uri: str = "manifest") -> Iterator[bytes]:
    """Read the lines that are not blank, each with the line break it has; see `placed_lines`."""
    return (line for _, _, line in placed_lines(file, uri))


def count_objects(open_manifest: Opener) -> int:
    """Count the data objects of a manifest."""
    with open_manifest() as file:
        return sum(1 for _ in data_lines(file))


def validate(
    file: BinaryIO, uri: str = "manifest", *, max_objects: int | None = OBJECTS_PER_JOB
) -> Census:
    """Read a manifest to its end as the service does, and say what it holds.

    Parameters
    ----------
    file : binary file
    uri : str
        Where it lies, for messages.
    max_objects : int or None
        The service takes 100,000 data objects per job, 20,000 for semantic segmentation (M08);
        None lifts the limit.

    Raises
    ------
    ManifestLineError
        At the first line that breaks a rule, with its number.
    ValidationError
        If there are too many data objects, or none.
    """
    shapes: Counter[tuple[str, ...]] = Counter()
    objects = texts = 0
    for number, line in numbered_lines(file, uri):
        if objects == max_objects:
            raise ValidationError(
                f"{uri} has more than {max_objects} data objects. Split it, or take a sample."
            )
        found = parse_line(uri, number - 1, line.strip())
        texts += found.source is not None
        shapes[found.keys] += 1
        objects += 1
        if len(shapes) > _SHAPES:
            shapes = _folded(shapes)
    if not objects:
        raise ValidationError(f"{uri} has no data object.")
    return Census(objects, texts, _attributes(shapes))


_SHAPES = 10_000
"""Manifests have few sets of keys; one where each line has its own must not fill the memory."""


def _folded(shapes: Counter[tuple[str, ...]]) -> Counter[tuple[str, ...]]:
    return Counter({(key,): count for key, count in _attributes(shapes).items()})


def _attributes(shapes: Counter[tuple[str, ...]]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for keys, count in shapes.items():
        for key in keys:
            counts[key] += count
    return {key: n for key, n in counts.items() if key not in {"source", "source-ref"}}


def sample_lines(
    open_manifest: Opener,
    *,
    rng: random.Random,
    count: int | None = None,
    share: float | None = None,
) -> Iterator[bytes]:
    """Draw data objects at random without repetition; they keep their order (M05).

    Two passes: the first counts, so the sample has exactly the size asked for and depends on
    nothing but the number of lines and the state of ``rng``.

    Parameters
    ----------
    open_manifest : callable
        Opens the manifest anew.
    rng : random.Random
    count : int >= 1, optional
        How many data objects.
    share : float in (0, 1], optional
        Which share of them instead; rounded half up, at least one.

    Raises
    ------
    ValidationError
        If not exactly one of both is given, or the manifest has fewer objects.
    """
    total = count_objects(open_manifest)
    size = _sample_size(total, count, share)
    numbers = sorted(rng.sample(range(total), size))
    return pick_lines(open_manifest, numbers)


def _sample_size(total: int, count: int | None, share: float | None) -> int:
    if (count is None) == (share is None):
        raise ValidationError("give count=, a number of data objects, or share=, in (0, 1].")
    if share is not None:
        if not 0.0 < share <= 1.0:
            raise ValidationError(f"share must lie in (0, 1], not {share!r}; 0.1 is ten percent.")
        count = max(int(total * share + 0.5), 1)
    if count is None or not 1 <= count <= total:
        raise ValidationError(f"a sample of {count} data object(s) cannot be drawn from {total}.")
    return count


def pick_lines(open_manifest: Opener, numbers: Iterable[int]) -> Iterator[bytes]:
    """Copy the data objects of these numbers, byte for byte.

    Parameters
    ----------
    open_manifest : callable
    numbers : iterable of int
        Counted from zero, growing.
    """
    wanted = iter(numbers)
    target = next(wanted, None)
    with open_manifest() as file:
        for number, line in enumerate(data_lines(file)):
            if target is None:
                return
            if number == target:
                yield line
                target = next(wanted, None)


def filter_lines(
    file: BinaryIO, keep: Callable[[dict[str, Any]], bool], uri: str = "manifest"
) -> Iterator[bytes]:
    """Copy the lines for which a Python function says yes, byte for byte.

    Raises
    ------
    ManifestLineError
        If a line is not a JSON object.
    """
    for number, line in numbered_lines(file, uri):
        try:
            found = _decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ManifestLineError(uri, number, f"expected one JSON object; {error}") from error
        if not isinstance(found, dict):
            raise ManifestLineError(uri, number, "expected one JSON object on one line")
        if keep(found):
            yield line


def write_lines(lines: Iterable[bytes], out: BinaryIO) -> int:
    """Write lines as they are, with a line break where one is missing; return their number."""
    count = 0
    for line in lines:
        out.write(line if line.endswith(b"\n") else line + b"\n")
        count += 1
    return count
