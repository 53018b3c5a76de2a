"""The check of names and docstrings finds the words that are not the field's."""

import pytest
import words

CODE = '''"""Wire formats."""

class Place:
    """Parse a position."""

    def is_asked(self):
        """Return whether the request was sent."""

def parse(given):
    """Return what is no response."""

def replace(marketplace):
    """Replace the placeholder of an intake."""
'''


@pytest.fixture
def found(tmp_path):
    path = tmp_path / "apart.py"
    path.write_text(CODE, encoding="utf-8")
    return [reason for _, reason in words.offenders(path)]


def test_names_and_first_lines_are_checked_by_whole_words(found):
    assert sorted(found) == [
        "docstring 'Return what is no response.'",
        "docstring 'Wire formats.'",
        "module apart",
        "name Place",
        "name is_asked",
    ]


def test_the_library_is_clean(capsys):
    assert words.main() == 0, capsys.readouterr().out
