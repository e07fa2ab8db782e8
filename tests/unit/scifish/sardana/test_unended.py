"""Which scans of a door are over although nobody told their end."""

from dataclasses import dataclass

from scifish.sardana.unended_scans import Unended


@dataclass(eq=False)
class Macro:
    """As much of a macro of Sardana as is asked."""

    parent: "Macro | None" = None

    def getParentMacro(self) -> "Macro | None":  # noqa: N802 - Sardana's name
        """Return the macro that runs this one."""
        return self.parent


def test_a_scan_without_an_end_is_over_when_another_macro_scans_at_its_door() -> None:
    unended: Unended[str] = Unended()
    first, second = Macro(), Macro()
    assert unended.begin("door/1", first, "failed") == []
    assert unended.begin("door/2", second, "elsewhere") == []
    assert unended.begin("door/1", second, "next") == ["failed"]
    assert unended.begin("door/1", second, "another") == []


def test_scans_of_one_macro_may_be_in_one_another() -> None:
    unended: Unended[str] = Unended()
    outermost = Macro()
    assert unended.begin("door/1", Macro(Macro(outermost)), "outer") == []
    assert unended.begin("door/1", Macro(outermost), "inner") == []
    unended.end("inner")
    assert unended.begin("door/1", Macro(), "next") == ["outer"]


def test_a_macro_that_is_gone_runs_no_more() -> None:
    unended: Unended[str] = Unended()
    unended.begin("door/1", Macro(), "failed")
    assert unended.begin("door/1", Macro(), "next") == ["failed"]


def test_what_has_ended_is_forgotten() -> None:
    unended: Unended[str] = Unended()
    unended.begin("door/1", Macro(), "whole")
    unended.end("whole")
    assert unended.begin("door/1", Macro(), "next") == []
