"""What the command line prints as one sentence, without a traceback."""

from __future__ import annotations


class ConversionError(Exception):
    """A model cannot be converted, or its conversion is not equal to it. The text says what to do."""
