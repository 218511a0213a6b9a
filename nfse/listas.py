"""The lists of tomadores, serviços and contratos: what can be searched, filtered, sorted and exported."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple, Self

from django.http import QueryDict
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from comum.documentos import mascarar
from comum.formatos import format_cep, format_competencia
from comum.listas import Filtro, Lista
from comum.models import Usuario
from comum.planilhas import Celula
from empresas.calendario import somar_meses
from empresas.listas import filtro_de_carteira
from empresas.models import Empresa, Municipio
from empresas.municipios import UFS
from nfse.importacao.contratos import COLUNAS as COLUNAS_CONTRATOS
from nfse.importacao.tomadores import COLUNAS
from nfse.models import Contrato, Servico, Tomador
from nfse.models.cadastro import ContratoQuerySet, ServicoQuerySet, TomadorQuerySet
from nfse.paises import BRASIL, nome_do_pais


def _situacao() -> Filtro:
    return Filtro(
        "situacao",
        "Situação",
        lambda consulta, valor: consulta.filter(ativo=valor == "ativo"),
        [("ativo", "Ativos"), ("inativo", "Inativos")],
    )


# -- tomadores --------------------------------------------------------------------------------------------------------


class CelulasTomador(NamedTuple):
    """What the list shows of a tomador, as text ready for the page."""

    chave: str
    nome: SafeString
    documento: str
    lugar: SafeString
    email: SafeString
    telefone: str
    empresa: SafeString

    @classmethod
    def de(cls, tomador: Tomador) -> Self:
        lugar = f"{tomador.cidade_exterior}, {nome_do_pais(tomador.pais)}" if tomador.no_exterior else tomador.municipio
        return cls(
            str(tomador.pk),
            conditional_escape(tomador.nome),
            tomador.documento_mascarado,
            conditional_escape(str(lugar or "")),
            conditional_escape(tomador.email),
            tomador.telefone_mascarado,
            conditional_escape(str(tomador.empresa)),
        )


_DA_EMPRESA = ("empresa__codigo", "empresa__razao_social")


def lista_de_tomadores(params: QueryDict, usuario: Usuario, empresa: Empresa | None) -> Lista[TomadorQuerySet]:
    """The tomadores that exist for the user, of one empresa or of all, as the query string asks for them."""
    base = Tomador.objects.visiveis(usuario)
    return Lista(
        params=params,
        base=base if empresa is None else base.filter(empresa=empresa),
        ordens={"nome": ["ordem"], "documento": ["documento"]},
        ordem_padrao="nome",
        procurar=TomadorQuerySet.procurar,
        filtros=[
            _situacao(),
            Filtro("uf", "UF", lambda consulta, valor: consulta.filter(municipio__uf=valor), [(uf, uf) for uf in UFS]),
            Filtro(
                "municipio",
                "Município",
                lambda consulta, valor: consulta.filter(municipio=valor),
                rotular=lambda valor: str(Municipio.objects.filter(pk=valor).first() or valor),
            ),
            Filtro(
                "endereco",
                "Endereço",
                lambda consulta, valor: consulta.sem_endereco(),
                [("falta", "Sem endereço completo")],
            ),
            Filtro("tipo", "Documento", _do_tipo, [("cnpj", "CNPJ"), ("cpf", "CPF"), ("exterior", "No exterior")]),
            *([] if empresa else [filtro_de_carteira(usuario, "empresa__carteira")]),
        ],
        leitura=base.select_related("municipio", "empresa").defer(
            "busca", "ordem", "criado_em", "alterado_em", "empresa__busca"
        ),
    )


def _do_tipo(consulta: TomadorQuerySet, valor: str) -> TomadorQuerySet:
    if valor == "exterior":
        return consulta.exclude(pais=BRASIL)
    return consulta.com_documento_de(14 if valor == "cnpj" else 11)


CABECALHO_TOMADORES = [coluna.rotulo for coluna in COLUNAS]


def tomadores_exportados(tomadores: TomadorQuerySet) -> Iterator[tuple[Celula, ...]]:
    """Rows under CABECALHO_TOMADORES, streamed: the columns of the import, so the file can be edited and come back."""
    for t in tomadores.select_related("empresa", "municipio").iterator(chunk_size=2000):
        yield (
            t.empresa.codigo or t.empresa.documento_mascarado,
            mascarar(t.documento),
            t.nome,
            t.inscricao_municipal,
            t.email,
            t.telefone_mascarado,
            format_cep(t.cep),
            t.logradouro,
            t.numero,
            t.complemento,
            t.bairro,
            t.municipio.nome if t.municipio else "",
            t.municipio.uf if t.municipio else "",
            nome_do_pais(t.pais),
            t.nif,
            t.cidade_exterior,
            t.regiao_exterior,
            t.codigo_postal,
            t.sem_nif,
            t.ativo,
        )


# -- serviços ---------------------------------------------------------------------------------------------------------


def lista_de_servicos(params: QueryDict, usuario: Usuario, empresa: Empresa | None) -> Lista[ServicoQuerySet]:
    base = Servico.objects.visiveis(usuario)
    return Lista(
        params=params,
        base=base if empresa is None else base.filter(empresa=empresa),
        ordens={"codigo": ["codigo"], "nome": ["ordem"]},
        ordem_padrao="nome",
        procurar=ServicoQuerySet.procurar,
        filtros=[
            _situacao(),
            Filtro(
                "iss",
                "ISS",
                lambda consulta, valor: consulta.filter(iss_retido=valor == "retido"),
                [("retido", "Retido pelo tomador"), ("proprio", "Do prestador")],
            ),
            *([] if empresa else [filtro_de_carteira(usuario, "empresa__carteira")]),
        ],
        leitura=base.select_related("empresa", "item_lc116").defer("busca", "descricao", "empresa__busca"),
    )


CABECALHO_SERVICOS = [
    "empresa",
    "código",
    "nome",
    "item da LC 116",
    "código nacional",
    "código no município",
    "NBS",
    "CNAE",
    "unidade",
    "descrição",
    "valor unitário",
    "alíquota do ISS",
    "ISS retido",
    "PIS retido",
    "COFINS retida",
    "CSLL retida",
    "IR retido",
    "INSS retido",
    "ativo",
]


def servicos_exportados(servicos: ServicoQuerySet) -> Iterator[tuple[Celula, ...]]:
    for s in servicos.select_related("empresa").iterator(chunk_size=2000):
        yield (
            s.empresa.codigo or s.empresa.documento_mascarado,
            s.codigo,
            s.nome,
            s.item_lc116_id,
            s.codigo_nacional,
            s.codigo_municipal,
            s.nbs,
            s.cnae_id,
            s.unidade,
            s.descricao,
            s.valor,
            s.aliquota_iss,
            s.iss_retido,
            s.retem_pis,
            s.retem_cofins,
            s.retem_csll,
            s.retem_ir,
            s.retem_inss,
            s.ativo,
        )


# -- contratos --------------------------------------------------------------------------------------------------------


def lista_de_contratos(
    params: QueryDict, usuario: Usuario, empresa: Empresa | None, competencia: date
) -> Lista[ContratoQuerySet]:
    base = Contrato.objects.visiveis(usuario)
    mes = format_competencia(competencia)
    return Lista(
        params=params,
        base=base if empresa is None else base.filter(empresa=empresa),
        ordens={"tomador": ["ordem"], "valor": ["valor", "ordem"], "dia": ["dia", "ordem"]},
        ordem_padrao="tomador",
        procurar=ContratoQuerySet.procurar,
        filtros=[
            Filtro(
                "situacao",
                "Situação",
                lambda consulta, valor: _na_situacao(consulta, valor, competencia),
                [
                    ("vigente", f"Em vigor em {mes}"),
                    ("encerrado", f"Encerrados antes de {mes}"),
                    ("futuro", f"Começam depois de {mes}"),
                    ("inativo", "Inativos"),
                ],
            ),
            Filtro(
                "reajuste",
                "Reajuste",
                lambda consulta, valor: consulta.com_reajuste_devido(competencia),
                [("devido", f"A fazer até {mes}")],
            ),
            *([] if empresa else [filtro_de_carteira(usuario, "empresa__carteira")]),
        ],
        leitura=base.select_related("empresa", "tomador", "servico").defer(
            "descricao", "empresa__busca", "tomador__busca", "servico__busca", "servico__descricao"
        ),
    )


def _na_situacao(consulta: ContratoQuerySet, valor: str, competencia: date) -> ContratoQuerySet:
    if valor == "vigente":
        return consulta.vigentes(competencia)
    if valor == "inativo":
        return consulta.filter(ativo=False)
    ativos = consulta.filter(ativo=True)
    if valor == "encerrado":
        return ativos.filter(ate__lt=competencia)
    return ativos.filter(de__gte=somar_meses(competencia, 1))


CABECALHO_CONTRATOS = [coluna.rotulo for coluna in COLUNAS_CONTRATOS]


def contratos_exportados(contratos: ContratoQuerySet) -> Iterator[tuple[Celula, ...]]:
    for c in contratos.select_related("empresa", "tomador", "servico").iterator(chunk_size=2000):
        yield (
            c.empresa.codigo or c.empresa.documento_mascarado,
            c.tomador.nome,
            c.tomador.documento_mascarado,
            c.servico.codigo,
            c.valor,
            c.valor_desde,
            c.de,
            c.ate,
            c.dia,
            c.mes_do_reajuste,
            c.indice,
            c.descricao,
            c.ativo,
        )
