"""Routes of questionnaires: answers in, sums out."""

from decimal import Decimal
from typing import Annotated, Any

from ninja import Schema, Status
from pydantic import Field

from lifang.core.api import Router
from lifang.orgs.acting import ApiRequest
from lifang.rounds import queries as rounds
from lifang.standards.schemas import Id
from lifang.surveys import actions, queries
from lifang.surveys.rules import MOST, Line

router = Router(tags=["surveys"])
Text = Annotated[str, Field(min_length=1, max_length=120)]


class SurveyAnswerIn(Schema):
    respondent: str = Field(min_length=1, max_length=64)
    question: Text
    option: Annotated[str, Field(min_length=1, max_length=60)]
    stratum: str = Field("", max_length=60)
    weight: Decimal = Field(Decimal(1), gt=0, le=1000, max_digits=12, decimal_places=6)
    answered_on: str = Field("", max_length=10)


class AnswersIn(Schema):
    round_id: Id
    lines: list[SurveyAnswerIn] = Field(min_length=1, max_length=MOST)


class AnswersOut(Schema):
    made: int
    same: int
    changed: int


class RespondentIn(Schema):
    round_id: Id
    number: str = Field(min_length=1, max_length=64)
    reason: str = Field(max_length=300)


class WithdrawnOut(Schema):
    n: int


class OptionOut(Schema):
    option: str
    n: int


class QuestionOut(Schema):
    question: str
    n: int
    options: list[OptionOut]


@router.get("/survey-answers", response=list[QuestionOut])
def summary(request: ApiRequest, round: Id) -> Any:
    return queries.summary(request.auth, rounds.round_row(request.auth, round))


@router.post("/survey-answers", response={201: AnswersOut})
def record(request: ApiRequest, body: AnswersIn) -> Any:
    lines = [Line(**line.model_dump()) for line in body.lines]
    return Status(201, actions.record(by=request.auth, round_id=body.round_id, lines=lines))


@router.post("/survey-answers/withdraw", response=WithdrawnOut)
def withdraw(request: ApiRequest, body: RespondentIn) -> Any:
    return {"n": actions.withdraw(by=request.auth, **body.model_dump())}
