"""Audits a project in a process of its own and prints what was seen as one JSON object.

Usage: audit_in_a_process.py PROJECT first|whole. Seconds count from the start of the process; `first` ends with the
first answers, as much of an audit as somebody waits for. Memory is the most that this process held, in MB.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time


def main(project: str, until: str) -> None:
    import datetime as dt

    import psutil

    from repro_gui.audit.answers_so_far import answers_so_far
    from repro_gui.audit.audit import audit
    from repro_gui.facts.snapshot import ProjectSnapshot
    from repro_gui.gather.gather import gather_snapshot
    from repro_gui.knowledge import load_knowledge
    from repro_gui.progress import NoProgress

    began = psutil.Process().create_time()
    seen: dict[str, object] = {}

    def note(name: str) -> None:
        own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
        seen[name] = round(time.time() - began, 3)
        seen["cpu"] = round(own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime, 3)
        seen["peak_mb"] = own.ru_maxrss // 1024

    def first(snapshot: ProjectSnapshot) -> None:
        so_far = answers_so_far(snapshot, load_knowledge(), NoProgress())
        note("first_answers")
        seen["read"], seen["count"] = so_far.read, so_far.count
        seen["answers_so_far"] = {str(one.question): str(one.answer) for one in so_far.answers}
        if until == "first":
            print(json.dumps(seen), flush=True)
            os._exit(0)

    snapshot = gather_snapshot(project, on_first=first)
    note("gathered")
    report = audit(snapshot, load_knowledge(), dt.datetime.now(dt.UTC), NoProgress())
    note("report")
    seen["answers"] = {str(one.question): str(one.answer) for one in report.answers}
    print(json.dumps(seen))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
