"""SERPRO's whole catalogue as the office sees it: what is in production, what it costs, where the product uses it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from itertools import groupby
from pkgutil import iter_modules

from guias import providers
from guias.providers.catalogo import Servico, catalogo
from guias.providers.parcelamentos import FAMILIAS
from guias.services.poderes import nomes
from operacoes.models import Classe

_APURACAO = ("Apuração e DAS", "guias:apuracao")
_GUIAS = ("Guias", "guias:lista")
_SITUACAO = ("Situação fiscal", "guias:situacao_fiscal")
_CAIXAS = ("Caixas das empresas", "guias:caixas")
_ANUAIS = ("Obrigações anuais", "guias:anuais")
_PROCESSOS = ("Redesim e processos", "guias:processos")
_RENUNCIAS = ("Renúncias na Redesim", "guias:renuncias")
_PAGAMENTOS = ("Buscar pagamentos", "guias:pagamentos")

# The page from which each service is asked: of a whole system, or of one service ("SISTEMA/SERVICO") where that is
# another. Pages that a reader may open too.
_ONDE: Mapping[str, tuple[str, str]] = {
    "PGDASD": _APURACAO,
    "PGDASD/CONSEXTRATO16": _GUIAS,
    "PGDASD/GERARDASCOBRANCA17": _GUIAS,
    "PGDASD/GERARDASPROCESSO18": _GUIAS,
    "PGDASD/GERARDASAVULSO19": _GUIAS,
    "PROCURACOES": ("Procurações", "guias:procuracoes"),
    "SITFIS": _SITUACAO,
    "DTE": _SITUACAO,
    "CAIXAPOSTAL": _CAIXAS,
    "CAIXAPOSTAL/MSGDETALHAMENTO62": ("Caixa postal", "guias:caixa_postal"),
    "DEFIS": _ANUAIS,
    "REGIMEAPURACAO": _ANUAIS,
    "EPROCESSO": _PROCESSOS,
    "PNRCONTADOR": _PROCESSOS,
    "PNRCONTADOR/CONSRENUNCIA263": _RENUNCIAS,
    "PNRCONTADOR/COMPRENUNCIA264": _RENUNCIAS,
    "AUTENTICAPROCURADOR": ("Janela API Integra Contador", "janela:abrir"),
    "PGMEI": ("MEI", "guias:mei"),
    "CCMEI": ("MEI", "guias:mei"),
    "SICALC": ("DARF", "guias:darfs"),
    "DCTFWEB": ("DCTFWeb", "guias:dctfweb"),
    "MIT": ("MIT", "guias:mit"),
    "PAGTOWEB": _PAGAMENTOS,
    "PAGTOWEB/COMPARRECADACAO72": _GUIAS,
    "EVENTOSATUALIZACAO": _PAGAMENTOS,
    **dict.fromkeys((familia.sigla for familia in FAMILIAS.values()), ("Parcelamentos", "guias:parcelamentos")),
}


@dataclass(frozen=True)
class Linha:
    """One service. `onde` and `url_name`: the page that uses it; empty when the service is not used."""

    servico: Servico
    classe: str
    poderes: str
    em_uso: bool
    onde: str
    url_name: str


@lru_cache(maxsize=1)
def em_uso() -> frozenset[str]:
    """The services that a client of ours can call: those that its modules name, one by one or in a tuple."""
    usados = set()
    for modulo in iter_modules(providers.__path__):
        conteudo = vars(import_module(f"{providers.__name__}.{modulo.name}"))
        for valor in conteudo.values():
            usados |= {str(um) for um in (valor if isinstance(valor, tuple) else (valor,)) if isinstance(um, Servico)}
    return frozenset(usados)


def sistemas() -> list[tuple[str, list[Linha]]]:
    """The catalogue by system, in its own order."""
    usados = em_uso()
    linhas = [_linha(servico, usados) for servico in catalogo().values()]
    return [(sistema, list(grupo)) for sistema, grupo in groupby(linhas, key=lambda linha: linha.servico.sistema)]


def _linha(servico: Servico, usados: frozenset[str]) -> Linha:
    usado = str(servico) in usados
    onde, url_name = (_ONDE.get(str(servico)) or _ONDE[servico.sistema]) if usado else ("", "")
    return Linha(servico, str(Classe(servico.classe).label), nomes(servico.poderes), usado, onde, url_name)
