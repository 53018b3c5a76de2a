"""One sandbox for all tests of a module; each finds it as new."""

from collections.abc import Iterator

import pytest
from examples import IS_NIGHT
from vendor import VendorSandbox


@pytest.fixture(scope="module")
def agency() -> Iterator[VendorSandbox]:
    """Run an agency of 11,000 entries, by night of 30,000, whose quota nothing uses up."""
    with VendorSandbox(60 if IS_NIGHT else 20, quota=10**9) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def whole_agency() -> Iterator[VendorSandbox]:
    """Run the agency with all its oddities, for tests of a few weeks."""
    with VendorSandbox(quota=10**9) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def _running() -> Iterator[VendorSandbox]:
    with VendorSandbox(quota=1_000_000) as running:
        yield running


@pytest.fixture
def sandbox(_running) -> VendorSandbox:
    _running.clear_faults()
    _running.reset_quota()
    _running.requests.clear()
    return _running
