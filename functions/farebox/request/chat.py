"""OpenAI's chat completions, with what other vendors and servers add to them: the fate of each field.

OpenAI's: https://platform.openai.com/docs/api-reference/chat/create. The rest: vLLM, SGLang, Ollama, LiteLLM,
OpenRouter, Mistral, Gemini, Qwen, DeepSeek, Moonshot, Groq and xAI, by their documentation of 2026-11.
"""

from collections.abc import Mapping
from typing import Final

from functions.farebox.request.bounds import (
    AMOUNTS,
    asks_for,
    read_best_of,
    read_cap,
    read_choices,
    read_least,
    read_model,
    read_prediction,
    read_stream,
    read_thinking_beside_cap,
    read_thinking_within_cap,
    read_tier,
    read_usage_wish,
)
from functions.farebox.request.checked import Checked, check
from functions.farebox.request.enumerated import answer_format, called, effort, retention, summary, verbosity
from functions.farebox.request.fate import (
    LEFT_OUT,
    Feature,
    Field,
    Reach,
    Reading,
    Table,
    bounding,
    free,
    priced,
    refused,
)
from functions.farebox.request.places import keep
from functions.farebox.request.prompt.messages import UNBOUNDED, read_messages
from functions.farebox.request.steering import REFUSED
from functions.farebox.request.tools.choice import read_tool_choice
from functions.farebox.request.tools.fields import FUNCTION
from functions.farebox.request.tools.offered import MAX_TOOLS, described, read_chat_tools
from functions.farebox.request.values import (
    MAX_WORD_CHARS,
    either,
    flag,
    label,
    labels,
    list_of,
    listing,
    mapping,
    nested,
    number,
    object_at,
    objects_at,
    one_of,
    read_nested,
    read_ttl,
    text,
    text_at,
    whole,
    word,
    wrong_type,
    wrong_value,
)

MAX_TOP_LOGPROBS = 20
MAX_STOPS = 64
MAX_TOKENS = 10_000_000
WIDE = 1e9  # where a vendor names no range

_texts = list_of(str, "a text, or a list of texts", most=MAX_STOPS, alone=True)
_token_ids = list_of(int, "a list of token ids", most=10_000)
_grammar = either((str, dict, list), "a text, an object or a list")


def _read_stream_options(value: object, at: str, reading: Reading) -> object:
    """What a client may say of a stream. The writer adds the wish for its usage."""
    if type(value) is dict and len(value) == 1 and value.get("include_usage") is True:  # nearly every stream's
        reading.stream_options = _USAGE_WISH
    else:
        reading.stream_options = read_nested(object_at(value, at), at, _STREAM_OPTIONS, reading)
    return LEFT_OUT


def _read_functions(value: object, at: str, reading: Reading) -> object:
    functions = objects_at(value, at)
    if len(functions) > MAX_TOOLS:
        raise wrong_value(at, f"a list of at most {MAX_TOOLS} functions")
    return [described(each, FUNCTION, f"{at}.{n}", reading) for n, each in enumerate(functions)]


def _read_function_call(value: object, at: str, reading: Reading) -> object:
    return called(value, at, reading) if type(value) is str else keep(object_at(value, at), _CALLED, at, reading)


def _read_bias(value: object, at: str, reading: Reading) -> object:
    """By the token, how much likelier it is; llama.cpp takes `false` for never."""
    biases = object_at(value, at)
    for token, bias in biases.items():
        if type(bias) not in (int, float) and bias is not False:
            raise wrong_type(f"{at}.{token[:MAX_WORD_CHARS]}", "a number")
    return biases


def _read_modalities(value: object, at: str, reading: Reading) -> object:
    if type(value) is not list or not value:
        raise wrong_type(at, "a list of text, audio or image")
    for n, each in enumerate(value):
        kind = text_at(each, f"{at}.{n}").lower()
        if kind not in ("text", "audio", "image"):
            raise wrong_value(f"{at}.{n}", "text, audio or image")
        if kind != "text":
            reading.ask(Feature(f"{kind}_output", at))
    return value


def _read_template(value: object, at: str, reading: Reading) -> object:
    """A template prints what it likes, as often as it likes: it may fill the whole context."""
    reading.see(UNBOUNDED)
    return text_at(value, at)


def _read_template_variables(value: object, at: str, reading: Reading) -> object:
    """What a template is given beside the conversation. Servers hand them over by name to what applies it, which takes
    more than variables: another template, or a length to fill the prompt up to."""
    variables = mapping(value, at, reading)
    if any(map(_is_for_templating, object_at(variables, at))):
        reading.see(UNBOUNDED)
    return variables


def _is_for_templating(name: str) -> bool:
    return "template" in name.lower() or name.lower() in _TEMPLATING


# What `apply_chat_template` takes by these names is no variable
# (https://huggingface.co/docs/transformers/internal/tokenization_utils).
_TEMPLATING = frozenset({"conversation", "messages", "tokenize", "padding", "max_length", "tokenizer_kwargs", "kwargs"})
_CALLED = frozenset({"name"})
_USAGE_WISH = {"include_usage": True}
_STREAM_OPTIONS: Table = {"include_usage": free(flag), "include_obfuscation": free(flag)}
# OpenRouter's, which others have taken over.
_REASONING: Table = {
    "effort": free(effort),
    "enabled": free(flag),
    "exclude": free(flag),
    "summary": free(summary),
    "max_tokens": bounding(read_thinking_within_cap),
}
THINKING: Table = {
    "type": free(one_of("enabled", "disabled", "adaptive", "auto", "between_tools")),
    "display": free(word),
    "keep": free(word),
    "clear_thinking": free(flag),
    "budget_tokens": bounding(read_thinking_within_cap),
}
CACHE_CONTROL: Table = {"type": free(one_of("ephemeral")), "ttl": priced(read_ttl)}
CACHE_OPTIONS: Table = {"mode": free(word), "ttl": free(one_of("30m"))}

_MODE: Table = {"mode": free(word)}
_MODERATION: Table = {
    "model": free(label),
    "policy": free(nested({"input": free(nested(_MODE)), "output": free(nested(_MODE))})),
}

OPENAI_SHARED: Table = {
    **AMOUNTS,
    "metadata": free(labels, Reach.LABEL),
    "moderation": free(nested(_MODERATION), Reach.LABEL),
    "parallel_tool_calls": free(flag),
    "prompt_cache_key": free(label, Reach.LABEL),
    "prompt_cache_options": free(nested(CACHE_OPTIONS)),
    "prompt_cache_retention": free(retention),
    "safety_identifier": free(label, Reach.LABEL),
    "temperature": free(number(0, 2)),
    "top_p": free(number(0, 1)),
    "user": free(label, Reach.LABEL),
    "model": bounding(read_model),
    "stream": free(read_stream),
    "service_tier": priced(read_tier),
    **{name: refused(advice) for name, advice in REFUSED.items()},
}

_WHATEVER = free(either((str, dict, list, bool), "a text, an object or a list"))
# Of vLLM (https://docs.vllm.ai/en/latest/features/structured_outputs.html).
_STRUCTURED: Table = {
    **dict.fromkeys(("json", "regex", "choice", "grammar", "json_object", "structural_tag"), _WHATEVER),
    **dict.fromkeys(("disable_fallback", "disable_any_whitespace", "disable_additional_properties"), free(flag)),
    "whitespace_pattern": free(text),
}
_JSON_SCHEMA: Table = {
    "name": free(label),
    "description": free(text),
    "schema": _WHATEVER,
    "strict": free(flag),
}
_RESPONSE_FORMAT: Table = {
    "type": free(answer_format),
    "json_schema": free(nested(_JSON_SCHEMA)),
    **_JSON_SCHEMA,
    **dict.fromkeys(("pattern", "grammar", "value", "json", "regex", "structures", "triggers", "format"), _WHATEVER),
}
_AUDIO: Table = {"voice": free(word), "format": free(word)}
_PLACE: Table = {name: free(label) for name in ("type", "city", "country", "region", "timezone")}
_SEARCH: Table = {
    "search_context_size": free(word),
    "user_location": free(nested({**_PLACE, "approximate": free(nested(_PLACE))})),
}

# What servers of open models add, in chats and legacy completions alike.
SAMPLING: Table = {
    "frequency_penalty": free(number(-2, 2)),
    "presence_penalty": free(number(-2, 2)),
    "logit_bias": free(_read_bias, Reach.LABEL),
    "seed": free(whole(-(2**63), 2**64 - 1)),
    "stop": free(_texts, Reach.LABEL),
    "top_k": free(whole(-1, 1_000_000)),
    "min_p": free(number(0, 1)),
    "top_a": free(number(0, 1)),
    "typical_p": free(number(0, 1)),
    "tfs_z": free(number(-WIDE, WIDE)),
    "repetition_penalty": free(number(0, 100)),
    "repeat_penalty": free(number(0, 100)),
    "length_penalty": free(number(-100, 100)),
    "stop_token_ids": free(_token_ids),
    "include_stop_str_in_output": free(flag),
    "ignore_eos": free(flag),
    "min_tokens": bounding(read_least),
    "skip_special_tokens": free(flag),
    "spaces_between_special_tokens": free(flag),
    "truncate_prompt_tokens": free(whole(-1, MAX_TOKENS)),
    "add_special_tokens": free(flag),
    "guided_json": free(_grammar, Reach.PROMPT),
    "guided_regex": free(text, Reach.PROMPT),
    "guided_grammar": free(text, Reach.PROMPT),
    "guided_choice": free(listing, Reach.PROMPT),
    "guided_decoding_backend": free(word),
    "structured_outputs": free(nested(_STRUCTURED), Reach.PROMPT),
    "max_tokens": bounding(read_cap),
    "n": bounding(read_choices),
    "best_of": bounding(read_best_of),
    "stream_options": free(_read_stream_options),
}

CHAT: Final[Mapping[str, Field]] = {
    **OPENAI_SHARED,
    **SAMPLING,
    # OpenAI's own
    "messages": bounding(read_messages, Reach.PROMPT),
    "max_completion_tokens": bounding(read_cap),
    "tools": priced(read_chat_tools, Reach.PROMPT),
    "tool_choice": priced(read_tool_choice, Reach.PROMPT),
    "functions": bounding(_read_functions, Reach.PROMPT),
    "function_call": free(_read_function_call, Reach.PROMPT),
    "response_format": free(nested(_RESPONSE_FORMAT), Reach.PROMPT),
    "prediction": bounding(read_prediction, Reach.PROMPT),
    "modalities": priced(_read_modalities),
    "audio": priced(asks_for("audio_output", _AUDIO), Reach.LABEL),
    "web_search_options": priced(asks_for("search", _SEARCH, most=None), Reach.PROMPT),
    "logprobs": free(flag),
    "top_logprobs": free(whole(0, MAX_TOP_LOGPROBS)),
    "reasoning_effort": free(effort),
    "verbosity": free(verbosity),
    "usage": free(read_usage_wish),
    "store": free(flag),
    # others'
    "reasoning": bounding(nested(_REASONING)),
    "include_reasoning": free(flag),
    "reasoning_format": free(word),
    "reasoning_split": free(flag),
    "thinking": bounding(nested(THINKING)),
    "enable_thinking": free(flag),
    "thinking_budget": bounding(read_thinking_beside_cap),
    "chat_template": bounding(_read_template, Reach.PROMPT),
    "chat_template_kwargs": bounding(_read_template_variables, Reach.PROMPT),
    "documents": free(listing, Reach.PROMPT),
    "add_generation_prompt": free(flag),
    "continue_final_message": free(flag),
    "cache_control": priced(nested(CACHE_CONTROL)),
    "safety_settings": free(listing, Reach.LABEL),
    "safe_prompt": free(flag),
    "prompt_mode": free(word),
    "random_seed": free(whole(0, 2**63 - 1)),
}


def check_chat(body: dict[str, object]) -> Checked:
    """A chat completion request, checked. Raises `InvalidRequest` that names the field at fault."""
    return check("/chat/completions", body, CHAT, ("model", "messages"))
