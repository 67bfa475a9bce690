"""The permission matrix: who calls, what is called with, and what the table says of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

import factories_cases
import factories_duties
import factories_places
import factories_standards
from contract import edition_things, material_things, round_things, score_things
from factories_orgs import acting_for, client_for, make_unit, make_user
from lifang.cases import rules
from lifang.cases.choices import State, Verb
from lifang.cases.models import Case, Petition, Rating
from lifang.intake.open311.models import Open311Link, Open311Server
from lifang.orgs import actions
from lifang.orgs.acting import SYSTEM
from lifang.orgs.choices import Role
from lifang.urls import api

TABLE = Path(__file__).with_name("permissions.yaml")
METHODS = ("get", "post", "put", "patch", "delete")
ROLES = tuple(str(r) for r in Role)
#: a person without a role; machines with every scope and with none that fits; the public
CALLERS = (*ROLES, "no_role", "token", "token_without_scope", "anonymous")
GROUPS = {
    "anyone": CALLERS,
    "anyone_but_scope": tuple(c for c in CALLERS if c != "token_without_scope"),
    "signed_in": (*ROLES, "no_role", "token"),
    "people": (*ROLES, "no_role"),
}

#: things of the other rooms, by the name of the path's parameter or, for ``{id}``, its first part
MAKERS: dict[str, Callable[[Any], Any]] = {
    "catalogue_id": lambda city: factories_standards.make_catalogue(),
    "category_id": lambda city: factories_standards.make_category(),
    "condition_id": lambda city: factories_standards.make_condition(),
    "rule_id": lambda city: factories_duties.make_rule(),
    "pairing_id": lambda city: factories_duties.make_pairing(),
    "regions": lambda city: factories_places.make_region(),
    "region_id": lambda city: factories_places.make_region(),
    "region_code": lambda city: factories_places.make_region().code,
    "cells": lambda city: factories_places.make_cell(),
    "roads": lambda city: factories_places.make_road(),
    "site-types": lambda city: factories_places.make_site_type(),
    "sites": lambda city: factories_places.make_site(),
    "shops": lambda city: factories_places.make_shop(),
    "components": lambda city: factories_places.make_component(),
    "petition_id": lambda city: _petition(city),
    "rating_id": lambda city: _rating(city),
    "server_id": lambda city: _open311_server(),
    "link_id": lambda city: _open311_link(city),
    "place-names": lambda city: factories_places.make_place_name(
        "旧名", region=factories_places.make_region()
    ),
}

MAKERS |= edition_things.MAKERS | score_things.MAKERS | round_things.MAKERS
MAKERS |= material_things.MAKERS

_VERBS = {v.value.replace("_", "-") for v in Verb}


def _petition(city: "City") -> Any:
    case = city.case_in_state_for("extend")
    return Petition.objects.create(
        case=case,
        kind="extension",
        reason="下雨",
        asked_by_id=city.ids["user_id"],
        asked_at=timezone.now(),
    )


def _rating(city: "City") -> Any:
    case = city.case_in_state_for("reopen")
    return Rating.objects.create(case=case, report=case.reports.get(), stars=1, at=timezone.now())


def _open311_server() -> Any:
    url = "http://127.0.0.1:9/v2"
    return Open311Server.objects.create(name=f"外部平台 {uuid4().hex}", url=url, send=True)


def _open311_link(city: "City") -> Any:
    return Open311Link.objects.create(
        server=_open311_server(),
        case=city.case_in_state_for("dispatch"),
        way="out",
        state="failed",
        created_at=timezone.now(),
    )


@dataclass(frozen=True)
class Row:
    """One line of the table: who is let in, and what to send where the schema is not enough."""

    route: str
    allowed: frozenset[str]
    body: dict[str, Any] | None = None
    query: dict[str, Any] = field(default_factory=dict)
    path: dict[str, Any] = field(default_factory=dict)


@lru_cache(maxsize=1)
def table() -> dict[str, Row]:
    rows = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return {route: _row(route, given) for route, given in rows.items()}


def _row(route: str, given: str | dict[str, Any]) -> Row:
    more = {"allow": given} if isinstance(given, str) else given
    allowed: set[str] = set()
    for word in more["allow"].split():
        allowed.update(GROUPS.get(word, (word,)))
    unknown = allowed - set(CALLERS)
    assert not unknown, f"{route}: no such caller {unknown}"
    return Row(
        route, frozenset(allowed), more.get("body"), more.get("query", {}), more.get("path", {})
    )


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    return dict(api.get_openapi_schema())


def routes() -> list[str]:
    """Every route of the OpenAPI as ``METHOD /path``."""
    found = []
    for path, methods in document()["paths"].items():
        short = path.removeprefix("/api/v1")
        found += [f"{m.upper()} {short}" for m in METHODS if m in methods]
    return sorted(found, key=lambda r: (r.split()[1], r.split()[0]))


class City:
    """A small city in which every caller is there once, and one thing of each kind."""

    def __init__(self) -> None:
        self.unit = make_unit(kind="centre")
        below = make_unit(parent=self.unit)
        self.clients = {role: client_for(make_user(role=role, unit=self.unit)) for role in ROLES}
        self.clients["no_role"] = client_for(make_user(unit=self.unit))
        self.clients["anonymous"] = Client()
        for name, scopes in (
            ("token", ["*:read", "*:write"]),
            ("token_without_scope", ["calendar:read"]),
        ):
            _token, secret = actions.create_token(
                by=SYSTEM, name=name, unit_id=self.unit.pk, role=Role.ACCEPTOR, scopes=scopes
            )
            self.clients[name] = Client(headers={"Authorization": f"Bearer {secret}"})
        self.unit_below = make_unit(parent=self.unit)
        self.handler = acting_for(make_user(role=Role.HANDLER, unit=self.unit_below))
        person = make_user(unit=below, role=Role.HANDLER)
        post = actions.create_post(by=SYSTEM, unit_id=below.pk, title="岗位")
        group = actions.create_group(by=SYSTEM, name="组", lead_unit_id=below.pk)
        self.ids = {
            "unit_id": below.pk,
            "parent_id": self.unit.pk,
            "lead_unit_id": below.pk,
            "source_id": self.unit_below.pk,
            "user_id": person.pk,
            "membership_id": person.memberships.get().pk,
            "post_id": post.pk,
            "group_id": group.pk,
            "token_id": _token.pk,
        }

        self.things: dict[str, Any] = {}

    def thing(self, name: str) -> Any:
        """The number of a thing, made when first asked for. ``things`` live for one route."""
        if name in self.ids:
            return self.ids[name]
        if name not in self.things and name in MAKERS:
            made = MAKERS[name](self)
            self.things[name] = getattr(made, "pk", made)
        return self.things.get(name)

    def prepare(self, row: Row) -> None:
        """Before the calls of a route: the things it names, a case in a state for its verb."""
        self.things = {}
        path = row.route.split(" ", 1)[1]
        if "{case_id}" in path:
            self.case_in_state_for(path.rsplit("/", 1)[1])
        for name in re.findall(r"{(\w+)}", path):
            self.thing(path.split("/")[1] if name == "id" else name)
        self.request = self._request(row)

    def case_in_state_for(self, verb: str) -> Case:
        """A case of ``unit_below``, in a state from which the verb is possible."""
        town = factories_cases.make_town()
        town.unit = self.unit_below
        town.by["handler"] = self.handler
        move = rules.TABLE.get(Verb(verb.replace("-", "_"))) if verb in _VERBS else None
        if move is not None and move.source == {State.CLOSED}:
            case = town.closed()
        else:
            case = town.dispatched()
        if move is not None and case.state not in move.source:
            Case.objects.filter(pk=case.pk).update(state=sorted(move.source - {State.CLOSED})[0])
        self.things |= {"case_id": case.pk, "into_id": town.filed().pk, "case": case.pk}
        return case

    def call(self, caller: str) -> Any:
        """The answer to ``caller`` at the route that was prepared."""
        method, url, options = self.request
        return getattr(self.clients[caller], method.lower())(url, **options())

    def _request(self, row: Row) -> tuple[str, str, Callable[[], dict[str, Any]]]:
        """Method, address and the least that the schema accepts; a fresh copy for each call."""
        method, path = row.route.split(" ", 1)
        operation = document()["paths"]["/api/v1" + path][method.lower()]
        for name in re.findall(r"{(\w+)}", path):
            value = row.path.get(name) or self._path(name, path, operation)
            path = path.replace("{" + name + "}", str(value))
        query = {
            p["name"]: self.example(p["name"], p["schema"])
            for p in operation.get("parameters", [])
            if p["in"] == "query" and p.get("required")
        } | row.query
        if method == "GET":
            return method, "/api/v1" + path, lambda: {"data": query}
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            schema = content["application/json"]["schema"]
            body = self.example("body", schema)
            if row.body is not None:
                body |= self._filled(row.body)
            options = {"data": body, "content_type": "application/json", "query_params": query}
            return method, "/api/v1" + path, lambda: options
        if "multipart/form-data" in content:
            schema = self._resolve(content["multipart/form-data"]["schema"])
            return (
                method,
                "/api/v1" + path,
                lambda: {
                    "data": self._form(schema) | (row.body or {}),
                    "query_params": query,
                },
            )
        return method, "/api/v1" + path, lambda: {"query_params": query}

    def _form(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            name: SimpleUploadedFile("a.txt", b"a", "text/plain")
            if self._resolve(s).get("format") == "binary"
            else self.example(name, s)
            for name, s in schema.get("properties", {}).items()
            if name in schema.get("required", [])
        }

    def _filled(self, given: Any) -> Any:
        """The table's body, with ``{unit_id}`` and the like turned into numbers of the city."""
        if isinstance(given, dict):
            return {k: self._filled(v) for k, v in given.items()}
        if isinstance(given, list):
            return [self._filled(v) for v in given]
        if isinstance(given, str) and (m := re.fullmatch(r"{(\w+)}", given)):
            return self.thing(m[1])
        return given

    def _path(self, name: str, path: str, operation: dict[str, Any]) -> Any:
        known = self.thing(path.split("/")[1] if name == "id" else name)
        if known is not None:
            return known
        schema = next(p["schema"] for p in operation["parameters"] if p["name"] == name)
        return self.example(name, schema)

    def _resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        if "$ref" in schema:
            return self._resolve(document()["components"]["schemas"][schema["$ref"].split("/")[-1]])
        for key in ("anyOf", "oneOf", "allOf"):
            if key in schema:
                return self._resolve(schema[key][0])
        return schema

    def example(self, name: str, schema: dict[str, Any]) -> Any:
        """The least value that the schema accepts; ids are those of the city."""
        known = self.thing(name)
        if known is not None:
            return known
        schema = self._resolve(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        kind = schema.get("type")
        if kind == "object":
            return {
                n: self.example(n, s)
                for n, s in schema.get("properties", {}).items()
                if n in schema.get("required", [])
            }
        if kind == "array":
            return [
                self.example(name.removesuffix("s") + "_id", schema.get("items", {}))
                for _n in range(schema.get("minItems", 0))
            ]
        if kind in ("integer", "number"):
            return max(1, schema.get("minimum", 1))
        if kind == "boolean":
            return False
        formats = {
            "date": "2026-01-05",
            "date-time": "2026-01-05T08:00:00+08:00",
            "uuid": "00000000-0000-4000-8000-000000000000",
        }
        if schema.get("format") in formats:
            return formats[schema["format"]]
        size = max(schema.get("minLength", 1), 1)
        return _matching(schema.get("pattern", ""), size)


def _matching(pattern: str, size: int) -> str:
    """A text of about ``size`` that fits ``pattern``: figures, letters, or ours."""
    for letter in ("a", "1", "9901", "110000", "测"):
        text = letter * size
        if not pattern or re.search(pattern, text):
            return text
    return ""
