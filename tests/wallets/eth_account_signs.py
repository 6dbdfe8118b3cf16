"""Random keys of eth-account go through the life of an identity against the server at argv[1]."""

import json
import sys
import urllib.error
import urllib.request

from eth_account import Account
from eth_utils import keccak

KEYS = 20


def execute(command, account):
    signature = account.unsafe_sign_hash(keccak(text=command)).signature
    body = {"command": command, "auth": {"publicKey": account.address, "signature": "0x" + bytes(signature).hex()}}
    request = urllib.request.Request(
        sys.argv[1] + "/api/v1/commands/execute",
        data=json.dumps(body).encode(),
        headers={"content-type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


for _ in range(KEYS):
    account = Account.create()
    status, answer = execute("/identity", account)
    assert status == 200 and answer["data"]["is_new"] is True, answer
    assert answer["data"]["public_key"] == account.address, answer
    status, answer = execute("/identity", account)
    assert status == 200 and answer["data"]["is_new"] is False, answer
    status, answer = execute("/identity/delete", account)
    assert status == 200 and answer["message"] == f"Identity deleted: {account.address}", answer
    status, answer = execute("/identity/delete", account)
    assert status == 404 and answer["code"] == "not_found", answer

print(KEYS, "keys")
