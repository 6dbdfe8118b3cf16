"""Sign a command with eth-account and print the request body, or sign a request for runs and print its `Authorization`.

    pip install eth-account
    python examples/sign.py /identity
    python examples/sign.py GET /api/v1/runs

The key is kept in alice.key in the working directory; the first run makes it.
"""

import base64
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

is_request = len(sys.argv) == 3 and sys.argv[1] in ("GET", "DELETE")
if len(sys.argv) != 2 and not is_request:
    sys.exit("usage: sign.py COMMAND, such as: sign.py /identity\n   or: sign.py METHOD PATH, such as: sign.py GET /api/v1/runs")

account = Account.from_key(FILE.read_text().strip())
text = " ".join(sys.argv[1:])
# A bare signature: over the hash of the text itself, without the personal_sign prefix.
signature = account.unsafe_sign_hash(keccak(text=text)).signature
auth = {"publicKey": account.address, "signature": "0x" + bytes(signature).hex()}

if is_request:
    print("EthSignature " + base64.urlsafe_b64encode(json.dumps(auth).encode()).decode())
else:
    print(json.dumps({"command": text, "auth": auth}))
