"""Rooms know only what lies below them: imports by import-linter, foreign keys by their models."""

import tomllib
from pathlib import Path

from django.apps import apps

PROJECT = Path(__file__).resolve().parent.parent
ROOMS = [
    {name.strip().removeprefix("lifang.") for name in row.split("|")}
    for row in tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["tool"][
        "importlinter"
    ]["contracts"][0]["layers"]
]
LEVEL = {room: level for level, row in enumerate(reversed(ROOMS)) for room in row}


def _room(module: str) -> str:
    return module.removeprefix("lifang.").split(".")[0]


def _links() -> list[tuple[str, str, str]]:
    """Every relation between two of our models: (from room, to room, what)."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        if not model.__module__.startswith("lifang."):
            continue
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many):
            target = field.related_model
            if target is None or not target.__module__.startswith("lifang."):
                continue
            found.append(
                (
                    _room(model.__module__),
                    _room(target.__module__),
                    f"{model._meta.label}.{field.name} -> {target._meta.label}",
                )
            )
    return found


def test_it_works() -> None:
    assert LEVEL["core"] < LEVEL["orgs"] < LEVEL["cases"] < LEVEL["dashboard"]
    assert _links()


def test_foreign_keys_point_down() -> None:
    wrong = [
        what
        for source, target, what in _links()
        if source != target and LEVEL[target] >= LEVEL[source]
    ]
    assert not wrong, "\n".join(wrong)


def test_every_app_is_a_room() -> None:
    ours = {_room(app.name) for app in apps.get_app_configs() if app.name.startswith("lifang.")}
    assert ours <= set(LEVEL), ours - set(LEVEL)
