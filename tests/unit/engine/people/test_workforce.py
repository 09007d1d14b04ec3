"""Workforces, work teams, their members, and tags."""

from __future__ import annotations

import pytest

from gt_widgets.engine.tags import Tags
from gt_widgets.errors import (
    ConflictError,
    ResourceInUseError,
    ResourceLimitExceededError,
    ValidationError,
)

OIDC = [{"OidcMemberDefinition": {"Groups": ["loggers"]}}]


def test_the_first_team_brings_its_workforce(people):
    team = people.team()
    record = people.workforce.get("default")
    assert team.document["WorkforceArn"] == record.arn
    assert record.document["CognitoConfig"] == {
        "UserPool": people.pool_id,
        "ClientId": people.client_id,
    }
    assert team.arn == "arn:aws:sagemaker:us-east-1:111122223333:workteam/private-crowd/loggers"


def test_a_failed_team_leaves_no_workforce_behind(people):
    members = people.members() + people.members("ghosts")
    people.identity.groups.delete(people.pool_id, "ghosts")
    with pytest.raises(ValidationError, match="ghosts"):
        people.workforce.teams.create("loggers", members=members)
    assert people.workforce.page().rows == []


def test_cognito_and_oidc_members_are_refused_together(people):  # T02
    both = {**people.members()[0], **OIDC[0]}
    for members in ([both], people.members() + OIDC, [{}]):
        with pytest.raises(ValidationError, match="expected one kind"):
            people.workforce.teams.create("loggers", members=members)


@pytest.mark.parametrize("what", ["UserPool", "ClientId", "UserGroup"])
def test_a_member_that_does_not_exist_is_named(people, what):
    members = people.members()
    members[0]["CognitoMemberDefinition"][what] = "us-east-1_Nowhere00"
    with pytest.raises(ValidationError, match="us-east-1_Nowhere00"):
        people.workforce.teams.create("loggers", members=members)


def test_a_team_comes_from_the_pool_of_its_workforce(people):
    people.team()
    other = people.identity.pools.create("other", {}).pool_id
    client = people.identity.pools.create_client(other, "app", settings={}).client_id
    people.identity.groups.create(other, "loggers")
    members = people.members(pool_id=other)
    members[0]["CognitoMemberDefinition"]["ClientId"] = client
    with pytest.raises(ValidationError, match=people.pool_id):
        people.workforce.teams.create("others", members=members)


def test_an_oidc_team_needs_an_oidc_workforce(people):
    with pytest.raises(ValidationError, match="CreateWorkforce"):
        people.workforce.teams.create("loggers", members=OIDC)
    people.workforce.create("own", OidcConfig={"ClientId": "app", "ClientSecret": "hush"})
    assert people.workforce.get("own").document["OidcConfig"] == {"ClientId": "app"}  # T03
    team = people.workforce.teams.create("loggers", members=OIDC)
    assert people.workforce.members(team.arn) == []


def test_there_is_one_workforce_per_region(people):  # T03
    config = {"UserPool": people.pool_id, "ClientId": people.client_id}
    people.workforce.create("mine", CognitoConfig=config)
    with pytest.raises(ResourceInUseError):
        people.workforce.create("mine", CognitoConfig=config)
    with pytest.raises(ResourceLimitExceededError, match="mine"):
        people.workforce.create("second", CognitoConfig=config)


def test_a_workforce_with_teams_is_not_deleted(people):  # T03
    people.team()
    with pytest.raises(ResourceInUseError, match="loggers"):
        people.workforce.delete("default")
    people.workforce.teams.delete("loggers")
    people.workforce.delete("default")
    assert people.workforce.page().rows == []


def test_the_oidc_configuration_is_fixed_while_there_are_teams(people):
    people.workforce.create("own", OidcConfig={"ClientId": "app"})
    people.workforce.teams.create("loggers", members=OIDC)
    with pytest.raises(ResourceInUseError, match="loggers"):
        people.workforce.update("own", OidcConfig={"ClientId": "new"})
    people.workforce.teams.delete("loggers")
    assert people.workforce.update("own", OidcConfig={"ClientId": "new"}).document == {
        "OidcConfig": {"ClientId": "new"}
    }


def test_an_empty_vpc_configuration_removes_it(people):
    people.team()
    vpc = {"VpcId": "vpc-1", "SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
    record = people.workforce.update("default", WorkforceVpcConfig=vpc)
    assert record.document["WorkforceVpcConfig"]["VpcEndpointId"].startswith("vpce-")
    assert record.status == "Updating"
    with pytest.raises(ConflictError, match="Updating"):
        people.workforce.update("default", WorkforceVpcConfig={})
    people.clock.advance(60)
    assert people.workforce.get("default").status == "Active"
    assert (
        "WorkforceVpcConfig"
        not in people.workforce.update("default", WorkforceVpcConfig={}).document
    )


def test_addresses_outside_the_cidrs_are_not_admitted(people):  # T04
    people.team()
    assert people.workforce.admits("198.51.100.7")
    cidrs = {"Cidrs": ["203.0.113.0/24", "2001:db8::/32"]}
    people.workforce.update("default", SourceIpConfig=cidrs)
    seen = ["203.0.113.9", "2001:db8::1", "198.51.100.7", "unknown"]
    assert [people.workforce.admits(address) for address in seen] == [True, True, False, False]
    people.workforce.update("default", SourceIpConfig={"Cidrs": []})
    assert people.workforce.admits("198.51.100.7")


def test_a_cidr_that_cannot_be_read_is_refused(people):
    people.team()
    with pytest.raises(ValidationError, match=r"300\.0\.0\.0/8"):
        people.workforce.update("default", SourceIpConfig={"Cidrs": ["300.0.0.0/8"]})


def test_the_twenty_sixth_team_is_refused(people):  # T01
    for number in range(25):
        people.team(f"team-{number}")
    with pytest.raises(ResourceLimitExceededError, match="25"):
        people.team("team-25")


def test_members_are_the_enabled_workers_of_the_groups(people):  # T06, T07
    team, other = people.team(), people.team("others")
    ana, _ = people.invited("ana")
    bob, _ = people.invited("bob")
    for user in (bob, ana):
        people.identity.groups.add(people.pool_id, "loggers", user.sub)
    assert [w.user_name for w in people.workforce.members(team.arn)] == ["ana", "bob"]
    assert people.workforce.teams_of(ana.sub) == [team.arn]
    people.identity.groups.add(people.pool_id, "others", ana.sub)
    assert people.workforce.teams_of(ana.sub) == [team.arn, other.arn]
    people.identity.users.set_enabled(ana, enabled=False)
    assert [w.user_name for w in people.workforce.members(team.arn)] == ["bob"]
    assert people.workforce.teams_of(ana.sub) == []


def test_a_team_checks_by_arn(people):
    arn = people.team().arn
    people.workforce.check_team(arn)
    for wrong in (
        arn + "x",
        arn.replace("111122223333", "444455556666"),
        "arn:aws:sagemaker:eu-west-1:394669845002:workteam/public-crowd/default",
        "loggers",
    ):
        with pytest.raises(ValidationError, match="WorkteamArn"):
            people.workforce.check_team(wrong)


def test_something_can_object_to_the_deletion_of_a_team(people):
    people.team()

    def busy(arn):
        raise ResourceInUseError(f"{arn} is labeling")

    people.workforce.teams.before_delete.append(busy)
    with pytest.raises(ResourceInUseError):
        people.workforce.teams.delete("loggers")
    assert people.workforce.teams.get("loggers")


def test_equal_tag_keys_are_overwritten_in_place(people):  # C28
    tags = Tags(people.store)
    tags.add("arn:x", [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    tags.add("arn:x", [{"Key": "a", "Value": "3"}])
    tags.add("arn:y", [{"Key": "a", "Value": "9"}])
    assert tags.of("arn:x") == [{"Key": "a", "Value": "3"}, {"Key": "b", "Value": "2"}]
    tags.delete("arn:x", ["a", "missing"])
    assert tags.of("arn:x") == [{"Key": "b", "Value": "2"}]
    tags.forget("arn:x")
    assert tags.of("arn:x") == []
    assert len(tags.of("arn:y")) == 1


def test_tags_have_rules(people):  # C28
    tags = Tags(people.store)
    fifty = [{"Key": f"k{number}", "Value": ""} for number in range(50)]
    tags.add("arn:x", fifty)
    with pytest.raises(ResourceLimitExceededError, match="51"):
        tags.add("arn:x", [{"Key": "one-more", "Value": ""}])
    for bad in ([{"Key": "AWS:x", "Value": ""}], [fifty[0], fifty[0]]):
        with pytest.raises(ValidationError, match="Tag key"):
            tags.add("arn:x", bad)
    assert len(tags.of("arn:x")) == 50
