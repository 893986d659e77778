"""The main path with Authlib: discovery, code with PKCE, userinfo, introspection, refresh, revocation.

Settings come from the environment; prints one line of JSON and exits with 1 when a step fails.
"""

import json
import os
import sys
import traceback

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

from person import Person

ISSUER = os.environ["ISSUER"]
SCOPE = os.environ.get("SCOPE", "openid profile offline_access")


def fetch(url: str) -> dict:
    session = requests.Session()
    session.trust_env = False
    answer = session.get(url, timeout=10)
    answer.raise_for_status()
    return answer.json()


class Walk:
    def __init__(self):
        self.nonce = generate_token(32)
        self.verifier = generate_token(64)

    def discovery(self):
        self.server = fetch(ISSUER.rstrip("/") + "/.well-known/openid-configuration")
        assert self.server["issuer"] == ISSUER, self.server["issuer"]
        self.keys = KeySet.import_key_set(fetch(self.server["jwks_uri"]))
        self.client = OAuth2Session(
            os.environ["CLIENT_ID"],
            os.environ["CLIENT_SECRET"],
            scope=SCOPE,
            redirect_uri=os.environ["REDIRECT_URI"],
            code_challenge_method="S256",
            token_endpoint=self.server["token_endpoint"],
        )
        self.client.trust_env = False

    def code(self):
        url, state = self.client.create_authorization_url(
            self.server["authorization_endpoint"],
            nonce=self.nonce,
            prompt="consent",
            code_verifier=self.verifier,
        )
        person = Person(os.environ["LOGIN_USERNAME"], os.environ["LOGIN_PASSWORD"])
        self.token = self.client.fetch_token(
            authorization_response=person.authorize(url), state=state, code_verifier=self.verifier
        )

    def id_token(self):
        decoded = jwt.decode(
            self.token["id_token"],
            self.keys,
            algorithms=self.server["id_token_signing_alg_values_supported"],
        )
        options = {"iss": {"value": ISSUER}, "aud": {"value": self.client.client_id}}
        checked = {
            "nonce": self.nonce,
            "client_id": self.client.client_id,
            "access_token": self.token["access_token"],
        }
        claims = CodeIDToken(decoded.claims, decoded.header, options, checked)
        claims.validate(leeway=5)
        self.subject = claims["sub"]

    def userinfo(self):
        answer = self.client.get(self.server["userinfo_endpoint"])
        assert answer.json()["sub"] == self.subject, answer.text

    def introspect(self):
        answer = self._introspect(self.token["access_token"])
        assert answer["active"] is True and answer["sub"] == self.subject, answer

    def refresh(self):
        before = dict(self.token)
        self.token = self.client.refresh_token()
        assert self.token["access_token"] != before["access_token"]
        assert self.token["refresh_token"]
        self.introspect()

    def revoke(self):
        answer = self.client.revoke_token(
            self.server["revocation_endpoint"], self.token["refresh_token"], "refresh_token"
        )
        assert answer.status_code == 200, answer.text

    def revoked(self):
        assert self._introspect(self.token["access_token"]) == {"active": False}
        answer = self.client.get(self.server["userinfo_endpoint"])
        assert answer.status_code == 401, answer.text
        try:
            self.client.refresh_token(refresh_token=self.token["refresh_token"])
        except OAuthError as error:
            assert error.error == "invalid_grant", error
        else:
            raise AssertionError("a revoked refresh token still works")

    def _introspect(self, token: str) -> dict:
        answer = self.client.introspect_token(self.server["introspection_endpoint"], token, "access_token")
        assert answer.status_code == 200, answer.text
        return answer.json()


STEPS = ["discovery", "code", "id_token", "userinfo", "introspect", "refresh", "revoke", "revoked"]


def main() -> int:
    walk, passed = Walk(), []
    for step in STEPS:
        try:
            getattr(walk, step)()
        except Exception as error:
            traceback.print_exc()
            print(json.dumps({"client": "authlib", "ok": False, "passed": passed, "failed": step, "error": repr(error)}))
            return 1
        passed.append(step)
    print(json.dumps({"client": "authlib", "ok": True, "passed": passed, "sub": walk.subject}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
