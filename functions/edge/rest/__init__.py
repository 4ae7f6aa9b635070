"""The management API's parts, on FastAPI: money, text, pages, exports, and the shapes that several edges answer."""
