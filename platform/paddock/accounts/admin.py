from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from paddock.accounts.models import User
from paddock.tenancy.admin import OperatorAdmin
from paddock.tenancy.admin_base import may
from paddock.tenancy.models import Membership

admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(OperatorAdmin):
    list_display = ["email", "name", "is_active", "is_superuser"]
    search_fields = ["email", "name"]
    fields = ["email", "name", "is_active", "is_superuser"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Owners find people by address when they add a membership, in the search field alone."""
        operator = bool(request.user.is_superuser)  # type: ignore[union-attr]
        return operator or (request.path.endswith("/autocomplete/") and may(request, Membership.Role.OWNER))
