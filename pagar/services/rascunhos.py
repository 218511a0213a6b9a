"""Titles before they go to the ERP: made from a body, written, changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from comum.documentos import LinhaDigitavel, linha_digitavel
from comum.formatos import contar as dizer_quantos
from comum.formatos import format_dinheiro
from comum.models import Usuario
from comum.mudancas import em_palavras as coluna_em_palavras
from empresas.models import Empresa
from pagar.models import ContaErp, EstabelecimentoErp, Fornecedor, Movimento, Origem, RegraTitulo, Titulo, chave_de
from pagar.providers.barras import falta_do_codigo
from pagar.providers.blocos import Imposto
from pagar.providers.campos import Lista, Problema, campos_de
from pagar.providers.interface import Antecipacao
from pagar.providers.interface import Titulo as TituloDoLote
from pagar.providers.pedidos import guardar
from pagar.services import registro
from pagar.services.implantacao import problemas_do_corpo
from pagar.services.palavras import em_palavras

_DIGITADAS = ("referencia", "codigo_barras", "titulo_no_banco", "barras", "impostos_no_pagamento")

type Regras = Mapping[tuple[UUID, str, str], RegraTitulo]  # by account, origem and código


# Said of a title that the user does not see.
REPETE_OUTRO = (
    "O ERP já tem, ou vai ter, um título deste fornecedor com a mesma espécie, série, número e parcela. Mude o número "
    "ou a parcela."
)


class ChaveRepetida(Exception):
    """Another title has the same key. `outro` is it, None when the user does not see it."""

    def __init__(self, outro: Titulo | None) -> None:
        super().__init__(
            f"Já existe o título {outro.nome} do fornecedor {outro.fornecedor}, “{outro.get_situacao_display()}”: o "
            "ERP não aceita dois com a mesma espécie, série, número e parcela. Mude o número ou a parcela."
            if outro
            else REPETE_OUTRO
        )
        self.outro = outro


class ReferenciaRepetida(Exception):
    """The empresa has another title with the office's own reference; the text says so. `campo`: of the form."""

    campo = "nossa_referencia"


class BarrasRepetidas(ReferenciaRepetida):
    """Another title, still to be paid or paid, has the same bar code."""

    campo = "codigo_barras"


class RascunhoMudou(Exception):
    """It is not as the screen showed it, or is not a draft any more; the text says which, and what next. `versao` is
    the one to save over, None when it cannot be saved any more."""

    def __init__(self, texto: str, versao: int | None = None) -> None:
        super().__init__(texto)
        self.versao = versao


@dataclass(frozen=True)
class Destino:
    """Where the titles of an empresa go."""

    conta: ContaErp
    empresa_erp: str
    estabelecimento: str


def destinos(empresas: Iterable[Empresa]) -> dict[int, Destino]:
    """By empresa (pk): its own establishment, else that of the only active account. Without both, none."""
    pks = {empresa.pk for empresa in empresas}
    ativas = list(ContaErp.objects.filter(ativa=True)[:2])
    achados: dict[int, Destino] = {}
    if len(ativas) == 1:
        achados = {pk: Destino(ativas[0], ativas[0].empresa, ativas[0].estabelecimento) for pk in pks}
    proprios = EstabelecimentoErp.objects.filter(empresa__in=pks, conta__ativa=True).select_related("conta")
    return achados | {
        proprio.empresa_id: Destino(proprio.conta, proprio.empresa_erp, proprio.estabelecimento) for proprio in proprios
    }


def destino_de(empresa: Empresa) -> Destino | None:
    return destinos([empresa]).get(empresa.pk)


def montar(
    destino: Destino,
    empresa: Empresa,
    fornecedor: Fornecedor,
    corpo: TituloDoLote | Antecipacao,
    *,
    titulo: Titulo | None = None,
    **colunas: Any,
) -> Titulo:
    """A title, not saved: `titulo` filled again, or a new one. `colunas`: what the body does not have."""
    feito = titulo or Titulo()
    corpo = replace(corpo, fornecedor=fornecedor.codigo)
    feito.tipo = Titulo.Tipo.TITULO
    if isinstance(corpo, Antecipacao):
        feito.tipo = Titulo.Tipo.ANTECIPACAO
        corpo = replace(
            corpo,
            empresa=destino.empresa_erp,
            estabelecimento=destino.estabelecimento,
            matriz=destino.conta.matriz,
        )
        feito.codigo_barras, feito.titulo_no_banco = corpo.codigo_barras, corpo.titulo_no_banco
    feito.conta, feito.empresa, feito.fornecedor = destino.conta, empresa, fornecedor
    feito.empresa_erp, feito.estabelecimento = destino.empresa_erp, destino.estabelecimento
    for nome in ("especie", "serie", "numero", "parcela", "emissao", "vencimento", "valor"):
        setattr(feito, nome, getattr(corpo, nome))
    feito.saldo = feito.valor
    if corpo.emissao is not None:
        feito.competencia = corpo.emissao.replace(day=1)
    feito.corpo = guardar(corpo)
    for nome, valor in colunas.items():
        setattr(feito, nome, valor)
    feito.preparar()
    return feito


def regra_de(fornecedor: Fornecedor, regras: Regras | None = None) -> RegraTitulo | None:
    """How a title of a supplier is usually written: by the rule of its document, of what it is (a guia of the Receita
    Federal), or of any note. `regras`, where those of many suppliers were read."""
    procuradas = [(Origem.NOTA, fornecedor.documento), (Origem.NOTA, "")]
    if fornecedor.papel == Fornecedor.Papel.RECEITA:
        procuradas = [(Origem.DARF, ""), (Origem.DAS, "")]
    if regras is None:
        codigos = {codigo for _, codigo in procuradas}
        regras = por_codigo(RegraTitulo.objects.filter(conta=fornecedor.conta_id, codigo__in=codigos))
    achadas = (regras.get((fornecedor.conta_id, origem, codigo)) for origem, codigo in procuradas)
    return next((regra for regra in achadas if regra is not None), None)


def por_codigo(regras: Iterable[RegraTitulo]) -> Regras:
    return {(regra.conta_id, regra.origem, regra.codigo): regra for regra in regras}


def problemas(
    destino: Destino,
    fornecedor: Fornecedor | None,
    corpo: TituloDoLote | Antecipacao,
    usuario: Usuario,
    *,
    codigo_barras: str = "",
    no_pagamento: Sequence[Imposto] = (),
) -> list[Problema]:
    """Everything that keeps a body from being a title, by its fields: what the ERP's rules say, and what is known here.
    `no_pagamento`: taxes that go with the payment, told as "impostos.N"."""
    antecipacao = isinstance(corpo, Antecipacao)
    corpo = replace(corpo, fornecedor=fornecedor.codigo if fornecedor else None)
    if isinstance(corpo, Antecipacao):
        corpo = replace(corpo, empresa=destino.empresa_erp, estabelecimento=destino.estabelecimento)
    if no_pagamento:
        corpo = replace(corpo, impostos=tuple(replace(imposto, aliquota=None) for imposto in no_pagamento))
    dia = max(timezone.localdate(), corpo.emissao or date.min)
    no_lugar = Titulo(conta=destino.conta, empresa_erp=destino.empresa_erp, estabelecimento=destino.estabelecimento)
    achados = problemas_do_corpo(no_lugar, corpo, dia)
    achados += _especie(destino.conta, corpo.especie, antecipacao=antecipacao)
    if codigo_barras and (falta := falta_do_codigo(codigo_barras)):
        achados.append(Problema("codigo_barras", f"Código de barras: {falta}"))
    elif (da_guia := valor_nas_barras(codigo_barras)) not in (None, corpo.valor) and da_guia is not None:
        texto = (
            f"o da guia é de {format_dinheiro(da_guia)}, e o título é de {format_dinheiro(corpo.valor or Decimal())}."
        )
        achados.append(Problema("codigo_barras", f"Código de barras: {texto} Confira os dois."))
    achados += [
        Problema(f"impostos.{posicao}.aliquota", "Alíquota: falta informar. Ela vai com o imposto no pagamento.")
        for posicao, imposto in enumerate(no_pagamento)
        if imposto.aliquota is None
    ]
    if isinstance(corpo, TituloDoLote) and fornecedor is not None:
        achados += _antecipacoes(destino, fornecedor, corpo, usuario)
    if isinstance(corpo, TituloDoLote) and corpo.valor is not None and corpo.antecipacoes and not no_pagamento:
        abatido, retido = registro.abatido(corpo.antecipacoes), registro.retido(corpo.impostos)
        if retido and max(abatido, retido) <= corpo.valor < abatido + retido:
            texto = f"as antecipações e os impostos somam {format_dinheiro(abatido + retido)}, mais que o título."
            achados.append(Problema("antecipacoes", f"Antecipações abatidas: {texto}"))
    return achados


def _especie(conta: ContaErp, especie: str, *, antecipacao: bool) -> Iterator[Problema]:
    da_conta = conta.especie_antecipacao.strip().upper()
    if not da_conta or not especie:
        return
    if antecipacao and especie.upper() != da_conta:
        texto = f"a espécie de antecipação da conta {conta} é {da_conta}, e não {especie}."
        yield Problema("especie", f"Espécie: {texto} Corrija aqui, ou em Contas do ERP.")
    elif not antecipacao and especie.upper() == da_conta:
        texto = f"{especie} é a espécie das antecipações. Use a de um título, ou faça uma Nova antecipação."
        yield Problema("especie", f"Espécie: {texto}")


def abertas_de(destino: Destino, fornecedor: Fornecedor, usuario: Usuario) -> list[Titulo]:
    """The prepayments of a supplier that a title may take from, of those the user sees."""
    abertas = Titulo.objects.visiveis(usuario).filter(
        conta=destino.conta,
        empresa_erp=destino.empresa_erp,
        fornecedor=fornecedor,
        tipo=Titulo.Tipo.ANTECIPACAO,
        situacao=Titulo.Situacao.ABERTO,
        saldo__gt=0,
    )
    return list(abertas.order_by("vencimento", "pk")[:50])


def _antecipacoes(
    destino: Destino, fornecedor: Fornecedor, corpo: TituloDoLote, usuario: Usuario
) -> Iterator[Problema]:
    """Against the balances that the user knows; the ERP tells of the others."""
    if not corpo.antecipacoes:
        return
    saldos = {antecipacao.chave: antecipacao for antecipacao in abertas_de(destino, fornecedor, usuario)}
    for posicao, item in enumerate(corpo.antecipacoes):
        chave = chave_de(
            destino.empresa_erp, item.estabelecimento, item.especie, item.serie, fornecedor.codigo, item.numero,
            item.parcela,
        )  # fmt: skip
        conhecida = saldos.get(chave)
        if conhecida is not None and item.valor is not None and item.valor > conhecida.saldo:
            texto = f"passa do saldo da antecipação {conhecida.nome}, {format_dinheiro(conhecida.saldo)}."
            yield Problema(f"antecipacoes.{posicao}.valor", f"Valor abatido: {texto}")


def repetidas(titulos: Iterable[Titulo]) -> dict[tuple[Any, str], Titulo]:
    """The titles that already have these keys, by account (pk) and key; those themselves are none."""
    por_conta: dict[Any, list[Titulo]] = {}
    for titulo in titulos:
        por_conta.setdefault(titulo.conta_id, []).append(titulo)
    achadas: dict[tuple[Any, str], Titulo] = {}
    for conta, seus in por_conta.items():
        outras = Titulo.objects.exclude(situacao=Titulo.Situacao.ABANDONADO).select_related("fornecedor")
        outras = outras.filter(conta=conta, chave__in=[titulo.chave for titulo in seus])
        outras = outras.exclude(pk__in=[titulo.pk for titulo in seus if titulo.pk])
        achadas |= {(conta, outra.chave): outra for outra in outras}
    return achadas


def gravar_novos(titulos: Sequence[Titulo], usuario: Usuario | None) -> list[Titulo]:
    """Write new drafts, with the first line of each timeline. All or none; raises ChaveRepetida,
    ReferenciaRepetida."""
    with transaction.atomic():
        for titulo in titulos:
            titulo.criado_por = usuario
            titulo.preparar()
        _livres(titulos, usuario)
        with _conflitos(titulos, usuario):
            feitos = Titulo.objects.bulk_create(titulos, batch_size=500)
        Movimento.objects.bulk_create(
            [registro.contar(titulo, Movimento.Tipo.CRIADO, usuario=usuario, valor=titulo.valor) for titulo in feitos],
            batch_size=1000,
        )
    return feitos


def salvar(titulo: Titulo, usuario: Usuario, *, versao: int | None = None) -> Titulo:
    """Write a draft as montar() filled it, new or (`versao`: as the screen showed it) changed. Raises ChaveRepetida,
    ReferenciaRepetida, RascunhoMudou."""
    if titulo.pk is None:
        return gravar_novos([titulo], usuario)[0]
    with transaction.atomic():
        atual = registro.travado(titulo.pk)
        if not atual.editavel or atual.em_curso_id is not None:
            raise RascunhoMudou(
                f"O título está “{atual.get_situacao_display()}” e não pode mais ser alterado. Nada foi gravado."
            )
        if atual.versao != versao:
            agora = "; ".join(f"{nome}: {dito}" for nome, dito in _como_esta(atual, titulo))
            raise RascunhoMudou(
                "Outra pessoa alterou este título depois que você abriu a tela. Abaixo está o que você digitou; no "
                f"título está agora: {agora or 'o mesmo que você digitou'}. Confira e salve de novo.",
                atual.versao,
            )
        mudancas = diferencas(atual, titulo)
        if not mudancas:
            return atual
        titulo.versao = atual.versao + 1
        titulo.situacao, titulo.mensagem = Titulo.Situacao.RASCUNHO, ""
        titulo.preparar()
        _livres([titulo], usuario)
        with _conflitos([titulo], usuario):
            titulo.save()
        movimento = registro.contar(
            titulo, Movimento.Tipo.ALTERADO, usuario=usuario, valor=titulo.valor, dados={"mudancas": mudancas}
        )
        movimento.save()
    return titulo


def diferencas(antes: Titulo, depois: Titulo) -> dict[str, list[Any]]:
    """Field -> [before, after], as Movimento.dados keeps it; of lists, how many and how much."""
    velho = antes.corpo | {nome: getattr(antes, nome) for nome in _DIGITADAS} | {"empresa": antes.empresa.codigo}
    novo = depois.corpo | {nome: getattr(depois, nome) for nome in _DIGITADAS} | {"empresa": depois.empresa.codigo}
    velho["competencia"], novo["competencia"] = antes.competencia.isoformat(), depois.competencia.isoformat()
    return {
        nome: [_dito(velho.get(nome)), _dito(valor)]
        for nome, valor in novo.items()
        if (velho.get(nome) or None) != (valor or None)
    }


def _como_esta(atual: Titulo, digitado: Titulo) -> list[tuple[str, str]]:
    """(name, what is stored) of what differs from what was typed."""
    campos = dict(campos_de(Antecipacao if atual.antecipacao else TituloDoLote))
    ditos = []
    for nome, (agora, _) in diferencas(atual, digitado).items():
        if nome not in campos:
            rotulo = str(getattr(Titulo._meta.get_field(nome), "verbose_name", nome))
            dito = agora if nome == "impostos_no_pagamento" else coluna_em_palavras(atual, nome)
            ditos.append((rotulo[:1].upper() + rotulo[1:], str(dito or "em branco")))
        elif isinstance(campos[nome], Lista):
            ditos.append((campos[nome].rotulo, str(agora or "em branco")))
        else:
            ditos.append((campos[nome].rotulo, em_palavras(campos[nome], agora)))
    return ditos


def _dito(valor: Any) -> Any:
    if not isinstance(valor, list):
        return valor
    soma = sum((Decimal(item["valor"]) for item in valor if isinstance(item, Mapping) and item.get("valor")), Decimal())
    return f"{dizer_quantos(len(valor), 'linha', 'linhas')}, {format_dinheiro(soma)}"


def _livres(titulos: Sequence[Titulo], usuario: Usuario | None) -> None:
    """Raise ChaveRepetida for the first title whose key another one has, saved or among these."""
    tomadas = repetidas(titulos)
    vistas: dict[tuple[Any, str], Titulo] = {}
    for titulo in titulos:
        chave = (titulo.conta_id, titulo.chave)
        if outro := tomadas.get(chave) or vistas.get(chave):
            raise ChaveRepetida(outro if usuario is None or ve(usuario, outro) else None)
        vistas[chave] = titulo
    _barras_livres(titulos, usuario)


def barras_repetidas(titulos: Iterable[Titulo]) -> dict[str, Titulo]:
    """By bar code, the living title that has it already: of those that are not among `titulos`. A slip is paid once."""
    todos = list(titulos)
    codigos = {titulo.codigo_barras for titulo in todos} - {""}
    if not codigos:
        return {}
    donos = Titulo.objects.vivos().filter(codigo_barras__in=codigos).exclude(codigo_barras="")
    return {dono.codigo_barras: dono for dono in donos.exclude(pk__in=[titulo.pk for titulo in todos if titulo.pk])}


def dito_das_barras(qual: str) -> str:
    return f"Este código de barras já está {qual}, e uma guia ou boleto se paga uma vez só. Confira."


def _barras_livres(titulos: Sequence[Titulo], usuario: Usuario | None) -> None:
    """A slip is paid by one title. Raises BarrasRepetidas."""
    for outro in barras_repetidas(titulos).values():
        visivel = usuario is None or ve(usuario, outro)
        raise BarrasRepetidas(dito_das_barras(f"no título {outro.nome}" if visivel else "em outro título"))
    codigos = [titulo.codigo_barras for titulo in titulos if titulo.codigo_barras]
    if len(set(codigos)) < len(codigos):
        raise BarrasRepetidas("Dois destes títulos têm o mesmo código de barras, e ele se paga uma vez só. Confira.")


def valor_nas_barras(codigo: str) -> Decimal | None:
    """The amount, in reais, that the bar code of a guia carries; None for a boleto, or where it carries none."""
    lida = linha_digitavel(codigo) if codigo[:1] == "8" else None
    return lida.valor if isinstance(lida, LinhaDigitavel) else None


def ve(usuario: Usuario, titulo: Titulo) -> bool:
    """Whether a title, saved or not, exists for the user."""
    return usuario.administra or Empresa.objects.visiveis(usuario).filter(pk=titulo.empresa_id).exists()


@contextmanager
def _conflitos(titulos: Sequence[Titulo], usuario: Usuario | None) -> Iterator[None]:
    """What the database refuses of two that save at once, as what it is."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as erro:
        if "titulo_referencia_unica" in str(erro):
            raise ReferenciaRepetida(
                "A empresa já tem um título com esta referência do escritório. Use outra, ou deixe em branco."
            ) from erro
        _livres(titulos, usuario)
        raise
