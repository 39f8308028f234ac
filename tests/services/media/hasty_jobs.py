"""Jobs about media with hardly any room for what they make."""

from services.media.jobs import table
from services.media.workshop.job import Limits


class ToAudio(table.ToAudio):
    limits = Limits(output_bytes=50_000)


class ToMp4(table.ToMp4):
    limits = Limits(output_bytes=5_000)


class Samples(table.Samples):
    limits = Limits(output_bytes=50_000)
