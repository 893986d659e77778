"""An access key exchanged with botocore's signers: in the header, and in the query. Each signature counts once.

Settings come from the environment; prints one line of JSON and exits with 1 when a step fails.
"""

import json
import os
import sys
import traceback

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session

URL = os.environ["ISSUER"] + "/auth/iam/exchange-credentials"
REGION = os.environ.get("REGION", "us-east-1")
CREDENTIALS = Credentials(os.environ["ACCESS_KEY_ID"], os.environ["SECRET_ACCESS_KEY"])
SESSION = URLLib3Session()


def send(request: AWSRequest) -> tuple[int, dict]:
    answer = SESSION.send(request.prepare())
    return answer.status_code, json.loads(answer.content)


def header() -> dict:
    wish = json.dumps({"duration_seconds": 300}).encode()
    request = AWSRequest("POST", URL, headers={"Content-Type": "application/json"}, data=wish)
    SigV4Auth(CREDENTIALS, "iam", REGION).add_auth(request)
    status, said = send(request)
    assert status == 200 and said["expires_in"] == 300, (status, said)
    status, again = send(request)
    assert status == 401 and again["error"]["code"] == "signature_used", (status, again)
    return said


def query() -> None:
    request = AWSRequest("POST", URL)
    SigV4QueryAuth(CREDENTIALS, "iam", REGION, expires=60).add_auth(request)
    status, said = send(request)
    assert status == 200 and said["token_type"] == "Bearer", (status, said)


def main() -> int:
    try:
        said = header()
        query()
    except Exception:
        traceback.print_exc()
        return 1
    print(json.dumps({"token_type": said["token_type"], "expires_in": said["expires_in"]}))
    return 0


sys.exit(main())
