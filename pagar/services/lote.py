"""The same thing done to many titles: give up, write the bar code. Each says what goes, and why the rest stays."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from comum.auditoria import registrar
from comum.formatos import contar
from comum.models import Usuario
from operacoes.models import Operacao, Processamento
from operacoes.processamentos.criacao import DeFora, criar
from pagar.models import Titulo
from pagar.services import acesso, atos, notas, registro


@dataclass(frozen=True)
class TituloDeFora:
    """A title that stays as it is. `codigo` groups the same thing said of many; `motivo` is pt-BR."""

    titulo: Titulo
    codigo: str
    motivo: str


@dataclass
class Separados:
    """Of the marked titles, those that go and those that stay."""

    vao: list[Titulo] = field(default_factory=list)
    fora: list[TituloDeFora] = field(default_factory=list)

    @property
    def marca(self) -> str:
        """Changes when what would be done does."""
        partes = "\n".join(f"{titulo.pk}:{titulo.versao}" for titulo in self.vao)
        return hashlib.sha256(partes.encode()).hexdigest()[:24]

    @property
    def motivos(self) -> list[tuple[str, Sequence[TituloDeFora]]]:
        """Those that stay, by why, the most frequent first."""
        grupos: dict[str, list[TituloDeFora]] = defaultdict(list)
        for item in self.fora:
            grupos[item.codigo].append(item)
        return [(itens[0].motivo, itens) for itens in sorted(grupos.values(), key=lambda itens: -len(itens))]


def _separar(titulos: Iterable[Titulo], por_que_nao: Callable[[Titulo], tuple[str, str]]) -> Separados:
    separados = Separados()
    for titulo in titulos:
        codigo, motivo = por_que_nao(titulo)
        if motivo:
            separados.fora.append(TituloDeFora(titulo, codigo, motivo))
        else:
            separados.vao.append(titulo)
    return separados


# -- give up -----------------------------------------------------------------------------------------------------------


def por_que_nao_abandonar(titulo: Titulo) -> str:
    if titulo.editavel:
        return ""
    if titulo.situacao == Titulo.Situacao.ENVIANDO:
        return "Está a caminho do ERP. Espere a resposta."
    if titulo.situacao == Titulo.Situacao.ABANDONADO:
        return "Já está abandonado."
    return "Já chegou ao ERP: só se abandona o que não chegou. Cancele ou estorne o título."


def abandonar(pks: Iterable[int], usuario: Usuario) -> Separados:
    """Give up the drafts and refused ones among these; their keys and origins are free again."""

    def por_que_nao(titulo: Titulo) -> tuple[str, str]:
        motivo = por_que_nao_abandonar(titulo)
        return motivo, motivo

    with transaction.atomic():
        separados = _separar(registro.travados(pks), por_que_nao)
        notas.abandonar(separados.vao, usuario=usuario)
        if separados.vao:
            registrar(
                usuario=usuario,
                acao="pagar.abandonar",
                resumo=f"{contar(len(separados.vao), 'título abandonado', 'títulos abandonados')}",
                dados={"titulos": [titulo.pk for titulo in separados.vao]},
            )
    return separados


# -- bar codes ---------------------------------------------------------------------------------------------------------


def por_que_nao_gravar_barras(titulo: Titulo) -> str:
    """What keeps the bar code from being asked for now, in pt-BR; empty when nothing does."""
    if titulo.barras == Titulo.Barras.SEM:
        return "Não tem código de barras. Informe-o em Editar, antes do envio, ou em Atualizar, depois."
    if titulo.barras == Titulo.Barras.GRAVADO:
        return "O código de barras já está gravado no ERP."
    return atos.por_que_nao_atualizar(titulo)


def gravar_barras(pks: Iterable[int], usuario: Usuario) -> tuple[Processamento | None, Separados]:
    """Ask the ERP for the bar codes that are pending among these, as one run; None when there is none to ask for."""
    impedimentos: dict[Any, str] = {}

    def por_que_nao(titulo: Titulo) -> tuple[str, str]:
        if motivo := por_que_nao_gravar_barras(titulo):
            return f"{titulo.barras}-{titulo.situacao}-{titulo.em_curso_id is not None}", motivo
        if titulo.conta_id not in impedimentos:
            impedimentos[titulo.conta_id] = acesso.impedimento_de(titulo.conta)
        return "conta", impedimentos[titulo.conta_id]

    with transaction.atomic():
        separados = _separar(registro.travados(pks), por_que_nao)
        if not separados.vao:
            return None, separados
        competencias = {titulo.competencia for titulo in separados.vao}
        quantos = contar(len(separados.vao), "código de barras", "códigos de barras")
        run = criar(
            tipo=atos.ATUALIZAR,
            titulo=f"Gravar {quantos}",
            usuario=usuario,
            competencia=competencias.pop() if len(competencias) == 1 else None,
            novas=[],
            fora=[
                DeFora(item.titulo.empresa_id, item.codigo, f"{item.titulo.nome}: {item.motivo}", item.motivo)
                for item in separados.fora
            ],
            parametros={"titulos": [titulo.pk for titulo in separados.vao], "marca": separados.marca},
        )
        grupos: dict[tuple[Any, str, str], list[Titulo]] = defaultdict(list)
        for titulo in separados.vao:
            grupos[titulo.conta_id, titulo.empresa_erp, titulo.estabelecimento].append(titulo)
        for titulos in grupos.values():
            atos.gravar_barras(titulos, usuario, run)
    return run, separados


def ja_em_curso(separados: Separados) -> Processamento | None:
    """The run that is writing all of these bar codes already: a second click."""
    pedidos = {pk for item in separados.fora if (pk := item.titulo.em_curso_id) is not None}
    if not pedidos or any(item.titulo.em_curso_id is None for item in separados.fora):
        return None
    runs = set(Operacao.objects.filter(pk__in=pedidos).values_list("processamento", flat=True))
    pk = runs.pop() if len(runs) == 1 else None
    return None if pk is None else Processamento.objects.filter(pk=pk, tipo=atos.ATUALIZAR).first()
