"""A client of nexus: it signs commands, signs in, and reads the stream of its key.

    pip install eth-account
    python examples/client.py                        # does all of it, one after the other
    python examples/client.py /identity              # prints a signed request body, for curl
    python examples/client.py GET /api/v1/runs       # prints the Authorization of another request

NEXUS_SERVER names the server. The key is kept in alice.key in the working directory; the first run makes it.
"""

import base64
import json
import os
import secrets
import sys
import time
from datetime import datetime, timezone
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from eth_account import Account
from eth_account.messages import encode_defunct

SERVER = os.environ.get("NEXUS_SERVER", "http://127.0.0.1:8000")
FILE = Path("alice.key")


def personal_sign(text):
    return "0x" + bytes(account.sign_message(encode_defunct(text=text)).signature).hex()


def sign(command, args=()):
    """The `auth` of Signed Command v1, over a command and its args, or over `METHOD path?query` and a body."""
    now = int(time.time())
    # RFC 8785 for texts, whole numbers, lists and objects; for fractions take the package `rfc8785`.
    args = json.dumps(args, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    auth = {"publicKey": account.address, "audience": SERVER, "nonce": secrets.token_urlsafe(16)}
    text = f"Signed Command v1\nAudience: {SERVER}\nSigner: {account.address}\n"
    text += f"Command: {json.dumps(command, ensure_ascii=False)}\nArgs: {args}\n"
    text += f"Nonce: {auth['nonce']}\nIssued At: {now}\nExpires At: {now + 60}"
    return auth | {"scheme": "eip191", "issuedAt": now, "expiresAt": now + 60, "signature": personal_sign(text)}


def authorization(line):
    """For a request that is no command: it is signed as `METHOD path?query`."""
    return "EthSignature " + base64.urlsafe_b64encode(json.dumps(sign(line)).encode()).decode()


def send(method, path, body=None, **headers):
    data = None
    if body is not None:
        data, headers = json.dumps(body).encode(), headers | {"content-type": "application/json"}
    request = Request(SERVER + path, data, headers, method=method)
    try:
        with urlopen(request, timeout=45) as response:
            return json.loads(response.read() or b"null")
    except HTTPError as error:
        answer = json.load(error)
        sys.exit(f"{answer['code']}: {answer['message']} {answer.get('hint', '')}")


def execute(command, args):
    body = {"command": command, "args": args, "auth": sign(command, args)}
    return send("POST", "/api/v1/commands/execute", body)


def sign_in():
    """A session: an ERC-4361 message with the server's nonce, signed."""
    message = f"""{SERVER.split("://")[1]} wants you to sign in with your Ethereum account:
{account.address}

Read the stream of this key.

URI: {SERVER}
Version: 1
Chain ID: 1
Nonce: {send("GET", "/api/v1/auth/nonce")["nonce"]}
Issued At: {datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"""
    return send("POST", "/api/v1/auth/siwe", {"message": message, "signature": personal_sign(message)})


def events(url):
    """The events of a stream, as pairs of name and data. Comments, `id` and `retry` are passed over."""
    # A keepalive comes every 15 s; when three are missing, the connection is dead.
    with urlopen(url, timeout=45) as stream:
        name = None
        for line in stream:
            field, _, value = line.decode().rstrip("\n").partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                yield name, json.loads(value)


def tour():
    print(execute("/identity", [])["message"])
    session = sign_in()
    print("Signed in until", session["expiresAt"])
    bearer = {"authorization": "Bearer " + session["token"]}
    ticket = send("POST", "/api/v1/stream/ticket", **bearer)
    run = None
    for name, data in events(ticket["url"]):
        if name == "connection_state" and run is None:
            print("The stream is open; authenticated:", data["authenticated"])
            run = execute("/echo", {"text": "good morning", "times": 2})["run_id"]
        elif name == "command_result" and data["run_id"] == run:
            print("The stream tells:", data["result"]["message"])
            break
    else:
        sys.exit("The stream has ended.")
    send("POST", "/api/v1/auth/logout", **bearer)
    print("Signed out")


if not FILE.exists():
    with open(os.open(FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("0x" + bytes(Account.create().key).hex())
account = Account.from_key(FILE.read_text().strip())

match sys.argv[1:]:
    case []:
        tour()
    case [command]:
        print(json.dumps({"command": command, "auth": sign(command)}))
    case ["GET" | "POST" | "DELETE" as method, target]:
        print(authorization(f"{method} {target}"))
    case _:
        sys.exit("usage: client.py [COMMAND | METHOD TARGET], such as: client.py /identity")
