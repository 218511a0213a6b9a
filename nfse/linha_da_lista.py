"""A row of the list of notas, its cells in words already: fifty of them are drawn at each turn of a page."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from comum.formatos import format_competencia, format_data, format_numero
from nfse.models import Nota
from nfse.templatetags.notas import Estado, estado_da_nota, iss_na_lista

Endereco = Callable[[int | UUID], str]


@dataclass(slots=True)
class LinhaDaLista:
    """`pdf` and `xml` are addresses, empty where there is none; a title tells the cell whole."""

    pk: str
    url: str
    nome: str
    numero: str
    chave: str
    rps: str
    emissao: str
    competencia: str
    empresa: str
    empresa_titulo: str
    tomador: str
    tomador_titulo: str
    estado: Estado
    valor: str
    iss: str
    retido: str
    liquido: str
    canal: str
    pdf: str
    xml: str


def linha_da_lista(nota: Nota, da_nota: Endereco, do_documento: Endereco) -> LinhaDaLista:
    nome, empresa, tomador = nota.nome, nota.empresa, nota.tomador
    da_empresa = f"{empresa.codigo} {empresa.razao_social}"
    return LinhaDaLista(
        pk=str(nota.pk),
        url=da_nota(nota.pk),
        nome=nome,
        numero=nota.numero_nfse or nome,
        chave=f"Chave {nota.chave}" if nota.chave else "",
        rps=nota.nome_do_rps if nota.numero_nfse and nota.numero else "",
        emissao=format_data(nota.emissao),
        competencia=format_competencia(nota.competencia),
        empresa=da_empresa,
        empresa_titulo=f"{da_empresa} · {empresa.documento_mascarado}",
        tomador=tomador.nome,
        tomador_titulo=f"{tomador.nome} · {tomador.documento_mascarado}",
        estado=estado_da_nota(nota),
        valor=format_numero(nota.valor_servicos, 2),
        iss=iss_na_lista(nota),
        retido=format_numero(nota.valor_retido, 2) if nota.valor_retido else "",
        liquido=format_numero(nota.valor_liquido, 2),
        canal=str(nota.canal.get_tipo_display()) if nota.canal else "",
        pdf=_pdf(nota, do_documento),
        xml=do_documento(nota.xml_id) if nota.xml_id else "",
    )


def _pdf(nota: Nota, do_documento: Endereco) -> str:
    if not nota.pdf_id:
        return ""
    # Which one is only looked up when it is asked for.
    return reverse("nfse:baixar", args=[nota.pk, "pdf"]) if nota.desenhada_de_novo else do_documento(nota.pdf_id)
