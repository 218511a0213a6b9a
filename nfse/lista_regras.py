"""The list of the rules of channel."""

from django.db.models import Q, QuerySet
from django.http import QueryDict

from comum.listas import Filtro, Lista
from comum.models import Usuario
from empresas.models import Empresa, Regime
from empresas.models.cadastro import sem_pontuacao
from nfse.models import RegraCanal, TipoCanal


def regras_visiveis(usuario: Usuario) -> QuerySet[RegraCanal]:
    """Those of one's own empresas, and those of no empresa."""
    lidas = RegraCanal.objects.select_related("empresa", "municipio", "substituta")
    if usuario.administra:
        return lidas
    return lidas.filter(Q(empresa=None) | Q(empresa__in=Empresa.objects.visiveis(usuario).values("pk")))


def lista_de_regras(params: QueryDict, usuario: Usuario) -> Lista[QuerySet[RegraCanal]]:
    """Those that decide first, and of them those of no empresa; the newest first."""
    return Lista(
        params=params,
        base=regras_visiveis(usuario),
        ordens={"quem": ["-ativa", "-empresa_id", "-desde"], "desde": ["desde"], "canal": ["canal", "-desde"]},
        ordem_padrao="quem",
        procurar=_procurar,
        filtros=[
            Filtro(
                "ativa",
                "Situação",
                lambda consulta, valor: consulta.filter(ativa=valor == "sim"),
                [("sim", "Ativas"), ("nao", "Inativas ou com outra data")],
            ),
            Filtro("canal", "Serviço", lambda consulta, valor: consulta.filter(canal=valor), TipoCanal.choices),
            Filtro("regime", "Regime", lambda consulta, valor: consulta.filter(regime=valor), Regime.choices),
        ],
    )


def _procurar(consulta: QuerySet[RegraCanal], texto: str) -> QuerySet[RegraCanal]:
    """Every word occurs in the name of the empresa or município, or all of it in the act."""
    lugar = Q()
    for palavra in filter(None, map(sem_pontuacao, texto.split())):
        lugar &= Q(empresa__busca__contains=palavra) | Q(municipio__busca__contains=palavra)
    return consulta.filter((lugar or Q(pk=None)) | Q(fundamento__icontains=texto))
