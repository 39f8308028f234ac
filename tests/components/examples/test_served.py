"""The examples: where they are, what they weigh, and that a browser may keep them."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from components.examples.served import create_examples

#: What each may weigh, in bytes.
MOST = {"speech-en.mp3": 60_000, "speech-ru.mp3": 60_000, "film.mp4": 200_000}
EXAMPLES = create_examples()


@pytest.fixture
def client():
    return TestClient(Starlette(routes=list(EXAMPLES.routes)))


def test_there_are_two_sentences_and_a_film():
    assert set(EXAMPLES.addresses) == set(MOST)


@pytest.mark.parametrize("name", MOST)
def test_an_example_is_small_and_kept_for_ever(client, name):
    answer = client.get(EXAMPLES.addresses[name])
    assert 1000 < len(answer.content) <= MOST[name]
    assert answer.headers["content-type"] in {"audio/mpeg", "video/mp4"}
    assert "immutable" in answer.headers["cache-control"]


def test_a_part_of_an_example_can_be_had(client):
    answer = client.get(EXAMPLES.addresses["film.mp4"], headers={"Range": "bytes=0-99"})
    assert (answer.status_code, len(answer.content)) == (206, 100)


def test_an_address_changes_with_the_files(tmp_path):
    (tmp_path / "a.mp3").write_bytes(b"one")
    before = create_examples(tmp_path).addresses
    (tmp_path / "a.mp3").write_bytes(b"two")
    assert create_examples(tmp_path).addresses != before
