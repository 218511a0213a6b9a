"""The list of notes of services taken: what can be searched, filtered, sorted, summed and exported."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.http import QueryDict

from comum.contagens import enquanto_nada_muda
from comum.documentos import Invalido, documento, mascarar
from comum.listas import Filtro, Lista
from comum.models import Usuario
from comum.planilhas import Celula
from empresas.listas import filtro_de_carteira
from empresas.models import Empresa
from nfse.models import NotaRecebida
from nfse.models.recebidas import NotaRecebidaQuerySet

# Field and heading of each withholding, in the order in which the list shows them.
RETENCOES = (("iss", "ISS"), ("ir", "IR"), ("pis", "PIS"), ("cofins", "COFINS"), ("csll", "CSLL"), ("inss", "INSS"))
TODOS = "todos"  # the value of ?periodo= that shows every competência
_SITUACOES = {
    "normal": Q(situacao=NotaRecebida.Situacao.NORMAL, ilegivel=False),
    "cancelada": Q(situacao=NotaRecebida.Situacao.CANCELADA),
    "ilegivel": Q(ilegivel=True),
}


def lista_de_recebidas(
    params: QueryDict, usuario: Usuario, empresa: Empresa | None, competencia: date
) -> Lista[NotaRecebidaQuerySet]:
    """The notes taken that exist for the user, of one competência unless ?periodo=todos, of one empresa or of all."""
    visiveis = NotaRecebida.objects.visiveis(usuario)
    base = visiveis if params.get("periodo") == TODOS else visiveis.filter(competencia=competencia)
    return Lista(
        params=params,
        base=base if empresa is None else base.filter(empresa=empresa),
        ordens={
            "emissao": ["emissao"],
            "competencia": ["competencia", "emissao"],
            "empresa": ["empresa__ordem", "emissao"],
            "prestador": ["ordem", "emissao"],
            "numero": ["numero"],
            "valor": ["valor_servicos"],
            "liquido": ["valor_liquido"],
        },
        ordem_padrao="-emissao",
        procurar=NotaRecebidaQuerySet.procurar,
        filtros=[
            Filtro(
                "retencao",
                "Retenções",
                lambda consulta, valor: (
                    consulta.com_retencao() if valor == "com" else consulta.filter(**{f"{valor}__gt": 0})
                ),
                [("com", "Com alguma retenção"), *((campo, f"Com {rotulo} retido") for campo, rotulo in RETENCOES)],
            ),
            Filtro(
                "situacao",
                "Situação",
                lambda consulta, valor: consulta.filter(_SITUACOES[valor]),
                [("normal", "Normais"), ("cancelada", "Canceladas"), ("ilegivel", "Com XML não lido")],
            ),
            Filtro("prestador", "Prestador", _do_prestador, rotular=_prestador_em_palavras),
            *([] if empresa else [filtro_de_carteira(usuario, "empresa__carteira")]),
        ],
        fixos=["periodo"],
        leitura=visiveis.select_related("empresa").defer("busca", "descricao", "eventos", "empresa__busca"),
    )


def _do_prestador(consulta: NotaRecebidaQuerySet, valor: str) -> NotaRecebidaQuerySet:
    lido = documento(valor)
    return consulta.none() if isinstance(lido, Invalido) else consulta.filter(prestador=lido)


def _prestador_em_palavras(valor: str) -> str:
    lido = documento(valor)
    return f"{valor} (CNPJ ou CPF inválido)" if isinstance(lido, Invalido) else mascarar(lido)


def totais(lista: Lista[NotaRecebidaQuerySet]) -> Mapping[str, Any]:
    """Sums over everything filtered, without what was cancelled: `quantas`, valor_servicos, valor_liquido and each
    withholding, in reais (None where there is no row)."""
    consulta = lista.consulta.exclude(situacao=NotaRecebida.Situacao.CANCELADA).order_by()
    somas: dict[str, Any] = {campo: Sum(F(campo)) for campo, _ in RETENCOES}
    for campo in ("valor_servicos", "valor_liquido"):
        somas[campo] = Sum(F(campo))

    def somar() -> Mapping[str, Any]:
        return consulta.aggregate(quantas=Count("pk"), **somas)

    return enquanto_nada_muda(consulta, "totais", somar)


CABECALHO_RECEBIDAS = [
    "Competência", "Emissão", "Código da empresa", "Empresa", "CNPJ ou CPF da empresa", "CNPJ ou CPF do prestador",
    "Prestador", "Número", "Valor dos serviços", "ISS retido", "IR retido", "PIS retido", "COFINS retida",
    "CSLL retida", "INSS retido", "Valor líquido", "Situação", "XML lido", "Chave", "Serviço",
]  # fmt: skip


def recebidas_exportadas(recebidas: NotaRecebidaQuerySet) -> Iterator[tuple[Celula, ...]]:
    """Rows under CABECALHO_RECEBIDAS, streamed; amounts in reais."""
    for nota in recebidas.select_related("empresa").defer("busca", "eventos").iterator(chunk_size=2000):
        yield (
            nota.competencia,
            nota.emissao or "",
            nota.empresa.codigo,
            nota.empresa.razao_social,
            mascarar(nota.empresa.documento),
            nota.prestador_mascarado,
            nota.prestador_nome,
            nota.numero,
            nota.valor_servicos,
            *(getattr(nota, campo) for campo, _ in RETENCOES),
            nota.valor_liquido,
            str(nota.get_situacao_display()),
            not nota.ilegivel,
            nota.chave,
            nota.descricao,
        )
