"""Why a run ends without figures.

BenchmarkError
 ├─ ToolMissingError    nginx, wrk or Linux itself is not there
 ├─ ServerFailedError   a server did not start, stopped or did not get ready
 └─ WrongAnswerError    a server answered something else than the case asks for

Slow is never an error: a target that is missed is a line of the report.
"""


class BenchmarkError(Exception):
    """The message says which server or tool, and what was seen."""

    exit_code = 1


class ToolMissingError(BenchmarkError):
    """Nothing was measured; the message says how to get the tool."""

    exit_code = 2


class ServerFailedError(BenchmarkError):
    """The message ends with the server's own output."""


class WrongAnswerError(BenchmarkError):
    """What was measured would not have been the case."""
