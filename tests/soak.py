"""Run the whole suite again and again while something else keeps every processor busy.

A test that hangs on a clock, on the order of things or on chance is red sooner or later; the
first red run ends it.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

BUSY = "import os\nwhile os.getppid() == {parent}: pass"  # nobody outlives who started it


@contextmanager
def busy_processors() -> Iterator[None]:
    """Keep every processor busy."""
    command = [sys.executable, "-c", BUSY.format(parent=os.getpid())]
    with ExitStack() as stack:
        for _ in range(os.cpu_count() or 1):
            stack.callback(subprocess.Popen(command).kill)
        yield


def main() -> int:
    """Run the suite so many times, or until it is red; return the exit code of the last run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=int, help="how many times")
    runs = parser.parse_args().runs
    suite = [sys.executable, "-m", "pytest", "--quiet", "-n", "auto", "--dist", "loadfile"]
    with busy_processors():
        codes = (subprocess.run(suite, check=False).returncode for _ in range(runs))
        return next(filter(None, codes), 0)


if __name__ == "__main__":
    sys.exit(main())
