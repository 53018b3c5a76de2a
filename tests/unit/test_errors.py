"""The tree of errors: what a caller can rely on, whichever of them it catches."""

import copy
import multiprocessing
import pickle

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


def test_every_error_answers_the_same_questions(subtests):
    passing = (errors.RateLimitError, errors.ServerError, errors.ConnectionFailedError)
    for error in EVERY_ERROR:
        with subtests.test(error=type(error).__name__):
            is_of_the_api = isinstance(error, errors.ApiError)
            assert error.status == (499 if is_of_the_api else None)
            assert error.retry_after == (7 if is_of_the_api else None)
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


# --- copies ------------------------------------------------------------------------------------


def made_otherwise():
    """Return an error of every kind, each with all that it can carry."""
    told = {"endpoint": "filters/clients"}
    lost = errors.ConnectionFailedError("the network", **told)
    lost.retryable = False
    noted = errors.ConfigError("no workspace")
    noted.add_note("said by the caller")
    wrong = errors.SchemaError("not a number", column="id", row=3, value=[1, None], **told)
    of_the_api = [
        kind("said", status=499, request_id="r-42", retry_after=7.5, **told)
        for kind in (errors.ApiError, *errors.ApiError.__subclasses__())
    ]
    warned = [errors.TogglframeWarning, *errors.TogglframeWarning.__subclasses__()]
    return [lost, noted, wrong, *of_the_api, *(kind("an old answer") for kind in warned)]


COPIES = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{
        f"pickle {protocol}": lambda error, p=protocol: pickle.loads(pickle.dumps(error, p))
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    },
}


def test_every_error_and_warning_can_be_pickled_and_copied(subtests):
    for error in [*EVERY_ERROR, *made_otherwise()]:
        for name, copied in COPIES.items():
            with subtests.test(error=type(error).__name__, by=name):
                twin = copied(error)
                assert type(twin) is type(error)
                assert (str(twin), twin.args, vars(twin)) == (str(error), error.args, vars(error))
                for kept in ("retryable", "status", "retry_after", "resets_in", "advice", "value"):
                    assert getattr(twin, kept, None) == getattr(error, kept, None)


def test_an_error_of_a_kind_of_ones_own_can_be_copied_too():
    class OwnError(errors.QuotaExceededError):
        def __init__(self, *, budget):
            super().__init__("spent", status=402, endpoint="filters/clients", retry_after=9)
            self.budget = budget

    twin = copy.copy(OwnError(budget=30))
    assert (twin.budget, twin.resets_in, str(twin)) == (30, 9, str(OwnError(budget=30)))


def fail(number):
    raise made_otherwise()[number]


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_pool_of_processes_raises_the_error_of_its_worker():
    with multiprocessing.get_context("fork").Pool(1) as pool:
        for number, error in enumerate(made_otherwise()):
            with pytest.raises(type(error)) as caught:
                pool.map_async(fail, [number]).get(timeout=60)
            assert vars(caught.value) == vars(error)
