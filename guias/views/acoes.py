"""What is done to the marked companies: the pré-voo and its run, the check of the values and their approval."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from comum.formatos import contar
from comum.listas import campos_da_selecao
from comum.permissoes import opera, usuario_de
from comum.planilhas import escrever_csv
from comum.respostas import lista_de_onde_veio
from credentials.models import Servico
from empresas.models import Empresa
from guias.calculo.tributos import SEM_CODIGO, nome_do_codigo
from guias.models import Apuracao, Caminho
from guias.services import aprovacao, avisos, prevoo, quadro
from guias.services.acesso import Codigo, Fora, grupos, sem_acesso
from guias.services.acoes import DO_MES, Acao
from guias.services.calculo import refazer_vencidas
from guias.services.divergencia import Divergencia, das_simulacoes
from guias.services.prevoo import Prevoo
from guias.views.base import contexto_fiscal, empresas_marcadas
from operacoes.esperas import Estado
from operacoes.handlers import handler_de
from operacoes.models import Processamento

MAXIMO_NA_CONFERENCIA = 300
MAXIMO_EXPLICADAS = 60  # each is computed several times over


@require_POST
@opera
def agir(request: HttpRequest, acao: str) -> HttpResponse:
    """First the pré-voo of the marked companies; with `marca`, the run that was shown."""
    if acao not in DO_MES:
        raise Http404
    escolhida = Acao(acao)
    _, competencia = contexto_fiscal(request)
    empresas = empresas_marcadas(request, competencia)
    das_em_seguida = request.POST.get("emitir_das") == "1" or "marca" not in request.POST
    mudou_o_das = (
        request.POST.get("das_mostrado", "") != ("1" if das_em_seguida else "") and escolhida is Acao.TRANSMITIR
    )
    caminho = request.POST.get("outro_caminho") or request.POST.get("caminho", "")
    caminho = caminho if caminho in Caminho.values else ""
    rever = "rever" in request.POST or "outro_caminho" in request.POST
    if "marca" not in request.POST or rever or mudou_o_das:
        previa = prevoo.prevoo(escolhida, empresas, competencia, das_em_seguida=das_em_seguida, caminho=caminho)
        aviso = "O que vai ser pedido mudou. Confira o custo e confirme." if "marca" in request.POST else ""
        return desenhar_prevoo(request, previa, aviso=aviso)
    return confirmar(request, escolhida, empresas, competencia, das_em_seguida=das_em_seguida, caminho=caminho)


def pedir(
    request: HttpRequest,
    acao: str,
    empresas: Any,
    competencia: date,
    *,
    via_nova: bool = False,
    parametros: Mapping[str, str] | None = None,
    voltar: str = "",
) -> HttpResponse:
    """Any action: first the pré-voo of these empresas; with `marca`, the run that was shown. `parametros` travel as
    fields of their own names, so that the view reads them again from the POST; `voltar` is where the list is."""
    if "marca" in request.POST:
        return confirmar(request, acao, empresas, competencia, via_nova=via_nova, parametros=parametros, voltar=voltar)
    previa = prevoo.prevoo(acao, empresas, competencia, via_nova=via_nova, parametros=parametros)
    return desenhar_prevoo(request, previa, parametros=parametros, voltar=voltar)


def confirmar(
    request: HttpRequest,
    acao: str,
    empresas: Any,
    competencia: date,
    *,
    das_em_seguida: bool = False,
    via_nova: bool = False,
    caminho: str = "",
    parametros: Mapping[str, str] | None = None,
    voltar: str = "",
) -> HttpResponse:
    try:
        processamento = prevoo.processar(
            acao,
            empresas,
            competencia,
            usuario_de(request),
            marca=request.POST["marca"],
            das_em_seguida=das_em_seguida,
            via_nova=via_nova,
            caminho=caminho,
            parametros=parametros,
        )
    except prevoo.Mudou as mudou:
        # A second click, or the way back: what was asked is already on its way.
        if (anterior := _ja_pedido(request)) is not None:
            return redirect("operacoes:processamento", pk=anterior.pk)
        aviso = "A situação mudou desde que esta tela abriu, e nada foi enviado. Confira de novo antes de confirmar."
        return desenhar_prevoo(request, mudou.prevoo, aviso=aviso, status=422, parametros=parametros, voltar=voltar)
    return redirect("operacoes:processamento", pk=processamento.pk)


def _ja_pedido(request: HttpRequest) -> Processamento | None:
    """The run that this same confirmation already started."""
    return Processamento.objects.filter(usuario=usuario_de(request), parametros__marca=request.POST["marca"]).first()


def desenhar_prevoo(
    request: HttpRequest,
    previa: Prevoo,
    *,
    aviso: str = "",
    status: int = 200,
    parametros: Mapping[str, str] | None = None,
    voltar: str = "",
) -> HttpResponse:
    voltar = lista_de_onde_veio(request, voltar or reverse("guias:apuracao"))
    return render(
        request,
        "guias/prevoo.html",
        {
            "previa": previa,
            "competencia": previa.competencia,
            "aviso": aviso,
            "espera": Estado().aviso_ao_pedir(handler_de(previa.definicao.tipo).servico) if previa.novas else "",
            "selecao": [*campos_da_selecao(request.POST), *(parametros or {}).items(), ("next", voltar)],
            "pode_emitir_das": previa.acao == Acao.TRANSMITIR,
            "caminhos": [(c, previa.por_caminho[c]) for c in Caminho if c in previa.por_caminho],
            "custos": [(classe.label, valor) for classe, valor in previa.orcamento.por_classe.items()],
            "voltar": voltar,
        },
        status=status,
    )


@dataclass
class Comparacao:
    """One apuração to check: its tributes side by side."""

    empresa: Empresa
    apuracao: Apuracao
    tributos: list[tuple[str, Decimal | None, Decimal | None, bool]]
    difere: bool
    divergencia: Divergencia | None = None

    @property
    def fonte(self) -> str:
        if self.difere:
            return "difere"
        if self.apuracao.total_simulado is None:
            return "nosso cálculo"
        if self.apuracao.total_calculado is None:
            return "simulado"
        return "iguais, CBS e IBS somados" if aprovacao.em_parte(self.apuracao) else "iguais"


def comparar(apuracao: Apuracao) -> list[tuple[str, Decimal | None, Decimal | None, bool]]:
    """(tribute, ours, SERPRO's, differ), in reais; None where there is no figure."""
    linhas = []
    nossos, deles = aprovacao.lados(apuracao)
    for codigo in sorted({*nossos, *deles}, key=lambda codigo: (codigo == SEM_CODIGO, codigo)):
        nosso = Decimal(nossos.get(codigo, "0.00")) if apuracao.total_calculado is not None else None
        dele = Decimal(deles.get(codigo, "0.00")) if apuracao.total_simulado is not None else None
        linhas.append((nome_do_codigo(codigo), nosso, dele, nosso is not None and dele is not None and nosso != dele))
    return linhas


@require_POST
@opera
def conferir(request: HttpRequest) -> HttpResponse:
    """Ours against SERPRO's for the marked companies; the differing ones first. `formato=csv`: all, in a file."""
    _, competencia = contexto_fiscal(request)
    if request.POST.get("formato") == "csv":
        return _exportar_conferencia(request, competencia)
    return _desenhar_conferencia(request, competencia)


@dataclass
class Conferidas:
    """The marked companies: those that can be approved, why the others cannot, and the mark of the figures shown."""

    itens: list[Comparacao]
    fora: list[Fora]
    marca: str


def _conferidas(request: HttpRequest, competencia: date) -> Conferidas:
    usuario = usuario_de(request)
    empresas = {empresa.pk: empresa for empresa in empresas_marcadas(request, competencia)}
    refazer_vencidas(empresas.values(), competencia)
    do_mes = Apuracao.objects.filter(empresa__in=empresas, competencia=competencia).select_related("empresa")
    apuracoes = {apuracao.empresa_id: apuracao for apuracao in do_mes}
    itens, fora = [], []
    segunda = aprovacao.segunda_pessoa()
    for pk, empresa in empresas.items():
        achada = aprovacao.aprovavel(empresa, apuracoes.get(pk), usuario, conferida=True, segunda=segunda)
        if isinstance(achada, Fora):
            fora.append(achada)
        else:
            itens.append(Comparacao(empresa, achada, comparar(achada), aprovacao.difere(achada)))
    return Conferidas(itens, fora, aprovacao.marca_dos_valores(apuracoes.values()))


_COLUNAS = ("Código", "CNPJ", "Razão social", "Receita", "Nosso cálculo", "Simulado pela Receita", "Comparação")


def _exportar_conferencia(request: HttpRequest, competencia: date) -> HttpResponse:
    itens = _conferidas(request, competencia).itens
    linhas = (
        (
            item.empresa.codigo,
            item.empresa.documento_mascarado,
            item.empresa.razao_social,
            item.apuracao.receita_total,
            item.apuracao.total_calculado,
            item.apuracao.total_simulado,
            item.fonte,
        )
        for item in sorted(itens, key=lambda item: not item.difere)
    )
    resposta = HttpResponse(b"".join(escrever_csv(_COLUNAS, linhas)), content_type="text/csv; charset=utf-8")
    resposta["Content-Disposition"] = f'attachment; filename="conferir-{competencia:%Y-%m}.csv"'
    return resposta


def _desenhar_conferencia(
    request: HttpRequest, competencia: date, *, aviso: str = "", status: int = 200
) -> HttpResponse:
    lidas = _conferidas(request, competencia)
    diferentes = [item for item in lidas.itens if item.difere]
    iguais = [item for item in lidas.itens if not item.difere]
    explicadas = das_simulacoes([item.apuracao for item in diferentes[:MAXIMO_EXPLICADAS]], competencia)
    for item in diferentes:
        item.divergencia = explicadas.get(item.apuracao.pk)
    esperam = sem_acesso(Servico.PGDASD, [item.empresa for item in lidas.itens], competencia)
    voltar = lista_de_onde_veio(request, reverse("guias:apuracao"))
    return render(
        request,
        "guias/conferir.html",
        {
            "competencia": competencia,
            "diferentes": diferentes[:MAXIMO_NA_CONFERENCIA],
            "quantas_diferentes": len(diferentes),
            "diferentes_a_mais": len(diferentes) - MAXIMO_NA_CONFERENCIA,
            "iguais": iguais[:MAXIMO_NA_CONFERENCIA],
            "quantas_iguais": len(iguais),
            "so_nossas": sum(1 for item in iguais if item.apuracao.total_simulado is None),
            "total": sum(
                (
                    item.apuracao.total_simulado
                    if item.apuracao.total_simulado is not None
                    else item.apuracao.total_calculado or Decimal(0)
                    for item in iguais
                ),
                Decimal(0),
            ),
            "avisos": avisos.retificadoras([(item.empresa, item.apuracao) for item in lidas.itens]),
            "grupos": grupos(lidas.fora),
            "fora": lidas.fora,
            "esperam": esperam,
            "grupos_que_esperam": grupos(esperam.values()),
            "selecao": [*campos_da_selecao(request.POST), ("next", voltar)],
            "voltar": voltar,
            "segunda_pessoa": aprovacao.segunda_pessoa(),
            "marca": lidas.marca,
            "aviso": aviso,
        },
        status=status,
    )


@require_POST
@opera
def aprovar(request: HttpRequest) -> HttpResponse:
    _, competencia = contexto_fiscal(request)
    diferentes = {int(v) for v in request.POST.getlist("diferente") if v.isdecimal() and len(v) < 19}
    try:
        feito = aprovacao.aprovar(
            empresas_marcadas(request, competencia),
            competencia,
            usuario_de(request),
            diferentes=diferentes,
            marca=request.POST.get("marca", ""),
        )
    except aprovacao.ValoresMudaram:
        aviso = "Os valores mudaram desde que esta tela abriu, e nada foi aprovado. Confira de novo antes de aprovar."
        return _desenhar_conferencia(request, competencia, aviso=aviso, status=422)
    destino = _dizer_aprovadas(request, feito.aprovadas, competencia)
    sobraram = [item for item in feito.fora if item.codigo not in (Codigo.APROVADA, Codigo.TRANSMITIDA)]
    for motivo, itens in grupos(sobraram):
        quantas = contar(len(itens), "apuração não aprovada", "apurações não aprovadas")
        quais = f", entre elas {itens[0].empresa}" if len(itens) > 1 else f", {itens[0].empresa}"
        messages.warning(request, f"{quantas}{quais}: {motivo}")
    if not sobraram and not feito.aprovadas:
        messages.info(request, "Nada a aprovar: as apurações marcadas já estavam aprovadas ou transmitidas.")
    return redirect(_na_lista(request, destino))


def _na_lista(request: HttpRequest, estado: str) -> str:
    """The month's list as the user left it, on those of this estado; empty for the situação it was on."""
    lista = lista_de_onde_veio(request, reverse("guias:apuracao"))
    if not estado:
        return lista
    filtros = QueryDict(urlsplit(lista).query, mutable=True)
    filtros["situacao"] = estado
    for nome in ("etapa", "pagina"):  # where those just approved no longer are
        filtros.pop(nome, None)
    return f"{reverse('guias:apuracao')}?{filtros.urlencode()}"


def _dizer_aprovadas(request: HttpRequest, empresas: list[int], competencia: date) -> str:
    """Say how many were approved and how many of them cannot be transmitted yet; returns the estado that shows them."""
    if not empresas:
        return ""
    do_mes = quadro.quadro(usuario_de(request), competencia).filter(pk__in=empresas)
    estados = Counter(do_mes.values_list("estado", flat=True))
    barradas = {estado: estados[estado] for estado in quadro.SEM_ACESSO if estados[estado]}
    feito = contar(len(empresas), "apuração aprovada", "apurações aprovadas")
    messages.success(request, f"{feito}. Agora transmita." if estados["conferida"] else f"{feito}.")
    if barradas:
        quantas = contar(sum(barradas.values()), "não pode ser transmitida ainda", "não podem ser transmitidas ainda")
        onde = " e ".join(f"{quadro.ESTADOS[estado][0]} ({n})" for estado, n in barradas.items())
        messages.warning(request, f"{quantas}: veja o motivo de cada uma em {onde}.")
    return next((estado for estado in ("conferida", *barradas) if estados[estado]), "")
