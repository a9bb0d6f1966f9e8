"""`scripts/count-tests` counts what reports say, whatever the tests are called."""

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/count-tests"

REPORTS = {
    "names that begin with r": ("""<testsuites><testsuite tests="3" failures="3">
        <testcase name="rowsAreFine()"><failure message="a"/><failure message="b"/></testcase>
        <testcase name="runs(x:)"><failure message="c"/></testcase>
        <testcase name="passes()"/></testsuite></testsuites>""", "1 2"),
    "skipped and errors": ("""<testsuites><testsuite>
        <testcase name="a"><skipped/></testcase><testcase name="b"><error/></testcase></testsuite></testsuites>""", "0 1"),
    "bytes that XML doesn't allow": (
        """<testsuites><testsuite><testcase name="a"><failure message="\x01\x1b"/></testcase></testsuite></testsuites>""",
        "0 1"),
    "no tests": ("<testsuites/>", "0 1"),
    "cut off": ("<testsuites><testsuite>", "0 1"),
    "missing": (None, "0 1"),
}


@pytest.mark.parametrize("report, counted", REPORTS.values(), ids=REPORTS.keys())
def test_failures_are_counted_once_each(tmp_path, report, counted):
    path = tmp_path / "report.xml"
    if report is not None:
        path.write_text(report)
    assert subprocess.run([SCRIPT, path], capture_output=True, text=True, check=True).stdout.strip() == counted
