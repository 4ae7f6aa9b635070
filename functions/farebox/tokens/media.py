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
  nothing, so their size bounds nothing.
- Sound that a model speaks: OpenAI counts 20 tokens a second, and no format has less than 1,000 bytes for one.
- Images that a model draws: Gemini counts up to 2,000, at 4K (https://ai.google.dev/gemini-api/docs/pricing).
- What is sealed, such as encrypted reasoning: a token of English is 4 bytes, and sealing saves nothing.
- Files, videos, and whatever else is only linked to: as much as the longest context on the market.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

IMAGE_TOKENS = 16_384
IMAGE_TOKENS_OF = (("4o-mini", 2_833 + 8 * 5_667), ("gpt-6", 32_768))  # models whose name has this
SOUND_BYTES_PER_TOKEN = 16
SOUND_OVERHEAD_TOKENS = 64
UNSEEN_TOKENS = 1_048_576
SPOKEN_BYTES_PER_TOKEN = 50
DRAWN_TOKENS = 2_000
SEALED_BYTES_PER_TOKEN = 4

_LINK = re.compile(r"https?:", re.IGNORECASE)
_DATA = re.compile(r"data:(image/)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Media:
    """What the media of a prompt come to: at most so many tokens, and so many characters of base64 in its JSON that
    are therefore no text."""

    tokens: int = 0
    base64_chars: int = 0


@dataclass(slots=True)
class Generated:
    """What a model generated that is no text: characters of base64, and images."""

    spoken_chars: int = 0
    sealed_chars: int = 0
    images: int = 0

    @property
    def tokens(self) -> int:
        """The most tokens that it can have been."""
        spoken = ceil(self.spoken_chars * 3 / 4 / SPOKEN_BYTES_PER_TOKEN)
        return spoken + ceil(self.sealed_chars * 3 / 4 / SEALED_BYTES_PER_TOKEN) + self.images * DRAWN_TOKENS


def bound_part(part: Mapping[str, object], model: str) -> Media | None:
    """The bound of one part of a message's content; `None` for a part that is text."""
    kind = part.get("type")
    if not isinstance(kind, str):
        return None
    if "image" in kind:
        return _bound_image(part.get("image_url"), model)
    if "audio" in kind:
        return _bound_sound(part.get("input_audio"))
    if "file" in kind or "video" in kind or "document" in kind:
        return Media(UNSEEN_TOKENS, len(_text_at(part.get("file"), "file_data")))
    return None


def bound_block(block: Mapping[str, object], model: str) -> Media | None:
    """The same in the words of Anthropic's Messages and OpenAI's Responses, whose media are not beside a word for
    their kind: `{source: {type: base64, media_type, data}}`, or a link; `{file_data}`."""
    source = block.get("source")
    if not isinstance(source, Mapping):
        media = bound_part(block, model)
        flat = 0 if media is None else len(_text_at(block, "file_data"))
        return media if media is None or flat == 0 else Media(media.tokens, media.base64_chars + flat)
    kind, form = _text_at(block, "type"), source.get("type")
    if "image" not in kind and ("document" not in kind or form in ("text", "content")):
        return None
    is_image = "image" in kind and form in ("base64", "url")
    data = _text_at(source, "data") if form == "base64" else ""
    return Media(_image_tokens(model) if is_image else UNSEEN_TOKENS, len(data))


def _bound_image(image: object, model: str) -> Media:
    url = image if isinstance(image, str) else _text_at(image, "url")
    data = _DATA.match(url)
    if not url or _LINK.match(url) or (data and data[1]):
        return Media(_image_tokens(model), len(url) if data else 0)
    return Media(UNSEEN_TOKENS, len(url) if data else 0)  # proxies take a PDF or a video here


def _image_tokens(model: str) -> int:
    return next((tokens for name, tokens in IMAGE_TOKENS_OF if name in model), IMAGE_TOKENS)


def _bound_sound(sound: object) -> Media:
    data, sound_format = _text_at(sound, "data"), _text_at(sound, "format")
    if not data or sound_format not in ("wav", "mp3"):
        return Media(UNSEEN_TOKENS, len(data))
    return Media(len(data) * 3 // 4 // SOUND_BYTES_PER_TOKEN + SOUND_OVERHEAD_TOKENS, len(data))


def _text_at(mapping: object, name: str) -> str:
    value = mapping.get(name) if isinstance(mapping, Mapping) else None
    return value if isinstance(value, str) else ""
