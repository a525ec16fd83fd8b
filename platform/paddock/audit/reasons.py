"""Why something is done in the admin, wherever a form or a dialog asks for it."""

from django.http import HttpRequest

# Every form that adds, changes or deletes an object has the first one; dialogs and buttons ask for the second one.
FIELDS = ("audit_reason", "reason")


def read_reason(request: HttpRequest) -> str:
    given = next((request.POST[name] for name in FIELDS if request.POST.get(name)), "")
    return " ".join(given.split())[:300]
