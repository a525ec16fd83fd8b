from django.urls import path

from participants.views.home import HomeView
from participants.views.invitation import InvitationView
from participants.views.portal import PortalView
from participants.views.status import StatusView

app_name = "participants"
urlpatterns = [
    path("", HomeView.as_view(), name="home"),
    path("join/<slug:organization>/<str:token>/", InvitationView.as_view(), name="invitation"),
    path("e/<slug:organization>/<slug:event>/", PortalView.as_view(), name="portal"),
    path("e/<slug:organization>/<slug:event>/registrations/<str:token>/", StatusView.as_view(), name="status"),
]
