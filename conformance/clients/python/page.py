"""A server-rendered page as a person without scripts uses it: element ids and what pressing a button sends.

It parses no more HTML than such forms need, and refuses to press what is not in a form.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

NOT_SENT = {"submit", "button", "image", "reset"}


@dataclass
class Form:
    method: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    def __init__(self, url: str, status: int, html: str):
        super().__init__()
        self.url, self.status, self.html = url, status, html
        self.ids: set[str] = set()
        self._buttons: dict[str, tuple[Form, dict]] = {}
        self._form: Form | None = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attributes = {name: value or "" for name, value in attrs}
        if "id" in attributes:
            self.ids.add(attributes["id"])
        if tag == "form":
            self._form = Form(attributes.get("method", "get").upper(), attributes.get("action", ""))
        elif self._form and tag == "input" and self._is_sent(attributes):
            self._form.fields[attributes["name"]] = attributes.get("value", "")
        elif self._form and tag in ("button", "input") and "id" in attributes:
            self._buttons[attributes["id"]] = (self._form, attributes)

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None

    @staticmethod
    def _is_sent(attributes: dict) -> bool:
        kind = attributes.get("type", "text")
        if "name" not in attributes or "disabled" in attributes or kind in NOT_SENT:
            return False
        return kind not in ("checkbox", "radio") or "checked" in attributes

    def press(self, button_id: str, **filled: str) -> tuple[str, str, dict[str, str]]:
        """The method, address and fields of the request that pressing this button makes."""
        if button_id not in self._buttons:
            raise LookupError(f"no button '{button_id}' in a form at {self.url}:\n{self.html}")
        form, button = self._buttons[button_id]
        own = {button["name"]: button.get("value", "")} if "name" in button else {}
        action = urljoin(self.url, button.get("formaction", form.action))
        return button.get("formmethod", form.method).upper(), action, {**form.fields, **own, **filled}
