"""What is known of the world rather than of the project; loaded from resources.

A further kind of knowledge is one frozen struct in `facts/known_NAME.py`, one file `resources/knowledge/NAME.toml` and one
field here: `repro_gui/knowledge.py` reads every field from the file of its name.
"""

from __future__ import annotations

import msgspec

from repro_gui.facts.known_checklists import Checklist
from repro_gui.facts.known_data import DataKnowledge
from repro_gui.facts.known_determinism import DocumentedDeterminism
from repro_gui.facts.known_effects import Effects
from repro_gui.facts.known_packages import ImportNames, SystemPackages
from repro_gui.facts.known_randomness import Randomness
from repro_gui.facts.known_tracking import TrackingKnowledge


class Knowledge(msgspec.Struct, frozen=True):
    """Asked for by parameter type, like facts; `hash` identifies the files it was read from.

    `templates` are texts of files that fixes write, by name.
    """

    randomness: Randomness = Randomness()
    determinism: DocumentedDeterminism = DocumentedDeterminism()
    data: DataKnowledge = DataKnowledge()
    effects: Effects = Effects()
    tracking: TrackingKnowledge = TrackingKnowledge()
    import_names: ImportNames = ImportNames()
    system_packages: SystemPackages = SystemPackages()
    templates: dict[str, str] = {}
    checklists: tuple[Checklist, ...] = ()
    hash: str = ""

    def checklist(self, checklist_id: str) -> Checklist:
        """The published checklist of that id; raises KeyError for an unknown one."""
        for checklist in self.checklists:
            if checklist.id == checklist_id:
                return checklist
        raise KeyError(checklist_id)
