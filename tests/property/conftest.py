"""Settings of hypothesis for the property tests."""

from hypothesis import HealthCheck, settings

# Frames take a while to build, and machines differ: no deadline, so that only a wrong result fails.
settings.register_profile(
    "frames",
    deadline=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("frames")
