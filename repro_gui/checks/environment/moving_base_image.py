"""Base images are pinned.

## Why it matters
`FROM python:latest`, or no tag at all, is another system after every release; `python:3.11` moves with every patch release
and every rebuild of Debian beneath it. Even a full tag such as `python:3.11.9-slim-bookworm` can be pushed again.

## How to fix it
Name the digest: `FROM python:3.11.9-slim-bookworm@sha256:…`. `docker buildx imagetools inspect python:3.11.9-slim-bookworm`
shows it, and Repro GUI asks the registry when you let it. A full tag is the next best thing. Give every build argument in a
`FROM` line a default.

## When to leave it
Images that a compose file starts beside the program (databases, trackers) rarely reach the results.

## References
- Docker documentation, “Building best practices: pin base image versions”.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from repro_gui.changes.change_set import ChangeSet, FileChange
from repro_gui.checks.check import (
    CannotTell,
    Check,
    Effort,
    Evidence,
    Example,
    Finding,
    Fix,
    NotApplicable,
    Observation,
    Pillar,
    Safety,
    Sketch,
    Weight,
)
from repro_gui.errors import CannotPlan
from repro_gui.facts.dependencies import Image
from repro_gui.facts.environment import Environment
from repro_gui.facts.image_edits import pin_image
from repro_gui.facts.lookup import Answers, FileContent, ImageDigest, Lookup
from repro_gui.text import text

# Three numbers (`3.11.9`, `2.3.1-cuda12.1`), a date (`20240427`), or NVIDIA's monthly releases, which are never pushed again.
_FULL_TAG = re.compile(r"(?:^|[^\d.])v?\d+\.\d+\.\d+|(?:^|\D)20\d{6}(?:\D|$)")
_MONTHLY = re.compile(r"\d\d\.\d\d(?:-|$)")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")


def find(environment: Environment) -> Iterator[Observation]:
    images = [image for image in environment.images if not image.stage]
    if not images:
        yield from (
            CannotTell(unread.reason, unread.location) for file in environment.containers for unread in file.unread
        )
        yield NotApplicable(text("No file names a base image."))
        return
    for image in images:
        yield _judge(image)


def _judge(image: Image) -> Observation:
    values: dict[str, str | int | float | bool | None] = {
        "image": image.name,
        "tag": image.tag,
        "digest": image.digest,
        "origin": image.origin,
    }
    if image.unknown_arguments:
        return CannotTell(
            text(
                "Which image `{image}` is depends on {argument}, a build argument without a default.",
                image=image.written,
                argument=image.unknown_arguments[0],
            ),
            image.location,
        )
    if image.name == "scratch":
        return Evidence(text("scratch is empty: nothing to pin."), image.location, values)
    if _DIGEST.fullmatch(image.digest):
        return Evidence(text("{image} is pinned by digest.", image=image.name), image.location, values)
    if has_full_tag(image):
        return Finding(
            text("{image}:{tag} has a full tag, but no digest.", image=image.name, tag=image.tag),
            image.location,
            expression=image.written,
            cause=image.written,
            weight=Weight.ADVICE,
            values=values,
        )
    wording = (
        text("{image}:{tag} moves: the tag is not that of one release.", image=image.name, tag=image.tag)
        if image.tag
        else text("{image} has no tag: it is whatever is newest.", image=image.name)
    )
    is_beside = image.origin in {"compose", "devcontainer"}
    return Finding(
        wording,
        image.location,
        expression=image.written,
        # Stages from the same image: one decision.
        cause=image.written,
        weight=Weight.SHOULD if is_beside else None,
        values=values,
    )


def has_full_tag(image: Image) -> bool:
    """True for a tag that names one release."""
    if image.name.startswith("nvcr.io/nvidia/") and _MONTHLY.match(image.tag):
        return True
    return _FULL_TAG.search(image.tag) is not None


def lookups(finding: Finding, environment: Environment) -> Iterable[Lookup]:
    image = _image_of(finding, environment)
    return (FileContent(image.location.path), ImageDigest(image.name, image.tag))


def plan_fix(finding: Finding, environment: Environment, answers: Answers) -> ChangeSet:
    image = _image_of(finding, environment)
    path = image.location.path
    before = answers.file(path)
    digest = str(answers.get(ImageDigest(image.name, image.tag)))
    after = pin_image(before, image, digest)
    return ChangeSet(
        text("Name {image} by digest", image=image.written),
        CHECK.id,
        files=(FileChange(path, before, after),),
        notes=(text("This is what the tag means today; an image that was built before may have had another."),),
    )


def _image_of(finding: Finding, environment: Environment) -> Image:
    for image in environment.images:
        if image.location == finding.location and image.written == finding.expression:
            return image
    raise CannotPlan(
        text("`{image}` is not there any more.", image=finding.expression), text("Audit the project again.")
    )


_DIGEST_OF_EXAMPLE = "sha256:" + "0123456789abcdef" * 4

CHECK = Check(
    id="moving-base-image",
    pillar=Pillar.ENVIRONMENT,
    weight=Weight.MUST,
    title="Base images are pinned",
    failure_title="A base image moves",
    explanation=__doc__,
    find=find,
    fix=Fix("Name the image by digest", plan_fix, Safety.SAFE, Effort.SECONDS, lookups),
    examples=(
        Example(
            bad=Sketch({"Dockerfile": "ARG TAG=3\nFROM python:${TAG}-slim\n"}),
            good=Sketch({"Dockerfile": f"FROM python:3.11.9-slim-bookworm@{_DIGEST_OF_EXAMPLE}\n"}),
            fixes=False,
        ),
        Example(
            bad=Sketch(
                {"Dockerfile": "FROM python:3.11-slim AS build\n"},
                answers={ImageDigest("python", "3.11-slim"): _DIGEST_OF_EXAMPLE},
            ),
            good=Sketch({"Dockerfile": f"FROM python:3.11-slim@{_DIGEST_OF_EXAMPLE} AS build\n"}),
        ),
    ),
)
