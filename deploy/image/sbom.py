"""Completes the bill of materials that cargo-cyclonedx made with what cargo does not know: the libraries of libtorch and
the embedded model. `sbom.py CARGO.json LIBRARIES VERSION MANIFEST OUT`

Random and dated parts are replaced, so that the same sources give the same file.
"""

import hashlib
import json
import os
import sys
import tomllib
import uuid
from datetime import UTC, datetime
from pathlib import Path


def sha256(content):
    return [{"alg": "SHA-256", "content": content}]


def libraries(folder, version):
    for file in sorted(folder.iterdir()):
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        yield {"type": "library", "bom-ref": f"libtorch/{file.name}", "name": f"libtorch/{file.name}", "version": version,
               "hashes": sha256(digest), "licenses": [{"license": {"id": "BSD-3-Clause"}}] if "gomp" not in file.name
               else [{"expression": "GPL-3.0-or-later WITH GCC-exception-3.1"}]}


def model(manifest):
    licence = [{"license": {"id": manifest["licence"]}}]
    for name, file in manifest["files"].items():
        yield {"type": "machine-learning-model" if file["path"].endswith(".safetensors") else "data",
               "bom-ref": f"{manifest['id']}/{name}", "name": f"{manifest['id']}/{file['path']}",
               "version": manifest["version"], "hashes": sha256(file["sha256"]), "licenses": licence}


def main(cargo, folder, version, manifest, out):
    bill = json.loads(Path(cargo).read_text())
    bill["components"] += libraries(Path(folder), version)
    bill["components"] += model(tomllib.loads(Path(manifest).read_text()))
    moment = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), UTC)
    bill["metadata"]["timestamp"] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    del bill["serialNumber"]
    bill["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(bill, sort_keys=True))}"
    Path(out).write_text(json.dumps(bill, indent=1) + "\n")


main(*sys.argv[1:])
