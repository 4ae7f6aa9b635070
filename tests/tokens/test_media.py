"""Media in a prompt are bounded by what they are, not by how many bytes they take."""

from typing import Any

import pytest

from functions.farebox.tokens.media import IMAGE_TOKENS, UNSEEN_TOKENS, Media, bound_part

DATA = "A" * 40_000
PNG = f"data:image/png;base64,{DATA}"


def image(url: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, "detail": "low"}}


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
        ({"type": "image", "source": {"type": "base64", "data": DATA}}, Media(IMAGE_TOKENS)),
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


def test_an_image_is_bounded_by_the_dearest_way_its_model_counts() -> None:
    link = image("https://example.com/cat.png")
    assert bound_part(link, "openai/gpt-4o-mini-2024-07-18") == Media(2_833 + 8 * 5_667)
    assert bound_part(link, "gpt-6-sol") == Media(32_768)


@pytest.mark.parametrize(("sound_format", "bytes_per_second"), [("mp3", 1_000), ("mp3", 16_000), ("wav", 8_000)])
def test_sound_is_bounded_by_its_length_at_the_lowest_bit_rate(sound_format: str, bytes_per_second: int) -> None:
    seconds = 120
    data = "A" * (seconds * bytes_per_second * 4 // 3)
    media = bound_part({"type": "input_audio", "input_audio": {"data": data, "format": sound_format}}, "gpt-audio")
    assert media is not None
    assert 32 * seconds <= media.tokens <= len(data) // 16
    assert media.base64_chars == len(data)
