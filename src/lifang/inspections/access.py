"""Who may open the photos of observations. Registered with ``core.files``."""

from lifang.core import files
from lifang.core.acts import Actor
from lifang.core.errors import Forbidden
from lifang.core.models import StoredFile
from lifang.inspections.queries import visible_to
from lifang.orgs.acting import Acting


@files.opens
def of_an_observation_i_see(by: Actor, file: StoredFile, variant: str) -> bool:
    """Whoever may see an observation may open its photos; originals are logged by ``core.files``."""
    if not isinstance(by, Acting):
        return False
    try:
        return visible_to(by).filter(photos=file).exists()
    except Forbidden:
        return False
