"""Django admin, under the product's name. Office staff use the screens; this is the administrator's back office."""

from django.contrib.admin.apps import AdminConfig
from django.contrib.admin.sites import AdminSite


class GuicheAdminSite(AdminSite):
    site_header = "Guichê · administração"
    site_title = "Guichê"
    index_title = "Cadastros e registros"
    login_template = "registration/login.html"


class GuicheAdminConfig(AdminConfig):
    default_site = "config.admin.GuicheAdminSite"
