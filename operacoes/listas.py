"""The list of operações: search, filters and order."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import QueryDict

from comum.documentos import Invalido
from comum.formatos import format_competencia, parse_competencia
from comum.listas import Filtro, Lista
from comum.models import Papel, Usuario
from empresas.models import Carteira, Empresa
from operacoes.handlers import ProximaAcao, nome_do_servico, todos
from operacoes.models import ABERTAS, EM_DUVIDA, Operacao, OperacaoQuerySet, Processamento, Situacao

ORDENS = {
    "criada": ("pk",),  # created in this order, and the table's own index gives it
    "empresa": ("empresa__ordem", "pk"),
    "situacao": ("situacao", "-pk"),
    "prazo": ("prazo", "turno"),
    "custo": ("custo",),
}
EM_ABERTO = "abertas"
# Filter values that hold several situações.
_JUNTAS = {EM_ABERTO: ABERTAS, "duvidas": EM_DUVIDA}
_SITUACOES = ((EM_ABERTO, "Em aberto"), ("duvidas", "Em dúvida ou aguardam uma pessoa"), *Situacao.choices)
# The tabs, with their counts: filter value, words.
ABAS = (
    (Situacao.ENVIANDO, "Enviando"),
    (Situacao.PENDENTE, "Na fila"),
    (Situacao.ACEITA, "Aceitas pelo serviço"),
    (Situacao.INCERTA, "Em dúvida"),
    (Situacao.AGUARDA_PESSOA, "Aguardam uma pessoa"),
    (Situacao.RECUSADA, "Recusadas"),
)
DAS_ABAS = ("situacao", "repetida")  # the parameters that a tab sets


def lista_de_operacoes(params: QueryDict, usuario: Usuario, empresa: Empresa | None = None) -> Lista[OperacaoQuerySet]:
    """`empresa` is the one of the top bar, None for all."""
    visiveis = Empresa.objects.visiveis(usuario)

    def procurar(consulta: OperacaoQuerySet, texto: str) -> OperacaoQuerySet:
        return consulta.filter(Q(empresa__in=visiveis.procurar(texto)) | Q(chave=texto) | Q(codigo=texto))

    return Lista(
        params=params,
        base=Operacao.objects.visiveis(usuario)
        .da_empresa(empresa)
        .select_related("empresa", "usuario", "processamento"),
        ordens=ORDENS,
        ordem_padrao="-criada",
        procurar=procurar,
        filtros=_filtros(usuario),
    )


def _da_situacao(consulta: OperacaoQuerySet, valor: str) -> OperacaoQuerySet:
    return consulta.filter(situacao__in=_JUNTAS.get(valor, (valor,)))


def _servicos() -> Sequence[tuple[str, str]]:
    servicos = {handler.servico for handler in todos()}
    return sorted(((servico, nome_do_servico(servico)) for servico in servicos), key=lambda par: par[1])


def _usuarios(usuario: Usuario) -> Sequence[tuple[str, str]]:
    """Those whose work this user may see: of the same carteiras, and who administers."""
    usuarios = Usuario.objects.all()
    if not usuario.administra:
        suas = Carteira.objects.filter(usuarios=usuario)
        juntos = Carteira.objects.filter(pk__in=suas).values("usuarios")
        usuarios = usuarios.filter(Q(pk__in=juntos) | Q(pk=usuario.pk) | Q(papel=Papel.ADMINISTRADOR))
    return sorted(((um.username, um.nome) for um in usuarios), key=lambda par: par[1].casefold())


def _filtros(usuario: Usuario) -> list[Filtro]:
    return [
        Filtro("situacao", "Situação", _da_situacao, _SITUACOES),
        Filtro("servico", "Serviço", lambda consulta, valor: consulta.filter(servico=valor), _servicos()),
        Filtro(
            "tipo",
            "Operação",
            lambda consulta, valor: consulta.filter(tipo=valor),
            sorted(((handler.tipo, handler.rotulo) for handler in todos()), key=lambda par: par[1]),
        ),
        Filtro("competencia", "Competência", _da_competencia, rotular=_competencia_em_palavras),
        Filtro(
            "usuario",
            "Pedida por",
            lambda consulta, valor: consulta.filter(usuario__username=valor),
            _usuarios(usuario),
        ),
        _filtro_de_empresa(usuario),
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


RECUSA = "recusa"  # the parameter of a list that shows only what one group of refusals of a run concerns


def na_recusa(
    acao: ProximaAcao | None, run: Processamento | None, tipo: str, grupo: str, competencia: date
) -> ProximaAcao | None:
    """Where its page is a list, opened on what the run's group of refusals concerns. A page that would show another
    month, that of the top bar (`competencia`), is not led to."""
    if acao is None or not acao.filtra or run is None:
        return acao
    if run.competencia not in (None, competencia) and not acao.em_qualquer_mes:
        mes = format_competencia(run.competencia)
        return replace(acao, texto=f"{acao.texto} Para isso, escolha a competência {mes}, acima.".lstrip(), url="")
    url = f"{acao.url}{'&' if '?' in acao.url else '?'}{urlencode({RECUSA: f'{run.pk}:{tipo}:{grupo}'})}"
    return replace(acao, url=url)


def filtro_da_recusa(campo: str = "pk", de: str = "empresa") -> Filtro:
    """For a list of any app: the rows whose `campo` is the `de` of what a run refused for one reason and was not
    repeated since."""

    def aplicar(consulta: Any, valor: str) -> Any:
        processamento, _, resto = valor.partition(":")
        tipo, _, grupo = resto.partition(":")
        if not _numero(processamento):
            return consulta.none()
        recusadas = Operacao.objects.filter(
            processamento=int(processamento),
            tipo=tipo,
            grupo=grupo,
            situacao=Situacao.RECUSADA,
            repetida_por__isnull=True,
        )
        return consulta.filter(**{f"{campo}__in": recusadas.order_by().values(de)})

    return Filtro(RECUSA, "Recusadas por", aplicar, rotular=lambda valor: valor.split(":", 2)[-1])


def _filtro_de_empresa(usuario: Usuario) -> Filtro:
    def achar(valor: str) -> Empresa | None:
        return Empresa.objects.visiveis(usuario).filter(pk=valor).first() if _numero(valor) else None

    def aplicar(consulta: OperacaoQuerySet, valor: str) -> OperacaoQuerySet:
        empresa = achar(valor)
        return consulta.none() if empresa is None else consulta.da_empresa(empresa)

    return Filtro("empresa", "Empresa", aplicar, rotular=lambda valor: str(achar(valor) or valor))


def _numero(valor: str) -> bool:
    return valor.isdecimal() and valor.isascii() and len(valor) < 19


def _da_competencia(consulta: OperacaoQuerySet, valor: str) -> OperacaoQuerySet:
    lida = parse_competencia(valor)
    return consulta.none() if isinstance(lida, Invalido) else consulta.filter(competencia=lida)


def _competencia_em_palavras(valor: str) -> str:
    lida = parse_competencia(valor)
    return valor if isinstance(lida, Invalido) else format_competencia(lida)
