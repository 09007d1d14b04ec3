"""Workers sign in, choose passwords, and are kept out."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from gt_widgets.engine import tables
from gt_widgets.errors import ServiceError, SignInError

HOUR = 3600


@pytest.fixture
def store_url():
    """SQLite alone: nothing here depends on the store."""
    return


@pytest.fixture
def team(people):
    """Workers can only sign in to the pool of a workforce."""
    return people.team()


def refusal(call, *args):
    with pytest.raises(SignInError) as caught:
        call(*args)
    assert (caught.value.code, caught.value.status) == ("NotAuthorizedException", 403)
    return str(caught.value)


def test_the_first_sign_in_forces_a_new_password(people, team):  # T08
    user, temporary = people.invited()
    first = people.identity.sign_in("ana", temporary)
    assert (first.session, first.challenge) == (None, "NEW_PASSWORD_REQUIRED")
    assert first.password_policy.startswith("At least 8 characters")
    done = people.identity.set_new_password("ana", first.challenge_session, "Grid-9-Lamp")
    assert people.identity.worker_of(done.session) == done.worker
    assert (done.worker.sub, done.worker.user_name) == (user.sub, "ana")
    assert people.identity.sign_in("ana", "Grid-9-Lamp").session


def test_the_temporary_password_is_useless_once_another_was_chosen(people, team):  # T08
    _, temporary = people.invited()
    challenge = people.identity.sign_in("ana", temporary).challenge_session
    people.identity.set_new_password("ana", challenge, "Grid-9-Lamp")
    assert refusal(people.identity.sign_in, "ana", temporary) == "Incorrect username or password."
    assert people.outbox.mails()[0].details["password_state"] == "used"


def test_the_temporary_password_cannot_be_chosen(people, team):
    _, temporary = people.invited()
    challenge = people.identity.sign_in("ana", temporary).challenge_session
    with pytest.raises(ServiceError, match="differ from the temporary"):
        people.identity.set_new_password("ana", challenge, temporary)


def test_a_refused_new_password_can_be_followed_by_a_better_one(people, team):
    _, temporary = people.invited()
    challenge = people.identity.sign_in("ana", temporary).challenge_session
    with pytest.raises(ServiceError, match="Password not long enough"):
        people.identity.set_new_password("ana", challenge, "short")
    assert people.identity.set_new_password("ana", challenge, "Grid-9-Lamp").session


def test_a_challenge_is_good_once_for_its_user_and_for_three_minutes(people, team):
    _, temporary = people.invited()
    people.invited("bob")
    identity = people.identity
    challenge = identity.sign_in("ana", temporary).challenge_session
    refusal(identity.set_new_password, "bob", challenge, "Grid-9-Lamp")
    identity.set_new_password("ana", challenge, "Grid-9-Lamp")
    refusal(identity.set_new_password, "ana", challenge, "Grid-8-Lamp")
    _, temporary = people.invited("eve")
    late = identity.sign_in("eve", temporary).challenge_session
    people.clock.advance(181)
    refusal(identity.set_new_password, "eve", late, "Grid-9-Lamp")


def test_a_challenge_is_no_session(people, team):
    _, temporary = people.invited()
    challenge = people.identity.sign_in("ana", temporary).challenge_session
    refusal(people.identity.worker_of, challenge)


def test_an_unknown_name_reads_like_a_wrong_password(people, team):
    people.invited()
    for name in ("ana", "nobody", "Ana"):
        message = refusal(people.identity.sign_in, name, "Wrong-1-Guess")
        assert message == "Incorrect username or password."


def test_an_expired_temporary_password_is_refused_until_the_invitation_is_resent(people, team):
    _, temporary = people.invited()
    people.clock.advance(7 * 24 * HOUR)
    assert "expired" in refusal(people.identity.sign_in, "ana", temporary)
    people.identity.users.resend(people.pool_id, "ana")
    newest, oldest = people.outbox.mails()
    assert oldest.details["password_state"] == "replaced"
    refusal(people.identity.sign_in, "ana", temporary)
    assert people.identity.sign_in("ana", newest.details["temporary_password"]).challenge


def test_a_user_of_a_pool_without_workforce_cannot_sign_in(people):
    _, temporary = people.invited()
    refusal(people.identity.sign_in, "ana", temporary)


def test_five_wrong_passwords_lock_the_account_for_longer_and_longer(people, team):
    _, temporary = people.invited()
    for _ in range(5):
        assert "Incorrect" in refusal(people.identity.sign_in, "ana", "Wrong-1-Guess")
    assert refusal(people.identity.sign_in, "ana", temporary) == "Password attempts exceeded"
    people.clock.advance(1)
    assert "Incorrect" in refusal(people.identity.sign_in, "ana", "Wrong-1-Guess")
    people.clock.advance(1)
    assert refusal(people.identity.sign_in, "ana", temporary) == "Password attempts exceeded"
    people.clock.advance(1)
    assert people.identity.sign_in("ana", temporary).challenge


def test_a_lock_never_lasts_longer_than_fifteen_minutes(people, team):
    _, temporary = people.invited()
    for _ in range(30):
        refusal(people.identity.sign_in, "ana", "Wrong-1-Guess")
        people.clock.advance(900)
    assert people.identity.sign_in("ana", temporary).challenge


def test_unknown_names_are_locked_like_known_ones(people, team):
    for _ in range(5):
        refusal(people.identity.sign_in, "nobody", "Wrong-1-Guess")
    assert "exceeded" in refusal(people.identity.sign_in, "nobody", "Wrong-1-Guess")


def test_guesses_made_at_once_all_count(people, team):
    people.invited()
    messages = []

    def guess():
        messages.append(refusal(people.identity.sign_in, "ana", "Wrong-1-Guess"))

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert messages.count("Incorrect username or password.") == 5
    assert messages.count("Password attempts exceeded") == 7


def test_a_session_slides_with_use_and_ends_after_twelve_idle_hours(people, team):
    _, session = people.confirmed()
    for _ in range(4):
        people.clock.advance(11 * HOUR)
        assert people.identity.worker_of(session).user_name == "ana"
    people.clock.advance(12 * HOUR)
    assert "Sign in again" in refusal(people.identity.worker_of, session)


def test_signing_out_ends_this_session_only(people, team):
    _, session = people.confirmed()
    other = people.identity.sign_in("ana", "Grid-9-Lamp").session
    people.identity.sign_out(session)
    refusal(people.identity.worker_of, session)
    assert people.identity.worker_of(other).user_name == "ana"


@pytest.mark.parametrize("what", ["disable", "delete", "password"])
def test_an_administrator_ends_every_session(people, team, what):  # T06
    user, session = people.confirmed()
    users = people.identity.users
    if what == "disable":
        users.set_enabled(user, enabled=False)
    elif what == "delete":
        users.delete(user)
    else:
        users.set_password(user, "Other-7-Word", permanent=True)
    refusal(people.identity.worker_of, session)


def test_a_disabled_worker_is_refused_and_an_enabled_one_let_in_again(people, team):  # T06
    user, _ = people.confirmed()
    people.identity.users.set_enabled(user, enabled=False)
    assert refusal(people.identity.sign_in, "ana", "Grid-9-Lamp") == "User is disabled."
    people.identity.users.set_enabled(user, enabled=True)
    assert people.identity.sign_in("ana", "Grid-9-Lamp").session


def test_neither_passwords_nor_tokens_are_in_the_store(people, team):
    _, session = people.confirmed(password="Grid-9-Lamp")
    with people.store.begin() as connection:
        rows = [
            row
            for table in (tables.users, tables.sessions)
            for row in connection.execute(sa.select(table)).all()
        ]
    text = repr(rows)
    assert "Grid-9-Lamp" not in text
    assert session not in text
    assert "$argon2id$" in text


def test_sessions_outlive_a_restart_of_the_engine(people, team):
    _, session = people.confirmed()
    people.store.close()
    people.open()
    assert people.identity.worker_of(session).user_name == "ana"


def test_only_simulated_workers_get_a_session_without_a_password(people, team):
    user, _ = people.invited()
    worker = people.identity.simulated_worker(people.pool_id, "loggers", "sim-1")
    session = people.identity.session_for(worker.sub)
    assert people.identity.worker_of(session) == worker
    assert worker.simulated
    assert people.identity.simulated_worker(people.pool_id, "loggers", "sim-1") == worker
    refusal(people.identity.session_for, user.sub)
    refusal(people.identity.sign_in, "sim-1", "Grid-9-Lamp")


def test_a_disabled_simulated_worker_is_refused_too(people, team):  # T06
    worker = people.identity.simulated_worker(people.pool_id, "loggers", "sim-1")
    user = people.identity.users.get(people.pool_id, "sim-1")
    people.identity.users.set_enabled(user, enabled=False)
    refusal(people.identity.worker_of, people.identity.session_for(worker.sub))


def test_a_simulated_worker_cannot_take_a_real_ones_name(people, team):
    people.invited("ana")
    with pytest.raises(ServiceError, match="already exists"):
        people.identity.simulated_worker(people.pool_id, "loggers", "ana")
