"""A process that trains on command and may be killed: each line on its input is a folder to record into.

It forks for each, so that NumPy is imported once, and prints the child's process number.
"""

import os
import sys

from small_runs import TINY

from nncore.training import train


def main() -> None:
    """Fork a training run for every line of input; print its process number, then how it ended."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            train(TINY.but(epochs=60, snapshots=200), line.strip())
            os._exit(0)
        print(child, flush=True)
        print(os.waitpid(child, 0)[1], flush=True)


if __name__ == "__main__":
    main()
