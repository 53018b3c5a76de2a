"""A file is the old one or the new one, whatever happens."""

import errno
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
import pytest

from togglframe.atomic import replacing, target
from togglframe.export import to_csv, to_excel, to_parquet

WRITERS = {"csv": to_csv, "xlsx": to_excel, "parquet": to_parquet}


@pytest.fixture
def frame():
    return pd.DataFrame({"name": ["new"] * 3, "x": [1.5, 2.5, 3.5]})


class FullDiskError(OSError):
    pass


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("suffix", WRITERS)
@pytest.mark.parametrize("error", [FullDiskError, KeyboardInterrupt])
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_leaves_the_old_files_and_no_litter(suffix, error, step, tmp_path, monkeypatch):
    write = WRITERS[suffix]
    write(pd.DataFrame({"name": ["old"]}), tmp_path / f"f.{suffix}")
    before = contents(tmp_path)

    def fail(*_):
        raise error

    if step == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    else:
        monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(error):
        write(pd.DataFrame({"name": ["new"]}), tmp_path / f"f.{suffix}")
    assert contents(tmp_path) == before


def test_a_disk_that_fills_up_at_the_second_file_leaves_the_first_alone(tmp_path, monkeypatch):
    paths = [tmp_path / "one", tmp_path / "two"]
    for path in paths:
        path.write_text("old")
    synced = []

    def fill_up(file):
        synced.append(file)
        if len(synced) == 2:
            raise FullDiskError

    def write_both():
        with replacing(*paths) as files:
            for file in files:
                file.write(b"new")

    monkeypatch.setattr(os, "fsync", fill_up)
    with pytest.raises(FullDiskError):
        write_both()
    assert contents(tmp_path) == {"one": b"old", "two": b"old"}


def test_a_failure_while_writing_removes_what_was_begun(tmp_path):
    path = tmp_path / "f"
    path.write_text("old")

    def fail_half_way():
        with replacing(path) as (file,):
            file.write(b"half")
            raise FullDiskError

    with pytest.raises(FullDiskError):
        fail_half_way()
    assert contents(tmp_path) == {"f": b"old"}


@pytest.mark.parametrize("suffix", WRITERS)
def test_an_existing_file_is_replaced_as_a_whole(suffix, frame, tmp_path):
    path = tmp_path / f"f.{suffix}"
    path.write_bytes(b"x" * 1_000_000)
    assert WRITERS[suffix](frame, path) == path
    assert path.stat().st_size < 100_000


def test_the_mode_of_a_replaced_file_stays_and_a_new_one_obeys_the_umask(frame, tmp_path):
    old = tmp_path / "old.csv"
    old.touch()
    old.chmod(0o640)
    to_csv(frame, old)
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    umask = os.umask(0o027)
    try:
        new = to_csv(frame, tmp_path / "new.csv")
    finally:
        os.umask(umask)
    assert stat.S_IMODE(new.stat().st_mode) == 0o640


def test_a_link_stays_a_link(frame, tmp_path):
    (tmp_path / "there").mkdir()
    link = tmp_path / "f.csv"
    link.symlink_to(tmp_path / "there" / "real.csv")
    to_csv(frame, link)
    assert link.is_symlink()
    assert (tmp_path / "there" / "real.csv").is_file()
    assert pd.read_csv(link)["x"].tolist() == frame["x"].tolist()


@pytest.mark.parametrize("suffix", WRITERS)
def test_a_missing_folder_is_named(suffix, frame, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"No such folder.*misspelt"):
        WRITERS[suffix](frame, tmp_path / "misspelt" / f"f.{suffix}")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(IsADirectoryError, match="name a file inside it"):
        target(tmp_path)


@pytest.fixture
def powerless_in(frame, tmp_path):
    """Make a folder of this mode, and leave root, whom no mode stops."""
    for suffix, write in WRITERS.items():
        write(frame, tmp_path / f"f.{suffix}")  # what is imported late may be out of reach later
    folder = Path(tempfile.mkdtemp())  # those of pytest are not to be entered by others
    is_root = os.geteuid() == 0

    def leave_root(mode):
        folder.chmod(mode)
        if is_root:
            os.seteuid(65_534)
        return folder

    yield leave_root
    if is_root:
        os.seteuid(0)
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize("suffix", WRITERS)
def test_a_read_only_folder_is_named(suffix, frame, powerless_in):
    folder = powerless_in(0o555)
    with pytest.raises(PermissionError, match=f"Cannot write into this folder.*{folder}"):
        WRITERS[suffix](frame, folder / f"f.{suffix}")


@pytest.mark.parametrize("suffix", WRITERS)
def test_a_read_only_file_is_not_replaced(suffix, frame, powerless_in):
    folder = powerless_in(0o777)
    path = folder / f"f.{suffix}"
    path.touch(0o444)
    with pytest.raises(PermissionError, match=f"You may not write to this file.*{path}"):
        WRITERS[suffix](frame, path)
    assert path.read_bytes() == b""


@pytest.mark.parametrize("suffix", WRITERS)
def test_what_is_no_path_is_named(suffix, frame, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    loop = tmp_path / f"loop.{suffix}"
    loop.symlink_to(loop)
    with pytest.raises(OSError, match="loop") as caught:
        WRITERS[suffix](frame, loop)
    assert caught.value.errno == errno.ELOOP
    with pytest.raises(TypeError, match="path must be a string or a path, not bytes"):
        WRITERS[suffix](frame, f"f.{suffix}".encode())
    with pytest.raises(ValueError, match="path contains a null character"):
        WRITERS[suffix](frame, f"a\0b.{suffix}")
    with pytest.raises(FileNotFoundError, match="no such home folder"):
        WRITERS[suffix](frame, f"~nobody-of-this-name/f.{suffix}")
    assert list(tmp_path.iterdir()) == [loop]


def test_a_path_that_cannot_be_written_costs_no_request(ws, sandbox, powerless_in, tmp_path):
    (tmp_path / "folder.xlsx").mkdir()
    for path in ("no/f.xlsx", "folder.xlsx", "x" * 300 + ".xlsx"):
        with pytest.raises(OSError, match=path.removesuffix("/f.xlsx")):
            to_excel(ws, tmp_path / path)
    with pytest.raises(PermissionError):
        to_excel(ws, powerless_in(0o555) / "f.xlsx")
    assert sandbox.requests == []


@pytest.mark.parametrize("suffix", WRITERS)
def test_a_pipe_or_a_device_is_refused_and_stays_one(suffix, frame, ws, sandbox, tmp_path):
    pipe = tmp_path / f"pipe.{suffix}"
    os.mkfifo(pipe)
    for path in (pipe, "/dev/null"):
        with pytest.raises(OSError, match="This is a pipe or a device"):
            WRITERS[suffix](frame, path)
    assert pipe.is_fifo()
    assert not Path("/dev/null").is_file()
    with pytest.raises(OSError, match="This is a pipe or a device"):
        ws.download("shared/token/csv", pipe)
    assert sandbox.requests == []


# As many rows as it takes to be in the middle of writing when the signal comes.
ROWS = {"csv": 100_000, "xlsx": 2_000, "parquet": 300_000}
SCRIPT = """
import sys
import numpy as np
import pandas as pd
from togglframe.export import to_csv, to_excel, to_parquet

path, rows = sys.argv[1], int(sys.argv[2])
write = {"csv": to_csv, "xlsx": to_excel, "parquet": to_parquet}[path.rsplit(".", 1)[1]]
noise = np.random.default_rng(0).random(rows)
for n in range(1_000_000):
    write(pd.DataFrame({"round": n, "noise": noise}), path)
    print("ready", flush=True)
"""


def read(path):
    if path.suffix == ".csv":
        return pd.read_csv(path)["round"]
    if path.suffix == ".parquet":
        return pd.read_parquet(path)["round"]
    return pd.read_excel(path)["round"]


@pytest.mark.nightly
@pytest.mark.parametrize("suffix", WRITERS)
def test_a_killed_writer_leaves_the_old_or_the_new_file_never_half(suffix, tmp_path):
    path = tmp_path / f"f.{suffix}"
    chance = random.Random(suffix)
    for _ in range(4):
        command = [sys.executable, "-c", SCRIPT, str(path), str(ROWS[suffix])]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
            assert writer.stdout.readline() == b"ready\n"
            time.sleep(chance.uniform(0, 0.5))
            writer.send_signal(signal.SIGKILL)
        values = read(path)
        assert len(values) == ROWS[suffix]
        assert len(set(values)) == 1
