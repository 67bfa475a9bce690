"""Who may open a file. Rooms that hang files on their things register who may see those."""

from collections.abc import Callable

from lifang.core.acts import Actor, owner_of
from lifang.core.models import StoredFile

#: (who, file, variant: thumb | view | original) → whether this room lets them
Rule = Callable[[Actor, StoredFile, str], bool]
_RULES: list[Rule] = []


def opens(rule: Rule) -> Rule:
    """Register a rule; one that says yes is enough. Without any, only the owner may."""
    _RULES.append(rule)
    return rule


def may_open(by: Actor, file: StoredFile, variant: str) -> bool:
    """Whether ``by`` may open that variant. Nobody without a name opens an original."""
    known = by.user_id is not None or by.token_id is not None or by.automatic
    if not known:
        return False
    if by.automatic or file.owner == owner_of(by):
        return True
    return any(rule(by, file, variant) for rule in _RULES)
