"""What a file is for is told from its name."""

import pytest

from repro_gui.facts.file_roles import FileRole, role_of


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("train.py", FileRole.SOURCE),
        ("docs/conf.py", FileRole.SOURCE),
        ("run.SH", FileRole.SOURCE),
        ("Makefile", FileRole.SOURCE),
        ("nb/eda.ipynb", FileRole.SOURCE),
        ("conf/model.yaml", FileRole.CONFIGURATION),
        ("data/raw.csv.dvc", FileRole.CONFIGURATION),
        ("MLproject", FileRole.CONFIGURATION),
        ("requirements-dev.txt", FileRole.ENVIRONMENT),
        ("docker/Dockerfile.gpu", FileRole.ENVIRONMENT),
        ("gpu.dockerfile", FileRole.ENVIRONMENT),
        ("environment-cpu.yml", FileRole.ENVIRONMENT),
        ("uv.lock", FileRole.ENVIRONMENT),
        (".python-version", FileRole.ENVIRONMENT),
        ("README.md", FileRole.DOCUMENTATION),
        ("LICENSE", FileRole.DOCUMENTATION),
        ("docs/x.yaml", FileRole.DOCUMENTATION),
        (".env", FileRole.SECRET),
        (".env.local", FileRole.SECRET),
        (".env.example", FileRole.OTHER),
        ("keys/server.pem", FileRole.SECRET),
        ("client_secret_1.json", FileRole.SECRET),
        ("service-account.json", FileRole.SECRET),
        ("aws_credentials.yaml", FileRole.SECRET),
        ("secrets.py", FileRole.SECRET),
        ("tokens.json", FileRole.CONFIGURATION),
        ("credentials_test.py", FileRole.SOURCE),
        ("notes.txt", FileRole.OTHER),
        ("model.pt", FileRole.OTHER),
    ],
)
def test_roles(path: str, role: FileRole) -> None:
    assert role_of(path) is role


def test_a_large_file_is_no_configuration() -> None:
    assert role_of("annotations.json", 50_000_000) is FileRole.OTHER
