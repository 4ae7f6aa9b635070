"""Content encodings of requests (RFC 9110, 8.4): bodies that were packed by their client.

A packed body may be a bomb: 32 kB of zeros unpack to 32 MB. So it is unpacked a slice at a time, and each slice is
counted before the next is made, in size and in memory, as if it had come so long.
"""

import asyncio
import zlib
from collections.abc import Awaitable, Callable

from functions.edge.asgi.errors import READ_ENCODINGS
from functions.farebox.errors import InvalidRequest, UnsupportedEncoding

SLICE_BYTES = 256 * 1024  # a millisecond of unpacking

_PLAIN = frozenset({"", "identity"})
_GZIP = frozenset({"gzip", "x-gzip"})
_GZIPS_WINDOW = 16 + zlib.MAX_WBITS
_ZLIB_METHOD = 8  # in the low half of the first byte of what zlib wrote: RFC 1950, 2.2


def coding_of(header: str | None) -> str | None:
    """How a body is packed, by its header `content-encoding`; `None` where it is not. Raises `UnsupportedEncoding`."""
    if header is None or (coding := header.strip().lower()) in _PLAIN:
        return None
    if coding in _GZIP or coding == "deflate":
        return coding
    wanted = " or ".join(READ_ENCODINGS)
    raise UnsupportedEncoding(
        f"A body that is packed as {coding[:40]!r} is not read here. Send it plain, or packed as {wanted}.",
        param="content-encoding",
    )


async def unpacked(packed: bytes, coding: str, grown_to: Callable[[int], Awaitable[None]]) -> bytes:
    """The body that was packed. `grown_to` is told how long it is so far, and raises what refuses it. Raises
    `InvalidRequest` for what is not packed like that."""
    unpacker = zlib.decompressobj(_window(packed, coding))
    slices: list[bytes] = []
    size, rest = 0, packed
    try:
        while not unpacker.eof:
            piece = unpacker.decompress(rest, SLICE_BYTES)
            if not piece and not unpacker.unconsumed_tail and not unpacker.eof:
                raise _malformed("it ends too soon")
            rest = unpacker.unconsumed_tail
            size += len(piece)
            await grown_to(size)
            slices.append(piece)
            await asyncio.sleep(0)
    except zlib.error as error:
        raise _malformed("it is not packed as that") from error
    if unpacker.unused_data:
        raise _malformed("something follows its end")
    return b"".join(slices)


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
