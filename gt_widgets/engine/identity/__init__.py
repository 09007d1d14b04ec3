"""Identity: the part of Amazon Cognito that a private workforce needs.

Layer: engine. User pools, app clients, groups, users, passwords and sessions, kept in the
store of the state folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gt_widgets.engine.identity.groups import Group, Groups
from gt_widgets.engine.identity.passwords import PasswordPolicy
from gt_widgets.engine.identity.pools import Pool, PoolClient, Pools
from gt_widgets.engine.identity.sessions import Sessions
from gt_widgets.engine.identity.signin import SignIn, SignIns, Worker, as_worker
from gt_widgets.engine.identity.users import User, Users

if TYPE_CHECKING:
    from gt_widgets.engine.clock import Clock, NewId
    from gt_widgets.engine.outbox import Outbox
    from gt_widgets.engine.store import Store

__all__ = [
    "Group",
    "Groups",
    "Identity",
    "PasswordPolicy",
    "Pool",
    "PoolClient",
    "Pools",
    "Sessions",
    "SignIn",
    "SignIns",
    "User",
    "Users",
    "Worker",
    "as_worker",
]


class Identity:
    """The identity service of one engine, by its parts, and the worker's side of it in verbs.

    Parameters
    ----------
    store : Store
        Where all of it is kept.
    clock, new_id : callable
        Time and identifiers. Passwords, secrets and tokens come from the system instead.
    region, account_id : str
        For pool ids and ARNs.
    outbox : Outbox
        Where invitations go.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        new_id: NewId,
        region: str,
        account_id: str,
        outbox: Outbox,
    ) -> None:
        self.region, self.account_id = region, account_id
        self.sessions = Sessions(store, clock=clock)
        self.pools = Pools(store, clock=clock, new_id=new_id, region=region)
        self.groups = Groups(store, clock=clock, pools=self.pools)
        self.users = Users(
            store,
            clock=clock,
            new_id=new_id,
            pools=self.pools,
            sessions=self.sessions,
            outbox=outbox,
        )
        self.sign_ins = SignIns(
            store, clock=clock, pools=self.pools, users=self.users, sessions=self.sessions
        )

    def pool_arn(self, pool_id: str) -> str:
        """ARN of a user pool."""
        return f"arn:aws:cognito-idp:{self.region}:{self.account_id}:userpool/{pool_id}"

    def sign_in(self, user_name: str, password: str) -> SignIn:
        """Sign a worker in to the labeling portal; see ``SignIns.sign_in``."""
        return self.sign_ins.sign_in(user_name, password)

    def set_new_password(self, user_name: str, challenge_session: str, new_password: str) -> SignIn:
        """Finish a first sign-in; see ``SignIns.set_new_password``."""
        return self.sign_ins.set_new_password(user_name, challenge_session, new_password)

    def sign_out(self, session: str) -> None:
        """Close a portal session."""
        self.sign_ins.sign_out(session)

    def worker_of(self, session: str) -> Worker:
        """Find the worker of a portal session; see ``SignIns.worker_of``."""
        return self.sign_ins.worker_of(session)

    def session_for(self, sub: str) -> str:
        """Open a portal session for a simulated worker; see ``SignIns.session_for``."""
        return self.sign_ins.session_for(sub)

    def pool_of(self, sub: str) -> str:
        """Pool id of a user; of one who was deleted, the pool that workers sign in to."""
        user = self.users.by_sub(sub)
        if user:
            return user.pool_id
        return next((pool.pool_id for pool in self.sign_ins.worker_pools()), "")

    def simulated_worker(self, pool_id: str, group: str, user_name: str) -> Worker:
        """Find or create a simulated worker in a group.

        Parameters
        ----------
        pool_id, group : str
            Both exist already.
        user_name : str
            A name that no real worker of the pool has.

        Returns
        -------
        Worker
            Enabled, with no password; ``session_for`` opens a session.

        Raises
        ------
        ServiceError
            ``UsernameExistsException`` if a real worker has that name.
        """
        user = self.users.lookup(self.pools.get(pool_id), user_name)
        if user is None or not user.simulated:
            user = self.users.create(pool_id, user_name, simulated=True)
        self.groups.add(pool_id, group, user.sub)
        return as_worker(user)
