"""What leaves a bulk run: its outcomes as a table and its documents."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Count

from arquivo.models import Documento
from comum.documentos import mascarar
from comum.models import Usuario
from comum.planilhas import Celula
from empresas.models import Empresa
from operacoes.handlers import handler_de
from operacoes.models import Processamento
from operacoes.processamentos.andamento import operacoes_de
from operacoes.processamentos.resultados import fora_visivel

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


def linhas_exportadas(processamento: Processamento, usuario: Usuario) -> Iterator[tuple[Celula, ...]]:
    """Every outcome of the run, then what stayed out, in the order of CABECALHO."""
    operacoes = operacoes_de(processamento, usuario).select_related("empresa").annotate(tentadas=Count("tentativas"))
    operacao: Any
    for operacao in operacoes.order_by("empresa__ordem", "pk").iterator(chunk_size=2000):
        empresa = operacao.empresa
        yield (
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
