"""Properties here have no deadline: the machine is shared, and the first example imports numpy."""

from hypothesis import settings

settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")
