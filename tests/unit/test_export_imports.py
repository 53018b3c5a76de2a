"""Writers that nobody calls cost nothing."""

import subprocess
import sys

import pytest

SCRIPT = """
import sys
import pandas as pd
known = set(sys.modules)
import togglframe.export
heavy = {"matplotlib", "xlsxwriter", "pyarrow"} & (set(sys.modules) - known)
print(sorted(heavy))
togglframe.export.to_excel(pd.DataFrame({"x": [1]}), sys.argv[1])
print("matplotlib" in sys.modules)
"""


@pytest.mark.nightly
def test_heavy_libraries_are_imported_at_first_use(tmp_path):
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "f.xlsx")]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == ["[]", "False"]
