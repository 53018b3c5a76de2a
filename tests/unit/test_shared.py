"""Shared reports and the vendor's files: complete, written whole, and their tokens a secret."""

import json
import logging
import traceback

import pandas as pd
import pytest
from servers import http, raw_server

import togglframe as tf
from togglframe import (
    CompletenessWarning,
    ConfigError,
    SemanticsWarning,
    TogglframeError,
    Workspace,
)
from togglframe.api.downloads import FILES
from togglframe.errors import AccessError, ConnectionFailedError, PremiumFeatureError, SchemaError
from togglframe.http.client import client_of

REPORT = "s3cr3t of a report"  # as it stands in an address: s3cr3t%20of%20a%20report
RANGE = {"start_date": "2026-03-01", "end_date": "2026-03-31"}


def entry(number, start):
    told = {"id": number, "seconds": 60, "start": start, "stop": start, "at": start}
    return {"user_id": 5, "project_id": 7, "tag_ids": [3], "time_entries": [told]}


def detailed(*rows, seconds):
    return {
        "report_name": "March",
        "report_type": "detailed",
        "input_params": RANGE,
        "detailed_results": {"report": list(rows), "totals": {"seconds": seconds}},
        "dictionaries": {
            "users": {"5": {"id": 5, "name": "Ada", "email": "ada@example.org"}},
            "projects": {"7": {"id": 7, "name": "Site", "client_id": 9}},
            "clients": {"9": {"id": 9, "name": "Northwind"}},
            "tags": {"3": {"id": 3, "name": "draft"}},
        },
    }


@pytest.fixture
def ask(serve, tmp_path):
    """Start a server that gives these answers one after another, and return a workspace of it."""

    def start(*answers, **settings):
        left = list(answers)
        server = serve(lambda _: left.pop(0) if len(left) > 1 else left[0])
        settings = {"cache": tmp_path / "answers.sqlite", "backoff": 0.001, **settings}
        return Workspace(
            1, token="t" * 32, base_url=server.url, per_second=None, **settings
        ), server

    return start


def answer(data, status=200, **headers):
    return status, headers, json.dumps(data).encode()


def test_a_detailed_report_is_read_to_its_end_and_named_by_its_dictionaries(ask):
    first = detailed(
        entry(1, "2026-03-02T10:00:00Z"), entry(2, "2026-03-03T10:00:00Z"), seconds=180
    )
    second = detailed(
        entry(2, "2026-03-03T10:00:00Z"), entry(3, "2026-03-04T10:00:00Z"), seconds=180
    )
    ws, server = ask(answer(first, **{"X-Next-Timestamp": "1772532000"}), answer(second))
    frame = tf.api.shared(ws, REPORT, **RANGE)
    assert frame["id"].tolist() == [1, 2, 3]
    assert frame.loc[0, ["user", "email", "project", "client"]].tolist() == [
        *("Ada", "ada@example.org", "Site", "Northwind")
    ]
    assert frame["tags"].tolist() == [["draft"]] * 3
    known = frame.attrs["togglframe"]
    assert (known["report_name"], known["report_type"]) == ("March", "detailed")
    assert (known["start_date"], known["end_date"]) == ("2026-03-01", "2026-03-31")
    assert known["table"] == "time_entries"
    whole = "/api/shared/s3cr3t%20of%20a%20report?start_date=2026-03-01&end_date=2026-03-31"
    assert [path for path, _ in server.seen] == [whole, f"{whole}&first_timestamp=1772532000"]
    assert ws.usage.requests == 2


def test_rows_that_do_not_add_up_to_the_totals_are_warned_of(ask):
    ws, _ = ask(answer(detailed(entry(1, "2026-03-02T10:00:00Z"), seconds=180)))
    with pytest.warns(CompletenessWarning, match="the rows sum to 60 s, but the report says 180 s"):
        frame = tf.api.shared(ws, REPORT)
    assert frame.attrs["togglframe"]["doubts"]


def test_a_summary_and_a_weekly_report_are_frames_of_their_kind(ask):
    groups = {"groups": [{"id": 7, "sub_groups": [{"id": 5, "seconds": 60}]}]}
    summed = {"summary_results": {"report": groups, "totals": {"seconds": 60}}}
    ws, _ = ask(answer({"report_type": "summary", **summed}))
    assert list(tf.api.shared(ws, REPORT)) == tf.tables.SUMMARY_TIME_ENTRIES.names
    row = {"user_id": 5, "seconds": [60, 0, 0, 0, 0, 0, 0]}
    by_day = {"weekly_results": {"report": [row], "totals": {"seconds": 60}}}
    ws, _ = ask(answer({"report_type": "weekly", "input_params": RANGE, **by_day}))
    assert tf.api.shared(ws, REPORT)["date"].tolist() == [pd.Timestamp(2026, 3, 1)]


@pytest.mark.parametrize("data", [[], None, {}, {"detailed_results": None}, "text"])
def test_what_is_no_report_is_refused(ask, data):
    ws, _ = ask(answer(data))
    with pytest.raises(SchemaError, match=r"^shared"):
        tf.api.shared(ws, REPORT)


def test_an_impossible_argument_is_named_before_any_request(ask, subtests):
    ws, server = ask(answer({}))
    for arguments, error, reason in [
        ({"report_token": 5}, TypeError, "a string, not int"),
        ({"report_token": " "}, ConfigError, "is not a valid token"),
        ({"report_token": ".."}, ConfigError, "is not a valid token"),
        ({"start_date": "2026-03-01"}, ConfigError, "go together"),
        ({"start_date": "2026-03-01", "end_date": "2026-02-01"}, ConfigError, "is after end_date"),
    ]:
        with subtests.test(arguments), pytest.raises(error, match=reason):
            tf.api.shared(ws, **{"report_token": REPORT, **arguments})
    assert server.seen == []


def secrets():
    return [REPORT, "s3cr3t%20of%20a%20report", "s3cr3t"]


FAILURES = {
    "an echo of the address": http(b'"no report s3cr3t%20of%20a%20report"', status="404 Not Found"),
    "no JSON": http(b"<html>s3cr3t of a report</html>", "Content-Type: text/html"),
    "another shape": http(json.dumps([REPORT]).encode(), "Content-Type: application/json"),
    "an echo in a name": http(json.dumps({REPORT: 1}).encode(), "Content-Type: application/json"),
    "an echo in a row": http(
        json.dumps({"detailed_results": {"report": [REPORT]}}).encode(),
        "Content-Type: application/json",
    ),
    "cut off": http(b"[1, 2", "Connection: close")[:-2],
    "a server error": http(b'"s3cr3t of a report"', status="500 Oops"),
    "the plan": http(b'"s3cr3t of a report"', status="402 Payment Required"),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_the_token_of_a_report_is_in_no_error_log_or_file(failure, caplog, tmp_path):
    caplog.set_level(logging.DEBUG)
    with raw_server(failure) as url:
        ws = Workspace(
            1,
            token="t" * 32,
            base_url=url,
            per_second=None,
            cache=tmp_path / "answers.sqlite",
            backoff=0.001,
            max_attempts=2,
        )
        with pytest.raises(TogglframeError) as caught:
            tf.api.shared(ws, REPORT)
        with pytest.raises(TogglframeError) as of_file:
            ws.download(f"shared/{REPORT}/csv", tmp_path / "report.csv")
        ws.close()
    left = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    left += "".join(traceback.format_exception(of_file.value)) + repr(vars(of_file.value))
    left += "".join(record.getMessage() for record in caplog.records) + repr(vars(caught.value))
    for path in tmp_path.iterdir():
        left += path.read_bytes().decode("latin-1")
    shown = [line for line in left.splitlines() if "tf.api.shared(ws" not in line]
    assert not [line for line in shown for secret in secrets() if secret in line]


def test_a_network_that_fails_does_not_tell_the_address():
    settings = {"per_second": None, "cache": None, "max_attempts": 1}
    ws = Workspace(1, token="t" * 32, base_url="http://127.0.0.1:9", **settings)
    with pytest.raises(ConnectionFailedError) as caught:
        tf.api.shared(ws, REPORT)
    told = "".join(traceback.format_exception(caught.value))
    assert not [secret for secret in secrets() if secret in told]


def test_a_report_that_is_not_there_says_so(ask):
    ws, _ = ask(answer("Invalid token", status=403))
    with pytest.raises(AccessError, match="HTTP 403 on shared/report: Invalid token"):
        tf.api.shared(ws, REPORT)


# ---------------------------------------------------------------------------------------------
# Files


@pytest.mark.parametrize("path", FILES)
def test_a_file_of_the_vendor_is_written_as_it_is(path, ask, tmp_path):
    content = {"csv": b"\xef\xbb\xbfa,b\r\n", "xlsx": b"PK\x03\x04", "pdf": b"%PDF-1.7"}[
        path[-4:].strip(".")
    ]
    ws, server = ask((200, {"Content-Type": "application/octet-stream"}, content))
    needed = {name: "2026-03-01" for name, one in FILES[path].items() if one.is_required}
    needed |= {"currency": "EUR"} if "currency" in needed else {}
    written = ws.download(path, tmp_path / "file", **needed)
    assert written.read_bytes() == content
    root = "/insights/api/v1" if path.startswith("insights/") else "/api"
    below = path.removeprefix("insights/")
    assert [asked for asked, _ in server.seen] == [f"{root}/workspace/1/{below}"]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("search/time_entries.csv", b""),
        ("search/time_entries.csv", b"\n<!DOCTYPE html><html>"),
        ("search/time_entries.xlsx", b"a,b"),
        ("search/time_entries.pdf", b"PK"),
    ],
)
def test_what_is_no_such_file_is_refused(path, content, ask, tmp_path):
    ws, _ = ask((200, {"Content-Type": "application/octet-stream"}, content))
    with pytest.raises(SchemaError, match="not a file of that kind"):
        ws.download(path, tmp_path / "file", **RANGE)
    assert not (tmp_path / "file").exists()


def test_the_file_of_a_shared_report_is_asked_for_by_its_token(ask, tmp_path):
    ws, server = ask((200, {"Content-Type": "text/csv"}, b"a"))
    ws.download("shared/abc/csv", tmp_path / "file.csv")
    assert [path for path, _ in server.seen] == ["/api/shared/abc/csv"]
    with pytest.raises(TypeError, match="takes no parameters"):
        ws.download("shared/abc/csv", tmp_path / "file.csv", **RANGE)


def test_any_other_path_is_refused_before_any_request(ask, tmp_path, subtests):
    ws, server = ask((200, {}, b""))
    known = "is not a file the vendor makes; choose one of search/time_entr"
    for path in [
        "search/time_entries",
        "search/time_entries.doc",
        "weekly/time_entries.xlsx",
        "../search/time_entries.csv",
        "shared/../csv",
        "shared/a/b/csv",
        "shared/abc/doc",
        "https://example.org/search/time_entries.csv",
        "/shared/s3cr3t/csv",
        "Shared/s3cr3t/csv",
        "https://example.org/reports/api/v3/shared/s3cr3t/csv",
        "",
        None,
    ]:
        with subtests.test(path):
            with pytest.raises(ConfigError, match=known) as caught:
                ws.download(path, tmp_path / "file", **RANGE)
            assert "s3cr3t" not in str(caught.value)
    assert server.seen == []
    assert list(tmp_path.iterdir()) == []


def test_an_impossible_body_is_refused_before_any_request(ask, tmp_path, subtests):
    ws, server = ask((200, {}, b""))
    for arguments, error in [
        ({}, ConfigError),
        ({"start_date": "2026-03-01"}, ConfigError),
        ({**RANGE, "page_size": 5}, TypeError),
        ({**RANGE, "rounding_minutes": 7}, ConfigError),
        ({"start_date": "2026-03-02", "end_date": "2026-03-01"}, ConfigError),
    ]:
        with subtests.test(arguments), pytest.raises(error):
            ws.download("search/time_entries.csv", tmp_path / "file.csv", **arguments)
    assert server.seen == []


def test_where_nothing_can_be_written_is_found_out_before_any_request(ask, tmp_path):
    ws, server = ask((200, {}, b""))
    with pytest.raises(FileNotFoundError):
        ws.download("search/time_entries.csv", tmp_path / "missing" / "file.csv", **RANGE)
    assert server.seen == []


def test_an_old_file_stays_where_the_new_one_does_not_come(ask, tmp_path):
    path = tmp_path / "file.csv"
    path.write_bytes(b"old")
    ws, _ = ask(answer("no", status=403))
    with pytest.raises(AccessError):
        ws.download("search/time_entries.csv", path, **RANGE)
    assert path.read_bytes() == b"old"


def test_a_redirect_to_another_host_is_not_followed(ask, serve, tmp_path):
    elsewhere = serve(lambda _: (200, {"Content-Type": "text/csv"}, b"elsewhere"))
    ws, _ = ask((302, {"Location": elsewhere.url}, b""))
    with pytest.raises(TogglframeError):
        ws.download("search/time_entries.csv", tmp_path / "file.csv", **RANGE)
    assert elsewhere.seen == []


# ---------------------------------------------------------------------------------------------
# A plan that does not take rounding=0


NO = (402, {}, b'"Workspace needs to have this feature enabled"')


def test_exact_time_that_the_plan_refuses_is_asked_for_once(ask, tmp_path):
    ws, server = ask(NO, answer([]), cache=None)
    with pytest.warns(SemanticsWarning, match="does not accept rounding=0"):
        frame = tf.search.time_entries(ws, **RANGE)
    filters = frame.attrs["togglframe"]["filters"]
    assert filters["rounding"] == "as the credential's preferences say"
    with pytest.warns(SemanticsWarning, match="does not accept rounding=0"):
        tf.api.weekly.time_entries(ws, start_date="2026-03-02", end_date="2026-03-15")
    assert len(server.seen) == 2 + 2


def test_a_plan_that_refuses_the_whole_endpoint_says_so(ask):
    ws, server = ask(NO, cache=None)
    with pytest.raises(PremiumFeatureError):
        tf.search.time_entries(ws, **RANGE)
    assert not client_of(ws).learned.rounds
    assert len(server.seen) == 2


def test_rounding_that_was_asked_for_is_not_given_up(ask):
    ws, server = ask(NO, cache=None)
    with pytest.raises(PremiumFeatureError):
        tf.search.time_entries(ws, **RANGE, rounding=1, rounding_minutes=15)
    assert len(server.seen) == 1
