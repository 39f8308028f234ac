"""Everything that a server, and the way to it, may do wrong, in tables by subject."""

from tests.services.external_api.faults import bodies, connecting, cutting, refusals, streams

FAULTS = (
    *connecting.FAULTS,
    *cutting.FAULTS,
    *refusals.FAULTS,
    *streams.FAULTS,
    *bodies.FAULTS,
)
