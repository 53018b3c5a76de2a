"""Invoices that may go out: what they say, what they add up to, and what they leave out."""

import datetime as dt
import re
from contextlib import nullcontext
from decimal import Decimal

import openpyxl
import pandas as pd
import pytest
from entries_data import frame_of
from reading_invoices import check_laws, parts_of, read_invoice

from togglframe import reports
from togglframe.errors import CompletenessWarning, ConfigError
from togglframe.export import to_invoice
from togglframe.export.portfolio import portfolio
from togglframe.tables import CLIENTS, PROJECTS
from togglframe.text.formats import decimals_of

OCTOBER = {"period": "2026-10"}
FORMATS = ("xlsx", "html")
WORDS = {
    "seller": "Studio Fischer\nBahnhofstrasse 12\n8001 Zürich",
    "issued": "2026-11-02",
    "due": "2026-12-02",
    "note": "To be paid within 30 days.\n=1+1 <b>",
}


@pytest.fixture(scope="module")
def october(listings):
    """Return the lines that can be invoiced, by the name of their client and currency."""
    lines = reports.invoice_lines(listings, **OCTOBER, by=["project", "task"])
    bad = lines[["client", "hourly_rate", "amount", "currency"]].isna().any(axis=1)
    good = lines[~lines["client_id"].isin(lines.loc[bad, "client_id"]) & lines["client"].notna()]
    return dict(iter(good.groupby(["client", "currency"])))


@pytest.fixture(scope="module")
def clients(october):
    return sorted({int(lines["client_id"].iloc[0]) for lines in october.values()})


@pytest.fixture(scope="module")
def written(listings, clients, tmp_path_factory):
    """Return the files of all clients, of both formats."""
    folder = tmp_path_factory.mktemp("invoices")
    return {
        form: to_invoice(listings, folder, **OCTOBER, clients=clients, format=form, **WORDS)
        for form in FORMATS
    }


@pytest.fixture(scope="module")
def one(october):
    """Return the id and name of a client with one currency and several lines."""
    by_client = pd.Series([client for client, _ in october]).value_counts()
    client, lines = max(
        ((key[0], lines) for key, lines in october.items() if by_client[key[0]] == 1),
        key=lambda found: len(found[1]),
    )
    return int(lines["client_id"].iloc[0]), client


def entry(number, **values):
    """Return a billable entry of an hour on a project of Acme."""
    start = dt.datetime(2026, 10, 5, 9, tzinfo=dt.UTC)
    known = {
        "id": number,
        "user_id": 1,
        "user": "Ann",
        "project_id": 10,
        "billable": True,
        "date": pd.Timestamp("2026-10-05"),
        "tracked_time": dt.timedelta(hours=1),
        "tags": [],
        "tag_ids": [],
        "amount": 100.0,
        "hourly_rate": 100.0,
        "currency": "EUR",
    }
    moments = dict.fromkeys(("start", "stop", "updated_at"), start)
    return {**dict.fromkeys(frame_of([]).columns), **moments, **known, **values}


def frames(*entries, projects=((10, "Site", 1),), names=((1, "Acme"),)):
    listed = {"active": True, "billable": True, "color": None, "currency": "EUR"}
    return {
        "time_entries": frame_of(list(entries)),
        "projects": frame_of(
            [{"id": i, "name": name, "client_id": c, **listed} for i, name, c in projects],
            PROJECTS,
        ),
        "clients": frame_of([{"id": i, "name": name} for i, name in names], CLIENTS),
    }


# --- what it says --------------------------------------------------------------------------------


def test_each_client_and_currency_has_a_file_that_adds_up_to_its_lines(written, october, subtests):
    names = [
        f"2026-10 {client} {currency}".replace('"', " ") for client, currency in sorted(october)
    ]
    for form, files in written.items():
        assert [file.stem for file in files] == [" ".join(name.split()) for name in names]
        for file, (key, lines) in zip(files, sorted(october.items()), strict=True):
            with subtests.test(file.name):
                read = read_invoice(file)
                decimals = decimals_of(key[1])
                check_laws(read, decimals)
                assert file.suffix == f".{form}"
                assert read.currency == key[1]
                assert len(read.lines) == len(lines)
                projects = {name.removesuffix(" (2)") for name in read.subtotals}  # one of two
                assert projects == {*lines["project"]}
                total = Decimal(str(round(lines["amount"].sum(), 2)))
                assert read.total[1] == total.quantize(Decimal(1).scaleb(-decimals))
                hours = sorted(map(float, (line[2] for line in read.lines)))
                assert hours == pytest.approx(sorted(lines["billed_hours"]), abs=0.0050001)


def test_both_formats_say_the_same(written):
    for sheet, page in zip(*written.values(), strict=True):
        one, other = read_invoice(sheet), read_invoice(page)
        assert (one.lines, one.subtotals, one.total) == (other.lines, other.subtotals, other.total)


def test_it_has_parties_number_dates_and_period_in_words(listings, one, tmp_path):
    number = {one[1].upper(): "2026-17"}
    for form in FORMATS:
        path = tmp_path / f"one.{form}"
        asked = {**OCTOBER, **WORDS, "clients": one[0], "number": number}
        assert to_invoice(listings, path, **asked) == [path]
        text = " | ".join(map(str, read_invoice(path).texts))
        for words in ("Invoice 2026-17", "From", "Studio Fischer", "8001 Zürich", "To", one[1]):
            assert words in text
        for words in ("October 2026", "2 November 2026", "2 December 2026", "EUR"):
            assert words in text
        assert "within 30 days" in parts_of(path)
        assert "<b>" not in parts_of(path)


def test_without_words_it_has_the_client_the_period_and_no_more(listings, one, tmp_path):
    (path,) = to_invoice(listings, tmp_path, **OCTOBER, clients=one[0])
    *texts, total = read_invoice(path).texts
    assert texts == ["Invoice", "To", one[1], "Period: October 2026", "Total"]
    assert total.startswith("EUR ")


def test_it_says_how_time_is_rounded(listings, one, tmp_path, subtests):
    least = {"round_each": "day", "minimum_minutes": 30}
    nearest = {"rounding": "nearest", "rounding_minutes": 6, "round_each": "line"}
    for parameters, said in (
        ({"rounding": "up"}, "Each entry is billed rounded up to 15 minutes."),
        (nearest, "Each line is billed rounded to the nearest 6 minutes."),
        (least, "Each day of a line is billed at least 30 minutes."),
        (
            {**least, "rounding": "down"},
            "Each day of a line is billed rounded down to 15 minutes, at least 30 minutes.",
        ),
    ):
        for ending in ("html", "xlsx"):
            with subtests.test(said, ending=ending):
                path = tmp_path / f"invoice.{ending}"
                words = {"clients": one[0], "note": "Thank you"}
                to_invoice(listings, path, **OCTOBER, **words, **parameters)
                text = parts_of(path)
                assert text.index(said) < text.index("Thank you")


def test_a_rounding_to_quarters_needs_no_line_of_rounding(listings, one, tmp_path):
    exact, quarters = tmp_path / "exact.html", tmp_path / "quarters.html"
    asked = {**OCTOBER, "clients": one[0]}
    to_invoice(listings, exact, **asked)
    to_invoice(listings, quarters, **asked, rounding="up", round_each="day", minimum_minutes=30)
    assert read_invoice(exact).rounding
    read = read_invoice(quarters)
    assert not read.rounding
    assert all(line[2] % Decimal("0.25") == 0 for line in read.lines)
    asked |= {"rounding": "up", "round_each": "day", "minimum_minutes": 30}
    lines = reports.invoice_lines(listings, by=["project", "task"], **asked)
    assert read.total[1] == Decimal(str(round(lines["amount"].sum(), 2)))


def test_lines_of_two_rates_are_two_lines_and_one_line_has_its_subtotal(tmp_path):
    source = frames(entry(1), entry(2, hourly_rate=80.0, amount=80.0))
    (path,) = to_invoice(source, tmp_path, **OCTOBER, format="html")
    read = read_invoice(path)
    assert [line[3] for line in read.lines] == [100, 80]
    (path,) = to_invoice(frames(entry(1)), tmp_path, **OCTOBER)
    assert read_invoice(path).subtotals == {"Site": (1, 100)}


def test_what_has_one_name_is_told_apart_without_an_id(tmp_path):
    source = frames(
        entry(1, task_id=5, task="Design"),
        entry(2, task_id=6, task="Design"),
        entry(3, project_id=11, task_id=7, task="Design"),
        projects=((10, "Site", 1), (11, "Site", 1)),
    )
    (path,) = to_invoice(source, tmp_path, **OCTOBER)
    assert [line[:2] for line in read_invoice(path).lines] == [
        ("Site (1)", "Design (1)"),
        ("Site (1)", "Design (2)"),
        ("Site (2)", "Design"),
    ]


def test_a_project_has_the_number_that_it_has_on_a_page_of_the_client(listings, tmp_path):
    chosen = {"period": "2026-10", "clients": "Northwind Coffee Roasters"}
    paths = to_invoice(listings, tmp_path, **chosen)
    invoiced = {line[0] for path in paths for line in read_invoice(path).lines}
    projects = portfolio(listings, **chosen).section("projects").frame["project"]
    assert "Packaging design (2)" in invoiced
    assert invoiced <= {*projects}


def test_people_are_named_only_where_they_are_asked_for(tmp_path):
    source = frames(entry(1, task_id=5, task="Design"), entry(2))
    (path,) = to_invoice(source, tmp_path, **OCTOBER)
    assert "Ann" not in parts_of(path)
    assert [line[1] for line in read_invoice(path).lines] == ["Design", "Time worked"]
    (path,) = to_invoice(source, tmp_path, **OCTOBER, people=True)
    assert [line[1] for line in read_invoice(path).lines] == ["Ann", "Design · Ann"]
    (path,) = to_invoice(source, tmp_path, **OCTOBER, people=True, by="user")
    assert [line[:2] for line in read_invoice(path).lines] == [("", "Ann")]
    assert read_invoice(path).subtotals == {}


def test_amounts_have_the_decimals_of_their_currency(tmp_path):
    ninety = dt.timedelta(minutes=100)
    source = frames(
        entry(1, currency="JPY", hourly_rate=12_345.0, amount=20_575.0, tracked_time=ninety),
        entry(2, currency="KWD", hourly_rate=10.25, amount=17.08, tracked_time=ninety),
    )
    for form in FORMATS:
        jpy, kwd = map(read_invoice, to_invoice(source, tmp_path, **OCTOBER, format=form))
        check_laws(jpy, 0)
        check_laws(kwd, 3)
        assert jpy.lines[0][2:] == (Decimal("1.67"), 12_345, 20_616)
        assert (jpy.rounding, jpy.total[1]) == (-41, 20_575)
        assert kwd.lines[0][2:] == (Decimal("1.67"), Decimal("10.25"), Decimal("17.118"))
        assert (kwd.rounding, kwd.total[1]) == (Decimal("-0.038"), Decimal("17.08"))


def test_the_total_is_larger_and_the_page_is_numbered_and_of_its_paper(listings, one, tmp_path):
    for paper, size in (("A4", 9), ("Letter", 1)):
        path = tmp_path / f"{paper}.xlsx"
        to_invoice(listings, path, **OCTOBER, clients=one[0], paper=paper)
        (sheet,) = openpyxl.load_workbook(path).worksheets
        by_text = {row[0].value: row for row in sheet.iter_rows(max_col=4)}
        size_of_line = by_text["Subtotal"][3].font.sz
        assert by_text["Total EUR"][3].font.sz >= 1.25 * size_of_line
        assert sheet.oddFooter.right.text == "Page &P of &N"
        assert sheet.oddFooter.left.text == f"Invoice · {one[1].replace('&', '&&')}"
        assert sheet.page_setup.paperSize == size
        assert (sheet.page_setup.fitToHeight, sheet.page_setup.orientation) == (0, "portrait")
        assert sheet.print_title_rows
        page = tmp_path / f"{paper}.html"
        to_invoice(listings, page, **OCTOBER, clients=one[0], paper=paper)
        assert f"@page{{size:{paper};" in page.read_text("utf-8")
        assert '"Page " counter(page) " of " counter(pages)' in page.read_text("utf-8")


def test_each_page_names_the_invoice_and_the_client_and_no_name_leaves_its_string(tmp_path):
    buyer = 'Ann "A" </style><b> \\ & Söhne 7'
    for form in FORMATS:
        words = {"number": "2026-17", "buyer": f"{buyer}\nHarbor Street", "format": form}
        (path,) = to_invoice(frames(entry(1)), tmp_path, **OCTOBER, **words)
        if form == "xlsx":
            (sheet,) = openpyxl.load_workbook(path).worksheets
            footer = sheet.oddFooter.left.text.replace("&&", "&")
        else:
            text = path.read_text("utf-8")
            (content,) = re.findall(r'@bottom-left{content:"([^"]*)"', text)
            assert text.count("</style>") == 1
            footer = re.sub(r"\\([0-9a-f]{6})", lambda found: chr(int(found[1], 16)), content)
        assert footer == f"Invoice 2026-17 · {buyer}"


def test_lines_stand_in_the_order_of_letters_without_their_accents(tmp_path):
    people = [entry(n, user_id=n, user=name) for n, name in enumerate(["Wei", "Émile", "Fay"], 1)]
    (path,) = to_invoice(frames(*people), tmp_path, **OCTOBER, people=True, by="user")
    assert [line[1] for line in read_invoice(path).lines] == ["Émile", "Fay", "Wei"]


# --- what it keeps to itself ---------------------------------------------------------------------


def test_no_part_of_a_file_holds_what_is_not_its_clients(written, listings, clients, subtests):
    names = listings.clients.set_index("id")["name"]
    ids = [listings.clients["id"], listings.projects["id"], listings.users["id"]]
    numbers = {str(number) for column in ids for number in column}
    people = {*listings.users["fullname"].dropna()}
    for files in written.values():
        for file in files:
            with subtests.test(file.name):
                text = parts_of(file)
                own = {name for name in names if name in text or name.replace('"', "") in text}
                assert len(own - {n for n in own if any(n != o and n in o for o in own)}) <= 1
                assert not numbers & {*re.findall(r"\d+", text)}
                assert not [name for name in people if name in text]
                for word in ("toggl", "workspace", "xlsxwriter", "pandas", "jinja", "@studio"):
                    assert word not in text.lower().replace("workspace)", "")


def test_the_same_source_makes_the_same_file(listings, one, tmp_path):
    for form in FORMATS:
        files = [tmp_path / f"{n}.{form}" for n in (1, 2)]
        for file in files:
            to_invoice(listings, file, **OCTOBER, clients=one[0])
        assert files[0].read_bytes() == files[1].read_bytes()


# --- the names of files --------------------------------------------------------------------------


def test_names_are_cleaned_and_two_clients_of_one_name_told_apart(tmp_path):
    names = ('A/B: "C"?', "acme.", "ACME", "???", "é" * 300, "CON\u202e", "Acme")
    projects = tuple((10 + i, f"P{i}", 1 + i) for i in range(len(names)))
    entries = [entry(i, project_id=10 + i) for i in range(len(names))]
    source = frames(*entries, projects=projects, names=tuple(enumerate(names, 1)))
    files = to_invoice(source, tmp_path, period="2026-W41")
    assert {file.stem for file in files} == {
        "2026-W41 A B C EUR",
        "2026-W41 acme. EUR",
        "2026-W41 ACME 3 EUR",
        "2026-W41 Acme 7 EUR",
        "2026-W41 4 EUR",
        f"2026-W41 {'é' * 75} EUR",
        "2026-W41 CON EUR",
    }


def test_the_period_is_in_the_name_and_in_words(tmp_path, subtests):
    for asked, code, words in (
        ({"period": "2026-10-05"}, "2026-10-05", "5 October 2026"),
        ({"period": "2026-Q4"}, "2026-Q4", "October to December 2026"),
        ({"period": "2026"}, "2026", "2026"),
        ({"period": "2026-W41"}, "2026-W41", "5 to 11 October 2026"),
        ({"period": "2026-09..2026-10"}, "2026-09 to 2026-10", "September to October 2026"),
        (
            {"start_date": "2025-12-15", "end_date": "2026-10-14"},
            "2025-12-15 to 2026-10-14",
            "15 December 2025 to 14 October 2026",
        ),
    ):
        with subtests.test(code):
            begun = pytest.warns(CompletenessWarning) if code[4:] in ("", "-Q4") else nullcontext()
            with begun:
                (path,) = to_invoice(frames(entry(1)), tmp_path, **asked)
            assert path.name == f"{code} Acme EUR.xlsx"
            assert f"Period: {words}" in read_invoice(path).texts


# --- what is refused -----------------------------------------------------------------------------


def test_what_is_not_known_is_listed_before_any_file_is_written(listings, tmp_path):
    lines = reports.invoice_lines(listings, **OCTOBER, by=["project", "task"])
    bad = lines[["client", "hourly_rate", "amount", "currency"]].isna().any(axis=1)
    with pytest.raises(ConfigError, match="cannot be invoiced") as refused:
        to_invoice(listings, tmp_path, **OCTOBER)
    said = str(refused.value)
    assert said.count("\n- ") == bad.sum()
    assert all(str(project) in said for project in lines.loc[bad, "project"].dropna())
    assert list(tmp_path.iterdir()) == []


def test_time_without_a_client_and_a_client_without_a_name_are_not_left_out(tmp_path):
    source = frames(entry(1, project_id=None), entry(2, project="Site"), names=())
    with pytest.raises(ConfigError) as refused:
        to_invoice(source, tmp_path, **OCTOBER)
    assert "- Client 1 (not listed), Site, 1.00 h: no known client\n" in str(refused.value)
    assert "- (no client), 1.00 h: no known client\n" in str(refused.value)


def test_a_file_is_of_one_client_and_currency(listings, clients, tmp_path):
    path = tmp_path / "all.xlsx"
    with pytest.raises(ConfigError, match="Northwind Coffee Roasters in EUR; ") as refused:
        to_invoice(listings, path, **OCTOBER, clients=clients)
    assert "pass a folder" in str(refused.value)
    with pytest.raises(ConfigError, match="billable in 2019 is nothing"):
        to_invoice(listings, path, period="2019")
    assert to_invoice(listings, tmp_path, period="2019") == []
    assert list(tmp_path.iterdir()) == []


def test_texts_of_several_clients_are_a_mapping(tmp_path, subtests):
    source = frames(
        entry(1),
        entry(2, project_id=11),
        projects=((10, "A", 1), (11, "B", 2)),
        names=((1, "Acme"), (2, "Bolt")),
    )
    numbers = pd.Series({"acme ": "17", 2: "18"})
    files = to_invoice(source, tmp_path, **OCTOBER, number=numbers)
    assert [read_invoice(file).texts[0] for file in files] == ["Invoice 17", "Invoice 18"]
    for given, words in (
        ("17", "number is one text for several clients: pass a mapping by client, of Acme, Bolt"),
        ({"Acme": "17"}, "number has no text for Bolt (2) in EUR"),
        ({"Acme": "17", 2: {"USD": "18"}}, "number has no text for Bolt (2) in EUR"),
        ({"Acme": "17", 1: "18", 2: ""}, "number has two keys for one"),
        ({"Acne": "17", 1: "18", 2: ""}, "number: there is no client 'Acne'; did you mean Acme"),
    ):
        with subtests.test(words), pytest.raises(ConfigError, match=re.escape(words)):
            to_invoice(source, tmp_path, **OCTOBER, number=given)


def test_what_is_impossible_is_refused_before_any_request(ws, sandbox, tmp_path, subtests):
    for given, error, words in (
        ({"by": ["project", "user"]}, ConfigError, "pass people=True"),
        ({"by": "weather"}, ConfigError, "to_invoice groups by"),
        ({"paper": "A5"}, ConfigError, "paper must be one of A4, Letter, not 'A5'"),
        ({"format": "pdf"}, ConfigError, "format must be 'xlsx' or 'html'"),
        ({"period": None}, ConfigError, "needs days to invoice"),
        ({"issued": "2026-12-02", "due": "2026-12-01"}, ConfigError, "due 2026-12-01 is before"),
        ({"issued": "2.12.2026"}, ConfigError, "issued must be a day written YYYY-MM-DD"),
        ({"seller": 5}, TypeError, "seller must be a string"),
        ({"number": 17}, TypeError, "number must be a string, or a mapping by client"),
        ({"path": tmp_path / "none"}, FileNotFoundError, "make it first"),
        ({"path": tmp_path / "x.xlsx", "format": "html"}, ConfigError, "does not write 'x.xlsx'"),
        ({"path": 5}, TypeError, "path must be a string or a path"),
        ({"rounding_minutes": 15}, ConfigError, "no effect without rounding"),
        ({"client_ids": 5}, TypeError, "it is 'clients' now"),
    ):
        with subtests.test(words), pytest.raises(error, match=re.escape(words)):
            to_invoice(ws, **{"path": tmp_path, **OCTOBER, **given})
    assert sandbox.requests == []
    assert list(tmp_path.iterdir()) == []


def test_a_period_that_has_begun_warns(listings, one, tmp_path):
    with pytest.warns(CompletenessWarning, match="not over"):
        to_invoice(listings, tmp_path, period="this-month", clients=one[0])
