"""What the API sends, read without the library."""

from datetime import date, timedelta

import requests


def raw_entries(agency, start_date, end_date):
    """Go through the time entries of a range, page by page: each line of an answer, each entry."""
    url = f"{agency.base_url}/workspace/{agency.workspace_id}/search/time_entries"
    first, end = date.fromisoformat(start_date), date.fromisoformat(end_date)
    while first <= end:
        last = min(first + timedelta(364), end)
        body = {"start_date": str(first), "end_date": str(last), "page_size": 1000}
        body |= {"rounding": 0, "rounding_minutes": 0, "enrich_response": True}
        row = 1
        while row:
            answer = requests.post(
                url, json={**body, "first_row_number": int(row)}, auth=(agency.token, "api_token")
            )
            answer.raise_for_status()
            for line in answer.json():
                for entry in line["time_entries"]:
                    yield line, entry
            row = answer.headers.get("X-Next-Row-Number")
        first = last + timedelta(1)
