"""What is known of one empresa at the Receita, with the age of each answer; and SERPRO's catalogue."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from comum.permissoes import usuario_de
from comum.respostas import lista_de_onde_veio
from empresas.models import Empresa, Regime
from guias.models import Consulta, DeclaracaoDefis, MensagemEcac, OpcaoRegime, Procuracao, RascunhoDefis, Renuncia
from guias.providers import caixapostal, defis, eprocesso, regime
from guias.services import panorama, servicos
from guias.services.acesso import Acessos, Fora, acesso_ou_motivo
from guias.services.acoes import DEFINICOES, Acao
from guias.views.base import nova_intencao
from guias.views.receita import ACOES, ano_da_defis
from operacoes import custos
from operacoes.models import ABERTAS, Classe, Operacao


@dataclass
class Bloco:
    """One question: what was last answered, when, and what asking again costs (None: it cannot be, `motivo`)."""

    acao: str
    titulo: str
    url: str
    quando: datetime | None = None
    custo: Decimal | None = None
    motivo: str = ""
    aberta: bool = False
    parametros: dict[str, str] = field(default_factory=dict)

    @property
    def idade(self) -> str:
        return panorama.idade(self.quando)

    @property
    def de_hoje(self) -> bool:
        return self.quando is not None and timezone.localdate(self.quando) == timezone.localdate()


_PERGUNTAS = (
    (Acao.SITUACAO_FISCAL, "Situação fiscal", panorama.RELATORIO),
    (Acao.MENSAGENS_NOVAS, "Mensagens novas", panorama.INDICADOR),
    (Acao.MENSAGENS, "Lista de mensagens", str(caixapostal.MSGCONTRIBUINTE61)),
    (Acao.DTE, "Domicílio tributário eletrônico", panorama.DTE),
    (Acao.DEFIS, "DEFIS transmitidas", str(defis.CONSDECLARACAO142)),
    (Acao.ULTIMA_DEFIS, "Última DEFIS do ano", str(defis.CONSULTIMADECREC143)),
    (Acao.REGIMES, "Regime de apuração", str(regime.CONSULTARANOSCALENDARIOS102)),
    (Acao.PROCESSOS, "Processos digitais", str(eprocesso.CONSPROCPORINTER271)),
)
_SO_DO_SIMPLES = (Acao.DEFIS, Acao.ULTIMA_DEFIS, Acao.REGIMES)


@require_GET
def na_receita(request: HttpRequest, pk: int) -> HttpResponse:
    usuario = usuario_de(request)
    empresa = get_object_or_404(Empresa.objects.visiveis(usuario).select_related("carteira", "matriz"), pk=pk)
    ultimas: dict[str, Consulta] = {}
    for consulta in Consulta.objects.filter(empresa=empresa).select_related("documento").ultimas().order_by("pk"):
        ultimas[consulta.servico] = consulta
    hoje = timezone.localdate()
    mensagens = MensagemEcac.objects.filter(empresa=empresa)
    return render(
        request,
        "guias/na_receita.html",
        {
            "empresa": empresa,
            "blocos": _blocos(empresa, ultimas),
            "relatorio": ultimas.get(panorama.RELATORIO),
            "relatorios": Consulta.objects.filter(empresa=empresa, servico=panorama.RELATORIO)
            .select_related("documento")
            .order_by("-pk")[:6],
            "dte": _dte(ultimas.get(panorama.DTE)),
            "processos": _processos(ultimas.get(panorama.PROCESSOS)),
            "mensagens": mensagens.defer("corpo").order_by("-enviada_em")[:8],
            "por_ler": mensagens.filter(lida_em=None).count(),
            "defis": DeclaracaoDefis.objects.filter(empresa=empresa).select_related("recibo", "declaracao"),
            "rascunhos": RascunhoDefis.objects.filter(empresa=empresa).order_by("-ano"),
            "opcoes": OpcaoRegime.objects.filter(empresa=empresa, na_receita=True).select_related("demonstrativo"),
            "procuracoes": Procuracao.objects.filter(empresa=empresa),
            "renuncias": Renuncia.objects.filter(empresa=empresa).select_related("comprovante"),
            "hoje": hoje,
            "simples": empresa.regime == Regime.SIMPLES,
            "ano_defis": ano_da_defis(hoje),
            "intencao": nova_intencao(),
            "voltar": lista_de_onde_veio(request, reverse("guias:situacao_fiscal")),
        },
    )


def _blocos(empresa: Empresa, ultimas: dict[str, Consulta]) -> list[Bloco]:
    contexto = Acessos([empresa], timezone.localdate().replace(day=1))
    abertas = set(Operacao.objects.filter(empresa=empresa, situacao__in=ABERTAS).values_list("tipo", flat=True))
    blocos, ano = [], str(ano_da_defis(timezone.localdate()))
    for acao, titulo, servico in _PERGUNTAS:
        if acao in _SO_DO_SIMPLES and empresa.regime != Regime.SIMPLES:
            continue
        definicao, ultima = DEFINICOES[acao], ultimas.get(servico)
        parametros = {"ano": ano} if acao == Acao.ULTIMA_DEFIS else {}
        if parametros:
            titulo = f"Última DEFIS de {ano}"
            ultima = ultima if ultima and ultima.chave == ano else None
        bloco = Bloco(
            acao, titulo, reverse(ACOES[acao][0]), ultima.consultada_em if ultima else None, None, "", False, parametros
        )
        vinculo = acesso_ou_motivo(definicao.servico, empresa, contexto, definicao.poderes)
        if isinstance(vinculo, Fora):
            bloco.motivo = vinculo.motivo
        else:
            bloco.custo = custos.previsto(definicao.classe, 1, vinculo.credencial.acesso)
        bloco.aberta = definicao.tipo in abertas
        if bloco.de_hoje and definicao.classe != Classe.GRATIS:
            bloco.parametros = parametros | {"de_novo": "1"}
        blocos.append(bloco)
    return blocos


def _dte(consulta: Consulta | None) -> dict[str, Any] | None:
    if consulta is None:
        return None
    indicador = consulta.resposta["indicador"]
    return {
        "texto": panorama.PALAVRAS_DO_DTE.get(indicador, consulta.resposta["texto"]),
        "optante": indicador >= 0,
        "quando": consulta.consultada_em,
    }


def _processos(consulta: Consulta | None) -> list[dict[str, str]]:
    return list(consulta.resposta["processos"]) if consulta else []


@require_GET
def catalogo(request: HttpRequest) -> HttpResponse:
    """SERPRO's services: in production or not, route, class of charge, power, and where the product uses them."""
    sistemas = servicos.sistemas()
    linhas = [linha for _, grupo in sistemas for linha in grupo]
    return render(
        request,
        "guias/servicos.html",
        {
            "sistemas": sistemas,
            "total": len(linhas),
            "em_producao": sum(linha.servico.em_producao for linha in linhas),
            "em_uso": sum(linha.em_uso for linha in linhas),
        },
    )
