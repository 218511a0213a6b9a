"""Drafts: a note written, changed and given up. Nothing here leaves the house."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone

from comum.formatos import format_dinheiro
from comum.models import Usuario
from empresas.models import Empresa, Municipio
from nfse.models import (
    CanalNfse,
    Contrato,
    EventoNota,
    Nota,
    NotaItem,
    NumeroLivre,
    Servico,
    TipoCanal,
    Tomador,
)
from nfse.providers.sisgenfe import informa_iss
from nfse.services.calculo import RETENCOES, Aliquotas, Linha, dispensar, item_sem_zero, linha_sem_iss, reter, totais
from nfse.services.descricao import montar_descricao
from nfse.services.detalhes import nas_linhas
from nfse.services.exigencias import Exigencias, detalhes_no_canal, em_vigor
from nfse.services.historia import contar
from nfse.services.iss import sem_iss
from nfse.services.pedidos import linha_de
from nfse.services.regras import Rotas

ZERO = Decimal(0)
TOTAIS = ("valor_servicos", "valor_deducoes", "valor_descontos", "valor_iss", "valor_retido", "valor_liquido")


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


def aliquotas_de(servico: Servico | None) -> Aliquotas:
    """The rates withheld of a serviço; none without one."""
    if servico is None:
        return Aliquotas()
    return Aliquotas(**{nome: getattr(servico, f"retem_{nome}") for nome in RETENCOES})


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
    crua = Linha(quantidade, unitario, servico.aliquota_iss, desconto=desconto)
    (linha,) = dispensar([reter(crua, aliquotas_de(servico))])
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


def esboco(
    dados: DadosNota, usuario: Usuario, nota: Nota | None = None, *, rotas: Rotas | None = None
) -> tuple[Nota, list[NotaItem]]:
    """The note and its lines as gravar() would write them, summed, and not saved: for the pré-voo of what is typed.
    `nota` is the stored one, which takes the values; `rotas` those of its empresa, read where not given."""
    atual = nota or Nota(criada_por=usuario)
    atual.empresa, atual.tomador = dados.empresa, dados.tomador
    atual.competencia, atual.emissao = dados.competencia.replace(day=1), dados.emissao
    atual.municipio_prestacao = dados.municipio_prestacao
    atual.iss_retido, atual.observacao = dados.iss_retido, dados.observacao
    atual.referencia, atual.contrato, atual.substitui = dados.referencia, dados.contrato, dados.substitui
    atual.substituicao = dict(dados.substituicao)
    dados.exigencias.por_em(atual)
    itens = [_item(atual, ordem, linha) for ordem, linha in enumerate(dados.itens, 1)]
    rotas = rotas or Rotas([dados.empresa])
    mes = atual.competencia
    calcular(atual, itens, rotas.rota(dados.empresa, mes).canal, rotas.regime(dados.empresa, mes))
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
            f"Esta nota foi alterada em outra tela enquanto você a editava{_por_quem(atual)}. Abra-a noutra aba para "
            "ver o que mudou; o que você digitou continua aqui."
        )
    return atual


def _por_quem(nota: Nota) -> str:
    ultimo = nota.eventos.filter(usuario__isnull=False).select_related("usuario").order_by("-em", "-pk").first()
    if ultimo is None or ultimo.usuario is None:
        return ""
    quem = ultimo.usuario.get_full_name() or ultimo.usuario.get_username()
    return f", por {quem}, às {timezone.localtime(ultimo.em):%H:%M}"


def _item(nota: Nota, ordem: int, linha: DadosItem) -> NotaItem:
    campos = dict(vars(linha))
    campos["item_lc116_id"] = campos.pop("item_lc116")
    return NotaItem(nota=nota, ordem=ordem, **campos)


def calcular(nota: Nota, itens: Sequence[NotaItem], canal: CanalNfse | None, regime: str) -> None:
    """The amounts of the lines and the note's totals, after anything they come from changed. Where the channel decides
    the ISS by itself, a rate of ours is taken away: it would be shown, summed and never sent. Where the note has no ISS
    (services.iss), the rate stays for when it has, and gives nothing. `regime` of the empresa on the competência."""
    nenhum = canal is not None and sem_iss(
        em_vigor("exigibilidade", nota, canal), canal, regime, retido=nota.iss_retido
    )
    for item in itens:
        if canal is not None and canal.tipo == TipoCanal.SISGENFE:
            _sem_o_que_o_municipio_decide(item, iss_retido=nota.iss_retido)
    detalhes = detalhes_no_canal(nota, canal)
    linhas = nas_linhas([linha_sem_iss(linha_de(item)) if nenhum else linha_de(item) for item in itens], detalhes)
    for item, feita in zip(itens, linhas, strict=True):
        item.valor, item.iss = feita.valor, feita.iss
    soma = totais(linhas, iss_retido=nota.iss_retido, condicionado=detalhes.desconto_condicionado or ZERO)
    nota.valor_servicos, nota.valor_deducoes, nota.valor_descontos = soma.servicos, soma.deducoes, soma.descontos
    nota.valor_iss, nota.valor_retido, nota.valor_liquido = soma.iss, soma.retido, soma.liquido


def _sem_o_que_o_municipio_decide(item: NotaItem, *, iss_retido: bool) -> None:
    if not informa_iss(item_sem_zero(item.item_lc116_id), iss_retido=iss_retido):
        item.aliquota = item.deducao = None


def abandonar(nota: Nota, usuario: Usuario) -> Nota:
    """Give a draft or a refused note up: it stays in the list, and its number goes to the next one.

    Raises NotaOcupada."""
    with transaction.atomic():
        atual = _travar(nota, None)
        abandonar_travadas([atual], usuario)
    return atual


def abandonar_travadas(notas: Sequence[Nota], usuario: Usuario) -> None:
    """The same of many at once, which the caller has locked and found editable. `notas` with canal and tomador."""
    nomes, agora = [nota.nome for nota in notas], timezone.now()
    devolver_numeros(notas)
    for nota in notas:
        nota.situacao, nota.alterada_em = Nota.Situacao.ABANDONADA, agora
        nota.preparar()
    Nota.objects.bulk_update(notas, ["situacao", "numero", "serie", "busca", "alterada_em"], batch_size=500)
    EventoNota.objects.bulk_create(
        EventoNota(nota=nota, tipo=EventoNota.Tipo.ABANDONADA, usuario=usuario, texto=nome)
        for nota, nome in zip(notas, nomes, strict=True)
    )


def devolver_numeros(notas: Iterable[Nota]) -> None:
    """Let the notes' numbers (RPS) be taken by others; the caller saves. Only for those whose last try is known not to
    have been authorised."""
    todas = list(notas)
    livres = [
        NumeroLivre(canal=nota.canal, serie=nota.serie, numero=nota.numero)
        for nota in todas
        if nota.numero is not None and nota.canal is not None
    ]
    NumeroLivre.objects.bulk_create(livres, ignore_conflicts=True)
    for nota in todas:
        nota.numero, nota.serie = None, ""


def copiar(nota: Nota) -> tuple[DadosItem, ...]:
    """The lines of a note, for another like it (a copy, or its replacement)."""
    campos = [campo for campo in DadosItem.__dataclass_fields__ if campo != "item_lc116"]
    return tuple(
        DadosItem(item_lc116=item.item_lc116_id, **{campo: getattr(item, campo) for campo in campos})
        for item in nota.itens.all()
    )
