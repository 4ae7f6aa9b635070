"""The reader of Anthropic's answers."""

from functions.farebox.gateway.speech.messages.answer import completion_of
from functions.farebox.gateway.speech.messages.conversion import as_events, as_whole
from functions.farebox.gateway.speech.messages.events import MessageEvents
from functions.farebox.gateway.speech.reader import Reader

MESSAGES = Reader("messages", "content", completion_of, MessageEvents, as_events, as_whole)
