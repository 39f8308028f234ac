"""The ear of a machine on which pocketsphinx could not be installed."""

import sys

sys.modules["pocketsphinx"] = None  # importing it fails from here on

from services.offline_api.ear import JOBS, warm_up  # noqa: E402, F401  # after the line above
