"""What a superior may say about a record below, and a unit ask of him."""

from app.schemas.fields import Code, Day, Line
from app.schemas.strict import Strict


class RulingBody(Strict):
    """Confirming or returning; without a matter, everything that waits."""

    matter = Code("事项", {"late": "逾期补录", "correction": "改期"}, widget="hidden")
    opinion = Line("意见", longest=200, widget="textarea")


class UntilBody(Strict):
    """More time, or a locked record opened: why, and until when."""

    until = Day("到哪一天", required=True)
    reason = Line("理由", longest=200, required=True, widget="textarea")


class ReasonBody(Strict):
    """Why something asked for is not given."""

    reason = Line("理由", longest=200, required=True, widget="textarea")
