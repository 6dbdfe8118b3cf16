"""Prints ../signed-command-v1.json: the cases of v1.json, signed with eth-account; JSON is written by rfc8785."""

import json
import sys
from pathlib import Path

import rfc8785
from eth_account import Account
from eth_account.messages import encode_defunct


def canonical(value):
    return rfc8785.dumps(value).decode()


made = json.loads(Path(__file__).with_name("v1.json").read_text("utf-8"))


def sign(fields):
    key = made["keys"][fields["key"]]
    account = Account.from_key(key)
    text = "\n".join(
        [
            "Signed Command v1",
            f"Audience: {fields['audience']}",
            f"Signer: {account.address}",
            f"Command: {canonical(fields['command'])}",
            f"Args: {'[]' if fields['args'] is None else canonical(json.loads(fields['args']))}",
            f"Nonce: {fields['nonce']}",
            f"Issued At: {fields['issuedAt']}",
            f"Expires At: {fields['expiresAt']}",
        ]
    )
    signed = account.sign_message(encode_defunct(text=text))
    proof = {"digest": "0x" + bytes(signed.message_hash).hex(), "signature": "0x" + bytes(signed.signature).hex()}
    return {**fields, "key": key, "address": account.address, "text": text, **proof}


lines = ",\n".join(canonical(sign({**made["usual"], **case})) for case in made["cases"])
meta = canonical({**made["meta"], "count": len(made["cases"])})
sys.stdout.buffer.write(f'{{\n"meta": {meta},\n"cases": [\n{lines}\n]}}\n'.encode())
