"""A prompt beside its answer: whether both fit into the model's context, and how much room there is for the answer.

A bound of the prompt's tokens costs nothing. They are counted where the bound leaves too little room, or too little
money: exactly for the vocabularies that are published, as an estimate for all others.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from functions.farebox.errors import InvalidRequest
from functions.farebox.pricing.tariff import Tariff
from functions.farebox.request.checked import Checked, Endpoint
from functions.farebox.request.counting import bound_prompt, count_prompt, prompts_in, unseen_tokens
from functions.farebox.tokens.counting import TEMPLATE_TOKENS, Counted

TOO_LONG = "context_length_exceeded"

_PARAMS: Final[Mapping[Endpoint, str]] = {"/embeddings": "input", "/responses": "input", "/completions": "prompt"}


class Prompt:
    """The prompt of a request that may be priced by a tariff, in all `forms` that its upstreams may be sent,
    nearly always one: the longest counts. `pass_fields` are unknown fields that may be sent, `served_as` answers by
    what names its upstreams know a model, and is asked where it is counted.

    `told_context` is the context that upstreams tell themselves. It counts where the price has none, and refuses
    nothing: whoever answers may have a longer one.
    """

    def __init__(
        self,
        forms: Sequence[Checked],
        tariff: Tariff,
        pass_fields: frozenset[str],
        told_context: int | None = None,
        served_as: Callable[[str], frozenset[str]] = lambda _model: frozenset(),
    ) -> None:
        price = tariff.ceiling
        checked = forms[0]
        self._forms = forms
        self._checked = checked
        self._model = price.model
        self._context = None if price.context_tokens is None else price.context_tokens * prompts_in(checked)
        self._told_context = told_context if self._context is None else None
        self._pass_fields = pass_fields
        self._served_as = served_as
        self._counted: Counted | None = None
        self.most = self._bound(checked, tariff)
        if len(forms) > 1:
            self.most = max(self._bound(form, tariff) for form in forms)

    def _bound(self, checked: Checked, tariff: Tariff) -> int:
        most = bound_prompt(checked, context_tokens=self._context, pass_fields=self._pass_fields)
        if not checked.media:
            return most
        bounds = [  # a model's images are bounded by its name
            bound_prompt(checked, model=name, context_tokens=self._context, pass_fields=self._pass_fields)
            for name in tariff.prices
        ]
        return max(most, *bounds)

    def surely_fits_beside(self, cap: int) -> bool:
        """Whether the bound leaves room for an answer whose choices have so many tokens."""
        context = self._context or self._told_context
        return context is None or self.most + cap + self._checked.thinking_beside_cap <= context

    async def count(self) -> Counted:
        """Count it, once. `most` is then what to set aside for it.

        Raises `InvalidRequest` where it is over the context.
        """
        if self._counted is None:
            counted = max([await self._count(form) for form in self._forms], key=lambda each: each.ceiling)
            # An estimate may be off by half; what lies in between is the upstream's to judge, and costs nothing if
            # refused.
            surely = counted.tokens if counted.exact else counted.tokens * 2 // 3
            if self._context is not None and surely > self._context:
                raise self._too_long(counted)
            self._counted = counted
            self.most = min(counted.ceiling, self.most)
        return self._counted

    async def _count(self, checked: Checked) -> Counted:
        return await count_prompt(
            checked,
            self._model,
            context_tokens=self._context,
            pass_fields=self._pass_fields,
            served_as=self._served_as(checked.model),
        )

    async def room_beside(self, floor: int) -> int:
        """The tokens that the context has beside the prompt for the answer, at least `floor`.

        Raises `InvalidRequest` where it surely has fewer.
        """
        counted = await self.count()
        context = self._context or self._told_context
        assert context is not None, "whoever has no context has room for anything"
        room = self._left(counted, context) - self._checked.thinking_beside_cap
        if room < floor and counted.exact and context == self._context:
            raise self._too_long(counted)
        return max(room, floor)

    def _left(self, counted: Counted, context: int) -> int:
        """What the context has left, to the best of our knowledge.

        A strict server refuses a cap that its own count leaves no room for, so that some is left free beside an
        estimate: a quarter of it, or the model's own template where that is more, but never more than three quarters of
        what it leaves, for whoever sends a long prompt wants an answer. Media have half of the rest at most, for their
        bound is far above what most of them are.
        """
        if counted.exact:
            return context - counted.tokens
        text = counted.tokens - counted.media_tokens
        if text >= context:  # and yet it may fit
            return (context - text * 2 // 3) // 2
        slack = max(text // 4, TEMPLATE_TOKENS) + unseen_tokens(self._checked) - TEMPLATE_TOKENS
        left = max(context - text - slack, (context - text) // 4)
        return left - min(counted.media_tokens, left // 2)

    def _too_long(self, counted: Counted) -> InvalidRequest:
        return InvalidRequest(
            f"This model's context holds {self._context} tokens, but your messages have {counted.tokens}, which leaves "
            "no room for an answer. Shorten them.",
            code=TOO_LONG,
            param=_PARAMS.get(self._checked.endpoint, "messages"),
        )
