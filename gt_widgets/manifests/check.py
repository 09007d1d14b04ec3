"""Checking a manifest line by line, and writing a repaired copy.

Layer: manifests. A report is text and a table; nothing of it is HTML of ours.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from gt_widgets.errors import ValidationError
from gt_widgets.manifests.line_rules import TARGETS, check_line
from gt_widgets.manifests.problems import CODES, OURS, Problem
from gt_widgets.manifests.streams import numbered_lines
from gt_widgets.schema.manifest import compact, splice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from gt_widgets.manifests.line_rules import CheckedLine, Target

__all__ = ["Report", "check", "repair"]

_KEPT = 1000
_SHOWN = 20
_INVALID_SHARE = 0.2
_NAMES = 10_000


@dataclass(slots=True)
class Report:
    """What a check found.

    Attributes
    ----------
    uri, target : str
    lines : int
        Lines that are not blank.
    invalid : int
        Lines with an error.
    ignored : int
        Lines with a warning and no error: a training leaves them out.
    counts : Counter of code
        Lines or boxes, all of them.
    problems : list of Problem
        The first thousand, in order.
    repaired, removed : int
        Lines that a repair changed, and left out.
    """

    uri: str
    target: str
    lines: int = 0
    invalid: int = 0
    ignored: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    repaired: int = 0
    removed: int = 0

    @property
    def ok(self) -> bool:
        """Whether there is no error; warnings do not count."""
        return not any(code.startswith("ERROR") for code in self.counts)

    def add(self, problem: Problem) -> None:
        """Count a problem, and remember it while there is room."""
        self.counts[problem.code] += 1
        if len(self.problems) < _KEPT:
            self.problems.append(problem)

    def table(self) -> pd.DataFrame:
        """Return the problems as a table, one row each."""
        import pandas as pd

        columns = ["line", "code", "attribute", "message", "repair"]
        rows = [[getattr(problem, name) for name in columns] for problem in self.problems]
        return pd.DataFrame(rows, columns=columns)

    def __repr__(self) -> str:
        verdict = "no errors" if self.ok else f"{self.invalid} line(s) with errors"
        head = f"{self.uri}: {self.lines} line(s) checked for {self.target}: {verdict}"
        lines = [f"{head}, {self.ignored} with warnings"]
        lines += [
            f"  {count:>8,}  {code}: {({**CODES, **OURS})[code]}"
            for code, count in self.counts.most_common()
        ]
        shown = [_printable(str(problem)) for problem in self.problems[:_SHOWN]]
        more = self.counts.total() - len(shown)
        rest = [f"... {more:,} more"] if more else []
        if self.repaired or self.removed:
            rest.append(f"repaired: {self.repaired} line(s) changed, {self.removed} left out")
        return "\n".join([*lines, *shown, *rest])


def check(
    file: BinaryIO | str | Path,
    uri: str = "",
    *,
    target: str = "labeling-job",
    image_fault: Callable[[str], str] | None = None,
) -> Report:
    """Check a manifest to its end.

    Parameters
    ----------
    file : binary file or path
    uri : str
        Where it lies, for messages.
    target : {"labeling-job", "rekognition-custom-labels"}
        Who reads it next. The second needs labels of boxes or classes on every line and has
        limits of its own.
    image_fault : callable, optional
        Says what is wrong with the image at a location, ``""`` for nothing
        (``ERROR_INVALID_IMAGE``); images are not looked at unless it is given.

    Returns
    -------
    Report
    """
    if isinstance(file, str | Path):
        try:
            with Path(file).expanduser().open("rb") as opened:
                return check(opened, uri or str(file), target=target, image_fault=image_fault)
        except OSError as error:
            raise ValidationError(
                f"{file} cannot be read ({error.strerror}). For a manifest in S3: session.check()."
            ) from error
    return _run(file, uri or "manifest", target, image_fault, None, _no_line)


def repair(
    file: BinaryIO,
    out: BinaryIO,
    uri: str = "manifest",
    *,
    target: str = "labeling-job",
    image_fault: Callable[[str], str] | None = None,
    annotate: bool = False,
) -> Report:
    """Check a manifest and write a copy without its errors, or with their names on its lines.

    A good line is copied byte for byte. A repair cuts boxes at the border, and removes boxes,
    labels or lines that cannot be used; it invents nothing but the confidence 0 of a box that
    has none.

    Parameters
    ----------
    out : binary file
    annotate : bool
        Leave the lines as they are and add ``errors`` and ``warnings`` lists with ``code`` and
        ``message``, as the validation manifests of Rekognition Custom Labels have them.

    Takes the other parameters of `check` and returns its report.
    """
    return _run(file, uri, target, image_fault, out, _annotated if annotate else _repaired)


def _run(
    file: BinaryIO,
    uri: str,
    target_name: str,
    image_fault: Callable[[str], str] | None,
    out: BinaryIO | None,
    written: Callable[[CheckedLine, Report], bytes | None],
) -> Report:
    if target_name not in TARGETS:
        raise ValidationError(f"target {target_name!r} is not one of {', '.join(TARGETS)}.")
    target = TARGETS[target_name]
    report = Report(uri, target_name)
    size, buckets, names = 0, set[str](), set[str]()
    for found, line in _checked(file, uri, target, image_fault):
        report.lines += 1
        size += len(line)
        for problem in found.problems:
            report.add(problem)
        report.invalid += not found.is_valid
        report.ignored += found.is_valid and bool(found.problems)
        if found.source and len(buckets) < _NAMES:
            buckets.add(found.source.split("/")[2])
        if len(names) < _NAMES:
            names |= found.names
        if out is not None and (new := written(found, report)) is not None:
            out.write(line if new == line.strip() and line.endswith(b"\n") else new + b"\n")
    _check_file(report, target, size, len(buckets), len(names))
    return report


def _checked(
    file: BinaryIO,
    uri: str,
    target: Target,
    image_fault: Callable[[str], str] | None,
) -> Iterator[tuple[CheckedLine, bytes]]:
    for number, line in numbered_lines(file, uri):
        found = check_line(number, line.strip(), target)
        fault = image_fault(found.source) if image_fault and found.source else ""
        if fault:
            found.say("ERROR_INVALID_IMAGE", fault)
            found.repaired = None
        yield found, line


def _check_file(report: Report, target: Target, size: int, buckets: int, names: int) -> None:
    faults = {
        "ERROR_EMPTY_MANIFEST": (report.lines == 0, ""),
        "ERROR_MANIFEST_ROWS_EXCEEDS_MAXIMUM": (
            target.rows is not None and report.lines > target.rows,
            f"{report.lines} lines, at most {target.rows}",
        ),
        "ERROR_MANIFEST_SIZE_TOO_LARGE": (
            target.size is not None and size > target.size,
            f"{size} bytes, at most {target.size}",
        ),
        "ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST": (
            target.labels_needed and report.invalid > _INVALID_SHARE * max(report.lines, 1),
            f"{report.invalid} of {report.lines}",
        ),
        "ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS": (
            target.one_bucket and buckets > 1,
            f"{buckets} buckets",
        ),
        "ERROR_TOO_MANY_LABELS_IN_MANIFEST": (
            target.labels is not None and names > target.labels[1],
            f"{names} labels",
        ),
        "ERROR_INSUFFICIENT_LABELS_IN_MANIFEST": (
            target.labels is not None and report.lines > 0 and names < target.labels[0],
            f"{names} labels",
        ),
    }
    for code, (wrong, found) in faults.items():
        if wrong:
            report.add(Problem(code, 0, CODES[code] + (f"; {found}" if found else "")))


def _no_line(found: CheckedLine, report: Report) -> None:
    del found, report


def _repaired(found: CheckedLine, report: Report) -> bytes | None:
    if found.repaired is None:
        report.removed += 1
    elif found.repaired != found.data:
        report.repaired += 1
    return found.repaired


def _annotated(found: CheckedLine, report: Report) -> bytes:
    """Return the line with the names of its problems where they belong."""
    del report
    if not found.problems:
        return found.data
    if any(p.code in {"ERROR_INVALID_JSON_LINE", "ERROR_LINE_TOO_LONG"} for p in found.problems):
        return compact(_lists(found.problems))
    changes: dict[str, Any] = _lists([p for p in found.problems if not p.attribute])
    for check_ in found.checks:
        changes |= _annotated_label(found, check_.attribute)
    return splice(found.data, changes)


def _annotated_label(found: CheckedLine, attribute: str) -> dict[str, Any]:
    import msgspec

    members = msgspec.json.decode(found.data)
    own = [p for p in found.problems if p.attribute == attribute]
    label, metadata = members[attribute], members[f"{attribute}-metadata"]
    if not own:
        return {}
    if isinstance(label, dict):
        boxes = label.get("annotations")
        for at, box in enumerate(boxes if isinstance(boxes, list) else []):
            if isinstance(box, dict):
                box.update(_lists([p for p in own if p.annotation == at]))
        label.update(_lists([p for p in own if p.annotation < 0 and not p.in_metadata]))
    if isinstance(metadata, dict):
        rest = not isinstance(label, dict)
        metadata.update(_lists([p for p in own if p.in_metadata or rest]))
    return {attribute: label, f"{attribute}-metadata": metadata}


def _lists(problems: list[Problem]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for problem in problems:
        key = "warnings" if problem.is_warning else "errors"
        found.setdefault(key, []).append({"code": problem.code, "message": problem.message})
    return found


def _printable(words: str) -> str:
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in words)
