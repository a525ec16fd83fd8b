"""What an event says and asks."""

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models

from events.models.event import Event
from paddock.tenancy.models import TenantModel


class Question(TenantModel):
    """One question of an event's registration form."""

    class Kind(models.TextChoices):
        CHOICE = "choice", "Choice"
        CHOICES = "choices", "Several choices"
        TEXT = "text", "Text"
        NUMBER = "number", "Number"
        YES_NO = "yes_no", "Yes or no"

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="questions")
    key = models.CharField(
        max_length=50,
        validators=[RegexValidator(r"^[a-z][a-z0-9_]*\Z", "Use lower-case letters, digits and underscores.")],
        help_text="Names the answer in the API and in exports.",
    )
    label = models.CharField(max_length=200)
    help_text = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.TEXT)
    choices = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    required = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["event", "key"], name="question_key_once_per_event")]

    def __str__(self) -> str:
        return self.label

    @property
    def has_choices(self) -> bool:
        return self.kind in (self.Kind.CHOICE, self.Kind.CHOICES)

    def clean(self) -> None:
        if self.has_choices and not self.choices:
            raise ValidationError({"choices": "A question with choices needs at least one."})


class Material(TenantModel):
    """A link or a text that helps people to get ready, shown in its group."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="materials")
    group = models.CharField(max_length=100, help_text="Heading that it stands under.")
    title = models.CharField(max_length=200)
    url = models.URLField("URL", max_length=500, blank=True)
    text = models.TextField(blank=True, help_text="Markdown.")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        if not self.url and not self.text:
            raise ValidationError("A training material needs a URL or a text.")


class MailTemplate(TenantModel):
    """An event's own words for one kind of mail; without one, Paddock's words are used."""

    class Kind(models.TextChoices):
        WELCOME = "welcome", "Access is ready"

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="mail_templates")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.WELCOME)
    subject = models.CharField(max_length=200)
    body = models.TextField(
        help_text="Markdown; {{given_name}}, {{event}}, {{access_url}}, {{status_url}}, {{races}} are filled in."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "kind"], name="mail_template_once_per_event")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subject}"

    def clean(self) -> None:
        if "{{access_url}}" not in self.body.replace(" ", ""):
            raise ValidationError({"body": "Without {{access_url}} nobody finds the way in."})
