"""The tag that every form has anyhow, to carry for whom its page was opened. It stands in for Django's own."""

from typing import Any

from django import template
from django.template.base import Parser, Token
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html

from paddock.tenancy.pages import FIELD, find_page_organization

register = template.Library()


class PageTokenNode(CsrfTokenNode):
    def render(self, context: template.Context) -> Any:
        token, request = super().render(context), context.get("request")
        slug = find_page_organization(request) if request else None
        return token if slug is None else token + format_html('<input type="hidden" name="{}" value="{}">', FIELD, slug)


@register.tag
def csrf_token(parser: Parser, token: Token) -> PageTokenNode:
    return PageTokenNode()
