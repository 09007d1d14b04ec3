"""Rules of one manifest line for a labeling job or for Rekognition Custom Labels.

Layer: manifests.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import msgspec

from gt_widgets.manifests.label_check import Limits
from gt_widgets.manifests.label_rules import check_label
from gt_widgets.manifests.problems import CODES, OURS, Problem
from gt_widgets.schema.limits import ATTRIBUTE_CHARACTERS, LINE_CHARACTERS, OBJECTS_PER_JOB
from gt_widgets.schema.manifest import compact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gt_widgets.manifests.label_check import LabelCheck

__all__ = ["TARGETS", "CheckedLine", "Target", "check_line"]

_BOM = b"\xef\xbb\xbf"
_SOURCES = ("source-ref", "source")
_METADATA = "-metadata"
_raw_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_parsed_members = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass(frozen=True, slots=True)
class Target:
    """Who reads the manifest next, and what it takes.

    Attributes
    ----------
    labels_needed : bool
        Whether each line must have a label; text lines are then of no use either.
    limits : Limits
    rows, size : int or None
        Lines and bytes, at most.
    labels : tuple of int or None
        How few and how many different labels.
    one_bucket : bool
    """

    name: str
    labels_needed: bool
    limits: Limits
    rows: int | None
    size: int | None = None
    labels: tuple[int, int] | None = None
    one_bucket: bool = False


TARGETS = {
    target.name: target
    for target in (
        Target("labeling-job", labels_needed=False, limits=Limits(), rows=OBJECTS_PER_JOB),
        Target(
            "rekognition-custom-labels",
            labels_needed=True,
            limits=Limits(
                boxes=50,
                training_side=1280,
                types=("object-detection", "image-classification"),
            ),
            rows=250_000,
            size=1 << 30,
            labels=(1, 250),
            one_bucket=True,
        ),
    )
}


@dataclass(slots=True)
class CheckedLine:
    """What was found on one line.

    Attributes
    ----------
    problems : list of Problem
    repaired : bytes or None
        The line without its problems, without line break; the same bytes if it has none. None
        if it cannot be saved.
    source : str
        Its source-ref, if it is one.
    names : frozenset of str
        Class names of its labels.
    """

    line: int
    data: bytes
    problems: list[Problem] = field(default_factory=list)
    repaired: bytes | None = None
    source: str = ""
    names: frozenset[str] = frozenset()
    checks: list[LabelCheck] = field(default_factory=list)

    def say(self, code: str, found: str = "", repair: str = "") -> None:
        """Note a problem of the line."""
        message = {**CODES, **OURS}[code] + (f"; {found}" if found else "")
        self.problems.append(Problem(code, self.line, message, repair=repair))

    @property
    def is_valid(self) -> bool:
        """Whether it can be read as it is, warnings apart."""
        return all(problem.is_warning for problem in self.problems)


def check_line(number: int, data: bytes, target: Target) -> CheckedLine:
    """Check one line, and repair it as far as that invents nothing.

    Parameters
    ----------
    number : int
        From one.
    data : bytes
        Without line break.
    target : Target
    """
    found = CheckedLine(number, data)
    members = _members(found)
    if members is None:
        return found
    gone: set[str] = set()
    changes: dict[str, Any] = {}
    _check_names_and_lengths(found, members, gone)
    if not _check_source(found, members, target, changes):
        return found
    _check_labels(found, members, target, gone, changes)
    found.repaired = _rewritten(found, members, gone, changes)
    if target.labels_needed and not _has_label(found, members, gone):
        found.repaired = None
    return found


def _members(found: CheckedLine) -> dict[str, Any] | None:
    data = found.data
    if found.line == 1 and data.startswith(_BOM):
        found.say("ERROR_INVALID_JSON_LINE", "the file begins with a byte order mark", "removed")
        data = data.removeprefix(_BOM)
    try:
        characters = len(data) if data.isascii() else len(data.decode())
        if characters > LINE_CHARACTERS:
            found.say("ERROR_LINE_TOO_LONG", f"found {characters}")
            return None
        return _parsed_members(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        found.say("ERROR_INVALID_JSON_LINE", str(error))
        return None


def _check_names_and_lengths(
    found: CheckedLine, members: Mapping[str, Any], gone: set[str]
) -> None:
    for key in members:
        if key.startswith("$"):
            found.say("ERROR_ATTRIBUTE_NAME", f"found {key[:80]!r}", "the attribute is removed")
            gone.add(key)
    if len(found.data) <= ATTRIBUTE_CHARACTERS:
        return
    for key, raw in _raw_members(found.data.removeprefix(_BOM)).items():
        value = members[key]
        length = len(value) if isinstance(value, str) else len(bytes(raw).decode())
        if length > ATTRIBUTE_CHARACTERS:
            repair = "" if key in _SOURCES else "the attribute is removed"
            found.say("ERROR_ATTRIBUTE_TOO_LONG", f"{key[:80]!r} has {length}", repair)
            gone.add(key)


def _check_source(
    found: CheckedLine,
    members: Mapping[str, Any],
    target: Target,
    changes: dict[str, Any],
) -> bool:
    """Check what the line is about; False if it cannot be saved."""
    if any(p.code == "ERROR_ATTRIBUTE_TOO_LONG" and not p.repair for p in found.problems):
        return False
    if "source" in members and not target.labels_needed:
        if not isinstance(members["source"], str):
            found.say("ERROR_MISSING_SOURCE", "'source' must be a text")
        return isinstance(members["source"], str)
    if "source-ref" not in members:
        return _renamed_source(found, members, target, changes)
    value = members["source-ref"]
    if isinstance(value, str) and value[:5].lower() == "s3://":
        found.source = "s3" + value[2:]
        if value != found.source:
            shown = f"found {value[:80]!r}"
            found.say("ERROR_INVALID_SOURCE_REF_FORMAT", shown, "s3:// in lower case")
            changes["source-ref"] = found.source
        return True
    found.say("ERROR_INVALID_SOURCE_REF_FORMAT", f"found {str(value)[:80]!r}")
    return False


def _renamed_source(
    found: CheckedLine,
    members: Mapping[str, Any],
    target: Target,
    changes: dict[str, Any],
) -> bool:
    code = "ERROR_MISSING_SOURCE_REF" if target.labels_needed else "ERROR_MISSING_SOURCE"
    near = [key for key in members if get_close_matches(key, ["source-ref"], cutoff=0.8)]
    value = members[near[0]] if len(near) == 1 else None
    if isinstance(value, str) and value.startswith("s3://"):
        found.say(code, f"found {near[0]!r}", "the key is renamed to 'source-ref'")
        found.source = value
        changes[near[0]] = value  # `_rewritten` gives it its name
        return True
    found.say(code, f"found keys {sorted(members)[:10]}")
    return False


def _check_labels(
    found: CheckedLine,
    members: Mapping[str, Any],
    target: Target,
    gone: set[str],
    changes: dict[str, Any],
) -> None:
    attributes = [key for key in members if f"{key}{_METADATA}" in members and key not in gone]
    if not attributes and target.labels_needed:
        bare = not any(key.endswith(_METADATA) for key in members) and len(members) == 1
        found.say("WARNING_UNANNOTATED_RECORD" if bare else "ERROR_NO_LABEL_ATTRIBUTES")
        return
    names: set[str] = set()
    for attribute in attributes:
        check = check_label(found.line, attribute, members, target.limits)
        found.checks.append(check)
        found.problems += check.problems
        if not check.usable:
            gone.update((attribute, f"{attribute}{_METADATA}"))
            continue
        if check.changed:
            changes[attribute] = check.label
            changes[f"{attribute}{_METADATA}"] = check.metadata
        names |= _names(check.metadata)
    found.names = frozenset(names)
    _sum_up(found, target)


def _sum_up(found: CheckedLine, target: Target) -> None:
    if not target.labels_needed:
        return
    codes = {problem.code for problem in found.problems}
    if not any(check.usable for check in found.checks):
        if "ERROR_NO_VALID_LABEL_ATTRIBUTES" not in codes:
            found.say("ERROR_NO_VALID_LABEL_ATTRIBUTES")
    elif all(
        problem.code == "WARNING_NO_ATTRIBUTE_ANNOTATIONS"
        for check in found.checks
        for problem in check.problems or [Problem("", 0, "")]
    ):
        found.say("WARNING_NO_ANNOTATIONS")


def _names(metadata: Mapping[str, Any]) -> set[str]:
    names = metadata.get("class-map")
    found = set(map(str, names.values())) if isinstance(names, dict) else set()
    return found | ({str(metadata["class-name"])} if "class-name" in metadata else set())


def _has_label(found: CheckedLine, members: Mapping[str, Any], gone: set[str]) -> bool:
    """Whether a label is left; an object that was not labeled is no error and stays."""
    labels = [key for key in members if f"{key}{_METADATA}" in members and key not in gone]
    return bool(labels) or any(p.code == "WARNING_UNANNOTATED_RECORD" for p in found.problems)


def _rewritten(
    found: CheckedLine,
    members: Mapping[str, Any],
    gone: set[str],
    changes: Mapping[str, Any],
) -> bytes:
    """Write the line again in its order, from the bytes of what did not change."""
    data = found.data.removeprefix(_BOM) if found.line == 1 else found.data
    if not gone and not changes:
        return data
    renamed = "source-ref" not in members and "source" not in members
    parts = []
    for key, raw in _raw_members(data).items():
        if key in gone:
            continue
        value = compact(changes[key]) if key in changes else bytes(raw)
        name = "source-ref" if renamed and changes.get(key) == found.source else key
        parts.append(compact(name) + b":" + value)
    return b"{" + b",".join(parts) + b"}"
