"""A person without a browser: keeps cookies, logs in and approves until sent back to the client.

Redirects to another origin are never followed: their address is the result.
"""

from urllib.parse import urljoin, urlsplit

import requests

from page import Page

MAX_STEPS = 20


class Person:
    def __init__(self, username: str, password: str):
        self.username, self.password = username, password
        self._http = requests.Session()
        self._http.trust_env = False

    def authorize(self, start: str) -> str:
        """Goes through the pages from the authorization URL on; gives the URL of the client it ends at."""
        landing = self._request("GET", start)
        for _ in range(MAX_STEPS):
            if isinstance(landing, str):
                return landing
            landing = self._request(*self._answer(landing))
        raise RuntimeError("the server keeps asking")

    def _answer(self, page: Page) -> tuple[str, str, dict[str, str]]:
        if "page-login" in page.ids:
            return page.press("login-submit", username=self.username, password=self.password)
        if "page-consent" in page.ids:
            return page.press("consent-approve")
        raise RuntimeError(f"unexpected page ({page.status}) at {page.url}:\n{page.html}")

    def _request(self, method: str, url: str, fields: dict[str, str] | None = None) -> Page | str:
        sent = {"data": fields} if method == "POST" else {"params": fields}
        response = self._http.request(method, url, allow_redirects=False, **sent)
        for _ in range(MAX_STEPS):
            if not response.is_redirect:
                return Page(response.url, response.status_code, response.text)
            there = urljoin(response.url, response.headers["location"])
            if urlsplit(there)[:2] != urlsplit(response.url)[:2]:
                return there
            response = self._http.get(there, allow_redirects=False)
        raise RuntimeError("too many redirects")
