"""What rooms above do with a file that has just come: they register it here, ``core`` knows none."""

from collections.abc import Callable

from lifang.core.models import StoredFile

Hook = Callable[[StoredFile], None]
_HOOKS: list[Hook] = []


def arrived(hook: Hook) -> Hook:
    """Register what is called once for each new file, in the transaction that stores its row."""
    _HOOKS.append(hook)
    return hook


def tell(row: StoredFile) -> None:
    """Call the hooks. They only enqueue; whoever sends a file does not wait for them."""
    for hook in _HOOKS:
        hook(row)
