"""Encrypted connections: the files that the command line names, and what is wrong with them."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from nncore.errors import BadInput

ENCRYPTED = ("tls", "wss")
_SCHEMES = ("tcp", "ws", *ENCRYPTED)
_HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Tls:
    """Files for encrypted connections; those not given come from Dask's own configuration."""

    ca_file: Path | None = None
    cert: Path | None = None
    key: Path | None = None

    def __bool__(self) -> bool:
        return any((self.ca_file, self.cert, self.key))

    def security(self) -> Any:
        """Dask's security settings, or None if nothing is given."""
        if not self:
            return None
        from distributed.security import Security

        ca, cert, key = (str(path) if path else None for path in (self.ca_file, self.cert, self.key))
        given: dict[str, Any] = {"require_encryption": True, "tls_ca_file": ca}
        for role in ("client", "scheduler", "worker"):
            given |= {f"tls_{role}_cert": cert, f"tls_{role}_key": key}
        return Security(**{name: value for name, value in given.items() if value is not None})

    def check(self) -> None:
        """Reads the files, as connecting would.

        Raises: BadInput for one that is missing or does not fit, or where a certificate is not given at all.
        """
        for option, path in (("ca-file", self.ca_file), ("cert", self.cert), ("key", self.key)):
            if path is not None and not path.is_file():
                raise BadInput(f"--tls-{option}: there is no file {path}.")
        from distributed.security import Security

        try:
            context = (self.security() or Security()).get_connection_args("client")["ssl_context"]
        except (OSError, ValueError) as error:
            raise BadInput(
                f"the files for TLS do not fit ({_reason(error)}): --tls-ca-file and --tls-cert are "
                "certificates in PEM, --tls-key is the key of the second."
            ) from error
        if context is None:
            raise BadInput(
                "an encrypted connection needs --tls-ca-file, --tls-cert and --tls-key, or the same in "
                "Dask's configuration."
            )


def check_address(address: str, tls: Tls) -> str:
    """What to warn of: jobs that would travel unencrypted over a network, else "".

    Raises: BadInput for what is no address, or for TLS that is not in order.
    """
    parts = urlsplit(address if "://" in address else f"tcp://{address}")
    if not parts.hostname or parts.scheme not in _SCHEMES:
        raise BadInput(f"--scheduler takes an address as tls://host:8786, not '{address}'.")
    if parts.scheme in ENCRYPTED:
        tls.check()
        return ""
    if tls:
        raise BadInput(f"--tls-... go with an address as tls://{parts.netloc}, not '{address}'.")
    if parts.hostname in _HERE:
        return ""
    return f"{address} is not encrypted: whoever can reach it can run code on its machines. Use tls://."


def refused(address: str, error: Exception) -> str:
    """Why there is no connection to a scheduler, in one line."""
    text = str(error)
    encrypted = address.startswith(ENCRYPTED)
    if encrypted and ("SSL" in text or "TLS" in text):
        return (
            f"no encrypted connection to {address}: {_reason(error)}. Both sides' certificates have to come "
            "from one authority, and --tls-ca-file is that authority's own."
        )
    if not encrypted and "ConnectionResetError" in text:
        return f"{address} closes the connection: if it is encrypted, its address begins with tls://."
    return f"no Dask scheduler answers at {address}: {text}"


def _reason(error: BaseException) -> str:
    """What OpenSSL says, in plain words."""
    while not isinstance(error, ssl.SSLError) and error.__cause__ is not None:
        error = error.__cause__
    reason = getattr(error, "reason", None) or str(error).partition(" (_ssl")[0]
    return reason.replace("_", " ").lower()
