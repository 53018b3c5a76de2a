"""The public interface, written down once more: names, signatures, and what a docstring holds."""

import importlib
import inspect
import re
import typing

import pytest
from endpoints import CASES

import togglframe
from togglframe import Workspace
from togglframe._renamed import NAMES

# The parameters of endpoints are declared, and compared with the vendor's; here are their names.
API = {
    "togglframe.api": "comparative data_trends filters insights profitability projects search "
    "shared summary weekly",
    "togglframe.api.data_trends": "clients projects users",
    "togglframe.api.filters": "clients project_groups project_statuses project_users projects "
    "task_statuses tasks users",
    "togglframe.api.insights": "project_trends",
    "togglframe.api.profitability": "projects trend",
    "togglframe.api.projects": "summary totals",
    "togglframe.api.search": "clients projects tasks time_entries time_entry_totals users",
    "togglframe.api.summary": "time_entries",
    "togglframe.api.weekly": "time_entries",
}
PUBLIC = {
    "togglframe.diagnosis": "doctor",
    "togglframe.reports": "Listings Plan across balance burn client_budget compare earnings "
    "entry_audit estimate_bias estimate_reconciliation forecast hours invoice_lines plan "
    "profitability project_audit project_budget project_members rate_card retainer task_accuracy "
    "time_entries timesheet user_hours utilisation workload workspace_budget",
    "togglframe.charts": "alt_text amount_by_client balance_lines billable_split budget_bullet "
    "burn_up comparison earnings_by_month estimate_accuracy hours_by_week hours_heatmap "
    "rate_dumbbell retainer_bars save snapshot_changes theme timesheet_strip "
    "utilisation_bars variance_bars variance_waterfall",
    "togglframe.export": "to_csv to_excel to_html to_invoice to_parquet to_slide",
    "togglframe.export.pivoting": "PIVOT TOTAL pivot",
    "togglframe.export.style": "style",
    "togglframe.errors": "AccessError ApiError AuthenticationError BadRequestError "
    "CompletenessWarning ConfigError ConnectionFailedError GoneError PremiumFeatureError "
    "QuotaExceededError RateLimitError SchemaError SemanticsWarning ServerError StaleDataWarning "
    "TogglframeError TogglframeWarning",
}
WORKSPACE = {
    "workspace_id": None,
    "token": None,
    "email": None,
    "password": None,
    "base_url": None,
    "cache": "disk",
    "expire_after": 3600,
    "timeout": 30,
    "max_attempts": 5,
    "backoff": 1.0,
    "max_wait": 60,
    "per_second": 1.0,
    "on_quota": "stale",
    "progress": None,
    "today": None,
}
FILTERS = "clients projects users"
RANGE = "source * start_date end_date period"
REPORTS = {
    "project_audit": "source * clients projects",
    "balance": "source schedule * start_date end_date period every holidays absences "
    "opening_hours users",
    "burn": f"{RANGE} every {FILTERS}",
    "earnings": f"{RANGE} by every {FILTERS}",
    "entry_audit": f"{RANGE} max_entry_hours max_day_hours workdays_only holidays {FILTERS}",
    "forecast": f"source * as_of weeks confidence seed deadlines {FILTERS}",
    "hours": f"{RANGE} by every {FILTERS}",
    "invoice_lines": f"{RANGE} by rounding rounding_minutes round_each minimum_minutes {FILTERS}",
    "profitability": f"{RANGE} labour_costs cost_currency costs by fixed_fee {FILTERS}",
    "retainer": f"source budgets * start_date end_date period every carry {FILTERS}",
    "time_entries": f"{RANGE} {FILTERS}",
    "timesheet": f"{RANGE} {FILTERS}",
    "user_hours": f"{RANGE} {FILTERS}",
    "utilisation": f"{RANGE} capacity every holidays {FILTERS}",
    "client_budget": "source * clients projects active at_risk by_currency",
    "estimate_bias": f"source * by {FILTERS}",
    "estimate_reconciliation": "source * clients projects",
    "project_budget": "source * period clients projects active at_risk members",
    "project_members": f"source * unique {FILTERS}",
    "rate_card": f"source * {FILTERS}",
    "task_accuracy": f"source * done people {FILTERS}",
    "workload": f"source * {FILTERS}",
    "workspace_budget": "source * clients projects active at_risk by_currency",
}
PASSES_ON = {
    "across",
    "compare",
    "plan",
}  # takes the arguments of the report that it is given, and asks nothing


def _functions(*modules):
    """Return the public functions of modules by their names."""
    return {
        f"{module.__name__.removeprefix('togglframe.')}.{name}": getattr(module, name)
        for module in map(importlib.import_module, modules)
        for name in module.__all__
        if inspect.isfunction(getattr(module, name)) and name not in PASSES_ON
    }


ENDPOINTS = {
    f"{function.__module__.removeprefix('togglframe.')}.{function.__name__}": function
    for function in (*(case.function for case in CASES), togglframe.api.shared)
}
PUT_BEFORE_OTHERS = {"totals": ["project_id"], "shared": ["report_token"]}
EVERYTHING = ENDPOINTS | _functions(*(m for m in PUBLIC if m != "togglframe.errors"))


def test_a_module_has_these_names_and_no_other(subtests):
    for name, members in PUBLIC.items():
        with subtests.test(name):
            module = importlib.import_module(name)
            assert sorted(module.__all__) == sorted(members.split())
            assert all(hasattr(module, member) for member in module.__all__)


def test_the_api_has_at_least_these_names(subtests):
    """One that is added is compared with the vendor's specification, so that it stays too."""
    for name, members in API.items():
        with subtests.test(name):
            assert {*members.split()} <= {*importlib.import_module(name).__all__}


def test_the_package_has_these_names():
    assert " ".join(togglframe.__all__) == (
        "Archive CompletenessWarning ConfigError QuotaExceededError SemanticsWarning "
        "StaleDataWarning TogglframeError TogglframeWarning Workspace __version__ api charts demo "
        "doctor errors export filters pivot reports sandbox search style tables"
    )
    assert set(togglframe.__all__) <= set(dir(togglframe))
    assert all(getattr(togglframe, name) is not None for name in togglframe.__all__)
    assert togglframe.filters is togglframe.api.filters
    assert togglframe.search is togglframe.api.search


def test_a_name_of_0_2_is_answered_with_the_new_one(subtests):
    for old, new in NAMES.items():
        with subtests.test(old):
            module, _, name = old.rpartition(".")
            with pytest.raises(AttributeError, match=re.escape(f"{name!r}; it is {new} now")):
                getattr(importlib.import_module(module), name)
            home, _, name = re.match(r"[\w.]+", new)[0].rpartition(".")
            assert hasattr(importlib.import_module(home), name)


def test_a_workspace_takes_what_the_design_says():
    parameters = inspect.signature(Workspace).parameters
    assert {name: p.default for name, p in parameters.items()} == WORKSPACE
    assert _keyword_only(Workspace) == list(WORKSPACE)[1:]


def test_a_workspace_can_do_what_the_design_says_and_no_more():
    ws = Workspace(1, token="t")
    shown = [name for name in dir(ws) if not name.startswith("_")]
    names = "clear_cache close download id on_quota post refresh today usage"
    assert shown == names.split()
    assert all(inspect.getdoc(getattr(Workspace, name)) for name in shown)


ARCHIVE = {
    "by_workspace": "",
    "changes": "since report * parameters",
    "check": "",
    "close": "period * again",
    "closed_at": "period",
    "connect": "",
    "history": "report * parameters",
    "late": "period",
    "load": "name selection",
    "load_parts": "selection columns",
    "load_sums": "selection sums",
    "snapshot": "ws",
    "status": "",
    "sync": "ws * start_date end_date full",
    "time_entries": "* start_date end_date workspace_ids users projects columns",
    "today": None,
    "verify": "ws",
}


def test_an_archive_can_do_what_the_design_says_and_no_more(tmp_path):
    archive = togglframe.Archive(tmp_path)
    assert [name for name in dir(archive) if not name.startswith("_")] == list(ARCHIVE)
    for name, expected in ARCHIVE.items():
        method = getattr(archive, name)
        if expected is None:
            continue
        parameters = inspect.signature(method).parameters.values()
        free = [p.name for p in parameters if p.kind <= p.POSITIONAL_OR_KEYWORD]
        named = [p.name for p in parameters if p.kind > p.POSITIONAL_OR_KEYWORD]
        assert " ".join([*free, *(["*", *named] if named else [])]) == expected
        assert all(p.annotation is not p.empty for p in parameters)
        assert inspect.getdoc(method)


def test_a_workbook_takes_what_its_guide_says():
    parameters = inspect.signature(togglframe.export.to_excel).parameters
    document = list(inspect.signature(togglframe.export.to_html).parameters)
    assert list(parameters) == [*document, "sheets", "escape_text"]
    assert _keyword_only(togglframe.export.to_excel) == list(parameters)[2:]
    assert (parameters["people"].default, parameters["rates"].default) == (True, False)
    assert parameters["escape_text"].default is False


INVOICE = {
    "period": None,
    "start_date": None,
    "end_date": None,
    "clients": None,
    "projects": None,
    "by": ("project", "task"),
    "rounding": None,
    "rounding_minutes": None,
    "round_each": "entry",
    "minimum_minutes": 0,
    "seller": None,
    "buyer": None,
    "number": None,
    "issued": None,
    "due": None,
    "note": None,
    "format": "xlsx",
    "paper": "A4",
    "people": False,
}


def test_an_invoice_takes_what_the_design_says():
    function = togglframe.export.to_invoice
    parameters = inspect.signature(function).parameters
    assert _positional(function) == ["source", "path"]
    assert {name: parameters[name].default for name in _keyword_only(function)} == INVOICE


def test_an_endpoint_takes_the_workspace_and_then_names_only(subtests):
    for name, function in ENDPOINTS.items():
        with subtests.test(name):
            assert _positional(function) == ["ws", *PUT_BEFORE_OTHERS.get(function.__name__, [])]


def test_every_report_is_written_down():
    functions = {name for name in PUBLIC["togglframe.reports"].split() if name.islower()}
    assert REPORTS.keys() == functions - PASSES_ON


def test_a_report_takes_what_the_design_says(subtests):
    for name, expected in REPORTS.items():
        with subtests.test(name):
            function = getattr(togglframe.reports, name)
            positional, _, keyword_only = expected.partition(" * ")
            assert _positional(function) == positional.split()
            assert _keyword_only(function) == keyword_only.split()


# What charts take that go by the names of reports.
TAKEN = {"burn_up": ["burn", "forecast"], "timesheet_strip": ["entries"]}


def test_a_chart_takes_a_frame_and_then_names_only(subtests):
    no_charts = {"alt_text", "save", "theme"}
    for name in sorted(set(togglframe.charts.__all__) - no_charts):
        with subtests.test(name):
            function = getattr(togglframe.charts, name)
            assert _positional(function) == TAKEN.get(name, ["frame"])
            assert _keyword_only(function)[0] in {"ax", "fig"}
            returned = inspect.signature(function).return_annotation
            assert returned in {"Axes", "Figure", "Axes | Figure"}


def test_everything_is_annotated(subtests):
    for name, function in EVERYTHING.items():
        with subtests.test(name):
            signature = inspect.signature(function)
            assert signature.return_annotation is not inspect.Signature.empty
            assert all(p.annotation is not p.empty for p in signature.parameters.values())
            assert all(p.kind is not p.VAR_KEYWORD for p in signature.parameters.values())


def test_a_docstring_has_every_section_and_every_parameter_in_order(subtests):
    for name, function in EVERYTHING.items():
        with subtests.test(name):
            sections = _sections(function)
            assert sections["Summary"]
            described = re.findall(r"^(\w[\w, ]*) : ", sections["Parameters"], flags=re.MULTILINE)
            assert ", ".join(described).split(", ") == list(inspect.signature(function).parameters)
            assert sections.get("Returns") or sections.get("Yields")
            assert ">>> " in sections["Examples"]


RAISES = ["ApiError", "ConnectionFailedError", "SchemaError", "TypeError", "ValueError"]
WARNS = ["CompletenessWarning", "SemanticsWarning", "StaleDataWarning"]


def test_what_asks_the_api_says_what_it_costs_and_what_it_raises(subtests):
    reports = _functions("togglframe.reports")
    for name, function in (ENDPOINTS | reports).items():
        kind, module = ("report", "reports") if name in reports else ("endpoint", "errors")
        with subtests.test(name):
            sections = _sections(function)
            assert sections["Raises"].startswith(
                f"{', '.join(RAISES)}\n    As every {kind} does, see :mod:`togglframe.{module}`.\n"
            )
            assert re.search("request|listing", sections["Notes"])


def test_an_endpoint_says_what_it_warns_of(subtests):
    for name, function in ENDPOINTS.items():
        with subtests.test(name):
            warns = _sections(function)["Warns"]
            if function is togglframe.api.shared:  # which is not cached, and does not filter
                assert "CompletenessWarning" in warns
                continue
            assert re.findall(r"\w+Warning", warns) == WARNS
            assert "see :mod:`togglframe.errors`" in warns


def test_what_every_endpoint_raises_and_warns_of_is_told_once_where_they_refer_to():
    _, raises, warns = inspect.getdoc(togglframe.errors).split("What every endpoint ")
    assert set(re.findall(r":class:`(\w+)`", raises)) == {*RAISES, "ConfigError"}
    assert re.findall(r":class:`(\w+)`", warns) == WARNS
    assert ":mod:`togglframe.errors`" in inspect.getdoc(togglframe.reports)


def test_an_error_says_what_happened(subtests):
    for name in PUBLIC["togglframe.errors"].split():
        with subtests.test(name):
            kind = getattr(togglframe.errors, name)
            is_warning = name.endswith("Warning")
            base = togglframe.TogglframeWarning if is_warning else togglframe.TogglframeError
            assert issubclass(kind, base)
            assert inspect.getdoc(kind)


def test_annotations_can_be_read_at_run_time():
    assert typing.get_type_hints(togglframe.reports.project_budget)["members"] is bool


def _positional(function):
    parameters = inspect.signature(function).parameters.values()
    return [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]


def _keyword_only(function):
    parameters = inspect.signature(function).parameters.values()
    return [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]


def _sections(function):
    """Return the sections of a numpydoc docstring by their titles."""
    parts = re.split(r"^(\w[\w ]*)\n-+\n", inspect.getdoc(function), flags=re.MULTILINE)
    return {"Summary": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}
