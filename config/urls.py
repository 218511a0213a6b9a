from django.contrib import admin
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import RedirectView

from comum.views import Entrada, saude
from empresas.views import contexto

handler500 = "comum.views.falha"

urlpatterns = [
    path("", include("painel.urls")),
    path("entrar/", Entrada.as_view(), name="entrar"),
    path("sair/", auth.LogoutView.as_view(), name="sair"),
    path("senha/", auth.PasswordChangeView.as_view(), name="password_change"),
    path("senha/pronto/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("contexto/", contexto, name="contexto"),
    path("empresas/", include("empresas.urls")),
    path("credenciais/", include("credentials.urls_credenciais")),
    path("integra-contador/", include("credentials.urls_janela")),
    path("fiscal/", include("guias.urls")),
    path("notas/", include("nfse.urls")),
    path("pagar/", include("pagar.urls")),
    path("processamentos/", include("operacoes.urls")),
    path("custos/", include("operacoes.urls_custos")),
    path("arquivo/", include("arquivo.urls")),
    path("admin/", admin.site.urls),
    path("", include("guias.urls_publicas")),
    path("saude/", saude, name="saude"),
    path("favicon.ico", login_not_required(RedirectView.as_view(url="/static/favicon.ico", permanent=True))),
]
