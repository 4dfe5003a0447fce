"""Why a backup, its check or a restore was refused."""


class BackupTroubleError(Exception):
    """Nothing was written or touched; the message says why and what to do."""


class DamagedArchiveError(BackupTroubleError):
    """An archive was altered or cut, or is another one than its header says."""
