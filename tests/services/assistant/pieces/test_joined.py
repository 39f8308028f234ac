"""What is known of all pieces of a sound together."""

import dataclasses

import pytest

from services.assistant.pieces.checkpoint import Piece
from services.assistant.pieces.joined import joined_completion, joined_request
from services.assistant.sent_request import SentRequest
from services.external_api.answer import Completion
from services.external_api.extras import Extras
from services.media.values import MediaFacts, Sound, Span


def piece(number, usage=None, level_dbfs=-20.0, **more):
    sound = Sound("mp3", 16_000, 1, 60.0, level_dbfs, 0.5, peak_dbfs=-1.0, clipped_share=0.0)
    facts = MediaFacts("mp3", 1000 + number, 60.0, sound, None)
    sent = SentRequest(
        "input_audio",
        "mp3",
        file_bytes=1000 + number,
        base64_bytes=1336,
        duration_s=60.0,
        facts=facts,
    )
    known = {"model": "m", "provider": None, "finish_reason": "stop", "server_ms": None} | more
    span = Span(60.0 * number, 60.0 * (number + 1))
    return Piece(span, "", Completion(usage=usage, **known), sent)


def test_numbers_that_all_pieces_report_are_added_up():
    usage = {"prompt_tokens": 3, "cost": 0.5, "prompt_tokens_details": {"audio_tokens": 2}}
    pieces = [piece(0, usage=usage, server_ms=5.0), piece(1, usage=usage, server_ms=6.0)]
    joined = joined_completion(pieces)
    assert joined.usage == {
        "prompt_tokens": 6,
        "cost": 1.0,
        "prompt_tokens_details": {"audio_tokens": 4},
    }
    assert joined.server_ms == 11.0


def test_a_number_that_one_piece_lacks_is_unknown():
    pieces = [piece(0, usage={"prompt_tokens": 3, "cost": 1}), piece(1, usage={"cost": 1})]
    assert joined_completion(pieces).usage == {"cost": 2}
    assert joined_completion([*pieces, piece(2)]).usage is None
    assert joined_completion(pieces).server_ms is None


def test_numbers_that_came_as_strings_are_added_up_too():
    usages = ({"cost": "0.5", "tier": "x"}, {"cost": 0.25, "tier": "x"})
    pieces = [piece(number, usage=usage) for number, usage in enumerate(usages)]
    assert joined_completion(pieces).usage == {"cost": 0.75}


def test_what_the_pieces_have_besides_their_words_is_kept_in_order_and_once():
    one = Extras("Hm.", tools=("add",), sounds=("data:a",), unshown=1)
    other = Extras("Well.", refusal="No.", tools=("add", "sub"), sounds=("data:b",), unshown=2)
    joined = joined_completion([piece(0, extras=one), piece(1), piece(2, extras=other)]).extras
    assert joined == Extras(
        reasoning="Hm.\n\nWell.",
        refusal="No.",
        sounds=("data:a", "data:b"),
        unshown=3,
        tools=("add", "sub"),
    )


def test_an_unusual_end_of_one_piece_is_told():
    pieces = [piece(0), piece(1, finish_reason="length"), piece(2)]
    assert joined_completion(pieces).finish_reason == "length"


def test_the_receipt_is_of_all_that_was_sent():
    sent = joined_request([piece(0), piece(1, level_dbfs=None)])
    assert (sent.file_bytes, sent.base64_bytes, sent.pieces) == (2001, 2672, 2)
    assert (sent.duration_s, sent.facts.duration_s) == (120.0, 120.0)
    assert sent.facts.sound.level_dbfs == pytest.approx(-23.0, abs=0.1)


def test_silences_are_where_they_are_in_the_whole_though_a_piece_is_missing():
    def silent(number):
        one = piece(number)
        sound = dataclasses.replace(one.request.facts.sound, silences=(Span(5.0, 7.0),))
        facts = dataclasses.replace(one.request.facts, sound=sound)
        return dataclasses.replace(one, request=dataclasses.replace(one.request, facts=facts))

    request = joined_request([silent(1), silent(3)])

    assert request.span == Span(60.0, 240.0)
    assert request.times_from_s == 0.0
    assert request.facts.sound.silences == (Span(5.0, 7.0), Span(125.0, 127.0))
