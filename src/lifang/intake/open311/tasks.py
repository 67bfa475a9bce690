"""Background work with other GeoReport servers."""

from django.db import transaction

from lifang.core.tasks import later, task
from lifang.intake.open311.models import Open311Server


@task()
def send_link(link_id: int) -> bool:
    """Send one case to another server; what fails is put off on its row."""
    from lifang.intake.open311 import sending

    return sending.deliver(link_id)


@task(retries=0)
def poll_server(server_id: int) -> dict[str, int]:
    """Ask one server what is new and what changed."""
    from lifang.intake.open311 import polling

    done = polling.poll(server_id=server_id)
    return {"seen": done.seen, "created": done.created, "noted": done.noted}


@task(retries=0)
def poll_servers() -> int:
    """Ask each active server, each in a task of its own: a slow one holds up nobody."""
    from lifang.core.recovery import waiting

    queued = waiting(poll_server)
    with transaction.atomic():
        due = list(Open311Server.objects.filter(active=True).values_list("id", flat=True))
        for number in due:
            if number not in queued:
                later(poll_server, number)
    return len(due)
