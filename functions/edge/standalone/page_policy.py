"""What the dashboard's pages may load and do: their Content Security Policy, and the other headers for browsers.

Pages run no script but their own, unless an operator has set up a captcha: then its service's as well, and no other
one's. What each needs is in https://developers.cloudflare.com/turnstile/reference/content-security-policy/,
https://developers.google.com/recaptcha/docs/faq and https://docs.hcaptcha.com/#content-security-policy-settings.
"""

from collections.abc import Mapping
from typing import Final

from functions.farebox.accounts.sign_up import CaptchaName

# Styles: Mantine's responsive components and its charts write <style> elements whose text depends on their properties,
# and files that anybody may store cannot bear a nonce of their own for each answer. Styles alone are let in so; a style
# attribute in markup stays forbidden, and no script runs that is not a file of ours.
_STRICT: Final[Mapping[str, str]] = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "style-src-attr": "'none'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
_HCAPTCHA: Final = "https://hcaptcha.com https://*.hcaptcha.com"
CAPTCHAS: Final[Mapping[CaptchaName, Mapping[str, str]]] = {
    "turnstile": {
        "script-src": "https://challenges.cloudflare.com",
        "frame-src": "https://challenges.cloudflare.com",
    },
    "recaptcha": {
        "script-src": "https://www.google.com/recaptcha/ https://www.gstatic.com/recaptcha/",
        "frame-src": "https://www.google.com/recaptcha/ https://recaptcha.google.com/recaptcha/",
        "style-src-attr": "'unsafe-inline'",  # its widget's markup has style attributes
    },
    "hcaptcha": {
        "script-src": _HCAPTCHA,
        "frame-src": _HCAPTCHA,
        "style-src": _HCAPTCHA,
        "style-src-attr": "'unsafe-inline'",
        "connect-src": _HCAPTCHA,
    },
}


def content_security_policy(captcha: CaptchaName | None = None) -> str:
    """The policy of every page, with what a captcha's service needs added to it."""
    added = {} if captcha is None else CAPTCHAS[captcha]
    policy = dict(_STRICT)
    for directive, sources in added.items():
        before = policy.get(directive, "'none'")
        policy[directive] = sources if before == "'none'" else f"{before} {sources}"
    return "; ".join(f"{directive} {sources}" for directive, sources in policy.items())


def page_headers(captcha: CaptchaName | None = None) -> dict[str, str]:
    """The headers of every page, and of what it is made of."""
    return {
        "content-security-policy": content_security_policy(captcha),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "x-frame-options": "DENY",
    }
