"""The Cognito calls of a private workforce over the wire, by a real boto3 client."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import boto3
import pytest
from botocore.exceptions import ClientError

CHOSEN = "Grid-9-Lamp"
FLOWS = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"]


def code(call, **params):
    with pytest.raises(ClientError) as caught:
        call(**params)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return caught.value.response["Error"]["Code"]


def sign_in(idp, client_id, password, name="ana", **more):
    return idp.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": password, **more},
    )


def choose(idp, client_id, session, password=CHOSEN, **more):
    return idp.respond_to_auth_challenge(
        ClientId=client_id,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session=session,
        ChallengeResponses={"USERNAME": "ana", "NEW_PASSWORD": password, **more},
    )


def workshop(idp):
    """The calls behind "create a private team", and what each of them shows of itself."""
    seen = []
    pool = idp.create_user_pool(PoolName="labelers")["UserPool"]
    seen.append((pool["Name"], pool["MfaConfiguration"], pool["Policies"]["PasswordPolicy"]))
    client = idp.create_user_pool_client(
        UserPoolId=pool["Id"], ClientName="portal", ExplicitAuthFlows=FLOWS
    )["UserPoolClient"]
    seen.append((client["ClientName"], client["ExplicitAuthFlows"]))
    idp.create_user_pool_domain(UserPoolId=pool["Id"], Domain="logos-team")
    domain = idp.describe_user_pool_domain(Domain="logos-team")["DomainDescription"]
    seen.append((domain["Domain"], domain["UserPoolId"] == pool["Id"]))
    group = idp.create_group(UserPoolId=pool["Id"], GroupName="loggers", Precedence=1)["Group"]
    seen.append((group["GroupName"], group["Precedence"]))
    place = {"UserPoolId": pool["Id"], "Username": "ana"}
    user = idp.admin_create_user(
        **place,
        TemporaryPassword="First-1-Word",
        UserAttributes=[{"Name": "email", "Value": "ana@example.com"}],
        MessageAction="SUPPRESS",
    )["User"]
    seen.append((user["Username"], user["UserStatus"], user["Enabled"]))
    idp.admin_add_user_to_group(**place, GroupName="loggers")
    members = idp.list_users_in_group(UserPoolId=pool["Id"], GroupName="loggers")["Users"]
    groups = idp.admin_list_groups_for_user(**place)["Groups"]
    seen.append(([u["Username"] for u in members], [g["GroupName"] for g in groups]))
    seen.append(code(sign_in, idp=idp, client_id=client["ClientId"], password="Wrong-1-Word"))
    first = sign_in(idp, client["ClientId"], "First-1-Word")
    seen.append((first["ChallengeName"], bool(first["Session"])))
    seen.append(
        code(
            choose,
            idp=idp,
            client_id=client["ClientId"],
            session=first["Session"],
            password="weak",
        )
    )
    done = choose(idp, client["ClientId"], first["Session"])["AuthenticationResult"]
    seen.append((done["TokenType"], sorted(done)))
    again = sign_in(idp, client["ClientId"], CHOSEN)["AuthenticationResult"]
    me = idp.get_user(AccessToken=again["AccessToken"])
    seen.append((me["Username"], {a["Name"] for a in me["UserAttributes"]} >= {"sub", "email"}))
    seen.append(idp.admin_get_user(**place)["UserStatus"])
    found = idp.list_users(UserPoolId=pool["Id"], Filter='email ^= "ana@"')["Users"]
    seen.append([u["Username"] for u in found])
    idp.admin_disable_user(**place)
    seen.append(code(sign_in, idp=idp, client_id=client["ClientId"], password=CHOSEN))
    idp.admin_enable_user(**place)
    idp.admin_remove_user_from_group(**place, GroupName="loggers")
    seen.append(idp.list_users_in_group(UserPoolId=pool["Id"], GroupName="loggers")["Users"])
    idp.admin_delete_user(**place)
    seen.append(code(idp.admin_get_user, **place))
    seen.append(code(idp.create_group, UserPoolId=pool["Id"], GroupName="loggers"))
    seen.append(code(idp.describe_user_pool, UserPoolId="us-east-1_Nowhere00"))
    return seen


def test_the_workshop_goes_as_with_moto(idp, monkeypatch):
    from moto import mock_aws

    ours = workshop(idp)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        theirs = workshop(boto3.client("cognito-idp", region_name="us-east-1"))
    assert ours == theirs


@pytest.fixture
def invited(idp, pool_id, engine):
    """ana's temporary password, as the mail tells it."""
    idp.admin_create_user(
        UserPoolId=pool_id,
        Username="ana",
        UserAttributes=[{"Name": "email", "Value": "ana@example.com"}],
    )
    return engine.outbox.mails()[0].details["temporary_password"]


def test_without_a_temporary_password_one_is_made_up_and_mailed(
    idp, client_id, invited, engine
):  # T08
    (mail,) = engine.outbox.mails()
    assert mail.recipient == "ana@example.com"
    assert invited in mail.body
    assert engine.portal_url in mail.body
    session = sign_in(idp, client_id, invited)["Session"]
    assert choose(idp, client_id, session)["AuthenticationResult"]["AccessToken"]
    assert engine.outbox.mails()[0].details["password_state"] == "used"


def test_calls_of_workers_need_no_aws_credentials(idp, client_id, invited, monkeypatch):
    monkeypatch.setattr(idp._request_signer._credentials, "secret_key", "wrong")
    assert sign_in(idp, client_id, invited)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    with pytest.raises(ClientError):
        idp.list_user_pools(MaxResults=1)


def test_unknown_names_and_wrong_passwords_read_alike(idp, client_id, invited):
    for name in ("ana", "nobody"):
        with pytest.raises(idp.exceptions.NotAuthorizedException) as caught:
            sign_in(idp, client_id, "Wrong-1-Word", name)
        error = caught.value.response["Error"]
        assert error["Message"] == "Incorrect username or password."


def test_a_client_with_a_secret_wants_to_see_its_hash(idp, pool_id, invited):
    client = idp.create_user_pool_client(
        UserPoolId=pool_id, ClientName="web", GenerateSecret=True, ExplicitAuthFlows=FLOWS
    )["UserPoolClient"]
    message = ("ana" + client["ClientId"]).encode()
    mac = hmac.new(client["ClientSecret"].encode(), message, hashlib.sha256).digest()
    proof = base64.b64encode(mac).decode()
    for wrong in ({}, {"SECRET_HASH": "x" + proof[1:]}):
        with pytest.raises(idp.exceptions.NotAuthorizedException):
            sign_in(idp, client["ClientId"], invited, **wrong)
    session = sign_in(idp, client["ClientId"], invited, SECRET_HASH=proof)["Session"]
    with pytest.raises(idp.exceptions.NotAuthorizedException):
        choose(idp, client["ClientId"], session)
    assert choose(idp, client["ClientId"], session, SECRET_HASH=proof)


def test_a_flow_has_to_be_enabled(idp, pool_id, invited):
    client = idp.create_user_pool_client(UserPoolId=pool_id, ClientName="srp")
    client_id = client["UserPoolClient"]["ClientId"]
    params = {"idp": idp, "client_id": client_id, "password": invited}
    assert code(sign_in, **params) == "InvalidParameterException"


def test_the_admin_flow_signs_in_too(idp, pool_id, client_id, invited):
    place = {"UserPoolId": pool_id, "ClientId": client_id}
    given = {"USERNAME": "ana", "PASSWORD": invited}
    flow = {"AuthFlow": "ADMIN_USER_PASSWORD_AUTH", "AuthParameters": given}
    first = idp.admin_initiate_auth(**place, **flow)
    assert json.loads(first["ChallengeParameters"]["userAttributes"]) == {
        "email": "ana@example.com"
    }
    done = idp.admin_respond_to_auth_challenge(
        **place,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session=first["Session"],
        ChallengeResponses={
            "USERNAME": "ana",
            "NEW_PASSWORD": CHOSEN,
            "userAttributes.name": "Ana",
        },
    )
    me = idp.get_user(AccessToken=done["AuthenticationResult"]["AccessToken"])
    assert {"Name": "name", "Value": "Ana"} in me["UserAttributes"]


def test_the_identity_token_is_signed_with_the_folders_secret(idp, client_id, invited, engine):
    session = sign_in(idp, client_id, invited)["Session"]
    token = choose(idp, client_id, session)["AuthenticationResult"]["IdToken"]
    signed, _, mac = token.rpartition(".")
    head, claims = (json.loads(base64.urlsafe_b64decode(p + "==")) for p in signed.split("."))
    secret = engine.store.fact("id_token_secret").encode()
    expected = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64decode(mac + "==") == expected
    assert (head["alg"], claims["aud"], claims["token_use"]) == ("HS256", client_id, "id")
    assert (claims["cognito:username"], claims["email"]) == ("ana", "ana@example.com")
    assert claims["exp"] - claims["iat"] == 3600


def test_tokens_are_refreshed_until_the_user_signs_out(idp, client_id, invited):
    session = sign_in(idp, client_id, invited)["Session"]
    tokens = choose(idp, client_id, session)["AuthenticationResult"]
    refresh = {
        "ClientId": client_id,
        "AuthFlow": "REFRESH_TOKEN_AUTH",
        "AuthParameters": {"REFRESH_TOKEN": tokens["RefreshToken"]},
    }
    fresh = idp.initiate_auth(**refresh)["AuthenticationResult"]
    assert "RefreshToken" not in fresh
    assert idp.get_user(AccessToken=fresh["AccessToken"])["Username"] == "ana"
    idp.global_sign_out(AccessToken=fresh["AccessToken"])
    assert code(idp.get_user, AccessToken=tokens["AccessToken"]) == "NotAuthorizedException"
    assert code(idp.initiate_auth, **refresh) == "NotAuthorizedException"


def test_challenges_and_refresh_tokens_are_good_for_their_client_only(
    idp, pool_id, client_id, invited
):
    other = idp.create_user_pool_client(
        UserPoolId=pool_id, ClientName="other", ExplicitAuthFlows=FLOWS
    )["UserPoolClient"]["ClientId"]
    session = sign_in(idp, client_id, invited)["Session"]
    assert code(choose, idp=idp, client_id=other, session=session) == "NotAuthorizedException"
    token = choose(idp, client_id, session)["AuthenticationResult"]["RefreshToken"]
    flow = {"AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": token}}
    assert code(idp.initiate_auth, ClientId=other, **flow) == "NotAuthorizedException"
    assert idp.initiate_auth(ClientId=client_id, **flow)["AuthenticationResult"]


def test_a_refresh_token_is_no_access_token(idp, client_id, invited):
    session = sign_in(idp, client_id, invited)["Session"]
    tokens = choose(idp, client_id, session)["AuthenticationResult"]
    assert code(idp.get_user, AccessToken=tokens["RefreshToken"]) == "NotAuthorizedException"


def test_an_administrator_sets_a_password(idp, pool_id, client_id, invited):
    place = {"UserPoolId": pool_id, "Username": "ana"}
    weak = {"Password": "weak", "Permanent": True}
    assert code(idp.admin_set_user_password, **place, **weak) == "InvalidPasswordException"
    idp.admin_set_user_password(**place, Password=CHOSEN, Permanent=True)
    assert sign_in(idp, client_id, CHOSEN)["AuthenticationResult"]
    idp.admin_set_user_password(**place, Password="Other-7-Word", Permanent=False)
    assert sign_in(idp, client_id, "Other-7-Word")["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


def test_users_are_listed_page_by_page(idp, pool_id):
    names = [f"worker-{number:02}" for number in range(7)]
    for name in names:
        idp.admin_create_user(UserPoolId=pool_id, Username=name, MessageAction="SUPPRESS")
    pages = idp.get_paginator("list_users").paginate(
        UserPoolId=pool_id, PaginationConfig={"PageSize": 3}
    )
    listed = [[user["Username"] for user in page["Users"]] for page in pages]
    assert [len(page) for page in listed] == [3, 3, 1]
    assert [name for page in listed for name in page] == names
    assert code(idp.list_users, UserPoolId=pool_id, PaginationToken="WyJ4") == (
        "InvalidParameterException"
    )


def test_a_workers_sub_resolves_by_list_users(idp, pool_id, invited):
    (ana,) = idp.list_users(UserPoolId=pool_id)["Users"]
    sub = ana["Attributes"][0]["Value"]
    found = idp.list_users(UserPoolId=pool_id, Filter=f'sub = "{sub}"', AttributesToGet=["email"])[
        "Users"
    ]
    assert [user["Username"] for user in found] == ["ana"]
    assert found[0]["Attributes"] == [{"Name": "email", "Value": "ana@example.com"}]


def test_pools_and_clients_are_listed_changed_and_deleted(idp, pool_id, client_id):
    idp.create_user_pool(PoolName="second", UserPoolTags={"a": "b"})
    pools = idp.get_paginator("list_user_pools").paginate(PaginationConfig={"PageSize": 1})
    assert {pool["Name"] for page in pools for pool in page["UserPools"]} == {
        "labelers",
        "second",
    }
    lax = {"PasswordPolicy": {"MinimumLength": 6}}
    idp.update_user_pool(UserPoolId=pool_id, Policies=lax)
    policy = idp.describe_user_pool(UserPoolId=pool_id)["UserPool"]["Policies"]
    assert policy["PasswordPolicy"]["MinimumLength"] == 6
    assert policy["PasswordPolicy"]["RequireSymbols"] is False
    changed = idp.update_user_pool_client(
        UserPoolId=pool_id, ClientId=client_id, ClientName="renamed"
    )["UserPoolClient"]
    assert changed["ClientName"] == "renamed"
    assert "ExplicitAuthFlows" not in changed
    listed = idp.list_user_pool_clients(UserPoolId=pool_id)["UserPoolClients"]
    assert [client["ClientName"] for client in listed] == ["renamed"]
    idp.delete_user_pool_client(UserPoolId=pool_id, ClientId=client_id)
    assert code(idp.describe_user_pool_client, UserPoolId=pool_id, ClientId=client_id) == (
        "ResourceNotFoundException"
    )
    idp.delete_user_pool(UserPoolId=pool_id)
    assert code(idp.list_users, UserPoolId=pool_id) == "ResourceNotFoundException"


def test_what_the_engine_does_not_do_is_refused_and_not_ignored(idp):
    trigger = {"PreSignUp": "arn:aws:lambda:us-east-1:111122223333:function:check-them"}
    for setting in ({"MfaConfiguration": "ON"}, {"LambdaConfig": trigger}):
        assert code(idp.create_user_pool, PoolName="x", **setting) == ("InvalidParameterException")
    assert idp.list_user_pools(MaxResults=5)["UserPools"] == []


def test_removal_from_a_team_ends_the_portal_session(
    idp, client_id, invited, engine, sagemaker_client
):
    pool_id = idp.list_user_pools(MaxResults=1)["UserPools"][0]["Id"]
    place = {"UserPoolId": pool_id, "GroupName": "loggers"}
    idp.create_group(**place)
    idp.admin_add_user_to_group(**place, Username="ana")
    member = {"UserPool": pool_id, "UserGroup": "loggers", "ClientId": client_id}
    arn = sagemaker_client.create_workteam(
        WorkteamName="loggers",
        MemberDefinitions=[{"CognitoMemberDefinition": member}],
        Description="People who know the brands",
    )["WorkteamArn"]
    challenge = engine.identity.sign_in("ana", invited).challenge_session
    session = engine.identity.set_new_password("ana", challenge, CHOSEN).session
    sub = engine.identity.worker_of(session).sub
    assert engine.workforce.teams_of(sub) == [arn]
    idp.admin_remove_user_from_group(**place, Username="ana")
    assert engine.workforce.teams_of(sub) == []
    with pytest.raises(Exception, match="Sign in again"):
        engine.identity.worker_of(session)
