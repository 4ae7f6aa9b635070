"""The scenes of a session, by a word in the name of the model: `gpt-5-loop` plays `loop`.

| scene | what the model does |
| --- | --- |
| `text` | says `HELLO` |
| `parallel` | calls two tools at once, then tells what they came to |
| `loop` | calls a tool, three times one after the other, then tells what they came to |
| `reasoning` | thinks before every answer of a loop |
| `image` | tells which images it was shown; where there is none and a tool for it, it looks at one by that |

It calls the first of the tools that it is offered and knows. Who offers none is answered as by `text`, so that a
program may have a title made of a conversation, say, whenever it likes.
"""

from collections.abc import Callable, Mapping

from tests.support.sessions.hearing import Heard
from tests.support.sessions.turns import Call, Json, Turn

HELLO = "Hello from the script"
PICTURE = "picture.png"  # what a program that looks at images by a tool is to have in its folder
THOUGHT = "Let me think about that."
LOOP_STEPS = 3
SCENES = ("parallel", "loop", "reasoning", "image", "text")

_SCRIPT = 'const ran = await tools.exec_command({{cmd: "echo result-{}"}}); text(ran.output)'  # of Codex's newest
_Arguments = Callable[[int], Json | str]
# The tools that programs bring, and how each is called for the n-th time.
KNOWN_TOOLS: dict[str, _Arguments] = {
    "weather": lambda n: {"city": ("Rome", "Oslo", "Lima", "Bern")[n % 4]},
    "exec_command": lambda n: {"cmd": f"echo result-{n}"},
    "shell_command": lambda n: {"command": f"echo result-{n}"},
    "shell": lambda n: {"command": ["sh", "-c", f"echo result-{n}"]},
    "exec": _SCRIPT.format,
    "functions__exec": lambda n: {"input": _SCRIPT.format(n)},
    "Bash": lambda n: {"command": f"echo result-{n}", "description": "Says something"},
    "bash": lambda n: {"command": f"echo result-{n}", "description": "Says something"},
}


def scene_of(model: str) -> str:
    """The scene that a model plays."""
    return next((scene for scene in SCENES if scene in model), "text")


def play(heard: Heard, tools: Mapping[str, _Arguments] = KNOWN_TOOLS) -> Turn:
    """What the model answers to a request."""
    scene = scene_of(heard.model)
    if scene == "image":
        if "view_image" in heard.tools and not heard.calls and not heard.images:
            return Turn(calls=(Call("call_0", "view_image", {"path": PICTURE}),))
        return Turn(f"I see {', '.join(heard.images) or 'nothing'}")
    thought = THOUGHT if scene == "reasoning" else ""
    known = next((name for name in tools if name in heard.tools), None)
    if scene == "text" or known is None:
        return Turn(HELLO, thought)
    calls = 2 if scene == "parallel" else 1
    most = 1 if scene == "parallel" else LOOP_STEPS
    if heard.steps < most:
        return Turn(thought=thought, calls=tuple(_call(heard, known, tools[known], n) for n in range(calls)))
    return Turn(f"They came to {' | '.join(heard.results.values())}", thought)


def _call(heard: Heard, name: str, arguments: _Arguments, n: int) -> Call:
    number = len(heard.calls) + n
    return Call(f"call_{number}", name, arguments(number), heard.tools[name].get("namespace"))
