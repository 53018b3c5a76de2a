"""The tree of errors: what a caller can rely on, whichever of them it catches."""

import pytest

from togglframe import errors

EVERY_ERROR = [
    errors.TogglframeError("x"),
    errors.ConfigError("x"),
    errors.ConnectionFailedError("x", endpoint="filters/clients"),
    errors.SchemaError("x", endpoint="filters/clients"),
    *(
        kind("x", status=499, endpoint="filters/clients", retry_after=7)
        for kind in (errors.ApiError, *errors.ApiError.__subclasses__())
    ),
]


@pytest.mark.parametrize("error", EVERY_ERROR, ids=lambda error: type(error).__name__)
def test_every_error_answers_the_same_questions(error):
    is_of_the_api = isinstance(error, errors.ApiError)
    assert error.status == (499 if is_of_the_api else None)
    assert error.retry_after == (7 if is_of_the_api else None)
    passing = (errors.RateLimitError, errors.ServerError, errors.ConnectionFailedError)
    assert error.retryable is isinstance(error, passing)


def test_the_tree_is_the_one_drawn_in_the_docstring():
    kinds = {name: getattr(errors, name) for name in errors.__all__}
    for name, kind in kinds.items():
        assert name in errors.__doc__
        assert issubclass(kind, errors.TogglframeError | errors.TogglframeWarning)
    assert issubclass(errors.ConfigError, ValueError)
    assert issubclass(errors.TogglframeWarning, UserWarning)


def test_a_used_up_quota_says_when():
    error = errors.QuotaExceededError(
        "used up", status=402, endpoint="filters/clients", retry_after=90
    )
    assert error.resets_in == 90
    assert "in 90 seconds" in str(error)
    unknown = errors.QuotaExceededError("used up", status=402, endpoint="filters/clients")
    assert unknown.resets_in is None
    assert "later" in str(unknown)
