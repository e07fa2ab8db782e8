"""A program: the control account makes a visit without root's rights; real accounts try what they can do."""

import json
import os
import sys

from sdm import SdmSettings, Storage, StorageError
from support.sdm.accounts import BeamlineAccounts, become
from support.sdm.allowed import wrong


def main() -> None:
    """Print as JSON what was told, and what accounts can do and should not."""
    accounts, _, settings = (json.loads(one) for one in sys.argv[1:4])
    people = BeamlineAccounts(*accounts)
    storage = Storage("proprietary", "demo", SdmSettings.model_validate({"storage": settings}))
    raw = storage.raw_path("20260001", "2026030108")  # imports what root alone may read
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        become(people.control)
        os.write(writing, json.dumps(_made(storage, people.group)).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        answer = json.loads(file.read())
    os.waitpid(child, 0)
    if "refused" not in answer:
        answer["wrong"] = wrong(people, raw, acls=True)
    print(json.dumps(answer))  # noqa: T201 - the answer


def _made(storage: Storage, group: str) -> dict[str, object]:
    try:
        made = storage.make_visit("20260001", group, "2026030108")
        again = storage.make_visit("20260001", group, "2026030108")
        verified = storage.verify_visit("20260001", group, "2026030108")
    except StorageError as error:
        return {"refused": str(error)}
    return {"made": made.warnings, "again": again.warnings, "verified": verified}


if __name__ == "__main__":
    main()
