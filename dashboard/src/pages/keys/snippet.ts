interface Call {
  /** The API's origin. */
  origin: string;
  secret: string;
  model: string;
}

/** A model that a key may use and that is offered: its own first, else the first of all. */
export function modelForSnippet(allowed: string[] | null, offered: string[] | undefined): string {
  const usable = offered?.filter((model) => allowed === null || allowed.includes(model));
  return usable?.[0] ?? allowed?.[0] ?? "MODEL";
}

export function curlSnippet({ origin, secret, model }: Call): string {
  const body = `{"model": ${JSON.stringify(model)},\n       "messages": [{"role": "user", "content": "Hello"}]}`;
  return `curl ${origin}/v1/chat/completions \\
  -H "Authorization: Bearer ${secret}" \\
  -H "Content-Type: application/json" \\
  -d '${body.replaceAll("'", "'\\''")}'`;
}

export function pythonSnippet({ origin, secret, model }: Call): string {
  return `from openai import OpenAI

client = OpenAI(
    base_url=${JSON.stringify(`${origin}/v1`)},
    api_key=${JSON.stringify(secret)},
)
answer = client.chat.completions.create(
    model=${JSON.stringify(model)},
    messages=[{"role": "user", "content": "Hello"}],
)
print(answer.choices[0].message.content)`;
}
