"""Each upstream is sent a request in a dialect that it speaks: the client's own if it can be."""

import pytest

from functions.farebox.errors import InvalidRequest
from functions.farebox.gateway.entry.form import DialectName
from functions.farebox.gateway.speech.forms import Forms, Speaker
from functions.farebox.request.chat import check_chat
from functions.farebox.request.checked import Checked
from functions.farebox.request.embeddings import check_embedding
from functions.farebox.request.messages import check_message

SAID = [{"role": "user", "content": "Hello"}]
OWN = check_message({"model": "m", "max_tokens": 9, "messages": SAID})
CHAT = check_chat({"model": "m", "max_tokens": 9, "messages": SAID})


def dialects(*names: DialectName) -> Speaker:
    return frozenset(names), "claude-sonnet-4-5"


def refusing() -> Checked:
    raise InvalidRequest("no", code="unsupported_parameter", param="tools.0")


def test_who_speaks_the_clients_dialect_is_sent_its_own_words_and_all_others_the_translation() -> None:
    forms = Forms(OWN, lambda: CHAT)
    assert forms.sent_to(dialects("messages")) is OWN
    assert forms.sent_to(dialects("chat", "messages")) is OWN
    assert forms.sent_to(dialects("chat")) is CHAT
    assert forms.sent_to(dialects("chat", "responses")) is CHAT
    response = forms.sent_to(dialects("responses"))
    assert response is not None and response.endpoint == "/responses"


def test_a_translation_is_made_at_need_and_once() -> None:
    made: list[int] = []

    def to_chat() -> Checked:
        made.append(1)
        return CHAT

    forms = Forms(OWN, to_chat)
    assert (forms.settle([dialects("messages")]), forms.others) == (OWN, [])
    assert made == []
    assert forms.settle([dialects("chat"), dialects("messages"), dialects("chat")]) is OWN
    assert forms.others == [CHAT]
    assert forms.sent_to(dialects("chat")) is CHAT
    assert made == [1]


def test_what_cannot_be_translated_is_no_fault_as_long_as_somebody_needs_no_translation() -> None:
    forms = Forms(OWN, refusing)
    assert (forms.settle([dialects("chat"), dialects("messages")]), forms.others) == (OWN, [])
    assert forms.sent_to(dialects("chat")) is None
    with pytest.raises(InvalidRequest) as refused:
        forms.settle([dialects("chat")])
    assert refused.value.param == "tools.0"


def test_embeddings_are_for_who_speaks_chat() -> None:
    forms = Forms(check_embedding({"model": "m", "input": "a"}))
    assert forms.sent_to(dialects("chat")) is forms.own
    with pytest.raises(InvalidRequest):
        forms.settle([dialects("messages")])


def test_they_have_the_name_of_the_model_that_is_to_answer() -> None:
    forms = Forms(OWN, lambda: CHAT).named("other")
    assert forms.settle([dialects("messages"), dialects("chat")]).model == "other"
    assert [form.model for form in forms.others] == ["other"]
    assert Forms(OWN).named("m").own is OWN
