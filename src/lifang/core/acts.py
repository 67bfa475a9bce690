"""The shape of the one who acts, as far as ``core`` needs it. ``orgs.acting.Acting`` fits it."""

from typing import Protocol


class Actor(Protocol):
    """Who acts. ``core`` knows no people and no units, only their numbers and names."""

    @property
    def user_id(self) -> int | None: ...
    @property
    def name(self) -> str: ...
    @property
    def unit_id(self) -> int | None: ...
    @property
    def token_id(self) -> int | None: ...
    @property
    def automatic(self) -> bool: ...
    @property
    def citizen(self) -> bool: ...
    @property
    def address(self) -> str: ...
    @property
    def roles(self) -> frozenset[str]: ...


def owner_of(by: Actor) -> str:
    """A short name of the one who acts that outlives the request: ``user:7``, ``token:3``."""
    if by.user_id is not None:
        return f"user:{by.user_id}"
    if by.token_id is not None:
        return f"token:{by.token_id}"
    if by.automatic:
        return "system"
    return f"address:{by.address}" if by.address else "citizen"
