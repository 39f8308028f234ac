"""Everything that a server, and the way to it, may do wrong, in tables by subject."""

from tests.services.external_api.faults import (
    bodies,
    connecting,
    cutting,
    reasons,
    refusals,
    streams,
)

FAULTS = (
    *connecting.FAULTS,
    *cutting.FAULTS,
    *refusals.FAULTS,
    *reasons.FAULTS,
    *streams.FAULTS,
    *bodies.FAULTS,
)
