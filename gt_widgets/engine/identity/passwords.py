"""Passwords: what a pool asks of them, temporary ones, and their hashes.

Layer: engine (pure functions but for the randomness of ``secrets`` and argon2's salt).
"""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gt_widgets.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PasswordPolicy", "hash_password", "password_fits", "waste_a_guess"]

SYMBOLS = "^$*.[]{}()?-\"!@#%&/\\,><':;|_~`+= "
"""What Cognito counts as a symbol; the space not at either end."""
# easy to tell apart and to type, in a mail that is read aloud or copied by hand
_UPPER, _LOWER, _DIGITS, _MARKS = (
    "ABCDEFGHJKLMNPQRSTUVWXYZ",
    "abcdefghijkmnpqrstuvwxyz",
    "23456789",
    "!#%+-=?@",
)
_TEMPORARY_LENGTH = 12
# OWASP's smallest recommended argon2id setting: 19 MiB, two passes, one lane
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """The password rules of a user pool; the defaults are Cognito's.

    Parameters
    ----------
    minimum_length : int in [6, 99]
        Characters.
    uppercase, lowercase, numbers, symbols : bool
        Whether a password needs at least one of these.
    temporary_days : int in [0, 365]
        How long a temporary password is good for.
    """

    minimum_length: int = 8
    uppercase: bool = True
    lowercase: bool = True
    numbers: bool = True
    symbols: bool = True
    temporary_days: int = 7

    @classmethod
    def from_aws(cls, policy: Mapping[str, Any]) -> PasswordPolicy:
        """Read a ``PasswordPolicy`` in AWS's keys; rules that a given policy omits are off."""
        if not policy:
            return cls()
        return cls(
            minimum_length=policy.get("MinimumLength", 8),
            uppercase=policy.get("RequireUppercase", False),
            lowercase=policy.get("RequireLowercase", False),
            numbers=policy.get("RequireNumbers", False),
            symbols=policy.get("RequireSymbols", False),
            temporary_days=policy.get("TemporaryPasswordValidityDays", 7),
        )

    def to_aws(self) -> dict[str, Any]:
        """Write the policy in AWS's keys."""
        return {
            "MinimumLength": self.minimum_length,
            "RequireUppercase": self.uppercase,
            "RequireLowercase": self.lowercase,
            "RequireNumbers": self.numbers,
            "RequireSymbols": self.symbols,
            "TemporaryPasswordValidityDays": self.temporary_days,
        }

    def check(self, password: str) -> None:
        """Refuse a password that breaks the policy.

        Raises
        ------
        ServiceError
            ``InvalidPasswordException`` with Cognito's text, naming the first broken rule.
        """
        problem = self._problem(password)
        if problem:
            raise ServiceError(
                "InvalidPasswordException",
                f"Password did not conform with policy: {problem}",
            )

    def _problem(self, password: str) -> str | None:
        rules = [
            (len(password) < self.minimum_length, "Password not long enough"),
            (
                self.uppercase and not _any(password, string.ascii_uppercase),
                _needs("uppercase"),
            ),
            (
                self.lowercase and not _any(password, string.ascii_lowercase),
                _needs("lowercase"),
            ),
            (self.numbers and not _any(password, string.digits), _needs("numeric")),
            (self.symbols and not _any(password.strip(), SYMBOLS), _needs("symbol")),
        ]
        return next((text for broken, text in rules if broken), None)

    @property
    def text(self) -> str:
        """The rules as a sentence for the worker who chooses a password."""
        parts = [
            (self.uppercase, "an upper-case letter"),
            (self.lowercase, "a lower-case letter"),
            (self.numbers, "a number"),
            (self.symbols, "a symbol"),
        ]
        needed = [name for wanted, name in parts if wanted]
        head = f"At least {self.minimum_length} characters"
        if not needed:
            return f"{head}."
        listed = " and ".join(filter(None, [", ".join(needed[:-1]), needed[-1]]))
        return f"{head}, with {listed}."

    def temporary(self) -> str:
        """Make a random temporary password that fits the policy, 12 characters or more."""
        alphabets = [_UPPER, _LOWER, _DIGITS]
        characters = [secrets.choice(alphabet) for alphabet in alphabets]
        if self.symbols:
            characters.append(secrets.choice(_MARKS))
        length = max(self.minimum_length, _TEMPORARY_LENGTH)
        while len(characters) < length:
            characters.append(secrets.choice("".join(alphabets)))
        secrets.SystemRandom().shuffle(characters)
        return "".join(characters)


def hash_password(password: str) -> str:
    """Hash with argon2id and a fresh salt (19 MiB, about 20 ms)."""
    return _HASHER.hash(password)


def password_fits(password: str, hashed: str | None) -> bool:
    """Tell whether ``password`` is the one behind ``hashed``; never if there is none."""
    if hashed is None:
        waste_a_guess(password)
        return False
    try:
        return _HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def waste_a_guess(password: str) -> None:
    """Take as long as a real check, so that time does not tell which user names exist."""
    password_fits(password, _nobodys_hash())


@cache
def _nobodys_hash() -> str:
    return hash_password(secrets.token_urlsafe())


def _any(password: str, alphabet: str) -> bool:
    return any(character in alphabet for character in password)


def _needs(what: str) -> str:
    return f"Password must have {what} characters"
