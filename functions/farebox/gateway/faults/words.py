"""The words by which vendors say what is wrong: their codes, types and status names, and phrases of their prose, in
English and, of vendors and proxies in China, in Chinese."""

import re


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE | re.DOTALL)


PACE_CODES = _codes("""
    429 rate_limit rate_limited rate_limit_error rate_limit_exceeded ratelimiterror ratelimitreached requests
    resource_exhausted rpm servicequotaexceededexception throttlingexception tokens too_many_requests
    toomanyrequestsexception tpm
""")
REJECTED_CODES = _codes("""
    account_deactivated api_key_invalid authentication_error authenticationerror expiredtokenexception incorrect_api_key
    invalid_api_key invalid_authentication invalid_authentication_error organization_deactivated unauthenticated
    unrecognizedclientexception
""")  # the key itself, and not its use for one model
CREDENTIAL_CODES = REJECTED_CODES | _codes("""
    access_denied accessdeniedexception api_key_service_blocked invalidsignatureexception permission_denied
    permission_error permissiondenied service_disabled unauthorized
""")
CREDIT_CODES = _codes("""
    arrearage billing_disabled billing_error billing_hard_limit_reached billing_not_active budget_exceeded
    exceeded_current_quota_error
    insufficient_balance insufficient_credits insufficient_quota insufficient_user_quota payment_required
""")
NO_MODEL_CODES = _codes("""
    404 deployment_not_found deploymentnotfound invalid_model invalid_model_id model_decommissioned model_deprecated
    model_not_available model_not_found model_terms_required modelnotfound modelnotreadyexception not_found
    not_found_error notfounderror operationnotsupported resourcenotfoundexception unknown_model unknown_url
""")
CONTEXT_CODES = _codes("context_length_exceeded context_window_exceeded max_context string_above_max_length")
REFUSED_CODES = _codes("""
    content_filter content_policy content_policy_violation data_inspection_failed invalid_prompt moderation
    policy_violation prohibited_content responsibleaipolicyviolation safety sensitive
""")
BROKEN_CODES = _codes("""
    api_error deadline_exceeded engine_overloaded internal internal_error internal_server_error internalserverexception
    modelerrorexception modeltimeoutexception overloaded overloaded_error server_error service_unavailable
    serviceunavailableexception timeout_error unavailable
""")

SAYS_CONTEXT = _phrases(
    r"context (length|window|size|holds|limit)",
    r"maximum (context|sequence|prompt|input)",
    r"max(imum)?[ _]model[ _]len",
    r"(input|prompt|request|messages?) (is |are |was |were )?too (long|large)",
    r"too many (input |prompt )?tokens",
    r"(input|prompt) (token|length).{0,60}exceed",
    r"exceed.{0,60}(context|token limit|maximum.{0,20}tokens)",
    r"reduce the length",
    r"available context",
    r"(prompt|上下文|输入).{0,20}(超长|过长|超出|超过)",
)
SAYS_REFUSED = _phrases(
    r"content[ _-](management )?(filter|polic)",
    r"safety (system|filter|setting)",
    r"moderation",
    r"flagged",
    r"prohibited (content|use)",
    r"usage polic",
    r"敏感|违规|不安全",
)
SAYS_PACE = _phrases(
    r"rate.?limit",
    r"too many requests",
    r"(tokens?|requests?) per (minute|day|second|hour)",
    r"\b[TR]P[MD]\b",
    r"throttl",
    r"slow down",
    r"quota exceeded",
    r"限流|频率|过于频繁|并发.{0,6}[超限]",
)
SAYS_TOO_LARGE = _phrases(r"request too large", r"limit \d+, requested \d+", r"too large for")
SAYS_CREDIT = _phrases(
    r"arrear",
    r"balance",
    r"billing",
    r"budget has been exceeded|over budget|exceededbudget",
    r"credit",
    r"exceeded your.{0,20}quota",
    r"insufficient.{0,20}(fund|quota)",
    r"payment",
    r"prepay",
    r"quota",
    r"spend(ing)? limit",
    r"subscription",
    r"top.?up",
    r"usage limit",
    r"余额|欠费|额度|充值",
    r"your (current )?plan\b",
)
SAYS_CREDENTIALS = _phrases(
    r"access (is )?denied",
    r"access token",
    r"api[ _-]?key",
    r"authenticat",
    r"bearer",
    r"(country|region|territory).{0,20}not supported",
    r"credential",
    r"deactivated",
    r"forbidden",
    r"has been (disabled|suspended)",
    r"\bkey is (wrong|invalid|expired)",
    r"location is not supported",
    r"(not available|unsupported) in your (country|region)",
    r"not authori[sz]ed",
    r"permission",
    r"unauthori[sz]ed",
    r"无效的令牌|密钥|鉴权|身份验证|未授权",
)
SAYS_ACCOUNT = _phrases(
    r"\baccount\b", r"organi[sz]ation", r"\borg[-_]\w", r"\bproj[-_]\w", r"\bproject\b", r"tenant", r"workspace"
)
_THING = r"(model|deployment|engine|resource)\b"
SAYS_NO_MODEL = _phrases(
    rf"(no|unknown|invalid|unsupported|unrecogni[sz]ed|nonexistent|missing) (such )?{_THING}",
    rf"{_THING}.{{0,120}}?(deprecated|decommission|identifier is invalid|is not (a )?valid|no longer)",
    rf"{_THING}.{{0,120}}?n[o't]+ (be )?(found|exist)",
    rf"{_THING}.{{0,120}}?is( not|n.t) (available|supported|enabled|deployed|ready|loaded|served|hosted)",
    rf"{_THING}.{{0,120}}?has been (retired|removed|shut)",
    r"not a valid model",
    r"deployment",
    r"on-demand throughput",
    r"inference profile",
    r"no endpoints? (found|available)",
    r"no allowed providers",
    r"模型.{0,40}(不存在|不可用|下线|未开通)|无可用渠道",
)
