"""A page of HTML as a reader has it: its elements, links, tables and text."""

import re
from html.parser import HTMLParser

ELEMENTS = {
    *("html", "head", "meta", "title", "link", "style", "body", "header", "main", "nav", "section"),
    *("h1", "h2", "h3", "p", "bdi", "dl", "dt", "dd", "div", "strong", "span", "ul", "li", "a"),
    *("figure", "label", "input", "table", "thead", "tbody", "tfoot", "tr", "th", "td", "script"),
    *("svg", "g", "path", "defs", "clippath", "rect", "text", "use", "pattern"),
}
LINKS = re.compile(r"#[\w-]+|data:,|https://track\.toggl\.com/\d+/projects/\d+/team")
INERT = re.compile(r"(?!on|style$|src|action|formaction|srcdoc)[a-z_:-]+|x[12]?|y[12]?")


class Page(HTMLParser):
    """What stands on a page."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.links, self.attributes = set(), set(), set()
        self.tables, self.totals, self.alts, self.words = {}, {}, [], []
        self._name, self._open = "", []
        self._rows = self.tables.setdefault("", [])
        self.feed(text)
        self.close()
        if not self.tables[""]:
            del self.tables[""]

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.elements.add(tag)
        self.attributes |= given.keys()
        self.links |= {given["href"]} if "href" in given else set()
        self.alts += [given["aria-label"]] if given.get("role") == "img" else []
        self._open.append(tag)
        if tag == "table" and "aria-labelledby" in given:
            self._name = given["aria-labelledby"].removesuffix("-title")
            self._rows = self.tables.setdefault(self._name, [])
        elif tag == "tfoot":
            self._rows = self.totals.setdefault(self._name, [])
        elif tag == "tr":
            self._rows.append([])
        elif tag in {"th", "td"}:
            self._rows[-1].append("")

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        self.words.append(data)
        if {"th", "td"} & {*self._open}:
            self._rows[-1][-1] += data

    @property
    def text(self):
        return "".join(self.words)

    def column(self, table, heading):
        head, *rows = self.tables[table]
        return [row[head.index(heading)] for row in rows]

    def check_inert(self):
        """Fail where something stands on it that could do more than stand there."""
        assert self.elements <= ELEMENTS, self.elements - ELEMENTS
        assert all(map(INERT.fullmatch, self.attributes)), self.attributes
        assert all(map(LINKS.fullmatch, self.links)), self.links


def number(text):
    """Return the number of a cell; less than can be shown is 0."""
    plain = text.translate(str.maketrans({"\N{MINUS SIGN}": "-", **dict.fromkeys(",+%* ", "")}))
    return 0.0 if plain.startswith("<") else float(plain)
