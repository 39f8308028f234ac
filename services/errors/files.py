"""What may be wrong with a file or a recording that was given."""

from services.errors.root import InputError


class FileGone(InputError):
    """The file was there and is not any more: uploads are kept for a while only."""


class NotUploaded(InputError):
    """An address, or a folder, stands in the place of an uploaded file."""


class EmptyFile(InputError):
    """The file has no bytes."""


class NotMedia(InputError):
    """The first bytes are those of no sound or video container we open."""


class StillPicture(InputError):
    """A picture that does not move."""


class UnreadForm(InputError):
    """A form of sound or video by the name of ``form``, which is not read here."""


class ProtectedFile(InputError):
    """It is encrypted, and whoever has the key is not this app."""


class UnreadableFile(InputError):
    """A known container that could not be decoded."""


class TooMuchInside(InputError):
    """Far more sound, picture or tracks than a file of this size should hold."""


class NoSound(InputError):
    """There is no sound track to send as audio."""


class NoPicture(InputError):
    """There is no moving picture to send as video."""


class PoorRecording(InputError):
    """Money would be spent on something that no model can hear well."""


class SilentRecording(PoorRecording):
    """Nothing can be heard in it."""


class ClippedRecording(PoorRecording):
    """It is so loud that it is distorted: ``share`` of it, 0 to 1."""


class FileTooLarge(InputError):
    """``file_bytes`` would be sent where ``limit_bytes`` is the most allowed."""
