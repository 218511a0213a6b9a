"""Drafts: a note written, changed and given up. Nothing here leaves the house."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction

from comum.formatos import format_dinheiro
from comum.models import Usuario
from empresas.models import Empresa, Municipio
from nfse.models import Contrato, EventoNota, Nota, NotaItem, NumeroLivre, Servico, Tomador
from nfse.services.calculo import Aliquotas, Linha, reter, totais
from nfse.services.descricao import montar_descricao
from nfse.services.exigencias import Exigencias
from nfse.services.historia import contar
from nfse.services.pedidos import linha_de

ZERO = Decimal(0)


@dataclass(frozen=True)
class DadosItem:
    """One line as typed or as a template gives it. Documents and codes unmasked, rates in percent."""

    descricao: str
    item_lc116: str
    valor_unitario: Decimal
    quantidade: Decimal = Decimal(1)
    servico_id: int | None = None
    codigo_municipal: str = ""
    codigo_nacional: str = ""
    cnae: str = ""
    nbs: str = ""
    atividade: int | None = None
    unidade: str = "Unidade"
    aliquota: Decimal | None = None
    deducao: Decimal | None = None
    desconto: Decimal = ZERO
    pis: Decimal = ZERO
    cofins: Decimal = ZERO
    csll: Decimal = ZERO
    ir: Decimal = ZERO
    inss: Decimal = ZERO


@dataclass(frozen=True)
class DadosNota:
    """A note as typed. `referencia` is the office's own name for it, which an empresa has once."""

    empresa: Empresa
    tomador: Tomador
    competencia: date
    emissao: date
    municipio_prestacao: Municipio
    itens: Sequence[DadosItem]
    iss_retido: bool = False
    observacao: str = ""
    referencia: str = ""
    contrato: Contrato | None = None
    substitui: Nota | None = None
    substituicao: Mapping[str, str] = field(default_factory=dict)
    exigencias: Exigencias = field(default_factory=Exigencias)


class NotaOcupada(Exception):
    """The note cannot be changed now; the text is pt-BR, for the screen."""


class ReferenciaRepetida(Exception):
    """The empresa already has a note under this referência."""


def item_do_servico(
    servico: Servico,
    competencia: date,
    *,
    valor: Decimal | None = None,
    quantidade: Decimal = Decimal(1),
    desconto: Decimal = ZERO,
    descricao: str = "",
) -> DadosItem:
    """A line as the template gives it, its description and withholdings made for the competência and the value."""
    unitario = valor if valor is not None else servico.valor or ZERO
    linha = reter(
        Linha(quantidade, unitario, servico.aliquota_iss, desconto=desconto),
        Aliquotas(
            pis=servico.retem_pis,
            cofins=servico.retem_cofins,
            csll=servico.retem_csll,
            ir=servico.retem_ir,
            inss=servico.retem_inss,
        ),
    )
    return DadosItem(
        descricao=montar_descricao(descricao or servico.descricao, competencia),
        item_lc116=servico.item_lc116_id,
        valor_unitario=unitario,
        quantidade=quantidade,
        servico_id=servico.pk,
        codigo_municipal=servico.codigo_municipal,
        codigo_nacional=servico.codigo_nacional,
        cnae=servico.cnae_id or "",
        nbs=servico.nbs,
        atividade=servico.atividade,
        unidade=servico.unidade,
        aliquota=servico.aliquota_iss,
        desconto=desconto,
        pis=linha.pis,
        cofins=linha.cofins,
        csll=linha.csll,
        ir=linha.ir,
        inss=linha.inss,
    )


def gravar(dados: DadosNota, usuario: Usuario, nota: Nota | None = None, *, versao: int | None = None) -> Nota:
    """Write a draft, or what a draft or a refused note became. `versao` is the one that was on the screen.

    Raises NotaOcupada when it went on or somebody else changed it meanwhile, ReferenciaRepetida.
    """
    with transaction.atomic():
        antes = _travar(nota, versao) if nota is not None else None
        atual, itens = esboco(dados, usuario, antes)
        if antes is not None:
            atual.versao += 1
        try:
            with transaction.atomic():
                atual.save()
        except IntegrityError as erro:
            raise recusa_do_banco(erro, dados.referencia) from erro
        if antes is not None:
            atual.itens.all().delete()
        NotaItem.objects.bulk_create(itens)
        contar(atual, EventoNota.Tipo.ALTERADA if antes else EventoNota.Tipo.CRIADA, usuario=usuario, texto=dita(atual))
    return atual


def esboco(dados: DadosNota, usuario: Usuario, nota: Nota | None = None) -> tuple[Nota, list[NotaItem]]:
    """The note and its lines as gravar() would write them, summed, and not saved: for the pré-voo of what is typed.
    `nota` is the stored one, which takes the values."""
    atual = nota or Nota(criada_por=usuario)
    atual.empresa, atual.tomador = dados.empresa, dados.tomador
    atual.competencia, atual.emissao = dados.competencia.replace(day=1), dados.emissao
    atual.municipio_prestacao = dados.municipio_prestacao
    atual.iss_retido, atual.observacao = dados.iss_retido, dados.observacao
    atual.referencia, atual.contrato, atual.substitui = dados.referencia, dados.contrato, dados.substitui
    atual.substituicao = dict(dados.substituicao)
    dados.exigencias.por_em(atual)
    itens = [_item(atual, ordem, linha) for ordem, linha in enumerate(dados.itens, 1)]
    somar(atual, itens)
    return atual, itens


def dita(nota: Nota) -> str:
    """The note in a few words, for its timeline."""
    return f"{nota.tomador.nome}, {format_dinheiro(nota.valor_servicos)}"


def recusa_do_banco(erro: IntegrityError, referencia: str) -> Exception:
    """What a constraint says of a draft that was being stored; any other error as it is."""
    if "nota_referencia_unica" in str(erro):
        return ReferenciaRepetida(referencia)
    if "nota_substituida_uma_vez" in str(erro):
        return NotaOcupada("Já existe outra nota que substitui esta.")
    return erro


def _travar(nota: Nota, versao: int | None) -> Nota:
    atual = Nota.objects.select_for_update(of=("self",)).select_related("empresa", "tomador").get(pk=nota.pk)
    if not atual.editavel:
        raise NotaOcupada(f"A nota está “{atual.get_situacao_display()}” e não pode mais ser alterada.")
    if versao is not None and versao != atual.versao:
        raise NotaOcupada(
            "Outra pessoa alterou esta nota enquanto você a editava. Abra-a de novo para ver o que mudou; o que você "
            "digitou continua na tela."
        )
    return atual


def _item(nota: Nota, ordem: int, linha: DadosItem) -> NotaItem:
    campos = dict(vars(linha))
    campos["item_lc116_id"] = campos.pop("item_lc116")
    return recalcular(NotaItem(nota=nota, ordem=ordem, **campos))


def recalcular(item: NotaItem) -> NotaItem:
    """Its amount and our ISS, after quantity, price, rate or deduction changed."""
    feita = linha_de(item)
    item.valor, item.iss = feita.valor, feita.iss
    return item


def somar(nota: Nota, itens: Iterable[NotaItem]) -> None:
    """The note's totals from its lines."""
    soma = totais((linha_de(item) for item in itens), iss_retido=nota.iss_retido)
    nota.valor_servicos, nota.valor_deducoes, nota.valor_descontos = soma.servicos, soma.deducoes, soma.descontos
    nota.valor_iss, nota.valor_retido, nota.valor_liquido = soma.iss, soma.retido, soma.liquido


def abandonar(nota: Nota, usuario: Usuario) -> Nota:
    """Give a draft or a refused note up: it stays in the list, and its number goes to the next one.

    Raises NotaOcupada."""
    with transaction.atomic():
        atual = _travar(nota, None)
        rotulo = atual.nome
        devolver_numero(atual)
        atual.situacao = Nota.Situacao.ABANDONADA
        atual.save()
        contar(atual, EventoNota.Tipo.ABANDONADA, usuario=usuario, texto=rotulo)
    return atual


def devolver_numero(nota: Nota) -> None:
    """Let the note's number (RPS) be taken by another; the caller saves. Only for one whose last try is known not to
    have been authorised."""
    if nota.numero is not None and nota.canal is not None:
        NumeroLivre.objects.get_or_create(canal=nota.canal, serie=nota.serie, numero=nota.numero)
    nota.numero, nota.serie = None, ""


def copiar(nota: Nota) -> tuple[DadosItem, ...]:
    """The lines of a note, for another like it (a copy, or its replacement)."""
    campos = [campo for campo in DadosItem.__dataclass_fields__ if campo != "item_lc116"]
    return tuple(
        DadosItem(item_lc116=item.item_lc116_id, **{campo: getattr(item, campo) for campo in campos})
        for item in nota.itens.all()
    )
