"""Opens the windows in a process of their own, as a person would, and prints what was seen as one JSON object.

Usage: window_in_a_process.py PROJECT [PICTURE]. Times are seconds since the process began; the stall is the longest
time between two beats of a 5 ms timer while the audit ran, with the second longest and the 99th percentile.
"""

from __future__ import annotations

import itertools
import json
import sys
import time
from pathlib import Path

BEGAN = time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def process_began() -> float:
    """When the process was started, before Python was."""
    import psutil

    return psutil.Process().create_time()


def run(project: str, picture: str) -> int:
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from repro_gui.ui import application as windows_module
    from repro_gui.ui import main_window
    from repro_gui.ui.main_window import MainWindow

    seen: dict[str, object] = {}
    beats: list[float] = []
    began = process_began()

    class Watch(MainWindow):
        """Notes when it was first drawn and when the answers were there."""

        def event(self, event: object) -> bool:
            done = super().event(event)  # type: ignore[arg-type]
            if "first_window" not in seen and event.type().name == "UpdateRequest":  # type: ignore[attr-defined]
                seen["first_window"] = round(time.time() - began, 3)
            return done

        def _on_changed(self) -> None:
            super()._on_changed()
            session = self.session
            if session is None:
                return
            if session.answers and "first_answers" not in seen:
                seen["first_answers"] = round(time.time() - began, 3)
            if session.report is not None and "report" not in seen:
                seen["report"] = round(time.time() - began, 3)
                seen["files"] = session.report.file_count
                seen["answers"] = {str(name): str(one.answer) for name, one in session.answers.items()}
                QTimer.singleShot(500, self, self._finish)

        def give_up(self) -> None:
            seen["trouble"] = [f"{notice.what} {notice.details}" for notice in self.bar.notices]
            self.close()

        def _finish(self) -> None:
            gaps = sorted(1000 * (later - earlier) for earlier, later in itertools.pairwise(beats))
            seen["stall_ms"] = [round(gap, 1) for gap in gaps[-2:]]
            seen["stall_p99_ms"] = round(gaps[int(len(gaps) * 0.99)], 1) if gaps else 0
            seen["platform"] = QApplication.platformName()
            seen["size"] = [self.width(), self.height()]
            if picture:
                screen = self.screen()
                frame = screen.grabWindow(0) if QApplication.platformName() == "xcb" else self.grab()
                seen["picture"] = frame.save(picture)
            self.close()

    main_window.MainWindow = Watch  # type: ignore[misc]
    timer_holder: list[QTimer] = []

    def beat() -> None:
        beats.append(time.perf_counter())

    original = windows_module.Windows.open_window

    def open_window(self: windows_module.Windows, path: str = "") -> MainWindow:
        if not timer_holder:
            timer = QTimer()
            timer.setInterval(5)
            timer.timeout.connect(beat)
            timer.start()
            timer_holder.append(timer)
        window = original(self, path)
        QTimer.singleShot(60_000, window, window.give_up)  # type: ignore[attr-defined]
        return window

    windows_module.Windows.open_window = open_window  # type: ignore[method-assign]
    status = windows_module.run_windows([project])
    timer_holder.clear()
    print(json.dumps(seen))
    return status


if __name__ == "__main__":
    sys.exit(run(str(Path(sys.argv[1])), sys.argv[2] if len(sys.argv) > 2 else ""))
