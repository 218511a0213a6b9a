"""The same thing done to many notes: give up, look again, cancel. Each says what goes, and why the rest stays."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import transaction

from comum.formatos import contar, format_dinheiro
from comum.models import Usuario
from nfse.models import Cancelamento, Nota, TipoCanal
from nfse.services import acoes
from nfse.services.notas import abandonar_travadas
from operacoes.models import Operacao, Processamento
from operacoes.motor import NovaOperacao
from operacoes.processamentos.criacao import DeFora, criar

CANCELAR, ANALISAR, RELER = "nfse.cancelar", "nfse.analisar", "nfse.reler"
_SO_COM_ANALISE = "so-com-analise"  # of NotaDeFora


@dataclass(frozen=True)
class NotaDeFora:
    """A note that stays as it is. `codigo` groups the same thing said of many; `motivo` is pt-BR."""

    nota: Nota
    codigo: str
    motivo: str


@dataclass
class Separadas:
    """Of the marked notes, those that go and those that stay."""

    vao: list[Nota] = field(default_factory=list)
    fora: list[NotaDeFora] = field(default_factory=list)

    @property
    def valor(self) -> Decimal:
        return sum((nota.valor_servicos for nota in self.vao), Decimal(0))

    @property
    def marca(self) -> str:
        """Changes when what would be done does; the confirmation carries it."""
        partes = "\n".join(f"{nota.pk}:{nota.situacao}" for nota in self.vao)
        return hashlib.sha256(partes.encode()).hexdigest()[:24]

    @property
    def so_com_analise(self) -> bool:
        """Whether some stay because only the município can still cancel them."""
        return any(item.codigo == _SO_COM_ANALISE for item in self.fora)

    @property
    def motivos(self) -> list[tuple[str, list[NotaDeFora]]]:
        """Those that stay, by why, the most frequent first."""
        grupos: dict[str, list[NotaDeFora]] = {}
        for item in self.fora:
            grupos.setdefault(item.codigo, []).append(item)
        return [(itens[0].motivo, itens) for itens in sorted(grupos.values(), key=lambda itens: -len(itens))]


class MudouLote(Exception):
    """Between what was shown and the confirmation something changed, and nothing was done. Carries how it is now."""

    def __init__(self, separadas: Separadas) -> None:
        super().__init__("changed")
        self.separadas = separadas


def _separar(notas: Iterable[Nota], motivo: Callable[[Nota], str], *, codigo: str = "") -> Separadas:
    """`codigo` groups what stays for the same reason, whatever its situação."""
    separadas = Separadas()
    for nota in notas:
        if dito := motivo(nota):
            separadas.fora.append(NotaDeFora(nota, codigo or f"situacao-{nota.situacao}", dito))
        else:
            separadas.vao.append(nota)
    return separadas


def _ler(pks: Iterable[int], *, travar: bool = False) -> list[Nota]:
    com = Nota.objects.select_related("empresa", "tomador", "canal").prefetch_related(
        "cancelamentos__operacao", "substitutas"
    )
    notas = com.filter(pk__in=list(pks)).order_by("pk")
    return list(notas.select_for_update(of=("self",)) if travar else notas)


# -- give up ---------------------------------------------------------------------------------------------------------


def _por_que_nao_abandonar(nota: Nota) -> str:
    if nota.editavel:
        return ""
    return f"A nota {nota.nome} está “{nota.get_situacao_display()}”: só se abandonam rascunhos e notas recusadas."


def abandonar_varias(pks: Iterable[int], usuario: Usuario) -> Separadas:
    """Give up the drafts and refused ones among these; their numbers go to the next notes."""
    with transaction.atomic():
        separadas = _separar(_ler(pks, travar=True), _por_que_nao_abandonar)
        abandonar_travadas(separadas.vao, usuario)
    return separadas


# -- look again ------------------------------------------------------------------------------------------------------


def reler_varias(pks: Iterable[int], usuario: Usuario) -> tuple[Processamento | None, Separadas]:
    """Ask the services how these notes stand, as one run; None when there is none to ask about."""
    separadas = _separar(_ler(pks), acoes.por_que_nao_reler)
    if not separadas.vao:
        return None, separadas
    novas = [acoes.nova_leitura(nota) for nota in separadas.vao]
    titulo = f"Reler {contar(len(novas), 'nota', 'notas')}"
    return _criar(RELER, titulo, usuario, separadas, novas), separadas


# -- cancel ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class GrupoDoCanal:
    """Notes of channels with the same rules. `chave` names the group in the form."""

    chave: str
    nome: str
    regras: acoes.Regras
    codigos: Mapping[str, str]
    notas: Sequence[Nota]

    @property
    def valor(self) -> Decimal:
        return sum((nota.valor_servicos for nota in self.notas), Decimal(0))


def cancelaveis(pks: Iterable[int]) -> Separadas:
    """Of these notes, those whose cancellation can be asked for now."""
    return _separar_cancelaveis(_ler(pks))


def analisaveis(pks: Iterable[int]) -> Separadas:
    """Of these notes, those that only the município can still cancel: their cancellation was refused for its time limit
    or its amount."""
    return _separar_analisaveis(_ler(pks))


def _separar_cancelaveis(notas: Iterable[Nota]) -> Separadas:
    separadas = _separar(notas, _por_que_nao_cancelar)
    com_analise = _separar(separadas.vao, _por_que_so_com_analise, codigo=_SO_COM_ANALISE)
    return Separadas(com_analise.vao, [*separadas.fora, *com_analise.fora])


def _separar_analisaveis(notas: Iterable[Nota]) -> Separadas:
    separadas = _separar(notas, _por_que_nao_cancelar)
    pedem = _separar(separadas.vao, _por_que_nao_analisar, codigo="cancela-sem-analise")
    return Separadas(pedem.vao, [*separadas.fora, *pedem.fora])


def _por_que_nao_cancelar(nota: Nota) -> str:
    return acoes.por_que_nao_cancelar(nota, nota.cancelamentos.all())


def _por_que_so_com_analise(nota: Nota) -> str:
    if not acoes.pede_analise(nota):
        return ""
    return (
        "A NFS-e Nacional recusou o cancelamento por passar do prazo ou do valor do município. Peça a análise dele, "
        "que decide depois."
    )


def _por_que_nao_analisar(nota: Nota) -> str:
    if acoes.pede_analise(nota):
        return ""
    return (
        "A análise do município é para quando a NFS-e Nacional recusa o cancelamento por prazo ou valor. Use Cancelar."
    )


def por_canal(notas: Iterable[Nota]) -> list[GrupoDoCanal]:
    """The notes by the rules under which they are cancelled. A note without a channel is in none."""
    grupos: dict[tuple[str, bool], list[Nota]] = {}
    for nota in notas:
        if nota.canal is not None:
            nacional = nota.canal.tipo == TipoCanal.INTEGRANOTAS and nota.canal.versao_emissao == 2
            grupos.setdefault((nota.canal.tipo, nacional), []).append(nota)
    return [
        GrupoDoCanal(
            chave=f"{tipo}{'-nacional' if nacional else ''}",
            nome=f"{TipoCanal(tipo).label}{', padrão nacional' if nacional else ''}",
            regras=acoes.regras_de(suas[0]),
            codigos=acoes.codigos_de(suas[0]),
            notas=suas,
        )
        for (tipo, nacional), suas in grupos.items()
    ]


def limites_do_motivo(grupos: Sequence[GrupoDoCanal]) -> tuple[int, int]:
    """The fewest and the most characters of a reason that all of them take."""
    return (
        max((grupo.regras.motivo_minimo for grupo in grupos), default=1),
        min((grupo.regras.motivo_maximo for grupo in grupos), default=255),
    )


def cancelar_varias(
    pks: Iterable[int], codigos: Mapping[str, str], motivo: str, usuario: Usuario, *, marca: str, analise: bool = False
) -> Processamento:
    """Ask for the cancellation of the notes that were shown, as one run; with `analise`, ask their municípios for it.
    `codigos` is the reason's code by the `chave` of por_canal().

    Raises MudouLote when it is no longer the same (a second click finds the requests made), PedidoInvalido (the code's
    `campo` is "codigo-" and the group's chave).
    """
    motivo = " ".join(motivo.split())
    tipo, verbo, o_que = (ANALISAR, "analisar", "Pedir análise de") if analise else (CANCELAR, "cancelar", "Cancelar")
    with transaction.atomic():
        travadas = _ler(pks, travar=True)
        separadas = _separar_analisaveis(travadas) if analise else _separar_cancelaveis(travadas)
        if not separadas.vao or separadas.marca != marca:
            raise MudouLote(separadas)
        pedidos = []
        for grupo in por_canal(separadas.vao):
            codigo = codigos.get(grupo.chave, "")
            _conferir_motivo(grupo, codigo, motivo)
            pedidos += [
                Cancelamento(nota=nota, codigo=codigo, motivo=motivo, pedido_por=usuario) for nota in grupo.notas
            ]
        Cancelamento.objects.bulk_create(pedidos)
        novas = {
            um.pk: acoes.novo_cancelamento(um.nota, um, len(um.nota.cancelamentos.all()) + 1, verbo) for um in pedidos
        }
        titulo = f"{o_que} {contar(len(novas), 'nota', 'notas')}"
        run = _criar(tipo, titulo, usuario, separadas, list(novas.values()))
        operacoes = {operacao.chave: operacao for operacao in Operacao.objects.filter(processamento=run)}
        for um in pedidos:
            um.operacao = operacoes.get(novas[um.pk].chave)
        Cancelamento.objects.bulk_update(pedidos, ["operacao"], batch_size=500)
    return run


def _conferir_motivo(grupo: GrupoDoCanal, codigo: str, motivo: str) -> None:
    try:
        acoes.conferir_motivo(grupo.notas[0], codigo, motivo)
    except acoes.PedidoInvalido as erro:
        campo = f"codigo-{grupo.chave}" if erro.campo == "codigo" else erro.campo
        raise acoes.PedidoInvalido(campo, str(erro)) from erro


def _criar(
    tipo: str, titulo: str, usuario: Usuario, separadas: Separadas, novas: Sequence[NovaOperacao]
) -> Processamento:
    competencias = {nota.competencia for nota in separadas.vao}
    return criar(
        tipo=tipo,
        titulo=titulo,
        usuario=usuario,
        competencia=competencias.pop() if len(competencias) == 1 else None,
        novas=novas,
        fora=[DeFora(item.nota.empresa_id, item.codigo, item.motivo) for item in separadas.fora],
        parametros={"marca": separadas.marca},
    )


def rotulo_do_cancelamento(separadas: Separadas, *, analise: bool = False) -> str:
    """The words of the button."""
    o_que = "Pedir análise de" if analise else "Cancelar"
    return f"{o_que} {contar(len(separadas.vao), 'nota', 'notas')} · {format_dinheiro(separadas.valor)}"
