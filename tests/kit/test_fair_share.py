"""Nobody takes all places from others."""

from functions.farebox.kit.fair_share import FairShare


def taken_by(share: FairShare, whose: str) -> int:
    """As many as there are to be had."""
    taken = 0
    while share.take(whose):
        taken += 1
    return taken


def test_each_leaves_a_part_of_what_is_free_to_others() -> None:
    share = FairShare(1000)
    taken = {whose: taken_by(share, whose) for whose in "abcde"}
    assert list(taken.values()) == [750, 188, 47, 12, 3]
    for whose, places in taken.items():
        for _ in range(places):
            share.leave(whose)
    assert taken_by(share, "e") == 750


def test_who_is_new_finds_a_place_where_any_is_free_and_none_where_none_is() -> None:
    share = FairShare(10)
    assert [taken_by(share, whose) for whose in "abc"] == [8, 2, 0]
    share.leave("a")
    assert taken_by(share, "c") == 1
