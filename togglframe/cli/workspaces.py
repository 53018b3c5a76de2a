"""The workspace of a command, and what it cost."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import typer

from togglframe.cli.endings import say
from togglframe.errors import ConfigError
from togglframe.words.formats import plural
from togglframe.workspace import Workspace

if TYPE_CHECKING:
    from togglframe.transport import OnQuota

__all__ = ["reset_in_words", "tell_usage", "workspace_of", "workspaces_of"]


@contextmanager
def workspace_of(
    workspace: int | None, base_url: str, *, refresh: bool, on_quota: OnQuota
) -> Iterator[Workspace]:
    """Open a workspace; where nothing says its token, it is asked for."""
    with _signed_in(workspace, base_url, on_quota) as ws:
        if not refresh:
            yield ws
            return
        with ws.refresh():
            yield ws


@contextmanager
def workspaces_of(
    numbers: Sequence[int] | None, base_url: str, *, refresh: bool, on_quota: OnQuota
) -> Iterator[list[Workspace]]:
    """Open one workspace or several."""
    chosen: list[int | None] = [*numbers] if numbers else [None]
    with ExitStack() as opened:
        yield [
            opened.enter_context(workspace_of(one, base_url, refresh=refresh, on_quota=on_quota))
            for one in chosen
        ]


def _signed_in(workspace: int | None, base_url: str, on_quota: OnQuota) -> Workspace:
    if workspace is None:
        raise ConfigError(
            "No workspace: pass --workspace 1234567, or set TOGGL_WORKSPACE_ID. "
            "It is the number in the address of the workspace's reports in Toggl Track."
        )
    try:
        return Workspace(workspace, base_url=base_url, on_quota=on_quota)
    except ConfigError as error:
        if "No credential" not in str(error):
            raise
        if not sys.stdin.isatty():
            raise ConfigError(
                "No token: set TOGGL_API_TOKEN, or store it: keyring set togglframe api_token. "
                "It is at the bottom of your Toggl Track profile page."
            ) from error
    token = typer.prompt("Toggl API token", hide_input=True, err=True)
    return Workspace(workspace, token=token, base_url=base_url, on_quota=on_quota)


def tell_usage(ws: Workspace, whose: str = "") -> None:
    """Say what was spent, and what is left."""
    usage = ws.usage
    left = "" if usage.quota_remaining is None else f"; {usage.quota_remaining:,} left"
    say(
        f"{whose}{plural(usage.requests, 'request')}, "
        f"{plural(usage.cache_hits, 'answer')} from the cache"
        f"{left}{reset_in_words(usage.quota_resets_in) if left else ''}"
    )


def reset_in_words(seconds: int | None) -> str:
    """Say when the quota resets, after something else."""
    return "" if seconds is None else f", the quota resets in {-(-seconds // 60)} min"
