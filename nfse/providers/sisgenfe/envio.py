"""Our values to SISGENF-e's bodies, and what must be right in them before anything is sent.

Source: Systema Informática, API SISGENF-e 1.1, "Tomador" and "NFS-e". Which fields are required and how long they may
be is not documented; what is demanded here is what the service's own example sends.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from comum.documentos import mascarar
from nfse.providers.interface import ZERO, DadosInvalidos, Emissao, Item, Pessoa, Problema
from nfse.providers.sisgenfe.referencias import Referencias, uf_do_ibge

# LC 116 items whose ISS is due where the service is rendered, by the vendor's list. Text: 7.10 is not 7.1.
_ISS_EM_OUTRO_MUNICIPIO = frozenset({"7.02", "7.04", "7.05", "7.09", "7.10", "7.11", "7.12", "7.16", "7.17", "7.18"})
NOME = "SISGENF-e"  # as messages call the service
_FORA_DA_LISTA_DE_TRIBUTOS = frozenset({"ISS", "ISSQN", "INSS", "IRRF", "IR"})
TIPOS_DE_CANCELAMENTO = {"2": "Cancelada pelo credor", "3": "Erro de digitação", "4": "Valor errado"}

_DOCUMENTO = re.compile(r"[0-9]{11}|[0-9A-Z]{12}[0-9]{2}")
_CEP = re.compile(r"[0-9]{8}")
_IBGE = re.compile(r"[0-9]{7}")
_ID = re.compile(r"[0-9]{1,18}")


def informa_iss(lc116: str, *, iss_retido: bool) -> bool:
    """Whether rate and material deduction of a line of this item of LC 116 are ours to give: its ISS is due to another
    município than the prestador's. Otherwise the service applies its own rate and no deduction, whatever is sent."""
    return iss_retido or lc116 in _ISS_EM_OUTRO_MUNICIPIO


# -- what must be right ----------------------------------------------------------------------------------------------
def problemas(nota: Emissao) -> list[Problema]:
    """Everything that keeps this note from being sent; empty when it may go."""
    achados = [*_do_tomador(nota.tomador)]
    if not nota.marca.strip():
        achados.append(Problema("marca", "A nota não tem a marca que a identifica no SISGENF-e."))
    if not (_IBGE.fullmatch(nota.municipio_prestacao) and uf_do_ibge(nota.municipio_prestacao)):
        achados.append(Problema("municipio_prestacao", "Informe o município da prestação (código do IBGE)."))
    if not nota.itens:
        achados.append(Problema("itens", "A nota não tem itens. Informe pelo menos um."))
    for ordem, item in enumerate(nota.itens):
        achados += (
            Problema(f"itens.{ordem}.{campo}", f"Item {ordem + 1}: {mensagem}")
            for campo, mensagem in _do_item(item, informa_iss(item.lc116, iss_retido=nota.iss_retido))
        )
    return achados


def problemas_do_tomador(pessoa: Pessoa) -> list[Problema]:
    return list(_do_tomador(pessoa))


def _do_tomador(pessoa: Pessoa) -> Iterator[Problema]:
    if not _DOCUMENTO.fullmatch(pessoa.documento):
        yield Problema("tomador.documento", "O SISGENF-e só emite para tomador com CPF ou CNPJ. Informe o documento.")
    if not pessoa.nome.strip():
        yield Problema("tomador.nome", "Informe o nome ou a razão social do tomador.")
    endereco = pessoa.endereco
    if endereco is None or endereco.pais != "BR":
        yield Problema(
            "tomador.endereco", "O SISGENF-e exige o endereço do tomador, no Brasil. Complete o cadastro do tomador."
        )
        return
    for campo, texto, mensagem in (
        ("logradouro", endereco.logradouro, "Informe o logradouro do tomador."),
        ("bairro", endereco.bairro, "Informe o bairro do tomador."),
    ):
        if not texto.strip():
            yield Problema(f"tomador.endereco.{campo}", mensagem)
    if not _CEP.fullmatch(endereco.cep):
        yield Problema("tomador.endereco.cep", "Informe o CEP do tomador, com 8 números.")
    if not (_IBGE.fullmatch(endereco.municipio) and uf_do_ibge(endereco.municipio)):
        yield Problema("tomador.endereco.municipio", "Informe o município do tomador (código do IBGE).")


def _do_item(item: Item, com_iss: bool) -> Iterator[tuple[str, str]]:
    if not item.descricao.strip():
        yield "descricao", "informe a descrição do serviço."
    if not item.lc116:
        yield "lc116", "informe o item da LC 116 da atividade."
    if not _ID.fullmatch(item.codigo):
        yield "codigo", "escolha a atividade do prestador no SISGENF-e."
    if not item.unidade.strip():
        yield "unidade", "escolha a unidade de medida."
    if item.desconto:
        yield "desconto", "o SISGENF-e não tem desconto. Informe o valor já com o desconto."
    yield from _numero("quantidade", "a quantidade", item.quantidade, positivo=True)
    yield from _numero("valor_unitario", "o valor unitário", item.valor_unitario, positivo=True)
    if com_iss:
        yield from _numero("aliquota", "a alíquota do ISS devido a outro município", item.aliquota)
        yield from _numero("deducao", "a dedução de material (zero, se não há)", item.deducao)
    retidos = item.retencoes
    yield from _numero("retencoes.inss", "o INSS", retidos.inss)
    yield from _numero("retencoes.ir", "o IRRF", retidos.ir)
    for nome, valor in _tributos(item):
        yield from _numero("retencoes", f"o tributo {nome}", valor)
        if nome.strip().upper() in _FORA_DA_LISTA_DE_TRIBUTOS or not nome.strip():
            yield "retencoes.outras", f"“{nome}” não entra nos outros tributos do SISGENF-e."


def _numero(campo: str, nome: str, valor: Decimal | None, *, positivo: bool = False) -> Iterator[tuple[str, str]]:
    if valor is None:
        yield campo, f"informe {nome}."
    elif not valor.is_finite() or valor < 0 or (positivo and not valor):
        yield campo, f"{nome} precisa ser maior que zero." if positivo else f"{nome} não pode ser menor que zero."
    elif Decimal(repr(float(valor))) != valor:
        yield campo, f"{nome} tem algarismos demais."


# -- bodies ----------------------------------------------------------------------------------------------------------
def corpo_do_tomador(pessoa: Pessoa, referencias: Referencias) -> dict[str, Any]:
    """The whole customer, since it is not documented whether an update replaces or merges. There is no field for the
    complemento: it goes after the street."""
    endereco = pessoa.endereco
    if endereco is None:
        raise DadosInvalidos(NOME, problemas_do_tomador(pessoa))
    rua = f"{endereco.logradouro.strip()}, {endereco.complemento.strip()}".removesuffix(", ")
    dados: dict[str, Any] = {
        "razaoSocial": pessoa.nome.strip(),
        "rua": rua,
        "bairro": endereco.bairro.strip(),
        "numero": endereco.numero.strip() or "S/N",
        "cep": f"{endereco.cep[:5]}-{endereco.cep[5:]}",
        "municipio": {"id": referencias.municipios[endereco.municipio]},
    }
    if email := pessoa.email.strip():
        dados["email"] = email
    return {"documento": mascarar(pessoa.documento), "dadosTomador": dados}


def corpo_da_nota(nota: Emissao, referencias: Referencias) -> dict[str, Any]:
    return {
        "tomador": {"documento": mascarar(nota.tomador.documento)},
        "municipio": {"id": referencias.municipios[nota.municipio_prestacao]},
        "observacao": observacao(nota),
        "issPagoTomador": nota.iss_retido,
        "listaTributos": _outros_tributos(nota.itens),
        "listaItensNotaFiscal": [_item(item, nota.iss_retido, referencias) for item in nota.itens],
    }


def observacao(nota: Emissao) -> str:
    """The remark with the marker, once: in front, where no cut of a long remark reaches it."""
    texto = nota.observacao.strip()
    return texto if nota.marca in texto else f"{nota.marca} {texto}".strip()


def corpo_da_correcao(numero: int, texto: str) -> dict[str, Any]:
    return {"notaFiscal": {"numero": numero}, "historico": texto}


def corpo_do_cancelamento(numero: int, codigo: str, motivo: str) -> dict[str, Any]:
    return {"notaFiscal": {"numero": numero}, "tipoCancelamento": {"id": int(codigo)}, "historico": motivo}


def _item(item: Item, iss_retido: bool, referencias: Referencias) -> dict[str, Any]:
    corpo: dict[str, Any] = {
        "qtd": item.quantidade,
        "valorUnitario": item.valor_unitario,
        "inss": item.retencoes.inss,
        "irrf": item.retencoes.ir,
        "unidadeMedida": {"id": referencias.unidades[item.unidade]},
        "atividade": {"id": int(item.codigo)},
        "descricao": item.descricao.strip(),
    }
    if informa_iss(item.lc116, iss_retido=iss_retido):
        corpo |= {"iss": item.aliquota, "deducaoMaterial": item.deducao}
    return corpo


def _tributos(item: Item) -> list[tuple[str, Decimal]]:
    retidos = item.retencoes
    return [("PIS", retidos.pis), ("COFINS", retidos.cofins), ("CSLL", retidos.csll), *retidos.outras]


def _outros_tributos(itens: Sequence[Item]) -> list[dict[str, Any]]:
    """One entry for each tribute of the whole note; those without an amount are left out."""
    somas: dict[str, Decimal] = {}
    for item in itens:
        for nome, valor in _tributos(item):
            somas[nome.strip()] = somas.get(nome.strip(), ZERO) + valor
    return [{"nome": nome, "valor": valor} for nome, valor in somas.items() if valor]
