"""What the command line prints as one sentence, without a traceback."""

from __future__ import annotations

from pathlib import Path


class ConversionError(Exception):
    """A model cannot be converted, or its conversion is not equal to it. The text says what to do."""


class Untrusted(ConversionError):
    """A file that runs code when it is opened, and nobody said that it may."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is a pickle, and opening a pickle runs whatever code it holds, as you and with your rights. "
            "It was not opened. When you made it yourself, or know who did, say so with --trust; "
            "otherwise open it only in a container or a virtual machine that holds nothing of value."
        )
