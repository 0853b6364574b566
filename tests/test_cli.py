"""The verbs as a person types them."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import jsonschema
import pytest

from repro_gui import cli
from repro_gui.apply.example import make_example
from repro_gui.audit.report import report_from_json, report_schema
from repro_gui.errors import ReproGuiError
from repro_gui.text import text
from tests.git_repositories import make_repository, run_git, write_files

ROOT = Path(__file__).parent.parent
HEAVY = ("PySide6", "torch", "dvc", "typst", "libcst", "numpy", "watchfiles")


class Said(NamedTuple):
    code: int
    out: str
    err: str


def start(arguments: Sequence[str], cwd: Path, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "repro_gui", *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def repro(*arguments: str, cwd: Path = Path("/"), **environment: str) -> Said:
    with start(arguments, cwd, **environment) as process:
        out, err = process.communicate(timeout=240)
    return Said(process.returncode, out, err)


@pytest.fixture(scope="module")
def example_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_example(tmp_path_factory.mktemp("example") / "example")


@pytest.fixture
def example(example_template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(example_template, tmp_path / "example", symlinks=True))


# ---- audit ----


def test_json_stands_alone_on_standard_output(example: Path) -> None:
    said = repro("audit", str(example), "--format", "json")
    assert said.code == 1
    report = json.loads(said.out)
    jsonschema.validate(report, report_schema())
    assert [answer["question"] for answer in report["answers"]] == ["code", "data", "seeds", "environment", "tracking"]
    assert said.err == ""


def test_text_says_the_answers_and_the_findings(example: Path) -> None:
    said = repro("audit", str(example))
    assert said.code == 1
    assert "Is the code committed to Git?" in said.out
    assert re.search(r"^    \S+\.py:\d+", said.out, re.MULTILINE)
    assert "\x1b" not in said.out
    assert repro("audit", str(example), FORCE_COLOR="1").out.count("\x1b[") > 20
    assert "\x1b" not in repro("audit", str(example), FORCE_COLOR="1", NO_COLOR="1").out


@pytest.mark.parametrize(("fail_on", "code"), [("never", 0), ("must", 1), ("should", 1), ("advice", 1)])
def test_fail_on(example: Path, fail_on: str, code: int) -> None:
    assert repro("audit", str(example), "--fail-on", fail_on).code == code


def test_no_finding_is_no_pass_while_a_check_could_not_be_decided(tmp_path: Path) -> None:
    """Undecided checks of the counted weight give 2, never 0."""
    project = make_repository(tmp_path / "empty", {"README.md": "nothing\n"})
    said = repro("audit", str(project), "--format", "json")
    report = report_from_json(said.out.encode())
    outcomes = {result.outcome.value for result in report.results if result.weight == "must"}
    assert said.code == (1 if "failed" in outcomes else 2 if "could-not-run" in outcomes else 0)


def test_every_format_can_be_written(example: Path, tmp_path: Path) -> None:
    for name, start_of_file in {
        "text": b"Reproducibility audit",
        "json": b"{",
        "html": b"<!doctype html>",
        "sarif": b"{",
        "markdown": b"# ",
        "pdf": b"%PDF-",
    }.items():
        output = tmp_path / f"report.{name}"
        said = repro("audit", str(example), "--format", name, "--output", str(output))
        assert said.code == 1, said.err
        assert said.out == ""
        assert f"Wrote {output}" in said.err
        assert output.read_bytes().startswith(start_of_file)


def test_several_projects(example: Path, tmp_path: Path) -> None:
    said = repro("audit", str(example), str(tmp_path / "nowhere"), str(example), "--format", "json")
    assert len(json.loads(said.out)) == 2
    assert said.code == 2
    assert "nowhere" in said.err


def test_a_chosen_entry_point(example: Path) -> None:
    said = repro("audit", str(example), "--format", "json", "--entry", "train.py")
    points = json.loads(said.out)["entry_points"]
    assert [point["path"] for point in points if point.get("chosen_by", "found") == "person"] == ["train.py"]


def test_a_published_checklist(example: Path) -> None:
    said = repro("audit", str(example), "--checklist", "pwc-code-completeness")
    assert said.code == 1
    assert re.search(r"^  (met|not-met|confirm|cannot-tell|by-hand)  ", said.out, re.MULTILINE)
    said = repro("audit", str(example), "--checklist", "nonsense")
    assert said.code == 2
    assert "pwc-code-completeness" in said.err


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: None, "There is no folder"),
        (lambda path: path.write_text("x"), "is a file, not a folder"),
    ],
)
def test_what_is_no_project_is_a_sentence(tmp_path: Path, make: object, words: str) -> None:
    assert callable(make)
    make(tmp_path / "thing")
    said = repro("audit", str(tmp_path / "thing"))
    assert said.code == 2
    assert words in said.err
    assert "Traceback" not in said.err


def test_secrets_and_names_are_in_no_format(tmp_path: Path) -> None:
    token = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
    project = make_repository(
        tmp_path / "project",
        {
            "train.py": f'import numpy as np\nKEY = "{token}"\nX = np.random.rand(3)  # {token} in {Path.home()}/data\nprint(X)\n',
            "requirements.txt": f"--extra-index-url https://me:{token}@pypi.example.org/simple\nnumpy\ngit+https://{token}@example.org/x.git\n",
            f"data_{token}.py": "import numpy as np\nnp.random.rand(2)\n",
        },
    )
    run_git(project, "remote", "add", "origin", f"https://me:{token}@example.org/x.git")
    for name in ("text", "json", "html", "sarif", "markdown"):
        said = repro("audit", str(project), "--format", name, "--fail-on", "never")
        assert token not in said.out + said.err, name
        assert str(Path.home()) not in said.out, name
    output = tmp_path / "report.pdf"
    assert repro("audit", str(project), "--format", "pdf", "--output", str(output), "--fail-on", "never").code == 0
    assert token.encode() not in output.read_bytes()


def test_names_that_attack_the_terminal(tmp_path: Path) -> None:
    name = os.fsdecode(b"\x1b]0;owned\x07\xe2\x80\xaegnp\xff.py")
    project = make_repository(tmp_path / "project")
    write_files(project, {name: "import numpy as np\nnp.random.rand(2)\n"})
    for known in ("text", "json", "html", "sarif", "markdown"):
        said = repro("audit", str(project), "--format", known, "--fail-on", "never")
        assert said.code == 0, said.err
        assert not re.search("[\x1b\x07\u202e]", said.out), known


def test_an_ascii_terminal_is_no_crash(example: Path) -> None:
    said = repro("audit", str(example), LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert said.code == 1
    assert "Traceback" not in said.err


def test_nothing_heavy_is_imported_for_an_audit(example: Path) -> None:
    script = (
        "import sys\nfrom repro_gui import cli\n"
        f"code = cli.run(['audit', {str(example)!r}, '--format', 'json', '--output', {os.devnull!r}], lambda paths: 0)\n"
        f"print(code, [name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1 []"


def test_a_reader_that_has_enough_is_no_fault(example: Path) -> None:
    with start(["audit", str(example), "--format", "json"], Path("/")) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == ""
        process.wait(60)
    assert process.returncode != 3


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_ctrl_c_cancels(tmp_path: Path) -> None:
    project = make_repository(tmp_path / "project")
    write_files(project, {f"m{number}.py": "import numpy as np\n" * 2000 for number in range(300)})
    with start(["audit", str(project)], Path("/")) as process:
        time.sleep(0.6)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    # Sooner it has not begun, later it is done: both end without a traceback.
    assert process.returncode in {130, 1, 2, -signal.SIGINT}
    if process.returncode != -signal.SIGINT:
        assert "Traceback" not in err


# ---- report ----


def test_a_saved_report_is_rendered_again(example: Path, tmp_path: Path) -> None:
    saved = tmp_path / "report.json"
    repro("audit", str(example), "--format", "json", "--output", str(saved))
    said = repro("report", str(saved), "--format", "markdown")
    assert said.code == 0
    assert said.out.startswith("# Reproducibility audit of example")
    assert repro("report", str(saved), "--format", "json").out == saved.read_text()


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[1]", b"\xff\xfe", b'{"schema": 99, "tool": "x"}', b'{"schema": 1, "tool": "x"}']
)
def test_what_is_no_report_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.json").write_bytes(content)
    said = repro("report", str(tmp_path / "x.json"))
    assert said.code == 2
    assert "Traceback" not in said.err
    assert repro("report", str(tmp_path / "none.json")).code == 2


# ---- fix, undo, redo, history ----


def test_fix_and_undo(example: Path) -> None:
    before = (example / "baseline.py").read_bytes()
    assert repro("fix", str(example), "unpinned-split", "--dry-run").code == 0
    assert (example / "baseline.py").read_bytes() == before
    said = repro("fix", str(example), "unpinned-split", "--yes")
    assert said.code == 0, said.err
    assert "+" in said.out
    assert "random_state" in said.out
    assert re.search(r"(\d+) of \1 findings are gone", said.out)
    assert (example / "baseline.py").read_bytes() != before
    assert "can be undone" in repro("history", str(example)).out
    assert repro("undo", str(example)).code == 0
    assert (example / "baseline.py").read_bytes() == before
    assert repro("redo", str(example)).code == 0
    assert repro("undo", str(example), "1").code == 0
    said = repro("undo", str(example))
    assert said.code == 2
    assert "nothing to undo" in said.err


def test_all_fixes_make_a_repository_that_holds_what_they_write(tmp_path: Path) -> None:
    """DVC is set up inside the repository that the same call makes, and what other fixes write is committed too."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "train.py").write_text("import pandas as pd\n\npd.read_csv('d.csv').to_csv('scores.csv')\n")
    (project / "d.csv").write_text("a,b\n" * 60_000)
    (project / "requirements.txt").write_text("pandas==2.2.0\n")
    (project / ".python-version").write_text("3.11.7\n")
    said = repro("fix", str(project), "--all", "--yes")
    assert "findings are gone" in said.out, said.err
    assert "no_scm" not in (project / ".dvc/config").read_text()
    git = ["git", "-C", str(project)]
    tracked = subprocess.run([*git, "ls-files"], capture_output=True, text=True, check=True).stdout.split()
    assert {"train.py", "Dockerfile"} <= set(tracked)
    ignored = subprocess.run([*git, "check-ignore", "d.csv", ".dvc/cache"], capture_output=True, text=True, check=True)
    assert ignored.stdout.split() == ["d.csv", ".dvc/cache"]
    # What is left to do, and what could not be done, names its check.
    assert "New: untracked-source: d.csv.dvc is not in Git." in said.out
    assert "Not mended: no-lock: " in said.out


@pytest.mark.skipif(os.name != "posix", reason="a home that is no folder")
def test_without_a_folder_of_its_own_it_audits_and_refuses_to_write(example: Path) -> None:
    """A home that nothing can be written to: what was never kept is not read, and a fix has no journal to lean on."""
    nowhere = {f"XDG_{kind}_HOME": "/dev/null/own" for kind in ("DATA", "CONFIG", "CACHE", "STATE")}
    assert repro("audit", str(example), "--fail-on", "never", cwd=Path("/"), **nowhere).code == 0
    before = (example / "baseline.py").read_bytes()
    said = repro("fix", str(example), "unpinned-split", "--yes", cwd=Path("/"), **nowhere)
    assert (said.code, "Traceback" in said.err) == (2, False), said.err
    assert "home folder" in said.err
    assert (example / "baseline.py").read_bytes() == before


def test_nobody_to_ask_writes_nothing(example: Path) -> None:
    before = (example / "baseline.py").read_bytes()
    said = repro("fix", str(example), "unpinned-split")
    assert said.code == 2
    assert "--yes" in said.err
    assert (example / "baseline.py").read_bytes() == before


@pytest.mark.skipif(os.name != "posix", reason="terminals")
@pytest.mark.parametrize(("answer", "written"), [("y\n", True), ("\n", False), ("no\n", False)])
def test_it_asks_at_a_terminal(example: Path, answer: str, written: bool) -> None:
    before = (example / "baseline.py").read_bytes()
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "repro_gui", "fix", str(example), "unpinned-split"],
        cwd="/",
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    os.close(theirs)
    os.write(ours, answer.encode())
    _, err = process.communicate(timeout=120)
    os.close(ours)
    assert b"Write this? [y/N]" in err
    assert ((example / "baseline.py").read_bytes() != before) is written
    assert process.returncode == (0 if written else 1)


def test_what_to_fix_must_be_said(example: Path) -> None:
    for arguments in (
        ["fix", str(example)],
        ["fix", str(example), "unpinned-split", "--all"],
        ["fix", str(example), "no-such-check"],
    ):
        assert repro(*arguments).code == 2


def test_yes_is_not_trust(example: Path, tmp_path: Path) -> None:
    hook = example / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    said = repro("fix", str(example), "uncommitted-change", "--yes")
    assert said.code == 2
    assert "pre-commit" in said.err
    assert not (tmp_path / "ran").exists()
    assert repro("fix", str(example), "uncommitted-change", "--yes", "--trust").code == 0
    assert (tmp_path / "ran").exists()
    said = repro("undo", str(example))
    assert said.code in {0, 2}


def test_trust_is_remembered_and_revoked(example: Path) -> None:
    assert repro("trust", str(example)).code == 0
    from repro_gui.trust import is_trusted

    assert is_trusted(example)
    assert repro("trust", str(example), "--revoke").code == 0
    assert not is_trusted(example)
    assert repro("trust", str(example / "none")).code == 2


# ---- the rest ----


def test_explain_list_schema_version(tmp_path: Path) -> None:
    said = repro("explain", "unpinned-split")
    assert said.code == 0
    assert "Why it matters" in said.out
    assert "Did you mean unpinned-split?" in repro("explain", "unpined-split").err
    assert "unpinned-split" in repro("list").out
    assert {"id", "pillar", "weight"} <= set(json.loads(repro("list", "--format", "json").out)[0])
    assert json.loads(repro("schema").out)["$schema"].startswith("https://json-schema.org")
    assert repro("--version").out.startswith("repro-gui ")
    assert repro("--help").code == 0
    assert repro("audit").code == 2
    assert repro("audit", "x", "--format", "docx").code == 2


def test_windows_without_a_screen_are_a_sentence() -> None:
    said = repro("/tmp", DISPLAY="", WAYLAND_DISPLAY="", QT_QPA_PLATFORM="")
    if sys.platform == "linux":
        assert said.code == 2
        assert "no screen" in said.err


@pytest.mark.parametrize(
    ("arguments", "paths"),
    [([], []), (["some/folder"], ["some/folder"]), (["open"], []), (["open", "a", "b"], ["a", "b"])],
)
def test_a_bare_path_opens_the_windows(arguments: list[str], paths: list[str]) -> None:
    opened: list[list[str]] = []

    def open_windows(given: list[str]) -> int:
        opened.append(given)
        return 0

    assert cli.run(arguments, open_windows) == 0
    assert opened == [paths]


def test_a_fault_is_told_logged_and_never_sent(own_folders: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def broken(_paths: list[str]) -> int:
        raise ValueError("broken with https://me:hunter2@example.org")

    assert cli.run([], broken) == 3
    shown = capfd.readouterr().err
    (log,) = own_folders.rglob("repro-gui.log")
    for content in (shown, log.read_text()):
        assert "ValueError: broken" in content
        assert "hunter2" not in content


def test_a_refusal_is_two_sentences(capfd: pytest.CaptureFixture[str]) -> None:
    def refuse(_paths: list[str]) -> int:
        raise ReproGuiError(text("It did not work."), text("Do this."))

    assert cli.run([], refuse) == 2
    assert capfd.readouterr().err == "repro-gui: It did not work.\n  Do this.\n"
