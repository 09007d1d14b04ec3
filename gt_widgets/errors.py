"""Every exception we raise on purpose.

Layer: errors (imports nothing of ours).

::

    GroundTruthError                   code "InternalFailure", HTTP 500
    ├── ValidationError                (ValueError)  ValidationException, 400
    │   ├── ManifestLineError          one line of a manifest cannot be read
    │   ├── LabelCategoryError         a label category file cannot be used
    │   ├── QueryError                 InvalidQuery: a filter expression cannot be understood
    │   └── FormatError                another tool's file cannot be read, or hold these labels
    ├── ResourceInUseError             ResourceInUse, 400
    ├── ResourceNotFoundError          (LookupError) ResourceNotFound, 400
    ├── ResourceLimitExceededError     ResourceLimitExceeded, 400
    ├── AccessDeniedError              (PermissionError) AccessDeniedException, 400
    ├── OperationNotImplementedError   (NotImplementedError) NotImplemented, 501
    ├── StateError                     a move that the job's life cycle does not allow
    ├── NoResponsesError               (ValueError) consolidation of nothing
    ├── StoreError                     (OSError) the store cannot be opened or written
    │   ├── StoreConflictError         another transaction came first; repeat
    │   └── StoreUnreachableError      ServiceUnavailable, 503: it does not answer for now; repeat
    ├── ImageError                     (ValueError) a picture cannot be shown or measured
    ├── DataObjectError                (ValueError) a data object cannot be given to workers
    ├── ModelFileError                 (ValueError) a model file is damaged or of another kind
    ├── EngineUnreachableError         (ConnectionError) EngineUnreachable, 503
    ├── ConflictError                  ConflictException: the resource is being changed
    ├── WorkerError                    what a worker is told; code names the reason
    │   ├── AddressRefusedError        AddressRefused, HTTP 204 with no word: not from there
    │   ├── LeaseError                 LeaseExpired: the task is no longer this worker's
    │   ├── AnswerError                (ValueError) InvalidAnswer: the answer breaks its rules
    │   └── SignInError                NotAuthorizedException: session or password refused
    └── ServiceError                   any other AWS error code, with the HTTP status it needs
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "AccessDeniedError",
    "AddressRefusedError",
    "AnswerError",
    "ConflictError",
    "DataObjectError",
    "EngineUnreachableError",
    "FormatError",
    "GroundTruthError",
    "ImageError",
    "LabelCategoryError",
    "LearnerError",
    "LeaseError",
    "ManifestLineError",
    "ModelFileError",
    "NoResponsesError",
    "OperationNotImplementedError",
    "QueryError",
    "ResourceInUseError",
    "ResourceLimitExceededError",
    "ResourceNotFoundError",
    "ServiceError",
    "SignInError",
    "StateError",
    "StoreConflictError",
    "StoreError",
    "StoreUnreachableError",
    "ValidationError",
    "WorkerError",
]


class GroundTruthError(Exception):
    """The root: ``code`` is the AWS error code, ``status`` the HTTP status it travels with."""

    code: str = "InternalFailure"
    status: int = 500


class ValidationError(GroundTruthError, ValueError):
    """A request or file breaks a rule of the service."""

    code = "ValidationException"
    status = 400


class ManifestLineError(ValidationError):
    """One line of a manifest cannot be read as a data object.

    Parameters
    ----------
    uri : str
        Where the manifest lies.
    line : int
        One-based line number.
    problem : str
        What was expected.
    keys : iterable of str
        The keys found on the line.
    """

    def __init__(self, uri: str, line: int, problem: str, keys: Iterable[str] = ()) -> None:
        self.uri, self.line = uri, line
        found = sorted(keys)
        near = [k for k in found if get_close_matches(k, ["source", "source-ref"])]
        near = [k for k in near if k not in {"source", "source-ref"}]
        shown = f"; found keys {found}" if found else ""
        hint = f" Rename {near[0]!r} to 'source-ref'?" if near else ""
        super().__init__(f"{uri} line {line}: {problem}{shown}.{hint}")


class LabelCategoryError(ValidationError):
    """A label category configuration file cannot be used for its task type."""


class QueryError(ValidationError):
    """A filter expression over a manifest is not SQL, or uses what a filter may not use."""

    code = "InvalidQuery"


class FormatError(ValidationError):
    """A file of another tool cannot be read, or its format cannot hold these labels."""


class ResourceInUseError(GroundTruthError):
    """The name exists already, or something still depends on the resource."""

    code = "ResourceInUse"
    status = 400


class ResourceNotFoundError(GroundTruthError, LookupError):
    """No resource of that name."""

    code = "ResourceNotFound"
    status = 400


class ResourceLimitExceededError(GroundTruthError):
    """A quota of the service is reached."""

    code = "ResourceLimitExceeded"
    status = 400


class ConflictError(GroundTruthError):
    """The resource is being changed; the call may be made again when that is done."""

    code = "ConflictException"
    status = 400


class AccessDeniedError(GroundTruthError, PermissionError):
    """The caller may not do this."""

    code = "AccessDeniedException"
    status = 400


class OperationNotImplementedError(GroundTruthError, NotImplementedError):
    """AWS has this operation, the local engine has not; the message lists those it has."""

    code = "NotImplemented"
    status = 501


class StateError(ValidationError):
    """A resource cannot move from its state to the one asked for."""


class NoResponsesError(GroundTruthError, ValueError):
    """Consolidation needs at least one worker response."""


class StoreError(GroundTruthError, OSError):
    """The state folder or database cannot be opened, is damaged, or cannot be written."""


class StoreConflictError(StoreError):
    """Another transaction came in the way of this one; nothing was stored, repeat it."""


class StoreUnreachableError(StoreError):
    """The database, or the S3 that keeps the objects, does not answer for now; repeat the call.

    It says nothing about the one object that was asked for: nobody marks that as failed.
    """

    code = "ServiceUnavailable"
    status = 503


class ImageError(GroundTruthError, ValueError):
    """A picture is of a kind we do not open, is damaged, or is too large."""

    code = "InvalidImage"
    status = 400


class DataObjectError(GroundTruthError, ValueError):
    """A data object has no readable text, or no label to verify or adjust."""

    code = "InvalidDataObject"
    status = 400


class ModelFileError(GroundTruthError, ValueError):
    """A model file is damaged, too large, or was written by another kind of learner."""

    code = "InvalidModel"
    status = 400


class LearnerError(GroundTruthError, RuntimeError):
    """A learner of the user's own cannot be imported, fails, or gives what cannot be used."""

    code = "InvalidLearner"
    status = 400


class EngineUnreachableError(GroundTruthError, ConnectionError):
    """No engine answers for a state folder, and none could be started."""

    code = "EngineUnreachable"
    status = 503


class WorkerError(GroundTruthError):
    """What a worker is told when a call of the worker side cannot be done."""

    code = "InvalidRequest"
    status = 400


class AddressRefusedError(WorkerError):
    """The workforce lets no worker in from this address; the answer is empty (T04)."""

    code = "AddressRefused"
    status = 204


class LeaseError(WorkerError):
    """The task is not (or no longer) leased to this worker under this lease."""

    code = "LeaseExpired"
    status = 409


class AnswerError(WorkerError, ValueError):
    """An answer is not of its task type's shape, or lies outside the picture."""

    code = "InvalidAnswer"


class SignInError(WorkerError):
    """User name, password or session is refused; the message never says which was wrong."""

    code = "NotAuthorizedException"
    status = 403


class ServiceError(GroundTruthError):
    """An AWS error by its code, for codes without a class of their own (S3 has dozens).

    Parameters
    ----------
    code : str
        For example ``"NoSuchKey"``.
    message : str
        Where, what was expected, what was found, what to do.
    status : int
        HTTP status, 300-599.
    **members
        Further members of the error body, for example ``Key="a.jpg"``.
    """

    members: ClassVar[dict[str, Any]] = {}

    def __init__(self, code: str, message: str, status: int = 400, **members: Any) -> None:
        super().__init__(message)
        self.code, self.status = code, status
        self.members = members  # type: ignore[misc]
