"""Parts of the management API, on FastAPI: the app, money, text, pages, exports, and models that several edges answer.

Owns how JSON is read and written there: money is a decimal string, a list has a cursor. No routes are here; `answers`
has what several edges answer, `bodies` what they take. May import: `dialects` and below.
"""
