"""Bytes of run files: whole, cut off, damaged, huge and hostile."""

from __future__ import annotations

import struct
import zlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro_gui.facts.wandb_records import BLOCK, WandbRun, one_run, read_wandb_file

START = b":W&B\xe1\xbe\x00"


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def field(number: int, value: int | str | bytes) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    content = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(content)) + content


def item(keys: str | list[str], value: str) -> bytes:
    names = field(1, keys) if isinstance(keys, str) else b"".join(field(2, key) for key in keys)
    return field(1, names + field(16, value))


def config(keys: str | list[str], value: str) -> bytes:
    return field(5, item(keys, value))


def summary(keys: str | list[str], value: str) -> bytes:
    return field(3, item(keys, value))


RUN = field(17, field(1, "id1") + field(8, "first") + field(4, item("lr", "0.1")) + field(17, field(1, 1_700_000_000)))
EXIT = field(18, field(1, 0))


def framed(*records: bytes, position: int = len(START)) -> bytes:
    """Records as LevelDB frames them, from a place in a file."""
    out = bytearray()
    for record in records:
        rest, is_first = record, True
        while is_first or rest:
            left = BLOCK - (position + len(out)) % BLOCK
            if left < 7:
                out += b"\0" * left
                continue
            piece, rest = rest[: left - 7], rest[left - 7 :]
            kind = (1 if is_first else 4) if not rest else (2 if is_first else 3)
            out += struct.pack("<IHB", zlib.crc32(piece, zlib.crc32(bytes([kind]))), len(piece), kind) + piece
            is_first = False
    return bytes(out)


def read(*records: bytes) -> WandbRun:
    found = read_wandb_file([START + framed(*records)])
    assert found is not None
    return found


def test_what_a_run_says() -> None:
    run = read(RUN, config("seed", "7"), summary("loss", "0.5"), EXIT)
    assert (run.run_id, run.name, run.started, run.commit) == ("id1", "first", 1_700_000_000, "")
    assert run.parameters == {"lr": "0.1", "seed": "7"}
    assert run.metrics == {"loss": "0.5"}
    assert (run.is_begun, run.is_finished, run.is_whole) == (True, True, True)


def test_nested_removed_and_replaced_values() -> None:
    run = read(
        RUN,
        config("a", '{"b":{"c":1}}'),
        config(["a", "b", "d"], "true"),
        config("gone", "1"),
        field(5, field(2, field(1, "gone"))),
        config("_wandb", "{}"),
        config("lr", '"fast"'),
        config(["lr2", "x"], "NaN"),
        summary("_runtime", "1"),
        summary("s", '"a\\nb"'),
    )
    assert run.parameters == {"a": "{b: {c: 1, d: true}}", "lr": "fast", "lr2": "{x: NaN}"}
    assert run.metrics == {"s": "a\nb"}


def test_artifacts_that_were_used_name_the_data() -> None:
    used = field(25, field(1, "QXJ0") + field(3, "wheat:v3"))
    by_run = field(8, field(5, "rye") + field(6, "d1") + field(10, 1))
    made = field(8, field(5, "model") + field(6, "d2"))
    assert read(RUN, used, by_run, made).data == {"wheat:v3": "QXJ0", "rye": "d1"}


def test_old_files_have_a_history_and_no_summary() -> None:
    assert read(RUN, field(2, item(["val", "acc"], "1"))).metrics == {"val": "{acc: 1}"}


def test_records_over_several_blocks_and_at_their_ends() -> None:
    for size in (BLOCK - 100, BLOCK - 60, BLOCK - 7, BLOCK * 3, *range(BLOCK - 140, BLOCK - 100)):
        run = read(RUN, config("text", msgspec.json.encode("x" * size).decode()), summary("loss", "1"), EXIT)
        assert run.is_whole
        assert run.is_finished
        assert set(run.parameters) == {"lr", "text"}
        assert len(run.parameters["text"]) <= 500


def test_every_end_in_the_middle_is_that_of_a_run_that_goes_on() -> None:
    whole = START + framed(RUN, config("seed", "7"), summary("loss", "1"), EXIT)
    found = []
    for length in range(len(START), len(whole)):
        run = read_wandb_file([whole[:length]])
        assert run is not None
        assert run.is_whole
        assert not run.is_finished
        found.append(len(run.parameters) + len(run.metrics))
    assert found == sorted(found)
    assert read_wandb_file([whole[: len(START) - 1]]) is None
    assert read_wandb_file([]) is None
    assert read_wandb_file([b"PK\x03\x04" + whole]) is None


def test_a_wrong_checksum_costs_the_rest_of_its_block() -> None:
    filling = config("text", '"' + "x" * BLOCK + '"')
    content = bytearray(START + framed(RUN, config("seed", "7"), filling, summary("loss", "1")))
    content[len(START) + len(framed(RUN)) + 9] ^= 1
    run = read_wandb_file([bytes(content)])
    assert run is not None
    assert not run.is_whole
    assert (dict(run.parameters), dict(run.metrics)) == ({"lr": "0.1"}, {"loss": "1"})


def test_room_that_was_set_aside_is_no_damage() -> None:
    run = read_wandb_file([START + framed(RUN, EXIT) + b"\0" * 3 * BLOCK])
    assert run is not None
    assert (run.is_whole, run.is_finished) == (True, True)


def test_the_last_bytes_are_read_from_the_start_of_a_block() -> None:
    filling = [config(f"n{number}", '"' + "x" * 900 + '"') for number in range(200)]
    whole = START + framed(RUN, *filling, summary("loss", "1"), EXIT)
    at = len(whole) // BLOCK * BLOCK
    run = read_wandb_file([whole[:BLOCK], whole[at:]])
    assert run is not None
    assert not run.is_whole
    assert run.is_finished
    assert run.parameters["lr"] == "0.1"
    assert run.metrics == {"loss": "1"}


@pytest.mark.parametrize(
    "record",
    [
        b"\xff" * 40,
        field(5, b"\xff" * 20),
        varint(5 << 3 | 2) + varint(2**63) + b"x",
        varint(5 << 3 | 3),
        field(5, field(1, field(1, b"\xff\xfe") + field(16, b"\xff"))),
        config(["a"] * 100_000, "1"),
        config("deep", "[" * 100_000),
        config("deep", "[" * 900 + "]" * 900),
        config("big", "9" * 5_000),
        b"".join(config(f"n{number}", "1") for number in range(20_000)),
        field(17, field(17, field(1, 2**63 + 5))),
        b"",
    ],
)
def test_hostile_records(record: bytes) -> None:
    run = read(RUN, record, summary("loss", "1"), EXIT)
    assert run.metrics["loss"] == "1"
    assert run.is_finished
    assert len(run.parameters) <= 5_000
    assert all(len(value) <= 500 for value in run.parameters.values())


def test_a_record_without_end_is_left_out() -> None:
    run = read(RUN, b"\0" * (17 * 1024 * 1024), EXIT)
    assert not run.is_whole
    assert run.is_finished


@given(st.binary(max_size=400), st.integers(0, 200))
def test_any_bytes(noise: bytes, at: int) -> None:
    whole = START + framed(RUN, config("seed", "7"), summary("loss", "1"), EXIT)
    for content in (START + noise, whole[:at] + noise + whole[at:], whole[:at] + noise, START + framed(noise)):
        read_wandb_file([content])
        read_wandb_file([START, content])


def test_parts_of_a_run_that_was_resumed() -> None:
    first, second = read(RUN, summary("a", "1"), EXIT), read(RUN, config("lr", "0.2"), summary("b", "2"))
    run = one_run([first, second])
    assert run is not None
    assert (dict(run.parameters), dict(run.metrics)) == ({"lr": "0.2"}, {"a": "1", "b": "2"})
    assert not run.is_finished
    nothing = read_wandb_file([START])
    assert nothing is not None
    run = one_run([nothing, first])
    assert run is not None
    # What the first part held is not known.
    assert not run.is_whole
    assert one_run([]) is None
