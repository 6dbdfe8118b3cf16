"""Sign a command with eth-account and print the request body.

    pip install eth-account
    python examples/sign.py /identity

The key is kept in alice.key in the working directory; the first run makes it.
"""

import json
import os
import sys
from pathlib import Path

from eth_account import Account
from eth_utils import keccak

FILE = Path("alice.key")

if not FILE.exists():
    with open(os.open(FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("0x" + bytes(Account.create().key).hex())

if len(sys.argv) != 2:
    sys.exit("usage: sign.py COMMAND, such as: sign.py /identity")

account = Account.from_key(FILE.read_text().strip())
command = sys.argv[1]
# A bare signature: over the hash of the text itself, without the personal_sign prefix.
signature = account.unsafe_sign_hash(keccak(text=command)).signature

print(json.dumps({"command": command, "auth": {"publicKey": account.address, "signature": "0x" + bytes(signature).hex()}}))
