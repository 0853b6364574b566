"""The determinism battery: runs operations again and again and says which came out the same, bit for bit.

A program for another interpreter, which finds it as one file (`probe/run.py` packs it): standard library and torch (1.13 or
newer) only, nothing of `repro_gui`. Writes one JSON object a line, so that it can be killed at any time; what was written
keeps its meaning:

    {"kind": "start", ...}                                   torch, threads and flags of this process
    {"kind": "case", "state": "begun", "name": ...}          so that a crash can be laid at the right door
    {"kind": "case", "state": "ran", "distinct": ..., ...}   or raised, unsupported, failed, out-of-memory, not-reached
    {"kind": "device-lost", ...}                             the device computes nothing any more in this process
    {"kind": "end", ...}

Flags of torch are process-wide: one process is one mode. Every repeat starts from the same inputs and the same seeds, so
that only the operation itself can differ.
"""

PROTOCOL = 1
