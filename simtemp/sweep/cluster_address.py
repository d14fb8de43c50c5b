"""The address of a Dask scheduler: given as such, or in the file that it writes."""

from __future__ import annotations

import json
import re
from pathlib import Path

from simtemp.arguments import shown
from simtemp.utf8_file import read_utf8

_ADDRESS = re.compile(r"(tcp|tls|ucx|ws|wss)://[^\s/]+:\d{1,5}")


def scheduler_address(text: str) -> str:
    """An address with its protocol.

    Parameters
    ----------
    text : str
        ``tcp://HOST:PORT``, ``HOST:PORT``, or the path of a scheduler file.

    Raises
    ------
    OSError
        For a file that cannot be read.
    ValueError
        For a file that is none of a scheduler, or an address without a port.

    Examples
    --------
    >>> scheduler_address("10.0.0.1:8786")
    'tcp://10.0.0.1:8786'
    """
    address = text.strip()
    if "://" not in address and (Path(address).is_file() or address.endswith(".json")):
        try:
            address = str(json.loads(read_utf8(Path(address)))["address"])
        except (ValueError, KeyError, TypeError):
            raise ValueError(
                f"scheduler must be tcp://HOST:PORT or a file that dask scheduler has written, got {shown(text)}"
            ) from None
    if "://" not in address:
        address = f"tcp://{address}"
    if not _ADDRESS.fullmatch(address):
        raise ValueError(f"scheduler must be tcp://HOST:PORT or a scheduler file, got {shown(text)}")
    return address
