import io
import re
import shutil
import subprocess
from pathlib import Path

import msgspec
import pypdf
import pytest

from repro_gui.audit.report import report_from_json
from repro_gui.export.pdf import ATTACHMENT, render
from tests.sample_report import sample_report


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return render(sample_report())


def test_the_same_report_gives_the_same_bytes(pdf: bytes) -> None:
    assert render(sample_report()) == pdf


def test_the_date_inside_honours_source_date_epoch(monkeypatch: pytest.MonkeyPatch, pdf: bytes) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    other = render(sample_report())
    assert other != pdf
    made = pypdf.PdfReader(io.BytesIO(other)).metadata
    assert made is not None
    assert made.creation_date is not None
    assert made.creation_date.year == 1970


def test_it_is_tagged_and_archivable(pdf: bytes, tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(pdf)
    pdfinfo = shutil.which("pdfinfo")
    assert pdfinfo, "poppler-utils is installed by packaging/system-packages.sh tests"
    shown = subprocess.run([pdfinfo, tmp_path / "report.pdf"], capture_output=True, text=True, check=True).stdout
    assert re.search(r"Tagged:\s+yes", shown)
    metadata = pypdf.PdfReader(io.BytesIO(pdf)).xmp_metadata
    assert metadata is not None
    packet = metadata.stream.get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in packet
    assert "<pdfuaid:part>1</pdfuaid:part>" in packet


def test_the_report_comes_out_again(pdf: bytes, tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(pdf)
    pdfdetach = shutil.which("pdfdetach")
    assert pdfdetach
    subprocess.run([pdfdetach, "-saveall", tmp_path / "report.pdf"], cwd=tmp_path, check=True)
    assert report_from_json((tmp_path / ATTACHMENT).read_bytes()) == sample_report()


def test_names_full_of_markup_come_out_as_text(pdf: bytes) -> None:
    shown = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    flat = re.sub(r"\s+", "", shown)
    assert "#letx=1*b*_i_$y$`c`" in flat
    assert "<imgsrc=xonerror=alert(1)>" in flat
    assert r"\x1b[31mred\u202eevil" in flat
    assert "⟨U+6570⟩⟨U+636E⟩" in flat
    assert "⟨U+1F389⟩" in flat
    assert "⟨U+E000⟩" in flat


def test_pages_are_numbered_and_every_part_is_there(pdf: bytes) -> None:
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    for number, page in enumerate(pages, 1):
        assert f"Page {number} / {len(pages)}" in page.extract_text()
    shown = "\n".join(page.extract_text() for page in pages)
    for part in ("The five answers", "Findings", "Every check", "Entry points", "What was not verified", "Waivers"):
        assert part in shown
    assert "A sample checklist (Nobody, 2026): 2 met · 1 not met · 1 open." in shown
    assert "Ada answered this: in the paper (2026-11-20)" in " ".join(shown.split())
    assert "8 more in the attached report" in shown
    assert "20 more in the attached report" in shown


def test_an_empty_report_can_be_set() -> None:
    report = msgspec.structs.replace(
        sample_report(), results=(), entry_points=(), device={}, not_verified=(), left_out=(), waivers=(), history=()
    )
    assert render(report).startswith(b"%PDF")


def test_a_report_of_ten_thousand_findings_stays_short() -> None:
    report = sample_report()
    results = tuple(
        msgspec.structs.replace(result, findings=result.findings * 500)
        if result.check_id == "unpinned-split"
        else result
        for result in report.results
    )
    pages = pypdf.PdfReader(io.BytesIO(render(msgspec.structs.replace(report, results=results)))).pages
    assert len(pages) < 12


def test_the_probe_is_one_page(pdf: bytes) -> None:
    report = sample_report()
    assert report.probe is not None
    many = msgspec.structs.replace(report.probe, operations=report.probe.operations * 20)
    long = render(msgspec.structs.replace(report, probe=many))
    for content in (pdf, long):
        texts = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]
        (place,) = [number for number, words in enumerate(texts) if "were not simply steady" in words]
        assert "Nothing is claimed about a GPU: none was measured." in texts[place]
        assert "The record" in texts[place + 1]
    assert len(pypdf.PdfReader(io.BytesIO(long)).pages) == len(pypdf.PdfReader(io.BytesIO(pdf)).pages)
    without = render(msgspec.structs.replace(report, probe=None))
    # Without it the record begins on the page where the checks end, so up to two are saved.
    assert len(pypdf.PdfReader(io.BytesIO(pdf)).pages) - len(pypdf.PdfReader(io.BytesIO(without)).pages) in {1, 2}
