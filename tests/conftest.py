"""Shared by all tests: a compile cache that cannot be stale."""

import hashlib
import os
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def _fingerprint() -> str:
    """Hash of every source with compiled functions: Numba itself looks only at the file of the outermost one."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "simtemp").rglob("*.py")):
        source = path.read_bytes()
        if b"numba" in source or b"simtemp.jit" in source:
            digest.update(source)
    return digest.hexdigest()[:16]


# Before anything imports numba.
os.environ["NUMBA_CACHE_DIR"] = str(Path(tempfile.gettempdir()) / f"simtemp-tests-{os.getuid()}-{_fingerprint()}")
