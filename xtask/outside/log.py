"""Has programs that others wrote look at our log: a C2SP witness cosigns it while it grows, and two verifiers read its tiles.

Arguments: `countersignd`, a folder to work in, and how many entries to write. Ends with an error where somebody disagrees.
"""

import base64
import hashlib
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time

from cryptography.hazmat.primitives.asymmetric import rsa

BIN = os.path.dirname(sys.executable)
CALLERS = 16
WITNESS = "witness.example.org/w1"


def b64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def free_port():
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        return port.getsockname()[1]


def tool(name, *arguments, env=None):
    done = subprocess.run([f"{BIN}/{name}", *arguments], capture_output=True, text=True, env=env)
    return done.returncode, done.stdout + done.stderr


def installed(countersignd, folder):
    """An installation whose services nobody signs in to."""
    key = rsa.generate_private_key(65537, 2048).public_key().public_numbers()
    jwk = {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "k", "n": b64(key.n.to_bytes(256, "big")), "e": "AQAB"}
    with open(f"{folder}/jwks.json", "w") as jwks:
        json.dump({"keys": [jwk]}, jwks)
    base = free_port()
    first = [b64(hashlib.sha256(name).digest()) for name in (b"a", b"b")]
    administrators = [part for one in first for part in ("--first-administrator", one)]
    about = "--operator Outside --issuer https://idp.example --person-claim sub --roles-claim roles".split()
    made = [countersignd, "init", "--dir", f"{folder}/made", *about, *administrators]
    subprocess.run([*made, "--base-port", str(base), "--provider-keys", f"{folder}/jwks.json"], check=True, stdout=subprocess.DEVNULL)
    return base + 2


class Witness:
    def __init__(self, folder, log_key):
        self.env = dict(os.environ, AICS_WITNESS_CONFIG=f"{folder}/witness.json")
        code, said = tool("aics-witness", "init", "--name", WITNESS, env=self.env)
        assert code == 0, said
        self.key = next(line for line in said.splitlines() if line.startswith(WITNESS + "+"))
        code, said = tool("aics-witness", "add-log", "--origin", log_key.split("+")[0], "--vkey", log_key, env=self.env)
        assert code == 0, said
        self.address = f"127.0.0.1:{free_port()}"
        serve = [f"{BIN}/aics-witness", "serve", "--listen", self.address]
        self.process = subprocess.Popen(serve, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Audit:
    def __init__(self, countersignd, folder, port):
        self.countersignd, self.made, self.port, self.process = countersignd, f"{folder}/made", port, None
        self.config = f"{self.made}/audit/audit.toml"
        self.log_key = re.search('log_key = "([^"]*)"', open(self.config).read()).group(1)

    def start(self):
        self.process = subprocess.Popen(
            [self.countersignd, "audit", "--config", self.config], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        for _ in range(600):
            if self.process.poll() is not None:
                return self.process.stderr.read()
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                threading.Thread(target=self.process.stderr.read, daemon=True).start()
                return None
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the audit service does not start")

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def connection(self):
        context = ssl.create_default_context(cafile=f"{self.made}/ca/ca.pem")
        context.load_cert_chain(f"{self.made}/broker/tls.pem", f"{self.made}/broker/tls.key")
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=context)

    def get(self, connection, path):
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, (path, answer.status, body[:200])
        return body

    def write(self, entries, code):
        wrong = []

        def some():
            connection = self.connection()
            for number in range(entries // CALLERS):
                event = {"kind": "sign-in-refused", "facts": {"code": code, "n": str(number)}, "personal": {}, "statements": []}
                event.update(dict.fromkeys(("organization", "session", "unique")))
                connection.request("POST", "/v1/events", json.dumps(event), {"content-type": "application/json"})
                answer = connection.getresponse()
                body = answer.read()
                if answer.status != 200:
                    return wrong.append(body)

        callers = [threading.Thread(target=some) for _ in range(CALLERS)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        assert not wrong, wrong[0]

    def cosigned(self):
        """The head, once the witness has cosigned it."""
        for _ in range(300):
            note = self.get(self.connection(), "/checkpoint")
            if f"\u2014 {WITNESS} ".encode() in note:
                return note
            time.sleep(0.1)
        raise AssertionError("the witness cosigns nothing")


def mirrored(audit, note, folder):
    """Every tile of this head, as anybody may keep them."""
    connection, size = audit.connection(), int(note.split(b"\n")[1])

    def keep(path):
        os.makedirs(os.path.dirname(f"{folder}/{path}"), exist_ok=True)
        with open(f"{folder}/{path}", "wb") as tile:
            tile.write(audit.get(connection, f"/{path}"))

    def place(number):
        parts = [f"{number % 1000:03}"]
        while number := number // 1000:
            parts.insert(0, f"x{number % 1000:03}")
        return "/".join(parts)

    level = 0
    while whole := size >> (8 * level):
        names = [place(number) for number in range(whole // 256)]
        names += [f"{place(whole // 256)}.p/{whole % 256}"] if whole % 256 else []
        for name in names:
            keep(f"tile/{level}/{name}")
            if level == 0:
                keep(f"tile/entries/{name}")
        level += 1
    with open(f"{folder}/checkpoint", "wb") as file:
        file.write(note)
    return size


def agreed(audit, witness, tiles, size, earlier):
    """How many entries were proven by all three."""
    trusts = ["--log-key", audit.log_key, "--witness-key", witness.key, "--quorum", "1", "--tiles", tiles]
    code, said = tool("aics-tlog", "verify-checkpoint", *trusts)
    assert code == 0 and '"tiles_ok": true' in said, said
    code, said = tool("aics-tlog", "verify-consistency", *trusts, "--old-checkpoint", earlier)
    assert code == 0, said
    connection = audit.connection()
    places = {0, 1, 254, 255, 256, 257, 65535, 65536, 65537, size // 3, size // 2, size - 2, size - 1}
    places = sorted(place for place in places if place < size)
    for index in places:
        code, said = tool("aics-tlog", "verify-inclusion", *trusts, "--index", str(index))
        assert code == 0, said
        code, proof = tool("tlog-tiles", "gen-proof", tiles, str(index))
        assert code == 0, proof
        ours = json.loads(audit.get(connection, f"/v1/inclusion?index={index}&size={size}"))
        path = [base64.b64encode(base64.urlsafe_b64decode(one + "=")).decode() for one in ours["path"]]
        theirs = proof.split("\n\n")[0].splitlines()
        assert theirs[-len(path) :] == path, (index, path, theirs)
    flipped = f"{tiles}/tile/entries/000"
    raw = bytearray(open(flipped, "rb").read())
    raw[100] ^= 1
    open(flipped, "wb").write(raw)
    code, said = tool("aics-tlog", "verify-inclusion", *trusts, "--index", "0")
    assert code != 0, f"a flipped bit is believed: {said}"
    return len(places)


def main(countersignd, folder, entries):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    audit = Audit(countersignd, folder, installed(countersignd, folder))
    alone = open(audit.config).read()
    witness = Witness(folder, audit.log_key)
    watched = f'{alone}\n[[witnesses]]\nurl = "http://{witness.address}"\nkey = "{witness.key}"\n'
    try:
        open(audit.config, "w").write(watched)
        assert audit.start() is None
        audit.write(1000, "early")
        with open(f"{folder}/earlier", "wb") as earlier:
            earlier.write(audit.cosigned())
        audit.write(entries, "bad-token")
        size = mirrored(audit, audit.cosigned(), f"{folder}/tiles")
        places = agreed(audit, witness, f"{folder}/tiles", size, f"{folder}/earlier")
        print(f"{size} entries: cosigned by aics-witness; every tile read by aics-tlog; {places} proofs the same in aics-tlog, tlog-scales and ours")
        audit.stop()
        shutil.copytree(f"{audit.made}/audit", f"{folder}/backup")
        assert audit.start() is None
        audit.write(320, "lost")
        audit.cosigned()
        audit.stop()
        shutil.rmtree(f"{audit.made}/audit")
        shutil.copytree(f"{folder}/backup", f"{audit.made}/audit")
        said = audit.start()
        assert said and "ahead" in said, f"a restored backup starts: {said}"
        print("a restored backup does not start: the witness saw more")
        open(audit.config, "w").write(alone)
        assert audit.start() is None
        audit.write(640, "forked")
        audit.stop()
        open(audit.config, "w").write(watched)
        said = audit.start()
        if said is None:
            contradicted(audit)
        print(f"a fork that grew longer: {said.strip().splitlines()[-1] if said else 'witness-contradicts is in the log, and the witness cosigns nothing of it'}")
    finally:
        witness.process.terminate()
        if audit.process and audit.process.poll() is None:
            audit.stop()


def contradicted(audit):
    for _ in range(300):
        note = audit.get(audit.connection(), "/checkpoint")
        assert f"\u2014 {WITNESS} ".encode() not in note, "the witness cosigns a fork"
        size = int(note.split(b"\n")[1])
        for index in range(size - 8, size):
            entry = json.loads(audit.get(audit.connection(), f"/v1/inclusion?index={index}&size={size}"))
            if json.loads(entry["leaf"])["kind"] == "witness-contradicts":
                return
        time.sleep(0.1)
    raise AssertionError("nobody says that the witness saw another log")


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
