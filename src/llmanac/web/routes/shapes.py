"""Every shape that the routes read and answer, for the OpenAPI document."""

from llmanac.answers.cost_request import CostAsked
from llmanac.answers.server_status import Status
from llmanac.answers.sync_outcome import SyncDone
from llmanac.answers.token_list import TokenList
from llmanac.render.changes import ChangePage
from llmanac.render.cost import CostAnswer
from llmanac.render.history import ModelHistory
from llmanac.render.listing import FullListing, Listing, PickedListing
from llmanac.render.openai import OpenAIList, OpenAIModel
from llmanac.render.openrouter import MirroredCount, MirroredList, MirroredOne
from llmanac.render.removed import RemovedModel
from llmanac.web.protocol.problems import NoList, NoModel, OpenAIProblem, OpenRouterProblem, Problem
from llmanac.web.routes.administration import QuarantineDetail, QuarantineList
from llmanac.web.routes.exports import ExportList
from llmanac.web.routes.health import Health
from llmanac.web.routes.tokens import NewToken, TokenMade

SHAPES = (
    Listing, FullListing, PickedListing, ChangePage, ModelHistory, RemovedModel, Problem, NoList, NoModel,
    Status, SyncDone, QuarantineList, QuarantineDetail, NewToken, TokenMade, TokenList, Health,
    MirroredList, MirroredCount, MirroredOne, OpenAIList, OpenAIModel, OpenRouterProblem, OpenAIProblem, ExportList,
    CostAsked, CostAnswer,
)  # fmt: skip
