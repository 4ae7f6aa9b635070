"""E-mail addresses as identities."""

import pytest

from functions.farebox.kit.emails import canonical_email, normalise_email


@pytest.mark.parametrize(
    ("written", "address"),
    [
        (" Ada@Example.COM ", "ada@example.com"),
        ("ada@xn--mnchen-3ya.de", "ada@münchen.de"),
        ("Ada@MÜNCHEN.de", "ada@münchen.de"),
        ("ada@xn--.example", "ada@xn--.example"),
        ("a@b@example.com", "a@b@example.com"),
    ],
)
def test_an_address_counts_as_the_same_however_it_is_written(written: str, address: str) -> None:
    assert normalise_email(written) == normalise_email(normalise_email(written)) == address


@pytest.mark.parametrize(
    ("mailbox", "written"),
    [
        ("adal@gmail.com", ["a.da.l@gmail.com", "adal+1@googlemail.com", "A.dal@GoogleMail.com"]),
        ("adal@proton.me", ["a.da-l@proton.me", "a_dal+x@protonmail.com", "adal@pm.me"]),
        ("adal@icloud.com", ["adal@me.com", "adal+x@mac.com"]),
        ("a.dal@icloud.com", ["a.dal+x@me.com"]),
        ("+@example.com", ["+@example.com"]),
        ("...@gmail.com", ["...@gmail.com"]),
    ],
)
def test_addresses_of_one_mailbox_are_counted_as_one(mailbox: str, written: list[str]) -> None:
    assert {canonical_email(each) for each in written} == {mailbox} == {canonical_email(mailbox)}


def test_addresses_of_others_are_counted_apart() -> None:
    others = ["ada@example.com", "a.da@example.com", "ada@gmail.com", "ada@mail.gmail.com", "ada@outlook.com"]
    assert len({canonical_email(each) for each in others}) == len(others)
