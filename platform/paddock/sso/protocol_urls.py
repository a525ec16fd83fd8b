"""The addresses that providers are told. allauth looks them up by these names; none of its other pages is reachable."""

from django.urls import path

from paddock.sso import protocol_views as views

urlpatterns = [
    path("oidc/<slug:key>/callback/", views.oidc_callback, name="openid_connect_callback"),
    path("saml/<slug:key>/acs/", views.saml_acs, name="saml_acs"),
    path("saml/<slug:key>/acs/finish/", views.saml_finish, name="saml_finish_acs"),
    path("saml/<slug:key>/sls/", views.saml_sign_out, name="saml_sls"),
    path("saml/<slug:key>/metadata/", views.saml_metadata, name="saml_metadata"),
]
