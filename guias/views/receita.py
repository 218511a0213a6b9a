"""Asking the Receita about the marked empresas, from any of the lists that show what it said."""

from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from comum.listas import Lista, selecionados
from comum.models import Usuario
from comum.permissoes import opera, usuario_de
from empresas.contexto import contexto_de
from empresas.models import Empresa
from empresas.models.cadastro import EmpresaQuerySet
from guias.models import Consulta
from guias.providers.regime import CONSULTARRESOLUCAO104
from guias.services import consultas, panorama
from guias.services.acoes import Acao
from guias.services.intencoes_receita import DE_NOVO, REGIMES
from guias.views.acoes import pedir
from guias.views.base import perguntar

_Lista = Lista[EmpresaQuerySet]


def ano_da_defis(hoje: date, pedido: str = "") -> int:
    """The year asked for, when the Receita takes it; else the last one that has ended."""
    if pedido.isdecimal() and hoje.year - 5 <= int(pedido[:4]) <= hoje.year and len(pedido) == 4:
        return int(pedido)
    return hoje.year - 1


def lista_de(nome: str, params: QueryDict, usuario: Usuario, empresa: Empresa | None) -> _Lista:
    match nome:
        case "guias:caixas":
            return panorama.caixas(params, usuario, empresa)
        case "guias:anuais":
            ano = ano_da_defis(timezone.localdate(), params.get("ano", ""))
            return panorama.anuais(params, usuario, ano, empresa)
        case "guias:processos":
            return panorama.processos(params, usuario, empresa)
        case _:
            return panorama.situacao_fiscal(params, usuario, empresa)


# Where each action is asked from, and the fields of its own that travel with it.
ACOES: dict[str, tuple[str, tuple[str, ...]]] = {
    Acao.SITUACAO_FISCAL: ("guias:situacao_fiscal", (DE_NOVO,)),
    Acao.DTE: ("guias:situacao_fiscal", (DE_NOVO,)),
    Acao.MENSAGENS_NOVAS: ("guias:caixas", ()),
    Acao.MENSAGENS: ("guias:caixas", ("quais", DE_NOVO)),
    Acao.REGIMES: ("guias:anuais", (DE_NOVO,)),
    Acao.DEFIS: ("guias:anuais", (DE_NOVO,)),
    Acao.ULTIMA_DEFIS: ("guias:anuais", ("ano", DE_NOVO)),
    Acao.TRANSMITIR_DEFIS: ("guias:anuais", ("ano",)),
    Acao.OPTAR_REGIME: ("guias:anuais", ("ano", "regime", "ciente")),
    Acao.PROCESSOS: ("guias:processos", (DE_NOVO,)),
    Acao.RENUNCIAR: ("guias:processos", ("responsavel", "ciente")),
}


def marcadas(request: HttpRequest, lista: str) -> EmpresaQuerySet:
    """The empresas a form speaks of, always among those that the user sees."""
    usuario, empresa = usuario_de(request), contexto_de(request).empresa
    base = Empresa.objects.visiveis(usuario).filter(ativa=True)
    escolhidas = selecionados(request.POST, base, lambda params: lista_de(lista, params, usuario, empresa))
    return base.filter(pk__in=escolhidas.order_by().values("pk")).order_by("ordem", "pk")


@require_POST
@opera
def pedir_da_receita(request: HttpRequest, acao: str) -> HttpResponse:
    """First the pré-voo of the marked empresas; with `marca`, the run that was shown."""
    if acao not in ACOES:
        raise Http404
    lista, nomes = ACOES[acao]
    parametros = {nome: request.POST[nome][:40] for nome in nomes if request.POST.get(nome)}
    problema = _PROBLEMAS[acao](parametros) if acao in _PROBLEMAS else ""
    if problema:
        messages.error(request, problema)
        return redirect(lista)
    return pedir(
        request,
        acao,
        marcadas(request, lista),
        contexto_de(request).competencia,
        parametros=parametros,
        voltar=reverse(lista),
    )


def resolucao_de(ano: int) -> Consulta | None:
    """The text of the resolution of a year: whoever asked, it is the same for everybody."""
    do_ano = Consulta.objects.filter(servico=str(CONSULTARRESOLUCAO104), chave=str(ano))
    return do_ano.order_by("-pk").first()


def anos_da_opcao(hoje: date) -> tuple[int, ...]:
    return (hoje.year + 1, hoje.year)


def _problema_da_opcao(parametros: dict[str, str]) -> str:
    ano = parametros.get("ano", "")
    if ano not in map(str, anos_da_opcao(timezone.localdate())) or parametros.get("regime") not in REGIMES:
        return "Escolha o ano e o regime da opção, e continue de novo. Nada foi enviado."
    if parametros.get("ciente") != "1" or resolucao_de(int(ano)) is None:
        return "A opção exige a leitura da resolução. Leia o texto, marque a concordância e continue. Nada foi enviado."
    return ""


def _problema_do_ano(parametros: dict[str, str]) -> str:
    ano = parametros.get("ano", "")
    if str(ano_da_defis(timezone.localdate(), ano)) != ano:
        return "O ano-calendário da DEFIS não veio no pedido. Escolha o ano na lista e peça de novo."
    return ""


def _problema_da_renuncia(parametros: dict[str, str]) -> str:
    if parametros.get("ciente") != "1":
        return "A renúncia exige a ciência das declarações. Leia-as, marque a ciência e continue. Nada foi enviado."
    return ""


_PROBLEMAS: dict[str, Callable[[dict[str, str]], str]] = {
    Acao.OPTAR_REGIME: _problema_da_opcao,
    Acao.ULTIMA_DEFIS: _problema_do_ano,
    Acao.TRANSMITIR_DEFIS: _problema_do_ano,
    Acao.RENUNCIAR: _problema_da_renuncia,
}


@require_POST
@opera
def resolucao(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the resolution through one empresa; its answer serves the whole office."""
    empresa = get_object_or_404(Empresa.objects.visiveis(usuario_de(request)), pk=pk)
    ano = request.POST.get("ano", "")
    if ano not in map(str, anos_da_opcao(timezone.localdate())):
        messages.error(request, "Escolha o ano da opção e peça a resolução de novo.")
        return redirect("guias:regime")
    return perguntar(
        request,
        lambda sobre, usuario, intencao: consultas.buscar_resolucao(sobre, usuario, intencao, int(ano)),
        empresa,
        "guias:regime",
    )
