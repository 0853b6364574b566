"""Draws the application's icon in every size that a system asks for, from `resources/icons/repro-gui.svg`.

Usage: draw_icons.py FOLDER; writes SIZE.png, `repro-gui.ico` (Windows), `repro-gui.icns` (macOS) and `document-SIZE.png`.
"""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import repro_gui.ui  # noqa: F401 -- before anything of PySide6

# isort: split
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from repro_gui.resource_files import read_resource_bytes

SIZES = (16, 22, 24, 32, 48, 64, 96, 128, 256, 512)
_IN_ICO = (16, 24, 32, 48, 64, 128, 256)
# Types of Apple's icon family that hold PNG, by pixels.
_IN_ICNS = ((b"icp4", 16), (b"icp5", 32), (b"icp6", 64), (b"ic07", 128), (b"ic08", 256), (b"ic09", 512))


def draw(svg: bytes, size: int) -> bytes:
    """A PNG of that many pixels each way, on nothing."""
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(svg)).render(painter, QRectF(0, 0, size, size))
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, "PNG"):  # type: ignore[call-overload]
        problem = f"Qt cannot write a PNG of {size} pixels"
        raise OSError(problem)
    return bytes(buffer.data().data())


def ico(pictures: dict[int, bytes]) -> bytes:
    """An icon file of Windows that holds these PNGs (understood since Vista)."""
    place = 6 + 16 * len(_IN_ICO)
    head, body = struct.pack("<HHH", 0, 1, len(_IN_ICO)), b""
    for size in _IN_ICO:
        side = size % 256  # 256 is written as 0
        head += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(pictures[size]), place + len(body))
        body += pictures[size]
    return head + body


def icns(pictures: dict[int, bytes]) -> bytes:
    """An icon family of macOS that holds these PNGs."""
    body = b"".join(kind + struct.pack(">I", len(pictures[size]) + 8) + pictures[size] for kind, size in _IN_ICNS)
    return b"icns" + struct.pack(">I", len(body) + 8) + body


def main(folder: Path) -> None:
    """Write every picture."""
    folder.mkdir(parents=True, exist_ok=True)
    application = QGuiApplication([])
    pictures = {size: draw(read_resource_bytes("icons/repro-gui.svg"), size) for size in SIZES}
    for size, picture in pictures.items():
        (folder / f"{size}.png").write_bytes(picture)
    (folder / "repro-gui.ico").write_bytes(ico(pictures))
    (folder / "repro-gui.icns").write_bytes(icns(pictures))
    del application


if __name__ == "__main__":
    main(Path(sys.argv[1]))
