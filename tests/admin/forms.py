"""Reading a page's form as a browser would."""

from html.parser import HTMLParser

from django.test import Client

BUTTONS = {"submit", "button", "image", "reset"}


class FormReader(HTMLParser):
    """What the form of an object's page would send if nobody changed anything, in `data`."""

    def __init__(self) -> None:
        super().__init__()
        self.data: dict[str, str] = {}
        self._inside = False
        self._select = self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self._inside = given.get("id", "").endswith("_form")
        if not self._inside or "__prefix__" in name:
            return
        if tag == "input" and name:
            self._read_input(name, given)
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in self.data):
            self.data[self._select] = given.get("value", "")
        elif tag == "textarea":
            self._textarea, self.data[name] = name, ""

    def _read_input(self, name: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if kind in BUTTONS or (kind in ("checkbox", "radio") and "checked" not in given):
            return
        self.data[name] = given.get("value", "on" if kind == "checkbox" else "")

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.data[self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._textarea:
            self.data[self._textarea] = self.data[self._textarea].removeprefix("\n")
            self._textarea = ""
        elif tag == "select":
            self._select = ""
        elif tag == "form":
            self._inside = False


def read_form(client: Client, address: str) -> dict[str, str]:
    reader = FormReader()
    reader.feed(client.get(address).content.decode())
    return reader.data
