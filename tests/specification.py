"""The vendor's specification, as a server: it checks each body, and answers as it declares.

`vendor_specification.json` is the specification of March 2026 as JSON Schema. It knows no null,
gives some answers as a mere string, the fields of a shared report as prose, and marks no string as
a date: what it leaves out stands here.
"""

import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from jsonschema import Draft202012Validator, ValidationError

from togglframe.tables import TABLES

SPECIFICATION = json.loads(
    Path(__file__).with_name("vendor_specification.json").read_text(encoding="utf-8")
)
DEFINITIONS = SPECIFICATION["definitions"]
PATHS = SPECIFICATION["paths"]


def _ref(name):
    return {"$ref": f"#/definitions/{name}"}


# What the specification calls a string, and which of its definitions comes.
ANSWERS = {
    "search/time_entries": {"type": "array", "items": _ref("detailed.GroupedTimeEntry")},
    "search/time_entries/totals": _ref("totals.ReportData"),
    "summary/time_entries": _ref("summary.ReportData"),
    "weekly/time_entries": {"type": "array", "items": _ref("weekly.DataRow")},
}
# A sub-group, which the specification leaves empty.
DEFINITIONS["summary_SubGroupData-string"] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            **{name: {"type": "integer"} for name in ("id", "seconds")},
            "title": {"type": "string"},
            "rates": {"type": "array", "items": _ref("base.BillableHourlyRate")},
        },
    },
}
# Lists in which the vendor takes [null]: what has none of them.
_MAY_HOLD_NULL = {"client_ids", "project_ids", "task_ids", "tag_ids"}
# What a string is like that is no mere text: a day or a moment, as the column that it becomes says.
_LIKE = {"date": "2026-03-02", "timestamp": "2026-03-02T09:00:00+01:00"}
_STRINGS = {
    **{c.field_name: _LIKE[k] for k in _LIKE for table in TABLES for c in table if c.kind == k},
    "previousStart": "2026-03-02",
    "currency": "EUR",
    "report_type": "detailed",
}
# A string in every answer that was seen, though the specification says object.
_TEXTS = {"integration_provider"}
_A_DAY_EACH = {"seconds", "billable_seconds", "billable_amounts_in_cents"}
_FILES = {
    "csv": ("text/csv", b"User,Duration\r\n"),
    "pdf": ("application/pdf", b"%PDF-1.4"),
    "xlsx": ("application/octet-stream", b"PK\3\4"),
}


def declared(path):
    """Return what the specification says of a path as it was asked for, or None."""
    for known, told in PATHS.items():
        pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(known))
        if re.fullmatch(pattern, path):
            return known, told
    return None


def refusal(path, body):
    """Say what of a body the specification does not declare; None where it declares all."""
    known, told = declared(path)
    schema = dict(_resolved(told["body"]))
    if schema["type"] == "object":
        schema["properties"] = {
            name: _with_null(rule) if name in _MAY_HOLD_NULL else rule
            for name, rule in schema["properties"].items()
        }
        schema["additionalProperties"] = False
    try:
        Draft202012Validator({**schema, "definitions": DEFINITIONS}).validate(body)
    except ValidationError as error:
        return f"{known}: {error.json_path} {error.message}"
    return None


def names(path):
    """Return the names that a path and its body may have."""
    known, told = declared(path)
    body = _resolved(told["body"])
    return {*body.get("properties", ()), *re.findall(r"{(\w+)}", known)} - {"report_token"}


def undeclared(path, names):
    """Return those names that a body of this path may not have."""
    return {*names} - _resolved(declared(path)[1]["body"])["properties"].keys()


def wrong(path, answer):
    """Go through what is wrong with an answer; any value may be null, and fields may be missing."""
    known, told = declared(path)
    schema = ANSWERS.get(known, told["answer"])
    if "items" in schema.get("properties", {}) and isinstance(answer, list):
        answer = {"items": answer}  # as the Utils answer in truth
    validator = Draft202012Validator({**_nullable(schema), "definitions": _nullable(DEFINITIONS)})
    return [f"{known}: {e.json_path} {e.message}" for e in validator.iter_errors(answer)]


def example(path, body):
    """Return an answer with each field that the specification declares, for a week of days."""
    known, told = declared(path)
    resolution = body.get("granularity") or body.get("resolution") or "day"
    periods = 7 if resolution == "day" else 1
    lengths = {"graph": periods, **dict.fromkeys(_A_DAY_EACH, 7)}
    return _example(ANSWERS.get(known, told["answer"]), lengths, {"resolution": resolution})


def _resolved(schema):
    return DEFINITIONS[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def _with_null(rule):
    return {**rule, "items": {"type": [rule["items"]["type"], "null"]}}


def _nullable(schema):
    """Return the schema, where each typed value may be null instead."""
    if isinstance(schema, list):
        return [_nullable(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    made = {
        name: {"type": ["string", "null"]} if name in _TEXTS else _nullable(part)
        for name, part in schema.items()
    }
    return {**made, "type": [made["type"], "null"]} if isinstance(made.get("type"), str) else made


def _example(schema, lengths, strings, name=""):
    schema = {"type": "string"} if name in _TEXTS else _resolved(schema)
    match schema.get("type"):
        case "integer":
            return 7
        case "number":
            return 1.5
        case "boolean":
            return True
        case "string":
            return {**_STRINGS, **strings}.get(name, name)
        case "array":
            return [_example(schema["items"], lengths, strings)] * lengths.get(name, 1)
        case "object":
            fields = schema.get("properties", {"7": schema.get("additionalProperties", {})})
            return {n: _example(part, lengths, strings, n) for n, part in fields.items()}
    return None


class Server(ThreadingHTTPServer):
    """Answers what the specification declares; a body that it does not declare is a 400."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.refusals = []
        self.asked = []

    @property
    def base_url(self):
        return f"http://127.0.0.1:{self.server_port}/reports/api/v3"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        path = re.sub(r"^/reports/api/v3/|^/insights/api/v1/(?=workspace)", "", self.path)
        root = "insights/" if self.path.startswith("/insights") else ""
        path = root + re.sub(r"^workspace/\d+/", "", path)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(path)
        refused = "no such path" if declared(path) is None else refusal(path, body)
        if refused:
            self.server.refusals.append(refused)
        kind = "json" if refused else path[-4:].lstrip("./")
        if kind in _FILES:
            content_type, answer = _FILES[kind]
        else:
            content_type = "application/json"
            answer = json.dumps(refused or example(path, body)).encode()
        self.send_response(400 if refused else 200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def serving():
    """Serve the specification."""
    with Server() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        try:
            yield server
        finally:
            server.shutdown()
