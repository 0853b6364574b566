"""Which sentences of a document say where data comes from."""

from __future__ import annotations

import pytest

from repro_gui.facts.documents import Documents, is_data_sheet, is_document, read_document


def told(written: str, path: str = "README.md") -> list[tuple[int, str]]:
    return [(passage.line, passage.excerpt) for passage in read_document(path, written.encode()).passages]


SAYS = {
    "a known host": "Images are from [this competition](https://www.kaggle.com/c/dogs-vs-cats).",
    "a link named so": "It trains on the [Iris](https://example.org/iris) data set.",
    "where it is downloaded": "Download the corpus from https://example.org/corpus.tgz first.",
    "a section on data": "# A\n\n## Dataset\n\nThe recordings were collected in our lab in 2021.",
    "below an underline": "Data\n----\n\nThe samples were provided by the city of Bern.",
    "a section below": "# Data\n\n## Train\n\nImages are available at <ftp://example.org/x>.",
    "a DOI": "We use the data of doi:10.5281/zenodo.1234 throughout.",
    "a DOI in its section": "## Data\n\n`train.csv` is table 3 of <https://doi.org/10.5281/zenodo.1>.",
    "wrapped": "We trained on the [Fashion\nMNIST](https://example.org/fashion) dataset.",
    "an old address": "This holds a selection of the Cora dataset (www.example.org/data).\n\nObtained from there.",
}


@pytest.mark.parametrize("written", SAYS.values(), ids=SAYS)
def test_sentences_that_say_it(written: str) -> None:
    path = "data/cora/README" if "Cora" in written else "README.md"
    assert told(written, path)


SAYS_NOT = {
    "a paper": "For details see [Data-efficient training](https://arxiv.org/abs/2012.12877) by others.",
    "a bibliography": "@article{a,\n  title={A Dataset},\n  url={https://example.org/dataset},\n  doi={10.1/2}\n}",
    "a badge": "[![DVC](https://img.shields.io/badge/-data-white.svg?link=https://dvc.org)](#)",
    "a picture": '<img src="https://huggingface.co/datasets/a/b/resolve/main/c.png"> shows the data we use.',
    "code": "## Data loading\n\nThe loader shuffles the samples.",
    "no data": "Download the tool from https://example.org/tool.tgz and run it.",
    "to come": "## Data\n\nThe data will be available at https://example.org (TBD).",
    "blanks": "# Data\n\n## `a.csv`\n\n- Source: …\n- Licence: …\n",
    "a placeholder": "# Data\n\n- Source: <where it comes from>\n",
    "the next section": "# Data\n\nRows and columns.\n\n# Model\n\nIt is available at https://example.org/model.",
    "empty": "",
}


@pytest.mark.parametrize("written", SAYS_NOT.values(), ids=SAYS_NOT)
def test_sentences_that_do_not(written: str) -> None:
    assert told(written) == []


def test_a_filled_in_form_says_it_without_a_link() -> None:
    assert told("# Data\n\n- Source: our own sensor, May 2021\n- Licence: …\n", "DATA.md") == [
        (3, "- Source: our own sensor, May 2021")
    ]


def test_the_line_is_that_of_the_sentence() -> None:
    written = "# A\n\nIt is a model. It works.\nThe data set was taken\nfrom https://example.org/x today.\n"
    assert told(written) == [(4, "The data set was taken from https://example.org/x today.")]


def test_line_ends_encodings_and_rubbish() -> None:
    sentence = "Download the data from https://example.org/ä.\r\n"
    assert told(f"# A\r\n\r\n{sentence}") == [(3, sentence.strip())]
    assert read_document("README.md", f"# A\n\n{sentence}".encode("utf-16")).passages[0].line == 3
    assert read_document("README.md", b"\x00\x01\x02binary").not_read is not None
    # Nothing here takes long, whatever the lines hold.
    for hostile in ("[" * 20_000, "a " * 50_000, "* " * 20_000 + "\n=====", "data set " * 5_000 + "[", "# " * 20_000):
        assert told(hostile) == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("README.md", True),
        ("readme.rst", True),
        ("README", True),
        ("pkg/sub/ReadMe.txt", True),
        ("DATA.md", True),
        ("DATASHEET.md", True),
        ("data/README", True),
        ("docs/guide/loading.md", True),
        ("notes.md", True),
        ("pkg/notes.md", False),
        ("CHANGELOG.md", False),
        ("requirements.txt", False),
        ("data.txt", False),
        ("train.py", False),
        ("data/train.csv", False),
    ],
)
def test_which_files_are_documents(path: str, expected: bool) -> None:
    assert is_document(path) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("DATA.md", True),
        ("data/README.md", True),
        ("docs/dataset-card.md", True),
        ("README.md", False),
        ("USAGE.md", False),
    ],
)
def test_which_documents_are_about_data(path: str, expected: bool) -> None:
    assert is_data_sheet(path) is expected


def test_changes_are_foreseen() -> None:
    documents = Documents().after({"README.md": b"The data come from https://zenodo.org/record/1.", "a.py": b"x"})
    ((place, passage),) = documents.about_data
    assert (str(place.path), place.line) == ("README.md", 1)
    assert "zenodo" in passage.excerpt
    assert documents.after({"README.md": None}).files == ()
    assert documents.after({"b.py": b""}) is documents
