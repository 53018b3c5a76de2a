"""The transcripts of guides: each command is run, and prints what the page shows."""

import datetime as dt
import re
from pathlib import Path

from archive_cases import change, edited, entries_of
from cli_cases import lines_to

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "closing-a-month.md"
STEPS = re.compile(r"(?ms)^```console\n(?P<console>.*?)^```|^<!-- then: (?P<then>\w+) -->")


def mend(office, at):
    """Give the entries without a project the one of the others."""
    lost = [entry for entry in entries_of(office, "2026-10") if entry.project_id is None]
    known = next(entry for entry in entries_of(office, "2026-10") if entry.project_id is not None)
    project = {"project_id": known.project_id, "rate": known.rate, "billable": True}
    mended = [edited(one, at, **project, amount=known.rate * one.seconds // 3600) for one in lost]
    change(office, gone=lost, more=mended)


def change_late(office, at):
    """Add an entry of one person, shorten one of another, and delete one of a third."""
    people = dict.fromkeys(entry.user_id for entry in entries_of(office, "2026-10"))
    of_people = [
        next(e for e in entries_of(office, "2026-10") if e.user_id == one and e.seconds > 7200)
        for one in people
    ]
    longer, model, gone = of_people
    cut = edited(longer, at, seconds=longer.seconds - 1800, amount=longer.amount - longer.rate // 2)
    new = edited(model, at, id=model.id + 10**9, seconds=7200, amount=2 * model.rate)
    change(office, gone=[longer, gone], more=[cut, new])


THEN = {"mend": mend, "change": change_late}


def steps(text):
    """Yield what happens between commands, and each command with what it prints."""
    for step in STEPS.finditer(text):
        if step["then"]:
            yield step["then"], None
        else:
            for part in step["console"].split("$ togglframe ")[1:]:
                command, _, printed = part.partition("\n")
                yield f"togglframe {command}", printed


def test_the_month_is_closed_as_the_guide_shows(
    make_sandbox, monkeypatch, tmp_path, set_now, subtests
):
    """A dozen commands, one after the other, take two seconds."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "invoices").mkdir()
    moments = [dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)]
    set_now(lambda: moments[-1])
    office = make_sandbox(3)
    run = lines_to(office, monkeypatch)
    for step, expected in steps(GUIDE.read_text(encoding="utf-8")):
        if step in THEN:
            moments.append(moments[-1] + dt.timedelta(hours=20))
            THEN[step](office, moments[-1] - dt.timedelta(hours=2))
            continue
        with subtests.test(step):
            result = run(step)
            assert result.exit_code == 0, result.output
            assert result.output.replace(f"{tmp_path}/", "") == expected
