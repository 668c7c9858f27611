"""What a server works with."""

from llmanac.access.gate import Gate
from llmanac.answers.context import AnswerContext
from llmanac.sync.current import Current
from llmanac.sync.worker import Worker
from llmanac.web.hot_path import ReadyAnswers
from llmanac.web.protocol.body_cache import BodyCache


class AppContext(AnswerContext, frozen=True, kw_only=True):
    """Everything a route may use; made in `application`."""

    current: Current[ReadyAnswers]
    gate: Gate
    worker: Worker
    bodies: BodyCache
    public_mirror: bool
    max_body_bytes: int
