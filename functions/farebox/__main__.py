"""The command line for operators: `python -m functions.farebox`.

It works on the configured store itself, with the same operations as the admin API and in the same audit trail; no
server need run. At a terminal it shows tables and progress; into a pipe it writes JSON.
"""

from functions.farebox.command_line.main import main

if __name__ == "__main__":
    main()
