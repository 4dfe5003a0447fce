"""What a verification of the trail can find."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

SHOWN = 20


class Fault(StrEnum):
    """The value is the sentence that is shown."""

    ALTERED = "the entry is not what was chained"
    MISSING = "the entry is gone, and no erasure was recorded"
    NOT_CHAINED = "the entry is in no place of the chain"
    LOST_BEFORE_CHAINED = "an entry waited for the chain and is gone"
    GAP = "places of the chain are missing before this one"
    BROKEN_LINK = "the chain is broken"
    WRONG_CHECKPOINT = "the chain is not the one that was signed: it was rewritten before here"
    CUT_TAIL = "the chain ends before what was signed"
    FORGED_CHECKPOINT = "the signature of the checkpoint is not by a known key"
    CHECKPOINT_GAP = "checkpoints are missing before this one"
    CHECKPOINT_ORDER = "the checkpoint is older or smaller than the one before"
    CHECKPOINT_DIFFERS = "the checkpoint in the store is not the one in the file"
    CHECKPOINT_NOT_IN_STORE = "the checkpoint of the file is not in the store"
    CHECKPOINT_NOT_IN_FILE = "the checkpoint of the store is not in the file"
    UNREADABLE_LINE = "this line of the file is no checkpoint"


@dataclass(frozen=True)
class Finding:
    """Where, as far as it is known. line: of the file of checkpoints."""

    fault: Fault
    position: int | None = None
    entry_id: str | None = None
    checkpoint: int | None = None
    line: int | None = None

    def __str__(self) -> str:
        places = {
            "position": self.position,
            "entry": self.entry_id,
            "checkpoint": self.checkpoint,
            "line": self.line,
        }
        named = ", ".join(f"{what} {which}" for what, which in places.items() if which is not None)
        return f"{named}: {self.fault.value}" if named else self.fault.value


@dataclass
class Findings:
    """The first SHOWN in the order of finding, and how many of each there are.

    size: places of the chain, from the first. waiting: entries that are not chained yet, as they
    should be. signed: places that the last checkpoint vouches for.
    """

    first: list[Finding] = field(default_factory=list)
    counts: Counter[Fault] = field(default_factory=Counter)
    size: int = 0
    erased: int = 0
    waiting: int = 0
    checkpoints: int = 0
    signed: int = 0

    @property
    def is_whole(self) -> bool:
        return not self.counts

    def add(self, finding: Finding) -> None:
        self.counts[finding.fault] += 1
        if len(self.first) < SHOWN:
            self.first.append(finding)
