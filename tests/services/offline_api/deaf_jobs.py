"""The jobs of a machine on which pocketsphinx could not be installed."""

import sys

sys.modules["pocketsphinx"] = None  # importing it fails from here on

from services.offline_api.jobs import Transcribe, warm_up  # noqa: E402, F401  # after that
