from django.urls import path

from participants.views.home import HomeView
from participants.views.invitation import InvitationView
from participants.views.my_events import MyEventsView
from participants.views.portal import PortalView
from participants.views.status import StatusView
from participants.views.withdrawing import WithdrawView

app_name = "participants"
urlpatterns = [
    path("", HomeView.as_view(), name="home"),
    path("my-events/<slug:organization>/", MyEventsView.as_view(), name="my-events"),
    path("join/<slug:organization>/<str:token>/", InvitationView.as_view(), name="invitation"),
    path("e/<slug:organization>/<slug:event>/", PortalView.as_view(), name="portal"),
    path("e/<slug:organization>/<slug:event>/registrations/<str:token>/", StatusView.as_view(), name="status"),
    path(
        "e/<slug:organization>/<slug:event>/registrations/<str:token>/withdraw/",
        WithdrawView.as_view(),
        name="withdraw",
    ),
]
