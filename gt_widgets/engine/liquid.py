"""Worker task templates: Liquid with Ground Truth's filters, rendered where it can do no harm.

Layer: engine. A template is written by whoever it may be, so it is rendered in a process of its
own with little time and memory. ``render`` is what runs there; ``Renderer`` keeps the process.
Reference sections 4.1 and 4.2.
"""

from __future__ import annotations

import json
import re
import resource
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache, partial
from html import escape as html_escape
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from liquid import Environment

__all__ = ["MAX_CHARACTERS", "Rendered", "Renderer", "render"]

MAX_CHARACTERS = 128_000
"""Of a template, and of a task's input."""
_CPU_S = 5
_PATIENCE_S = 30.0
_MEMORY_BYTES = 1 << 30
_LOOPS = 200_000
_OUTPUT_BYTES = 8 << 20
_S3 = re.compile(r"s3://.|https://s3[.\w-]*amazonaws\.com/.", re.DOTALL)
_ENTITY = re.compile(r"&amp;(#\d+|#x[0-9a-fA-F]+|\w+);")


@dataclass(frozen=True, slots=True)
class Rendered:
    """What came of a template.

    Attributes
    ----------
    content : str
        HTML; empty if there is an error.
    errors : tuple of (code, message)
    wanted : tuple of str
        S3 locations that the page asked to read and had no address for yet.
    """

    content: str
    errors: tuple[tuple[str, str], ...] = ()
    wanted: tuple[str, ...] = ()


class Renderer:
    """Renders templates in a process of its own, made anew when a template kills it.

    Parameters
    ----------
    initializer : callable
        Runs in the new process first.
    """

    def __init__(self, initializer: Callable[[], None]) -> None:
        self._initializer = initializer
        self._process: ProcessPoolExecutor | None = None

    def render(self, content: str, task_input: str, grant: Callable[[str], str]) -> Rendered:
        """Render a template for one task.

        Parameters
        ----------
        content : str
            HTML and Liquid.
        task_input : str
            JSON, which becomes ``task.input``.
        grant : callable
            Gives a short-lived address for an S3 location.

        Raises
        ------
        ValidationError
            If ``task_input`` is not JSON.
        """
        try:
            json.loads(task_input)
        except (ValueError, RecursionError) as error:
            raise ValidationError(f"Task.Input is not JSON: {error}.") from error
        granted: dict[str, str] = {}
        found = self._run(content, task_input, granted)
        if found.wanted and not found.errors:
            granted = {uri: grant(uri) for uri in found.wanted}
            found = self._run(content, task_input, granted)
        return found

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.shutdown(wait=False, cancel_futures=True)
            self._process = None

    def _run(self, content: str, task_input: str, granted: Mapping[str, str]) -> Rendered:
        if self._process is None:
            self._process = ProcessPoolExecutor(
                1, mp_context=get_context("spawn"), initializer=self._initializer
            )
        work = self._process.submit(partial(_limited, content, task_input, dict(granted)))
        try:
            return work.result(timeout=_PATIENCE_S)
        except (BrokenProcessPool, TimeoutError):
            self.close()
            message = f"the template took more than {_CPU_S} s, or too much memory, to render"
            return Rendered("", (("ResourceLimitExceeded", message),))


def _limited(content: str, task_input: str, granted: dict[str, str]) -> Rendered:
    """Render within limits of the process; the kernel ends it where they are passed."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    allowed = int(used.ru_utime + used.ru_stime) + 1 + _CPU_S
    resource.setrlimit(resource.RLIMIT_CPU, (allowed, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, resource.RLIM_INFINITY))
    try:
        return render(content, json.loads(task_input), granted)
    except (MemoryError, RecursionError) as error:
        return Rendered("", (("ResourceLimitExceeded", f"the template is too large: {error!r}"),))


def render(content: str, task_input: Any, granted: Mapping[str, str] | None = None) -> Rendered:
    """Render a template; what is wrong with it is an error entry, not an exception (P05).

    Parameters
    ----------
    content : str
        HTML and Liquid.
    task_input : any
        ``task.input``.
    granted : mapping of str to str, optional
        Addresses for S3 locations, for ``grant_read_access``.

    Examples
    --------
    >>> render("{{ task.input.source }}", {"source": 'Tom & "Jo"'}).content
    'Tom &amp; &quot;Jo&quot;'
    """
    from liquid.exceptions import LiquidError

    wanted: dict[str, None] = {}

    def grant_read_access(value: Any) -> Any:
        uri = str(value)
        if not _S3.match(uri) or (granted and uri in granted):
            return granted[uri] if granted and uri in granted else value
        wanted[uri] = None
        return uri

    environment = _environment()
    environment.filters |= {
        "grant_read_access": grant_read_access,
        "s3_presign": grant_read_access,
    }
    try:
        shown = environment.from_string(content).render(task={"input": task_input})
    except LiquidError as error:
        kind = type(error).__name__.removesuffix("Error") or "Liquid"
        return Rendered("", ((kind, str(error).strip()[:1000]),), ())
    # MarkupSafe writes &#34; where Ground Truth writes &quot;
    return Rendered(shown.replace("&#34;", "&quot;"), (), tuple(wanted))


@cache
def _environment() -> Environment:
    from liquid import Environment as Base
    from markupsafe import Markup

    class Environment(Base):
        loop_iteration_limit = _LOOPS
        output_stream_limit = _OUTPUT_BYTES

    def escape(value: Any) -> Any:
        """Escape, but not twice."""
        return value if isinstance(value, Markup) else Markup(html_escape(_text(value)))  # noqa: S704  (escaped)

    def escape_once(value: Any) -> Any:
        return Markup(_ENTITY.sub(r"&\1;", html_escape(_text(value))))  # noqa: S704  (escaped)

    def skip_autoescape(value: Any) -> Any:
        return Markup(_text(value))  # noqa: S704  (what it is for; shown in a sandbox only)

    def to_json(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, default=str)

    environment = Environment(autoescape=True)
    for name in ("safe", "escapejs"):  # of python-liquid, unknown to Ground Truth
        del environment.filters[name]
    environment.filters |= {
        "escape": escape,
        "escape_once": escape_once,
        "skip_autoescape": skip_autoescape,
        "to_json": to_json,
    }
    return environment


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
