"""Messages about what runs something, and about what runs left: probes, rebuilt environments, recorded runs.

Part of `messages.py`, which knows all of them.
"""

from __future__ import annotations

import msgspec

from repro_gui.facts.determinism import Determinism, ModeResult
from repro_gui.text import Text
from repro_gui.worker.message_kinds import Reply, Request

# ---- requests ----


class Probe(Request, frozen=True, tag="probe"):
    """Repeat the operations of torch on this machine; parts `CaseProbed`, ends with `Probed`. Only a runner answers it.

    `interpreter` is a program or an environment's folder, empty for the best one found. `device` is auto, cpu, cuda:N or mps;
    `budget` is in seconds, 0 for the default of each device.
    """

    root: str
    interpreter: str = ""
    device: str = "auto"
    budget: float = 0.0
    thorough: bool = False


class ReadProbe(Request, frozen=True, tag="read-probe"):
    """The last probe that was kept for a project, an empty one without any; ends with `Probed`."""

    root: str


class ImportProbe(Request, frozen=True, tag="import-probe"):
    """Keep what the battery said on another machine as the last probe of this project; ends with `Probed`."""

    root: str
    file: str


class CompareProbes(Request, frozen=True, tag="compare-probes"):
    """Compare the kept probe of a project with a saved one; ends with `ProbesCompared`."""

    root: str
    file: str


class PlanInterpreter(Request, frozen=True, tag="plan-interpreter"):
    """Ask the package index what an interpreter with torch would take; ends with `InterpreterPlanned`. Only a runner answers it."""


class MakeInterpreter(Request, frozen=True, tag="make-interpreter"):
    """Make the interpreter that was planned, in the user's cache; ends with `InterpreterMade`. Only a runner answers it."""


class RebuildEnvironment(Request, frozen=True, tag="rebuild-environment"):
    """Make the environment anew in a temporary folder and try the imports; parts `RebuildSaid`, ends with `Rebuilt`.

    Only a runner answers it. `python` is a program or an environment's folder, empty for the Python that the project names.
    """

    root: str
    python: str = ""


class ReadRebuild(Request, frozen=True, tag="read-rebuild"):
    """The last rebuild that was kept for a project, an empty one without any; ends with `Rebuilt`."""

    root: str


class ReadRuns(Request, frozen=True, tag="read-runs"):
    """The recorded runs of a project, or with `server` those of the MLflow server that the person named; ends with `RunsRead`."""

    root: str
    server: str = ""
    experiment: str = ""


class CompareRuns(Request, frozen=True, tag="compare-runs"):
    """Two of the runs that were read last, by their ids; ends with `RunsCompared`."""

    root: str
    left: str
    right: str


class SaveBattery(Request, frozen=True, tag="save-battery"):
    """Write the battery as one program for another machine; ends with `BatterySaved`."""

    output: str


# ---- answers ----


class CaseProbed(Reply, frozen=True, tag="case-probed"):
    """What one operation did in one mode of a probe under way; a later one of the same case and mode takes its place."""

    name: str
    dtype: str
    device: str
    mode: str
    result: ModeResult


class DocumentedNote(msgspec.Struct, frozen=True):
    """What torch documents of an operation on a device, in the version that was probed, and what steadies it.

    `default` and `strict` (under the flag) are may-vary, steady or raises.
    """

    name: str
    device: str
    default: str
    strict: str
    replacement: str = ""
    source: str = ""


class ProbeDevice(msgspec.Struct, frozen=True):
    """A device that can be probed here, as torch names it, with its model."""

    device: str
    model: str = ""


class ProbeView(msgspec.Struct, frozen=True):
    """A probe with what is documented of its operations, and what could be probed here; travels as a JSON file.

    `no_gpu` says why no GPU is among the devices. `made` is the interpreter that we made for probes, empty without one.
    """

    probe: Determinism
    documented: tuple[DocumentedNote, ...] = ()
    devices: tuple[ProbeDevice, ...] = ()
    no_gpu: Text | None = None
    made: str = ""


class Probed(Reply, frozen=True, tag="probed"):
    """`probe` is the path of a `ProbeView` file."""

    probe: str


class ProbesCompared(Reply, frozen=True, tag="probes-compared"):
    """`comparison` is the path of a `ProbeComparison` file (JSON): the kept probe on the left, the saved one on the right."""

    comparison: str


class InterpreterPlanned(Reply, frozen=True, tag="interpreter-planned"):
    """What an interpreter with torch takes: bytes to download and, about, on the disk of `folder`.

    `unsized` packages are in neither. `is_cpu_build` is false where libraries for a GPU come along.
    """

    torch: str
    packages: int
    download_bytes: int
    disk_bytes: int
    unsized: int
    is_cpu_build: bool
    folder: str


class InterpreterMade(Reply, frozen=True, tag="interpreter-made"):
    """The interpreter is ready; probing it needs no trust in a folder."""

    path: str


class RebuildSaid(Reply, frozen=True, tag="rebuild-said"):
    """A line that the installer wrote, without anything private."""

    line: str


class Rebuilt(Reply, frozen=True, tag="rebuilt"):
    """`rebuild` is the path of a `facts.rebuild.Rebuild` file (JSON)."""

    rebuild: str


class RunsRead(Reply, frozen=True, tag="runs-read"):
    """`table` is the path of a `facts.runs.RunTable` file (JSON)."""

    table: str


class RunsCompared(Reply, frozen=True, tag="runs-compared"):
    """`comparison` is the path of a `facts.runs.RunComparison` file (JSON)."""

    comparison: str


class BatterySaved(Reply, frozen=True, tag="battery-saved"):
    """Where the battery is, and the line that runs it."""

    path: str
    command: str
