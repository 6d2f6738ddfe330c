"""Phone pages of staff: home with what is owed, the people of the unit, my own page."""
from flask import Blueprint
from permissions.guard import signed_in
from permissions.roles import MOBILE
blueprint = Blueprint("mobile", __name__, url_prefix="/m")
@blueprint.get("/")
@signed_in(channels=MOBILE)
def home() -> str:
    """Home."""
    return "m"
