"""What is due once a year: the list of DEFIS and regimes, the form of the DEFIS, the option of regime."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comum.listas import campos_da_selecao
from comum.permissoes import opera, usuario_de
from comum.respostas import lista_de_onde_veio
from credentials.models import Servico
from empresas.contexto import contexto_de
from empresas.models import Empresa
from guias.forms.defis import desenho, digitado
from guias.models import DeclaracaoDefis, OpcaoRegime, RascunhoDefis
from guias.services import consultas, defis, panorama
from guias.services.acesso import Acessos, Fora, acesso_ou_motivo
from guias.services.acoes import Acao
from guias.views.acoes import pedir
from guias.views.base import nova_intencao, perguntar
from guias.views.receita import ano_da_defis, anos_da_opcao, lista_de, marcadas, resolucao_de
from operacoes import custos
from operacoes.models import Classe


@require_GET
def anuais(request: HttpRequest) -> HttpResponse:
    hoje = timezone.localdate()
    ano = ano_da_defis(hoje, request.GET.get("ano", ""))
    lista = lista_de("guias:anuais", request.GET, usuario_de(request), contexto_de(request).empresa)
    empresas = list(lista.pagina)
    em_curso = panorama.em_curso(empresas, ["guias.defis.transmitir", "guias.regime.optar"])
    return render(
        request,
        "guias/anuais.html" + ("#tabela" if request.htmx else ""),  # type: ignore[attr-defined]
        {
            "lista": lista,
            "linhas": [(empresa, em_curso.get(empresa.pk)) for empresa in empresas],
            "ano": ano,
            "anos": range(hoje.year, hoje.year - 6, -1),
            "prazo": defis.prazo_da_defis(ano),
            "hoje": hoje,
            "no_pgdasd": ano + 1 >= defis.DENTRO_DO_PGDASD_DESDE,
            "ano_atual": hoje.year,
            "ano_seguinte": hoje.year + 1,
            "regimes": dict(OpcaoRegime.Regime.choices),
        },
    )


# -- DEFIS ------------------------------------------------------------------------------------------------------------


def _empresa(request: HttpRequest, pk: int) -> Empresa:
    return get_object_or_404(Empresa.objects.visiveis(usuario_de(request)).filter(matriz=None), pk=pk)


def _versao(rascunho: RascunhoDefis | None) -> str:
    return rascunho.alterado_em.isoformat() if rascunho else ""


@require_http_methods(["GET", "POST"])
@opera
def preencher_defis(request: HttpRequest, pk: int, ano: int) -> HttpResponse:
    """The form of one DEFIS: everything typed is kept, right or wrong; *Conferir* says what is to be corrected, or
    shows what would be transmitted; with `marca`, what was shown is transmitted."""
    empresa = _empresa(request, pk)
    hoje = timezone.localdate()
    if ano_da_defis(hoje, str(ano)) != ano:
        messages.error(request, f"A Receita não recebe a DEFIS de {ano}: escolha um dos anos da lista.")
        return redirect("guias:anuais")
    if request.method == "GET":
        rascunho = RascunhoDefis.objects.filter(empresa=empresa, ano=ano).first()
        dados = rascunho.dados if rascunho else defis.propostos(empresa)
        return _desenhar(request, empresa, ano, dados, _versao(rascunho))
    if "marca" in request.POST:
        return _transmitir(request, empresa, ano)
    return _guardar(request, empresa, ano)


def _guardar(request: HttpRequest, empresa: Empresa, ano: int) -> HttpResponse:
    dados = digitado(request.POST, empresa)
    with transaction.atomic():
        Empresa.objects.select_for_update(no_key=True).get(pk=empresa.pk)
        guardado = RascunhoDefis.objects.select_related("alterado_por").filter(empresa=empresa, ano=ano).first()
        vista = parse_datetime(request.POST.get("versao", "").replace(" ", "+"))
        if guardado is not None and guardado.alterado_em != vista and guardado.dados != dados:
            quando = f"{timezone.localtime(guardado.alterado_em):%d/%m às %H:%M}"
            aviso = (
                f"{guardado.alterado_por.nome} alterou esta DEFIS em {quando}, depois que você a abriu. Nada do que "
                "você digitou foi gravado nem perdido: confira e grave de novo para valer o seu."
            )
            return _desenhar(request, empresa, ano, dados, _versao(guardado), aviso=aviso, status=422)
        guardado, _ = RascunhoDefis.objects.update_or_create(
            empresa=empresa, ano=ano, defaults={"dados": dados, "alterado_por": usuario_de(request)}
        )
    match request.POST.get("acao"):
        case "conferir":
            _, erros = defis.ler(dados, empresa, ano)
            if erros:
                return _desenhar(request, empresa, ano, dados, _versao(guardado), erros=erros, status=422)
            return _transmitir(request, empresa, ano)
        case "mais":
            messages.info(request, "Gravado. Há mais linhas em branco em cada tabela.")
        case _:
            messages.success(request, f"DEFIS de {ano} gravada como rascunho. Nada foi transmitido.")
    return redirect("guias:defis", empresa.pk, ano)


def _transmitir(request: HttpRequest, empresa: Empresa, ano: int) -> HttpResponse:
    parametros = {"ano": str(ano)}
    if retifica := request.POST.get("retifica", "")[:15]:
        parametros["retifica"] = retifica
    return pedir(
        request,
        Acao.TRANSMITIR_DEFIS,
        Empresa.objects.filter(pk=empresa.pk),
        contexto_de(request).competencia,
        parametros=parametros,
        voltar=reverse("guias:defis", args=[empresa.pk, ano]),
    )


def _desenhar(
    request: HttpRequest,
    empresa: Empresa,
    ano: int,
    dados: dict[str, Any],
    versao: str,
    *,
    erros: defis.Erros | None = None,
    aviso: str = "",
    status: int = 200,
) -> HttpResponse:
    por_campo = erros.por_campo if erros else {}
    transmitidas = list(DeclaracaoDefis.objects.filter(empresa=empresa, ano=ano).select_related("declaracao", "recibo"))
    return render(
        request,
        "guias/defis.html",
        {
            "empresa": empresa,
            "ano": ano,
            "dados": dados,
            "versao": versao,
            "erros": por_campo,
            "aviso": aviso,
            **desenho(dados, empresa, por_campo),
            "administracoes": defis.ADMINISTRACOES,
            "eventos": defis.EVENTOS,
            "inatividades": defis.INATIVIDADES if ano < defis.SEM_INATIVIDADE_DESDE else (),
            "transmitidas": transmitidas,
            "prazo": defis.prazo_da_defis(ano),
            "voltar": lista_de_onde_veio(request, reverse("guias:anuais")),
        },
        status=status,
    )


@require_POST
@opera
def documentos_da_defis(request: HttpRequest, pk: int) -> HttpResponse:
    visiveis = DeclaracaoDefis.objects.visiveis(usuario_de(request)).select_related("empresa")
    return perguntar(request, consultas.buscar_defis, get_object_or_404(visiveis, pk=pk), "guias:anuais")


# -- regime -----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@opera
def regime(request: HttpRequest) -> HttpResponse:
    """The option of the marked empresas: year, resolution to be read, caixa or competência."""
    anos = anos_da_opcao(timezone.localdate())
    pedido = request.POST.get("ano", request.GET.get("ano", ""))
    ano = int(pedido) if pedido in map(str, anos) else anos[0]
    empresas = list(marcadas(request, "guias:anuais")) if request.method == "POST" else []
    porta, motivo = _porta(empresas or list(_primeiras(request)))
    return render(
        request,
        "guias/regime.html",
        {
            "empresas": empresas,
            "selecao": campos_da_selecao(request.POST),
            "ano": ano,
            "anos": anos,
            "resolucao": resolucao_de(ano),
            "porta": porta[0] if porta else None,
            "custo": custos.previsto(Classe.CONSULTA, 1, porta[1]) if porta else None,
            "motivo": motivo,
            "intencao": nova_intencao(),
            "voltar": lista_de_onde_veio(request, reverse("guias:anuais")),
        },
    )


def _primeiras(request: HttpRequest) -> Any:
    lista = lista_de("guias:anuais", request.GET.copy(), usuario_de(request), None)
    return lista.ordenada[:20]


def _porta(empresas: list[Empresa]) -> tuple[tuple[Empresa, str] | None, str]:
    """The first empresa through which the resolution can be asked for, with its access; or why through none."""
    if not empresas:
        return None, "Nenhuma empresa do Simples cadastrada."
    contexto = Acessos(empresas, timezone.localdate().replace(day=1))
    motivo = ""
    for empresa in empresas[:20]:
        vinculo = acesso_ou_motivo(Servico.ANUAIS, empresa, contexto, frozenset({"00060"}))
        if not isinstance(vinculo, Fora):
            return (empresa, vinculo.credencial.acesso), ""
        motivo = motivo or vinculo.motivo
    return None, motivo


@require_POST
@opera
def demonstrativo(request: HttpRequest, pk: int) -> HttpResponse:
    visiveis = OpcaoRegime.objects.visiveis(usuario_de(request)).filter(na_receita=True).select_related("empresa")
    return perguntar(request, consultas.buscar_demonstrativo, get_object_or_404(visiveis, pk=pk), "guias:anuais")
