"""A store with a pool, a client, a group and the worker ana, and a clock moved by hand."""

from __future__ import annotations

import pytest

from gt_widgets.engine.identity import Identity
from gt_widgets.engine.outbox import Outbox
from gt_widgets.engine.store import open_store
from gt_widgets.engine.workforce import Workforce
from gt_widgets.testing import FakeClock, counting_ids

PORTAL = "http://127.0.0.1:8123/portal"


class People:
    """The people of one store; `team` and `ana` are made on request."""

    def __init__(self, folder, store_url):
        self.folder, self.store_url = folder, store_url
        self.clock, self.ids = FakeClock(), counting_ids()
        self.open()
        pools = self.identity.pools
        self.pool_id = pools.create("labelers", {}).pool_id
        self.client_id = pools.create_client(self.pool_id, "portal", settings={}).client_id

    def open(self):
        place = {"region": "us-east-1", "account_id": "111122223333"}
        self.store = open_store(self.folder, self.store_url)
        self.outbox = Outbox(self.store, self.clock, portal_url=PORTAL)
        self.identity = Identity(
            self.store, clock=self.clock, new_id=self.ids, outbox=self.outbox, **place
        )
        self.workforce = Workforce(
            self.store,
            self.identity,
            clock=self.clock,
            new_id=self.ids,
            sub_domain=lambda: "127.0.0.1:8123/portal",
            **place,
        )

    def members(self, group="loggers", pool_id=None):
        if (pool_id or self.pool_id) == self.pool_id and group not in self.group_names():
            self.identity.groups.create(self.pool_id, group)
        return [
            {
                "CognitoMemberDefinition": {
                    "UserPool": pool_id or self.pool_id,
                    "UserGroup": group,
                    "ClientId": self.client_id,
                }
            }
        ]

    def group_names(self):
        return [group.name for group in self.identity.groups.all(self.pool_id)]

    def team(self, name="loggers"):
        return self.workforce.teams.create(
            name, members=self.members(name), Description="People who know the brands"
        )

    def invited(self, name="ana", **options):
        """A user with a temporary password, and that password."""
        user = self.identity.users.create(self.pool_id, name, **options)
        mails = self.outbox.mails()
        return user, mails[0].details["temporary_password"] if mails else None

    def confirmed(self, name="ana", password="Grid-9-Lamp"):
        user, temporary = self.invited(name)
        challenge = self.identity.sign_in(name, temporary).challenge_session
        return user, self.identity.set_new_password(name, challenge, password).session


@pytest.fixture
def people(tmp_path, store_url):
    people = People(tmp_path, store_url)
    yield people
    people.store.close()
