"""What can be wrong with a manifest: the error names that Rekognition Custom Labels publishes.

Layer: manifests. The names are those of the pages *Non-terminal JSON line validation errors* and
*Terminal manifest file errors* of the Amazon Rekognition Custom Labels developer guide, which
checks Ground Truth manifests. What that service does not know has a name of ours in their style.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CODES", "OURS", "Problem"]

CODES = {
    "ERROR_EMPTY_MANIFEST": "the manifest has no data object",
    "ERROR_MANIFEST_SIZE_TOO_LARGE": "the manifest is larger than allowed",
    "ERROR_MANIFEST_ROWS_EXCEEDS_MAXIMUM": "the manifest has more lines than allowed",
    "ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST": "more than 20 % of the lines are invalid",
    "ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS": "the images lie in several buckets",
    "ERROR_TOO_MANY_LABELS_IN_MANIFEST": "the manifest has more labels than allowed",
    "ERROR_INSUFFICIENT_LABELS_IN_MANIFEST": "the manifest has too few labels",
    "ERROR_INVALID_JSON_LINE": "the line is not one JSON object",
    "ERROR_MISSING_SOURCE_REF": "the line has no source-ref",
    "ERROR_INVALID_SOURCE_REF_FORMAT": "source-ref is not an s3:// location",
    "ERROR_NO_LABEL_ATTRIBUTES": "the line has no label with its metadata",
    "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT": "the label has not the shape of its type",
    "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT": "the metadata lack what their type needs",
    "ERROR_NO_VALID_LABEL_ATTRIBUTES": "no label of the line can be used",
    "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE": "a box has no confidence in the metadata",
    "ERROR_MISSING_CLASS_MAP_ID": "a class id is not in the class map",
    "ERROR_INVALID_IMAGE": "the image cannot be used",
    "ERROR_INVALID_BOUNDING_BOX": "a box lies outside the image",
    "ERROR_BOUNDING_BOX_TOO_SMALL": "a box is too small",
    "ERROR_TOO_MANY_BOUNDING_BOXES": "the image has more boxes than allowed",
    "ERROR_NO_VALID_ANNOTATIONS": "no box of the label can be used",
    "WARNING_UNANNOTATED_RECORD": "the object is not labeled",
    "WARNING_NO_ANNOTATIONS": "the object was labeled, and nothing is on it",
    "WARNING_NO_ATTRIBUTE_ANNOTATIONS": "the label has no box",
}
"""Published names, each with what it says in our words."""

OURS = {
    "ERROR_MISSING_SOURCE": "the line has neither source-ref nor source",
    "ERROR_LINE_TOO_LONG": "the line has more than 100,000 characters",
    "ERROR_ATTRIBUTE_TOO_LONG": "an attribute has more than 20,000 characters",
    "ERROR_ATTRIBUTE_NAME": "an attribute name begins with '$'",
    "ERROR_INVALID_ENTITY": "an entity lies outside the text",
    "WARNING_BLANK_LINE": "the line is blank",
}
"""Names that only we use."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with one line, or with the file.

    Attributes
    ----------
    code : str
        A key of ``CODES`` or ``OURS``.
    line : int
        From one; 0 for the file.
    message : str
        What was expected and what was found.
    attribute : str
        The label attribute name, if it is about a label.
    annotation : int
        Index of the box or entity, -1 if it is about none.
    in_metadata : bool
        Whether the label's metadata are meant.
    repair : str
        What `repair` does about it; ``""`` for a line that it leaves out.
    """

    code: str
    line: int
    message: str
    attribute: str = ""
    annotation: int = -1
    in_metadata: bool = False
    repair: str = ""

    @property
    def is_warning(self) -> bool:
        """Whether the line may stay as it is."""
        return self.code.startswith("WARNING")

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line else ""
        what = f" {self.attribute!r}" if self.attribute else ""
        return f"{where}{self.code}{what}: {self.message}"
