"""An embedded Toggl Reports API v3, and Insights v1, with the data of a believable agency.

It needs no account, no network and nothing outside the standard library. Tests, the docs
and the demo talk to it as they would to the vendor. It follows what the vendor and others
document of the API, and imports nothing from the library that it serves.

>>> import json, urllib.request
>>> from togglframe.sandbox import Sandbox
>>> with Sandbox(scale=3) as sandbox:
...     request = urllib.request.Request(
...         f"{sandbox.base_url}/workspace/{sandbox.workspace_id}/filters/clients",
...         data=b"{}",
...         headers={"Authorization": sandbox.authorization},
...         method="POST",
...     )
...     with urllib.request.urlopen(request) as answer:
...         print(json.load(answer)[0]["name"])
Northwind Coffee Roasters
"""

from .agency import Agency
from .messages import Request
from .server import Sandbox, serve

__all__ = ["Agency", "Request", "Sandbox", "serve"]


def __dir__() -> list[str]:
    return sorted(__all__)
