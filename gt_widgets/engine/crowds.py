"""Crowds that are not ours: sample vendors and the public crowd, both simulated.

Layer: engine. On AWS, vendors come from the marketplace and the public crowd is Mechanical Turk
(closed since September 2026). Here three fictional vendors are subscribed to, and nobody works but
simulated workers, who are called so wherever their answers appear. They live in a user pool that no
person can sign in to; each crowd is one group of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gt_widgets.engine.identity import as_worker
from gt_widgets.engine.identity.pools import CROWD_POOL
from gt_widgets.errors import ServiceError, ValidationError
from gt_widgets.pricing import (
    Vendor,
    amount_in_usd,
    public_task_prices_usd,
    sample_vendors,
)
from gt_widgets.schema.arns import crowd_of, public_crowd_arn, vendor_arn

if TYPE_CHECKING:
    from gt_widgets.engine.identity import Identity, Worker
    from gt_widgets.schema.tasks import TaskType

__all__ = ["NO_PII", "Crowds", "check_price", "check_public_data", "group_of"]

NO_PII = "FreeOfPersonallyIdentifiableInformation"


class Crowds:
    """The vendors' teams, the public crowd, and their simulated workers.

    Parameters
    ----------
    identity : Identity
        Where the simulated workers are kept.
    region : str
        For ARNs.
    """

    def __init__(self, identity: Identity, *, region: str) -> None:
        self._identity, self._region = identity, region

    def vendors(self) -> dict[str, Vendor]:
        """Sample vendors by the ARN of their work team, cheapest first."""
        return {
            vendor_arn(self._region, vendor.account_id, vendor.vendor_id): vendor
            for vendor in sample_vendors()
        }

    def arns(self) -> list[str]:
        """ARNs of all crowds: the vendors, then the public."""
        return [*self.vendors(), public_crowd_arn(self._region)]

    def check(self, arn: str) -> None:
        """Refuse a vendor's or public ARN that no job here can name.

        Raises
        ------
        ValidationError
            With the ARNs there are.
        """
        known = self.arns()
        if arn not in known:
            raise ValidationError(
                f"WorkteamArn {arn!r} is neither a vendor team that this account is subscribed to "
                f"nor the public crowd of {self._region}. There are: {', '.join(known)}."
            )

    def vendor(self, arn: str) -> Vendor:
        """Find a sample vendor by the ARN of its team.

        Raises
        ------
        ValidationError
            If there is none.
        """
        found = self.vendors().get(arn)
        if found is None:
            raise ValidationError(
                f"The account is not subscribed to a vendor team {arn!r}. ListSubscribedWorkteams "
                "shows the sample vendors."
            )
        return found

    def simulated_worker(self, arn: str, user_name: str) -> Worker:
        """Find or create a simulated worker of a crowd."""
        self._identity.pools.ensure_crowd()
        group = group_of(arn)
        try:
            self._identity.groups.get(CROWD_POOL, group)
        except ServiceError:
            self._identity.groups.create(CROWD_POOL, group)
        return self._identity.simulated_worker(CROWD_POOL, group, user_name)

    def members(self, arn: str) -> list[Worker]:
        """List the simulated workers that a crowd has had so far, by user name."""
        self._identity.pools.ensure_crowd()
        users = self._identity.users.all(CROWD_POOL, group=group_of(arn))
        return [as_worker(user) for user in users if user.enabled]


def group_of(arn: str) -> str:
    """Name of the group that holds a crowd's workers: ``vendor-crowd/meridian-labeling``."""
    return arn.rpartition(":workteam/")[2]


def check_price(request: dict[str, Any], task_type: TaskType) -> None:
    """Check what a job pays the public crowd per task (C20).

    Raises
    ------
    ValidationError
        If the job goes to the public crowd and names no price, or one that is not in the list.
    """
    human = request["HumanTaskConfig"]
    if crowd_of(human["WorkteamArn"])[0] != "public":
        return
    allowed = public_task_prices_usd(task_type.name)
    listed = ", ".join(f"{price:.3f}" for price in allowed)
    amount = human.get("PublicWorkforceTaskPrice", {}).get("AmountInUsd")
    if amount is None:
        raise ValidationError(
            "HumanTaskConfig.PublicWorkforceTaskPrice.AmountInUsd is missing: the public crowd is "
            f"paid per task. Prices of a {task_type.name} task, in US dollars: {listed}."
        )
    if amount_in_usd(amount) not in allowed:
        raise ValidationError(
            f"HumanTaskConfig.PublicWorkforceTaskPrice is {amount_in_usd(amount):.3f} USD; a "
            f"{task_type.name} task may cost {listed}. 0.036 is written as {{'Dollars': 0, "
            "'Cents': 3, 'TenthFractionsOfACent': 6}."
        )


def check_public_data(request: dict[str, Any]) -> None:
    """Refuse to show data to the public that is not declared free of personal information (C20).

    Raises
    ------
    ValidationError
        It fails the job, as on AWS, where the request itself is accepted.
    """
    if crowd_of(request["HumanTaskConfig"]["WorkteamArn"])[0] != "public":
        return
    declared = request["InputConfig"].get("DataAttributes", {}).get("ContentClassifiers", [])
    if NO_PII not in declared:
        raise ValidationError(
            f"InputConfig.DataAttributes.ContentClassifiers lacks {NO_PII!r}: data for the public "
            "crowd must be declared free of personally identifiable information. Create the job "
            "again with it, or use a private team."
        )
