"""A file is the old one or the new one, whatever happens."""

import errno
import os
import random
import select
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
from export_data import assert_same

from togglframe.atomic import replacing, target
from togglframe.export import read_csv, read_parquet, to_csv, to_excel, to_parquet

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


def test_a_disk_that_fills_up_at_the_second_file_leaves_the_first_alone(
    frame, tmp_path, monkeypatch
):
    to_csv(pd.DataFrame({"name": ["old"]}), tmp_path / "f.csv")
    before = contents(tmp_path)
    synced = []

    def fill_up(file):
        synced.append(file)
        if len(synced) == 2:
            raise FullDiskError

    monkeypatch.setattr(os, "fsync", fill_up)
    with pytest.raises(FullDiskError):
        to_csv(frame, tmp_path / "f.csv")
    assert contents(tmp_path) == before


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
    assert_same(read_csv(link), frame)


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


@contextmanager
def reading(pipe):
    """Read a pipe to its end, in a thread; it is open for reading from now on."""
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    def read_all():
        select.select([reader], [], [])  # else there would be nothing, and that the end
        os.set_blocking(reader, True)
        with os.fdopen(reader, "rb") as file:
            return file.read()

    with ThreadPoolExecutor() as pool:
        yield pool.submit(read_all)


@pytest.mark.parametrize("suffix", WRITERS)
def test_a_pipe_that_nobody_reads_is_an_error_and_not_waited_for(suffix, frame, tmp_path):
    pipe = tmp_path / f"pipe.{suffix}"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="Nothing reads this pipe") as caught:
        WRITERS[suffix](frame, pipe)
    assert caught.value.errno == errno.ENXIO


def test_a_pipe_that_nobody_reads_costs_no_request(ws, sandbox, tmp_path):
    os.mkfifo(tmp_path / "pipe.xlsx")
    with pytest.raises(OSError, match="Nothing reads"):
        to_excel(ws, tmp_path / "pipe.xlsx")
    with pytest.raises(OSError, match="Nothing reads"):
        ws.download("shared/token/csv", tmp_path / "pipe.xlsx")
    assert sandbox.requests == []


def test_a_pipe_takes_more_than_it_holds_at_once(tmp_path):
    long = pd.DataFrame({"x": range(100_000)})
    os.mkfifo(tmp_path / "pipe")
    with reading(tmp_path / "pipe") as came:
        to_csv(long, tmp_path / "pipe")
    assert came.result() == to_csv(long, tmp_path / "plain.csv").read_bytes()


def test_a_reader_who_leaves_is_an_error_and_not_waited_for(frame, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    path = target(tmp_path / "pipe")
    os.close(reader)

    def write():
        with replacing(path) as (file,):
            file.write(b"x")

    with pytest.raises(BrokenPipeError):
        write()


@pytest.mark.parametrize("suffix", WRITERS)
def test_a_pipe_is_written_to_and_stays_a_pipe(suffix, frame, tmp_path):
    pipe, plain = tmp_path / f"pipe.{suffix}", tmp_path / f"plain.{suffix}"
    os.mkfifo(pipe)
    with reading(pipe) as came:
        target(pipe)  # as the command line does, before it asks for what it writes
        assert WRITERS[suffix](frame, pipe) == pipe
    WRITERS[suffix](frame, plain)
    assert came.result() == plain.read_bytes()
    assert pipe.is_fifo()
    assert not pipe.with_suffix(".meta.json").exists()
    assert not list(tmp_path.glob(".*.tmp"))


def test_a_link_to_a_pipe_is_a_pipe(frame, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    link = tmp_path / "link.csv"
    link.symlink_to(tmp_path / "pipe")
    with reading(link) as came:
        to_csv(frame, link)
    assert b"new" in came.result()
    assert link.is_symlink()


def test_nothing_goes_into_a_pipe_when_writing_fails(frame, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    def fail_half_way():
        with replacing(pipe) as (file,):
            file.write(b"half")
            raise FullDiskError

    with pytest.raises(FullDiskError):
        fail_half_way()
    assert os.read(reader, 10) == b""
    os.close(reader)
    assert pipe.is_fifo()


@pytest.mark.nightly
@pytest.mark.parametrize("where", ["/dev/stdout", "/dev/fd/1"])
@pytest.mark.parametrize("is_file", [False, True])
def test_the_standard_output_gets_what_is_written_after_what_was(where, is_file, tmp_path):
    code = (
        "import pandas as pd; from togglframe.export import to_csv; print('before', flush=True); "
        f"to_csv(pd.DataFrame({{'x': [1]}}), {where!r}, dialect='plain')"
    )
    out = tmp_path / "out.txt"
    with out.open("wb") as file:
        result = subprocess.run(
            [sys.executable, "-c", code], stdout=file if is_file else subprocess.PIPE, check=True
        )
    assert (out.read_bytes() if is_file else result.stdout) == b'before\n"x"\n1\n'
    assert list(tmp_path.iterdir()) == [out]


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
        return read_parquet(path)["round"]
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
