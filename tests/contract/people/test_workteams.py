"""Work teams, workforces and tags over the wire, by a real boto3 client."""

from __future__ import annotations

from datetime import UTC

import pytest
from botocore.exceptions import ClientError

ACCOUNT = "arn:aws:sagemaker:us-east-1:111122223333"


def code(call, **params):
    with pytest.raises(ClientError) as caught:
        call(**params)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return caught.value.response["Error"]["Code"]


@pytest.fixture
def members(idp, pool_id, client_id):
    idp.create_group(UserPoolId=pool_id, GroupName="loggers")
    return [
        {
            "CognitoMemberDefinition": {
                "UserPool": pool_id,
                "UserGroup": "loggers",
                "ClientId": client_id,
            }
        }
    ]


@pytest.fixture
def create(sagemaker_client, members):
    def create(name="loggers", **more):
        return sagemaker_client.create_workteam(
            WorkteamName=name,
            MemberDefinitions=members,
            Description="People who know the brands",
            **more,
        )["WorkteamArn"]

    return create


def test_a_team_is_created_described_listed_changed_and_deleted(
    sagemaker_client, create, members
):  # T01
    access = {"S3Presign": {"IamPolicyConstraints": {"SourceIp": "Enabled"}}}
    topic = {"NotificationTopicArn": "arn:aws:sns:us-east-1:111122223333:loggers"}
    arn = create(NotificationConfiguration=topic, WorkerAccessConfiguration=access)
    assert arn == f"{ACCOUNT}:workteam/private-crowd/loggers"
    team = sagemaker_client.describe_workteam(WorkteamName="loggers")["Workteam"]
    assert team["MemberDefinitions"] == members
    assert team["WorkforceArn"] == f"{ACCOUNT}:workforce/default"
    assert team["NotificationConfiguration"] == topic
    assert team["WorkerAccessConfiguration"] == access
    assert team["CreateDate"].tzinfo.utcoffset(None) == UTC.utcoffset(None)
    changed = sagemaker_client.update_workteam(WorkteamName="loggers", Description="New")
    assert changed["Workteam"]["Description"] == "New"
    assert changed["Workteam"]["NotificationConfiguration"] == topic
    assert changed["Workteam"]["LastUpdatedDate"] >= team["CreateDate"]
    assert [t["WorkteamName"] for t in sagemaker_client.list_workteams()["Workteams"]] == [
        "loggers"
    ]
    assert sagemaker_client.delete_workteam(WorkteamName="loggers")["Success"] is True
    assert code(sagemaker_client.describe_workteam, WorkteamName="loggers") == (
        "ValidationException"
    )


def test_a_second_team_of_that_name_is_refused(sagemaker_client, create):  # T01
    create()
    with pytest.raises(sagemaker_client.exceptions.ResourceInUse):
        create()


def test_the_twenty_sixth_team_is_over_the_quota(sagemaker_client, create):  # T01
    for number in range(25):
        create(f"team-{number}")
    with pytest.raises(sagemaker_client.exceptions.ResourceLimitExceeded):
        create("team-25")


def test_both_kinds_of_members_are_refused(sagemaker_client, members):  # T02
    oidc = {"OidcMemberDefinition": {"Groups": ["loggers"]}}
    for both in ([*members, oidc], [members[0] | oidc]):
        assert (
            code(
                sagemaker_client.create_workteam,
                WorkteamName="loggers",
                MemberDefinitions=both,
                Description="x",
            )
            == "ValidationException"
        )


def test_the_sub_domain_has_no_scheme(sagemaker_client, create):  # T05
    create()
    team = sagemaker_client.describe_workteam(WorkteamName="loggers")["Workteam"]
    force = sagemaker_client.describe_workforce(WorkforceName="default")["Workforce"]
    assert team["SubDomain"] == force["SubDomain"] == "127.0.0.1:8123/portal"


def test_teams_are_listed_by_name_or_time_and_page_by_page(sagemaker_client, create):
    for name in ("logos-b", "logos-a", "cats", "logos-c"):
        create(name)

    def listed(**params):
        pages = sagemaker_client.get_paginator("list_workteams").paginate(**params)
        return [team["WorkteamName"] for page in pages for team in page["Workteams"]]

    assert listed() == ["logos-b", "logos-a", "cats", "logos-c"]
    assert listed(SortBy="Name", PaginationConfig={"PageSize": 1}) == [
        "cats",
        "logos-a",
        "logos-b",
        "logos-c",
    ]
    assert listed(
        NameContains="logos",
        SortBy="CreateDate",
        SortOrder="Descending",
        PaginationConfig={"PageSize": 2},
    ) == ["logos-c", "logos-a", "logos-b"]
    assert code(sagemaker_client.list_workteams, NextToken="bm90IG91cnM=") == (
        "ValidationException"
    )


def test_a_region_has_one_workforce(sagemaker_client, pool_id, client_id, create):  # T03
    config = {"UserPool": pool_id, "ClientId": client_id}
    made = sagemaker_client.create_workforce(
        WorkforceName="mine", CognitoConfig=config, Tags=[{"Key": "a", "Value": "1"}]
    )
    assert made["WorkforceArn"] == f"{ACCOUNT}:workforce/mine"
    force = sagemaker_client.describe_workforce(WorkforceName="mine")["Workforce"]
    assert force["CognitoConfig"] == config
    assert force["Status"] == "Active"
    assert sagemaker_client.list_workforces(NameContains="mi")["Workforces"] == [force]
    again = {"WorkforceName": "second", "CognitoConfig": config}
    assert code(sagemaker_client.create_workforce, **again) == "ResourceLimitExceeded"
    again["WorkforceName"] = "mine"
    assert code(sagemaker_client.create_workforce, **again) == "ResourceInUse"
    create(WorkforceName="mine")
    assert code(sagemaker_client.delete_workforce, WorkforceName="mine") == "ResourceInUse"
    sagemaker_client.delete_workteam(WorkteamName="loggers")
    sagemaker_client.delete_workforce(WorkforceName="mine")
    assert code(sagemaker_client.describe_workforce, WorkforceName="mine") == (
        "ValidationException"
    )


def test_the_oidc_secret_is_never_returned(sagemaker_client):  # T03
    endpoints = ("Authorization", "Token", "UserInfo", "Logout")
    sagemaker_client.create_workforce(
        WorkforceName="own",
        OidcConfig={
            "ClientId": "app",
            "ClientSecret": "hush-hush",
            "Issuer": "https://idp.example.com",
            "JwksUri": "https://idp.example.com/keys",
            **{f"{name}Endpoint": f"https://idp.example.com/{name}" for name in endpoints},
        },
    )
    answers = (
        sagemaker_client.describe_workforce(WorkforceName="own"),
        sagemaker_client.list_workforces(),
        sagemaker_client.update_workforce(
            WorkforceName="own", SourceIpConfig={"Cidrs": ["203.0.113.0/24"]}
        ),
    )
    for answer in answers:
        assert "hush-hush" not in repr(answer)
        assert "app" in repr(answer)


def test_tags_are_overwritten_listed_and_removed(sagemaker_client, create):  # C28
    arn = create(Tags=[{"Key": "project", "Value": "logos"}])
    added = sagemaker_client.add_tags(
        ResourceArn=arn,
        Tags=[{"Key": "project", "Value": "brands"}, {"Key": "owner", "Value": "ana"}],
    )
    listed = sagemaker_client.list_tags(ResourceArn=arn)["Tags"]
    assert added["Tags"] == listed
    assert listed == [
        {"Key": "project", "Value": "brands"},
        {"Key": "owner", "Value": "ana"},
    ]
    sagemaker_client.delete_tags(ResourceArn=arn, TagKeys=["project"])
    assert sagemaker_client.list_tags(ResourceArn=arn)["Tags"] == [listed[1]]
    reserved = [{"Key": "aws:cloud", "Value": "x"}]
    assert code(sagemaker_client.add_tags, ResourceArn=arn, Tags=reserved) == (
        "ValidationException"
    )


def test_tags_of_a_deleted_team_do_not_come_back_with_its_name(sagemaker_client, create):
    arn = create(Tags=[{"Key": "project", "Value": "logos"}])
    sagemaker_client.delete_workteam(WorkteamName="loggers")
    assert code(sagemaker_client.list_tags, ResourceArn=arn) == "ValidationException"
    create()
    assert sagemaker_client.list_tags(ResourceArn=arn)["Tags"] == []


def test_a_group_that_a_team_uses_is_not_deleted(idp, pool_id, sagemaker_client, create):
    create()
    assert code(idp.delete_group, UserPoolId=pool_id, GroupName="loggers") == (
        "InvalidParameterException"
    )
    sagemaker_client.delete_workteam(WorkteamName="loggers")
    idp.delete_group(UserPoolId=pool_id, GroupName="loggers")


OIDC = {
    "ClientId": "app",
    "ClientSecret": "hush-hush",
    "Issuer": "https://idp.example.com",
    "JwksUri": "https://idp.example.com/keys",
    **{
        f"{name}Endpoint": f"https://idp.example.com/{name}"
        for name in ("Authorization", "Token", "UserInfo", "Logout")
    },
}


@pytest.fixture
def own_people(sagemaker_client):
    """A workforce that signs in elsewhere, with one team of two of its groups."""
    sagemaker_client.create_workforce(WorkforceName="own", OidcConfig=OIDC)
    members = [{"OidcMemberDefinition": {"Groups": ["loggers", "experts"]}}]
    return sagemaker_client.create_workteam(
        WorkteamName="experts",
        WorkforceName="own",
        MemberDefinitions=members,
        Description="Signed in elsewhere",
    )["WorkteamArn"]


def test_a_team_of_another_sign_in_is_described_and_its_workforce_keeps_its_sign_in(
    sagemaker_client, own_people
):  # T02, T03
    team = sagemaker_client.describe_workteam(WorkteamName="experts")["Workteam"]
    assert team["WorkteamArn"] == own_people
    assert team["MemberDefinitions"] == [
        {"OidcMemberDefinition": {"Groups": ["loggers", "experts"]}}
    ]
    force = sagemaker_client.describe_workforce(WorkforceName="own")["Workforce"]
    assert force["OidcConfig"] == {k: v for k, v in OIDC.items() if k != "ClientSecret"}
    change = {"WorkforceName": "own", "OidcConfig": OIDC | {"ClientId": "other"}}
    assert code(sagemaker_client.update_workforce, **change) == "ResourceInUse"
    sagemaker_client.delete_workteam(WorkteamName="experts")
    changed = sagemaker_client.update_workforce(**change)["Workforce"]
    assert changed["OidcConfig"]["ClientId"] == "other"


def test_a_team_of_another_sign_in_has_simulated_workers_only(own_people, engine):
    found = engine.workforce.teams.simulated_worker(own_people, "simulated-1")
    assert engine.workforce.teams_of(found.sub) == [own_people]
    assert engine.workforce.members(own_people) == [found]
    assert engine.workforce.identity_of(found.sub) == {
        "identityProviderType": "Oidc",
        "issuer": "https://idp.example.com",
        "sub": found.sub,
    }


def test_a_workforce_that_is_being_changed_is_not_changed_again(sagemaker_client, create):
    create()
    network = {"VpcId": "vpc-1", "SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
    change = {"WorkforceName": "default", "WorkforceVpcConfig": network}
    assert sagemaker_client.update_workforce(**change)["Workforce"]["Status"] == "Updating"
    with pytest.raises(sagemaker_client.exceptions.ConflictException):
        sagemaker_client.update_workforce(**change)


@pytest.mark.parametrize("cidrs", [["300.0.0.0/8"], [f"10.{n}.0.0/16" for n in range(11)]])
def test_addresses_that_cannot_be_read_or_are_too_many_are_refused(
    sagemaker_client, create, cidrs
):  # T04
    create()
    change = {"WorkforceName": "default", "SourceIpConfig": {"Cidrs": cidrs}}
    assert code(sagemaker_client.update_workforce, **change) == "ValidationException"
