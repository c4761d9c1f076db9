"""What the first bytes of a file say: the encoding of a text, or the format of a file that is none."""

import codecs
from typing import Final

ZIP: Final = b"PK\x03\x04"
"""How a zip file with anything in it begins."""
_UNPACK = "unpack it first"
_FORMATS: Final = {
    b"\x1f\x8b\x08": f"gzip data: {_UNPACK}",
    b"BZh": f"bzip2 data: {_UNPACK}",
    b"\xfd7zXZ\0": f"xz data: {_UNPACK}",
    b"7z\xbc\xaf'\x1c": f"a 7z archive: {_UNPACK}",
    b"Rar!\x1a\x07": f"a RAR archive: {_UNPACK}",
    b"PK\x05\x06": "an empty zip file",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "a workbook of Excel: save it as CSV UTF-8",
    b"%PDF-": "a PDF document: the table itself is wanted",
    b"PAR1": "Parquet data: read it with pandas, and hand over the DataFrame",
}


def foreign(head: bytes) -> str | None:
    """What a file is that is no text, and what to do with it; ``None`` for one that may be a text.

    Example:
        >>> foreign(b"BZh91AY&SY")
        'bzip2 data: unpack it first'
    """
    return next((what for start, what in _FORMATS.items() if head.startswith(start)), None)


def encoding(head: bytes) -> str:
    """The encoding that a byte-order mark names, or the zeros between Latin letters; UTF-8 for all others.

    Example:
        >>> encoding("CONVERSATION".encode("utf-16-be"))
        'utf-16-be'
    """
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = head[0:4:2], head[1:4:2]
    if odd == b"\0\0" and b"\0" not in even:
        return "utf-16-le"
    if even == b"\0\0" and b"\0" not in odd:
        return "utf-16-be"
    return "utf-8-sig"
