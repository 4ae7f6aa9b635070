"""OpenAI's embeddings (https://platform.openai.com/docs/api-reference/embeddings/create), with what Voyage, Cohere,
Jina, Mistral, Gemini and servers of open models add: the fate of each field."""

from typing import Final

from functions.farebox.request.bounds import AMOUNTS, read_model, read_usage_wish
from functions.farebox.request.checked import Checked, check
from functions.farebox.request.enumerated import vector_format
from functions.farebox.request.fate import Reach, Reading, Table, bounding, free, refused
from functions.farebox.request.steering import REFUSED
from functions.farebox.request.values import (
    flag,
    label,
    labels,
    text,
    whole,
    word,
    wrong_type,
    wrong_value,
)

MAX_INPUTS = 10_000
MAX_DIMENSIONS = 100_000

_FORMS = "a text, a list of texts, a list of tokens or a list of such lists"
_dimensions = whole(1, MAX_DIMENSIONS)


def _read_input(value: object, at: str, reading: Reading) -> object:
    if type(value) is str:
        return value
    if type(value) is not list:
        raise wrong_type(at, _FORMS)
    if not value:
        raise wrong_value(at, "at least one text or token")
    kinds = set(map(type, value))
    if kinds == {int}:
        return value
    if kinds != {str} and not (kinds == {list} and all(set(map(type, each)) == {int} for each in value)):
        raise wrong_type(at, _FORMS)
    if len(value) > MAX_INPUTS:
        raise wrong_value(at, f"at most {MAX_INPUTS} inputs")
    return value


def _read_truncate(value: object, at: str, reading: Reading) -> object:
    """Cohere's and NVIDIA's is a word, others' a bool."""
    return value if type(value) is bool else word(value, at, reading)


EMBEDDINGS: Final[Table] = {
    **AMOUNTS,
    **{name: refused(advice) for name, advice in REFUSED.items()},
    "model": bounding(read_model),
    "input": bounding(_read_input, Reach.PROMPT),
    "usage": free(read_usage_wish),
    "dimensions": free(_dimensions),
    "output_dimension": free(_dimensions),
    "encoding_format": free(vector_format),
    "output_dtype": free(word),
    "embedding_type": free(word),
    "user": free(label, Reach.LABEL),
    "metadata": free(labels, Reach.LABEL),
    # They choose a sentence that is put before each input.
    "input_type": free(word),
    "task": free(word),
    "task_type": free(word),
    "instruction": free(text, Reach.PROMPT),
    "truncate": free(_read_truncate),
    "truncation": free(flag),
    "truncate_prompt_tokens": free(whole(-1, 10_000_000)),
    "late_chunking": free(flag),
    "normalized": free(flag),
    "add_special_tokens": free(flag),
}


def check_embedding(body: dict[str, object]) -> Checked:
    """An embedding request, checked. Raises `InvalidRequest` that names the field at fault."""
    return check("/embeddings", body, EMBEDDINGS, ("model", "input"))
