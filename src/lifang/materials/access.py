"""Who may open the files of materials. Registered with ``core.files``."""

from lifang.core import files
from lifang.core.acts import Actor
from lifang.core.models import StoredFile
from lifang.materials.models import RevisionFile
from lifang.materials.permissions import files_seen_by
from lifang.orgs.acting import Acting


@files.opens
def of_a_material_i_see(by: Actor, file: StoredFile, variant: str) -> bool:
    """Whoever may see a material may open its files."""
    if not isinstance(by, Acting):
        return False
    return RevisionFile.objects.filter(files_seen_by(by), file=file).exists()
