"""长辈版: the pages of a cadre."""
from flask import Blueprint
from permissions.guard import signed_in
from permissions.roles import MOBILE
blueprint = Blueprint("elder", __name__, url_prefix="/m")
@blueprint.get("/home")
@signed_in(channels=MOBILE)
def home() -> str:
    """Home."""
    return "e"
