"""Amazon S3's operations over the local object store, one function each.

Layer: services (imports ``errors`` and ``engine.objects``). What is not here, the wire
answers with NotImplemented.
"""

from __future__ import annotations

from gt_widgets.services.s3.buckets import (
    create_bucket,
    delete_bucket,
    get_bucket_acl,
    get_bucket_location,
    get_bucket_versioning,
    head_bucket,
    list_buckets,
)
from gt_widgets.services.s3.cors import (
    cors_headers,
    cors_preflight,
    delete_bucket_cors,
    get_bucket_cors,
    put_bucket_cors,
)
from gt_widgets.services.s3.listing import list_objects, list_objects_v2
from gt_widgets.services.s3.multipart import (
    abort_multipart_upload,
    complete_multipart_upload,
    create_multipart_upload,
    list_multipart_uploads,
    list_parts,
    upload_part,
    upload_part_copy,
)
from gt_widgets.services.s3.objects import (
    copy_object,
    delete_object,
    delete_object_tagging,
    delete_objects,
    get_object,
    get_object_acl,
    get_object_attributes,
    get_object_tagging,
    head_object,
    put_object,
    put_object_tagging,
)
from gt_widgets.services.s3.select import select_object_content

__all__ = [
    "abort_multipart_upload",
    "complete_multipart_upload",
    "copy_object",
    "cors_headers",
    "cors_preflight",
    "create_bucket",
    "create_multipart_upload",
    "delete_bucket",
    "delete_bucket_cors",
    "delete_object",
    "delete_object_tagging",
    "delete_objects",
    "get_bucket_acl",
    "get_bucket_cors",
    "get_bucket_location",
    "get_bucket_versioning",
    "get_object",
    "get_object_acl",
    "get_object_attributes",
    "get_object_tagging",
    "head_bucket",
    "head_object",
    "list_buckets",
    "list_multipart_uploads",
    "list_objects",
    "list_objects_v2",
    "list_parts",
    "put_bucket_cors",
    "put_object",
    "put_object_tagging",
    "select_object_content",
    "upload_part",
    "upload_part_copy",
]
