"""Memory of a worker: a file of 100,000 payments read and checked, against one of 1,000.

Each file is read and checked as a worker does it (the task that reads, then the task that assesses) in a process of its
own, started for it, whose greatest resident size the kernel tells. The ratio is the peak allowed (that for 1,000 plus
64 MB) over the peak for 100,000; 1.0 is the goal. Small compares 20,000 with 1,000.

    python -m benchmarks.memory --size small|full
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks import harness, intake

GOAL = 1.0
FEW, ALLOWED_MB = 1_000, 64


def peak_kilobytes() -> int:
    """Of this program alone. What ``getrusage`` tells holds the size of the parent at the moment of the fork, too."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "darwin" else 1)


def read_and_check(batch_id: int) -> None:
    """In the process that is measured: what the worker's two tasks do, one after the other."""
    import django

    django.setup()
    from celery import current_app

    current_app.autodiscover_tasks(force=True)
    current_app.conf.task_always_eager = False
    began = time.perf_counter()
    before = peak_kilobytes()
    from backoffice.common import tasks

    tasks._send = lambda *_asked: None  # the second task is called here, not sent
    current_app.tasks["transactions.read_batch"].run(batch_id)
    after_reading = peak_kilobytes()
    current_app.tasks["controls.assess_batch"].run(batch_id)
    peak = peak_kilobytes()
    told = {"before": before, "reading": after_reading, "peak": peak}
    print(json.dumps({**{name: kilobytes / 1024 for name, kilobytes in told.items()},
                      "seconds": time.perf_counter() - began}))  # fmt: skip


def measured(place: dict[str, Any], count: int) -> dict[str, float]:
    from backoffice.common import tasks
    from transactions import intake as door
    from transactions.models import PaymentBatch

    content = intake.content(count, place["debtor"], place["creditors"])
    send, tasks._send = tasks._send, lambda *_asked: None
    try:
        batch = door.receive(
            content=content, file_name="bench.xml", entity=place["entity"], actor=None, channel="command",
            source=place["source"],
        )  # fmt: skip
    finally:
        tasks._send = send
    del content
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.memory", "--batch", str(batch.pk)],
        cwd=Path(__file__).resolve().parents[1], capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    batch.refresh_from_db()
    if (batch.status, batch.taken_count, batch.checked_count) != (PaymentBatch.Status.READY, count, count):
        raise RuntimeError(f"{batch.status}: {batch.taken_count} taken, {batch.checked_count} checked")
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    harness.say(f"{count} payments: peak {told['peak']:.1f} MB in {told['seconds']:.1f} s")
    return told


def main() -> None:
    if sys.argv[1:2] == ["--batch"]:
        read_and_check(int(sys.argv[2]))
        return
    options = harness.options(__doc__ or "")
    many = options.pick(20_000, 100_000)
    with harness.database(valkey=True):
        import os

        from backoffice import local

        with harness.owner():
            place = intake.found()
        # The child is the application, as a worker is.
        os.environ["DATABASE_URL"] = local.database_url(Path(os.environ["BACKOFFICE_STATE"]))
        few, large = measured(place, FEW), measured(place, many)
    ratio = (few["peak"] + ALLOWED_MB) / large["peak"]
    detail = {
        "payments": [FEW, many],
        "peak_mb": [round(few["peak"], 1), round(large["peak"], 1)],
        "after_reading_mb": [round(few["reading"], 1), round(large["reading"], 1)],
        "started_mb": round(large["before"], 1),
        "growth_mb": round(large["peak"] - few["peak"], 1),
        "allowed_mb": ALLOWED_MB,
    }
    harness.report("memory", ratio, GOAL, detail)


if __name__ == "__main__":
    main()
