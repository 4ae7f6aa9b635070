"""What a text may come to in a vocabulary that is not at hand, given what it comes to in OpenAI's.

Twice the count bounds ordinary text. It does not bound what OpenAI's vocabularies merge and others do not. Measured
with o200k (2026-11), in characters a token, and beside it what others are known to have (Llama, Mistral, Qwen,
DeepSeek, Gemini, Claude):

- blanks in a row: 111; others merge up to 15 or 16, some two or four. A token for two is taken.
- newlines or tabs in a row: 16; SentencePiece's vocabularies have one each. `=`, `-`, `.` in a row: 60; 1 to 16. A
  letter in a row: 8; 2 to 4. A token for each is taken.
- digits: 3; Qwen, DeepSeek, Gemma and Mistral have one each.
- what is not ASCII: 1.3 to 4; older vocabularies fall back to bytes. A byte bounds any token.
- long words that are one token, of which a text can be made: up to 26; others have pieces of 3 to 4 characters. A token
  for two characters is the least that is taken. English has 4.3 a token, so that costs it 8 % of its hold.

Prose is held for 3 to 20 % more than twice its count, indented text and code for up to 40 %.
"""

_DEAR = b"0123456789" + bytes(range(128, 256))
_BLANKS = b" " * 4
_ALTERNATING = (b"\r\n\r\n", b"\n \n ", b"\n\t\n\t", b"\t \t ")


def beyond_twice(text: str, tokens: int) -> int:
    """By how much a text of so many tokens may be over twice as many elsewhere. It takes a small part of the time that
    counting takes."""
    data = text.encode(errors="replace")
    dear = len(data) - len(data.translate(None, _DEAR)) + _repeated(data) - data.count(_BLANKS)
    dear += sum(data.count(run) * len(run) for run in _ALTERNATING)
    return max(0, min(max(2 * tokens, len(text) // 2) + dear, len(data)) - 2 * tokens)


def _repeated(data: bytes) -> int:
    """About how many bytes are in runs of four and more that are equal: each is compared with the next in one go, where
    a regular expression takes as long as the tokenizer."""
    equal = (int.from_bytes(data[1:]) ^ int.from_bytes(data[:-1])).to_bytes(max(0, len(data) - 1))
    return equal.count(b"\0\0\0") * 3
