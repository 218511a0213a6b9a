"""Server time of the pages of costs with 500,000 charged calls in the period in course. Aim: 1 s for the period, which
counts all of them anew each time."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from comum.models import Papel, Usuario
from empresas.models import Carteira, Empresa, Municipio, Regime
from operacoes.custos import contas, teto
from operacoes.custos.precos import instantes, periodo
from operacoes.models import Classe, Efeito, Operacao, Situacao, Tentativa
from tests.bench.medir import medir_pagina
from tests.cast import cnpj_valido

EMPRESAS, CHAMADAS, META = 2_000, 500_000, 1.0
ACESSO, CONTA = "credencial:1", "11222333000181"
TIPOS = {
    "guias.pgdasd.transmitir": Classe.DECLARACAO,
    "guias.das.emitir": Classe.EMISSAO,
    "guias.pgdasd.consultar": Classe.CONSULTA,
    "guias.sitfis.relatorio": Classe.EMISSAO,
}


def executar() -> list[dict[str, Any]]:
    usuario = Usuario.objects.create(username="bench", papel=Papel.ADMINISTRADOR)
    _povoar(usuario)
    operador = Usuario.objects.create(username="bench-operador", papel=Papel.OPERADOR)
    operador.carteiras.set(Carteira.objects.all()[:4])
    return [
        _medir(usuario, "the period", "custos:periodo"),
        _medir(usuario, "by empresa", "custos:empresas"),
        _medir(usuario, "the calls", "custos:chamadas"),
        _medir(operador, "the period, half of the carteiras", "custos:periodo"),
    ]


def _medir(usuario: Usuario, nome: str, pagina: str) -> dict[str, Any]:
    def cobrar() -> None:
        Tentativa.objects.filter(operacao=-1).update(detalhe="")

    medida = medir_pagina(usuario, reverse(pagina), cobrar)
    depois = medida.pop("depois")
    medida |= {"referencia": "1 s", "referencia_s": META, "razao": medida["nosso_s"] / META}
    return {"o_que": f"custos, {nome} (first after a write: {depois * 1000:.0f} ms)", **medida}


def _povoar(usuario: Usuario) -> None:
    """One Operacao of each kind for every empresa; in SQL many Tentativas of each, spread over the period's days."""
    contas.dizer(ACESSO, CONTA, "Escritório Modelo", "1 · Matriz")
    carteiras = Carteira.objects.bulk_create(Carteira(nome=f"Fiscal {n}") for n in range(8))
    municipio = Municipio.objects.get(pk="2611606")
    empresas = [
        Empresa(
            codigo=f"{n:06d}", documento=cnpj_valido(n), razao_social=f"Empresa de Bancada {n:06d} Ltda",
            regime=Regime.SIMPLES, municipio=municipio, carteira=carteiras[n % 8],
        )
        for n in range(EMPRESAS)
    ]  # fmt: skip
    for empresa in empresas:
        empresa.preparar()
    Empresa.objects.bulk_create(empresas, batch_size=5_000)
    agora = timezone.now()
    operacoes = Operacao.objects.bulk_create(
        [
            Operacao(
                tipo=tipo, chave=f"{tipo}:{empresa.pk}", acesso=ACESSO, balde="x", servico="integra_contador",
                pedido={}, efeito=Efeito.DOCUMENTO, classe=classe, situacao=Situacao.CONCLUIDA, encerrada_em=agora,
                empresa=empresa, usuario=usuario, competencia=date(2026, 10, 1),
            )
            for empresa in empresas
            for tipo, classe in TIPOS.items()
        ],
        batch_size=5_000,
    )  # fmt: skip
    desde, _ = instantes(periodo(timezone.localdate())[0])
    cada = CHAMADAS // len(operacoes)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO operacoes_tentativa (id, operacao_id, especie, trabalhador, iniciada_em, encerrada_em,"
            " desfecho, cobrada, classe, cobrancas, custo, enviado, recebido, detalhe)"
            " SELECT gen_random_uuid(), o.id, 'envio', 't', %s + (%s - %s) * random(), now(), 'concluida', true,"
            " o.classe, ARRAY[o.classe], 0, '{}', '{}', '' FROM operacoes_operacao o, generate_series(1, %s)",
            [desde, agora, desde, cada],
        )
        cursor.execute("VACUUM ANALYZE")
    if Tentativa.objects.cobradas().filter(conta=CONTA).count() != cada * len(operacoes):
        raise RuntimeError("the calls are not of the conta")
    teto.definir(CONTA, Decimal("1000000.00"), usuario)
