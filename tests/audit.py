"""`make lint`: known vulnerabilities of the pinned packages. Without an answer it says so and passes."""

import json
import subprocess
import sys
from pathlib import Path

QUIET_AFTER = 300


def audit(lock: Path) -> int:
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--require-hashes", "--disable-pip"]
    command += ["--format", "json", "--progress-spinner", "off", "--timeout", "10"]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=QUIET_AFTER)
        packages = json.loads(ran.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        print("Dependencies were not audited: the service that lists vulnerabilities did not answer.")
        return 0
    found = [(package, flaw) for package in packages for flaw in package.get("vulns", [])]
    for package, flaw in found:
        fixed = ", ".join(flaw["fix_versions"]) or "no fixed version yet"
        print(f"{package['name']} {package['version']}: {flaw['id']} ({fixed})")
    print(f"{len(packages)} dependencies audited, {len(found)} known vulnerabilities.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(audit(Path(sys.argv[1])))
