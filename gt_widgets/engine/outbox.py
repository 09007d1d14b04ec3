"""The outbox: mail that AWS would send, kept where the requester can read it.

Layer: engine. Nothing leaves the machine. An invitation is shown with its temporary password
for as long as the mail exists, as it would lie in a worker's inbox; ``password_state`` in its
details tells whether the password still opens anything.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.engine import tables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gt_widgets.engine.clock import Clock
    from gt_widgets.engine.store import Store

__all__ = ["Mail", "Outbox"]

_MAILS = tables.mails
_SUBJECT = "You're invited to work on a labeling project"
_INVITATION = """Hello {username},

you are invited to work on a labeling project.

Labeling portal: {portal}
User name: {username}
Temporary password: {####}

At your first sign-in you choose a password of your own. The temporary password is good for
{days} days.
"""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it was written.

    Parameters
    ----------
    mail_id : int
        Grows with every mail.
    recipient : str
        An e-mail address, or a user name where the worker has none.
    subject, body : str
        Plain text.
    details : dict
        Of an invitation: ``user_name``, ``temporary_password``, ``portal_url``, ``sub``,
        ``expires_at`` (epoch seconds) and ``password_state``: ``"waiting"``, ``"used"`` (the
        worker chose a password) or ``"replaced"`` (by a newer invitation or an administrator).
    sent_at : float
        Epoch seconds.
    """

    mail_id: int
    recipient: str
    subject: str
    body: str
    details: dict[str, Any]
    sent_at: float


class Outbox:
    """Writes and lists mail.

    Parameters
    ----------
    store : Store
        Where mail is kept.
    clock : callable
        Epoch seconds.
    portal_url : str or callable
        Address of the labeling portal, or a function that knows it when a mail is written.
    """

    def __init__(self, store: Store, clock: Clock, *, portal_url: str | Callable[[], str]) -> None:
        self._store, self._clock = store, clock
        self._portal_url = portal_url

    @property
    def portal_url(self) -> str:
        """The address of the labeling portal as of now."""
        return self._portal_url if isinstance(self._portal_url, str) else self._portal_url()

    def write(self, recipient: str, *, subject: str, body: str, details: Mapping[str, Any]) -> None:
        """Put one mail into the outbox; ``details`` must be JSON."""
        with self._store.begin() as connection:
            connection.execute(
                sa.insert(_MAILS).values(
                    recipient=recipient,
                    subject=subject,
                    body=body,
                    details=json.dumps(dict(details)),
                    sent_at=self._clock(),
                )
            )

    def invite(
        self,
        recipient: str,
        *,
        sub: str,
        user_name: str,
        temporary_password: str,
        days: int,
        template: Mapping[str, str],
    ) -> None:
        """Write an invitation; earlier ones to the same worker are marked as replaced.

        Parameters
        ----------
        recipient : str
            Where Cognito would send it.
        sub, user_name, temporary_password : str
            The worker's.
        days : int
            Validity of the temporary password.
        template : mapping
            The pool's ``InviteMessageTemplate``: ``EmailSubject`` and ``EmailMessage``, with
            ``{username}`` and ``{####}`` to be filled in; empty for our own text. The portal's
            address is added where it is missing.
        """
        self.settle(sub, state="replaced")
        portal = self.portal_url
        body = template.get("EmailMessage", _INVITATION)
        filling = {
            "{username}": user_name,
            "{####}": temporary_password,
            "{portal}": portal,
            "{days}": str(days),
        }
        details = {
            "user_name": user_name,
            "temporary_password": temporary_password,
            "portal_url": portal,
            "sub": sub,
            "expires_at": self._clock() + days * 86_400,
            "password_state": "waiting",
        }
        subject = _fill(template.get("EmailSubject", _SUBJECT), filling)
        text = _fill(body, filling)
        if portal not in text:
            text = f"{text.rstrip()}\n\nLabeling portal: {portal}\n"
        self.write(recipient, subject=subject, body=text, details=details)

    def settle(self, sub: str, *, state: str) -> None:
        """Note on the waiting invitations of a worker what became of their password.

        Parameters
        ----------
        sub : str
            The worker.
        state : str
            ``"used"`` or ``"replaced"``.
        """
        named = _MAILS.c.details.contains(f'"sub": {json.dumps(sub)}', autoescape=True)
        with self._store.begin() as connection:
            for row in connection.execute(sa.select(_MAILS).where(named)).all():
                details = json.loads(row.details)
                if details.get("password_state") == "waiting":
                    details["password_state"] = state
                    connection.execute(
                        sa.update(_MAILS)
                        .where(_MAILS.c.mail_id == row.mail_id)
                        .values(details=json.dumps(details))
                    )

    def mails(self) -> list[Mail]:
        """All mail, newest first."""
        with self._store.reading() as connection:
            rows = connection.execute(sa.select(_MAILS).order_by(_MAILS.c.mail_id.desc())).all()
        return [
            Mail(r.mail_id, r.recipient, r.subject, r.body, json.loads(r.details), r.sent_at)
            for r in rows
        ]


def _fill(text: str, filling: Mapping[str, str]) -> str:
    # not str.format: a requester's template may hold braces of its own
    for mark, value in filling.items():
        text = text.replace(mark, value)
    return text
