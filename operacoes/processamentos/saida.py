"""What leaves a bulk run: its outcomes as a table and its documents."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import batched
from typing import Any

from django.db.models import Count

from arquivo.models import Documento
from comum.documentos import mascarar
from comum.models import Usuario
from comum.planilhas import Celula, escrever_csv
from empresas.models import Empresa
from operacoes.handlers import handler_de
from operacoes.models import Operacao, Processamento
from operacoes.processamentos.andamento import operacoes_de
from operacoes.processamentos.resultados import fora_visivel

_LOTE = 2000
CABECALHO = (
    "Código",
    "CNPJ ou CPF",
    "Razão social",
    "Operação",
    "Situação",
    "Motivo",
    "Mensagem",
    "Código do serviço",
    "Palavras do serviço",
    "Custo (R$)",
    "Tentativas",
    "Criada em",
    "Último envio em",
    "Encerrada em",
)


def em_tabela(processamento: Processamento, usuario: Usuario) -> tuple[list[str], Iterator[tuple[Celula, ...]]]:
    """Header and rows: every outcome of the run, then what stayed out. The columns of CABECALHO, and what the kinds of
    this run have more to tell."""
    tipos = operacoes_de(processamento, usuario).order_by("tipo").values_list("tipo", flat=True).distinct()
    proprias = list(dict.fromkeys(coluna for tipo in tipos for coluna in handler_de(tipo).colunas_do_resultado))
    return [*CABECALHO, *proprias], _linhas(processamento, usuario, proprias)


def indice(processamento: Processamento, usuario: Usuario) -> dict[str, bytes]:
    """The file of outcomes to go with the documents, where the kinds of the run say what became of each: not every
    service has papers for what it did."""
    cabecalho, linhas = em_tabela(processamento, usuario)
    return {"resultados.csv": b"".join(escrever_csv(cabecalho, linhas))} if len(cabecalho) > len(CABECALHO) else {}


def _linhas(processamento: Processamento, usuario: Usuario, proprias: Sequence[str]) -> Iterator[tuple[Celula, ...]]:
    nada: list[Celula] = [""] * len(proprias)
    operacoes = operacoes_de(processamento, usuario).select_related("empresa").annotate(tentadas=Count("tentativas"))
    for lote in batched(operacoes.order_by("empresa__ordem", "pk").iterator(chunk_size=_LOTE), _LOTE):
        do_tipo = _do_tipo(lote, proprias) if proprias else {}
        for operacao in lote:
            yield (*_linha(operacao), *do_tipo.get(operacao.pk, nada))
    yield from _de_fora(processamento, usuario, nada)


def _do_tipo(operacoes: Iterable[Operacao], colunas: Sequence[str]) -> dict[int, list[Celula]]:
    """Of each Operacao (by pk), the cells of `colunas` that its kind knows."""
    por_tipo: dict[str, list[Operacao]] = defaultdict(list)
    for operacao in operacoes:
        por_tipo[operacao.tipo].append(operacao)
    celulas: dict[int, list[Celula]] = {}
    for tipo, suas in por_tipo.items():
        handler = handler_de(tipo)
        if handler.colunas_do_resultado:
            for pk, valores in handler.resultados(suas).items():
                ditas = dict(zip(handler.colunas_do_resultado, valores, strict=True))
                celulas[pk] = [ditas.get(coluna, "") for coluna in colunas]
    return celulas


def _linha(operacao: Any) -> tuple[Celula, ...]:
    empresa = operacao.empresa
    return (
        empresa.codigo if empresa else "",
        mascarar(empresa.documento) if empresa else "",
        empresa.razao_social if empresa else "",
        handler_de(operacao.tipo).rotulo,
        operacao.get_situacao_display(),
        operacao.grupo,
        operacao.mensagem,
        operacao.codigo,
        operacao.palavras_do_servico,
        operacao.custo,
        operacao.tentadas,
        operacao.criada_em,
        operacao.enviada_em,
        operacao.encerrada_em,
    )


def _de_fora(processamento: Processamento, usuario: Usuario, nada: list[Celula]) -> Iterator[tuple[Celula, ...]]:
    fora = fora_visivel(processamento, usuario)
    empresas = Empresa.objects.in_bulk({item.empresa_id for item in fora})
    vazias: tuple[Celula, ...] = ("", "", Decimal(0), 0, processamento.criado_em, None, None)
    for item in fora:
        empresa = empresas[item.empresa_id]
        yield (
            empresa.codigo,
            mascarar(empresa.documento),
            empresa.razao_social,
            "",
            "Ficou de fora",
            item.codigo,
            item.motivo,
            *vazias,
            *nada,
        )


def documentos_de(processamento: Processamento, usuario: Usuario) -> list[Documento]:
    """Documents that the run produced (Operacao.resposta["documentos"]: list of ids), by empresa."""
    ids = {
        identificador
        for lista in operacoes_de(processamento, usuario)
        .filter(resposta__has_key="documentos")
        .values_list("resposta__documentos", flat=True)
        for identificador in lista
    }
    consulta = Documento.objects.visiveis(usuario).filter(pk__in=ids)
    return list(consulta.select_related("empresa").order_by("empresa__ordem", "tipo", "criado_em"))


def tem_documentos(processamento: Processamento, usuario: Usuario) -> bool:
    return operacoes_de(processamento, usuario).filter(resposta__documentos__0__isnull=False).exists()
