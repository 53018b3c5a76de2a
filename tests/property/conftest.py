"""Settings of hypothesis for the property tests."""

import os

from hypothesis import HealthCheck, settings

# Frames take a while to build, and machines differ: no deadline, so that only a wrong result fails.
COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("change", max_examples=5, **COMMON)
settings.register_profile("night", max_examples=60, **COMMON)
settings.load_profile(os.environ.get("TOGGLFRAME_EXAMPLES", "change"))
