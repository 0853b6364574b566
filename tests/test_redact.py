import json
import re

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from repro_gui import redact
from repro_gui.audit.report import (
    SCHEMA,
    Answer,
    AnsweredQuestion,
    AppliedNote,
    AuditReport,
    CheckResult,
    EntryPointNote,
    LeftOutNote,
    Note,
    Outcome,
    Question,
    WaiverNote,
)
from repro_gui.checks.check import Pillar, Weight
from repro_gui.redact import NOBODY, PersonalNames, redact_report, redact_secrets, redact_text
from repro_gui.text import Text, text

ALICE = PersonalNames(homes=("/home/alice",), users=("alice",), hosts=("gpu-box-17.lab.example.org", "gpu-box-17"))
WINDOWS = PersonalNames(homes=("C:\\Users\\alice",), users=("alice",), hosts=("DESKTOP-4F2K",))

# Built from halves, so that no scanner takes this file for a leak.
SECRETS = {
    "github": "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a",
    "github fine-grained": "github_"  # noqa: ISC003
    + "pat_11ABCDEFG0abcdefghijkl_ZYXWVUTSRQPONMLKJIHGFEDCBA0123456789abcdefghijklmnopqrstuv",
    "gitlab": "glpat" + "-ABCDEFGH1jklmnOPQRst",
    "aws": "AKIA" + "IOSFODNN7EXAMPLE",
    "hugging face": "hf_" + "abcdefghijklmnopqrstuvwxyzABCDEFGH",
    "wandb": "wandb_v1_" + "AbCdEf0123456789AbCdEf0123456789",
    "openai": "sk-" + "abcdEFGH0123456789abcdEFGH0123456789",
    "openai project": "sk-proj-" + "abcd_EFGH-0123456789abcdEFGH0123456789",
    "anthropic": "sk-ant-" + "api03-abcdEFGH0123456789abcdEFGH0123456789",
    "slack": "xoxb" + "-123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx",
    "google": "AIza" + "SyA1234567890abcdefghijklmnopqrstuv",
    "jwt": "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "databricks": "dapi" + "0123456789abcdef0123456789abcdef",
    "pypi": "pypi-" + "AgEIcHlwaS5vcmcCJDAwMDAwMDAwLTAwMDAtMDAwMC0wMDAwLTAwMDAwMDAwMDAwMA",
}
AROUND = [
    "{}",
    "found {} here",
    'KEY = "{}"',
    "https://x:{}@example.org/r.git",
    "data_{}.csv",
    "https://example.org/?a=1&token={}",
]


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("kind", SECRETS)
def test_well_known_tokens_go_wherever_they_stand(kind: str, around: str) -> None:
    secret = SECRETS[kind]
    shown = redact_text(around.format(secret), NOBODY)
    assert secret not in shown
    assert "***" in shown


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://alice:s3cr3t@host.org/repo.git", "https://***@host.org/repo.git"),
        ("https://x-access-token@host.org/repo.git", "https://***@host.org/repo.git"),
        ("git+https://tok3n@host.org/repo.git@main#egg=x", "git+https://***@host.org/repo.git@main#egg=x"),
        ("postgresql://bob:p@ss@db:5432/x", "postgresql://***@db:5432/x"),
        (
            "--extra-index-url https://u:p@pypi.example.org/simple",
            "--extra-index-url https://***@pypi.example.org/simple",
        ),
        ("git@host.org:group/repo.git", "git@host.org:group/repo.git"),
        ("ssh://git@host.org/repo.git", "ssh://git@host.org/repo.git"),
        ("s3://bucket/key@v2/file", "s3://bucket/key@v2/file"),
        ("https://host.org/x?sig=abc%2Fdef&se=2030", "https://host.org/x?sig=***&se=2030"),
        ("https://host.org/x?page=2&api_key=0123abcd", "https://host.org/x?page=2&api_key=***"),
        ('password = "hunter2"', 'password = "***"'),
        ("    db_password: 'correct-horse'", "    db_password: '***'"),
        ('{"api_key": "0a1b2c3d4e5f"}', '{"api_key": "***"}'),
        ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "AWS_SECRET_ACCESS_KEY=***"),
        ("export MY_TOKEN=abcd1234", "export MY_TOKEN=***"),
        (
            'os.environ["WANDB_API_KEY"] = "0123456789abcdef0123456789abcdef01234567"',
            'os.environ["WANDB_API_KEY"] = "***"',
        ),
        (
            'os.environ.setdefault("NEPTUNE_API_TOKEN", "eyJhcGlfYWRk1234")',
            'os.environ.setdefault("NEPTUNE_API_TOKEN", "***")',
        ),
        ('wandb.login(key="0123456789abcdef0123456789abcdef01234567")', 'wandb.login(key="***")'),
        ("wandb login 0123456789abcdef0123456789abcdef01234567", "wandb login ***"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer ***"),
        ("client_secret: 8f7e6d5c4b3a", "client_secret: ***"),
        ("https://hooks.slack.com/services/T00000000/B00000000/XXXX1234", "https://hooks.slack.com/services/***"),
    ],
)
def test_credentials_go_and_the_rest_stays(value: str, expected: str) -> None:
    assert redact_text(value, NOBODY) == expected


def test_a_private_key_goes_whole_also_when_it_is_cut_off() -> None:
    head, body = "-----BEGIN RSA " + "PRIVATE KEY-----", "\nMIIEpAIBAAKCAQEA7Vv+yxz\nq9sDJ2=\n"
    whole = f"before {head}{body}-----END RSA " + "PRIVATE KEY-----\nafter"
    assert redact_text(whole, NOBODY) == "before -----BEGIN PRIVATE KEY----- ***\nafter"
    assert "MIIE" not in redact_text(head + body, NOBODY)
    assert "MIIE" not in redact_text(json.dumps(head + body), NOBODY)


@pytest.mark.parametrize(
    "value",
    [
        "random.seed(42)",
        "tokenizer = AutoTokenizer.from_pretrained('bert-base-uncased')",
        'pad_token="<pad>"',
        "max_tokens: 2048",
        "num_tokens=512, token_ids=ids",
        'token = os.environ["HF_TOKEN"]',
        "token=os.environ.get('HF_TOKEN')",
        "HF_TOKEN=${HF_TOKEN}",
        'password = getpass.getpass("Password: ")',
        "api_key=config.v2.api_key",
        "secret: ${{ secrets.PYPI_TOKEN }}",
        "key = jax.random.PRNGKey(0)",
        "rng, subkey = jax.random.split(key)",
        'sort_key="loss_v2"',
        "d6cd1e2bd19e03a81132a23b2025920577f84e37",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "torch==2.3.1+cu121 --hash=sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "data/train.csv is tracked by nothing",
        "pandas==2.2.2 ; python_version >= '3.11'",
        "https://download.pytorch.org/whl/cu121",
        "user@example.org wrote this",
        "def __init__(self, token: str, password: bytes | None = None):",
        "torch.backends.cudnn.benchmark = True",
        "/usr/local/cuda-12.1/lib64",
        "task-specific-heads-and-more-than-twenty-characters",
        "risk-assessment-of-long-names-in-kebab-case",
        "cls.token_type_ids_1",
        "Enter the password: then press return",
    ],
)
def test_ordinary_findings_are_not_mangled(value: str) -> None:
    assert redact_text(value, ALICE) == value


@pytest.mark.parametrize(
    ("value", "names", "expected"),
    [
        ("/home/alice/data/train.csv", ALICE, "~/data/train.csv"),
        ("open('/home/alice/x')", ALICE, "open('~/x')"),
        ("file:///home/alice/wheels", ALICE, "file://~/wheels"),
        ("/home/alice", ALICE, "~"),
        ("/home/alicebob/x", ALICE, "/home/<user>/x"),
        ("/data/home/alice.txt", ALICE, "/data/home/<user>.txt"),
        ("/Users/bob/code and /home/carol/code", ALICE, "/Users/<user>/code and /home/<user>/code"),
        (r"C:\Users\alice\data", WINDOWS, r"~\data"),
        (r"C:\\Users\\alice\\data", WINDOWS, r"~\\data"),
        (r"D:\Users\carol\data", WINDOWS, r"D:\Users\<user>\data"),
        ("ran by alice on gpu-box-17", ALICE, "ran by <user> on <host>"),
        ("gpu-box-17.lab.example.org:8888", ALICE, "<host>:8888"),
        ("malice and alicestr", ALICE, "malice and alicestr"),
        (
            "/root/x by root in the repository root",
            PersonalNames(homes=("/root",), users=("root",)),
            "~/x by root in the repository root",
        ),
        ("root@gpu: user=root", PersonalNames(users=("root",), hosts=("gpu",)), "<user>@<host>: user=<user>"),
        ("max(a) by max@max", PersonalNames(users=("max",), hosts=("max",)), "max(a) by <user>@<host>"),
        ("a/b", PersonalNames(homes=("/",), users=("a",)), "a/b"),
    ],
)
def test_personal_names(value: str, names: PersonalNames, expected: str) -> None:
    assert redact_text(value, names) == expected


ANYTHING = st.text() | st.sampled_from(
    [*SECRETS.values(), *AROUND, "/home/alice/", "alice", "password=", "://", "@", '"', "a1" * 9]
)


@given(st.lists(ANYTHING, max_size=6).map("".join))
@example("://@@")
@example('password="***"x"')
@settings(max_examples=300)
def test_redacting_twice_changes_nothing_more(value: str) -> None:
    once = redact_text(value, ALICE)
    assert redact_text(once, ALICE) == once


@given(st.text(alphabet="abcdefghij .,()=_'\"\n", max_size=200))
def test_plain_words_stay(value: str) -> None:
    assert redact_text(value, NOBODY) == value


@given(
    st.sampled_from(sorted(SECRETS)),
    st.text(alphabet=" \n\t,;:()[]{}'\"=<>", min_size=1, max_size=5),
    st.text(alphabet=" \n\t,;:()[]{}'\"<>", max_size=5),
)
def test_a_token_among_punctuation_goes(kind: str, before: str, after: str) -> None:
    assert SECRETS[kind] not in redact_text(before + SECRETS[kind] + after, NOBODY)


def test_long_input_takes_no_time_out_of_proportion() -> None:
    # Each of these would take minutes with a pattern that backtracks.
    for piece in (
        "a",
        "a.",
        "token",
        "https://",
        "eyJaaaaaaaaa.",
        "-----BEGIN PRIVATE KEY-----",
        "password = ",
        "/home/",
        "@",
        "sk-a",
    ):
        redact_secrets(piece * 20_000)


def planted(secret: str) -> AuditReport:
    wording = text("{url} was read by {who}", url=f"https://u:{secret}@h/x", who="/home/alice/bin/x")
    note = Note(
        message=str(wording),
        template=wording,
        path=f"data/{secret}.csv",
        line=3,
        key="0123456789abcdef",
        cause=f"cause {secret}",
        values={"url": f"https://u:{secret}@h", "n": 3, "none": None},
        places=(Note(message=f"see {secret}", template=text("see {secret}", secret=secret)),),
        code=f'token = "{secret}"',
    )
    return AuditReport(
        schema=SCHEMA,
        tool="repro-gui",
        tool_version="1",
        knowledge_hash="ab",
        project=f"p-{secret}",
        commit="d6cd1e2bd19e03a81132a23b2025920577f84e37",
        when="2026-01-01T00:00:00Z",
        answers=(AnsweredQuestion(Question.CODE, "w", Answer.NO, wording, (note,), (note,)),),
        results=(
            CheckResult(
                "some-check",
                Pillar.CODE,
                Weight.MUST,
                "t",
                "f",
                "e",
                Outcome.FAILED,
                (note,),
                (note,),
                (note,),
                wording,
            ),
        ),
        entry_points=(EntryPointNote(f"{secret}.py", wording, True, symbol=secret),),
        device={"paths": [f"/home/alice/{secret}"], "cpu": {"name": "x", "note": secret}, "cores": 8},
        not_verified=(wording,),
        left_out=(LeftOutNote(f"{secret}", wording),),
        waivers=(WaiverNote("0123456789abcdef", f"because {secret}", secret),),
        history=(AppliedNote(wording, "2026", (f"{secret}.py",), (f"git push https://u:{secret}@h",)),),
    )


@pytest.mark.parametrize("kind", SECRETS)
def test_a_planted_secret_is_nowhere_in_a_report(kind: str) -> None:
    report = redact_report(planted(SECRETS[kind]), ALICE)
    content = report.to_json().decode()
    assert SECRETS[kind] not in content
    assert "alice" not in content


def test_what_identifies_stays() -> None:
    before = planted("nothing")
    after = redact_report(before, ALICE)
    assert after.commit == before.commit
    assert after.results[0].findings[0].key == "0123456789abcdef"
    assert after.results[0].findings[0].line == 3
    assert after.results[0].findings[0].values["n"] == 3
    assert after.device["cores"] == 8
    assert redact_report(after, ALICE) == after


def test_the_message_follows_its_redacted_values() -> None:
    wording = Text("password={value} is written here", {"value": "hunter2hunter2"})
    note = Note(message=str(wording), template=wording)
    report = planted("x")
    result = report.results[0]
    report = msgspec.structs.replace(report, results=(msgspec.structs.replace(result, findings=(note,)),))
    assert redact_report(report, NOBODY).results[0].findings[0].message == "password=*** is written here"


@pytest.mark.parametrize(
    "pattern",
    [*(pattern for pattern, _ in redact._SECRETS), redact._ASSIGNED],
    ids=lambda pattern: pattern.pattern[:30],
)
def test_nothing_that_a_pattern_matches_is_let_through_at_once(pattern: re.Pattern[str]) -> None:
    @given(st.from_regex(pattern))
    @settings(max_examples=40, suppress_health_check=list(HealthCheck))
    def check(value: str) -> None:
        if pattern.search(value):
            assert redact._may_hold_secret(value)

    check()


def test_the_cause_of_a_finding_names_no_home() -> None:
    """A path of one machine is its finding's cause, and JSON holds causes."""
    note = Note("path", text("A path of one machine."), "", cause="/home/alice/data/images.csv")
    result = CheckResult(
        "hard-coded-path", Pillar.CODE, Weight.SHOULD, "Paths", "A path", "Why.", Outcome.FAILED, findings=(note,)
    )
    (found,) = redact.redact_result(result, ALICE).findings
    assert "alice" not in found.cause
    assert found.cause.endswith("/data/images.csv")
