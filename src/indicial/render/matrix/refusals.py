"""Why a result has no matrix form."""

from __future__ import annotations

from indicial.errors import NotationError


class NoMatrixFormError(NotationError):
    """A formula that rows and columns cannot say."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"this has no matrix form: {reason}",
            hint="index notation says it all: print the derivative itself, or its latex()",
        )


def no_words_for(what: str) -> NoMatrixFormError:
    """Something of index notation that matrix notation has no word for."""
    return NoMatrixFormError(f"matrix notation has no words for {what}")
