"""The command line: ``gt-widgets serve | stop | where | profile | check``.

Layer: cli (the top).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gt_widgets.errors import GroundTruthError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> None:
    """Run one command; errors are one sentence on stderr and exit status 2."""
    arguments = _parser().parse_args(argv)
    try:
        arguments.run(arguments)
    except GroundTruthError as error:
        print(f"gt-widgets: {error}", file=sys.stderr)  # noqa: T201
        raise SystemExit(2) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gt-widgets", description="Amazon SageMaker Ground Truth, locally."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _serve_options(commands.add_parser("serve", help="serve a state folder to any AWS client"))

    stop = commands.add_parser("stop", help="end the engine of a state folder")
    _add_root(stop)
    stop.set_defaults(run=_stop)

    where = commands.add_parser("where", help="start the engine if need be and say where it is")
    _add_root(where)
    where.set_defaults(run=_where)

    profile = commands.add_parser(
        "profile", help="print an AWS profile that points every AWS client at the local engine"
    )
    _add_root(profile)
    profile.set_defaults(run=_profile)

    _check_options(
        commands.add_parser(
            "check", help="check a manifest line by line; exit status 1 if it has errors"
        )
    )
    return parser


def _serve_options(serve: argparse.ArgumentParser) -> None:
    _add_root(serve)
    serve.add_argument("--port", type=int, default=None, help="0: any free port")
    serve.add_argument("--region", default=None, help="us-east-1, or as last time")
    serve.add_argument("--account-id", default=None, help="111122223333, or as last time")
    serve.add_argument(
        "--insecure-any-key",
        action="store_true",
        help="take any AWS key pair; loopback only, for scripts that bring keys of their own",
    )
    serve.add_argument("--idle-exit", type=float, default=None, metavar="SECONDS")
    serve.add_argument("--daemon", action="store_true", help=argparse.SUPPRESS)
    _storage_options(serve)
    _limit_options(serve)
    _learner_options(serve)
    serve.set_defaults(run=_serve)


def _storage_options(serve: argparse.ArgumentParser) -> None:
    serve.add_argument(
        "--store",
        default=None,
        metavar="URL",
        help="postgresql://user@host/database: a store for many servers; sqlite: in the folder",
    )
    serve.add_argument(
        "--s3",
        default=None,
        metavar="URL",
        help="s3://bucket/prefix: keep objects on this S3; folder: in the folder",
    )
    serve.add_argument(
        "--s3-endpoint", default=None, metavar="URL", help="of an S3 that is not AWS's"
    )


def _limit_options(serve: argparse.ArgumentParser) -> None:
    serve.add_argument(
        "--max-objects",
        type=int,
        default=None,
        metavar="N",
        help="objects per job, instead of the service's 100,000; 0 brings that back",
    )
    serve.add_argument(
        "--min-automated-objects",
        type=int,
        default=None,
        metavar="N",
        help="local only: automated labeling of jobs below the service's 1,250; 0 brings that back",
    )


def _learner_options(serve: argparse.ArgumentParser) -> None:
    serve.add_argument(
        "--learner",
        action="append",
        default=[],
        metavar="NAME=WHAT",
        help="let jobs learn with an .onnx file, a sentence model's folder, timm:NAME, "
        "torchvision:NAME, or code as file.py:Name or package.module:Name; NAME= takes it back",
    )
    serve.add_argument(
        "--dask",
        default=None,
        metavar="ADDRESS",
        help="tcp://host:8786: a scheduler of yours that makes features; empty: this machine",
    )


def _check_options(check: argparse.ArgumentParser) -> None:
    check.add_argument("file", type=Path)
    check.add_argument(
        "--target",
        default="labeling-job",
        choices=["labeling-job", "rekognition-custom-labels"],
        help="who reads it next",
    )
    check.add_argument("--repair", type=Path, metavar="FILE", help="write a copy without errors")
    check.add_argument(
        "--annotate", type=Path, metavar="FILE", help="write a copy with the errors on its lines"
    )
    check.set_defaults(run=_check)


def _add_root(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--root", type=Path, default=None, help="the state folder")


def _root(arguments: argparse.Namespace) -> Path:
    from gt_widgets.services.daemon import default_root

    given: Path | None = arguments.root
    return (given or default_root()).expanduser().absolute()


def _serve(arguments: argparse.Namespace) -> None:
    from gt_widgets.services.serve import Options, serve
    from gt_widgets.services.settings import Settings

    serve(
        _root(arguments),
        Options(
            port=arguments.port,
            settings=Settings(
                region=arguments.region,
                account_id=arguments.account_id,
                store=arguments.store,
                s3=arguments.s3,
                s3_endpoint=arguments.s3_endpoint,
            ),
            max_objects=arguments.max_objects,
            min_automated_objects=arguments.min_automated_objects,
            learners=dict(_named(text) for text in arguments.learner),
            dask=arguments.dask,
            insecure_any_key=arguments.insecure_any_key,
            idle_exit_s=arguments.idle_exit,
        ),
    )


def _named(text: str) -> tuple[str, str]:
    from gt_widgets.errors import ValidationError

    name, found, what = text.partition("=")
    if not found:
        raise ValidationError(f"--learner takes NAME=WHAT; found {text!r}.")
    return name, what


def _stop(arguments: argparse.Namespace) -> None:
    from gt_widgets.services.daemon import stop

    root = _root(arguments)
    print(f"stopped {root}" if stop(root) else f"no engine runs on {root}")  # noqa: T201


def _where(arguments: argparse.Namespace) -> None:
    from gt_widgets.services.daemon import ensure

    print(ensure(_root(arguments)).url)  # noqa: T201


def _check(arguments: argparse.Namespace) -> None:
    from gt_widgets.errors import ValidationError
    from gt_widgets.manifests import check, repair

    name, out = str(arguments.file), arguments.repair or arguments.annotate
    annotate = arguments.repair is None
    try:
        if out is not None and out.resolve() == arguments.file.resolve():
            raise ValidationError(f"{out} would be written over what is read; name another file.")
        with arguments.file.open("rb") as file:
            if out is None:
                report = check(file, name, target=arguments.target)
            else:
                with out.open("wb") as new:
                    report = repair(file, new, name, target=arguments.target, annotate=annotate)
    except OSError as error:
        raise ValidationError(f"{error.filename} cannot be used: {error.strerror}.") from error
    print(report)  # noqa: T201
    if not report.ok:
        raise SystemExit(1)


def _profile(arguments: argparse.Namespace) -> None:
    from gt_widgets.services.daemon import ensure
    from gt_widgets.services.profile import profile_text

    print(profile_text(ensure(_root(arguments))), end="")  # noqa: T201
