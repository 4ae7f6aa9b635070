from datetime import timedelta

import jwt
import pytest

from functions.farebox.errors import Unauthenticated
from functions.farebox.identity.local.signed_tokens import SignedTokens
from tests.support.product.runtime import START, Clock

KEY = b"k" * 32
HOUR = timedelta(hours=1)


def claims(**changes: object) -> dict[str, object]:
    now = int(START.timestamp())
    whole = {"sub": "u1", "iss": "farebox", "aud": "farebox:access", "iat": now, "exp": now + 60}
    return {name: value for name, value in {**whole, **changes}.items() if value is not None}


def test_a_token_says_what_was_signed() -> None:
    tokens = SignedTokens(KEY, Clock())
    token = tokens.sign("access", "u1", HOUR, began=5)
    assert tokens.read("access", token)["began"] == 5
    header = jwt.get_unverified_header(token)
    assert (header["alg"], len(header["kid"])) == ("HS256", 8)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "not.a.token",
        jwt.encode(claims(), b"x" * 32, algorithm="HS256"),
        jwt.encode(claims(), "", algorithm="none"),
        jwt.encode(claims(), KEY * 2, algorithm="HS512"),
        jwt.encode(claims(aud="farebox:reset-password"), KEY),
        jwt.encode(claims(iss="somebody"), KEY),
        jwt.encode(claims(exp=None), KEY),
        jwt.encode(claims(sub=None), KEY),
        jwt.encode(claims(exp="soon"), KEY),
        jwt.encode(claims(exp=int(START.timestamp())), KEY),
    ],
    ids=[
        "empty", "garbage", "another key", "unsigned", "another algorithm", "another purpose", "another issuer",
        "no end", "no subject", "an end that is no number", "expired",
    ],
)  # fmt: skip
def test_a_token_that_is_not_ours_for_this_purpose_and_moment_is_refused(token: str) -> None:
    with pytest.raises(Unauthenticated) as caught:
        SignedTokens(KEY, Clock()).read("access", token)
    assert caught.value.code == "invalid_token"


def test_the_tokens_that_the_refusals_are_made_from_would_be_taken() -> None:
    assert SignedTokens(KEY, Clock()).read("access", jwt.encode(claims(), KEY))["sub"] == "u1"
