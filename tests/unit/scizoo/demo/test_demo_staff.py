from pathlib import Path

import pytest

from scizoo.demo.beamline.staff import Staff
from scizoo.errors import ProcessError
from scizoo.facility.processes import Child


def test_a_process_that_is_about_to_end_is_waited_for(tmp_path: Path) -> None:
    staff = Staff()
    try:
        staff.start(Child("stays", ["sleep", "60"], log=tmp_path / "stays"))
        staff.start(Child("dies", ["sh", "-c", "sleep 0.5; exit 7"], log=tmp_path / "dies"))
        staff.check()
        with pytest.raises(ProcessError, match="dies: ended with exit code 7; see"):
            staff.check(20)
    finally:
        staff.stop()
