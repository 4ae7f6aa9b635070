"""The reader of responses."""

from functions.farebox.gateway.speech.reader import Reader
from functions.farebox.gateway.speech.responses.answer import completion_of, is_unfinished
from functions.farebox.gateway.speech.responses.conversion import as_events, as_whole
from functions.farebox.gateway.speech.responses.events import ResponseEvents

RESPONSES = Reader("responses", "output", completion_of, ResponseEvents, as_events, as_whole, is_unfinished)
