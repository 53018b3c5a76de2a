"use strict";
(() => {
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const LEAST_TO_FILTER = 10;
  const isKnown = (cell) => !cell.classList.contains("na");

  function compare(one, other, isNumber) {
    if (isNumber) return Number(one.dataset.v) - Number(other.dataset.v);
    return collator.compare(one.textContent, other.textContent);
  }

  function sort(table, at, by, isDown) {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const known = rows.filter((row) => isKnown(row.cells[at]));
    const isNumber = known.every((row) => row.cells[at].dataset.v !== undefined);
    const currency = (row) => (by ? row.cells[by].textContent : "");
    known.sort(
      (a, b) =>
        collator.compare(currency(a), currency(b)) ||
        compare(a.cells[at], b.cells[at], isNumber) * (isDown ? -1 : 1),
    );
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

  const scrolls = [...document.querySelectorAll(".scroll")];
  const shade = (one) =>
    one.classList.toggle("more", one.scrollLeft + one.clientWidth < one.scrollWidth - 1);
  for (const one of scrolls) one.addEventListener("scroll", () => shade(one), { passive: true });
  window.addEventListener("resize", () => scrolls.forEach(shade));
  scrolls.forEach(shade);

  for (const table of document.querySelectorAll("table.data")) {
    const tools = table.parentElement.previousElementSibling;
    const status = tools.querySelector("[role=status]");
    const total = table.tBodies[0].rows.length;
    if (total < 2) continue;
    const of = table.dataset.of ?? `${total.toLocaleString("en")} rows`;
    const said = { filtered: "", sorted: "" };
    const say = () => {
      status.textContent = [said.filtered, said.sorted].filter(Boolean).join(" \u00b7 ");
      table.caption.querySelector(".filtered").textContent = said.filtered && `. ${said.filtered}`;
      if (said.sorted) table.caption.querySelector(".order").textContent = `, ${said.sorted}`;
    };
    tools.hidden = false;
    const input = tools.querySelector("input");
    input.parentElement.hidden = total < LEAST_TO_FILTER;
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      const shown = filter(table, words);
      const asked = `\u201c${words.join(" ")}\u201d`;
      said.filtered = "";
      if (words.length && shown) said.filtered = `${shown} of ${of} shown, with ${asked}`;
      if (words.length && !shown) said.filtered = `No match for ${asked} in ${of}`;
      say();
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
        sort(table, at, head.dataset.by, isDown);
        const within = head.dataset.by ? "currency and " : "";
        const direction = isDown ? "descending" : "ascending";
        said.sorted = `sorted by ${within}${button.textContent}, ${direction}`;
        say();
      });
    });
  }
})();
