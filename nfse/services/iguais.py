"""One correction applied to many notes that have the same problem: what it would do, and the doing of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from comum.auditoria import registrar
from comum.formatos import contar
from comum.models import Usuario
from nfse.models import EventoNota, Nota, NotaItem
from nfse.services.correcoes import CAMPOS, Campo, alvos
from nfse.services.emissao import OCUPADAS, ForaNota, Prevoo, com_tudo, prevoo
from nfse.services.notas import TOTAIS, calcular
from nfse.services.validacao import Contexto, Problema, problemas

_LOTE = 500
_DA_NOTA = ("emissao", "competencia", "iss_retido", "observacao", "detalhes")
_COLUNA = {
    "limpar": "observacao",
    "pis_cofins_situacao": "detalhes",
}  # of Nota, where the field is no column of its own


def com_o_problema(notas: Iterable[int], codigo: str) -> list[Nota]:
    """Of these notes, those that the pré-voo would leave out for this, whatever else is wrong with them."""
    todas = com_tudo(notas)
    previa = prevoo(todas)
    com_ele = {item.nota.pk for item in previa.fora if any(achado.codigo == codigo for achado in item.problemas)}
    return [nota for nota in todas if nota.pk in com_ele]


@dataclass(frozen=True)
class Efeito:
    """What a correction would do. `mudam` as they would be; `fora`, why others cannot take it; `previa` is the pré-voo
    of all of them after it."""

    mudam: list[Nota]
    fora: list[ForaNota]
    previa: Prevoo


def efeito(notas: Iterable[int], campo: str, valor: Any, *, codigo: str = "") -> Efeito:
    """Nothing is written. `codigo` is the problem that makes them equal: the correction goes to the lines that have
    it."""
    atuais = com_tudo(notas)
    contexto = Contexto({nota.empresa_id: nota.empresa for nota in atuais}.values())
    mudam, fora = _corrigir(atuais, CAMPOS[campo], valor, codigo, contexto)
    return Efeito(mudam, fora, prevoo(atuais, contexto))


def aplicar_as_iguais(
    notas: Iterable[Nota], campo: str, valor: Any, usuario: Usuario, *, codigo: str = ""
) -> tuple[list[Nota], list[ForaNota]]:
    """Write one correction (CAMPOS[campo].valor() reads it) into all these notes, each with its event, and one audit
    row. Returns those that changed, and why others could not; who has the value already is in neither, so that a second
    click finds nothing to do."""
    pks = [nota.pk for nota in notas]
    with transaction.atomic():
        list(Nota.objects.select_for_update().filter(pk__in=pks).order_by("pk").values_list("pk"))
        atuais = com_tudo(pks)
        contexto = Contexto({nota.empresa_id: nota.empresa for nota in atuais}.values())
        mudadas, fora = _corrigir(atuais, CAMPOS[campo], valor, codigo, contexto)
        if mudadas:
            _gravar(mudadas, CAMPOS[campo], valor, usuario)
    return mudadas, fora


def _corrigir(
    notas: Sequence[Nota], campo: Campo, valor: Any, codigo: str, contexto: Contexto
) -> tuple[list[Nota], list[ForaNota]]:
    """In memory. The lines are those that com_tudo() read along."""
    mudadas, fora = [], []
    for nota in notas:
        itens = list(nota.itens.all())
        if not nota.editavel:
            ocupada = Problema("", f"situacao-{nota.situacao}", OCUPADAS[Nota.Situacao(nota.situacao)])
            fora.append(ForaNota(nota, [ocupada]))
            continue
        antes = _retrato(nota, itens)
        quais = alvos(problemas(nota, itens, contexto), codigo, itens) if codigo and campo.colunas else itens
        if motivo := campo.mudar(nota, quais, valor, contexto):
            fora.append(ForaNota(nota, [Problema("", "nao-serve", motivo)]))
            continue
        rotas, mes = contexto.rotas, nota.competencia
        calcular(nota, itens, rotas.rota(nota.empresa, mes).canal, rotas.regime(nota.empresa, mes))
        if _retrato(nota, itens) != antes:
            mudadas.append(nota)
    return mudadas, fora


def _retrato(nota: Nota, itens: Sequence[NotaItem]) -> list[object]:
    colunas = {coluna for campo in CAMPOS.values() for coluna in campo.colunas}
    da_nota: list[object] = [getattr(nota, coluna) for coluna in _DA_NOTA]
    return da_nota + [getattr(item, _atributo(coluna)) for item in itens for coluna in sorted(colunas)]


def _atributo(coluna: str) -> str:
    return "item_lc116_id" if coluna == "item_lc116" else coluna


def _gravar(notas: Sequence[Nota], campo: Campo, valor: Any, usuario: Usuario) -> None:
    coluna = _COLUNA.get(campo.nome, campo.nome)
    da_nota = [coluna] if coluna in _DA_NOTA else []
    Nota.objects.bulk_update(notas, [*da_nota, *TOTAIS], batch_size=_LOTE)
    pks = [nota.pk for nota in notas]
    Nota.objects.filter(pk__in=pks).update(versao=F("versao") + 1, alterada_em=timezone.now())
    itens = [item for nota in notas for item in nota.itens.all()]
    colunas = {*campo.colunas, "aliquota", "deducao", "valor", "iss"}  # what the channel decides changes along
    NotaItem.objects.bulk_update(itens, sorted(colunas), batch_size=_LOTE)
    quantas = contar(len(notas), "nota igual", "notas iguais")
    texto = f"{campo.rotulo}: {campo.dizer(valor)} (aplicada a {quantas})"
    EventoNota.objects.bulk_create(
        (EventoNota(nota=nota, tipo=EventoNota.Tipo.ALTERADA, usuario=usuario, texto=texto) for nota in notas),
        batch_size=_LOTE,
    )
    registrar(
        usuario=usuario,
        acao="nfse.aplicar_as_iguais",
        resumo=f"{campo.rotulo}: {campo.dizer(valor)[:80]}, em {quantas}",
        dados={"campo": campo.nome, "valor": campo.dizer(valor), "notas": pks},
    )
