"use strict";
(() => {
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const LEAST_TO_FILTER = 10;
  const isKnown = (cell) => !cell.classList.contains("na");

  function compare(one, other, isNumber) {
    if (isNumber) return Number(one.dataset.v) - Number(other.dataset.v);
    return collator.compare(one.textContent, other.textContent);
  }

  function sort(table, at, isDown) {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const known = rows.filter((row) => isKnown(row.cells[at]));
    const isNumber = known.every((row) => row.cells[at].dataset.v !== undefined);
    known.sort((a, b) => compare(a.cells[at], b.cells[at], isNumber) * (isDown ? -1 : 1));
    body.append(...known, ...rows.filter((row) => !isKnown(row.cells[at])));
  }

  function filter(table, words) {
    let shown = 0;
    for (const row of table.tBodies[0].rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    return shown;
  }

  for (const table of document.querySelectorAll("table.data")) {
    const tools = table.parentElement.previousElementSibling;
    const status = tools.querySelector("[role=status]");
    const total = table.tBodies[0].rows.length;
    if (total < 2) continue;
    tools.hidden = false;
    const input = tools.querySelector("input");
    input.parentElement.hidden = total < LEAST_TO_FILTER;
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      status.textContent = `${filter(table, words)} of ${total} rows shown`;
    });
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, at) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const before = head.getAttribute("aria-sort");
        const isNumber = head.classList.contains("n");
        const isDown = before ? before === "ascending" : isNumber;
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", isDown ? "descending" : "ascending");
        sort(table, at, isDown);
        status.textContent = `Sorted by ${button.textContent}, ${isDown ? "descending" : "ascending"}`;
      });
    });
  }
})();
