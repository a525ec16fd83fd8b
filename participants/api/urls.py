from django.urls import path

from participants.api.accounts import AccountsView, AccountView
from participants.api.announcements import PreviewMailView, SendMailView
from participants.api.audit import AuditView
from participants.api.bulk import BulkRegistrationView
from participants.api.messages import MessagesView, MessageView
from participants.api.operations import OperationsView, OperationView
from participants.api.participants import ParticipantsView, ParticipantView
from participants.api.preflights import PreflightsView, PreflightView
from participants.api.quota_actions import ChangeQuotaView, FollowPolicyView, PutInGroupView
from participants.api.race_actions import CloseRaceView, LeaderboardView, RenewInvitationView
from participants.api.racers import RacersView, RacerView
from participants.api.races import EventRacesView, RacesView, RaceView
from participants.api.registrations import EventRegistrationsView, RegistrationsView, RegistrationView
from participants.api.removal import EndView, RemoveView
from participants.api.sponsorship_actions import PauseView, ResumeView, RetryView, SendPasswordsView, StopTrainingView
from participants.api.usage import BalancesView, EventUsageView

app_name = "api"
EVENT, RACE = "events/<slug:event>/", "races/<int:race>/"
urlpatterns = [
    path(f"{EVENT}registrations/", EventRegistrationsView.as_view(), name="event_registrations"),
    path(f"{EVENT}registrations/bulk/", BulkRegistrationView.as_view(), name="bulk_registration"),
    path(f"{EVENT}end/", EndView.as_view(), name="end_event"),
    path("registrations/", RegistrationsView.as_view(), name="registrations"),
    path("registrations/<uuid:registration>/", RegistrationView.as_view(), name="registration"),
    path("participants/", ParticipantsView.as_view(), name="participants"),
    path("participants/<int:participant>/", ParticipantView.as_view(), name="participant"),
    path("racers/", RacersView.as_view(), name="racers"),
    path("racers/<int:racer>/", RacerView.as_view(), name="racer"),
    path(f"{EVENT}usage/", EventUsageView.as_view(), name="event_usage"),
    path(f"{EVENT}balances/", BalancesView.as_view(), name="balances"),
    path(f"{EVENT}people/change-quota/", ChangeQuotaView.as_view(), name="change_quota"),
    path(f"{EVENT}people/follow-policy/", FollowPolicyView.as_view(), name="follow_policy"),
    path(f"{EVENT}people/put-in-group/", PutInGroupView.as_view(), name="put_in_group"),
    path(f"{EVENT}people/pause/", PauseView.as_view(), name="pause"),
    path(f"{EVENT}people/resume/", ResumeView.as_view(), name="resume"),
    path(f"{EVENT}people/stop-training/", StopTrainingView.as_view(), name="stop_training"),
    path(f"{EVENT}people/send-passwords/", SendPasswordsView.as_view(), name="send_passwords"),
    path(f"{EVENT}people/remove/", RemoveView.as_view(), name="remove"),
    path(f"{EVENT}people/retry/", RetryView.as_view(), name="retry"),
    path(f"{EVENT}races/", EventRacesView.as_view(), name="event_races"),
    path("races/", RacesView.as_view(), name="races"),
    path(RACE, RaceView.as_view(), name="race"),
    path(f"{RACE}close/", CloseRaceView.as_view(), name="close_race"),
    path(f"{RACE}renew-invitation/", RenewInvitationView.as_view(), name="renew_invitation"),
    path(f"{RACE}leaderboard/", LeaderboardView.as_view(), name="leaderboard"),
    path("messages/", MessagesView.as_view(), name="messages"),
    path("messages/<int:message>/", MessageView.as_view(), name="message"),
    path(f"{EVENT}messages/preview/", PreviewMailView.as_view(), name="preview_mail"),
    path(f"{EVENT}messages/", SendMailView.as_view(), name="send_mail"),
    path("operations/", OperationsView.as_view(), name="operations"),
    path("operations/<int:operation>/", OperationView.as_view(), name="operation"),
    path("accounts/", AccountsView.as_view(), name="accounts"),
    path("accounts/<slug:account>/", AccountView.as_view(), name="account"),
    path(f"{EVENT}preflights/", PreflightsView.as_view(), name="preflights"),
    path(f"{EVENT}preflights/<int:preflight>/", PreflightView.as_view(), name="preflight"),
    path("audit/", AuditView.as_view(), name="audit"),
]
