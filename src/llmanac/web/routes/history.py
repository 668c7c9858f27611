"""`GET /api/ai/models/{author}/{slug}/history`: one model's lifetime, prices and changes, listed or not."""

from datetime import datetime

import msgspec
from fastapi import APIRouter, Request, Response

from llmanac.answers.model_history import model_history
from llmanac.answers.unknown_model import UnknownModel
from llmanac.catalogue.change import Cause, ChangeKind
from llmanac.catalogue.ids import ModelId
from llmanac.catalogue.money import PriceState
from llmanac.query.fields import HISTORY_FIELDS
from llmanac.render.changes import ShownChange
from llmanac.render.history import (
    ConditionalPrice,
    ListedPeriod,
    ModelHistory,
    PriceDays,
    PriceInterval,
    RateHistory,
    WeekWindow,
)
from llmanac.web.openapi.describe import STORED, described
from llmanac.web.openapi.parameters import ref, with_parameters
from llmanac.web.protocol.problems import NoModel
from llmanac.web.routes.model import Author, Slug
from llmanac.web.routes.request import READS, Context, Params
from llmanac.web.routes.responses import conditional_answer
from llmanac.web.routes.table import HISTORY_PATH

router = APIRouter()

_EXAMPLE_AT = datetime.fromisoformat("2026-10-26T04:00:00+00:00")
_EXAMPLE_BEFORE = datetime.fromisoformat("2026-10-25T04:00:00+00:00")
_EXAMPLE_FIRST = datetime.fromisoformat("2026-10-16T04:00:00+00:00")
_NIGHT = ConditionalPrice("0.000001", more_than_tokens=None, windows=(WeekWindow(0, 480),), unknown=())
_EXAMPLE = ModelHistory(
    serial=42,
    model="acme/owl-2",
    name="Acme: Owl 2",
    lifetime=(ListedPeriod(_EXAMPLE_FIRST, None),),
    begins=_EXAMPLE_FIRST,
    ends=_EXAMPLE_AT,
    prices=(
        RateHistory(
            rate="prompt",
            intervals=(
                PriceInterval(_EXAMPLE_FIRST, _EXAMPLE_BEFORE, "0.000002", due=True, conditional=()),
                PriceInterval(_EXAMPLE_BEFORE, None, "0.0000015", due=True, conditional=(_NIGHT,)),
            ),
            min="0.000001",
            max="0.000002",
            mean="0.00000194761904762",
            days=(
                PriceDays("0.000002", PriceState.KNOWN, "9"),
                PriceDays("0.000001", PriceState.KNOWN, "0.047619047619"),
                PriceDays("0.0000015", PriceState.KNOWN, "0.952380952381"),
            ),
            away_days="0",
            unknown_conditions=(),
        ),
    ),
    changes=(
        ShownChange(
            serial=41,
            model="acme/owl-2",
            name=None,
            kind=ChangeKind.PRICE,
            field="pricing.prompt",
            before=msgspec.Raw(b'"0.000002"'),
            after=msgspec.Raw(b'"0.0000015"'),
            percent="-25.00",
            cause=Cause.REAL,
            own_cause=Cause.REAL,
            seen_at=_EXAMPLE_BEFORE,
            since_at=_EXAMPLE_FIRST,
            certainty=None,
            confirmed_at=None,
            announced=None,
        ),
    ),
    next=None,
)


@router.get(
    HISTORY_PATH,
    summary="One model's history",
    dependencies=[READS],
    **with_parameters(
        HISTORY_FIELDS,
        described(ModelHistory, _EXAMPLE, says="Its history", refusals=(*STORED, UnknownModel)),
        problems={404: ref(NoModel)[0]},
    ),
)
def history(request: Request, context: Context, params: Params, author: Author, slug: Slug) -> Response:
    """When it was listed, what each rate cost from when to when, and what changed; of a removed model too.

    `since` and `until` are the range of prices and changes; it ends with the newest list at the latest. `kind`
    and `cause` choose among the changes; lifetime and prices are made from all of them.
    """
    shown = model_history(context, ModelId(f"{author}/{slug}"), params)
    return conditional_answer(request, msgspec.json.encode(shown))
