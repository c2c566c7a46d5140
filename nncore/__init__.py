"""The training core: trains small networks in NumPy and writes down what happened."""

__version__ = "0.1.0"
