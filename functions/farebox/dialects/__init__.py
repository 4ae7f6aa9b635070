"""Other ways to say what OpenAI's chat completions say: requests in, answers and streams out, translated.

A dialect knows no money and no upstream. Its requests become chat completions, which are paid for and routed as any
other; what comes back is put into the dialect's words as it comes.
"""
