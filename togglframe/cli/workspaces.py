"""The workspaces or archive that a command reads, and what it cost."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import typer

import togglframe as tf
from togglframe.cli.endings import say
from togglframe.cli.options import (
    ArchiveFolder,
    BaseUrl,
    PlanOnly,
    Refresh,
    Today,
    Wait,
    WorkspaceIds,
)
from togglframe.errors import ConfigError
from togglframe.tables.provenance import of
from togglframe.text.formats import plural
from togglframe.text.scope import fetched
from togglframe.workspace import Workspace

if TYPE_CHECKING:
    from togglframe.http.settings import OnQuota


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a command reads from: a workspace, several, or an archive.

    Parameters
    ----------
    workspace : list of int, optional
        The workspaces; of an archive, only these are read.
    archive : path, optional
        The folder to read instead of the API.
    base_url : str, optional
        The server.
    today : str, optional
        The day to count from.
    refresh : bool
        Whether to fetch cached answers again.
    wait : bool
        Whether to wait for the quota to reset.
    plan : bool
        Whether to print what the command would cost, and send nothing.
    """

    workspace: WorkspaceIds = None
    archive: ArchiveFolder = None
    base_url: BaseUrl = None
    today: Today = None
    refresh: Refresh = False
    wait: Wait = False
    plan: PlanOnly = False

    @property
    def _chosen(self) -> list[int] | list[None]:
        return self.workspace or [None]

    @contextmanager
    def opened(self) -> Iterator[list[Any]]:
        """Open the sources of reports: workspaces, or an archive of one or several.

        Raises
        ------
        ConfigError
            If an archive is combined with `refresh` or `wait`, or does not exist.
        """
        if self.archive is not None:
            yield self._archives(self.archive)
            return
        on_quota: OnQuota = "wait" if self.wait else "stale"
        with ExitStack() as stack:
            yield [
                stack.enter_context(
                    workspace_of(
                        one,
                        self.base_url,
                        refresh=self.refresh,
                        on_quota=on_quota,
                        today=self.today,
                    )
                )
                for one in self._chosen
            ]

    @contextmanager
    def opened_one(self, what: str) -> Iterator[Any]:
        """Open the only source of a command.

        Raises
        ------
        ConfigError
            If several workspaces are named.
        """
        if len(self._chosen) > 1:
            raise ConfigError(f"{what} is of one workspace: pass a single --workspace")
        with self.opened() as (source,):
            yield source

    def _archives(self, folder: Path) -> list[tf.Archive]:
        if self.refresh or self.wait:
            raise ConfigError(
                "--refresh and --wait apply to a workspace; togglframe archive sync brings an "
                "archive up to date"
            )
        check_exists(folder)
        kept = tf.Archive(folder).by_workspace()
        for one in self._chosen:
            if one is not None and one not in kept:
                raise ConfigError(
                    f"{folder} keeps nothing of workspace {one}, which --workspace or "
                    f"TOGGL_WORKSPACE_ID names; it keeps {', '.join(map(str, kept))}"
                )
        return [tf.Archive(folder, workspace_id=one, today=self.today) for one in self._chosen]


def check_exists(folder: Path) -> None:
    """Refuse an archive that does not exist."""
    if not folder.is_dir():
        raise ConfigError(f"there is no folder {folder}; togglframe archive sync makes it")
    if not tf.Archive(folder).by_workspace():
        raise ConfigError(f"{folder} holds no archive; togglframe archive sync makes one")


@contextmanager
def workspace_of(
    workspace: int | None,
    base_url: str | None,
    *,
    refresh: bool = False,
    on_quota: OnQuota = "raise",
    today: str | None = None,
) -> Iterator[Workspace]:
    """Open a workspace; prompt for the token if none is configured."""
    with (
        _signed_in(workspace, base_url, on_quota, today) as ws,
        ws.refresh() if refresh else nullcontext(),
    ):
        yield ws


def _signed_in(
    workspace: int | None, base_url: str | None, on_quota: OnQuota, today: str | None
) -> Workspace:
    if workspace is None:
        raise ConfigError(
            "No workspace: pass --workspace 1234567, or set TOGGL_WORKSPACE_ID. "
            "It is the number in the address of the workspace's reports in Toggl Track."
        )
    try:
        return Workspace(workspace, base_url=base_url, on_quota=on_quota, today=today)
    except ConfigError as error:
        if "No credential" not in str(error):
            raise
        if not sys.stdin.isatty():
            raise ConfigError(
                "No token: set TOGGL_API_TOKEN, or store it: keyring set togglframe api_token. "
                "It is at the bottom of your Toggl Track profile page."
            ) from error
    token = typer.prompt("Toggl API token", hide_input=True, err=True)
    return Workspace(workspace, token=token, base_url=base_url, on_quota=on_quota, today=today)


def tell_origin(frame: pd.DataFrame, *sources: Workspace | tf.Archive) -> None:
    """Say how many requests each workspace cost, or how old the data of an archive is."""
    for source in sources:
        if isinstance(source, Workspace):
            tell_usage(source, f"Workspace {source.id}: " if len(sources) > 1 else "")
    if not isinstance(sources[0], Workspace):
        say(f"0 requests; oldest data {fetched(of(frame))}")


def tell_usage(ws: Workspace, whose: str = "") -> None:
    """Say how many requests were made, and how many are left."""
    usage = ws.usage
    left = "" if usage.quota_remaining is None else f"; {usage.quota_remaining:,} left"
    say(
        f"{whose}{plural(usage.requests, 'request')}, "
        f"{plural(usage.cache_hits, 'answer')} from the cache"
        f"{left}{reset_in_words(usage.quota_resets_in) if left else ''}"
    )


def reset_in_words(seconds: int | None) -> str:
    """Return when the quota resets, to append to a message."""
    return "" if seconds is None else f", the quota resets in {-(-seconds // 60)} min"
