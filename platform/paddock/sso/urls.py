from django.urls import path

from paddock.sso import views

app_name = "sso"
urlpatterns = [
    path("sign-in/", views.find, name="find"),
    path("sign-in/<slug:organization>/", views.SignInView.as_view(), name="sign_in"),
    path("sign-in/<slug:organization>/<slug:key>/", views.start, name="start"),
    path("sign-out/", views.leave, name="sign_out"),
    path("signed-out/", views.signed_out, name="signed_out"),
]
