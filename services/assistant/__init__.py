"""Asking a model about a recording or a film: the page's only door to the services."""

from services.assistant.ask import Api, Ask, LocalFile
from services.assistant.assistant import Assistant
from services.assistant.metrics import CONTENT_TYPE as METRICS_TYPE
from services.assistant.pieces.checkpoint import Checkpoint
from services.assistant.preparer import Forecast
from services.assistant.report import Fault, Report, SentRequest
from services.events import Delta, Event, Progress, Tell, Thought
from services.external_api.account import Account
from services.external_api.bill import Bill
from services.external_api.extras import Extras
from services.external_api.request import Options, ReasoningEffort, Turn, VideoLink
from services.media.values import Fit, Kind, MediaFacts, Mix, Offer, RawPcm, Track
from services.places import place_of
from services.subtitles.writing import srt, vtt

__all__ = [
    "METRICS_TYPE",
    "Account",
    "Api",
    "Ask",
    "Assistant",
    "Bill",
    "Checkpoint",
    "Delta",
    "Event",
    "Extras",
    "Fault",
    "Fit",
    "Forecast",
    "Kind",
    "LocalFile",
    "MediaFacts",
    "Mix",
    "Offer",
    "Options",
    "Progress",
    "RawPcm",
    "ReasoningEffort",
    "Report",
    "SentRequest",
    "Tell",
    "Thought",
    "Track",
    "Turn",
    "VideoLink",
    "place_of",
    "srt",
    "vtt",
]
