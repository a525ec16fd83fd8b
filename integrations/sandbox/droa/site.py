"""The web site of a deployment: env.js for programs, and for racers a sign-in, their minutes and a short training."""

import json
import re
from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from integrations.sandbox.aws.cognito_passwords import PasswordPolicyError
from integrations.sandbox.aws.cognito_pools import CognitoError, PoolUser, UserPool
from integrations.sandbox.aws.cognito_sign_in import NEW_PASSWORD_REQUIRED, respond_to_challenge, sign_in
from integrations.sandbox.aws.cognito_tokens import ACCESS_SECONDS, InvalidTokenError, read_token
from integrations.sandbox.cloud import Cloud
from integrations.sandbox.droa.deployments import DEFAULT_ALIAS, UNLIMITED, Deployment
from integrations.sandbox.droa.errors import ApiError
from integrations.sandbox.droa.models import train
from integrations.sandbox.droa.sign_up import note_sign_in
from integrations.sandbox.racing.accounts import Profile
from integrations.sandbox.racing.progress import bring_forward

TRAINING_MINUTES = 30

_COOKIE = "sandbox_droa"
_ALIAS = re.compile(r"[A-Za-z0-9_-]{3,20}")
_WRONG = "The e-mail address or the password is wrong."
_PROBLEMS = {
    "User is disabled.": "Your account is disabled. Ask whoever invited you.",
    "alias": "A racer name has 3 to 20 letters, digits, hyphens and underscores.",
}


class SiteViews:
    """The views; every one runs under the cloud's lock, which the gate holds."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def env(self, name: str) -> Response:
        deployment, pool = self._find(name)
        host = request.host_url.rstrip("/")
        config = {
            "apiEndpointUrl": f"{host}{deployment.api_path}/",
            "userPoolId": pool.pool_id,
            "userPoolClientId": pool.client_id,
            "identityPoolId": deployment.identity_pool_id,
            "region": pool.region,
            "uploadBucketName": f"{deployment.namespace}-upload-bucket",
            "iotEndpoint": "",
            "solutionVersion": "v1.2.5",
            "namespace": deployment.namespace,
        }
        return Response(f"window.EnvironmentConfig = {json.dumps(config)};", content_type="application/javascript")

    def home(self, name: str) -> str:
        deployment, pool = self._find(name)
        user = self._signed_in(pool)
        profile = deployment.account.profiles.get(user.username) if user else None
        if user is None or profile is None:
            return _page("droa_sign_in.html", deployment, email=request.args.get("email", ""))
        bring_forward(self._cloud)
        models = [deployment.account.models[model_id] for model_id in reversed(profile.model_ids)]
        return _page(
            "droa_racer.html",
            deployment,
            profile=profile,
            models=models,
            nameless=profile.alias == DEFAULT_ALIAS,
            minutes=_minutes(profile),
            length=TRAINING_MINUTES,
            problem=request.args.get("problem", ""),
        )

    def sign_in(self, name: str) -> BaseResponse:
        deployment, pool = self._find(name)
        email = request.form.get("email", "").strip()
        try:
            answer = sign_in(pool, email, request.form.get("password", "").strip(), now=self._cloud.now())
        except CognitoError as error:
            problem = _PROBLEMS.get(error.message, _WRONG)
            return _refused("droa_sign_in.html", deployment, email=email, problem=problem)
        if answer.get("ChallengeName"):
            return make_response(_page("droa_password.html", deployment, email=email, session=answer["Session"]))
        return self._enter(deployment, pool, email, answer["AuthenticationResult"])

    def choose_password(self, name: str) -> BaseResponse:
        deployment, pool = self._find(name)
        email, session = request.form.get("email", ""), request.form.get("session", "")
        responses = {"USERNAME": email, "NEW_PASSWORD": request.form.get("password", "").strip()}
        try:
            answer = respond_to_challenge(pool, NEW_PASSWORD_REQUIRED, session, responses, now=self._cloud.now())
        except PasswordPolicyError as error:
            problem = str(error).rpartition(": ")[2]
            return _refused("droa_password.html", deployment, email=email, session=session, problem=f"{problem}.")
        except CognitoError:
            problem = "This took too long. Sign in with the temporary password once more."
            return _refused("droa_sign_in.html", deployment, email=email, problem=problem)
        return self._enter(deployment, pool, email, answer["AuthenticationResult"])

    def choose_alias(self, name: str) -> BaseResponse:
        deployment, profile = self._racer(name)
        alias = request.form.get("alias", "").strip()
        if not _ALIAS.fullmatch(alias):
            return _home(deployment, problem=_PROBLEMS["alias"])
        profile.alias = alias
        return _home(deployment)

    def train(self, name: str) -> BaseResponse:
        """As CreateModel would: quotas apply."""
        deployment, profile = self._racer(name)
        moment = bring_forward(self._cloud)
        number = profile.created_models + 1
        try:
            train(deployment.account, profile, name=f"training-{number}", minutes=TRAINING_MINUTES, moment=moment)
        except ApiError as error:
            return _home(deployment, problem=error.body["message"])
        return _home(deployment)

    def sign_out(self, name: str) -> BaseResponse:
        deployment, _ = self._find(name)
        response = _home(deployment)
        response.delete_cookie(_COOKIE, path=f"{deployment.site_path}/")
        return response

    def _find(self, name: str) -> tuple[Deployment, UserPool]:
        deployment = self._cloud.droa.by_path.get(f"/droa/{name}")
        if deployment is None:
            abort(404)
        return deployment, self._cloud.cognito.user_pools[deployment.user_pool_id]

    def _signed_in(self, pool: UserPool) -> PoolUser | None:
        try:
            claims = read_token(pool, request.cookies.get(_COOKIE, ""), "access", now=self._cloud.now())
        except InvalidTokenError:
            return None
        user = pool.find(claims["sub"])
        return user if user is not None and user.enabled and claims["iat"] > user.signed_out_at else None

    def _racer(self, name: str) -> tuple[Deployment, Profile]:
        deployment, pool = self._find(name)
        user = self._signed_in(pool)
        profile = deployment.account.profiles.get(user.username) if user else None
        if profile is None:
            abort(_home(deployment))
        return deployment, profile

    def _enter(self, deployment: Deployment, pool: UserPool, email: str, tokens: Mapping[str, str]) -> BaseResponse:
        note_sign_in(self._cloud, pool, pool.require(email))
        response = _home(deployment)
        path = f"{deployment.site_path}/"
        response.set_cookie(
            _COOKIE, tokens["AccessToken"], max_age=ACCESS_SECONDS, path=path, httponly=True, samesite="Lax"
        )
        return response


def site_blueprint(cloud: Cloud) -> Blueprint:
    blueprint, views = Blueprint("droa", __name__, url_prefix="/droa/<name>"), SiteViews(cloud)
    blueprint.get("/")(views.home)
    blueprint.get("/env.js")(views.env)
    blueprint.post("/sign-in")(views.sign_in)
    blueprint.post("/password")(views.choose_password)
    blueprint.post("/alias")(views.choose_alias)
    blueprint.post("/train")(views.train)
    blueprint.post("/sign-out")(views.sign_out)
    return blueprint


def _page(template: str, deployment: Deployment, **values: object) -> str:
    return render_template(template, path=f"{deployment.site_path}/", namespace=deployment.namespace, **values)


def _refused(template: str, deployment: Deployment, **values: object) -> BaseResponse:
    return make_response(_page(template, deployment, **values), 403)


def _home(deployment: Deployment, **query: str) -> BaseResponse:
    address = f"{deployment.site_path}/"
    return redirect(f"{address}?{urlencode(query)}" if query else address, code=303)


def _minutes(profile: Profile) -> dict[str, str]:
    used, queued = profile.used_seconds / 60, profile.queued_seconds / 60
    left = max(0, profile.max_minutes - used - queued)
    return {
        "Used": f"{used:.1f} minutes",
        "Queued or running": f"{queued:.1f} minutes",
        "Left": "unlimited" if profile.max_minutes == UNLIMITED else f"{left:.1f} minutes",
    }
