"""The score needs no database, no clock, no settings, and its heavy helpers only where they help."""

import ast
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

import lifang
from factories_assessment import counted, edition, field_leaf, items, round_of
from lifang.assessment.engine import score
from lifang.assessment.engine.board import Board
from lifang.assessment.engine.plan import compile_plan
from lifang.assessment.planner import Curve, Problem, polish, report
from lifang.core.errors import Invalid

ROOT = Path(lifang.__file__).parent
PURE = [
    *(ROOT / "assessment" / room for room in ("engine", "sampling", "planner")),
    *(
        ROOT / "assessment" / f"{name}.py"
        for name in ("compare", "crosswalk", "sensitivity", "table")
    ),
    ROOT / "standards" / "editions",
    ROOT / "rounds" / "scope.py",
    ROOT / "rounds" / "drawing.py",
]
#: what the rest of the project they may know: words, errors, each other
ALLOWED = (
    "django.utils.translation",
    "lifang.core.errors",
    "lifang.standards.editions",
    "lifang.assessment",
    "lifang.rounds.scope",
    "lifang.rounds.drawing",
)


def modules() -> Iterator[Path]:
    for place in PURE:
        yield from place.rglob("*.py") if place.is_dir() else [place]


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """(module, whether it is imported as the file is read)."""
    tree = ast.parse(path.read_text("utf-8"))
    top = {id(node) for node in tree.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield node.module or "", id(node) in top
        elif isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in top) for alias in node.names)


def test_it_works() -> None:
    found = list(modules())
    assert len(found) > 30
    for path in found:
        for module, at_once in imports(path):
            root = module.split(".")[0]
            if root in ("django", "lifang"):
                assert module.startswith(ALLOWED), f"{path.name} imports {module}"
            else:
                heavy = root in ("numpy", "ortools")
                assert root in sys.stdlib_module_names or (heavy and not at_once), (
                    path.name,
                    module,
                )


def test_no_clock() -> None:
    for path in modules():
        text = path.read_text("utf-8")
        for word in ("now()", "today()", "time.time", "perf_counter"):
            assert word not in text, f"{path.name} asks the clock: {word}"


def test_without_numpy_the_score_works_and_the_board_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    of, where, held = edition([field_leaf()], items=items("i")), round_of("s"), counted(1, 1)
    plan = compile_plan(of, where)
    result = score(of, where, held, plan=plan)
    assert result.leaves["L"].figures.earned == 5
    with pytest.raises(Invalid, match=r"pip install 'lifang\[score\]'"):
        Board(plan, [], {}, result)


def test_without_the_solver_plans_are_made_and_polishing_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [m for m in sys.modules if m.split(".")[0] == "ortools"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "ortools", None)
    problem = Problem((Curve("L", ((0, 0.0),)),), (), 1)
    assert report.solve(problem, seconds=0, rounds=0, seed=1) is not None
    with pytest.raises(Invalid, match=r"pip install 'lifang\[planner\]'"):
        polish.solve(problem, None)


def test_a_draw_from_an_unknown_frame_is_not_foretold() -> None:
    of = edition([field_leaf()], items=items("i"))
    with pytest.raises(Invalid, match="点位总体"):
        report.make(of, round_of("s"), counted(1, 1), budget=Decimal(1))
