"""The vendor as it might be: the sandbox, with faults to inject and other readings of its page."""

from vendor.behaviour import Behaviour
from vendor.faults import DECEPTIONS, FOREVER, Fault, FaultKind
from vendor.sandbox import VendorSandbox

__all__ = ["DECEPTIONS", "FOREVER", "Behaviour", "Fault", "FaultKind", "VendorSandbox"]
