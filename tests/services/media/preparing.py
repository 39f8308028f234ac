"""Preparing a file as the app does, in the sandbox."""

from services.media.convert import prepare

from services.media.forms import EVERYTHING
from services.media.values import Sendable, Takes
from tests.services.media.direct import facts_of

#: What little there is to be had of a model nobody knows.
FEW = Takes(frozenset({"mp3"}), frozenset({"video/mp4"}))


async def prepared(sandbox, path, kind, workdir, raw=None, takes=EVERYTHING, fit=None):
    """The shares that were told, and what can be sent."""
    facts = facts_of(path, raw)
    *shares, sendable = [
        step async for step in prepare(sandbox, path, facts, kind, takes, workdir, raw, fit)
    ]
    assert isinstance(sendable, Sendable)
    return shares, sendable
