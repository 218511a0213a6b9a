"""The list of operações: search, filters and order."""

from django.db.models import Q
from django.http import QueryDict

from comum.documentos import Invalido
from comum.formatos import format_competencia, parse_competencia
from comum.listas import Filtro, Lista
from comum.models import Usuario
from empresas.models import Empresa
from operacoes.handlers import todos
from operacoes.models import Operacao, OperacaoQuerySet, Situacao

ORDENS = {
    "criada": ("criada_em",),
    "empresa": ("empresa__ordem", "criada_em"),
    "situacao": ("situacao", "-criada_em"),
    "prazo": ("prazo", "criada_em"),
    "custo": ("custo",),
}


def lista_de_operacoes(params: QueryDict, usuario: Usuario) -> Lista[OperacaoQuerySet]:
    visiveis = Empresa.objects.visiveis(usuario)

    def procurar(consulta: OperacaoQuerySet, texto: str) -> OperacaoQuerySet:
        return consulta.filter(Q(empresa__in=visiveis.procurar(texto)) | Q(chave=texto) | Q(codigo=texto))

    return Lista(
        params=params,
        base=Operacao.objects.visiveis(usuario).select_related("empresa", "usuario"),
        ordens=ORDENS,
        ordem_padrao="-criada",
        procurar=procurar,
        filtros=_filtros(),
    )


def _filtros() -> list[Filtro]:
    return [
        Filtro("situacao", "Situação", lambda consulta, valor: consulta.filter(situacao=valor), Situacao.choices),
        Filtro(
            "tipo",
            "Operação",
            lambda consulta, valor: consulta.filter(tipo=valor),
            sorted(((handler.tipo, handler.rotulo) for handler in todos()), key=lambda par: par[1]),
        ),
        Filtro("competencia", "Competência", _da_competencia, rotular=_competencia_em_palavras),
        Filtro("usuario", "Usuário", lambda consulta, valor: consulta.filter(usuario__username=valor)),
        Filtro(
            "repetida",
            "Já repetida",
            lambda consulta, valor: consulta.filter(repetida_por__isnull=valor == "nao"),
            (("nao", "Não"), ("sim", "Sim")),
        ),
        Filtro("grupo", "Motivo", lambda consulta, valor: consulta.filter(grupo=valor)),
        Filtro(
            "processamento",
            "Processamento",
            lambda consulta, valor: consulta.filter(processamento=valor) if _numero(valor) else consulta.none(),
        ),
    ]


def _numero(valor: str) -> bool:
    return valor.isdecimal() and valor.isascii() and len(valor) < 19


def _da_competencia(consulta: OperacaoQuerySet, valor: str) -> OperacaoQuerySet:
    lida = parse_competencia(valor)
    return consulta.none() if isinstance(lida, Invalido) else consulta.filter(competencia=lida)


def _competencia_em_palavras(valor: str) -> str:
    lida = parse_competencia(valor)
    return valor if isinstance(lida, Invalido) else format_competencia(lida)
