"""The page in a real browser: `make browser`. Without Selenium, axe-core or Chromium it is skipped.

The page is opened as a file, as who gets it opens it.
"""

import base64
import importlib.util
import json
import re
import shutil
from functools import partial
from pathlib import Path

import pytest
from joins_data import frame

import togglframe as tf
from togglframe.errors import CompletenessWarning
from togglframe.text.palette import DARK, LIGHT

webdriver = pytest.importorskip("selenium.webdriver", reason="Selenium is not installed")
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
AXE = importlib.util.find_spec("axe_playwright_python")

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None or DRIVER is None, reason="there is no Chromium"),
    pytest.mark.skipif(AXE is None, reason="axe-core is not installed"),
]

FLAGS = """
    --headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars
    --disable-background-networking --disable-component-update --disable-sync
"""
DAYS = {"period": "2026-10"}
WIDTHS = (390, 768, 1440, 2560)
HOSTILE = [
    "<script>window.hit = 1</script>",
    '"><img src=x onerror="window.hit = 2">',
    '" onload="window.hit = 3',
    "</style><script>window.hit = 4</script>",
    "</svg></title><svg onload='window.hit = 5'>",
    "javascript:window.hit=6",
    "\u202eright to left",
    "A name that goes on and on, " * 40,
    "Wordwithoutanybreakinit" * 20,
]
WATCH = """
    window.violations = [];
    const note = (event) => violations.push(event.violatedDirective);
    document.addEventListener("securitypolicyviolation", note);
"""


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS.split(), f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
    driver.set_script_timeout(120)
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "demo.html"
    with tf.demo(today="2026-11-26") as ws:
        return tf.export.to_html(ws, path, **DAYS)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Write a page with all parts and few rows, since axe-core looks at every cell for long."""
    path = tmp_path_factory.mktemp("page") / "small.html"
    with tf.demo(scale=6, today="2026-11-26") as ws:
        return tf.export.to_html(ws, path, rates=True, **DAYS)


def page_of(names, path):
    """Write the page of projects that all are over their estimates, the last one most."""
    rows = [{"id": at, "name": name, "active": True} for at, name in enumerate(names, 1)]
    times = [
        {"id": at, "tracked_time": 7200 + at, "estimated_time": 3600}
        for at in range(1, len(names) + 1)
    ]
    source = {
        "projects": frame(tf.tables.PROJECTS, *rows),
        "statuses": frame(tf.tables.PROJECT_STATUSES, *times),
    }
    with pytest.warns(CompletenessWarning):
        return tf.export.to_html(source, path)


@pytest.fixture
def show(chromium):
    """Open a page: in a width, light or dark; what was logged before is forgotten."""

    def opened(path, *, width=1440, scheme="light", has_scripts=True):
        for log in ("browser", "performance"):
            chromium.get_log(log)
        command = chromium.execute_cdp_cmd
        command("Emulation.setScriptExecutionDisabled", {"value": not has_scripts})
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        command("Emulation.setEmulatedMedia", {"media": "", "features": features})
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        command("Emulation.setDeviceMetricsOverride", size)
        chromium.get(path.as_uri())
        return chromium

    return opened


def asked(driver):
    """Return what the browser asked for; not inline data, nor what the policy refused."""
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    refused = {
        message["params"]["requestId"]
        for message in messages
        if message["method"] == "Network.loadingFailed"
        and message["params"].get("blockedReason") == "csp"
    }
    sent = (m["params"] for m in messages if m["method"] == "Network.requestWillBeSent")
    urls = {one["request"]["url"] for one in sent if one["requestId"] not in refused}
    return {url.partition("#")[0] for url in urls} - {"data:,"}


def table_of(driver, name):
    return driver.find_element(By.CSS_SELECTOR, f"#{name} table")


def rows_of(driver, name, column=1):
    """Return the cells of a column in the rows that are shown."""
    script = """
        return [...arguments[0].tBodies[0].rows].filter((row) => row.offsetParent)
            .map((row) => row.cells[arguments[1] - 1].textContent);
    """
    return driver.execute_script(script, table_of(driver, name), column)


def totals_of(driver, name):
    """Return the cells of the last line below a table."""
    line = table_of(driver, name).find_elements(By.CSS_SELECTOR, "tfoot tr")[-1]
    return [cell.text for cell in line.find_elements(By.CSS_SELECTOR, "th, td")]


def tools_of(driver, name):
    return table_of(driver, name).find_element(By.XPATH, "../preceding-sibling::div[1]")


def head_of(driver, name, heading):
    heads = table_of(driver, name).find_elements(By.CSS_SELECTOR, "thead th")
    return next((at, head) for at, head in enumerate(heads, 1) if head.text.startswith(heading))


def numbers(cells):
    plain = (cell.replace(",", "").replace("\N{MINUS SIGN}", "-") for cell in cells)
    return [float(text) for text in plain if text[-1].isdigit()]


def test_nothing_leaves_the_page_and_nothing_goes_wrong(show, demo):
    driver = show(demo)
    assert asked(driver) == {demo.as_uri()}
    assert driver.get_log("browser") == []
    assert driver.execute_script("return violations") == []


def test_the_policy_lets_no_other_script_style_or_request_through(show, demo):
    driver = show(demo)
    driver.execute_script("""
        const given = "<b style='color:red' onclick='window.hit = 1'>x</b>";
        document.body.insertAdjacentHTML("beforeend", given);
        document.querySelector("b").click();
        document.body.append(document.createElement("script"));
        document.body.lastChild.textContent = "window.hit = 2";
        new Image().src = "https://example.org/x.png";
    """)
    done = driver.execute_async_script("""
        const done = arguments[arguments.length - 1];
        fetch("https://example.org").then(() => done("sent"), () => done("refused"));
    """)
    assert done == "refused"
    assert driver.execute_script("return window.hit") is None
    refused = {*driver.execute_script("return violations")}
    assert {"style-src-attr", "script-src-attr", "img-src", "connect-src"} <= refused
    assert asked(driver) == {demo.as_uri()}


@pytest.mark.parametrize("way", ["mouse", "keyboard"])
def test_a_table_sorts(show, demo, way):
    driver = show(demo)
    at, head = head_of(driver, "budgets", "Tracked")
    press = partial(_press, driver, head.find_element(By.TAG_NAME, "button"), way)
    before = rows_of(driver, "budgets", at)
    press()
    assert head.get_attribute("aria-sort") == "descending"
    falling = rows_of(driver, "budgets", at)
    assert numbers(falling) == sorted(numbers(before), reverse=True) != numbers(before)
    assert falling[-1] == "\N{EN DASH}"  # what is not known comes last, whatever the direction
    press()
    assert head.get_attribute("aria-sort") == "ascending"
    rising = rows_of(driver, "budgets", at)
    assert numbers(rising) == sorted(numbers(before))
    assert rising[-1] == "\N{EN DASH}"
    status = tools_of(driver, "budgets").find_element(By.CSS_SELECTOR, "[role=status]")
    assert status.text == "sorted by Tracked [h], ascending"


def _press(driver, button, way):
    if way == "mouse":
        driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
        button.click()
    else:
        button.send_keys(Keys.ENTER)


def test_states_sort_by_how_bad_they_are_and_names_by_letters(show, demo):
    driver = show(demo)
    for heading in ("Budget state", "Project"):
        at, head = head_of(driver, "budgets", heading)
        _press(driver, head.find_element(By.TAG_NAME, "button"), "keyboard")
        cells = rows_of(driver, "budgets", at)
        if heading == "Project":
            assert cells.index("Accessibility audit") < cells.index("Volunteer app")
        else:
            order = [state.replace("_", " ") for state in tf.tables.BUDGET_STATES]
            assert cells == sorted(cells, key=order.index)


def test_a_table_filters_by_keyboard_and_says_how_many_rows_are_left(show, demo):
    driver = show(demo)
    tools, whole = tools_of(driver, "budgets"), len(rows_of(driver, "budgets"))
    field = tools.find_element(By.TAG_NAME, "input")
    assert field.accessible_name.startswith("Filter Since the projects began")
    field.send_keys("VOLUNTEER")
    assert rows_of(driver, "budgets") == ["Volunteer app"]
    status = tools.find_element(By.CSS_SELECTOR, "[role=status]")
    assert status.text == f"1 of {whole} rows with \u201cvolunteer\u201d"
    field.send_keys(" xyz")
    assert status.text == f"0 of {whole} rows with \u201cvolunteer xyz\u201d"
    field.send_keys(Keys.CONTROL, "a", Keys.NULL, Keys.BACKSPACE)
    assert len(rows_of(driver, "budgets")) == whole


def test_totals_follow_the_filter(show, demo):
    driver = show(demo)
    whole = totals_of(driver, "projects")
    field = tools_of(driver, "projects").find_element(By.TAG_NAME, "input")
    field.send_keys("northwind")
    at, _ = head_of(driver, "projects", "Tracked")
    hours = rows_of(driver, "projects", at)
    assert len(hours) == 5
    filtered = totals_of(driver, "projects")
    assert float(filtered[at - 1]) == pytest.approx(sum(numbers(hours)))
    share, _ = head_of(driver, "projects", "Billable share")
    assert filtered[share - 1] == "100 %" != whole[share - 1]
    field.send_keys(Keys.CONTROL, "a", Keys.NULL, Keys.BACKSPACE)
    assert totals_of(driver, "projects") == whole


def test_the_heads_of_a_table_stay_in_sight(show, demo):
    driver = show(demo)
    top = driver.execute_script("""
        document.querySelector("#budgets tbody tr:nth-child(30)").scrollIntoView();
        return document.querySelector("#budgets thead th").getBoundingClientRect().top;
    """)
    assert top == 0


def test_without_scripts_the_tables_stand_there_whole(show, demo):
    driver = show(demo, has_scripts=False)
    try:
        found = driver.find_elements(By.CSS_SELECTOR, "button, .tools:not([hidden])")
        assert found == []
        table = table_of(driver, "budgets")
        assert len(table.find_elements(By.CSS_SELECTOR, "tbody tr")) > 50
    finally:
        show(demo)


@pytest.mark.parametrize(("scheme", "palette"), [("light", LIGHT), ("dark", DARK)])
def test_ground_and_pictures_follow_the_scheme(show, demo, scheme, palette):
    driver = show(demo, scheme=scheme)
    colours = driver.execute_script("""
        const of = (selector, name) => getComputedStyle(document.querySelector(selector))[name];
        return [of("html", "backgroundColor"), of(".wide svg path", "fill")];
    """)
    surface = palette.surface
    red, green, blue = (int(surface[at : at + 2], 16) for at in (1, 3, 5))
    assert colours == [f"rgb({red}, {green}, {blue})"] * 2


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_never_scrolls_sideways(show, demo, tmp_path, width):
    for path in (
        demo,
        page_of(HOSTILE, tmp_path / "hostile.html"),
        page_of([], tmp_path / "0.html"),
    ):
        driver = show(path, width=width)
        inner, whole = driver.execute_script(
            "return [innerWidth, document.documentElement.scrollWidth]"
        )
        assert inner == width
        assert whole <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing(show, small, width, scheme):
    driver = show(small, width=width, scheme=scheme)
    axe = Path(AXE.origin).with_name("axe.min.js").read_text(encoding="utf-8")
    driver.execute_script(axe)
    found = driver.execute_async_script("axe.run().then(arguments[arguments.length - 1])")
    assert len(found["passes"]) > 20
    assert [(v["id"], v["nodes"][0]["html"]) for v in found["violations"]] == []


def test_a_table_that_scrolls_keeps_its_heads_and_its_total_in_sight(show, demo):
    driver = show(demo, width=390)
    seen = driver.execute_script("""
        const box = (selector) => document.querySelector(`#projects ${selector}`)
            .getBoundingClientRect();
        const scroll = document.querySelector("#projects .scroll");
        scroll.scrollTop = 300;
        scroll.scrollIntoView();
        return [box("thead th").top - box(".scroll").top,
            box(".scroll").bottom - box("tfoot tr:last-child th").bottom,
            scroll.scrollHeight - scroll.clientHeight];
    """)
    assert seen[:2] == pytest.approx([0, 0], abs=1)
    assert seen[2] > 500


def test_on_paper_budgets_stand_upright_without_the_amounts_that_they_name(show, tmp_path):
    with tf.demo(today="2026-11-26") as ws:
        driver = show(tf.export.to_html(ws, tmp_path / "budgets.html"))
    printed = driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    pdf = base64.b64decode(printed["data"])
    boxes = {*re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)}
    assert {(round(float(w)), round(float(h))) for w, h in boxes} == {(595, 842)}
    note = driver.find_element(By.CSS_SELECTOR, "#clients .on-paper")
    assert not note.is_displayed()
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": []})
    heads = table_of(driver, "clients").find_elements(By.CSS_SELECTOR, "thead th")
    left_out = [head.get_attribute("textContent") for head in heads if not head.is_displayed()]
    assert left_out == ["Amount [JPY]", "Amount [no currency]"]
    assert note.text == f"Not printed: {', '.join(left_out)}"


def test_on_paper_it_is_a4_and_without_what_is_for_the_screen(show, demo):
    driver = show(demo, scheme="dark")
    printed = driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    pdf = base64.b64decode(printed["data"])
    boxes = {*re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)}
    assert {(round(float(w)), round(float(h))) for w, h in boxes} == {(595, 842)}
    assert len(re.findall(rb"/Type /Page\b", pdf)) <= 12
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": []})
    shown = driver.execute_script("""
        const isShown = (element) => element.getClientRects().length > 0;
        return [...document.querySelectorAll("nav, .tools, .narrow, .wide")]
            .filter(isShown).map((element) => element.className);
    """)
    assert {*shown} == {"wide"}


def test_names_do_nothing_but_stand_there(show, tmp_path):
    path = page_of(HOSTILE, tmp_path / "hostile.html")
    driver = show(path)
    assert driver.execute_script("return window.hit") is None
    assert asked(driver) == {path.as_uri()}
    assert driver.get_log("browser") == []
    shown = rows_of(driver, "budgets")
    assert {*HOSTILE[:6], HOSTILE[6].removeprefix("\u202e")} <= {*shown}
    assert max(map(len, shown)) == 200


def test_twenty_thousand_projects_make_a_page_that_a_person_can_read(show, tmp_path):
    path = page_of([f"Project {at}" for at in range(20_000)], tmp_path / "page.html")
    assert path.stat().st_size < 1_500_000
    driver = show(path)
    assert rows_of(driver, "budgets")[0] == "Project 19999"
    lines = table_of(driver, "budgets").find_elements(By.CSS_SELECTOR, "tfoot tr")
    assert lines[0].text.startswith("and 19,800 others")
