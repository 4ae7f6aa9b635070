"""Content encodings of requests (RFC 9110, 8.4): bodies that were packed by their client.

A packed body may be a bomb: 32 kB of zeros unpack to 32 MB. So it is unpacked a slice at a time, and each slice is
counted before the next is made, in size and in memory, as if it had come so long.
"""

import asyncio
import sys
import zlib
from collections.abc import Awaitable, Callable, Iterator
from typing import Final

from functions.edge.asgi.errors import READ_ENCODINGS
from functions.farebox.errors import InvalidRequest, UnsupportedEncoding

SLICE_BYTES = 256 * 1024  # a millisecond of unpacking
ZSTDS_WINDOW_LOG: Final = 23  # 8 MB, beyond which no content is to be packed: RFC 9659, 3

_PLAIN = frozenset({"", "identity"})
_GZIP = frozenset({"gzip", "x-gzip"})
_ZSTD = "zstd"
_GZIPS_WINDOW = 16 + zlib.MAX_WBITS
_ZLIB_METHOD = 8  # in the low half of the first byte of what zlib wrote: RFC 1950, 2.2


def coding_of(header: str | None) -> str | None:
    """How a body is packed, by its header `content-encoding`; `None` where it is not. Raises `UnsupportedEncoding`."""
    if header is None or (coding := header.strip().lower()) in _PLAIN:
        return None
    if coding in _GZIP or coding in READ_ENCODINGS:
        return coding
    wanted = " or ".join(READ_ENCODINGS)
    raise UnsupportedEncoding(
        f"A body that is packed as {coding[:40]!r} is not read here. Send it plain, or packed as {wanted}.",
        param="content-encoding",
    )


async def unpacked(packed: bytes, coding: str, grown_to: Callable[[int], Awaitable[None]]) -> bytes:
    """The body that was packed. `grown_to` is told how long it is so far, and raises what refuses it. Raises
    `InvalidRequest` for what is not packed like that."""
    slices: list[bytes] = []
    size = 0
    for piece in _zstds(packed) if coding == _ZSTD else _zlibs(packed, coding):
        size += len(piece)
        await grown_to(size)
        slices.append(piece)
        await asyncio.sleep(0)
    return b"".join(slices)


def _zlibs(packed: bytes, coding: str) -> Iterator[bytes]:
    """What gzip or deflate packed, a slice at a time."""
    unpacker = zlib.decompressobj(_window(packed, coding))
    rest = packed
    while not unpacker.eof:
        try:
            piece = unpacker.decompress(rest, SLICE_BYTES)
        except zlib.error as error:
            raise _malformed("it is not packed as that") from error
        if not piece and not unpacker.unconsumed_tail and not unpacker.eof:
            raise _malformed("it ends too soon")
        rest = unpacker.unconsumed_tail
        yield piece
    if unpacker.unused_data:
        raise _malformed("something follows its end")


def _zstds(packed: bytes) -> Iterator[bytes]:
    """The same of Zstandard (RFC 8878), in one frame."""
    if sys.version_info >= (3, 14):  # few send it, so that nobody else pays for the import
        from compression import zstd
    else:
        from backports import zstd

    unpacker = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: ZSTDS_WINDOW_LOG})
    rest = packed
    while not unpacker.eof:
        try:
            piece = unpacker.decompress(rest, SLICE_BYTES)
        except zstd.ZstdError as error:
            raise _malformed("it is not packed as that, or with a window of more than 8 MB") from error
        if not piece and unpacker.needs_input and not unpacker.eof:
            raise _malformed("it ends too soon")
        rest = b""
        yield piece
    if unpacker.unused_data:
        raise _malformed("something follows its end")


def _window(packed: bytes, coding: str) -> int:
    """What zlib is told of it. Some clients send deflate as it is, without zlib's head: RFC 9110, 8.4.1.2."""
    if coding in _GZIP:
        return _GZIPS_WINDOW
    has_head = packed[:1] and packed[0] & 0x0F == _ZLIB_METHOD and int.from_bytes(packed[:2]) % 31 == 0
    return zlib.MAX_WBITS if has_head else -zlib.MAX_WBITS


def _malformed(what: str) -> InvalidRequest:
    return InvalidRequest(
        f"The body could not be unpacked by its content-encoding: {what}. Pack it again, or send it plain.",
        code="malformed_encoding",
        param="content-encoding",
    )
