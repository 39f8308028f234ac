"""A LitServe server of the OpenAI shape: ``python litserve_app.py PORT``.

Its models are made up: each does what its name says. Framing, usage, errors and
refusals are LitServe's own.
"""

import sys
import time

import litserve
from fastapi import HTTPException

WORDS = ("They ", "count ", "to ", "five.")


class Models(litserve.LitAPI):
    """One model for each thing that can happen."""

    def setup(self, device):
        """Nothing to load."""

    def decode_request(self, request, context):
        """The name of the model, and how many bytes of base64 were heard."""
        parts = [part for message in request.messages for part in message.content]
        sounds = [part.input_audio.data for part in parts if part.type == "input_audio"]
        return request.model, sum(map(len, sounds))

    def predict(self, asked, context):
        """Words, with or without counts, or trouble."""
        model, heard = asked
        if model == "slow":
            time.sleep(3)
        if model == "crashing":
            raise ValueError("tensor shapes do not match")
        if model == "full":
            raise HTTPException(503, "No free slot: try again in a minute.")
        for number, word in enumerate(WORDS):
            if model == "crashing-midway" and number == 2:
                raise ValueError("tensor shapes do not match")
            if model == "counting" and word == WORDS[-1]:
                counts = {"prompt_tokens": heard // 4, "completion_tokens": 4}
                counts["total_tokens"] = heard // 4 + 4
                yield {"role": "assistant", "content": word, **counts}
            else:
                yield word


if __name__ == "__main__":
    api = Models(spec=litserve.OpenAISpec())
    server = litserve.LitServer(api, accelerator="cpu", timeout=1)
    server.run("127.0.0.1", int(sys.argv[1]), generate_client_file=False)
