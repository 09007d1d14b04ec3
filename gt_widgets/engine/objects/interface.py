"""What the engine and the local S3 ask of whatever keeps objects.

Layer: engine (plain declarations). `ObjectStore` keeps them in a folder; ``services.remote`` on
an S3 of one's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from gt_widgets.engine.objects.records import Attributes, Condition, Expected
from gt_widgets.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from gt_widgets.engine.objects.records import (
        BucketInfo,
        Listing,
        ObjectInfo,
        PartInfo,
        UploadInfo,
    )

    Choose = Callable[[ObjectInfo, Sequence[PartInfo]], tuple[int, int]]
    Chosen = Sequence[tuple[int, str, Mapping[str, str]]]

__all__ = ["Objects", "OneServer", "Uploads"]

_ANYWAY = Condition()
_NOTHING_EXPECTED = Expected()
_NO_ATTRIBUTES = Attributes()


class OneServer:
    """Objects that one server has for itself: its files need not go around."""

    shared = False

    def keep(self, name: str, what: Path | bytes) -> None:
        """Leave the file where it is."""

    def fetch(self, name: str, path: Path) -> None:
        """Refuse: nobody else has it."""
        raise StoreError(
            f"{path} is missing and no other server has it ({name}). Restore it from a backup of "
            "the state folder."
        )


class Uploads(Protocol):
    """Multipart uploads; the methods are described at `multipart.Multipart`."""

    def create(
        self,
        bucket: str,
        key: str,
        *,
        attributes: Attributes = _NO_ATTRIBUTES,
        algorithm: str = "CRC32",
        checksum_type: str = "",
    ) -> UploadInfo:
        """Begin an upload."""

    def put_part(
        self,
        bucket: str,
        key: str,
        upload_id: str,
        number: int,
        body: bytes | BinaryIO,
        *,
        expected: Expected = _NOTHING_EXPECTED,
    ) -> PartInfo:
        """Store one part."""

    def upload(self, bucket: str, key: str, upload_id: str) -> UploadInfo:
        """Return one upload."""

    def parts(self, bucket: str, key: str, upload_id: str) -> list[PartInfo]:
        """Return the parts that have arrived."""

    def list(self, bucket: str) -> list[UploadInfo]:
        """Return the uploads in progress."""

    def abort(self, bucket: str, key: str, upload_id: str) -> None:
        """Give an upload up."""

    def complete(
        self,
        bucket: str,
        key: str,
        upload_id: str,
        chosen: Chosen,
        *,
        size: int | None = None,
        checksums: Mapping[str, str] | None = None,
        condition: Condition = _ANYWAY,
    ) -> ObjectInfo:
        """Make one object of the chosen parts."""


class Objects(Protocol):
    """Buckets and objects; the methods are described at `store.ObjectStore`.

    ``identity`` tells this collection of objects from any other. ``shared`` says that several
    servers use it; files of the engine's own then go around by ``keep`` and ``fetch``.
    """

    shared: bool
    identity: str

    @property
    def uploads(self) -> Uploads:
        """Multipart uploads."""

    def keep(self, name: str, what: Path | bytes) -> None:
        """Put a file of this server, or some bytes, where the others can fetch it."""

    def fetch(self, name: str, path: Path) -> None:
        """Write to ``path`` what a server kept as ``name``."""

    def close(self) -> None:
        """Close files and connections."""

    def create_bucket(self, bucket: str, *, region: str) -> None:
        """Create a bucket."""

    def delete_bucket(self, bucket: str) -> None:
        """Delete an empty bucket."""

    def buckets(self) -> list[BucketInfo]:
        """Return all buckets by name."""

    def bucket(self, bucket: str) -> BucketInfo:
        """Return one bucket."""

    def cors(self, bucket: str) -> list[dict[str, Any]] | None:
        """Return the CORS rules of a bucket."""

    def set_cors(self, bucket: str, rules: list[dict[str, Any]] | None) -> None:
        """Replace the CORS rules of a bucket."""

    def put(
        self,
        bucket: str,
        key: str,
        body: bytes | BinaryIO,
        *,
        content_type: str = "binary/octet-stream",
        metadata: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
        algorithm: str = "CRC32",
        expected: Expected = _NOTHING_EXPECTED,
        condition: Condition = _ANYWAY,
    ) -> ObjectInfo:
        """Store an object."""

    def info(self, bucket: str, key: str) -> ObjectInfo:
        """Return what is known of one object."""

    def parts(self, bucket: str, key: str) -> tuple[ObjectInfo, Sequence[PartInfo]]:
        """Return one object and its parts."""

    def open(
        self, bucket: str, key: str, *, choose: Choose | None = None
    ) -> tuple[ObjectInfo, BinaryIO]:
        """Open one object for reading."""

    def read(self, bucket: str, key: str) -> bytes:
        """Return all bytes of one object."""

    def delete(self, bucket: str, key: str, *, condition: Condition = _ANYWAY) -> None:
        """Delete one object."""

    def delete_many(self, bucket: str, keys: Iterable[str]) -> None:
        """Delete several objects."""

    def copy(
        self,
        source: tuple[str, str],
        bucket: str,
        key: str,
        *,
        attributes: Callable[[ObjectInfo], Attributes] = Attributes.of,
        algorithm: str = "",
        condition: Condition = _ANYWAY,
    ) -> ObjectInfo:
        """Copy one object."""

    def set_tags(self, bucket: str, key: str, tags: Mapping[str, str]) -> None:
        """Replace the tags of one object."""

    def list_page(
        self,
        bucket: str,
        *,
        prefix: str = "",
        delimiter: str = "",
        start_after: str = "",
        limit: int = 1000,
    ) -> Listing:
        """Return one page of objects and common prefixes."""
