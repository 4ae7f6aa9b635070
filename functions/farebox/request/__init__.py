"""One checked request for every dialect: the hold is computed from it, and the upstream's body is written from it.

    body = await parse_body(raw)                               # bounded before it is parsed
    checked = check_chat(body)                                 # every field has a fate, or is left out and named
    prompt = bound_prompt(checked, context_tokens=price.context_tokens)
    most = prompt, checked.output_bound(cap), checked.features  # tokens in, tokens out, what has a price of its own
    raw = write(checked, model=candidate.model, cap=cap, cap_field=upstream.cap_field)

`json_body` parses, `fate` reads a body by a dialect's table (`chat`, `completions`, `embeddings`, `messages`,
`responses`), and what is inside of it by those of `prompt` and `tools`. `checked` holds what came out and writes it,
`counting` bounds and counts its prompt. Who calls this refuses a feature that the model has no price for, and tells the
client what was `dropped`. A dialect that the upstream does not speak is translated from `checked.body()`, and the chat
completion request that comes of it is checked again.

Nothing here knows money, HTTP or an upstream.
"""
