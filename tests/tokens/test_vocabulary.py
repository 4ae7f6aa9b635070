"""The vocabularies ship with the code, are the right ones, and count any text without undercounting or hanging."""

import hashlib
import importlib
import inspect
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.farebox.tokens import vocabulary
from functions.farebox.tokens.vocabulary import (
    CUT_TOKENS,
    DIRECTORY,
    FILES,
    PIECE_CHARS,
    EncodingName,
    VocabularyMissing,
    count,
    load,
    split,
)
from tests.support.patience import PATIENCE_S

ENCODINGS: tuple[EncodingName, ...] = get_args(EncodingName)
MEGABYTE = 1_000_000

PROSE = (
    "The quick brown fox, aged 12345.67, jumps over the lazy dog's back.\n\n\tfor i in range(10): print(f'{i}')  # ok\n"
    "Zwölf Boxkämpfer jagen Viktor quer über den Deich. 敏捷的棕色狐狸\uff0c跳过了懒狗。それは「猫」です。"
    '👩‍👩‍👧‍👦 e\u0301 <|endoftext|> https://example.com/a?b=c&d=%20#x {"key": [1, 2.5, null]} \r\n   \r\n'
)


@pytest.mark.parametrize("name", ENCODINGS)
def test_the_shipped_file_is_the_one_that_tiktoken_expects(name: EncodingName) -> None:
    source = inspect.getsource(getattr(importlib.import_module("tiktoken_ext.openai_public"), name))
    address = next(part for part in source.split('"') if part.endswith(f"{name}.tiktoken"))
    file_name, sha256 = FILES[name]
    assert file_name == hashlib.sha1(address.encode(), usedforsecurity=False).hexdigest()
    assert f'expected_hash="{sha256}"' in source
    assert hashlib.sha256((DIRECTORY / file_name).read_bytes()).hexdigest() == sha256


def test_known_texts_have_their_known_tokens() -> None:
    assert load("cl100k_base").encode_ordinary("tiktoken is great!") == [83, 1609, 5963, 374, 2294, 0]
    assert load("o200k_base").encode_ordinary("hello world") == [24912, 2375]
    assert count("tiktoken is great!", "cl100k_base") == (6, True)
    assert count("", "o200k_base") == (0, True)


def test_text_that_looks_like_a_special_token_is_text() -> None:
    for name in ENCODINGS:
        tokens, exact = count("<|endoftext|>", name)
        assert (tokens > 1, exact) == (True, True)


@pytest.mark.parametrize("damage", ["missing", "changed"])
def test_a_vocabulary_that_is_not_the_right_one_is_an_error_and_no_download(
    damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_name, _ = FILES["cl100k_base"]
    if damage == "changed":
        shutil.copy(DIRECTORY / file_name, tmp_path)
        with (tmp_path / file_name).open("ab") as file:
            file.write(b"\n")
    monkeypatch.setattr(vocabulary, "DIRECTORY", tmp_path)
    load.cache_clear()
    with pytest.raises(VocabularyMissing, match=f"{file_name} is (missing|damaged)"):
        load("cl100k_base")


def test_nothing_is_loaded_before_it_is_needed() -> None:
    code = (
        "import sys; from functions.farebox.request import chat, counting; "
        "assert not {'tiktoken', 'regex', 'requests'} & sys.modules.keys(); "
        "asked = chat.check_chat({'model': 'm', 'messages': [{'role': 'user', 'content': 'hi'}]}); "
        "counting.bound_prompt(asked); assert 'tiktoken' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=PATIENCE_S)


def test_no_network_is_touched_even_where_another_cache_is_configured(tmp_path: Path) -> None:
    code = (
        "import socket\n"
        "def refuse(*_, **__): raise AssertionError('the network was touched')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from functions.farebox.tokens.vocabulary import count\n"
        "assert count('hello world', 'o200k_base') == (2, True)\n"
    )
    environment = {"TIKTOKEN_CACHE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], check=True, timeout=PATIENCE_S, env=environment)


@pytest.mark.parametrize("name", ENCODINGS)
@pytest.mark.parametrize(
    "text",
    ["a" * MEGABYTE, " " * MEGABYTE, " " * MEGABYTE + "a", "\t" * 2 * MEGABYTE + "x", "\n" * MEGABYTE, "中" * 333_333],
    ids=["one word", "blanks", "blanks and a letter", "tabs and a letter", "newlines", "chinese without a stop"],
)
def test_a_megabyte_without_a_seam_is_counted_within_seconds(name: EncodingName, text: str) -> None:
    load(name)
    started = time.thread_time()
    tokens, exact = count(text, name)
    assert time.thread_time() - started < 5  # of the processor, however busy it is
    assert not exact
    assert 0 < tokens <= len(text.encode())


def test_a_cut_that_is_no_seam_is_paid_for() -> None:
    assert count("a" * 5 * PIECE_CHARS, "o200k_base") == (5 * PIECE_CHARS // 8 + 2 * CUT_TOKENS, False)


@pytest.mark.parametrize("name", ENCODINGS)
@pytest.mark.parametrize("piece_chars", [1, 3, 10, 50, 400])
def test_a_text_that_is_cut_at_seams_has_exactly_the_tokens_of_the_whole(name: EncodingName, piece_chars: int) -> None:
    encode = load(name).encode_ordinary
    text = PROSE * 3
    joined: list[int] = []
    run = ""
    for piece, at_seam in split(text, piece_chars):
        run += piece
        if at_seam:
            joined += encode(run)
            run = ""
    assert joined == encode(text)


@settings(deadline=None)
@given(
    text=st.text(max_size=300) | st.text(alphabet="ab1 ,.'\n\t/é中\uff0c😀\u0301", max_size=300),
    piece_chars=st.integers(1, 40),
)
def test_no_cut_loses_a_character_or_undercounts(text: str, piece_chars: int) -> None:
    pieces = list(split(text, piece_chars))
    assert "".join(piece for piece, _ in pieces) == text
    assert all(len(piece) <= 2 * piece_chars for piece, _ in pieces)
    for name in ENCODINGS:
        encode = load(name).encode_ordinary
        parts = sum(len(encode(piece)) + (0 if at_seam else CUT_TOKENS) for piece, at_seam in pieces)
        whole = len(encode(text))
        assert parts >= whole
        if all(at_seam for _, at_seam in pieces):
            assert parts == whole


def test_what_is_added_for_a_cut_is_more_than_a_cut_was_seen_to_save() -> None:
    rng = random.Random(22)
    for name in ENCODINGS:
        encode = load(name).encode_ordinary
        words = [token.decode(errors="ignore").strip() for token in load(name).token_byte_values() if len(token) > 5]
        for _ in range(2_000):
            text = "".join(rng.choices(words, k=8))
            cut = rng.randrange(len(text))
            saved = len(encode(text)) - len(encode(text[:cut])) - len(encode(text[cut:]))
            assert saved <= CUT_TOKENS // 2
