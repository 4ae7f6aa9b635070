"""A route that is read when it is first needed.

FastAPI reads the signature of each endpoint when its route is added, and has pydantic make the schemas of all that it
names. An edge has up to sixty routes, and its first request needs one of them.
"""

from collections.abc import Callable
from typing import Any

from fastapi.routing import APIRoute
from starlette.routing import compile_path, get_name


class LateRoute(APIRoute):
    """Knows of itself what finds it: its path, methods and name. Whatever else is asked of it has it made."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **given: Any) -> None:
        self.path = path
        self.endpoint = endpoint
        self.name = given.get("name") or get_name(endpoint)
        self.methods = {method.upper() for method in given.get("methods") or ("GET",)}
        self.include_in_schema = given.get("include_in_schema", True)
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        self._given: dict[str, Any] | None = given

    def __getattr__(self, name: str) -> Any:
        """What is not there, once it was made."""
        given = self.__dict__.get("_given")
        if given is None:
            raise AttributeError(f"a route has no {name}")
        self._given = None
        super().__init__(self.path, self.endpoint, **given)
        return getattr(self, name)
