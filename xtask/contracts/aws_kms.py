"""Starts moto's AWS KMS with a key and a user who may use it, prints the line of a key service, and serves until input ends.

From the fifth call on every call is held to its signature and to the user's policy.
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

ALLOWED = {"Effect": "Allow", "Action": ["kms:Encrypt", "kms:Decrypt"], "Resource": "*"}
# User, policy, access key, key.
UNCHECKED = "4"


def main(credentials):
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        number = port.getsockname()[1]
    url = f"http://127.0.0.1:{number}"
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(number)],
        env=dict(os.environ, INITIAL_NO_AUTH_ACTION_COUNT=UNCHECKED),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        serve(url, credentials)
    finally:
        server.terminate()
        server.wait()


def serve(url, credentials):
    import boto3

    wait_for(url)
    anybody = dict(
        endpoint_url=url, region_name="eu-central-1", aws_access_key_id="anybody", aws_secret_access_key="anything"
    )
    iam = boto3.client("iam", **anybody)
    iam.create_user(UserName="audit")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [ALLOWED]})
    iam.put_user_policy(UserName="audit", PolicyName="wrap", PolicyDocument=policy)
    access = iam.create_access_key(UserName="audit")["AccessKey"]
    kms = boto3.client("kms", **anybody)
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    try:
        kms.list_keys()
        sys.exit("moto does not check signatures")
    except kms.exceptions.ClientError:
        pass
    printed = {"Version": 1, "AccessKeyId": access["AccessKeyId"], "SecretAccessKey": access["SecretAccessKey"]}
    with os.fdopen(os.open(credentials, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        json.dump(printed, file)
    print(f"aws-kms {url} eu-central-1 {key} {credentials}", flush=True)
    sys.stdin.read()


def wait_for(url):
    for _ in range(150):
        try:
            urllib.request.urlopen(f"{url}/moto-api/data.json")
            return
        except OSError:
            time.sleep(0.2)
    sys.exit("moto did not start")


main(sys.argv[1])
