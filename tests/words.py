"""Find words that are not the field's in names and docstrings of the library; `make lint` runs it.

It looks at the names of modules, classes and functions, and at the first line of each docstring:
requests, responses, parameters and values have names that other libraries use too.
"""

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "togglframe"
WORDS = frozenset(
    ["told", "asked", "taken", "given", "said", "wire", "apart", "place", "noted", "noting"]
)
PHRASES = re.compile(r"\bwhat (is )?no\b|\bthat (is|are) none\b")


def words_of(name):
    """Return the words of an identifier, lower case."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)]


def offenders(path):
    """Yield the line and the reason of each name and first line that breaks the rule."""
    if WORDS & set(words_of(path.stem)):
        yield 1, f"module {path.stem}"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if WORDS & set(words_of(node.name)):
                yield node.lineno, f"name {node.name}"
        elif not isinstance(node, ast.Module):
            continue
        line = (ast.get_docstring(node) or "").partition("\n")[0]
        plain = line.lower()
        if WORDS & set(re.findall(r"[a-z]+", plain)) or PHRASES.search(plain):
            yield getattr(node, "lineno", 1), f"docstring {line!r}"


def main():
    """Print the offenders."""
    found = [
        (path.relative_to(PACKAGE).as_posix(), line, reason)
        for path in sorted(PACKAGE.rglob("*.py"))
        for line, reason in offenders(path)
    ]
    for name, line, reason in found:
        sys.stdout.write(f"togglframe/{name}:{line}: not a word of the field: {reason}\n")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
