"""What a file is by its own bytes, where FFmpeg cannot or may not say so.

A playlist would have FFmpeg open other files; of what it does not read, and of what is
encrypted, a person is to be told what it is.
"""

import os
from typing import BinaryIO, Final

from services import errors

_HEAD: Final = 4096
#: How a playlist or another text starts, after white space and marks of its
#: encoding, in lower case.
_TEXTS: Final = (b"#extm3u", b"ffconcat", b"v=0", b"<?xml", b"<mpd", b"<smil", b"[playlist]")
#: Where → what stands there in a still picture: PNG, JPEG, TIFF and camera files,
#: Photoshop, icons, JPEG XL, JPEG 2000, HEIF and AVIF, BMP with both its headers, WebP.
_PICTURES: Final = (
    (0, b"\x89PNG\r\n\x1a\n"),
    (0, b"\xff\xd8\xff"),
    (0, b"II*\0"),
    (0, b"MM\0*"),
    (0, b"8BPS"),
    (0, b"\0\0\x01\0\x01\0"),
    (0, b"\xff\x0a"),
    (4, b"JXL \r\n\x87\n"),
    (4, b"jP  \r\n\x87\n"),
    (4, b"ftypheic"),
    (4, b"ftypheix"),
    (4, b"ftypheim"),
    (4, b"ftypmif1"),
    (4, b"ftypavif"),
    (6, b"\0\0\0\0\x36\0\0\0\x28\0\0\0"),
    (6, b"\0\0\0\0\x8a\0\0\0\x7c\0\0\0"),
    (8, b"WEBP"),
)
#: What says of a PNG, and of a WebP, that it moves.
_MOVING: Final = (b"acTL", b"ANIM")
#: Name of a form that is known and not read → how its files start.
_UNREAD: Final = {
    "Shorten": (b"ajkg",),
    "DS2": (b"\x01ds2", b"\x03ds2", b"\x06ds2", b"\x07ds2"),
    "OptimFROG": (b"OFR ",),
    "Lossless Audio": (b"LA02", b"LA03", b"LA04"),
    "RealAudio": (b".ra\xfd",),
    "RealMedia": (b".RMF",),
    "MIDI": (b"MThd",),
    "Flash": (b"FWS", b"CWS"),
    "NUT": (b"nut/multimedia container\0",),
}
#: Encrypted dictation; Audible's first form, and its second.
_PROTECTED: Final = ((0, b"\x01enc"), (0, b"\x03enc"), (4, b"\x57\x90\x75\x36"), (4, b"ftypaax"))
#: The sample entries of encrypted tracks of an MP4: Common Encryption (ISO/IEC 23001-7),
#: FairPlay, Audible.
_ENCRYPTED_ENTRIES: Final = frozenset({b"enca", b"encv", b"drms", b"drmi", b"aavd"})
#: Of the index of an MP4 so much is looked through.
_MOST_INDEX: Final = 16 * 1024 * 1024
#: The start of an ASF, and the two objects of its header that tell of encryption
#: (Advanced Systems Format, 3.1, 3.14 and 3.15).
_ASF: Final = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_ENCRYPTED: Final = (
    bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e"),
    bytes.fromhex("14e68a29229c184c947c1a0c2b5d4c2b"),
)


def check(file: BinaryIO) -> None:
    """Refuse what is no media that is read here, by the bytes of ``file``.

    Raises:
        NotMedia: it is a playlist or another text.
        StillPicture, UnreadForm, ProtectedFile: it is one.
    """
    head = file.read(_HEAD)
    if _is_text(file, head):
        raise errors.NotMedia
    if any(head[at:].startswith(mark) for at, mark in _PICTURES) and not any(
        mark in head for mark in _MOVING
    ):
        raise errors.StillPicture
    if head[8:].startswith(b"WEBP"):
        raise errors.UnreadForm(form="WebP")
    for name, marks in _UNREAD.items():
        if head.startswith(marks):
            raise errors.UnreadForm(form=name)
    if head.startswith(b"NIST_1A") and b"embedded-shorten" in head:
        raise errors.UnreadForm(form="Shorten")
    if any(head[at:].startswith(mark) for at, mark in _PROTECTED) or _is_encrypted(file, head):
        raise errors.ProtectedFile


def _is_text(file: BinaryIO, head: bytes) -> bool:
    """Whether the file starts as a playlist does, maybe behind an ID3 tag."""
    if head.startswith(b"ID3"):
        # Seven bits in a byte (https://id3.org/id3v2.4.0-structure, 6.2).
        size = sum(byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=False))
        file.seek(10 + size)
        head = file.read(64)
    letters = head[:64].replace(b"\0", b"")  # UTF-16 and UTF-32
    for mark in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"):
        letters = letters.removeprefix(mark)
    return letters.lstrip().lower().startswith(_TEXTS)


def _is_encrypted(file: BinaryIO, head: bytes) -> bool:
    if head.startswith(_ASF):
        return any(mark in head for mark in _ASF_ENCRYPTED)
    index = _index(file) if head[4:8] in (b"ftyp", b"moov", b"mdat", b"free", b"wide") else b""
    at = index.find(b"stsd")
    while at >= 0:
        # Version and flags, a count, the size of the first entry, its name.
        if index[at + 16 : at + 20] in _ENCRYPTED_ENTRIES:
            return True
        at = index.find(b"stsd", at + 4)
    return False


def _index(file: BinaryIO) -> bytes:
    """The ``moov`` box of an MP4, as far as it is looked through; empty where there is none."""
    at, end = 0, file.seek(0, os.SEEK_END)
    while at < end:
        file.seek(at)
        header = file.read(16)
        size = int.from_bytes(header[:4], "big")
        if size == 1:  # a long one has its size behind its name
            size = int.from_bytes(header[8:], "big")
        if header[4:8] == b"moov":
            file.seek(at)
            return file.read(min(size, _MOST_INDEX) if size else _MOST_INDEX)
        if len(header) < 8 or size < 8:
            return b""
        at += size
    return b""
