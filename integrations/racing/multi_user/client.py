"""Calls of the multi-user service: throttled, in pages, and with refusals explained."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from integrations import aws
from integrations.racing.multi_user.config import MultiUserConfig
from integrations.racing.multi_user.refusals import explained_refusals
from integrations.repetition import repeat_read
from integrations.throttle import Limit, shared_throttle

# The only region of the service, wherever its role is assumed.
REGION = "us-east-1"
# The service's own limit is not published. Pages are asked for one after the other, so that its own pace is slower than
# this; what it refuses all the same is asked for again.
DEEPRACER = Limit("deepracer", 100, 1)
PAGE_SIZE = 100

Answer = dict[str, Any]


class MultiUserClient:
    def __init__(self, config: MultiUserConfig) -> None:
        self.config = config
        self.access = replace(config.access, region=REGION)

    def call(self, operation: str, **request: Any) -> Answer:
        """`operation` as boto spells it: delete_model. Raises IntegrationError."""
        client = aws.client(self.access, "deepracer")
        shared_throttle().acquire(DEEPRACER, self.config.account_id)
        with explained_refusals():
            answer: Answer = getattr(client, operation)(**request)
        return answer

    @repeat_read
    def read(self, operation: str, **request: Any) -> Answer:
        return self.call(operation, **request)

    def pages(self, operation: str, field: str, **request: Any) -> Iterator[list[Answer]]:
        """What `field` holds, page by page, each of one call."""
        request["MaxResults"] = PAGE_SIZE
        while True:
            answer = self.read(operation, **request)
            yield answer.get(field, [])
            if not answer.get("NextToken"):
                return
            request["NextToken"] = answer["NextToken"]
