"""Shared by all tests: a compile cache that cannot be stale, and a Ctrl-C that can be pressed."""

import hashlib
import os
import signal
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

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started in the background of a shell
    signal.signal(signal.SIGINT, signal.default_int_handler)
