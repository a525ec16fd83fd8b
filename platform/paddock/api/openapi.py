"""What every operation of the schema has in common, so that resources describe only what is their own."""

from typing import Any, Literal

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from paddock.api.authentication import SAFE
from paddock.api.fieldsets import PARAMETER
from paddock.api.idempotency import HEADER, REPLAYED
from paddock.api.problems import CODES, CONTENT_TYPE, PROBLEMS


class ProblemSerializer(serializers.Serializer[Any]):
    """Problem details (RFC 9457)."""

    type = serializers.CharField(help_text="The address of the problem's description, beneath the API's own.")
    title = serializers.CharField(help_text="What kind of problem it is, always in the same words.")
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="The kind of problem, for programs.")
    detail = serializers.CharField(required=False, help_text="What is the matter this time, and what to do.")
    errors = serializers.DictField(  # type: ignore[assignment]
        required=False, help_text="Sentences by the name of the field."
    )


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "paddock.api.authentication.KeyAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        about = "A key of the organization, made by one of its owners in the admin: Organization, API keys."
        return {"type": "http", "scheme": "bearer", "bearerFormat": "pdk_…", "description": about}


class ApiSchema(AutoSchema):
    """Tags, authorization, headers and refusals follow from the view and the method."""

    view: Any
    method: str

    def get_description(self) -> str:  # type: ignore[override]
        """Where no call's own says more. Docstrings speak to those who write the API, not to those who call it."""
        return str(self.view.reach)

    def get_tags(self) -> list[str]:
        return [self.view.area.title]

    def get_auth(self) -> list[dict[str, Any]]:
        auth: list[dict[str, Any]] = super().get_auth()
        return [{}, *auth] if self._is_open else auth

    def get_override_parameters(self) -> list[Any]:
        return [*self._describe_path(), *self._describe_request(), *self._describe_answer()]

    @property
    def _is_open(self) -> bool:
        return self.method in self.view.open_methods

    @property
    def _is_safe(self) -> bool:
        return self.method in SAFE

    def _describe_path(self) -> list[OpenApiParameter]:
        known = {"organization": "The organization's part of every address.", "event": "The event's part of addresses."}
        names = [name for name in known if f"{{{name}}}" in self.path]
        slug = {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"}
        return [OpenApiParameter(name, slug, OpenApiParameter.PATH, description=known[name]) for name in names]

    def _describe_request(self) -> list[OpenApiParameter]:
        if not self._is_safe:
            about = "Makes repeating the call safe for 24 hours: the same call again gets the first answer."
            key = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}
            headers = [OpenApiParameter(HEADER, key, OpenApiParameter.HEADER, description=about)]
            if self.method == "PATCH":
                about = "The ETag that you read. Refuses with 412 what somebody else has changed meanwhile."
                headers.append(OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, description=about))
            return headers
        about = "Names of fields, separated by commas: only these are in the answer."
        parameters = [OpenApiParameter(PARAMETER, str, OpenApiParameter.QUERY, description=about)]
        if self.view.shows_one:
            about = "The ETag that you have. Answers 304 while it is still that version."
            parameters.append(OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER, description=about))
        return parameters

    def _describe_answer(self) -> list[OpenApiParameter]:
        headers: list[tuple[str, str, Any, Any]] = [
            ("RateLimit", "What is left: `r` calls, in `t` seconds all of them again.", str, True),
            ("RateLimit-Policy", "`q` calls in `w` seconds.", str, True),
            ("Retry-After", "Seconds to wait.", int, ["409", "429"]),
            ("WWW-Authenticate", "`Bearer`", str, ["401"]),
        ]
        if not self._is_safe:
            headers.append((REPLAYED, "`true` where this is the answer of an earlier call.", str, True))
        if self.view.shows_one:
            headers.append(("ETag", "The version of the object.", str, ["200", "304"]))
        return [
            OpenApiParameter(name, kind, OpenApiParameter.HEADER, description=about, response=response)
            for name, about, kind, response in headers
        ]

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        if self.view.shows_one and self.method == "GET":
            bodies["304"] = self._describe_empty(304, "It is the version you have.")
        problem = self.resolve_serializer(ProblemSerializer, direction).ref
        for code in self._list_refusals():
            described = self._describe_empty(code, PROBLEMS[CODES[code]])
            bodies.setdefault(str(code), described | {"content": {CONTENT_TYPE: {"schema": problem}}})
        return dict(sorted(bodies.items()))

    def _describe_empty(self, code: int, about: str) -> dict[str, Any]:
        body: dict[str, Any] = self._get_response_for_code(None, str(code))  # type: ignore[no-untyped-call]
        return body | {"description": about}

    def _list_refusals(self) -> list[int]:
        refusals = [400, 401, 403, 404, 406, 429, 500]
        if not self._is_safe:
            refusals += [409, 413, 415, 422]
        if self.method == "PATCH":
            refusals.append(412)
        return sorted(refusals)

    def _postprocess_serializer_schema(self, schema: Any, serializer: Any, direction: str) -> Any:
        """With `fields` anything may be left out of what a view shows, so nothing of it is promised."""
        schema = super()._postprocess_serializer_schema(schema, serializer, direction)  # type: ignore[no-untyped-call]
        shown = self.view.serializer_class if self.view.shows_one or self.view.shows_many else None
        if direction == "response" and shown and isinstance(serializer, shown):
            schema.pop("required", None)
        return schema

    def _is_list_view(self, serializer: Any = None) -> bool:
        return self.view.shows_many and self.method == "GET"
