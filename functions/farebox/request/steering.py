"""Fields that no dialect takes: they tell a proxy behind us where to send a request, how often, or as what.

Collected from LiteLLM (`litellm/types/utils.py`, `all_litellm_params`), OpenRouter, Portkey, Bifrost and Cloudflare's
AI Gateway. A proxy may read them at any level, so they are refused inside the objects that proxies read as well.
"""

import re
from typing import Final

_ROUTING = "where a request goes is chosen here. Leave this out, and name the model in 'model'."
_ADDRESS = "addresses, keys and headers of upstreams cannot be chosen by a request. Leave this out."
_PARAMS = "write the parameters themselves, beside 'model', and not what to do about them."
_RETRIES = "retries and time limits are decided here. Leave this out."
_MOCK = "answers cannot be made up. Leave this out."
_PLUGINS = "plugins and guardrails of proxies have no price here. Leave this out."
_HOSTED = "it runs on the vendor's servers and has no price here. Call it yourself, and offer it as a function."
_CACHE = "use the header x-farebox-cache."
_BOOKS = "how requests are labelled in a proxy's books is not chosen here. Use 'user' or 'metadata'."

REFUSED: dict[str, str] = {
    **dict.fromkeys(
        (
            "fallbacks",
            "fallback",
            "context_window_fallbacks",
            "context_window_fallback_dict",
            "content_policy_fallbacks",
            "models",
            "route",
            "provider",
            "providers",
            "preset",
            "model_list",
            "model_info",
            "model_group",
            "deployment_id",
            "specific_deployment",
            "custom_llm_provider",
            "base_model",
            "target_model_names",
            "inference_geo",
            "region_name",
            "allowed_model_region",
        ),
        _ROUTING,
    ),
    **dict.fromkeys(
        (
            "api_base",
            "base_url",
            "api_key",
            "api_keys",
            "api_version",
            "api_type",
            "azure_ad_token",
            "aws_access_key_id",
            "aws_secret_access_key",
            "aws_session_token",
            "aws_region_name",
            "aws_bedrock_runtime_endpoint",
            "vertex_project",
            "vertex_location",
            "vertex_credentials",
            "extra_headers",
            "headers",
            "extra_query",
            "organization",
            "proxy",
            "proxy_server_request",
            "client",
            "user_config",
            "clientside_auth",
            "configurable_clientside_auth_params",
        ),
        _ADDRESS,
    ),
    **dict.fromkeys(
        (
            "extra_body",
            "additional_drop_params",
            "drop_params",
            "allowed_openai_params",
            "modify_params",
            "preset_cache",
        ),
        _PARAMS,
    ),
    **dict.fromkeys(
        ("num_retries", "max_retries", "timeout", "stream_timeout", "request_timeout", "cooldown_time", "retry_policy"),
        _RETRIES,
    ),
    **dict.fromkeys(("plugins", "transforms", "guardrails", "guardrail_config", "prompt_id", "callbacks"), _PLUGINS),
    **dict.fromkeys(
        (
            "mcp_servers",
            "container",
            "web_fetch",
            "web_fetch_options",
            "search_parameters",
            "enable_search",
            "search_options",
            "data_sources",
            "dataSources",
        ),
        _HOSTED,
    ),
    **dict.fromkeys(("cache", "caching", "cache_key"), _CACHE),
    **dict.fromkeys(("tags", "spend_logs_metadata", "no-log", "model_tags", "success_callback"), _BOOKS),
    "background": "answers in the background are not offered: nothing is stored here. Stream it instead.",
    "input_cost_per_token": _BOOKS,
    "output_cost_per_token": _BOOKS,
}
# What refers to something that a server keeps, or hides media from being counted. Names are as `_folded` has them.
_REFERENCES = frozenset(
    {
        "image",
        "images",
        "imageurl",
        "imageurls",
        "audio",
        "audios",
        "audiourl",
        "inputaudio",
        "video",
        "videos",
        "videourl",
        "media",
        "file",
        "files",
        "fileid",
        "fileids",
        "fileurl",
        "fileurls",
        "fileuri",
        "filedata",
        "inlinedata",
        "attachment",
        "attachments",
        "document",
        "documents",
        "container",
        "containerid",
        "conversation",
        "previousresponseid",
        "contextid",
        "cacheid",
        "cachedcontent",
        "cachedcontents",
        "promptembeds",
        "vectorstoreids",
        "vectorstoreid",
        "collectionids",
        "assistantid",
        "threadid",
        "promptid",
        "uploadid",
    }
)
_REFERENCE = "what this refers to cannot be counted here. Send what it holds, as a part of a message's 'content'."
# What a vendor keeps under the operator's account: every customer shares that account, and what one of them has stored
# is no other's to read.
NOT_STORED: Final = (
    "what is stored at a model's vendor belongs to no customer here, and is not read. Send it inline: a data: URL, the "
    "base64 of it, or a public https: address."
)
_NO_ADDRESS = (
    "this is no address that everyone can read. Send what is there inline, as a data: URL, or a public https: address."
)
# Its host stands in a class of its own; what a server might read as another (blanks, escapes, backslashes, letters that
# are folded to ASCII) is in none.
_EVERYONES = re.compile(
    r"https?://(?:[^\s/?#\\]*@)?([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d*)?(?=[/?#]|\Z)", re.IGNORECASE | re.ASCII
)
# Where vendors keep what accounts have stored, regions and all: servers of theirs read it by the account's own key.
_STORES = (
    "generativelanguage.googleapis.com",
    "aiplatform.googleapis.com",
    "api.openai.com",
    "api.anthropic.com",
    "api.mistral.ai",
    "api.x.ai",
    "api.moonshot.ai",
    "api.moonshot.cn",
    "dashscope.aliyuncs.com",
    "dashscope-intl.aliyuncs.com",
)
# Fields for base64. A name of Gemini's or OpenAI's is written in the same letters, but no media begin with those.
_BASE64_FIELDS = frozenset({"data", "file_data"})
_BASE64 = re.compile(r"(?!\s*files?[-_/])[a-z0-9+/=_\s-]*", re.IGNORECASE | re.ASCII)
_MAX_ADDRESS_CHARS = 4_000  # what is base64 as far as that is no address
# Qwen's long models are given stored files in what the system says, one or a list with commas
# (https://help.aliyun.com/zh/model-studio/long-context-qwen-long).
_FILE_TEXT = re.compile(r"\s*fileid://", re.IGNORECASE)
_NEXT_FILE_TEXT = re.compile(r",\s*fileid://", re.IGNORECASE)
_PREFIXES = {"mock_": _MOCK, "litellm_": _ROUTING, "x_litellm_": _ROUTING, "aws_": _ADDRESS, "vertex_": _ADDRESS}

# What bounds the cost of a request in some dialect: in another it is not known, and never let through.
# Names are as `_folded` has them.
_COUNTED = frozenset(
    {
        "maxtokens",
        "maxcompletiontokens",
        "maxoutputtokens",
        "maxnewtokens",
        "maxlength",
        "numpredict",
        "mintokens",
        "minnewtokens",
        "minlength",
        "n",
        "bestof",
        "numgenerations",
        "candidatecount",
        "numreturnsequences",
        "usebeamsearch",
        "thinking",
        "thinkingbudget",
        "thinkingconfig",
        "reasoning",
        "cachecontrol",
        "model",
        "stream",
        "streamoptions",
        "prompt",
        "messages",
        "input",
        "servicetier",
        "speed",
        "tools",
        "toolconfig",
        "functions",
        "modalities",
        "websearchoptions",
    }
)

# What callers call their own labels by: as short texts these steer nothing.
COMMON_WORDS = frozenset(
    {"client", "route", "provider", "timeout", "proxy", "organization", "headers", "cache", "preset", "background"}
)


def is_counted(name: str) -> bool:
    """Whether a name bounds the cost in some dialect, or refers to what cannot be counted, however it is spelled."""
    folded = _folded(name)
    return folded in _COUNTED or folded in _REFERENCES


def is_never_passed(name: str) -> bool:
    """Whether no upstream may have a field that no table knows: it steers a proxy, or bounds the cost elsewhere."""
    return _folded(name) in _COUNTED or advice_on(name) is not None


def reference_advice(name: str) -> str | None:
    """What to do instead of a field inside of a prompt that refers to what cannot be counted; `None` for others."""
    return _REFERENCE if _folded(name) in _REFERENCES else None


def _folded(name: str) -> str:
    """A name however it is spelled: `max_tokens`, `maxTokens`, `max-tokens`."""
    return name.replace("_", "").replace("-", "").lower()


def advice_on(name: str) -> str | None:
    """What to do instead of a field of this name; `None` where it steers nothing. Some proxies read names in any
    case."""
    folded = name.lower()
    advice = REFUSED.get(name) or REFUSED.get(folded)
    if advice is not None:
        return advice
    return next((advice for prefix, advice in _PREFIXES.items() if folded.startswith(prefix)), None)


def stored_text_advice(text: str) -> str | None:
    """What to do instead of a text of the system's in whose place a vendor would read a stored file; `None` for
    others."""
    if "://" not in text or not (_FILE_TEXT.match(text) or _NEXT_FILE_TEXT.search(text)):
        return None
    return NOT_STORED


def address_advice(name: str, value: str) -> str | None:
    """What to do instead of what stands for media in a field of this name; `None` for media themselves, and for where
    everyone can read them."""
    if value[:5].lower() == "data:":
        return None
    if name in _BASE64_FIELDS and _BASE64.fullmatch(value, 0, _MAX_ADDRESS_CHARS) is not None:
        return None
    address = _EVERYONES.match(value)
    if address is None:
        return _NO_ADDRESS
    return NOT_STORED if address[1].lower().rstrip(".").endswith(_STORES) else None
