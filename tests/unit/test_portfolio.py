"""The portfolio behind pages, workbooks and slides: sections, figures and audience."""

from functools import cache

import pandas as pd
import pytest
from days import TODAY
from matplotlib.text import Text

import togglframe as tf
from togglframe.errors import ConfigError
from togglframe.export import sections as document_sections
from togglframe.export.display import shown
from togglframe.export.portfolio import portfolio
from togglframe.export.sections import Figure
from togglframe.export.slide_figure import draw_slide
from togglframe.text.periods import range_in_words

TEAM = [
    *("figures", "weeks", "clients", "projects", "people"),
    *("budgets", "at_risk", "audit", "about"),
]
CLIENT = ["figures", "weeks", "projects", "people", "budgets", "about"]
NORTHWIND = "Northwind Coffee Roasters"


@pytest.fixture(scope="module")
def demo(_one_moment):
    with tf.demo(today=TODAY) as ws:
        yield tf.reports.Listings(ws)


@cache
def _kept(demo, chosen):
    return portfolio(demo, **dict(chosen))


def made_of(demo, **chosen):
    """Return a portfolio that several tests read, made once."""
    return _kept(demo, tuple(chosen.items()))


def names_of(made):
    return [section.name for section in made.sections]


def figures_of(made):
    return {one.name + one.currency: one for one in made.section("figures").figures}


def test_a_period_is_the_subject_of_its_document(demo):
    made = made_of(demo, period="2026-10")
    hours = tf.reports.hours(demo, period="2026-10", by=[])
    before = tf.reports.hours(demo, period="2026-09", by=[])
    found = figures_of(made)
    assert (made.title, names_of(made)) == ("October 2026", TEAM)
    assert found["Hours"].value == pytest.approx(hours["tracked_hours"].sum())
    assert found["Hours"].before == pytest.approx(before["tracked_hours"].sum())
    assert (found["Hours"].text, found["Hours"].change_text) == ("2,676 h", "\N{MINUS SIGN}8 %")
    assert found["Billable"].change_text == "\N{MINUS SIGN}5 points"  # of 74 % and 79 %
    assert found["Capacity used"].change_text == "\N{MINUS SIGN}7 points"  # of 72 % and 79 %
    assert found["AmountEUR"].text == "EUR 187,451"
    assert found["People"].change_text == "±0"


def test_without_a_period_it_is_about_the_budgets(demo):
    made = made_of(demo)
    assert names_of(made) == ["figures", "clients", "budgets", "at_risk", "audit", "about"]
    assert made.scope.startswith("Since the projects began")
    assert figures_of(made)["Overran"].value == 16
    assert figures_of(made)["At risk"].value == len(made.section("at_risk").frame) == 6


def test_the_days_of_a_begun_period_are_compared_with_as_many_of_the_one_before(demo):
    made = made_of(demo, period="this-month", sections="figures")
    before = tf.reports.hours(demo, start_date="2026-10-01", end_date="2026-10-25", by=[])
    assert figures_of(made)["Hours"].before == pytest.approx(before["tracked_hours"].sum())
    assert made.section("figures").note.startswith(
        "The first 25 days, compared with 1 to 25 October 2026."
    )


def test_a_month_that_is_longer_than_the_one_before_says_how_many_days_are_compared():
    with tf.demo(scale=6, today="2026-03-31") as ws:
        change = tf.reports.compare(ws, "hours", period="this-month", by="client")
        figures = portfolio(ws, period="this-month").section("figures")
        slide = draw_slide(portfolio(ws, period="this-month", sections="figures"), None, 10)
    assert change.attrs["togglframe"]["begun"] == "first 30 days against 28"
    compared = "The first 30 days, compared with the 28 days of February 2026."
    assert figures.note.startswith(compared)
    assert " tracked; in the first 30 days " in figures.sentence
    assert figures.sentence.endswith(" than in the 28 days of February 2026")
    assert f"{figures.sentence}." in [text.get_text() for text in slide.findobj(Text)]


def test_on_the_first_day_of_a_month_no_capacity_counts_yet():
    with tf.demo(scale=6, today="2026-11-01") as ws:
        load = tf.reports.utilisation(ws, period="this-month", every=None)
    figure = tf.charts.utilisation_bars(load).figure
    words = " ".join(text.get_text() for text in figure.findobj(Text))
    assert "No day is over yet, so no capacity counts" in words
    assert "Capacity counts the days before today." in words
    assert "known" not in words


def test_a_change_that_the_plan_does_not_tell_is_said_to_be_unknown():
    with tf.demo(scale=6, plan="free", today=TODAY) as ws:
        figures = figures_of(portfolio(ws, period="2026-10", sections="figures"))
    assert (figures["Billable"].change_text, figures["Billable"].detail) == ("", "change unknown")
    assert figures["Hours"].detail == ""


@pytest.mark.parametrize("day", ["2026-11-01", "2026-12-01"])
def test_on_the_first_day_of_a_month_it_says_that_nothing_is_tracked(day):
    with tf.demo(scale=6, today=day) as ws:
        made = portfolio(ws, period="this-month")
    assert made.section("figures").sentence == f"Nothing is tracked on {range_in_words(day, day)}"
    assert names_of(made)[:2] == ["figures", "budgets"]  # and says it once


@pytest.mark.parametrize(
    ("chosen", "audience"),
    [
        ({"clients": NORTHWIND}, "client"),
        ({"projects": "Loyalty app"}, "client"),
        ({"projects": ["Loyalty app", "Website relaunch"]}, "client"),
        ({"clients": [NORTHWIND, "Brasserie Élan"]}, "team"),
        ({"projects": ["Loyalty app", "Customer portal"]}, "team"),
        ({"clients": [None]}, "team"),
        ({"clients": NORTHWIND, "audience": "team"}, "team"),
        ({}, "team"),
    ],
)
def test_who_reads_it_follows_from_what_is_selected(demo, chosen, audience):
    made = portfolio(demo, period="2026-10", sections=["weeks"], **chosen)
    assert made.audience == audience
    assert made.title == (f"{NORTHWIND} · October 2026" if audience == "client" else "October 2026")


@pytest.mark.parametrize(
    ("chosen", "named"),
    [
        ({}, "none"),
        ({"clients": [NORTHWIND, "Brasserie Élan"]}, f"Brasserie Élan, {NORTHWIND}"),
    ],
)
def test_a_document_for_a_client_is_of_one(demo, chosen, named):
    with pytest.raises(ConfigError, match=named):
        portfolio(demo, period="2026-10", audience="client", **chosen)


def test_a_client_sees_hours_amounts_and_budgets_and_nothing_internal(demo):
    made = made_of(demo, period="2026-10", clients=NORTHWIND)
    assert names_of(made) == CLIENT
    people = made.section("people")
    assert shown(people.frame, names=people.columns).columns[0].heading == "Person"
    assert names_of(portfolio(demo, period="2026-10", clients=NORTHWIND, people=False)) == [
        name for name in CLIENT if name != "people"
    ]
    columns = {name for section in made.sections for name in section.columns}
    assert not {name for name in columns if "rate" in name or "cost" in name or "_id" in name}
    for section in made.sections:
        if section.frame is not None:
            assert "workspace_id" not in section.frame.attrs["togglframe"]


def test_amounts_have_a_column_for_each_currency(demo):
    made = portfolio(demo, period="2026-10", sections="clients").section("clients")
    earned = tf.reports.earnings(demo, period="2026-10", by=[]).set_index("currency")["amount"]
    sums = made.frame[["amount_EUR", "amount_USD", "amount_JPY", "amount_unknown"]].sum()
    assert sums.tolist() == pytest.approx(earned[["EUR", "USD", "JPY", None]].tolist())


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"sections": "costs"}, "there is no section 'costs'"),
        ({"sections": []}, "names no section"),
        ({"sections": "weeks"}, "covers a range of days"),
        ({"sections": "retainers", "period": "2026-10"}, 'options={"retainer": {"budgets"'),
        ({"sections": "audit", "clients": NORTHWIND}, "for the team"),
        ({"sections": "people", "people": False, "period": "2026-10"}, "people=False"),
        ({"audience": "boss"}, "'team' or 'client'"),
        ({"options": {"utilisation": {"hours": 5}}}, "no option 'hours'"),
        ({"options": {"nothing": {}}}, "options names 'nothing'"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(demo, chosen, words):
    with pytest.raises(ConfigError) as raised:
        portfolio(demo, **chosen)
    assert words in str(raised.value)


def test_retainers_and_balances_come_with_their_options(demo):
    options = {
        "retainer": {"budgets": {"Loyalty app": 40}},
        "balance": {"schedule": 40},
        "utilisation": {"capacity": 30},
    }
    made = portfolio(demo, period="2026-10", options=options)
    assert {"retainers", "balance"} <= {*names_of(made)}
    retainers, balance = made.section("retainers"), made.section("balance")
    assert retainers.frame["budget_hours"].tolist() == [40.0]
    assert retainers.sentence.startswith("Loyalty app had ")
    assert made.section("people").frame["capacity_hours"].max() == pytest.approx(132.0)
    assert (retainers.charts, balance.charts) == ((), ())  # of a single month
    made = portfolio(demo, period="2026-Q3", sections=["retainers", "balance"], options=options)
    assert [chart.name for one in made.sections for chart in one.charts] == [
        "retainer_bars",
        "balance_lines",
    ]


def test_a_retainer_of_a_client_is_called_by_their_name(demo):
    options = {"retainer": {"budgets": {NORTHWIND: 80}}}
    chosen = {"period": "2026-Q3", "clients": NORTHWIND, "options": options}
    (section,) = portfolio(demo, sections="retainers", **chosen).sections
    assert section.sentence == f"{NORTHWIND} was used up in September"
    table = shown(section.frame, names=section.columns)
    assert [cell.text for cell in table.columns[0].cells()] == [NORTHWIND] * 3
    axes = tf.charts.retainer_bars(section.charts[0].frame)
    assert [one.get_text() for one in axes.get_yticklabels()] == [NORTHWIND]


def test_a_retainer_of_a_client_beside_one_of_a_project_is_of_all_projects(demo):
    budgets = {"Stadtwerke Lindau": 200, "Loyalty app": 40}
    retainers = tf.reports.retainer(demo, budgets, period="2026-10")
    table = shown(retainers, names=["project", "client"])
    assert [[cell.text for cell in one.cells()] for one in table.columns] == [
        ["All projects", "Loyalty app"],
        ["Stadtwerke Lindau", NORTHWIND],
    ]


def test_a_week_that_is_not_shown_is_not_said_to_be_cut(demo):
    (weeks,) = portfolio(demo, period="2026-11", sections="weeks").sections  # to Monday, the 30th
    assert weeks.note == "The range covers 1 of 7 days of the first week."
    (weeks,) = portfolio(demo, period="2026-10", sections="weeks").sections
    assert weeks.note.endswith("first week and 6 of 7 days of the last week.")


def test_a_week_without_time_is_in_the_table_as_in_its_chart(demo):
    (weeks,) = portfolio(demo, period="this-month", sections="weeks").sections
    assert weeks.frame["period"].dt.strftime("%d %b").tolist() == [
        *("26 Oct", "02 Nov", "09 Nov", "16 Nov", "23 Nov")
    ]
    assert weeks.frame.dtypes.equals(
        tf.reports.hours(demo, period="this-month", by=[], every="week").dtypes
    )
    first = shown(weeks.frame, names=weeks.columns)
    texts = [column.cells()[0].text for column in first.columns]
    assert texts == ["2026-10-26", "0.0", "0.0", None]
    assert weeks.note.endswith(" 1 of 7 days of the first week and 4 of 7 days of the last week.")
    ax = tf.charts.hours_by_week(weeks.charts[0].frame)
    labels = [label.get_text().split("\n")[0] for label in ax.get_xticklabels()]
    assert labels[:2] == ["26 Oct", "2 Nov"]


def test_projects_are_one_number_and_since_when_is_said_once(demo):
    for chosen in ({}, {"period": "2026-10"}):
        made = portfolio(demo, **chosen)
        words = [made.scope, *(one.heading for one in made.sections)]
        words += [one.detail for one in made.section("figures").figures]
        words += [line for _, line in made.section("about").lines]
        assert sum("since the projects began" in one.casefold() for one in words) == 1
        assert [one for one in words if "projects" in one and " 58 " in one] == []
    assert figures_of(made_of(demo))["Hours"].detail == "on 61 projects, 3 of them unknown"


def test_estimates_and_hours_that_are_not_comparable_are_told_apart(demo):
    made = made_of(demo)
    clients, budgets = made.section("clients"), made.section("budgets")
    lines = {
        one.name: {line.label: line.texts for line in shown(one.frame, names=one.columns).totals}
        for one in (clients, budgets)
    }
    whole, part = lines["budgets"]["Total"], lines["budgets"]["of which with estimate"]
    total = lines["clients"]["Total"]
    assert total["estimated_hours"] == part["estimated_hours"] == "75,130.0"
    assert total["comparable_tracked_hours"] == part["tracked_hours"]
    assert total["tracked_hours"] == whole["tracked_hours"]
    assert (total["n_projects"], total["n_over"]) == ("61", "16")
    lacking = "without the 2,360 h of Point of sale displays, whose hours are unknown."
    assert whole["estimated_hours"] == "77,490.0"
    assert clients.note.startswith(f"Estimates are {lacking} Archived projects gave back")
    assert budgets.note.startswith(f'"With estimate" is {lacking}')
    assert "An archived project is on track up to 100 %." in budgets.note


def test_amounts_say_what_they_are_without(demo):
    made = made_of(demo, period="2026-10")
    one = 'the 21 h of Web shop · O\'Malley "Mac" Hardware, whose amount is unknown.'
    notes = {name: made.section(name).note for name in ("figures", "clients", "projects")}
    assert notes == {
        "figures": f"Compared with September 2026. Amounts are without {one}",
        "clients": f"Amounts are without {one}",
        "projects": f"Amounts are without {one}",
    }
    slide = draw_slide(portfolio(demo, period="2026-10", sections=["figures"]), None, 10)
    texts = [" ".join(text.get_text().split()) for text in slide.findobj(Text)]
    assert any("Amounts are without the 21 h of Web shop" in text for text in texts)
    whole = made_of(demo)
    several = "Amounts are without 5 projects, whose amounts are unknown."
    assert whole.section("figures").note == several
    assert whole.section("clients").note.endswith(several)
    assert made_of(demo, clients=NORTHWIND).section("figures").note == ""


def test_a_client_reads_how_their_hours_are_rounded(demo):
    chosen = {"period": "2026-10", "clients": NORTHWIND, "sections": "invoice"}
    (lines,) = portfolio(demo, **chosen, options={"invoice_lines": {"rounding": "up"}}).sections
    assert lines.sentence == "Each entry is billed rounded up to 15 minutes"
    assert "n_entries" not in lines.columns
    (lines,) = portfolio(demo, **chosen).sections
    assert lines.sentence == ""
    team = portfolio(demo, period="2026-10", sections="invoice").section("invoice")
    assert "n_entries" in team.columns


def test_findings_say_whom_they_are_about(demo):
    details = made_of(demo, period="2026-10").section("audit").frame.set_index("check")["detail"]
    assert details["currency-mismatch"] == (
        "Corporate film: Its amounts are in EUR, its rates in USD."
    )
    assert details["tracked-without-estimate"].endswith(
        " and 6 others: Hours are tracked, but there is no estimate."
    )
    assert details["missing_day"].startswith("First, ")
    assert " Oct: No entry begins on this " in details["missing_day"]
    assert details["project-without-status"].endswith(
        " and 2 others: Toggl Track has no tracked time for it, so its hours are unknown."
    )


def test_one_project_and_none_are_spoken_of_as_such():
    said = {}
    for scale in (0, 1):
        with tf.demo(scale=scale, today=TODAY) as ws:
            made = portfolio(ws)
        said[scale] = [made.section("at_risk").sentence, dict(made.section("about").lines)["Check"]]
    assert figures_of(made)["At risk"].detail == ""
    near = "No active project has used 80 % to 100 % of its estimate"
    total = "1 project adds up to 1,982 h 53 min 53 s, as its total"
    assert said == {0: [near, "There are no projects."], 1: [near, f"Reconciled: {total}."]}


def test_nothing_was_tracked_in_a_period_that_is_over(demo):
    for period, said in (("2022-03", "was"), ("2026-12", "is")):
        sentence = portfolio(demo, period=period).section("figures").sentence
        assert sentence.startswith(f"Nothing {said} tracked in ")


def test_changes_are_in_words(demo):
    made = portfolio(demo, period="2026-10-05..2026-10-20", sections=["figures"])
    sentence = made.section("figures").sentence
    assert sentence == "1,536 h tracked, 25 % more than from 19 September to 4 October 2026"
    figures = [Figure(name="", value=0, kind="share", change=by) for by in (0.01, -0.01, 0.02)]
    assert [one.change_text for one in figures] == [
        "+1 point",
        "\N{MINUS SIGN}1 point",
        "+2 points",
    ]


def test_time_entries_alone_make_a_document_of_their_time(demo):
    entries = tf.reports.time_entries(demo, period="2026-10").drop(columns="client_id")
    made = portfolio(pd.DataFrame(entries), period="2026-10")
    assert names_of(made) == ["figures", "weeks", "projects", "people", "audit", "about"]


def test_a_client_reads_one_name_for_a_project_in_every_section(demo):
    """Two projects share a name; in October there are hours of the younger alone."""
    older, younger = 187345395, 187345696
    names = ("projects", "clients", "users", "statuses")
    frames = dict(zip(names, demo.fetch(*names), strict=True))
    statuses, entries = frames["statuses"].copy(), tf.reports.time_entries(demo, period="2026-10")
    statuses.loc[statuses["id"] == older, "tracked_time"] *= 2
    source = {**frames, "statuses": statuses, "time_entries": entries}
    made = portfolio(source, period="2026-10", clients=NORTHWIND)
    for name in ("projects", "budgets"):
        rows = made.section(name).frame.set_index("project_id")
        assert rows.loc[younger, "project"] == "Packaging design (2)"
    assert rows.loc[older, "project"] == "Packaging design (1)"
    people = made.section("people").frame["user"]
    assert "Anna Keller" in set(people)  # the other worked in September, which is not shown


def test_a_client_reads_the_same_name_in_a_document_with_fewer_sections(demo):
    (weeks,) = portfolio(demo, period="2026-10", clients=NORTHWIND, sections="weeks").sections
    assert "Packaging design (2)" in {*weeks.charts[0].frame["project"]}


def test_a_client_is_not_shown_what_is_at_risk(demo):
    assert "At risk" not in figures_of(made_of(demo, clients=NORTHWIND))


def test_the_team_reads_one_name_for_a_person_and_a_project_in_every_section(demo):
    made = made_of(demo, period="2026-10")
    names_by_id = {}
    for section in made.sections:
        for entity in ("project", "user"):
            if section.frame is not None and f"{entity}_id" in section.frame:
                rows = zip(section.frame[f"{entity}_id"], section.frame[entity], strict=True)
                for number, name in rows:
                    names_by_id.setdefault((entity, number), set()).add(name)
    assert [names for names in names_by_id.values() if len(names) > 1] == []
    names = {name for (name,) in names_by_id.values()}
    assert {"Packaging design · #187345696", "Anna Keller · #10489706"} <= names
    details = made.section("audit").details
    findings = tf.reports.entry_audit(demo, period="2026-10")
    for check, rows in findings.groupby("check"):
        about = details.loc[details["check"] == check, "About"]
        assert len(about) == rows["user_id"].nunique() == about.nunique(), check
        assert {*about} <= names


def test_the_audit_tells_apart_whom_it_is_about(demo):
    names = ("projects", "clients", "users", "statuses", "project_users", "project_groups", "tasks")
    frames = {name: frame.copy() for name, frame in zip(names, demo.fetch(*names), strict=True)}
    frames["projects"]["name"], frames["users"]["fullname"] = "Web shop", "Anna Keller"
    frames["tasks"]["name"] = "Design"
    audit = tf.reports.project_audit(frames)
    of_projects = audit[audit["check"] == "repeated-name"]
    assert of_projects["label"].nunique() == len(of_projects) == len(frames["projects"])
    of_tasks = audit[audit["entity"] == "task"]
    assert of_tasks["label"].nunique() == of_tasks["id"].nunique() > 1
    of_members = audit[audit["check"] == "rate-without-currency"]
    users_by_membership = frames["project_users"].set_index("id")["user_id"]
    assert {f"Anna Keller · #{users_by_membership[one]}" for one in of_members["id"]} == {
        *of_members["label"]
    }


def test_a_client_sees_rows_without_any_user():
    unknown = pd.DataFrame(
        {"user_id": pd.Series([None], dtype="Int64"), "user": pd.Series([None], dtype="str")}
    )
    names = document_sections._names_for_client([unknown])
    assert document_sections._for_client(unknown, names)["user"].tolist() == ["(no user)"]
