"""The version, where the build, the User-Agent and ``togglframe.__version__`` read it."""

__version__ = "0.3.0"
