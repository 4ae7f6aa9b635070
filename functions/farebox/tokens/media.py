"""Bounds of media in a prompt: the most tokens that an image, a sound or a file can be, which its bytes do not say.

Where the figures are from (2026-11):

- Images. OpenAI scales an image to at most 2048 by 768 pixels, eight tiles of 512: 85 + 8 * 170 tokens, but
  2,833 + 8 * 5,667 for gpt-4o-mini; later models take up to 10,000 patches of 32 pixels at up to 1.2 tokens, gpt-6
  more (14,364 were measured for 12 megapixels, https://huggingface.co/datasets/JOHNISKING/image-token-cost). Claude
  takes up to 4,784 (https://platform.claude.com/docs/en/build-with-claude/vision), Gemini 2,240
  (https://ai.google.dev/gemini-api/docs/media-resolution), Qwen-VL 16,384. `detail: low` binds OpenAI alone, so it
  lowers nothing here.
- Sound. Gemini counts 32 tokens a second, OpenAI 10 (https://ai.google.dev/gemini-api/docs/tokens). MP3 has no less
  than 1,000 bytes a second and WAV more, so a token for 16 bytes bounds both. Other formats compress silence to
  nothing, so their size bounds nothing; nor does that of a WAV that names a slower rate than 512 bytes a second.
- Sound that a model speaks: OpenAI counts 20 tokens a second, and no format has less than 1,000 bytes for one.
- Images that a model draws: Gemini counts up to 2,000, at 4K (https://ai.google.dev/gemini-api/docs/pricing).
- What a part carries decides, and not what it is called: proxies take a PDF, a film or a sound where an image is
  expected. Data are what their first bytes say, links what their path ends in; what says neither may be anything.
- What is sealed, such as encrypted reasoning: a token of English is 4 bytes, and sealing saves nothing.
- Files, videos, and whatever else is only linked to: as much as the longest context on the market.
"""

import re
from binascii import Error as NotBase64
from binascii import a2b_base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil

from msgspec import Struct

IMAGE_TOKENS = 16_384
IMAGE_TOKENS_OF = (("4o-mini", 2_833 + 8 * 5_667), ("gpt-6", 32_768))  # models whose name has this
SOUND_BYTES_PER_TOKEN = 16
SOUND_TOKENS_PER_S = 32
SOUND_OVERHEAD_TOKENS = 64
UNSEEN_TOKENS = 1_048_576
SPOKEN_BYTES_PER_TOKEN = 50
DRAWN_TOKENS = 2_000
SEALED_BYTES_PER_TOKEN = 4

# Where a part has its media, in any dialect's words: a text, or an object that holds it.
MEDIA_FIELDS = frozenset(
    {
        "image_url",
        "image",
        "input_audio",
        "audio_url",
        "audio",
        "video_url",
        "video",
        "file",
        "file_data",
        "file_url",
        "file_id",
        "document_url",
        "source",
    }
)
LINKED = frozenset({"url", "data", "file_data", "image_url"})  # where such an object has them
FORMATS = ("format", "mime_type", "media_type")

_HELD = MEDIA_FIELDS | LINKED
_IMAGE_FORMATS = frozenset({"png", "jpeg", "jpg", "webp", "gif", "bmp", "tiff", "heic", "heif", "avif"})
_IMAGE_BYTES = re.compile(
    rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a|RIFF....WEBP|BM....\0\0\0\0|II\*\0|MM\0\*"
    rb"|....ftyp(?:avif|heic|heix|heim|mif1)",
    re.DOTALL,
)
_SOUND_BYTES = re.compile(  # of films as well, which have sound
    rb"RIFF....(?:WAVE|AVI )|....ftyp(?!avif|heic|heix|heim|mif1)|ID3|fLaC|OggS|\x1aE\xdf\xa3|\xff[\xe2-\xff]"
    rb"|\0\0\x01[\xb3\xba]|FORM....AIF|FLV\x01|\x30\x26\xb2\x75",
    re.DOTALL,
)
_DATA = re.compile(r"data:[^,]{0,200},", re.IGNORECASE)
_IMAGE_DATA = re.compile(r"data:image/[\w.+-]+(?:;[\w.+=-]+)*;base64,", re.IGNORECASE)
_IMAGE_LINK = re.compile(
    r"https?://[^/?#]+/[^?#]*\.(?:png|jpe?g|webp|gif|bmp|tiff?|hei[cf]|avif)(?:[?#]|$)", re.IGNORECASE
)
# Some read the kind from the end of the whole address, and some sites have nothing but films.
_OTHER_LINK = re.compile(
    r"https?://[^/]*youtu\.?be|https?://[^/?#]+[/?#].*\.(?:pdf|mp4|m4[av]|mov|mpe?g|mpg4|webm|mkv|avi|wmv|flv|3gpp?|ogv|ts"
    r"|mp3|wav|ogg|opus|flac|aac|aiff?|docx?|pptx?|xlsx?|txt|md|csv|html?|json|xml|rtf|zip)(?![a-z0-9])",
    re.IGNORECASE | re.DOTALL,
)
_HEAD_CHARS = 64  # of base64, which are 48 bytes: a WAV's whole head
_PCM = frozenset({1, 3, 6, 7, 0xFFFE})  # a WAV whose bytes a second are what its rate and frame come to


@dataclass(frozen=True, slots=True)
class Media:
    """What the media of a prompt come to: at most so many tokens, and so many characters of base64 in its JSON that
    are therefore no text."""

    tokens: int = 0
    base64_chars: int = 0


class Generated(Struct):
    """What a model generated that is no text: characters of base64, and images."""

    spoken_chars: int = 0
    sealed_chars: int = 0
    images: int = 0

    @property
    def spoken_tokens(self) -> int:
        """The most tokens of its sound."""
        return ceil(self.spoken_chars * 3 / 4 / SPOKEN_BYTES_PER_TOKEN)

    @property
    def drawn_tokens(self) -> int:
        """The most tokens of its images."""
        return self.images * DRAWN_TOKENS

    @property
    def tokens(self) -> int:
        """The most tokens that it can have been."""
        sealed = ceil(self.sealed_chars * 3 / 4 / SEALED_BYTES_PER_TOKEN)
        return self.spoken_tokens + sealed + self.drawn_tokens


def bound_part(part: Mapping[str, object], model: str) -> Media | None:
    """The bound of one part of a prompt, in the words of any dialect; `None` for a part that is text."""
    kind, source = part.get("type"), part.get("source")
    if not isinstance(kind, str):
        return None
    is_image, is_sound = "image" in kind or "screenshot" in kind, "audio" in kind
    if not (is_image or is_sound or "file" in kind or "video" in kind or "document" in kind):
        return None
    if isinstance(source, dict) and not is_image and source.get("type") in ("text", "content"):
        return None
    carried = list(_carried(part))
    chars = sum(len(text) for name, text in carried if name.endswith("data") or text[:5].lower() == "data:")
    if is_image and _is_image(part, carried):
        return Media(_image_tokens(model), chars)
    sound = _sound_tokens(part, carried) if is_sound else None
    return Media(UNSEEN_TOKENS if sound is None else sound, chars)


def begins_as_sound(part: Mapping[str, object]) -> bool:
    """Whether the data in a part are a sound or a film by their first bytes, whatever they are called."""
    for _, text in _carried(part):
        named = _DATA.match(text)
        if _SOUND_BYTES.match(_head(text, 0 if named is None else named.end())) is not None:
            return True
    return False


def _carried(part: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """The links, data and names of stored files in a part, each with the field that it is in."""
    for holder in (part, *(each for name, each in part.items() if name in MEDIA_FIELDS)):
        if isinstance(holder, dict):
            for name, value in holder.items():
                if name in _HELD and isinstance(value, str) and value:
                    yield name, value


def _formats(part: Mapping[str, object]) -> Iterator[str]:
    """What a part says of its media, wherever it says so."""
    for holder in (part, *part.values()):
        if isinstance(holder, dict):
            yield from (str(holder[name]).lower() for name in FORMATS if holder.get(name))


def _is_image(part: Mapping[str, object], carried: list[tuple[str, str]]) -> bool:
    """Whether a part that is called an image carries one, or nothing."""
    if not carried:
        return "source" not in part
    if len(carried) > 1 or any(each.rpartition("image/")[2] not in _IMAGE_FORMATS for each in _formats(part)):
        return False
    name, text = carried[0]
    data = _IMAGE_DATA.match(text)
    if data is not None or name == "data":
        return _IMAGE_BYTES.match(_head(text, 0 if data is None else data.end())) is not None
    return name != "file_id" and _IMAGE_LINK.match(text) is not None and _OTHER_LINK.match(text) is None


def _image_tokens(model: str) -> int:
    return next((tokens for name, tokens in IMAGE_TOKENS_OF if name in model), IMAGE_TOKENS)


def _sound_tokens(part: Mapping[str, object], carried: list[tuple[str, str]]) -> int | None:
    """The most tokens of a sound; `None` where its size does not bound it."""
    if len(carried) != 1 or carried[0][0] != "data":
        return None
    data, formats = carried[0][1], set(_formats(part))
    is_sound = (formats == {"mp3"} and _is_mp3(data)) or (formats == {"wav"} and _is_wav(_head(data, 0)))
    return len(data) * 3 // 4 // SOUND_BYTES_PER_TOKEN + SOUND_OVERHEAD_TOKENS if is_sound else None


def _is_wav(head: bytes) -> bool:
    if head[:4] != b"RIFF" or head[8:16] != b"WAVEfmt " or int.from_bytes(head[20:22], "little") not in _PCM:
        return False
    rate, frame = int.from_bytes(head[24:28], "little"), int.from_bytes(head[32:34], "little")
    told = int.from_bytes(head[28:32], "little")
    return min(told, rate * frame) >= SOUND_BYTES_PER_TOKEN * SOUND_TOKENS_PER_S


def _is_mp3(data: str) -> bool:
    head = _head(data, 0)
    if head[:3] == b"ID3":  # labels come before the sound; their length has seven bits a byte
        size = sum((byte & 127) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=False))
        skipped, start = divmod(10 + size, 3)
        head = _head(data, skipped * 4)[start:]
    return len(head) > 1 and head[0] == 255 and head[1] & 0b1110_0110 in (0b1110_0010, 0b1110_0100, 0b1110_0110)


def _head(data: str, start: int) -> bytes:
    """The first bytes of base64 that begins at a character."""
    try:
        return a2b_base64(data[start : start + _HEAD_CHARS])
    except (NotBase64, ValueError):
        return b""
