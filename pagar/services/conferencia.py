"""What a supplier, a rule or an establishment must hold, said for screens, the back office and files alike."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from comum.documentos import Invalido, Motivo, documento
from pagar.models import ContaErp, EstabelecimentoErp, Fornecedor, Origem, RegraImposto, RegraTitulo, Retencao
from pagar.providers.campos import TAMANHOS

# Column of a register -> kind of text of the ERP (campos.TAMANHOS), whose size a base may have of its own.
_KINDS: Mapping[str, str] = {
    "empresa_erp": "empresa",
    "estabelecimento": "estabelecimento",
    "especie": "espécie",
    "serie": "série",
    "portador": "portador",
    "forma_pagamento": "forma de pagamento",
    "plano_contas": "plano de contas",
    "conta_contabil": "conta",
    "unidade_negocio": "unidade de negócio",
    "plano_centro_custo": "plano de centro de custo",
    "centro_custo": "centro de custo",
    "fluxo": "fluxo financeiro",
    "imposto": "imposto",
    "classificacao": "classificação do imposto",
}
MENOR_RECEITA, MAIOR_RECEITA = 4, 6  # digits of a código de receita, with its variation


@dataclass(frozen=True)
class Unico:
    """No two rows alike: `quais` gives the columns that name the other one, None for a row that does not count."""

    campo: str
    quais: Callable[[Any], dict[str, Any] | None]
    mensagem: Callable[[Any], str]


def _fornecedor_ativo(papel: str, *colunas: str) -> Callable[[Fornecedor], dict[str, Any] | None]:
    def quais(fornecedor: Fornecedor) -> dict[str, Any] | None:
        if not fornecedor.ativo or fornecedor.papel != papel:
            return None
        return {"papel": papel, "ativo": True} | {coluna: getattr(fornecedor, coluna) for coluna in colunas}

    return quais


def _documento_ativo(fornecedor: Fornecedor) -> dict[str, Any] | None:
    if not (fornecedor.ativo and fornecedor.documento):
        return None
    return {"conta_id": fornecedor.conta_id, "documento": fornecedor.documento, "ativo": True}


UNICOS: Mapping[type[Model], tuple[Unico, ...]] = {
    Fornecedor: (
        Unico(
            "codigo",
            lambda f: {"conta_id": f.conta_id, "codigo": f.codigo},
            lambda outro: f"O código {outro.codigo} já é de {outro.nome}, nesta conta. Confira o código no ERP.",
        ),
        Unico(
            "documento",
            _documento_ativo,
            lambda outro: f"Este CNPJ ou CPF já é do fornecedor {outro}. Inative um dos dois.",
        ),
        Unico(
            "papel",
            _fornecedor_ativo(Fornecedor.Papel.RECEITA, "conta_id"),
            lambda outro: f"A Receita Federal desta conta já é o fornecedor {outro}. Inative-o antes.",
        ),
        Unico(
            "municipio",
            _fornecedor_ativo(Fornecedor.Papel.PREFEITURA, "conta_id", "municipio_id"),
            lambda outro: f"A prefeitura deste município já é o fornecedor {outro}. Inative-o antes.",
        ),
    ),
    RegraTitulo: (
        Unico(
            "codigo",
            lambda r: {"conta_id": r.conta_id, "origem": r.origem, "codigo": r.codigo},
            lambda outro: f"Já há uma regra desta conta para {outro}. Altere a que existe.",
        ),
    ),
    RegraImposto: (
        Unico(
            "municipio",
            lambda r: {"conta_id": r.conta_id, "retencao": r.retencao, "municipio_id": r.municipio_id},
            lambda outro: (
                f"Já há uma regra desta conta para {outro.get_retencao_display()}"
                f"{f' de {outro.municipio}' if outro.municipio else ''}. Altere a que existe."
            ),
        ),
    ),
    EstabelecimentoErp: (
        Unico(
            "empresa",
            lambda e: {"empresa_id": e.empresa_id},
            lambda outro: (
                f"A empresa {outro.empresa} já vai para {outro.empresa_erp}/{outro.estabelecimento}. "
                "Altere o que existe."
            ),
        ),
    ),
}


def problemas(objeto: Model) -> Iterator[tuple[str, str]]:
    """(field, sentence) of everything that does not hold, the other rows of the database looked at."""
    yield from faltas(objeto)
    for unico in UNICOS[type(objeto)]:
        quais = unico.quais(objeto)
        if quais is None:
            continue
        filtro = {f"{nome}__isnull" if valor is None else nome: valor is None or valor for nome, valor in quais.items()}
        outro = type(objeto)._default_manager.filter(**filtro).exclude(pk=objeto.pk).first()
        if outro is not None:
            yield unico.campo, unico.mensagem(outro)


def faltas(objeto: Any) -> Iterator[tuple[str, str]]:
    """The same of the row alone."""
    yield from grandes(objeto, objeto.conta, _KINDS)
    if isinstance(objeto, Fornecedor):
        yield from _do_fornecedor(objeto)
    elif isinstance(objeto, RegraTitulo):
        yield from _da_regra(objeto)
    elif isinstance(objeto, RegraImposto):
        yield from _do_imposto(objeto)


def grandes(objeto: Any, conta: ContaErp, kinds: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Texts longer than the account's base takes."""
    for campo, kind in kinds.items():
        valor = getattr(objeto, campo, "")
        maximo = int(conta.tamanhos.get(kind, TAMANHOS[kind]))
        if isinstance(valor, str) and len(valor) > maximo:
            yield campo, f"“{valor}” tem {len(valor)} letras; nesta base cabem {maximo}."


def _do_fornecedor(fornecedor: Fornecedor) -> Iterator[tuple[str, str]]:
    prefeitura = fornecedor.papel == Fornecedor.Papel.PREFEITURA
    if prefeitura and not fornecedor.municipio_id:
        yield "municipio", "Informe o município da prefeitura."
    elif fornecedor.municipio_id and not prefeitura:
        yield "municipio", "O município é só de prefeitura. Deixe em branco, ou mude o papel."


def _da_regra(regra: RegraTitulo) -> Iterator[tuple[str, str]]:
    lido = ler_codigo(regra.origem, regra.codigo)
    if isinstance(lido, Invalido):
        yield "codigo", lido.mensagem
    yield from _de_outra_conta(regra)


def _do_imposto(regra: RegraImposto) -> Iterator[tuple[str, str]]:
    if regra.municipio_id and regra.retencao != Retencao.ISS:
        yield "municipio", "Só o ISS tem município. Deixe em branco."
    if regra.serie and not regra.especie:
        yield "serie", "A série é do título do imposto: informe também a espécie, ou deixe em branco."
    yield from _de_outra_conta(regra)


def _de_outra_conta(regra: RegraTitulo | RegraImposto) -> Iterator[tuple[str, str]]:
    fornecedor = regra.fornecedor
    if fornecedor is None:
        return
    if fornecedor.conta_id != regra.conta_id:
        yield "fornecedor", f"O fornecedor {fornecedor} é de outra conta do ERP. Escolha um desta."
    elif not fornecedor.ativo:
        yield "fornecedor", f"O fornecedor {fornecedor} está inativo. Escolha outro, ou ative-o."


def ler_codigo(origem: str, texto: str) -> str | Invalido:
    """What narrows a rule, as it is kept: the código de receita of a DARF, the document of a prestador; blank: all."""
    texto = texto.strip()
    if not texto:
        return ""
    if origem == Origem.NOTA:
        return documento(texto)
    if origem != Origem.DARF:
        quem = "O DARF da DCTFWeb" if origem == Origem.DARF_DCTFWEB else "O DAS"
        return Invalido(Motivo.PROIBIDO, f"{quem} não tem código de receita. Deixe em branco.")
    numeros = texto.replace("-", "").replace(".", "")
    if numeros.isascii() and numeros.isdecimal() and MENOR_RECEITA <= len(numeros) <= MAIOR_RECEITA:
        return numeros
    return Invalido(Motivo.TAMANHO, "Código de receita tem 4 números, ou 6 com a variação, como 0561 ou 0561-07.")
