"""The list of notas: search, filters and order; how many stand where, and what they sum up to."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.http import QueryDict

from comum.contagens import enquanto_nada_muda
from comum.documentos import Invalido, mascarar
from comum.formatos import format_competencia, parse_dinheiro
from comum.listas import Filtro, Lista
from comum.models import Usuario
from comum.planilhas import Celula
from empresas.contexto import Contexto
from empresas.models import Empresa, Importacao
from nfse.models import Cancelamento, Nota, TipoCanal
from nfse.models.notas import NotaQuerySet
from nfse.services.acoes import SO_COM_ANALISE
from operacoes.models import Operacao, OperacaoQuerySet
from operacoes.models import Situacao as SituacaoDaOperacao

Situacao = Nota.Situacao
UUID_EM_TEXTO = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PRECISAM, ANALISE = "precisam", "analise"
# What no longer counts in the totals, unless asked for.
DE_FORA = (Situacao.CANCELADA, Situacao.SUBSTITUIDA, Situacao.ABANDONADA)
VALORES = ("servicos", "iss", "retido", "liquido")
# The columns that a page of the list shows.
COLUNAS = (
    "competencia", "emissao", "situacao", "serie", "numero", "numero_nfse", "chave", "valor_servicos", "valor_iss",
    "valor_retido", "valor_liquido", "iss_retido", "xml", "pdf", "versao",
    "empresa__codigo", "empresa__razao_social", "empresa__documento",
    "tomador__nome", "tomador__documento", "tomador__nif",
    "canal__tipo", "operacao__situacao", "operacao__mensagem", "operacao__tipo",
)  # fmt: skip


@dataclass(frozen=True)
class Soma:
    """Notes counted and summed, in reais."""

    quantas: int = 0
    servicos: Decimal = Decimal(0)
    iss: Decimal = Decimal(0)
    retido: Decimal = Decimal(0)
    liquido: Decimal = Decimal(0)

    def __add__(self, outra: "Soma") -> "Soma":
        return Soma(
            self.quantas + outra.quantas,
            self.servicos + outra.servicos,
            self.iss + outra.iss,
            self.retido + outra.retido,
            self.liquido + outra.liquido,
        )


Quadro = dict[str, Soma]  # by situação


def lista_de_notas(params: QueryDict, usuario: Usuario, contexto: Contexto) -> Lista[NotaQuerySet]:
    """The notas of the top bar's competência (of all with periodo=todos) and empresa."""
    base = notas_do_contexto(params, usuario, contexto)
    ordens: dict[str, Sequence[str]] = {
        "emissao": ("competencia", "emissao"),
        "valor": ("valor_servicos",),
        "situacao": ("situacao",),
    }
    if contexto.empresa is not None:  # among the notas of all of them it would sort every row across a join
        ordens["tomador"] = ("tomador__ordem",)
    leitura = Nota.objects.visiveis(usuario).select_related("empresa", "tomador", "canal", "operacao").only(*COLUNAS)
    return Lista(
        params=params,
        base=base,
        ordens=ordens,
        ordem_padrao="-emissao",
        procurar=NotaQuerySet.procurar,
        filtros=_filtros(usuario, contexto),
        fixos=["periodo"],
        leitura=leitura,
        contar=_contar,
    )


def notas_do_contexto(params: QueryDict, usuario: Usuario, contexto: Contexto) -> NotaQuerySet:
    base = Nota.objects.visiveis(usuario)
    if params.get("periodo") != "todos":
        base = base.filter(competencia=contexto.competencia)
    return base if contexto.empresa is None else base.filter(empresa=contexto.empresa)


# -- filters ---------------------------------------------------------------------------------------------------------


def precisam_de_pessoa() -> Q:
    """Refused, waiting for the town hall's word, or with an operação that waits for a person."""
    paradas = Operacao.objects.filter(situacao=SituacaoDaOperacao.AGUARDA_PESSOA)
    return Q(situacao__in=[Situacao.RECUSADA, Situacao.CANCELANDO]) | Q(pk__in=notas_das(paradas))


def so_com_analise() -> Q:
    """Authorised, and the national system refused a cancellation that the município may still grant."""
    recusados = Cancelamento.objects.filter(
        nota=OuterRef("pk"), situacao=Cancelamento.Situacao.RECUSADO, operacao__codigo__in=SO_COM_ANALISE
    )
    return Q(Exists(recusados), situacao=Situacao.AUTORIZADA)


def notas_das(operacoes: OperacaoQuerySet) -> list[int]:
    """The notas (pk) that these operações are about."""
    das_notas = operacoes.filter(tipo__startswith="nfse.").order_by()
    return [pk for pk in das_notas.values_list("pedido__nota", flat=True) if isinstance(pk, int)]


def _filtros(usuario: Usuario, contexto: Contexto) -> list[Filtro]:
    filtros = [
        Filtro("situacao", "Situação", _da_situacao, [(PRECISAM, "Precisam de você"), *Situacao.choices]),
        Filtro("canal", "Canal", lambda consulta, valor: consulta.filter(canal__tipo=valor), TipoCanal.choices),
        Filtro(
            "xml",
            "XML",
            lambda consulta, valor: consulta.filter(xml__isnull=valor == "sem"),
            [("com", "Com XML guardado"), ("sem", "Sem XML")],
        ),
        Filtro(
            "origem",
            "Origem",
            lambda consulta, valor: consulta.filter(contrato__isnull=valor != "contratos"),
            [("contratos", "Contratos recorrentes"), ("avulsas", "Avulsas")],
        ),
        Filtro(
            "cancelamento",
            "Cancelamento",
            lambda consulta, valor: consulta.filter(so_com_analise()),
            [(ANALISE, "Recusado por prazo ou valor")],
        ),
        Filtro("de", "Valor a partir de", lambda consulta, valor: _por_valor(consulta, valor, "gte")),
        Filtro("ate", "Valor até", lambda consulta, valor: _por_valor(consulta, valor, "lte")),
    ]
    filtros.append(filtro_de_importacao(usuario))
    return filtros if contexto.empresa is not None else [*filtros, filtro_de_empresa(usuario)]


def _da_situacao(consulta: NotaQuerySet, valor: str) -> NotaQuerySet:
    return consulta.filter(precisam_de_pessoa()) if valor == PRECISAM else consulta.filter(situacao=valor)


def _por_valor(consulta: NotaQuerySet, texto: str, comparacao: str) -> NotaQuerySet:
    valor = parse_dinheiro(texto)
    if isinstance(valor, Invalido):
        return consulta.none()
    return consulta.filter(**{f"valor_servicos__{comparacao}": valor})


def filtro_de_empresa(usuario: Usuario) -> Filtro:
    def achar(valor: str) -> Empresa | None:
        return empresa_do_filtro(valor, usuario)

    def aplicar(consulta: NotaQuerySet, valor: str) -> NotaQuerySet:
        empresa = achar(valor)
        return consulta.none() if empresa is None else consulta.filter(empresa=empresa)

    return Filtro("empresa", "Empresa", aplicar, rotular=lambda valor: str(achar(valor) or valor))


def filtro_de_importacao(usuario: Usuario) -> Filtro:
    """The notas that a file made: linked to from the page of its import."""

    def achar(valor: str) -> Importacao | None:
        consulta = Importacao.objects.visiveis(usuario).filter(tipo="notas")
        return consulta.filter(pk=valor).first() if UUID_EM_TEXTO.fullmatch(valor) else None

    def aplicar(consulta: NotaQuerySet, valor: str) -> NotaQuerySet:
        importacao = achar(valor)
        notas = importacao.resultado.get("extras", {}).get("notas", []) if importacao else []
        return consulta.filter(pk__in=notas)

    return Filtro("importacao", "Arquivo", aplicar, rotular=lambda valor: str(achar(valor) or valor))


def empresa_do_filtro(valor: str, usuario: Usuario) -> Empresa | None:
    numero = valor.isdecimal() and valor.isascii() and len(valor) < 19
    return Empresa.objects.visiveis(usuario).filter(pk=valor).first() if numero else None


# -- counts and sums -------------------------------------------------------------------------------------------------


def quadro(consulta: QuerySet[Any]) -> Quadro:
    """Counts and sums by situação, in one pass that is kept while nothing is written."""

    def somar() -> Quadro:
        somas = {nome: Sum(f"valor_{nome}") for nome in VALORES}
        linhas = consulta.order_by().values("situacao").annotate(quantas=Count("pk"), **somas)
        return {
            linha["situacao"]: Soma(linha["quantas"], *(linha[nome] or Decimal(0) for nome in VALORES))
            for linha in linhas
        }

    return enquanto_nada_muda(consulta, "quadro", somar)


def _contar(lista: Lista[Any]) -> int | None:
    """With nothing filtered but the situação, the tabs' counts have the answer."""
    if lista.busca or set(lista.valores) - {"situacao"} or lista.valores.get("situacao") == PRECISAM:
        return None
    somas = quadro(lista.base)
    situacao = lista.valores.get("situacao")
    return sum(soma.quantas for nome, soma in somas.items() if situacao in (None, nome))


def soma_do_filtro(lista: Lista[NotaQuerySet], do_contexto: Quadro) -> Soma:
    """What is shown under the columns: everything filtered but what was cancelled, replaced or given up, unless that is
    what was asked for."""
    if lista.recusados:
        return Soma()
    situacao = lista.valores.get("situacao")
    sem_filtro = not lista.busca and not set(lista.valores) - {"situacao"} and situacao != PRECISAM
    somas = do_contexto if sem_filtro else quadro(lista.consulta)
    quais = [nome for nome in somas if nome == situacao or (nome not in DE_FORA and situacao in (None, PRECISAM, nome))]
    return sum((somas[nome] for nome in quais), Soma())


# -- export ----------------------------------------------------------------------------------------------------------

CABECALHO = (
    "NFS-e", "Série", "RPS", "Emissão", "Competência", "Situação", "Código da empresa", "CNPJ da empresa", "Empresa",
    "CPF ou CNPJ do tomador", "Tomador", "Canal", "Valor dos serviços", "Deduções", "Descontos",
    "Desconto condicionado", "ISS", "ISS retido", "Retido", "Líquido", "Chave", "Código de verificação",
    "Autorizada em", "Cancelada em", "Referência",
)  # fmt: skip


def linhas_exportadas(notas: NotaQuerySet) -> Iterator[tuple[Celula, ...]]:
    """Rows under CABECALHO, streamed."""
    situacoes, canais = dict(Situacao.choices), dict(TipoCanal.choices)
    colunas = notas.values_list(
        "numero_nfse", "serie", "numero", "emissao",
        "competencia", "situacao", "canal__tipo", "tomador__documento", "tomador__nif", "empresa__documento",
        "empresa__codigo", "empresa__razao_social", "tomador__nome", "valor_servicos", "valor_deducoes",
        "valor_descontos", "valor_iss", "iss_retido", "valor_retido", "valor_liquido", "chave", "codigo_verificacao",
        "autorizada_em", "cancelada_em", "referencia",
    )  # fmt: skip
    for linha in colunas.iterator(chunk_size=2000):
        competencia, situacao, canal, documento, nif, prestador = linha[4:10]
        codigo, empresa, tomador = linha[10:13]
        servicos, deducoes, descontos, iss, iss_retido, retido, liquido = linha[13:20]
        yield (
            *linha[:4],
            format_competencia(competencia),
            situacoes[situacao],
            codigo,
            mascarar(prestador),
            empresa,
            mascarar(documento) if documento else nif,
            tomador,
            canais.get(canal, ""),
            *(servicos, deducoes, descontos),
            servicos - descontos - retido - liquido,  # what else is off the net amount: services.calculo.totais
            # The national system has notes without an ISS of their own (services.iss): none, and not zero.
            None if canal == TipoCanal.NACIONAL and not iss else iss,
            *(iss_retido, retido, liquido),
            *linha[20:],
        )
