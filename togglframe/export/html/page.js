"use strict";
(() => {
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const isKnown = (cell) => !cell.classList.contains("na");

  function number(cell) {
    if (cell.dataset.v !== undefined) return Number(cell.dataset.v);
    const text = cell.textContent.replace(/[,+*%\u00d7\s]/g, "").replace("\u2212", "-");
    return text.startsWith("<") ? 0 : Number(text);
  }

  function sort(table, at, isNumber, isDown) {
    const rows = [...table.tBodies[0].rows];
    const known = rows.filter((row) => isKnown(row.cells[at]));
    const isOrdered = known.every((row) => row.cells[at].dataset.v !== undefined);
    const compare = (a, b) =>
      isNumber || isOrdered
        ? number(a.cells[at]) - number(b.cells[at])
        : collator.compare(a.cells[at].textContent, b.cells[at].textContent);
    known.sort((a, b) => compare(a, b) * (isDown ? -1 : 1));
    table.tBodies[0].append(...known, ...rows.filter((row) => !isKnown(row.cells[at])));
  }

  function filter(table, words) {
    for (const row of table.tBodies[0].rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
    return [...table.tBodies[0].rows].filter((row) => !row.hidden);
  }

  // What a total is of some rows: a sum, or a ratio of two sums.
  function total(heads, at, rows) {
    const { sum, of } = heads[at].dataset;
    const known = rows.map((row) => row.cells[at]).filter(isKnown);
    if (sum !== undefined) {
      if (!known.length) return "";
      const value = known.reduce((whole, cell) => whole + number(cell), 0);
      const digits = parseInt(sum, 10);
      const text = Math.abs(value).toLocaleString("en", {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      });
      if (!/[1-9]/.test(text)) return text;
      return (value < 0 ? "\u2212" : sum.endsWith("+") ? "+" : "") + text;
    }
    if (of === undefined) return "";
    const [top, bottom] = of.split("/").map(Number);
    const sums = [0, 0];
    for (const row of rows) {
      const cells = [row.cells[top], row.cells[bottom]];
      const values = cells.map((cell) => (isKnown(cell) ? number(cell) : 0));
      if (cells.some((cell, one) => !isKnown(cell) && values[1 - one])) return "";
      values.forEach((value, one) => (sums[one] += value));
    }
    return sums[1] ? `${Math.round((100 * sums[0]) / sums[1]).toLocaleString("en")} %` : "";
  }

  function add(table, heads, rows, isFiltered) {
    const lines = [...(table.tFoot?.rows ?? [])];
    lines.forEach((line, group) => {
      line.hidden = isFiltered && line.classList.contains("more");
      const own = rows.filter((row) => !row.dataset.g || row.dataset.g.split(" ").includes(`${group}`));
      [...line.cells].slice(1).forEach((cell, before) => {
        cell.dataset.whole ??= cell.textContent;
        cell.textContent = isFiltered && cell.dataset.whole ? total(heads, before + 1, own) : cell.dataset.whole;
      });
    });
  }

  for (const table of document.querySelectorAll("table.data")) {
    const tools = table.parentElement.previousElementSibling;
    const status = tools.querySelector("[role=status]");
    if (table.tBodies[0].rows.length < 2) continue;
    const heads = [...table.tHead.rows[0].cells];
    const said = { filtered: "", sorted: "" };
    const say = () => {
      status.textContent = [said.filtered, said.sorted].filter(Boolean).join(" \u00b7 ");
    };
    tools.hidden = false;
    tools.querySelector("input").addEventListener("input", (event) => {
      const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
      const rows = filter(table, words);
      add(table, heads, rows, words.length > 0);
      const asked = `\u201c${words.join(" ")}\u201d`;
      said.filtered = "";
      if (words.length) said.filtered = `${rows.length} of ${table.dataset.rows} with ${asked}`;
      say();
    });
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
        sort(table, at, isNumber, isDown);
        said.sorted = `sorted by ${button.textContent}, ${isDown ? "descending" : "ascending"}`;
        say();
      });
    });
  }
})();
