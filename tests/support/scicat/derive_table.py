"""Makes the field table from SciCat's OpenAPI document: only names, types and requiredness are taken.

``python tests/support/scicat/derive_table.py scicat-openapi.json > fields.json``; a running backend offers
the document as ``/explorer-json``.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from minicat.values.field_table import Fields

RECORDS = {
    "dataset.v3.raw": "CreateRawDatasetObsoleteDto",
    "dataset.v3.derived": "CreateDerivedDatasetObsoleteDto",
    "dataset.v4": "CreateDatasetDto",
    "dataset.v3.raw.patch": "PartialUpdateRawDatasetObsoleteDto",
    "dataset.v3.derived.patch": "PartialUpdateDerivedDatasetObsoleteDto",
    "dataset.v4.patch": "PartialUpdateDatasetDto",
    "technique": "TechniqueClass",
    "relationship": "RelationshipClass",
    "lifecycle": "LifecycleClass",
    "file": "DataFile",
    "origdatablock": "CreateOrigDatablockDto",
    "origdatablock.dataset": "CreateDatasetOrigDatablockDto",
    "attachment": "CreateAttachmentV3Dto",
    "proposal": "CreateProposalDto",
    "period": "CreateMeasurementPeriodDto",
    "sample": "CreateSampleDto",
    "instrument": "CreateInstrumentDto",
    "publisheddata": "CreatePublishedDataV4Dto",
    "proposal.patch": "PartialUpdateProposalDto",
    "sample.patch": "PartialUpdateSampleDto",
    "instrument.patch": "PartialUpdateInstrumentDto",
    "publisheddata.patch": "PartialUpdatePublishedDataV4Dto",
}


class FieldTableError(Exception):
    """A document that is no OpenAPI description with the records that the field table needs."""


_NAMES = {schema: name for name, schema in RECORDS.items()}
_FORMATS = {"date-time": "time", "email": "email", "uri": "url"}
_PLAIN = {"string", "number", "boolean", "object"}


def derive(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the table of an OpenAPI document. Raises FieldTableError when a record is missing in it."""
    try:
        schemas = document["components"]["schemas"]
        return {"records": {name: _fields(schemas[schema]) for name, schema in RECORDS.items()}}
    except (KeyError, TypeError, AttributeError) as error:
        raise FieldTableError(f"no OpenAPI document of SciCat: {error} is missing in it") from error


def _fields(schema: Mapping[str, Any]) -> Fields:
    required = set(schema.get("required", ()))
    properties = schema["properties"]
    return {name: _type(one) + ("!" if name in required else "") for name, one in properties.items()}


def _type(schema: Mapping[str, Any]) -> str:
    if "allOf" in schema:
        return _type(schema["allOf"][0])
    if "$ref" in schema:
        return _NAMES[schema["$ref"].rpartition("/")[2]]
    if schema["type"] == "array":
        return _type(schema["items"]) + ("[1]" if schema.get("minItems") else "[]")
    if schema["type"] not in _PLAIN:
        raise KeyError(schema["type"])
    return _FORMATS.get(schema.get("format", ""), str(schema["type"]))


def main() -> None:
    """Print the table of the OpenAPI document whose path is the argument."""
    if len(sys.argv) != 2:
        sys.exit("derive_table: one argument is needed; give the path of SciCat's OpenAPI document")
    path = Path(sys.argv[1])
    try:
        table = derive(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, FieldTableError) as error:
        sys.exit(f"derive_table: {path}: {error}; give the path of SciCat's OpenAPI document")
    sys.stdout.write(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
