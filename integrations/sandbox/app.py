"""The sandbox as one WSGI application."""

from wsgiref.types import WSGIApplication

from flask import Flask

from integrations.sandbox.aws.deepracer.provider import DeepRacerProvider
from integrations.sandbox.aws.switch import AwsProvider
from integrations.sandbox.cloud import Cloud
from integrations.sandbox.console import console_blueprint
from integrations.sandbox.control import control_blueprint
from integrations.sandbox.droa.provider import DeepRacerOnAwsProvider
from integrations.sandbox.droa.site import site_blueprint
from integrations.sandbox.gate import Gate, Provider
from integrations.sandbox.graph.endpoint import graph_blueprint
from integrations.sandbox.hook_pages import hooks_blueprint
from integrations.sandbox.hook_receiver import HookReceiver
from integrations.sandbox.login import login_blueprint
from integrations.sandbox.microsoft import GRAPH_PREFIX, LOGIN_PREFIX, MicrosoftProvider
from integrations.sandbox.pages import pages_blueprint
from integrations.sandbox.portal import portal_blueprint
from integrations.sandbox.racing.control import racing_blueprint
from integrations.sandbox.sign_on.saml import saml_blueprint
from integrations.sandbox.tables_control import tables_blueprint


def create_application(cloud: Cloud) -> WSGIApplication:
    flask = Flask(__name__, static_url_path="/sandbox/static")
    for blueprint in (
        graph_blueprint,
        login_blueprint,
        control_blueprint,
        pages_blueprint,
        hooks_blueprint,
        portal_blueprint,
        console_blueprint,
        racing_blueprint,
        tables_blueprint,
        site_blueprint,
        saml_blueprint,
    ):
        flask.register_blueprint(blueprint(cloud))
    graph = MicrosoftProvider(cloud, application=flask, service="graph", prefix=GRAPH_PREFIX)
    login = MicrosoftProvider(cloud, application=flask, service="login", prefix=LOGIN_PREFIX)
    signed: list[Provider] = [DeepRacerOnAwsProvider(cloud), DeepRacerProvider(cloud), AwsProvider(cloud)]
    gate = Gate(cloud, providers=[*signed, graph, login], pages=flask)
    return HookReceiver(cloud, otherwise=gate)
