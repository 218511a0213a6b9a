"""The list of titles: search, filters and order; how many stand where, and what they sum up to."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField, Count, F, Func, Q, QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.http import QueryDict

from comum.contagens import contagem, enquanto_nada_muda
from comum.documentos import Invalido, mascarar
from comum.formatos import format_competencia, parse_data, parse_dinheiro
from comum.listas import Filtro, Lista
from comum.models import Usuario
from comum.planilhas import Celula
from empresas.contexto import Contexto
from empresas.models import Empresa
from operacoes.models import Operacao, OperacaoQuerySet, Processamento
from operacoes.models import Situacao as SituacaoDaOperacao
from pagar.models import ContaErp, Fornecedor, ItemPagamento, Titulo
from pagar.models.titulos import TituloQuerySet
from pagar.services.guias import abertos_e_pagos, pagos_sem_receita

Situacao, Barras = Titulo.Situacao, Titulo.Barras
PRECISAM = "precisam"
# What no longer counts in the totals, unless asked for.
DE_FORA = tuple(map(str, Titulo.MORTOS))
# The columns that a page of the list shows.
COLUNAS = (
    "competencia", "vencimento", "especie", "serie", "numero", "parcela", "valor", "saldo", "situacao", "tipo",
    "barras", "bloqueado", "mensagem", "aviso", "guia_id", "nota_id",
    "empresa__codigo", "empresa__razao_social", "empresa__documento",
    "fornecedor__codigo", "fornecedor__nome", "fornecedor__documento",
    "operacao__situacao", "operacao__mensagem", "em_curso__situacao", "em_curso__tipo",
)  # fmt: skip


@dataclass(frozen=True)
class Soma:
    """Titles counted and summed, in reais."""

    quantos: int = 0
    valor: Decimal = Decimal(0)
    saldo: Decimal = Decimal(0)

    def __add__(self, outra: "Soma") -> "Soma":
        return Soma(self.quantos + outra.quantos, self.valor + outra.valor, self.saldo + outra.saldo)


Quadro = dict[str, Soma]  # by situação


def lista_de_titulos(params: QueryDict, usuario: Usuario, contexto: Contexto) -> Lista[TituloQuerySet]:
    """The titles of the top bar's competência (of all with periodo=todos) and empresa."""
    todos = params.get("periodo") == "todos"
    base = Titulo.objects.visiveis(usuario)
    if not todos:
        base = base.filter(competencia=contexto.competencia)
    if contexto.empresa is not None:
        base = base.filter(empresa=contexto.empresa)
    leitura = Titulo.objects.visiveis(usuario).select_related("empresa", "fornecedor", "operacao", "em_curso")
    return Lista(
        params=params,
        base=base,
        ordens={
            "vencimento": ["vencimento"],
            "valor": ["valor"],
            "situacao": ["situacao", "vencimento"],
        },
        # Of one month what is due first; of all of them the first would be long paid.
        ordem_padrao="-vencimento" if todos else "vencimento",
        procurar=TituloQuerySet.procurar,
        filtros=_filtros(usuario, contexto),
        fixos=["periodo"],
        leitura=leitura.only(*COLUNAS),
        contar=_contar,
    )


# -- filters ---------------------------------------------------------------------------------------------------------

_BARRAS = {"sem": Barras.SEM, "pendente": Barras.PENDENTE, "gravado": Barras.GRAVADO}
_ORIGENS = {
    "guia": Q(guia__isnull=False),
    "nota": Q(nota__isnull=False),
    "manual": Q(guia__isnull=True, nota__isnull=True),
}


def precisam_de_pessoa() -> Q:
    """Refused, with a notice, with a bar code that nothing brings, or in a pedido that waits for a person."""
    paradas = Operacao.objects.filter(situacao=SituacaoDaOperacao.AGUARDA_PESSOA, tipo__startswith="pagar.")
    return (
        Q(situacao=Situacao.RECUSADO)
        | ~Q(aviso="")
        | Q(barras=Barras.PENDENTE, em_curso=None, situacao__in=[Situacao.ABERTO, Situacao.BORDERO])
        | Q(pk__in=set(titulos_das(paradas).values_list("pk_dito", flat=True)))  # few, and the count is kept by them
    )


def titulos_das(operacoes: OperacaoQuerySet) -> QuerySet[Any]:
    """The titles (pk) that these operações are about. Inside another query they are looked for there, however many."""

    def com(nome: str, valor: Any) -> QuerySet[Any]:
        achadas = operacoes.order_by().filter(pedido__has_key=nome)
        return achadas.annotate(pk_dito=Cast(valor, BigIntegerField())).values("pk_dito")

    dos_lotes = com("titulos", Func(F("pedido__titulos"), function="jsonb_array_elements_text"))
    de_um = com("titulo", KeyTextTransform("titulo", "pedido"))
    pagos = ItemPagamento.objects.order_by().filter(
        pagamento__in=com("pagamento", KeyTextTransform("pagamento", "pedido"))
    )
    return dos_lotes.union(de_um, pagos.values("titulo")).order_by()


def _filtros(usuario: Usuario, contexto: Contexto) -> list[Filtro]:
    contas = [(str(codigo), nome) for codigo, nome in ContaErp.objects.values_list("codigo", "nome")]
    filtros = [
        Filtro("situacao", "Situação", _da_situacao, [(PRECISAM, "Precisam de você"), *Situacao.choices]),
        Filtro("tipo", "Tipo", lambda consulta, valor: consulta.filter(tipo=valor), Titulo.Tipo.choices),
        Filtro(
            "barras",
            "Código de barras",
            lambda consulta, valor: consulta.filter(barras=_BARRAS[valor]),
            [("sem", "Sem código"), ("pendente", "Pendente no ERP"), ("gravado", "Gravado no ERP")],
        ),
        Filtro(
            "origem",
            "Origem",
            lambda consulta, valor: consulta.filter(_ORIGENS[valor]),
            [("guia", "Guias"), ("nota", "Notas recebidas"), ("manual", "Manuais")],
        ),
        Filtro(
            "receita",
            "Na Receita",
            lambda consulta, valor: consulta.filter(abertos_e_pagos() if valor == "paga" else pagos_sem_receita()),
            [("paga", "Paga lá, em aberto no ERP"), ("falta", "Paga no ERP, não consta lá")],
        ),
        Filtro("vence_de", "Vencimento de", lambda consulta, valor: _por_vencimento(consulta, valor, "gte")),
        Filtro("vence_ate", "Vencimento até", lambda consulta, valor: _por_vencimento(consulta, valor, "lte")),
        Filtro("de", "Valor a partir de", lambda consulta, valor: _por_valor(consulta, valor, "gte")),
        Filtro("ate", "Valor até", lambda consulta, valor: _por_valor(consulta, valor, "lte")),
        _de_processamento(usuario),
        _de_fornecedor(),
    ]
    if len(contas) != 1:
        filtros.append(
            Filtro("conta", "Conta do ERP", lambda consulta, valor: consulta.filter(conta__codigo=valor), contas)
        )
    return filtros if contexto.empresa is not None else [*filtros, _de_empresa(usuario)]


def _da_situacao(consulta: TituloQuerySet, valor: str) -> TituloQuerySet:
    return consulta.filter(precisam_de_pessoa()) if valor == PRECISAM else consulta.filter(situacao=valor)


def _por_valor(consulta: TituloQuerySet, texto: str, comparacao: str) -> TituloQuerySet:
    valor = parse_dinheiro(texto)
    return consulta.none() if isinstance(valor, Invalido) else consulta.filter(**{f"valor__{comparacao}": valor})


def _por_vencimento(consulta: TituloQuerySet, texto: str, comparacao: str) -> TituloQuerySet:
    dia = parse_data(texto)
    return consulta.none() if isinstance(dia, Invalido) else consulta.filter(**{f"vencimento__{comparacao}": dia})


def _numero(valor: str) -> bool:
    return valor.isdecimal() and valor.isascii() and len(valor) < 19


def _de_processamento(usuario: Usuario) -> Filtro:
    """The titles of a run: those it sent, retried and cut out of refused batches too."""

    def achar(valor: str) -> Processamento | None:
        return Processamento.objects.visiveis(usuario).filter(pk=valor).first() if _numero(valor) else None

    def aplicar(consulta: TituloQuerySet, valor: str) -> TituloQuerySet:
        run = achar(valor)
        return (
            consulta.none()
            if run is None
            else consulta.filter(pk__in=titulos_das(Operacao.objects.filter(processamento=run)))
        )

    return Filtro("processamento", "Processamento", aplicar, rotular=lambda valor: str(achar(valor) or valor))


def _de_fornecedor() -> Filtro:
    def aplicar(consulta: TituloQuerySet, valor: str) -> TituloQuerySet:
        achado = fornecedor_do_filtro(valor)
        return consulta.none() if achado is None else consulta.filter(fornecedor=achado)

    return Filtro("fornecedor", "Fornecedor", aplicar, rotular=lambda valor: str(fornecedor_do_filtro(valor) or valor))


def fornecedor_do_filtro(valor: str) -> Fornecedor | None:
    return Fornecedor.objects.filter(pk=valor).first() if _numero(valor) else None


def _de_empresa(usuario: Usuario) -> Filtro:
    def aplicar(consulta: TituloQuerySet, valor: str) -> TituloQuerySet:
        achada = empresa_do_filtro(valor, usuario)
        return consulta.none() if achada is None else consulta.filter(empresa=achada)

    def rotular(valor: str) -> str:
        return str(empresa_do_filtro(valor, usuario) or valor)

    return Filtro("empresa", "Empresa", aplicar, rotular=rotular)


def empresa_do_filtro(valor: str, usuario: Usuario) -> Empresa | None:
    return Empresa.objects.visiveis(usuario).filter(pk=valor).first() if _numero(valor) else None


# -- counts and sums -------------------------------------------------------------------------------------------------


def quadro(consulta: QuerySet[Any]) -> Quadro:
    """Counts and sums by situação, in one pass that is kept while nothing is written."""

    def somar() -> Quadro:
        linhas = consulta.order_by().values("situacao")
        linhas = linhas.annotate(quantos=Count("pk"), soma=Sum("valor"), resta=Sum("saldo"))
        return {linha["situacao"]: Soma(linha["quantos"], linha["soma"], linha["resta"]) for linha in linhas}

    return enquanto_nada_muda(consulta, "quadro", somar)


def quantos_precisam(consulta: TituloQuerySet) -> int:
    return contagem(consulta.filter(precisam_de_pessoa()))


def _contar(lista: Lista[Any]) -> int | None:
    """With nothing filtered but the situação, the tabs' counts have the answer."""
    if lista.busca or set(lista.valores) - {"situacao"} or lista.valores.get("situacao") == PRECISAM:
        return None
    somas = quadro(lista.base)
    situacao = lista.valores.get("situacao")
    return sum(soma.quantos for nome, soma in somas.items() if situacao in (None, nome))


def soma_do_filtro(lista: Lista[TituloQuerySet], do_contexto: Quadro) -> Soma:
    """What is shown under the columns: everything filtered but what was cancelled, reversed or given up, unless that
    is what was asked for."""
    if lista.recusados:
        return Soma()
    situacao = lista.valores.get("situacao")
    sem_filtro = not lista.busca and not set(lista.valores) - {"situacao"} and situacao != PRECISAM
    somas = do_contexto if sem_filtro else quadro(lista.consulta)
    quais = [nome for nome in somas if nome == situacao or (nome not in DE_FORA and situacao in (None, PRECISAM, nome))]
    return sum((somas[nome] for nome in quais), Soma())


# -- export ----------------------------------------------------------------------------------------------------------

CABECALHO = (
    "Título", "Tipo", "Emissão", "Vencimento", "Competência", "Situação", "Código da empresa", "CNPJ da empresa",
    "Empresa", "Fornecedor no ERP", "CNPJ ou CPF do fornecedor", "Fornecedor", "Valor", "Saldo", "Conta do ERP",
    "Estabelecimento", "Espécie", "Série", "Número", "Parcela", "Código de barras", "Código de barras no ERP",
    "Bloqueado", "Origem", "Identificador no ERP", "Última recusa", "Aviso", "Referência",
)  # fmt: skip


def linhas_exportadas(titulos: TituloQuerySet) -> Iterator[tuple[Celula, ...]]:
    """Rows under CABECALHO, streamed."""
    com = titulos.select_related("empresa", "fornecedor", "conta", "guia").defer(
        "corpo", "atualizado", "impostos_no_pagamento", "busca", "empresa__busca"
    )
    for titulo in com.iterator(chunk_size=2000):
        yield (
            titulo.nome,
            str(titulo.get_tipo_display()),
            titulo.emissao,
            titulo.vencimento,
            format_competencia(titulo.competencia),
            str(titulo.get_situacao_display()),
            titulo.empresa.codigo,
            mascarar(titulo.empresa.documento),
            titulo.empresa.razao_social,
            titulo.fornecedor.codigo,
            titulo.fornecedor.documento_mascarado,
            titulo.fornecedor.nome,
            titulo.valor,
            titulo.saldo,
            titulo.conta.nome,
            titulo.estabelecimento,
            titulo.especie,
            titulo.serie,
            titulo.numero,
            titulo.parcela,
            titulo.codigo_barras,
            str(titulo.get_barras_display()),
            titulo.bloqueado,
            origem_de(titulo),
            str(titulo.id_pagamento or ""),
            titulo.mensagem,
            titulo.aviso,
            titulo.referencia,
        )


def origem_de(titulo: Titulo) -> str:
    """What it pays, in a word."""
    if titulo.guia_id is not None:
        return "Guia"
    return "Nota" if titulo.nota_id is not None else "Manual"
