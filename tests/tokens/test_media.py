"""Media in a prompt are bounded by what they are, not by how many bytes they take."""

from base64 import b64encode
from typing import Any

import pytest

from functions.farebox.tokens.media import FORMATS, IMAGE_TOKENS, UNSEEN_TOKENS, Media, bound_part

DATA = "A" * 40_000
PNG_DATA = f"iVBORw0KGgoA{DATA}"
PNG = f"data:image/png;base64,{PNG_DATA}"
CAT = "https://example.com/cat.png"


def image(url: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, "detail": "low"}}


def base64(data: bytes) -> str:
    return b64encode(data).decode()


def data_url(data: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64(data + bytes(64))}"


def sound(data: bytes, sound_format: str, **more: Any) -> dict[str, Any]:
    held = {"data": base64(data + bytes(960)), "format": sound_format, **more}
    return {"type": "input_audio", "input_audio": held}


def wav(rate: int = 8_000, frame: int = 1, codec: int = 1, told: int | None = None) -> bytes:
    """The head of a WAV."""
    fields = ((16, 4), (codec, 2), (1, 2), (rate, 4), (rate * frame if told is None else told, 4), (frame, 2), (8, 2))
    head = b"".join(value.to_bytes(size, "little") for value, size in fields)
    return b"RIFF\0\0\0\0WAVEfmt " + head + b"data\0\0\0\0"


@pytest.mark.parametrize(
    "part", [{"type": "text", "text": "hello"}, {"type": "refusal", "refusal": "no"}, {}, {"type": 5}]
)
def test_text_is_no_media(part: dict[str, Any]) -> None:
    assert bound_part(part, "gpt-4o") is None


@pytest.mark.parametrize(
    ("part", "media"),
    [
        (image("https://example.com/cat.png"), Media(IMAGE_TOKENS)),
        (image("HTTP://example.com/cat.png"), Media(IMAGE_TOKENS)),
        (image(PNG), Media(IMAGE_TOKENS, len(PNG))),
        ({"type": "image_url", "image_url": PNG}, Media(IMAGE_TOKENS, len(PNG))),
        ({"type": "input_image", "image_url": PNG}, Media(IMAGE_TOKENS, len(PNG))),
        ({"type": "image", "source": {"type": "base64", "data": PNG_DATA}}, Media(IMAGE_TOKENS, len(PNG_DATA))),
        ({"type": "image", "source": {"type": "url", "url": CAT}}, Media(IMAGE_TOKENS)),
        ({"type": "computer_screenshot", "image_url": PNG}, Media(IMAGE_TOKENS, len(PNG))),
        ({"type": "computer_screenshot", "file_id": "file-1"}, Media(UNSEEN_TOKENS)),
        (image("data:application/pdf;base64,AAAA"), Media(UNSEEN_TOKENS, 32)),
        (image("gs://bucket/film.mp4"), Media(UNSEEN_TOKENS)),
        ({"type": "file", "file": {"file_data": DATA}}, Media(UNSEEN_TOKENS, len(DATA))),
        ({"type": "file", "file": {"file_id": "file-1"}}, Media(UNSEEN_TOKENS)),
        ({"type": "video_url", "video_url": {"url": "https://example.com/film"}}, Media(UNSEEN_TOKENS)),
        ({"type": "input_audio", "input_audio": {"data": DATA, "format": "flac"}}, Media(UNSEEN_TOKENS, len(DATA))),
        ({"type": "input_audio", "input_audio": {"format": "wav"}}, Media(UNSEEN_TOKENS)),
        ({"type": "input_audio"}, Media(UNSEEN_TOKENS)),
        (image(None), Media(IMAGE_TOKENS)),
        ({"type": "image_url", "image_url": ["x"]}, Media(IMAGE_TOKENS)),
    ],
)
def test_each_kind_has_its_bound(part: dict[str, Any], media: Media) -> None:
    assert bound_part(part, "gpt-4o") == media


@pytest.mark.parametrize(
    "head",
    [
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        b"GIF89a",
        b"RIFF\1\2\3\4WEBPVP8 ",
        b"BM\1\2\3\4\0\0\0\0",
        b"II*\0",
        b"\0\0\0\x18ftypheic",
        b"\0\0\0\x18ftypavif",
    ],
)
def test_data_that_begin_as_an_image_are_one(head: bytes) -> None:
    source = {"type": "base64", "media_type": "image/png", "data": base64(head + bytes(64))}
    for part in (image(data_url(head)), {"type": "image", "source": source}):
        media = bound_part(part, "gpt-4o")
        assert media is not None
        assert media.tokens == IMAGE_TOKENS


PDF, MP4, WAV = b"%PDF-1.7\n", b"\0\0\0\x18ftypmp42", b"RIFF\0\0\0\0WAVEfmt "


@pytest.mark.parametrize(
    "part",
    [
        *(image(data_url(head)) for head in (PDF, MP4, WAV, b"\x1aE\xdf\xa3", b"OggS", b"<svg", b"", bytes(9))),
        *(
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": base64(head + bytes(64))}}
            for head in (PDF, MP4)
        ),
        *({"type": "input_image", "image_url": data_url(head)} for head in (PDF, MP4)),
        image(data_url(b"GIF89a", "video/mp4")),
        image(data_url(b"GIF89a", "application/pdf")),
        image("data:image/png,GIF89a"),
        *({"type": "image_url", "image_url": {"url": CAT, name: "video/mp4"}} for name in FORMATS),
        {"type": "image_url", "image_url": CAT, "format": "application/pdf"},
        {"type": "image_url", "image_url": PNG, "mime_type": "mp4"},
        {"type": "image", "source": {"type": "base64", "media_type": "application/pdf", "data": PNG_DATA}},
        {"type": "image", "source": {"type": "file", "file_id": "file_1"}},
        {"type": "image", "source": {"type": "url", "url": "https://example.com/a.pdf"}},
        {"type": "image", "source": {"type": "somewhere"}},
        {"type": "input_image", "file_id": "file-1"},
        {"type": "input_image", "image_url": CAT, "file_id": "file-1"},
        {"type": "image_url", "image_url": {"file_id": "file-1"}},
        *(
            image(url)
            for url in (
                "https://example.com/film.mp4",
                "https://example.com/film.MP4?cat.png",
                "https://example.com/cat.png?.mp4",
                "https://example.com/cat.png#/film.webm",
                "https://example.com/paper.pdf",
                "https://example.com/paper.pdf/cat.png",
                "https://example.com/cat.png/film",
                "https://example.com/anything",
                "https://example.com/?cat.png",
                "https://cat.png",
                "https://www.youtube.com/watch?v=cat.png",
                "https://youtu.be/cat.png",
                "https://m.youtube.com/cat.png",
                "file:///cat.png",
                "s3://bucket/cat.png",
            )
        ),
    ],
)  # fmt: skip
def test_what_is_called_an_image_and_may_be_more_is_bounded_as_such(part: dict[str, Any]) -> None:
    media = bound_part(part, "gpt-4o")
    assert media is not None
    assert media.tokens == UNSEEN_TOKENS


@pytest.mark.parametrize(
    "url", ["https://x/cat.JPEG", "http://x/a/b.webp?size=9&sign=a.b", "https://x.pdf.org/cat.gif#a"]
)
def test_a_link_whose_path_ends_as_an_image_is_one(url: str) -> None:
    assert bound_part(image(url), "gpt-4o") == Media(IMAGE_TOKENS)


@pytest.mark.parametrize(
    "part",
    [
        sound(b"fLaC", "wav"),
        sound(b"OggS", "mp3"),
        sound(MP4, "mp3"),
        sound(b"ID3\4\0\0\0\0\0\5labelOggS", "mp3"),
        sound(b"ID3\4\0\0\x7f\0\0\0", "mp3"),
        sound(b"\xff\xf1\x50\x80", "mp3"),  # AAC
        sound(wav(rate=1), "wav"),
        sound(wav(rate=1, told=8_000), "wav"),
        sound(wav(told=1), "wav"),
        sound(wav(codec=0x11), "wav"),
        sound(wav(), "mp3"),
        sound(wav(), "wav", mime_type="video/mp4"),
        {"type": "input_audio", "input_audio": {"data": "https://example.com/a.wav", "format": "wav"}},
        {"type": "audio_url", "audio_url": {"url": "https://example.com/a.wav", "format": "wav"}},
    ],
)
def test_what_is_called_a_sound_and_may_be_more_is_bounded_as_such(part: dict[str, Any]) -> None:
    media = bound_part(part, "gpt-4o")
    assert media is not None
    assert media.tokens == UNSEEN_TOKENS


@pytest.mark.parametrize(
    ("head", "sound_format"),
    [(wav(), "wav"), (wav(codec=7), "wav"), (b"\xff\xfb\x90\0", "mp3"), (b"ID3\4\0\0\0\0\0\5label\xff\xf3", "mp3")],
)
def test_a_sound_is_known_by_its_beginning(head: bytes, sound_format: str) -> None:
    media = bound_part(sound(head, sound_format), "gpt-4o")
    assert media is not None
    assert media.tokens < 200


def test_an_image_is_bounded_by_the_dearest_way_its_model_counts() -> None:
    link = image("https://example.com/cat.png")
    assert bound_part(link, "openai/gpt-4o-mini-2024-07-18") == Media(2_833 + 8 * 5_667)
    assert bound_part(link, "gpt-6-sol") == Media(32_768)


@pytest.mark.parametrize(("sound_format", "bytes_per_second"), [("mp3", 1_000), ("mp3", 16_000), ("wav", 8_000)])
def test_sound_is_bounded_by_its_length_at_the_lowest_bit_rate(sound_format: str, bytes_per_second: int) -> None:
    seconds = 120
    head = base64(wav() if sound_format == "wav" else b"\xff\xfb\x90")
    data = head.rstrip("=") + "A" * (seconds * bytes_per_second * 4 // 3)
    media = bound_part({"type": "input_audio", "input_audio": {"data": data, "format": sound_format}}, "gpt-audio")
    assert media is not None
    assert 32 * seconds <= media.tokens <= len(data) // 16
    assert media.base64_chars == len(data)
