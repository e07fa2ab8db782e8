"""`import sdm` is quick, silent, and loads no HTTP."""

import subprocess
import sys

import pytest

from sdm import OfficeUnavailable, ProposalsSettings, open_proposals

PROGRAM = """
import sys, time
import pydantic, yaml
begin = time.process_time()
import sdm
print(time.process_time() - begin, [name for name in ("requests", "urllib3", "tango") if name in sys.modules])
"""


def test_the_import_is_quick_and_silent() -> None:
    done = subprocess.run([sys.executable, "-W", "error", "-c", PROGRAM], capture_output=True, text=True)
    seconds, loaded = done.stdout.split(maxsplit=1)
    assert (loaded.strip(), done.stderr, done.returncode) == ("[]", "", 0)
    assert float(seconds) < 0.5


@pytest.mark.parametrize("source", ["duo", "scicat"])
def test_a_package_that_is_missing_is_named_with_its_extra(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clients take an ImportError for "sdm is not installed"."""
    for module in (
        "sdm.offices.duo",
        "sdm.offices.scicat",
        "sdm.offices.http",
        "scifish.http",
        "scifish.http.failures",
    ):
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setitem(sys.modules, "requests", None)
    section = {"url": "https://office.example.org"}
    settings = ProposalsSettings.model_validate({"source": source, source: section})
    with pytest.raises(OfficeUnavailable, match=r"requests is not installed; .* 'scizoo\[office\]'"):
        open_proposals(settings)
