"""What the bodies of the data plane share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from functions.farebox.request.bounds import MAX_CAP, MAX_MODEL_CHARS

Cap = Annotated[int, Field(ge=1, le=MAX_CAP)]
ModelName = Annotated[str, Field(min_length=1, max_length=MAX_MODEL_CHARS)]


class Open(BaseModel):
    """Something of OpenAI's, which may have more fields than are listed."""

    model_config = ConfigDict(extra="allow")
