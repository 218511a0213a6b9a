"""Notes of the rehearsal: drafts, what emitting them submits, and notes that were issued before anything goes wrong."""

import time
from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import cycle

from django.db import transaction

from empresas.calendario import somar_meses
from empresas.models import Empresa, Municipio
from nfse.ensaio.prestadores import CODIGO_NACIONAL, LC116, MUNICIPIO, atividade, canais, cnpj, responder
from nfse.models import CanalNfse, Nota, NotaItem, TipoCanal, Tomador
from nfse.services.calculo import totais
from nfse.services.emissao import com_tudo, nova_operacao, numerar, prevoo
from nfse.services.notas import abandonar
from nfse.services.pedidos import linha_de
from nfse.services.validacao import Contexto
from operacoes.ensaio import Palco
from operacoes.models import A_TRABALHAR, Balde, Operacao
from operacoes.motor import NovaOperacao, execucao, submeter

_LOTE = 500
_ESPERA_S = 120.0


def rascunhos(palco: Palco, seus: Sequence[CanalNfse], quantas: int, tomadores: Sequence[str] = ()) -> list[Nota]:
    """Drafts by these channels in turn, each to a taker of its own, or to these CNPJ in turn; half of the month before,
    half with a remark."""
    lugar, mes = Municipio.objects.get(pk=MUNICIPIO), palco.hoje.replace(day=1)
    notas, itens = [], []
    for n, canal in zip(range(quantas), cycle(seus), strict=False):
        item = NotaItem(
            descricao="Consultoria do mês",
            item_lc116_id=LC116,
            codigo_nacional=CODIGO_NACIONAL if canal.tipo == TipoCanal.NACIONAL else "",
            atividade=atividade(palco, canal).id if canal.tipo == TipoCanal.SISGENFE else None,
            valor_unitario=Decimal(palco.sorteio.randrange(10_000, 900_000)) / 100,
        )
        linha = linha_de(item)
        item.valor, item.iss = linha.valor, linha.iss
        soma = totais([linha], iss_retido=False)
        nota = Nota(
            empresa=canal.empresa,
            tomador=_tomador(palco, canal.empresa, lugar, tomadores[n % len(tomadores)] if tomadores else ""),
            competencia=mes if n % 2 else somar_meses(mes, -1),
            emissao=palco.hoje,
            municipio_prestacao=lugar,
            marca=f"G{palco.sorteio.getrandbits(60):015X}",
            observacao=f"Contrato {n}" if n % 4 > 1 else "",
            valor_servicos=soma.servicos,
            valor_liquido=soma.liquido,
            criada_por=palco.usuario,
        )
        nota.preparar()
        notas.append(nota)
        itens.append(item)
    Tomador.objects.bulk_create([nota.tomador for nota in notas], batch_size=_LOTE)
    for nota in notas:
        nota.tomador_id = nota.tomador.pk
    Nota.objects.bulk_create(notas, batch_size=_LOTE)
    for nota, item in zip(notas, itens, strict=True):
        item.nota = nota
    NotaItem.objects.bulk_create(itens, batch_size=_LOTE)
    return notas


def _tomador(palco: Palco, empresa: Empresa, municipio: Municipio, documento: str) -> Tomador:
    numero = next(palco.numeros)
    tomador = Tomador(
        empresa=empresa,
        documento=documento or cnpj(numero),
        nome=f"Tomador {numero:05d} SA",
        logradouro="Rua do Sol",
        numero="100",
        bairro="Centro",
        cep="55560000",
        municipio=municipio,
    )
    tomador.preparar()
    return tomador


def emitidas(palco: Palco, tipo: TipoCanal, quantas: int, tomadores: Sequence[str] = ()) -> list[Nota]:
    """Notes issued through the engine while nothing goes wrong, by towns that authorise at once."""
    seus = canais(palco, tipo, quantas)
    if tipo == TipoCanal.INTEGRANOTAS:
        responder(palco, seus, na_hora=True)
    notas = rascunhos(palco, seus, quantas, tomadores)
    feitas = submeter(intencoes(notas), usuario=palco.usuario).criadas
    baldes = {operacao.balde for operacao in feitas}
    Balde.objects.filter(nome__in=baldes).update(intervalo=timedelta(milliseconds=1))  # until the next submission
    limite = time.monotonic() + _ESPERA_S
    abertas = Operacao.objects.filter(pk__in=[operacao.pk for operacao in feitas], situacao__in=A_TRABALHAR)
    while por_fazer := sorted(set(abertas.values_list("balde", flat=True))):
        for balde in por_fazer:
            execucao.drenar(balde)
        if time.monotonic() > limite:
            raise RuntimeError(f"{abertas.count()} notes were not issued beforehand")
    if tipo == TipoCanal.INTEGRANOTAS:
        responder(palco, seus, na_hora=False)
    prontas = Nota.objects.filter(pk__in=[nota.pk for nota in notas], situacao=Nota.Situacao.AUTORIZADA)
    return list(prontas.select_related("canal", "empresa").order_by("pk"))


def canal_de(nota: Nota) -> CanalNfse:
    if nota.canal is None:
        raise LookupError(f"{nota} has no channel yet")
    return nota.canal


def intencoes(notas: Iterable[Nota]) -> list[NovaOperacao]:
    """What emitting these drafts submits, numbered. Raises RuntimeError when one could not go."""
    todas = com_tudo(nota.pk for nota in notas)
    contexto = Contexto({nota.empresa_id: nota.empresa for nota in todas}.values())
    if fora := prevoo(todas, contexto).fora:
        raise RuntimeError(f"{len(fora)} notes cannot be issued: {fora[0].motivo}")
    with transaction.atomic():
        numerar(todas, contexto)
        return [nova_operacao(nota, contexto) for nota in todas]


def devolver_numeros(palco: Palco, seus: Sequence[CanalNfse]) -> None:
    """One note of each channel was numbered and given up: the next one takes its number."""
    notas = rascunhos(palco, seus, len(seus))
    intencoes(notas)
    for nota in Nota.objects.filter(pk__in=[nota.pk for nota in notas]):
        abandonar(nota, palco.usuario)
