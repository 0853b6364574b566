r"""What never leaves: credentials, tokens, private keys, home folders, the names of user and machine.

Pure functions over strings and over reports; they stand between a report and every export. A secret becomes `***`,
the own home folder `~`, another one `/home/<user>`. Redacting twice changes nothing more.
"""

from __future__ import annotations

import contextlib
import functools
import getpass
import os
import re
import socket
from collections.abc import Iterable
from typing import Any

import msgspec

from repro_gui.audit.report import (
    AnsweredQuestion,
    AppliedNote,
    AuditReport,
    ChecklistNote,
    CheckResult,
    EntryPointNote,
    LeftOutNote,
    Note,
    ProbeNote,
    WaiverNote,
)
from repro_gui.text import Text, escape_undecodable

HIDDEN = "***"


class PersonalNames(msgspec.Struct, frozen=True):
    """What names this person and this machine: home folders, account names, host names."""

    homes: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


NOBODY = PersonalNames()


@functools.cache
def names_of_this_machine() -> PersonalNames:
    """The names that the operating system knows now."""
    home = os.path.expanduser("~")  # noqa: PTH111 -- Path.home() raises where there is none
    homes = {home, os.path.realpath(home)} - {"~", "/", ""}
    users = {os.environ.get(name, "") for name in ("USER", "LOGNAME", "USERNAME")}
    with contextlib.suppress(KeyError, OSError):  # an account without an entry and without a variable
        users.add(getpass.getuser())
    host = socket.gethostname()
    return PersonalNames(
        tuple(sorted(homes, key=len, reverse=True)),
        tuple(sorted(users - {""})),
        tuple(sorted({host, host.partition(".")[0]} - {""})),
    )


def redact_text(value: str, names: PersonalNames | None = None) -> str:
    """The string without secrets and personal names; `names` are those of this machine unless given."""
    return _redact(value, names_of_this_machine() if names is None else names)


def redact_secrets(value: str) -> str:
    r"""The string without credentials, tokens and keys; names stay, with undecodable bytes as `\xNN`."""
    value = escape_undecodable(value)
    if len(value) < _SHORTEST_SECRET or not _may_hold_secret(value):
        return value
    for _ in range(_MOST_ROUNDS):
        before = value
        for pattern, replacement in _SECRETS:
            value = pattern.sub(replacement, value)
        value = _ASSIGNED.sub(_hide_assigned, value)
        if value == before:
            break
    return value


def redact_report(report: AuditReport, names: PersonalNames | None = None) -> AuditReport:
    """The report as it may leave: every string that came from the project or the machine redacted.

    What we wrote ourselves (titles, explanations, ids, keys, hashes) stays as it is.
    """
    known = names_of_this_machine() if names is None else names
    return _Redactor(known).report(report)


def redact_result(result: CheckResult, names: PersonalNames | None = None) -> CheckResult:
    """One result as it may leave; see `redact_report`."""
    return _Redactor(names_of_this_machine() if names is None else names).result(result)


def redact_answers(
    answers: Iterable[AnsweredQuestion], names: PersonalNames | None = None
) -> tuple[AnsweredQuestion, ...]:
    """Answers as they may leave before their report does; see `redact_report`."""
    redactor = _Redactor(names_of_this_machine() if names is None else names)
    return tuple(redactor.answer(answer) for answer in answers)


# ---- strings ----

_SHORTEST_SECRET = 5
# What stood behind a secret may be one itself once that is gone; two rounds are the rule.
_MOST_ROUNDS = 10

# What stands for a secret but is none: variables, placeholders, words that say what should stand there.
_PLACEHOLDER = re.compile(
    r"(?i)\*{3}|\$[\w{(]|%[\w({]|<|\{|\[|x{4}|\.{3}|…|#"
    r"|(?:none|null|true|false|nil|undefined|your|my[_-]|example|placeholder|redacted|hidden|changeme|secrets?\.|os\.|env\.|environ|getenv|process\.env)"
)
# A name that says "secret", then its value: code, YAML, JSON, INI, environment files, `setdefault("NAME", "value")`.
_ASSIGNED = re.compile(
    r"(?i)(?P<head>(?P<name>(?:password|passwd|passphrase|secret|credentials?|token"
    r"|(?:api|access|auth|private|account|secret|encryption|license)[_-]?key))"
    r"(?:[\"']?\]?\s*(?::\s*str\s*=|=>|[:=])|[\"']\s*,)\s*[rbuf]{0,2})"
    r"(?P<value>\"[^\"\n]+\"|'[^'\n]+'|[^\s\"'(),;\[\]{}]+)(?P<next>[(\[{\"']?)"
)
_WORD_TOKEN = re.compile(r"(?i)(?:pad|eos|bos|unk|sep|cls|mask|special)_\Z")

_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    # private keys, whole blocks, also cut off or with their line ends written as \n
    (
        re.compile(
            r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?!\s\*)(?:(?!-----BEGIN ).)*?"
            r"(?:-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|\Z)",
            re.DOTALL,
        ),
        "-----BEGIN PRIVATE KEY----- ***",
    ),
    (re.compile(r"AGE-SECRET-KEY-1[0-9A-Z]{20,}"), HIDDEN),
    # credentials in addresses: user and password, or a token as the user; a bare `git@` or `ssh://git@` is none
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,30}://)(?!(?:git|hg|svn)@)(?!\*{3}@)[^\s/@\"'<>]+@"), r"\1***@"),
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,30}://)(?:git|hg|svn):[^\s/@\"'<>]+@"), r"\1***@"),
    # the last `@` counts where a password holds one itself
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,30}://\*{3}@)[^\s/@\"'<>]*@"), r"\1"),
    # well-known shapes
    (
        re.compile(
            r"(?<![A-Za-z0-9])(?:"
            r"gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255}"  # GitHub
            r"|gl(?:pat|dt|ptt|rt|cbt|ft|soat|agent|imt|oas|ffct)-[A-Za-z0-9_.-]{16,}"  # GitLab
            r"|(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z0-9]{16}(?![A-Za-z0-9])"  # AWS, lakeFS
            r"|hf_[A-Za-z0-9]{30,}|api_org_[A-Za-z0-9]{30,}"  # Hugging Face
            r"|wandb_v[0-9]+_[A-Za-z0-9_-]{20,}|local-[0-9a-f]{40}"  # W&B
            r"|sk-(?:(?:proj|svcacct|admin|ant|or|lf)-)?[A-Za-z0-9_-]{20,}"  # OpenAI, Anthropic and their like
            r"|xox[abcdeoprs]-[A-Za-z0-9-]{10,}|xapp-[0-9]-[A-Za-z0-9-]{10,}"  # Slack
            r"|AIza[0-9A-Za-z_-]{35}|ya29\.[0-9A-Za-z_-]{20,}|GOCSPX-[0-9A-Za-z_-]{20,}"  # Google
            r"|pypi-[A-Za-z0-9_-]{40,}|npm_[A-Za-z0-9]{36}|dckr_pat_[A-Za-z0-9_-]{20,}"  # registries
            r"|[srp]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9]{20,}"  # Stripe
            r"|dapi[0-9a-f]{32}|dop_v1_[0-9a-f]{64}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|r8_[A-Za-z0-9]{30,}|KGAT_[0-9a-f]{30,}"
            r"|gsk_[A-Za-z0-9]{40,}|nvapi-[A-Za-z0-9_-]{40,}|tvly-[A-Za-z0-9-]{20,}|sntrys_[A-Za-z0-9+/=_-]{40,}|[0-9]{8,10}:AA[A-Za-z0-9_-]{33}"
            r"|eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"  # JSON web tokens
            r")"
        ),
        HIDDEN,
    ),
    (re.compile(r"(hooks\.slack\.com/(?:services|workflows)/)[A-Za-z0-9/_+-]+"), r"\1***"),
    (re.compile(r"(discord(?:app)?\.com/api/webhooks/)[0-9]+/[A-Za-z0-9_-]+"), r"\1***"),
    # secrets in the query of an address
    (
        re.compile(
            r"(?i)([?&;](?:[\w-]*token|api[_-]?key|key|sig|signature|x-amz-signature|x-amz-credential|x-amz-security-token|password|secret|auth|code)=)"
            r"(?!\*{3})[^\s&#\"'<>;]+"
        ),
        r"\1***",
    ),
    # headers
    (
        re.compile(
            r"(?i)\b(authorization[\"']?\s*[:=]\s*[\"']?(?:basic|bearer|token|apikey)\s+)(?!\*{3}|\{|\$|<)[^\s\"'\\]+"
        ),
        r"\1***",
    ),
    (re.compile(r"(?i)\b(bearer\s+)(?!\*{3})(?=[A-Za-z0-9._~+/-]*\d)[A-Za-z0-9._~+/-]{16,}=*"), r"\1***"),
    # a 40-digit W&B key where it is used as one
    (re.compile(r"(?i)\b(wandb(?:\.|\s+)login[\s(]+(?:--relogin\s+)?(?:key\s*=\s*)?[\"']?)[0-9a-f]{40}\b"), r"\1***"),
)

# No pattern above matches a string without one of these, in small letters: nearly every string is let through at once.
# fmt: off
_MARKS = (
    "://", "private key", "age-secret-", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "gldt-", "glptt-",
    "glrt-", "glcbt-", "glft-", "glsoat-", "glagent-", "glimt-", "gloas-", "glffct-", "akia", "asia", "abia", "acca", "aroa",
    "aida", "hf_", "api_org_", "wandb", "local-", "sk-", "xox", "xapp-", "aiza", "ya29.", "gocspx-", "pypi-", "npm_", "dckr_pat_",
    "k_live_", "k_test_", "whsec_", "dapi", "dop_v1_", "sg.", "r8_", "kgat_", "gsk_", "nvapi-", "tvly-", "sntrys_", ":aa", "eyj",
    "slack.com/", "discord", "sig=", "signature=", "auth", "code=", "bearer", "passw", "passphrase", "secret", "credential",
    "token", "key",
)
# fmt: on


def _may_hold_secret(value: str) -> bool:
    lowered = value.lower()
    return any(mark in lowered for mark in _MARKS)


# Folders of people on the usual systems; the name of the person is hidden, the rest of the path stays.
_OTHER_HOMES = re.compile(
    r"(?<![\w.~-])((?:/mnt/[a-z])?/(?:home|Users)/|/(?:lustre|gpfs|scratch|work|cluster|nfs)/home/)([^\s/\\\"'<>:,;()\[\]{}*$]+)"
)
_OTHER_HOMES_WINDOWS = re.compile(
    r"(?i)\b([a-z]:(?:\\\\|\\|/)(?:Users|Documents and Settings)(?:\\\\|\\|/))([^\s/\\\"'<>:,;()\[\]{}*%]+)"
)
_NOT_A_PERSON = frozenset(
    {
        "public",
        "shared",
        "default",
        "user",
        "username",
        "runner",
        "<user>",
        "all",
        "linuxbrew",
        "..",
        ".",
        "...",
        "me",
        "you",
        "name",
    }
)

# Account names that are words of the field or of programs: hidden only where they stand as a name of an account.
# fmt: off
_ORDINARY = frozenset([
    "root",
    "user",
    "admin",
    "administrator",
    "ubuntu",
    "debian",
    "centos",
    "fedora",
    "test",
    "tests",
    "tester",
    "testing",
    "dev",
    "devel",
    "developer",
    "data",
    "train",
    "training",
    "trainer",
    "model",
    "models",
    "demo",
    "guest",
    "public",
    "shared",
    "default",
    "runner",
    "worker",
    "builder",
    "build",
    "docker",
    "jupyter",
    "jovyan",
    "vscode",
    "gitpod",
    "codespace",
    "coder",
    "azureuser",
    "ec2-user",
    "student",
    "research",
    "researcher",
    "science",
    "compute",
    "cluster",
    "server",
    "desktop",
    "laptop",
    "workstation",
    "localhost",
    "machine",
    "python",
    "conda",
    "nobody",
    "www-data",
    "system",
    "service",
    "local",
    "host",
    "home",
    "work",
    "project",
    "code",
    "source",
    "master",
    "main",
    "head",
    "branch",
    "remote",
    "origin",
    "commit",
])
# fmt: on


@functools.lru_cache(maxsize=65_536)
def _redact(value: str, names: PersonalNames) -> str:
    value = redact_secrets(value)
    lowered = value.lower()
    for mark, pattern, replacement in _personal_patterns(names):
        if mark in lowered:
            value = pattern.sub(replacement, value)
    if "/home/" in value or "/Users/" in value:
        value = _OTHER_HOMES.sub(_hide_person, value)
    return _OTHER_HOMES_WINDOWS.sub(_hide_person, value) if ":" in value else value


def _hide_assigned(found: re.Match[str]) -> str:
    value = found["value"]
    # The special tokens of tokenizers hold words: `pad_token = "<pad>"`.
    if found["name"].lower() == "token" and _WORD_TOKEN.search(found.string, max(0, found.start() - 12), found.start()):
        return found[0]
    quote = value[0] if value[0] in "\"'" else ""
    if not _is_secret(found["name"], value.strip(quote) if quote else value, found["head"], bool(quote), found["next"]):
        return found[0]
    return f"{found['head']}{quote}{HIDDEN}{quote}{found['next']}"


def _is_secret(name: str, value: str, head: str, is_quoted: bool, following: str) -> bool:
    """Whether what a telling name is given is the secret itself and no code, variable, placeholder or sentence."""
    if len(value) < _SHORTEST_SECRET or _PLACEHOLDER.match(value) or any(character.isspace() for character in value):
        return False
    is_mixed = any(character.isdigit() for character in value) and any(character.isalpha() for character in value)
    if name.lower() == "token" and not is_mixed:
        return False
    if is_quoted:
        return True
    if following or value.endswith(":"):
        return False  # a call, an index, a pair of strings: code
    if name.isupper() and head.endswith("="):
        return True  # NAME=value of the shell and of .env files
    # `password = config.v2.password`, `token=token_2` are code; `password: hunter2hunter` is not.
    return is_mixed and len(value) >= 8 and not _IDENTIFIER.fullmatch(value)


_IDENTIFIER = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+|[a-z]+(?:_[a-z0-9]+)+|[A-Z]+(?:_[A-Z0-9]+)+")


def _hide_person(found: re.Match[str]) -> str:
    return found[0] if found[2].lower() in _NOT_A_PERSON else f"{found[1]}<user>"


@functools.lru_cache(maxsize=64)
def _personal_patterns(names: PersonalNames) -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """Patterns with their replacements; without the first part, in small letters, a pattern matches nothing."""
    patterns: list[tuple[str, re.Pattern[str], str]] = []
    for home in names.homes:
        if len(home) < 3:
            continue
        written = re.escape(home.rstrip("/\\"))
        # A backslash is doubled in source code and JSON.
        written = written.replace(r"\\", r"\\{1,2}") if "\\" in home else written
        mark = re.split(r"[/\\]", home.rstrip("/\\"))[-1].lower()
        patterns.append((mark, re.compile(rf"(?:(?<![\w.~/\\-])|(?<=file://)){written}(?![\w-]|\.\w)"), "~"))
    for user in names.users:
        patterns += [(user.lower(), re.compile(pattern), shown) for pattern, shown in _user_patterns(user)]
    for host in names.hosts:
        patterns += [(host.lower(), re.compile(pattern), shown) for pattern, shown in _host_patterns(host)]
    return tuple(patterns)


def _user_patterns(name: str) -> list[tuple[str, str]]:
    written = re.escape(name)
    if _is_telling(name):
        return [(rf"(?<![\w<]){written}(?![\w>])", "<user>")]
    if len(name) < 2:
        return []
    # Only where it stands as the name of an account: `max@host`, `user=max`, `user: max`.
    said = rf"(?i)(\b(?:user|username|user_name|login|owner|account)[\"']?\s*[:=]\s*[\"']?){written}(?![\w.-])"
    return [(rf"(?<![\w./-]){written}(?=@[\w<])", "<user>"), (said, r"\1<user>")]


def _host_patterns(name: str) -> list[tuple[str, str]]:
    written = re.escape(name)
    if _is_telling(name):
        return [(rf"(?<![\w<]){written}(?![\w>])", "<host>")]
    if len(name) < 2:
        return []
    said = rf"(?i)(\b(?:host|hostname|host_name|node|machine)[\"']?\s*[:=]\s*[\"']?){written}(?![\w.-])"
    return [(rf"(?<=@){written}(?![\w.-])", "<host>"), (said, r"\1<host>")]


def _is_telling(name: str) -> bool:
    """Whether a name is nobody's word otherwise, so that it is hidden wherever it stands."""
    return len(name) >= 5 and name.lower() not in _ORDINARY


# ---- reports ----


class _Redactor:
    """Goes through the fields of a report that hold words of the project or of the machine."""

    def __init__(self, names: PersonalNames) -> None:
        self.names = names

    def report(self, report: AuditReport) -> AuditReport:
        return msgspec.structs.replace(
            report,
            project=redact_secrets(report.project),
            answers=tuple(self.answer(answer) for answer in report.answers),
            results=tuple(self.result(result) for result in report.results),
            entry_points=tuple(self.entry_point(note) for note in report.entry_points),
            device=self.value(report.device),
            not_verified=tuple(self.text(reason) for reason in report.not_verified),
            left_out=tuple(LeftOutNote(redact_secrets(note.path), self.text(note.reason)) for note in report.left_out),
            waivers=tuple(self.waiver(waiver) for waiver in report.waivers),
            history=tuple(self.applied(note) for note in report.history),
            probe=None if report.probe is None else self.probe(report.probe),
            checklist=None if report.checklist is None else self.checklist(report.checklist),
        )

    def checklist(self, note: ChecklistNote) -> ChecklistNote:
        items = tuple(msgspec.structs.replace(item, why=self.text(item.why)) for item in note.items)
        return msgspec.structs.replace(note, items=items)

    def probe(self, note: ProbeNote) -> ProbeNote:
        return msgspec.structs.replace(
            note,
            fingerprint=self.value(note.fingerprint),
            operations=tuple(
                msgspec.structs.replace(
                    one,
                    used=tuple(redact_secrets(place) for place in one.used),
                    why=None if one.why is None else self.text(one.why),
                )
                for one in note.operations
            ),
            why_not=None if note.why_not is None else self.text(note.why_not),
        )

    def answer(self, answer: AnsweredQuestion) -> AnsweredQuestion:
        return msgspec.structs.replace(
            answer, why=self.text(answer.why), evidence=self.notes(answer.evidence), details=self.notes(answer.details)
        )

    def result(self, result: CheckResult) -> CheckResult:
        return msgspec.structs.replace(
            result,
            findings=self.notes(result.findings),
            evidence=self.notes(result.evidence),
            undecided=self.notes(result.undecided),
            why_not=None if result.why_not is None else self.text(result.why_not),
        )

    def notes(self, notes: tuple[Note, ...]) -> tuple[Note, ...]:
        return tuple(self.note(note) for note in notes)

    def note(self, note: Note) -> Note:
        template = self.text(note.template)
        # The message is the rendered template: a secret cut apart by the template is whole only there.
        message = template.render() if str(note.template) == note.message else note.message
        return msgspec.structs.replace(
            note,
            message=self.string(message),
            template=template,
            path=redact_secrets(note.path),
            values={name: self.value(value) for name, value in note.values.items()},
            places=self.notes(note.places),
            code=self.string(note.code),
            cause=self.string(note.cause),
        )

    def entry_point(self, note: EntryPointNote) -> EntryPointNote:
        return msgspec.structs.replace(
            note, path=redact_secrets(note.path), how=self.text(note.how), symbol=redact_secrets(note.symbol)
        )

    def waiver(self, waiver: WaiverNote) -> WaiverNote:
        # Who signs a waiver chose to be named.
        return msgspec.structs.replace(waiver, reason=self.string(waiver.reason), name=redact_secrets(waiver.name))

    def applied(self, note: AppliedNote) -> AppliedNote:
        return msgspec.structs.replace(
            note,
            title=self.text(note.title),
            files=tuple(redact_secrets(path) for path in note.files),
            commands=tuple(self.string(command) for command in note.commands),
        )

    def text(self, wording: Text) -> Text:
        return Text(wording.template, {name: self.value(value) for name, value in wording.values.items()})

    def string(self, value: str) -> str:
        return _redact(value, self.names)

    def value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.string(value)
        if isinstance(value, dict):
            return {name: self.value(item) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        return value
