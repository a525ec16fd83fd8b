"""An OpenID Connect provider that answers whatever a test tells it to."""

import threading
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

KEY_ID = "key-1"
CLIENT_ID = "paddock"


class CrookedProvider:
    """Honest until told otherwise. What is not told is as it should be."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.other_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._server = make_server("127.0.0.1", 0, Request.application(self._answer), threaded=True)
        self.issuer = f"http://localhost:{self._server.server_port}"
        self.reset()

    def start(self) -> "CrookedProvider":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def reset(self) -> None:
        self.id_token = self.make_token()
        self.user_info: dict[str, Any] = {"sub": "ann"}
        self.discovery: dict[str, Any] = {}
        self.token_status = 200
        self.asked: list[str] = []

    def make_token(self, key: Any = None, **changes: Any) -> str:
        """A claim that is None is left out."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": "ann",
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "email": "ann@contoso.example",
        }
        claims = {name: value for name, value in (claims | changes).items() if value is not None}
        return jwt.encode(claims, key or self.key, algorithm="RS256", headers={"kid": KEY_ID})

    def _answer(self, request: Request) -> Response:
        self.asked.append(request.path)
        found = {
            "/.well-known/openid-configuration": self._describe,
            "/keys": self._list_keys,
            "/token": self._give_token,
            "/userinfo": lambda: self.user_info,
        }.get(request.path)
        if found is None:
            return Response(status=404)
        status = self.token_status if request.path == "/token" else 200
        return _as_json(found(), status)

    def _describe(self) -> dict[str, Any]:
        addresses = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        described = {name: f"{self.issuer}/{path}" for name, path in addresses.items()}
        described |= {"issuer": self.issuer, "userinfo_endpoint": f"{self.issuer}/userinfo"}
        return described | self.discovery

    def _list_keys(self) -> dict[str, Any]:
        return {"keys": [RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True) | {"kid": KEY_ID, "use": "sig"}]}

    def _give_token(self) -> dict[str, Any]:
        return {"access_token": "a", "token_type": "Bearer", "id_token": self.id_token}


def _as_json(body: Any, status: int) -> Response:
    import json

    return Response(json.dumps(body), status=status, mimetype="application/json")
