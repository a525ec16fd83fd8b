"""Everything the sandbox remembers, behind one lock."""

import threading
import time
from dataclasses import dataclass, field

from integrations.sandbox.aws.accounts import AwsAccounts
from integrations.sandbox.aws.cognito_store import Cognito
from integrations.sandbox.aws.table_readers import PortalTables
from integrations.sandbox.calls import Calls
from integrations.sandbox.droa.deployments import Deployments
from integrations.sandbox.failures import Failures
from integrations.sandbox.graph.store import Tenant
from integrations.sandbox.hooks import Hooks
from integrations.sandbox.knobs import Knobs
from integrations.sandbox.mailbox import Mailbox
from integrations.sandbox.racing.accounts import Racing
from integrations.sandbox.sign_on.providers import SamlProvider
from integrations.sandbox.windows import Windows


@dataclass
class Cloud:
    """The state of all simulated providers.

    Whoever reads or changes it holds ``lock``; a simulated latency is slept through before the lock is taken.
    ``changed`` is set after every change, and wakes what has to react to it: the saver and the sync's clock.
    """

    knobs: Knobs = field(default_factory=Knobs)
    tenants: dict[str, Tenant] = field(default_factory=dict)
    aws: AwsAccounts = field(default_factory=AwsAccounts)
    cognito: Cognito = field(default_factory=Cognito)
    racing: Racing = field(default_factory=Racing)
    droa: Deployments = field(default_factory=Deployments)
    saml: dict[str, SamlProvider] = field(default_factory=dict)
    portal_tables: PortalTables = field(default_factory=PortalTables)
    mailbox: Mailbox = field(default_factory=Mailbox)
    hooks: Hooks = field(default_factory=Hooks)
    calls: Calls = field(default_factory=Calls)
    windows: Windows = field(default_factory=Windows)
    lock: threading.RLock = field(default_factory=threading.RLock)
    changed: threading.Event = field(default_factory=threading.Event)
    url: str = ""  # where this sandbox is reached, for links in mails

    @property
    def failures(self) -> Failures:
        return Failures(self.knobs)

    def now(self) -> float:
        return time.time()

    def empty(self) -> None:
        """Back to a freshly started sandbox, knobs included."""
        self.knobs = Knobs()
        self.tenants = {}
        self.aws = AwsAccounts()
        self.cognito = Cognito()
        self.racing = Racing()
        self.droa = Deployments()
        self.saml = {}
        self.portal_tables = PortalTables()
        self.mailbox = Mailbox()
        self.hooks = Hooks()
        self.calls.clear()
        self.windows.clear()
