# mypy: disallow-untyped-calls=False
"""Sardana's recorder for SciCat: put this folder on RecorderPath and ``SciCatRecorder`` into DataRecorder.

A thin shell: each hook hands over to a thread of ours (`scifish.sardana.scan_recording`), so that no error of
ours reaches the scan and no abort of Sardana's is caught by us.
"""

import weakref
from collections.abc import Callable
from typing import Any

from sardana.macroserver.msexception import InterruptException
from sardana.macroserver.scan.recorder.datarecorder import DataRecorder

try:
    from scifish.sardana.scan_recording import ScanRecording
    from scifish.tango_client.text import spoken
except Exception as error:  # noqa: BLE001 - Sardana hides a recorder that cannot be imported: each scan shall say why
    _missing: Exception | None = error
else:
    _missing = None


class SciCatRecorder(DataRecorder):
    """Records each scan of the MacroServer in SciCat."""

    def __init__(
        self, macro: Any = None, recording: Callable[[], "ScanRecording"] | None = None, **_options: Any
    ) -> None:
        super().__init__()
        self._new_recording = recording
        self._macro = weakref.ref(macro) if macro is not None else _no_macro
        self._recording: ScanRecording | None = None

    def _startRecordList(self, recordlist: Any) -> None:  # noqa: N802 - Sardana's name
        try:
            if _missing is not None:
                self._warn(f"scans are not recorded: scifish cannot be imported ({_missing})")
                return
            self._recording = (self._new_recording or ScanRecording)()
            self._start(recordlist)
        except InterruptException:
            raise
        except Exception as error:  # noqa: BLE001 - the scan is worth more than its record
            self._warn(f"this scan is not recorded: {error}")

    def _writeRecord(self, record: Any) -> None:  # noqa: N802 - Sardana's name
        try:
            if self._recording is not None:
                self._recording.point(record.data)
        except InterruptException:
            raise
        except Exception as error:  # noqa: BLE001 - the scan is worth more than its record
            self.debug(f"SciCat: a point was not counted: {error}")

    def _endRecordList(self, recordlist: Any) -> None:  # noqa: N802 - Sardana's name
        try:
            if self._recording is None:
                return
            if not self._recording.end(recordlist.getEnviron()):
                self._warn("the end of this scan is still being written")
            elif self._recording.summary:
                self._print("output", self._recording.summary)
        except InterruptException:
            raise
        except Exception as error:  # noqa: BLE001 - the scan is worth more than its record
            self._warn(f"the end of this scan is not recorded: {error}")

    def _start(self, recordlist: Any) -> None:
        recording = self._recording
        if recording is None:
            return
        if not recording.start(recordlist.getEnviron(), self._macro()):
            self._warn("the begin of this scan is still being recorded")
        elif recording.trouble:
            self._warn(f"this scan is not recorded: {recording.trouble}")

    def _warn(self, text: str) -> None:
        """Warn the user at the door and in the MacroServer's log."""
        self.warning("SciCat: %s", text)
        self._print("warning", text)

    def _print(self, stream: str, text: str) -> None:
        """Print a line at the door; a macro's own methods would raise in a stopped scan."""
        try:
            macro = self._macro()
            if macro is not None:
                method = getattr(type(macro), stream)
                getattr(method, "__wrapped__", method)(macro, "%s", _carried(f"SciCat: {text}"))
        except InterruptException:
            raise
        except Exception as error:  # noqa: BLE001 - a line is worth no scan
            self.debug("SciCat: a line could not be shown: %s", error)


def _carried(text: str) -> str:
    """Return the text as Tango carries it."""
    return spoken(text) if _missing is None else text


def _no_macro() -> None:
    """Stand for the macro of a recorder that was made without one."""
