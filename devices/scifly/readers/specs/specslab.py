"""SpecsLab 2's `.xml`: one document of all regions, with their data."""

import re
from collections.abc import Iterator
from datetime import datetime, timezone

from scifly.readers.acquisition import Acquisition
from scifly.readers.instrument_file import InstrumentFile
from scifly.readers.sections import Sections, Span
from scifly.readers.specs.regions import acquisition, region_name
from scifly.readers.specs.xml_stream import Attributes, XmlStream

FORMAT = "SpecsLab 2 XML"
_PIECE = 1 << 16
_SECONDS = re.compile(r"\d{1,10}", re.ASCII)  # since 1970, in UTC
_LEAVES = {"string", "double", "float", "long", "ulong", "short", "ushort", "boolean", "enum"}
_GROUP, _REGION, _DEFINITION, _ANALYZER, _SOURCE, _CYCLE = (
    "RegionGroup",
    "RegionData",
    "RegionDef",
    "AnalyzerInfo",
    "SourceInfo",
    "Cycle",
)


class SpecsLab:
    """A `Reader` of SpecsLab 2's `.xml`."""

    def claims(self, head: bytes, name: str) -> bool:
        """Tell by the comment that SpecsLab writes at the begin."""
        return head.lstrip().startswith(b"<?xml") and b"CORBA XML document" in head

    def read(self, file: InstrumentFile) -> Acquisition:
        """Pass the document once; the counts are not kept."""
        regions = _Regions()
        XmlStream(str(file.path), regions.start, regions.end).parse(_pieces(file))
        return acquisition(regions.sections, FORMAT, span=regions.span, program="SpecsLab")


READER = SpecsLab()


def _pieces(file: InstrumentFile) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


class _Regions:
    """Follows the structs of the document: which one a name belongs to."""

    def __init__(self) -> None:
        self.sections = Sections()
        self.span = Span()
        self._structs: list[str] = []
        self._names: list[str] = []
        self._parameter = ""
        self._group = ""
        self._regions = 0

    def start(self, tag: str, attributes: Attributes) -> None:
        """An element begins."""
        self._names.append(attributes.get("name", ""))
        self._structs.append(attributes.get("type_name", "") if tag == "struct" else "")
        if self._structs[-1] == _REGION:
            self._regions += 1

    def end(self, tag: str, text: str) -> None:
        """An element ends: keep what stands in one of the structs that describe a region."""
        name = self._names.pop()
        self._structs.pop()
        if tag not in _LEAVES or not text:
            return
        within = [struct for struct in self._structs if struct]
        where = within[-1] if within else ""
        if where == _GROUP and name == "name":
            self._group = text
        elif where == _REGION and name == "name":
            self._put("Region", text)
            if self._group:
                self._put("Group", self._group)
        elif where == _DEFINITION:
            self._put(name, text)
        elif where == "ScanMode" and name == "name":
            self._put("scan_mode", text)
        elif where == _ANALYZER and name == "name":
            self._put("Analyzer", text)
        elif where == _SOURCE and name == "name":
            self._put("Source", text)
        elif where == "Parameter" and within[-2:-1] == [_SOURCE]:
            self._take_parameter(name, text)
        elif where == _CYCLE and name == "time" and _SECONDS.fullmatch(text):
            self.span.add(datetime.fromtimestamp(int(text), timezone.utc))

    def _take_parameter(self, name: str, text: str) -> None:
        if name == "name":
            self._parameter = text
        elif self._parameter:
            self._put(f"Source {self._parameter}", text)

    def _put(self, name: str, text: str) -> None:
        if self._regions:
            self.sections.put(region_name(self._regions), name, text)
