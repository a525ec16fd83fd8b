"""The admin site: who may enter, and where it looks for its parts."""

from django.contrib.admin.apps import AdminConfig


class PaddockAdminConfig(AdminConfig):
    default_site = "paddock.admin_site.PaddockAdminSite"
