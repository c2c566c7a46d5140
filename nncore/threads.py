"""One thread for linear algebra: sums then come out the same to the last bit, on however many cores.

At these sizes one thread is also the fastest; parallel work is done by running several processes.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def one_thread(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Run a function with one thread of linear algebra."""

    @wraps(function)
    def limited(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        with threadpool_limits(1):
            return function(*args, **kwargs)

    return limited
