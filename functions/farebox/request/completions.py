"""OpenAI's legacy completions (https://platform.openai.com/docs/api-reference/completions/create), as servers of open
models still offer them: the fate of each field."""

from typing import Final

from msgspec.structs import replace

from functions.farebox.request.bounds import MAX_CHOICES, read_usage_wish
from functions.farebox.request.chat import OPENAI_SHARED, SAMPLING
from functions.farebox.request.checked import Checked, check
from functions.farebox.request.fate import Reach, Reading, Table, bounding, free
from functions.farebox.request.values import flag, text, whole, wrong_type, wrong_value

MAX_LOGPROBS = 20
DEFAULT_CAP = 16  # tokens of a choice, as OpenAI has it

_FORMS = "a text, a list of texts, a list of tokens or a list of such lists"


def _read_prompt(value: object, at: str, reading: Reading) -> object:
    """Each prompt is answered by itself, and each with as many choices."""
    if type(value) is str:
        return value
    if type(value) is not list:
        raise wrong_type(at, _FORMS)
    kinds = set(map(type, value))
    if kinds == {int}:
        return value
    if kinds != {str} and not (kinds == {list} and all(set(map(type, each)) <= {int} for each in value)):
        raise wrong_type(at, _FORMS)
    if len(value) > MAX_CHOICES:
        raise wrong_value(at, f"at most {MAX_CHOICES} prompts")
    reading.prompts = len(value)
    return value


COMPLETIONS: Final[Table] = {
    **OPENAI_SHARED,
    **SAMPLING,
    "prompt": bounding(_read_prompt, Reach.PROMPT),
    "suffix": free(text, Reach.PROMPT),
    "echo": free(flag),
    "usage": free(read_usage_wish),
    "logprobs": free(whole(0, MAX_LOGPROBS)),
}


def check_completion(body: dict[str, object]) -> Checked:
    """A legacy completion request, checked. Raises `InvalidRequest` that names the field at fault."""
    checked = check("/completions", body, COMPLETIONS, ("model", "prompt"))
    return checked if checked.cap is not None else replace(checked, cap=DEFAULT_CAP)
