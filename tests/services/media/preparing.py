"""Making a file fit to be sent as the app does, in the workshop."""

from services.media.forms import EVERYTHING
from services.media.making import make
from services.media.values import Fit, Sendable, Takes
from services.media.workshop.workshop import Desk
from tests.services.media.direct import facts_of

#: What little there is to be had of a model nobody knows.
FEW = Takes(frozenset({"mp3"}), frozenset({"video/mp4"}))


async def prepared(workshop, path, kind, workdir, raw=None, takes=EVERYTHING, fit=None):
    """The shares that were told, and what can be sent."""
    shares = []
    sendable = await make(
        Desk(workshop),
        path,
        facts_of(path, raw),
        kind,
        takes,
        workdir / "made",
        raw=raw,
        fit=fit or Fit(),
        told=shares.append,
    )
    assert isinstance(sendable, Sendable)
    return shares, sendable
