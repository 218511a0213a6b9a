"""The lists of suppliers, rules, withheld taxes and establishments."""

from collections.abc import Iterator

from django.db.models import Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Lower
from django.http import QueryDict

from comum.documentos import mascarar
from comum.formatos import normalizar
from comum.listas import Filtro, Lista
from comum.planilhas import Celula
from empresas.models import Municipio
from empresas.models.cadastro import sem_pontuacao
from pagar.importacao.fornecedores import COLUNAS
from pagar.models import ContaErp, EstabelecimentoErp, Fornecedor, Origem, RegraImposto, RegraTitulo, Retencao

# Accents away, and what parts words a blank, as normalizar() does; the table has no column of it.
_DE, _PARA = "ÁÀÂÃÄÉÈÊËÍÌÎÏÓÒÔÕÖÚÙÛÜÇÑáàâãäéèêëíìîïóòôõöúùûüçñ'’-", "AAAAAEEEEIIIIOOOOOUUUUCN" * 2 + "   "


class _SemAcento(Func):
    function = "translate"
    output_field = TextField()


def _contas() -> list[tuple[str, str]]:
    return [(str(codigo), f"{codigo} · {nome}") for codigo, nome in ContaErp.objects.values_list("codigo", "nome")]


def _da_conta() -> list[Filtro]:
    """The account, where there is more than one."""
    contas = _contas()
    filtro = Filtro("conta", "Conta do ERP", lambda consulta, valor: consulta.filter(conta__codigo=valor), contas)
    return [filtro] if len(contas) > 1 else []


# -- suppliers --------------------------------------------------------------------------------------------------------


def procurar_fornecedores(consulta: QuerySet[Fornecedor], texto: str) -> QuerySet[Fornecedor]:
    """By every word of the name, the beginning of the document, or the code in the ERP."""
    numeros = sem_pontuacao(texto).strip().upper().replace(" ", "")
    achados = Q()
    if palavras := normalizar(texto).split():
        consulta = consulta.alias(nome_simples=Lower(_SemAcento("nome", Value(_DE), Value(_PARA))))
        for palavra in palavras:
            achados &= Q(nome_simples__contains=palavra)
    if numeros.isascii() and numeros.isalnum():
        achados |= Q(documento__startswith=numeros)
        if numeros.isdecimal() and len(numeros) < 10:
            achados |= Q(codigo=int(numeros))
    return consulta.filter(achados) if achados else consulta.none()


def lista_de_fornecedores(params: QueryDict) -> Lista[QuerySet[Fornecedor]]:
    base = Fornecedor.objects.all()
    return Lista(
        params=params,
        base=base,
        ordens={"nome": ["nome"], "codigo": ["codigo"], "documento": ["documento"]},
        ordem_padrao="nome",
        procurar=procurar_fornecedores,
        filtros=[
            Filtro(
                "situacao",
                "Situação",
                lambda consulta, valor: consulta.filter(ativo=valor == "ativo"),
                [("ativo", "Ativos"), ("inativo", "Inativos")],
            ),
            Filtro(
                "papel",
                "Papel",
                lambda consulta, valor: consulta.filter(papel="" if valor == "comum" else valor),
                [(valor or "comum", rotulo) for valor, rotulo in Fornecedor.Papel.choices],
            ),
            Filtro(
                "municipio",
                "Município",
                lambda consulta, valor: consulta.filter(municipio=valor),
                rotular=lambda valor: str(Municipio.objects.filter(pk=valor[:7]).first() or valor),
            ),
            *_da_conta(),
        ],
        leitura=base.select_related("conta", "municipio"),
    )


CABECALHO_FORNECEDORES = [coluna.rotulo for coluna in COLUNAS]


def fornecedores_exportados(fornecedores: QuerySet[Fornecedor]) -> Iterator[tuple[Celula, ...]]:
    """Rows under CABECALHO_FORNECEDORES, streamed: the columns of the import, so the file can be edited and come
    back."""
    for f in fornecedores.select_related("conta", "municipio").iterator(chunk_size=2000):
        municipio = f.municipio
        yield (
            f.conta.codigo,
            f.codigo,
            f.nome,
            mascarar(f.documento) if f.documento else "",
            f.get_papel_display(),
            municipio.nome if municipio else "",
            municipio.uf if municipio else "",
            f.ativo,
        )


# -- mapping tables ---------------------------------------------------------------------------------------------------


def lista_de_regras(params: QueryDict) -> Lista[QuerySet[RegraTitulo]]:
    base = RegraTitulo.objects.all()
    return Lista(
        params=params,
        base=base,
        ordens={"documento": ["conta__codigo", "origem", "codigo"], "especie": ["especie", "origem"]},
        ordem_padrao="documento",
        procurar=lambda consulta, texto: consulta.filter(
            Q(codigo__startswith=sem_pontuacao(texto).strip().upper()[:14])
            | Q(especie__iexact=texto[:3])
            | Q(conta_contabil__startswith=texto[:20])
            | Q(fluxo__startswith=texto[:12])
        ),
        filtros=[_escolha("origem", "Documento", Origem.choices), *_da_conta()],
        leitura=base.select_related("conta", "fornecedor"),
    )


def lista_de_impostos(params: QueryDict) -> Lista[QuerySet[RegraImposto]]:
    base = RegraImposto.objects.all()
    return Lista(
        params=params,
        base=base,
        ordens={"retencao": ["conta__codigo", "retencao", "municipio"], "imposto": ["imposto", "classificacao"]},
        ordem_padrao="retencao",
        procurar=lambda consulta, texto: consulta.filter(
            Q(municipio__busca__contains=normalizar(texto))
            | Q(imposto__iexact=texto[:5])
            | Q(classificacao__iexact=texto[:5])
        ),
        filtros=[_escolha("retencao", "Retenção", Retencao.choices), *_da_conta()],
        leitura=base.select_related("conta", "fornecedor", "municipio"),
    )


def lista_de_estabelecimentos(params: QueryDict) -> Lista[QuerySet[EstabelecimentoErp]]:
    base = EstabelecimentoErp.objects.all()
    return Lista(
        params=params,
        base=base,
        ordens={"empresa": ["empresa__ordem"], "codigo": ["empresa__codigo"], "estabelecimento": ["estabelecimento"]},
        ordem_padrao="empresa",
        procurar=lambda consulta, texto: consulta.filter(
            Q(empresa__busca__contains=sem_pontuacao(texto)) | Q(estabelecimento__iexact=texto[:5])
        ),
        filtros=_da_conta(),
        leitura=base.select_related("conta", "empresa"),
    )


def _escolha(nome: str, rotulo: str, opcoes: list[tuple[str, str]]) -> Filtro:
    return Filtro(nome, rotulo, lambda consulta, valor: consulta.filter(**{nome: valor}), opcoes)
