"""A batch for programs, as JSON."""

import json

from components.batch.endpoint import mapping_of
from services.assistant import Fault
from services.errors import BatchGone
from tests.components.batch.batches import ANSWERED, EN, FAILED, UNSURE, batch_of


def test_every_file_has_its_state_its_cost_and_its_error():
    told = mapping_of("token", batch_of(ANSWERED, FAILED, UNSURE), None, EN)
    assert json.loads(json.dumps(told)) == told
    assert (told["batch"], told["cost_usd"], told["unpriced"], told["error"]) == (
        "token",
        0.25,
        1,
        None,
    )
    assert [
        (one["number"], one["state"], one["cost_usd"], one["may_be_billed"])
        for one in told["files"]
    ] == [(1, "answered", 0.25, True), (3, "failed", None, False), (4, "unsure", None, True)]
    assert told["files"][1]["error"]["class"] == "RequestRejected"


def test_what_was_wrong_with_the_call_is_told_where_there_is_no_batch():
    told = mapping_of("", None, Fault.of(BatchGone()), EN)
    assert (told["batch"], told["error"]["class"]) == (None, "BatchGone")
