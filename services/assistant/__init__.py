"""Asking a model about a recording or a film: the page's only door to the services."""

from services.assistant.ask import Api, Ask, LocalFile
from services.assistant.assistant import Assistant
from services.assistant.code.har import har
from services.assistant.code.sent import SentCall, sent_call
from services.assistant.code.snippets import snippets
from services.assistant.cost import Costs
from services.assistant.metrics import CONTENT_TYPE as METRICS_TYPE
from services.assistant.models import Hears, Models
from services.assistant.pieces.checkpoint import Checkpoint
from services.assistant.preparer import Forecast
from services.assistant.report import Fault, Report
from services.assistant.sent_request import SentRequest
from services.assistant.wording import Held, closest_to_all, held_against
from services.events import Delta, Event, Progress, Sound, Tell, Thought
from services.external_api.account import Account
from services.external_api.bill import Bill
from services.external_api.extras import Extras
from services.external_api.generation import Generation
from services.external_api.options import Options, ReasoningEffort
from services.external_api.request import ApiEndpoint, Turn, VideoLink
from services.external_api.response_format import ResponseFormat
from services.media.values import Fit, Kind, MediaFacts, Mix, Offer, RawPcm, Track
from services.places import place_of
from services.schemas.jobs import Misfit, Validation
from services.subtitles.writing import srt, vtt

__all__ = [
    "METRICS_TYPE",
    "Account",
    "Api",
    "ApiEndpoint",
    "Ask",
    "Assistant",
    "Bill",
    "Checkpoint",
    "Costs",
    "Delta",
    "Event",
    "Extras",
    "Fault",
    "Fit",
    "Forecast",
    "Generation",
    "Hears",
    "Held",
    "Kind",
    "LocalFile",
    "MediaFacts",
    "Misfit",
    "Mix",
    "Models",
    "Offer",
    "Options",
    "Progress",
    "RawPcm",
    "ReasoningEffort",
    "Report",
    "ResponseFormat",
    "SentCall",
    "SentRequest",
    "Sound",
    "Tell",
    "Thought",
    "Track",
    "Turn",
    "Validation",
    "VideoLink",
    "closest_to_all",
    "har",
    "held_against",
    "place_of",
    "sent_call",
    "snippets",
    "srt",
    "vtt",
]
