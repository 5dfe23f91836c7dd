"""The command `grader`, also as `python -m grader`: takes Ctrl-C from the first moment, then goes on in `cli`."""

import signal
import sys
from pathlib import Path


def main() -> None:
    """Runs a command. Until its libraries are loaded there is nothing to end orderly: Ctrl-C ends it, without words."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from grader import cli

    cli.main()


if __name__ == "__main__":
    # Python looks for modules in the folder that this is called in, which may be a student's: the command does not
    sys.path[:] = [path for path in sys.path if path not in ("", str(Path.cwd()))]
    main()
