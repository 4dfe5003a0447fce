"""`bureau audit`: verifies the trail with a progress bar and says what was found."""

from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from app.audit import sealing
from app.audit.checkpoints import read_file
from app.audit.findings import Findings
from app.audit.keys import key_id, load_key, public_pem, read_public_key
from app.audit.verification import Witness, verify
from app.core import clock
from app.core.database import Database
from app.settings import Settings


def run_verification(
    settings: Settings,
    database: Database,
    *,
    checkpoints: Path | None,
    public_keys: Sequence[Path],
    since: date | None,
    console: Console,
) -> bool:
    """Whether the trail is whole. Raises CheckpointKeyError when a key cannot be read.

    checkpoints, public_keys: copies kept elsewhere; without them those of this bureau are taken,
    which a person who has the whole server could have replaced.
    """
    keys = _keys(settings, public_keys)
    file = checkpoints or settings.checkpoints_path
    lines = list(read_file(file)) if file.exists() else []
    with database.snapshot() as session, _progress(console) as progress:
        task = progress.add_task("places", total=sealing.tail(session)[0] or None)
        findings = verify(
            session,
            keys={key_id(key): key for key in keys},
            witness=Witness(lines, is_own=checkpoints is None),
            at=clock.now(),
            since=datetime.combine(since, time(), clock.BUREAU_ZONE) if since else None,
            advance=lambda position: progress.update(task, completed=position),
        )
    _tell(console, findings)
    return findings.is_whole


def public_key_of(settings: Settings) -> str:
    """PEM. Raises CheckpointKeyError when there is none yet."""
    return public_pem(load_key(settings.checkpoint_key_path).public_key())


def _keys(settings: Settings, files: Sequence[Path]) -> list[Ed25519PublicKey]:
    if files:
        return [read_public_key(file) for file in files]
    path = settings.checkpoint_key_path
    # Before the first start there is neither a key nor a checkpoint to check with it.
    return [load_key(path).public_key()] if path.exists() else []


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("places"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=console, transient=True,
    )  # fmt: skip


def _tell(console: Console, findings: Findings) -> None:
    console.print(
        f"{findings.size} places ({findings.erased} erased), {findings.waiting} entries waiting, "
        f"{findings.checkpoints} checkpoints; the last vouches for {findings.signed} places."
    )
    if findings.is_whole:
        console.print("The trail is whole.", style="green")
        return
    total = sum(findings.counts.values())
    console.print(f"The trail is NOT whole: {total} findings.", style="bold red")
    for finding in findings.first:
        console.print(Text(f"  {finding}"))
    if total > len(findings.first):
        console.print(f"  and {total - len(findings.first)} more")
