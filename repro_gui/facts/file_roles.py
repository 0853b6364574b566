"""What a file is for, told from its name: source, configuration, environment, documentation or something else."""

from __future__ import annotations

import posixpath
import re
from enum import StrEnum


class FileRole(StrEnum):
    """The first three are what a result comes from besides data."""

    SOURCE = "source"
    CONFIGURATION = "configuration"
    ENVIRONMENT = "environment"
    DOCUMENTATION = "documentation"
    SECRET = "secret"  # noqa: S105 -- a word, not one
    OTHER = "other"


ROLES_OF_THE_PROGRAM = frozenset({FileRole.SOURCE, FileRole.CONFIGURATION, FileRole.ENVIRONMENT})
PYTHON_SUFFIXES = (".py", ".ipynb", ".pyx", ".pyw")

_SOURCES = frozenset({
    ".py", ".pyw", ".pyx", ".pxd", ".pyi", ".ipynb", ".r", ".rmd", ".qmd", ".jl", ".m", ".c", ".cc", ".cpp", ".cxx",
    ".h", ".hh", ".hpp", ".cu", ".cuh", ".rs", ".go", ".java", ".scala", ".lua", ".sql", ".sh", ".bash", ".zsh",
    ".fish", ".ps1", ".bat", ".cmd", ".sbatch", ".slurm", ".pbs", ".mk", ".smk", ".nf", ".wdl", ".cmake", ".proto",
    ".pl", ".f90", ".js", ".ts",
})  # fmt: skip
_CONFIGURATIONS = frozenset({
    ".yaml", ".yml", ".toml", ".json", ".json5", ".jsonc", ".ini", ".cfg", ".conf", ".config", ".gin", ".jsonnet",
    ".libsonnet", ".properties", ".hocon", ".dvc", ".prototxt", ".xml", ".hcl",
})  # fmt: skip
_DOCUMENTS = frozenset({
    ".md", ".rst", ".adoc", ".tex", ".bib", ".pdf", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".ico", ".html",
    ".htm", ".css", ".doc", ".docx", ".ppt", ".pptx", ".odt", ".drawio",
})  # fmt: skip
_SOURCE_NAMES = re.compile(r"(?:gnu)?makefile|snakefile|cmakelists\.txt|justfile|procfile|jenkinsfile", re.IGNORECASE)
_CONFIGURATION_NAMES = re.compile(
    r"mlproject|params?\.txt|\.gitattributes|\.gitmodules|\.dvcignore|\.editorconfig", re.IGNORECASE
)
_ENVIRONMENT_NAMES = re.compile(
    r"""
    .*requirements?[^/]*\.(?:txt|in) | constraints?[^/]*\.(?:txt|in) | environment[^/]*\.ya?ml | conda[^/]*\.(?:ya?ml|lock)
    | pyproject\.toml | setup\.(?:py|cfg) | pipfile(?:\.lock)? | (?:poetry|uv|pdm|pixi)\.lock | pylock[^/]*\.toml
    | \.python-version | runtime\.txt | python_env\.ya?ml | (?:.*\.)?(?:docker|container)file(?:\..*)? | .*\.def
    | (?:docker-)?compose[^/]*\.ya?ml | \.dockerignore | (?:flake|shell)\.(?:nix|lock) | pixi\.toml | tox\.ini | explicit\.txt
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Files that hold credentials by convention: no button of ours may ever commit them.
_SECRET_NAMES = re.compile(
    r"""
    \.env(?:\.(?!example$|sample$|template$|dist$).*)? | .*\.(?:pem|key|p12|pfx|keystore|jks|kdbx|ovpn) | id_(?:rsa|dsa|ecdsa|ed25519)
    | \.netrc | _netrc | \.pypirc | \.htpasswd | \.git-credentials | kaggle\.json | config\.local
    | (?:.*[._-])?(?:credentials?|secrets?|api_?keys?|auth_?tokens?|access_?tokens?)(?:[._-].*)?\.(?:json|ya?ml|toml|ini|cfg|conf|txt|py)
    | service[_-]?account.*\.json | credentials
    """,
    re.IGNORECASE | re.VERBOSE,
)
_DOCUMENT_NAMES = re.compile(
    r"(?:readme|licen[cs]e|copying|changelog|changes|history|news|authors|contributors|contributing|citation|notice|todo"
    r"|code_of_conduct|security)(?:\..*)?",
    re.IGNORECASE,
)
_DOCUMENT_FOLDERS = frozenset(
    {"doc", "docs", "documentation", "figures", "images", "img", ".github", ".vscode", ".idea"}
)
# A larger file of such a format holds data, whatever its suffix.
_MOST_CONFIGURATION = 1024 * 1024


def role_of(path: str, size: int = 0) -> FileRole:
    """The role that name, folder and size (bytes, 0: not known) of a file speak for."""
    folder, _, name = path.rpartition("/")
    suffix = posixpath.splitext(name)[1].lower()
    if _SECRET_NAMES.fullmatch(name) and not (suffix == ".py" and "secret" not in name.lower()):
        return FileRole.SECRET
    if _ENVIRONMENT_NAMES.fullmatch(name):
        return FileRole.ENVIRONMENT
    if suffix in _SOURCES or _SOURCE_NAMES.fullmatch(name):
        return FileRole.SOURCE
    if _DOCUMENT_NAMES.fullmatch(name) or suffix in _DOCUMENTS or _DOCUMENT_FOLDERS & set(folder.lower().split("/")):
        return FileRole.DOCUMENTATION
    if _CONFIGURATION_NAMES.fullmatch(name) or suffix in _CONFIGURATIONS:
        return FileRole.CONFIGURATION if size <= _MOST_CONFIGURATION else FileRole.OTHER
    return FileRole.OTHER
