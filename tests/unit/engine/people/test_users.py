"""Users, groups, pools and the invitations to them."""

from __future__ import annotations

import pytest

from gt_widgets.engine.identity.filters import user_filter
from gt_widgets.errors import ServiceError


def code(call, *args, **options):
    with pytest.raises(ServiceError) as caught:
        call(*args, **options)
    return caught.value.code


def test_an_invitation_holds_name_password_and_portal_link(people):  # T08
    _, temporary = people.invited("ana", attributes={"email": "ana@example.com"})
    (mail,) = people.outbox.mails()
    assert mail.recipient == "ana@example.com"
    for part in ("ana", temporary, "http://127.0.0.1:8123/portal"):
        assert part in mail.body
    assert mail.details["user_name"] == "ana"
    assert mail.details["portal_url"] == "http://127.0.0.1:8123/portal"
    assert mail.details["password_state"] == "waiting"


def test_the_pools_own_invitation_text_is_used_and_the_link_added(people):
    template = {"EmailSubject": "Hi {username}", "EmailMessage": "Use {####} {not_ours}"}
    pool = people.identity.pools.create(
        "own", {"AdminCreateUserConfig": {"InviteMessageTemplate": template}}
    )
    people.identity.users.create(pool.pool_id, "ana", temporary_password="Grid-9-Lamp")
    (mail,) = people.outbox.mails()
    assert mail.subject == "Hi ana"
    assert mail.body == (
        "Use Grid-9-Lamp {not_ours}\n\nLabeling portal: http://127.0.0.1:8123/portal\n"
    )


def test_a_suppressed_invitation_writes_no_mail(people):
    people.identity.users.create(people.pool_id, "ana", invite=False)
    assert people.outbox.mails() == []


def test_a_chosen_user_gets_no_second_invitation(people):
    people.team()
    people.confirmed()
    with pytest.raises(ServiceError, match="status is not FORCE_CHANGE_PASSWORD") as caught:
        people.identity.users.resend(people.pool_id, "ana")
    assert caught.value.code == "UnsupportedUserStateException"


def test_a_weak_temporary_password_leaves_no_user_behind(people):
    create = people.identity.users.create
    assert code(create, people.pool_id, "ana", temporary_password="weak") == (
        "InvalidPasswordException"
    )
    assert people.identity.users.all(people.pool_id) == []


def test_a_name_is_taken_once_and_case_counts(people):
    people.invited("ana")
    assert code(people.identity.users.create, people.pool_id, "ana") == "UsernameExistsException"
    people.invited("Ana")
    assert len(people.identity.users.all(people.pool_id)) == 2


def test_a_pool_may_ignore_case(people):
    pool = people.identity.pools.create("lax", {"UsernameConfiguration": {"CaseSensitive": False}})
    people.identity.users.create(pool.pool_id, "Ana")
    assert people.identity.users.get(pool.pool_id, "ANA").user_name == "ana"


def test_a_pool_may_have_email_addresses_for_names(people):
    pool = people.identity.pools.create("mail", {"UsernameAttributes": ["email"]})
    user = people.identity.users.create(pool.pool_id, "ana@example.com")
    assert user.user_name == user.sub
    assert people.identity.users.get(pool.pool_id, "ana@example.com").sub == user.sub
    assert people.outbox.mails()[0].details["user_name"] == "ana@example.com"
    assert code(people.identity.users.create, pool.pool_id, "ana@example.com") == (
        "UsernameExistsException"
    )
    assert code(people.identity.users.create, pool.pool_id, "ana") == ("InvalidParameterException")


@pytest.mark.parametrize("attributes", [{"shoe_size": "43"}, {"sub": "me"}, {"custom:x": "1"}])
def test_attributes_outside_the_schema_are_refused(people, attributes):
    create = people.identity.users.create
    assert code(create, people.pool_id, "ana", attributes=attributes) == (
        "InvalidParameterException"
    )


def test_the_schema_adds_custom_and_required_attributes(people):
    schema = [{"Name": "email", "Required": True}, {"Name": "team"}]
    pool = people.identity.pools.create("own", {"Schema": schema})
    create = people.identity.users.create
    assert code(create, pool.pool_id, "ana") == "InvalidParameterException"
    attributes = {"email": "ana@example.com", "custom:team": "logos"}
    assert create(pool.pool_id, "ana", attributes=attributes).attributes == attributes


def test_an_empty_value_removes_an_attribute(people):
    user, _ = people.invited("ana", attributes={"email": "ana@example.com", "name": "Ana"})
    people.identity.users.set_attributes(user, {"name": "", "locale": "de"})
    assert people.identity.users.get(people.pool_id, "ana").attributes == {
        "email": "ana@example.com",
        "locale": "de",
    }


def test_a_deleted_user_leaves_groups_and_his_sub_is_never_used_again(people):
    user, _ = people.invited()
    people.members()
    people.identity.groups.add(people.pool_id, "loggers", user.sub)
    people.identity.users.delete(user)
    assert people.identity.groups.of(user.sub) == set()
    again, _ = people.invited()
    assert again.sub != user.sub
    assert people.identity.pool_of(again.sub) == people.pool_id


def test_the_pool_of_a_deleted_worker_is_the_workforces(people):
    people.team()
    assert people.identity.pool_of("gone") == people.pool_id


def test_a_deleted_pool_takes_everyone_with_it(people):
    user, _ = people.invited()
    people.identity.pools.delete(people.pool_id)
    assert people.identity.users.by_sub(user.sub) is None
    assert code(people.identity.pools.client, people.client_id) == "ResourceNotFoundException"


def test_a_pool_with_a_domain_or_protection_is_not_deleted(people):
    pools = people.identity.pools
    pools.set_domain(people.pool_id, "logos")
    assert code(pools.delete, people.pool_id) == "InvalidParameterException"
    kept = pools.create("kept", {"DeletionProtection": "ACTIVE"})
    assert code(pools.delete, kept.pool_id) == "InvalidParameterException"
    assert code(pools.set_domain, kept.pool_id, "logos") == "InvalidParameterException"


def test_identifiers_have_cognitos_form(people):
    identity = people.identity
    client = identity.pools.create_client(people.pool_id, "app", settings={}, with_secret=True)
    prefix, _, tail = people.pool_id.partition("_")
    assert (prefix, len(tail)) == ("us-east-1", 9)
    assert len(client.client_id) == 26
    assert len(client.secret) == 52
    assert client.client_id == client.client_id.lower()


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ('email ^= "ana@"', ["ana"]),
        ('username = "bob"', ["bob"]),
        ('"username" = "bob"', ["bob"]),
        ('username ^= ""', ["ana", "bob"]),
        ('cognito:user_status = "FORCE_CHANGE_PASSWORD"', ["ana", "bob"]),
        ('status = "Enabled"', ["ana"]),
        ('status = "disabled"', ["bob"]),
        ('name = "Bob \\"B\\" Berg"', ["bob"]),
        ('email = "ana@"', []),
        ("", ["ana", "bob"]),
    ],
)
def test_filters_select_users(people, expression, names):
    people.invited("ana", attributes={"email": "ana@example.com"})
    bob, _ = people.invited("bob", attributes={"name": 'Bob "B" Berg'})
    people.identity.users.set_enabled(bob, enabled=False)
    users = people.identity.users.all(people.pool_id)
    assert [user.user_name for user in users if user_filter(expression)(user)] == names


def test_a_worker_is_found_by_sub(people):
    user, _ = people.invited()
    assert user_filter(f'sub = "{user.sub}"')(user)


@pytest.mark.parametrize("expression", ["email", "email > 1", 'shoe = "43"', 'a = "b" or c'])
def test_filters_that_cannot_be_read_are_refused(expression):
    assert code(user_filter, expression) == "InvalidParameterException"


def test_a_group_exists_once_and_forgets_its_members_when_deleted(people):
    groups = people.identity.groups
    groups.create(people.pool_id, "loggers", description="old")
    assert code(groups.create, people.pool_id, "loggers") == "GroupExistsException"
    user, _ = people.invited()
    groups.add(people.pool_id, "loggers", user.sub)
    groups.add(people.pool_id, "loggers", user.sub)
    assert groups.update(people.pool_id, "loggers", description="new").description == "new"
    groups.delete(people.pool_id, "loggers")
    groups.create(people.pool_id, "loggers")
    assert people.identity.users.all(people.pool_id, group="loggers") == []
