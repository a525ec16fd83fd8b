"""Shapes that several operations share."""

from integrations.sandbox.aws.deepracer.shapes import Shape, Structure, Text, Whole

STANDARD = Text(r".+", longest=255)
ARN = Text(r"arn:.*")
LEADERBOARD_ARN = Text(r"arn:.*", longest=1600)
MODEL_ARN = Text(r"arn:aws:deepracer:[a-z0-9-]*:[0-9]{12}:model/reinforcement_learning/[a-zA-Z0-9\-]+", longest=1600)
TRAINING_JOB_ARN = Text(r"arn:aws:deepracer:[a-z0-9-]*:[0-9]{12}:training_job/[a-zA-Z0-9_\-]+", longest=1600)
EVALUATION_JOB_ARN = Text(r"arn:aws:deepracer:[a-z0-9-]*:[0-9]{12}:evaluation_job/[a-zA-Z0-9_\-]+", longest=1600)
SORT_ORDER = Text(choices=("ASCENDING", "DESCENDING"))
SORT_BY = Text(choices=("CREATION_TIME",))
USER_STATE = Text(choices=("ACTIVE", "DISABLED", "RESTRICTED"))

# 1 to 100 is what the older model says; the newer one names no limits.
PAGING: dict[str, Shape] = {"MaxResults": Whole(1, 100), "NextToken": Text(r"[a-zA-Z0-9+/]+={0,2}", longest=2000)}

NOTHING = Structure()
