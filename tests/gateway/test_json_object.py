"""JSON objects as upstreams write them."""

import pytest

from functions.farebox.gateway.json_object import read_object


def test_an_object_is_read() -> None:
    assert read_object(b'{"a": "\\u00f6", "b": [1, null]}') == {"a": "ö", "b": [1, None]}


def test_half_a_surrogate_pair_does_not_spoil_an_object() -> None:
    assert read_object(b'{"content": "hi \\ud83d", "usage": {"n": 1}}') == {"content": "hi ?", "usage": {"n": 1}}


def test_a_whole_surrogate_pair_is_a_character() -> None:
    assert read_object(b'{"content": "\\ud83d\\udc4b"}') == {"content": "👋"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b"null",
        b'{"a": NaN}',
        b'{"a": NaN, "b": "\\ud83d"}',
        b'{"\\ud83d": ' + b"[" * 5000,
        b'{"a": "\\ud83d", "n": ' + b"9" * 5000 + b"}",
        b'{"a": "\\u00zz"}',
        b"\xff\\u",
    ],
    ids=lambda data: data[:20],
)
def test_anything_else_is_nothing(data: bytes) -> None:
    assert read_object(data) is None
