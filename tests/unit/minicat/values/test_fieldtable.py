import json
import subprocess
import sys
from pathlib import Path

import pytest

from minicat.values.field_table import field_table
from support.scicat import derive_table
from support.scicat.derive_table import RECORDS, FieldTableError, derive

REQUIRED = {
    "dataset.v3.raw": {
        "ownerGroup", "owner", "contactEmail", "sourceFolder", "creationTime", "datasetName",
        "principalInvestigator", "creationLocation", "type",
    },
    "dataset.v4": {"ownerGroup", "contactEmail", "sourceFolder", "creationTime", "datasetName", "type"},
    "origdatablock": {"datasetId", "size", "dataFileList"},
    "file": {"path", "size", "time"},
    "technique": {"pid", "name"},
    "proposal": {"proposalId", "email", "title", "ownerGroup"},
    "period": {"instrument", "start", "end"},
    "sample": {"ownerGroup"},
    "instrument": {"name", "uniqueName"},
    "attachment": {"ownerGroup", "caption"},
    "publisheddata": {"title", "abstract", "datasetPids"},
}  # fmt: skip
DOCUMENT = {
    "components": {
        "schemas": {
            schema: {
                "properties": {
                    "name": {"type": "string"},
                    "when": {"type": "string", "format": "date-time"},
                    "files": {
                        "type": "array",
                        "minItems": 1,
                        "items": {"$ref": "#/components/schemas/DataFile"},
                    },
                    "cycle": {"allOf": [{"$ref": "#/components/schemas/LifecycleClass"}]},
                },
                "required": ["name"],
            }
            for schema in RECORDS.values()
        }
    }
}


def test_the_shipped_table_holds_the_known_required_fields() -> None:
    table = field_table()
    assert table.keys() == RECORDS.keys()
    for record, names in REQUIRED.items():
        assert {name for name, kind in table[record].items() if kind.endswith("!")} == names


def test_patches_require_nothing_and_keep_the_identifier() -> None:
    for record, fields in field_table().items():
        if record.endswith(".patch"):
            assert not any(kind.endswith("!") for kind in fields.values())
            assert "pid" not in fields


def test_every_type_of_the_table_is_known() -> None:
    plain = {"string", "number", "boolean", "object", "time", "email", "url"}
    for fields in field_table().values():
        assert {kind.rstrip("!").partition("[")[0] for kind in fields.values()} <= plain | RECORDS.keys()


def test_a_table_is_derived_from_an_openapi_document() -> None:
    fields = derive(DOCUMENT)["records"]["dataset.v4"]
    assert fields == {"name": "string!", "when": "time", "files": "file[1]", "cycle": "lifecycle"}


def test_another_document_is_refused() -> None:
    with pytest.raises(FieldTableError, match="components"):
        derive({"openapi": "3.0.0"})


def test_the_tool_prints_a_table(tmp_path: Path) -> None:
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    done = subprocess.run([sys.executable, derive_table.__file__, path], capture_output=True, text=True)
    assert json.loads(done.stdout) == derive(DOCUMENT)
    done = subprocess.run(
        [sys.executable, derive_table.__file__, tmp_path / "none"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
