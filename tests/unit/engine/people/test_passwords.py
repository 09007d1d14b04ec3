"""Password rules, temporary passwords and hashes."""

from __future__ import annotations

import pytest

from gt_widgets.engine.identity.passwords import PasswordPolicy, hash_password, password_fits
from gt_widgets.errors import ServiceError


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("Sh0rt!", "Password not long enough"),
        ("no-upper-1", "Password must have uppercase characters"),
        ("NO-LOWER-1", "Password must have lowercase characters"),
        ("No-Digits", "Password must have numeric characters"),
        ("NoSymbol1", "Password must have symbol characters"),
        (" NoSymbol1 ", "Password must have symbol characters"),
    ],
)
def test_each_broken_rule_is_named_in_cognitos_words(password, problem):
    with pytest.raises(ServiceError) as caught:
        PasswordPolicy().check(password)
    assert caught.value.code == "InvalidPasswordException"
    assert str(caught.value) == f"Password did not conform with policy: {problem}"


def test_a_temporary_password_fits_the_policy_it_was_made_for():
    strict = PasswordPolicy(minimum_length=20)
    made = [strict.temporary() for _ in range(200)]
    for password in made:
        strict.check(password)
    assert len(set(made)) == 200


def test_rules_that_a_given_policy_omits_are_off():
    policy = PasswordPolicy.from_aws({"MinimumLength": 6})
    policy.check("simple")
    assert policy.text == "At least 6 characters."
    assert PasswordPolicy.from_aws({}) == PasswordPolicy()


def test_the_rules_read_as_a_sentence():
    assert PasswordPolicy().text == (
        "At least 8 characters, with an upper-case letter, a lower-case letter, a number and "
        "a symbol."
    )
    assert PasswordPolicy(symbols=False, lowercase=False, numbers=False).text == (
        "At least 8 characters, with an upper-case letter."
    )


def test_a_hash_is_argon2id_salted_and_fits_its_password_only():
    first, second = hash_password("Grid-9-Lamp"), hash_password("Grid-9-Lamp")
    assert first.startswith("$argon2id$")
    assert first != second
    assert password_fits("Grid-9-Lamp", first)
    assert not password_fits("grid-9-lamp", first)
    assert not password_fits("Grid-9-Lamp", None)
    assert not password_fits("Grid-9-Lamp", "not a hash")
