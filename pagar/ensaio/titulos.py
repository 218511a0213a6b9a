"""Accounts at the simulated ERP and titles of the rehearsal: drafts, and titles that it took before anything goes
wrong."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import cycle

from django.conf import settings
from django.db import transaction
from stdnum.br import cnpj as stdnum_cnpj

from comum import segredos
from empresas.models import Empresa, Municipio, Regime, RegimeEmpresa
from operacoes.ensaio import Palco
from operacoes.models import A_TRABALHAR, Balde, Operacao
from operacoes.motor import NovaOperacao, execucao, submeter
from pagar.models import ContaErp, Fornecedor, Titulo
from pagar.providers.blocos import Imposto, Rateio
from pagar.providers.datasul import CODIGOS_DO_SIMULADOR
from pagar.providers.interface import Antecipacao
from pagar.providers.interface import Titulo as TituloDoLote
from pagar.providers.pedidos import guardar
from pagar.services.implantacao import novas_operacoes

EMPRESA, PORTADOR, MUNICIPIO = "001", "90000", "3550308"
FORNECEDOR, RECEITA, DESCONHECIDO = 95, 12704, 77_777
BARRAS = "85600000000153410064328703000300000000000000"
_CONTAS = 4  # that a paused access does not stop everything
_POR_SEGUNDO = 500
_ESPERA_S = 120.0


def contas(palco: Palco) -> list[ContaErp]:
    """The accounts of the run, each of an establishment of its own."""
    feitas: list[ContaErp] = palco.guardado.setdefault("contas do erp", [])
    if not feitas:
        estabelecimentos = {str(100 + n): EMPRESA for n in range(_CONTAS)}
        palco.controle("totvs/cadastros", {"estabelecimentos": estabelecimentos})
        feitas += [_conta(palco, estabelecimento) for estabelecimento in estabelecimentos]
    return feitas


def _conta(palco: Palco, estabelecimento: str) -> ContaErp:
    acesso = palco.controle("totvs/demonstracao", None)
    conta = ContaErp(
        codigo=int(estabelecimento),
        nome=f"Ensaio {estabelecimento}",
        base=f"https://127.0.0.1:{settings.SANDBOX_PORTA_TLS}/totvs",
        usuario=acesso["usuario"],
        empresa=EMPRESA,
        estabelecimento=estabelecimento,
        portador=PORTADOR,
        codigos=dict(CODIGOS_DO_SIMULADOR),
        por_segundo=_POR_SEGUNDO,
    )
    segredos.selar(conta, "senha", acesso["senha"])
    conta.save(force_insert=True)
    for codigo in (FORNECEDOR, RECEITA, DESCONHECIDO):
        Fornecedor.objects.create(conta=conta, codigo=codigo, nome=f"Fornecedor {codigo}")
    numero = next(palco.numeros)
    doze = f"82{numero:06d}0001"
    empresa = Empresa.objects.create(
        codigo=f"P{numero}",
        documento=doze + stdnum_cnpj.calc_check_digits(doze),
        razao_social=f"Ensaio de títulos {numero:05d} Ltda",
        regime=Regime.PRESUMIDO,
        municipio=Municipio.objects.get(pk=MUNICIPIO),
    )
    RegimeEmpresa.objects.create(empresa=empresa, regime=Regime.PRESUMIDO, desde=palco.hoje - timedelta(days=400))
    palco.guardado[f"empresa de {conta.pk}"] = empresa
    return conta


def rascunhos(palco: Palco, quantos: int, *, barras: bool = False, na_conta: ContaErp | None = None) -> list[Titulo]:
    """Drafts of the accounts in turn; every fifth has a tax withheld with it."""
    donas = [na_conta] if na_conta else contas(palco)
    return [
        _gravar(palco, conta, _corpo(palco, com_imposto=n % 5 == 4), barras=barras)
        for n, conta in zip(range(quantos), cycle(donas), strict=False)
    ]


def desconhecido(palco: Palco, conta: ContaErp) -> Titulo:
    """A draft to a supplier that the ERP does not have."""
    return _gravar(palco, conta, replace(_corpo(palco, com_imposto=False), fornecedor=DESCONHECIDO), barras=False)


def antecipacoes(palco: Palco, quantas: int) -> list[Titulo]:
    titulos = []
    for _, conta in zip(range(quantas), cycle(contas(palco)), strict=False):
        corpo = _corpo(palco, com_imposto=False)
        antecipacao = Antecipacao(
            empresa=conta.empresa,
            estabelecimento=conta.estabelecimento,
            especie="AN",
            fornecedor=corpo.fornecedor,
            numero=corpo.numero,
            portador=PORTADOR,
            valor=corpo.valor,
            emissao=corpo.emissao,
            vencimento=corpo.vencimento,
            rateio=corpo.rateio,
        )
        titulos.append(_gravar(palco, conta, antecipacao, barras=False))
    return titulos


def _corpo(palco: Palco, *, com_imposto: bool) -> TituloDoLote:
    valor = Decimal(palco.sorteio.randrange(10_000, 900_000)) / 100
    vencimento = palco.hoje + timedelta(days=palco.sorteio.randrange(1, 30))
    return TituloDoLote(
        fornecedor=FORNECEDOR,
        especie="DP",
        numero=f"N{next(palco.numeros)}",
        emissao=palco.hoje,
        vencimento=vencimento,
        valor=valor,
        portador=PORTADOR,
        rateio=(Rateio(plano_contas="Geral", conta="21010606", unidade_negocio="1", fluxo="10.06.01", valor=valor),),
        impostos=(imposto(valor, palco),) if com_imposto else (),
    )


def imposto(valor: Decimal, palco: Palco, *, aliquota: Decimal | None = None) -> Imposto:
    """IRRF of 1.5 %, with a title of its own; `aliquota` where a payment withholds it."""
    return Imposto(
        pais="BRA",
        imposto="10",
        classe=1,
        classificacao="1708",
        especie="IR",
        rendimento=valor,
        base=valor,
        aliquota=aliquota,
        valor=(valor * Decimal("0.015")).quantize(Decimal("0.01")),
        vencimento=palco.hoje + timedelta(days=20),
        moeda="Real",
        fornecedor=RECEITA,
    )


def _gravar(palco: Palco, conta: ContaErp, corpo: TituloDoLote | Antecipacao, *, barras: bool) -> Titulo:
    assert corpo.emissao and corpo.vencimento and corpo.valor  # noqa: S101, PT018 - made here
    titulo = Titulo(
        tipo=Titulo.Tipo.TITULO if isinstance(corpo, TituloDoLote) else Titulo.Tipo.ANTECIPACAO,
        conta=conta,
        empresa=palco.guardado[f"empresa de {conta.pk}"],
        competencia=palco.hoje.replace(day=1),
        fornecedor=Fornecedor.objects.get(conta=conta, codigo=corpo.fornecedor or 0),
        empresa_erp=conta.empresa,
        estabelecimento=conta.estabelecimento,
        especie=corpo.especie,
        numero=corpo.numero,
        emissao=corpo.emissao,
        vencimento=corpo.vencimento,
        valor=corpo.valor,
        saldo=corpo.valor,
        corpo=guardar(corpo),
        codigo_barras=BARRAS if barras else "",
        barras=Titulo.Barras.PENDENTE if barras else Titulo.Barras.SEM,
        criado_por=palco.usuario,
    )
    titulo.save()
    return titulo


def implantados(palco: Palco, quantos: int, *, barras: bool = False) -> list[Titulo]:
    """Titles that the ERP took, with their bar codes, while nothing went wrong."""
    titulos = rascunhos(palco, quantos, barras=barras)
    with transaction.atomic():
        novas = novas_operacoes(titulos, palco.usuario)
    agora(palco, novas)
    return relidos(titulos)


def relidos(titulos: Iterable[Titulo]) -> list[Titulo]:
    consulta = Titulo.objects.select_related("conta", "empresa", "fornecedor")
    return list(consulta.filter(pk__in=[titulo.pk for titulo in titulos]).order_by("pk"))


def agora(palco: Palco, novas: Sequence[NovaOperacao]) -> None:
    """Make these, and what they bring along, before anything goes wrong."""
    submeter(novas, usuario=palco.usuario)
    limite = time.monotonic() + _ESPERA_S
    abertas = Operacao.objects.filter(acesso__in=[conta.acesso for conta in contas(palco)], situacao__in=A_TRABALHAR)
    while por_fazer := sorted(set(abertas.values_list("balde", flat=True))):
        Balde.objects.filter(nome__in=por_fazer).update(intervalo=timedelta(milliseconds=1))
        for balde in por_fazer:
            execucao.drenar(balde)
        if time.monotonic() > limite:
            raise RuntimeError(f"{abertas.count()} operations at the ERP were not made beforehand")
