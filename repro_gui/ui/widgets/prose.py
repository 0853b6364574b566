"""An explanation in Markdown, set for reading; nothing in it is ever fetched."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QColor, QDesktopServices, QFont, QTextBlockFormat, QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QFrame, QTextBrowser, QWidget

from repro_gui.ui.theme.appearance import appearance
from repro_gui.ui.theme.fonts import code_font
from repro_gui.ui.translate import _


class ProseBrowser(QTextBrowser):
    """Shows Markdown without HTML; links open outside after a click."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("Prose")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.anchorClicked.connect(self._open_link)
        self.setAccessibleName(_("Explanation"))
        self._markdown = ""
        appearance().changed.connect(self._on_appearance)

    def show_markdown(self, markdown: str) -> None:
        """Show another text; code, headings and paragraphs get the look of the windows."""
        self._markdown = markdown
        document = QTextDocument(self)
        document.setDefaultFont(self.font())
        feature = QTextDocument.MarkdownFeature
        document.setMarkdown(markdown, feature.MarkdownDialectGitHub | feature.MarkdownNoHTML)
        document.setDocumentMargin(2)
        block = document.begin()
        while block.isValid():
            self._dress(document, block.position(), block.blockFormat())
            block = block.next()
        self._dress_code(document)
        self.setDocument(document)

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Pictures and other files named in a text are not loaded."""
        return None

    def _dress(self, document: QTextDocument, position: int, shape: QTextBlockFormat) -> None:
        cursor = QTextCursor(document)
        cursor.setPosition(position)
        level = shape.headingLevel()
        changed = QTextBlockFormat()
        changed.setLineHeight(128, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        is_code = shape.hasProperty(QTextBlockFormat.Property.BlockCodeFence)
        changed.setTopMargin(18 if level else 0 if is_code else 4)
        changed.setBottomMargin(6 if level else 0 if is_code else 8)
        if is_code:
            changed.setBackground(QColor(appearance().colours.code_ground))
            changed.setLeftMargin(8)
        cursor.mergeBlockFormat(changed)
        if is_code:
            cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
            cursor.mergeCharFormat(self._code_letters())
        if level:
            cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
            letters = QTextCharFormat()
            letters.setProperty(QTextCharFormat.Property.FontSizeAdjustment, 0)
            letters.setProperty(QTextCharFormat.Property.FontPixelSize, appearance().pixels(17 if level <= 2 else 15))
            letters.setFontWeight(QFont.Weight.DemiBold.value)
            cursor.mergeCharFormat(letters)

    def _code_letters(self) -> QTextCharFormat:
        letters = QTextCharFormat()
        letters.setFont(code_font(appearance().pixels(13)))
        letters.setBackground(QColor(appearance().colours.code_ground))
        return letters

    def _dress_code(self, document: QTextDocument) -> None:
        block = document.begin()
        while block.isValid():
            fragments = block.begin()
            spans = []
            while not fragments.atEnd():
                fragment = fragments.fragment()
                if fragment.charFormat().fontFixedPitch():
                    spans.append((fragment.position(), fragment.length()))
                fragments += 1
            for start, length in spans:
                cursor = QTextCursor(document)
                cursor.setPosition(start)
                cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
                cursor.mergeCharFormat(self._code_letters())
            block = block.next()

    def _on_appearance(self) -> None:
        self.show_markdown(self._markdown)

    def _open_link(self, link: QUrl) -> None:
        if link.scheme() in {"http", "https"}:
            QDesktopServices.openUrl(link)
