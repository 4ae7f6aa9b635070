"""Put tiktoken's vocabularies into functions/farebox/data/vocabulary from a litellm wheel, which carries them.

    .venv/bin/python -m pip download litellm --no-deps -d /tmp
    .venv/bin/python -m scripts.update_vocabulary /tmp/litellm-*.whl

Each file is written only if it is the one that `functions/farebox/tokens/vocabulary.py` names: a new vocabulary is
named there first, with the SHA-256 that tiktoken's own `tiktoken_ext/openai_public.py` expects. The wheel is read as a
zip file: nothing in it is installed or run.
"""

import argparse
import hashlib
import zipfile
from pathlib import Path

from functions.farebox.tokens.vocabulary import DIRECTORY, FILES

FOLDER = "litellm/litellm_core_utils/tokenizers"


def main() -> None:
    """Read the wheel, check each file, and write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path)
    given = parser.parse_args()
    with zipfile.ZipFile(given.wheel) as archive:
        for name, (file_name, sha256) in FILES.items():
            content = archive.read(f"{FOLDER}/{file_name}")
            if hashlib.sha256(content).hexdigest() != sha256:
                raise SystemExit(
                    f"{given.wheel} holds another {name} than tiktoken expects; nothing was written for it"
                )
            (DIRECTORY / file_name).write_bytes(content)
            print(f"{DIRECTORY / file_name}: {name}, {len(content)} bytes")


if __name__ == "__main__":
    main()
