"""A worker for tests of what a real one cannot be made to do on demand: crash, hang, chatter, ten thousand findings.

Speaks `worker.messages` over standard input and output. Behaviour by arguments: `--findings N`, `--crash-on KIND`,
`--hang-on KIND`, `--refuse KIND`, `--noise`, `--so-far`.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from repro_gui.audit.report import AuditReport
from repro_gui.facts.settings import Settings
from repro_gui.text import text
from repro_gui.worker import messages as m
from tests.ui.sample_project import preview_of_sample, report_of_sample


class StandIn:
    """Answers requests from a report made by hand."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.folder = Path(tempfile.mkdtemp(prefix="stand-in-"))
        self.settings = Settings()
        self.trusted = False
        self.history: list[m.HistoryEntry] = []
        self.audits = 0
        self.watching: m.Watch | None = None

    def say(self, reply: m.Reply) -> None:
        sys.stdout.buffer.write(m.encode_line(reply))
        sys.stdout.buffer.flush()

    def serve(self) -> None:
        self.say(m.Hello(number=0, protocol=m.PROTOCOL, version="0.1.0", pid=os.getpid(), log_folder=str(self.folder)))
        for line in sys.stdin.buffer:
            request = m.decode_request(line)
            kind = type(request).__name__
            if kind == self.options.crash_on:
                if self.options.once:
                    mark = Path(self.options.once)
                    if not mark.exists():
                        mark.write_text("crashed")
                        os._exit(9)
                else:
                    os._exit(9)
            if kind == self.options.hang_on:
                time.sleep(3600)
            if kind == self.options.refuse:
                self.say(
                    m.Refusal(
                        number=request.number,
                        what=text("The folder is gone."),
                        mend=text("Put it back."),
                        kind="ProjectUnreadable",
                    )
                )
                continue
            if kind == self.options.fault:
                self.say(
                    m.Fault(number=request.number, error="ValueError: oops", traceback="Traceback …\nValueError: oops")
                )
                continue
            if isinstance(request, m.Quit):
                return
            self.answer(request)

    def report(self) -> AuditReport:
        return report_of_sample(self.options.findings, mended=any(not entry.undone for entry in self.history))

    def answer(self, request: m.Request) -> None:
        number = request.number
        match request:
            case m.ReadSettings() | m.SaveSettings():
                if isinstance(request, m.SaveSettings):
                    self.settings = request.settings
                self.say(m.ProjectSettings(number=number, root=request.root, settings=self.settings))
            case m.ReadTrust() | m.SetTrust():
                if isinstance(request, m.SetTrust):
                    self.trusted = request.trusted
                self.say(m.Trust(number=number, root=request.root, trusted=self.trusted))
            case m.Recognise():
                items = (
                    m.RecognisedItem("git", text("A Git repository on branch {branch}", branch="main")),
                    m.RecognisedItem(
                        "python", text("{count} Python files", count=14), 14, ("train.py", "src/model.py")
                    ),
                    m.RecognisedItem("notebooks", text("{count} notebooks", count=2), 2, ("explore.ipynb",)),
                    m.RecognisedItem("data", text("{count} data files", count=3), 3, ("data/train.csv",)),
                    m.RecognisedItem("environment", text("requirements.txt"), 1, ("requirements.txt",)),
                )
                self.say(
                    m.Recognised(
                        number=number,
                        root=request.root,
                        items=items,
                        file_count=412,
                        over_limit=self.options.over_limit,
                    )
                )
            case m.FindInterpreters():
                choices = (
                    m.InterpreterChoice(f"{request.root}/.venv/bin/python", "venv", "3.11.6", "2.3.1", "12.1", 84),
                    m.InterpreterChoice(
                        "/opt/conda/envs/old/bin/python", "conda", broken=text("its base installation is gone")
                    ),
                )
                self.say(m.Interpreters(number=number, choices=choices))
            case m.Audit():
                self.audit(request)
            case m.PlanFixes():
                preview = preview_of_sample()
                path = self.write("preview.json", msgspec.json.encode(preview))
                self.say(m.Planned(number=number, plan=preview.plan, preview=path))
            case m.ApplyPlan():
                title = text("Pin {count} requirements", count=4)
                entry = m.HistoryEntry(
                    str(len(self.history)),
                    title,
                    "2026-11-23T05:00:00+00:00",
                    "unpinned-dependency",
                    ("requirements.txt",),
                    (),
                    False,
                    True,
                )
                self.history.insert(0, entry)
                self.say(m.Applied(number=number, entry=entry.entry, title=title, files=entry.files))
            case m.Undo() | m.Redo():
                done = isinstance(request, m.Undo)
                for place, entry in enumerate(self.history):
                    if entry.undone is not done:
                        self.history[place] = msgspec.structs.replace(entry, undone=done)
                        self.say(m.Applied(number=number, entry=entry.entry, title=entry.title, files=entry.files))
                        return
                self.say(m.Refusal(number=number, what=text("Nothing to undo."), mend=text("Apply a fix first.")))
            case m.ReadHistory():
                self.say(m.History(number=number, entries=tuple(self.history)))
            case m.ReadSource():
                self.say(m.Source(number=number, path=request.path, content="print(1)\n", language="python"))
            case m.Export():
                name = f"report.{request.format}"
                path = self.write(name, self.render(request.format))
                self.say(m.Exported(number=number, path=path, format=request.format))
            case m.Watch():
                self.watching = request
            case m.Cancel():
                pass

    def audit(self, request: m.Audit) -> None:
        self.audits += 1
        report = self.report()
        if self.options.noise:
            sys.stdout.buffer.write(b'a print of somebody else\n{"reply": "nonsense"}\n')
        if self.options.so_far:
            self.say(m.AnswersSoFar(number=request.number, answers=report.answers, read=40, count=412))
        total = len(report.results)
        for done, result in enumerate(report.results):
            self.say(m.Step(number=request.number, what=text("Checking"), done=done, total=total))
            page = msgspec.structs.replace(result, explanation="", findings=result.findings[:20])
            self.say(m.CheckDone(number=request.number, result=page))
            time.sleep(self.options.pause)
        self.say(m.AnswersSoFar(number=request.number, answers=report.answers))
        path = self.write(f"report-{self.audits}.json", report.to_json())
        self.say(m.Audited(number=request.number, report=path, seconds=0.84, file_count=412))
        if self.watching is not None and self.audits == 1 and self.options.edits:
            self.say(m.FilesChanged(number=self.watching.number, root=request.root, paths=("train.py",), count=1))

    def render(self, name: str) -> bytes:
        if name == "pdf":
            from repro_gui.export.pdf import render

            return render(self.report())
        return self.report().to_json()

    def write(self, name: str, content: bytes) -> str:
        path = self.folder / name
        path.write_bytes(content)
        return str(path)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--findings", type=int, default=3)
    parser.add_argument("--crash-on", default="")
    parser.add_argument("--once", default="")
    parser.add_argument("--hang-on", default="")
    parser.add_argument("--refuse", default="")
    parser.add_argument("--fault", default="")
    parser.add_argument("--pause", type=float, default=0.0)
    parser.add_argument("--noise", action="store_true")
    parser.add_argument("--so-far", action="store_true")
    parser.add_argument("--edits", action="store_true")
    parser.add_argument("--over-limit", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    StandIn(parse()).serve()
