"""What the Receita has of the PGDAS-D of a year of one empresa, and the papers of what was made elsewhere."""

import re
from datetime import date
from functools import partial

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from comum.permissoes import opera, usuario_de
from comum.respostas import lista_de_onde_veio
from credentials.models import Servico
from empresas.models import Empresa
from guias.services import ano_na_receita, consultas
from guias.services.acesso import Fora, acesso_de_uma
from guias.services.acoes import Acao
from guias.services.intencoes_receita import DE_NOVO
from guias.views.acoes import pedir
from guias.views.base import contexto_fiscal, nova_intencao, perguntar
from operacoes import custos
from operacoes.models import Classe

_DECLARACAO = re.compile(r"[0-9A-Z]{8}[0-9]{9}")
_DAS = re.compile(r"[0-9]{17}")
_MES = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")


def _empresa(request: HttpRequest, pk: int) -> Empresa:
    return get_object_or_404(Empresa.objects.visiveis(usuario_de(request)).filter(matriz=None), pk=pk)


def _ano(ano: int) -> int:
    if not ano_na_receita.DESDE <= ano <= timezone.localdate().year:
        raise Http404
    return ano


@require_GET
def ver(request: HttpRequest, pk: int, ano: int) -> HttpResponse:
    empresa, ano = _empresa(request, pk), _ano(ano)
    hoje = timezone.localdate()
    consulta = ano_na_receita.ultima(empresa, ano)
    vinculo = acesso_de_uma(Servico.PGDASD, empresa, hoje.replace(day=1))
    motivo, custo = "", None
    if isinstance(vinculo, Fora):
        motivo = vinculo.motivo
    else:
        custo = custos.previsto(Classe.CONSULTA, 1, vinculo.credencial.acesso)
    return render(
        request,
        "guias/ano.html",
        {
            "empresa": empresa,
            "ano": ano,
            "anos": range(hoje.year, max(hoje.year - 6, ano_na_receita.DESDE - 1), -1),
            "consulta": consulta,
            "de_hoje": consulta is not None and timezone.localdate(consulta.consultada_em) == hoje,
            "meses": ano_na_receita.meses(empresa, consulta) if consulta else [],
            "impedimento": motivo,
            "custo_consulta": custo,
            "intencao": nova_intencao(),
            "voltar": lista_de_onde_veio(request, reverse("guias:apuracao")),
        },
    )


@require_POST
@opera
def consultar(request: HttpRequest, pk: int, ano: int) -> HttpResponse:
    """The pré-voo of the year of one empresa, which may ask again what was answered today."""
    empresa, ano = _empresa(request, pk), _ano(ano)
    parametros = {"ano": str(ano)} | ({DE_NOVO: "1"} if request.POST.get(DE_NOVO) == "1" else {})
    return pedir(
        request,
        Acao.ANO,
        Empresa.objects.filter(pk=empresa.pk),
        contexto_fiscal(request)[1],
        parametros=parametros,
        voltar=reverse("guias:ano", args=[empresa.pk, ano]),
    )


@require_POST
@opera
def declaracao(request: HttpRequest, pk: int) -> HttpResponse:
    """The PDFs of one of the declarations that a consulta listed."""
    return _papel(request, pk, _DECLARACAO, consultas.buscar_declaracao)


@require_POST
@opera
def extrato(request: HttpRequest, pk: int) -> HttpResponse:
    """The statement of one of the DAS that a consulta listed, also of one that was drawn elsewhere."""
    return _papel(request, pk, _DAS, consultas.buscar_extrato)


def _papel(request: HttpRequest, pk: int, formato: re.Pattern[str], buscar: consultas.PeloNumero) -> HttpResponse:
    empresa = _empresa(request, pk)
    numero, mes = request.POST.get("numero", ""), request.POST.get("mes", "")
    if not formato.fullmatch(numero) or not _MES.fullmatch(mes):
        messages.error(request, "O número veio incompleto e nada foi enviado. Consulte o ano de novo e repita.")
        return redirect("guias:ano", pk, timezone.localdate().year)
    competencia = date.fromisoformat(f"{mes}-01")
    pergunta = partial(buscar, numero=numero, competencia=competencia)
    return perguntar(request, pergunta, empresa, "guias:ano", pk, competencia.year)
