"""Thin wrappers over actions; idempotent, they take ids."""

from django.utils import timezone

from lifang.core.tasks import task
from lifang.materials import actions


@task(retries=2)
def make_package(package_id: int) -> None:
    actions.make_package(package_id)


@task()
def tidy_packages() -> None:
    actions.tidy_packages(timezone.now())
